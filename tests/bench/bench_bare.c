/* tests/bench/bench_bare.c - rows of steps into SQLite with no store around it. */
#include "config.h"

#include "tests/bench/bench.h"
#include "tests/bench/bench_bare.h"

void bare_sql(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		bench_die("%s: %s", sql, sqlite3_errmsg(db));
}

sqlite3 *bare_open(const char *ours, const char *file, sqlite3_stmt **ret_insert)
{
	static const char insert[] =
		"INSERT INTO steps (run, step, t_mono_ns, t_apply_ns, t_free_ns,"
		" t_clamped_ns, t_tick_ns, lateness_ns, example, rev, mse_V2,"
		" flags, source_V, target_V, clamp_V, v_free_V, v_clamped_V,"
		" wiper, updated)"
		" VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
	sqlite3_stmt *q;
	char sql[700];
	sqlite3 *db;

	bench_remove(file);
	if (sqlite3_open(file, &db) != SQLITE_OK)
		bench_die("%s: %s", file, sqlite3_errmsg(db));
	bare_sql(db,
		 "PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
		 "PRAGMA wal_autocheckpoint = 2048; PRAGMA cache_size = -16384;"
		 "PRAGMA secure_delete = OFF");
	snprintf(sql, sizeof(sql), "ATTACH '%s' AS ours", ours);
	bare_sql(db, sql);
	if (sqlite3_prepare_v2(db, "SELECT sql FROM ours.sqlite_schema WHERE name = 'steps'", -1,
			       &q, NULL) != SQLITE_OK ||
	    sqlite3_step(q) != SQLITE_ROW)
		bench_die("no table of steps: %s", sqlite3_errmsg(db));
	bare_sql(db, (const char *)sqlite3_column_text(q, 0));
	sqlite3_finalize(q);
	bare_sql(db, "DETACH ours");
	if (sqlite3_prepare_v3(db, insert, -1, SQLITE_PREPARE_PERSISTENT, ret_insert, NULL) !=
	    SQLITE_OK)
		bench_die("%s", sqlite3_errmsg(db));
	return db;
}

void bare_insert(sqlite3_stmt *insert, const struct record_layout *l, const void *row)
{
	const struct record_head *h = row;
	const sqlite3_int64 numbers[] = {1,
					 (sqlite3_int64)h->step,
					 h->t_mono_ns,
					 h->t_apply_ns,
					 h->t_free_ns,
					 h->t_clamped_ns,
					 h->t_tick_ns,
					 h->lateness_ns,
					 h->example,
					 h->rev};
	const size_t at[] = {l->source_V,  l->target_V, l->clamp_V, l->free_V,
			     l->clamped_V, l->wiper,    l->updated};
	const size_t size[] = {8 * l->n_sources,  8 * l->n_targets,  8 * l->n_targets,
			       8 * l->n_measured, 8 * l->n_measured, l->n_edges,
			       l->mask_bytes};

	for (int i = 0; i < 10; i++)
		sqlite3_bind_int64(insert, i + 1, numbers[i]);
	sqlite3_bind_double(insert, 11, h->mse_V2);
	sqlite3_bind_int64(insert, 12, h->flags);
	for (int i = 0; i < 7; i++)
		sqlite3_bind_blob(insert, 13 + i, (const char *)row + at[i], (int)size[i],
				  SQLITE_STATIC);
	if (sqlite3_step(insert) != SQLITE_DONE)
		bench_die("insert failed");
	sqlite3_reset(insert);
}
