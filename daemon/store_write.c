/* daemon/store_write.c - every statement that writes, prepared once: step rows and changes. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "daemon/crash_point.h"
#include "daemon/store_impl.h"
#include "daemon/store_schema.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "blobs are little-endian arrays");

#define FIGURES                                                                                    \
	"steps = ?2, mse_first_V2 = coalesce(?3, mse_first_V2),"                                   \
	" mse_last_V2 = coalesce(?4, mse_last_V2), mse_min_V2 = coalesce(?5, mse_min_V2),"         \
	" mse_final_V2 = coalesce(?6, mse_final_V2),"                                              \
	" test_first_V2 = coalesce(?7, test_first_V2),"                                            \
	" test_best_V2 = coalesce(?8, test_best_V2),"                                              \
	" test_final_V2 = coalesce(?9, test_final_V2),"                                            \
	" accuracy_best = coalesce(?10, accuracy_best),"                                           \
	" accuracy_final = coalesce(?11, accuracy_final)"

/* The parameters are numbered as store_change.c puts them. */
static const struct {
	const char *sql;
	bool must_hit; /* a row has to be there */
} statements[N_STATEMENTS] = {
	[STATEMENT_AUDIT] = {"INSERT INTO audit (time, run, step, kind, who, what, old, new,"
			     " request_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
			     false},
	[STATEMENT_EVENT] = {"INSERT INTO events (time, run, step, kind, who, what, old, new)"
			     " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
			     false},
	[STATEMENT_PARAMS] =
		{"INSERT INTO params (run, rev, from_step, t_utc, eta, p, tau_s,"
		 " capacitance_F, relaxation_rate_per_s, alpha_over_gamma, who, bias_V)"
		 " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
		 false},
	[STATEMENT_RUN_NEW] =
		{"INSERT INTO runs (run, uuid, name, task, kind, status, rig, backend,"
		 " seed, submitted_utc, boot, tags, note, version, who, task_json,"
		 " rig_json, params_json, place) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,"
		 " ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)",
		 false},
	[STATEMENT_RUN_BEGIN] = {"UPDATE runs SET status = 'running', started_utc = ?2,"
				 " t0_mono_ns = ?3, descriptor_json = ?4, log = ?5,"
				 " boot = (SELECT value FROM meta WHERE name = 'boot')"
				 " WHERE run = ?1",
				 true},
	[STATEMENT_RUN_STATUS] = {"UPDATE runs SET status = ?2, reason = ?3, ended_utc ="
				  " CASE WHEN ?2 IN ('queued', 'running', 'paused') THEN NULL"
				  " ELSE ?4 END WHERE run = ?1",
				  true},
	[STATEMENT_RUN_END] = {"UPDATE runs SET " FIGURES ", status = ?12, reason = ?13,"
			       " ended_utc = ?14, edges_at_stop = ?15 WHERE run = ?1",
			       true},
	[STATEMENT_RUN_PROGRESS] = {"UPDATE runs SET " FIGURES " WHERE run = ?1", true},
	[STATEMENT_RUN_PLACE] = {"UPDATE runs SET place = ?2 WHERE run = ?1", true},
	[STATEMENT_WIRING] = {"INSERT OR REPLACE INTO meta VALUES ('wiring', ?1)", false},
	[STATEMENT_QUEUE_HELD] = {"INSERT OR REPLACE INTO meta VALUES ('queue_held', ?1)", false},
	[STATEMENT_TEST] = {"INSERT INTO tests (run, step, \"set\", t_utc, error_V2, accuracy,"
			    " examples, targets, outputs_V, target_V, class_found)"
			    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
			    false},
	[STATEMENT_ANNOTATE] = {"UPDATE runs SET note = coalesce(?2, note),"
				" tags = coalesce(?3, tags), star = coalesce(?4, star)"
				" WHERE run = ?1",
				true},
	/* those that are left, in their order, then the new ones */
	[STATEMENT_TAGS] =
		{"UPDATE runs SET tags = (SELECT json_group_array(tag) FROM"
		 " (SELECT tag FROM (SELECT value AS tag, key AS place FROM json_each(coalesce(tags, '[]'))"
		 "  UNION ALL SELECT value, key + 1000 FROM json_each(coalesce(?2, '[]')))"
		 " WHERE tag NOT IN (SELECT value FROM json_each(coalesce(?3, '[]')))"
		 " GROUP BY tag ORDER BY min(place))) WHERE run = ?1",
		 true},
	[STATEMENT_THINNED] = {"UPDATE runs SET log = ?3, descriptor_json ="
			       " json_set(coalesce(descriptor_json, '{}'), '$.keep_every', ?2,"
			       " '$.thinned', json('true')) WHERE run = ?1",
			       true},
	[STATEMENT_THIN] = {"INSERT INTO meta VALUES ('retain',"
			    " json_array(json_object('run', ?1, 'keep_every', ?2)))"
			    " ON CONFLICT (name) DO UPDATE SET value ="
			    " json_insert(value, '$[#]', json_object('run', ?1, 'keep_every', ?2))",
			    true},
	[STATEMENT_CALIBRATION] = {"INSERT INTO calibrations (kind, time, run, who, \"values\")"
				   " VALUES (?1, ?2, ?3, ?4, ?5)",
				   false},
	[STATEMENT_CHECKPOINT] = {"INSERT INTO checkpoints (name, time, run, step, who, \"values\")"
				  " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
				  false},
	[STATEMENT_CHECKPOINT_DELETE] = {"DELETE FROM checkpoints WHERE name = ?1", true},
	/* a key that is over its days may come again */
	[STATEMENT_REPLY] = {"INSERT INTO replies (key, method, hash, t_utc, result)"
			     " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (key) DO UPDATE"
			     " SET method = ?2, hash = ?3, t_utc = ?4, result = ?5"
			     " WHERE t_utc < strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-7 days')",
			     true},
};

static const char step_sql[] =
	"INSERT INTO steps (run, step, t_mono_ns, t_apply_ns, t_free_ns, t_clamped_ns, t_tick_ns,"
	" lateness_ns, example, rev, mse_V2, flags, source_V, target_V, clamp_V, v_free_V,"
	" v_clamped_V, wiper, updated, mse_equilibrium_V2, r_ohm)"
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,"
	" ?19, ?20, ?21)";

/* The steps of one bin, once they are all there. */
#define BIN_STEPS "steps WHERE run = ?1 AND step BETWEEN ?3 * 256 AND ?3 * 256 + 255"
static const char bin_sql[] =
	"INSERT OR REPLACE INTO step_bins (run, size, bin, first_step, count, finite, mse_min_V2,"
	" mse_max_V2, mse_sum_V2, mse_first_V2, mse_last_V2)"
	" SELECT ?1, ?2, ?3, min(step), count(*), count(mse_V2), min(mse_V2), max(mse_V2),"
	" sum(mse_V2),"
	" (SELECT mse_V2 FROM " BIN_STEPS " AND mse_V2 IS NOT NULL ORDER BY step LIMIT 1),"
	" (SELECT mse_V2 FROM " BIN_STEPS " AND mse_V2 IS NOT NULL ORDER BY step DESC LIMIT 1)"
	" FROM " BIN_STEPS " GROUP BY run";
_Static_assert(STORE_BIN_STEPS == 256, "as bin_sql has it");

char *store_utc_now(char text[32])
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return record_utc(t.tv_sec * INT64_C(1000000000) + t.tv_nsec, text, 32);
}

static int prepare(sqlite3 *db, const char *sql, sqlite3_stmt **ret, struct problem *p)
{
	if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, ret, NULL) == SQLITE_OK)
		return 0;
	return problem_set(p, PROBLEM_STORAGE, "", "%s: %s; the statement was: %s",
			   sqlite3_db_filename(db, "main"), sqlite3_errmsg(db), sql);
}

int store_writer_open(struct store_writer *w, sqlite3 *db, struct problem *p)
{
	memset(w, 0, sizeof(*w));
	w->db = db;
	if (prepare(db, "BEGIN IMMEDIATE", &w->begin, p) < 0 ||
	    prepare(db, "COMMIT", &w->commit, p) < 0 ||
	    prepare(db, "ROLLBACK", &w->rollback, p) < 0 ||
	    prepare(db, "SAVEPOINT change", &w->savepoint, p) < 0 ||
	    prepare(db, "RELEASE change", &w->release, p) < 0 ||
	    prepare(db, "ROLLBACK TO change", &w->undo, p) < 0 ||
	    prepare(db, "UPDATE runs SET edges = ?2 WHERE run = ?1", &w->run_edges, p) < 0 ||
	    prepare(db, step_sql, &w->step, p) < 0 || prepare(db, bin_sql, &w->bin, p) < 0)
		return -1;
	for (size_t i = 0; i < N_STATEMENTS; i++)
		if (prepare(db, statements[i].sql, &w->statements[i], p) < 0)
			return -1;
	return 0;
}

void store_writer_close(struct store_writer *w)
{
	sqlite3_stmt *const own[] = {w->begin, w->commit, w->rollback, w->savepoint, w->release,
				     w->undo,  w->step,   w->bin,      w->run_edges};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		sqlite3_finalize(own[i]);
	for (size_t i = 0; i < N_STATEMENTS; i++)
		sqlite3_finalize(w->statements[i]);
	memset(w, 0, sizeof(*w));
}

static enum store_failure classify(int r)
{
	switch (r & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return STORE_FINE;
	case SQLITE_CONSTRAINT:
	case SQLITE_MISMATCH:
	case SQLITE_RANGE:
	case SQLITE_TOOBIG:
		return STORE_REFUSED;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return STORE_BUSY;
	default:
		return STORE_DISK;
	}
}

enum store_failure store_write_simple(struct store_writer *w, sqlite3_stmt *statement)
{
	int r = sqlite3_step(statement);

	(void)w;
	sqlite3_reset(statement);
	return classify(r);
}

/* ---- step rows ---- */

static void bind_array(sqlite3_stmt *s, int i, const void *row, size_t offset, size_t n)
{
	sqlite3_bind_blob(s, i, (const char *)row + offset, (int)n, SQLITE_STATIC);
}

/* The blobs are bound where they stand in the ring: the row stays there until the commit. */
static void bind_row(sqlite3_stmt *s, const struct record_layout *l, const void *row)
{
	const struct record_head *head = row;
	bool edges = !(head->flags & RECORD_WIPER_UNREAD);

	sqlite3_bind_int64(s, 2, (int64_t)head->step);
	sqlite3_bind_int64(s, 3, head->t_mono_ns);
	sqlite3_bind_int64(s, 4, head->t_apply_ns);
	sqlite3_bind_int64(s, 5, head->t_free_ns);
	sqlite3_bind_int64(s, 6, head->t_clamped_ns);
	sqlite3_bind_int64(s, 7, head->t_tick_ns);
	sqlite3_bind_int64(s, 8, head->lateness_ns);
	sqlite3_bind_int64(s, 9, head->example);
	sqlite3_bind_int64(s, 10, head->rev);
	sqlite3_bind_double(s, 11, head->mse_V2); /* NaN becomes NULL */
	sqlite3_bind_int64(s, 12, head->flags);
	bind_array(s, 13, row, l->source_V, 8 * l->n_sources);
	bind_array(s, 14, row, l->target_V, 8 * l->n_targets);
	bind_array(s, 15, row, l->clamp_V, 8 * l->n_targets);
	bind_array(s, 16, row, l->free_V, 8 * l->n_measured);
	bind_array(s, 17, row, l->clamped_V, 8 * l->n_measured);
	bind_array(s, 18, row, l->wiper, edges ? l->n_wipers : 0);
	bind_array(s, 19, row, l->updated, edges ? l->mask_bytes : 0);
	if (l->equilibrium)
		sqlite3_bind_double(s, 20, head->mse_equilibrium_V2);
	else
		sqlite3_bind_null(s, 20);
	if (l->n_r_ohm)
		bind_array(s, 21, row, l->r_ohm, edges ? 8 * l->n_r_ohm : 0);
	else
		sqlite3_bind_null(s, 21);
}

static enum store_failure write_row(struct store_writer *w, const struct record_layout *l,
				    const void *row)
{
	if (!record_is_kept(l, ((const struct record_head *)row)->step))
		return STORE_FINE;
	crash_point("store.between_rows");
	bind_row(w->step, l, row);
	return store_write_simple(w, w->step);
}

/* In the transaction of the last of its steps, which need not be kept itself; of a bin without rows nothing. */
enum store_failure store_write_bin(struct store_writer *w, uint64_t run, uint64_t step)
{
	if ((step + 1) % STORE_BIN_STEPS)
		return STORE_FINE;
	sqlite3_bind_int64(w->bin, 1, (int64_t)run);
	sqlite3_bind_int64(w->bin, 2, STORE_BIN_STEPS);
	sqlite3_bind_int64(w->bin, 3, (int64_t)(step / STORE_BIN_STEPS));
	return store_write_simple(w, w->bin);
}

/* Those that the rows of a run belong to, if the run got to their last step. */
int store_make_bins(sqlite3 *db, int64_t run, struct problem *p)
{
	sqlite3_stmt *which = NULL, *bin = NULL;
	int r = SQLITE_ERROR;

	if (prepare(db,
		    "SELECT DISTINCT step / 256 FROM steps WHERE run = ?1 AND step / 256 <"
		    " (SELECT steps / 256 FROM runs WHERE run = ?1)",
		    &which, p) < 0 ||
	    prepare(db, bin_sql, &bin, p) < 0) {
		sqlite3_finalize(which);
		return -1;
	}
	sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
	sqlite3_bind_int64(which, 1, run);
	sqlite3_bind_int64(bin, 1, run);
	sqlite3_bind_int64(bin, 2, STORE_BIN_STEPS);
	while ((r = sqlite3_step(which)) == SQLITE_ROW) {
		sqlite3_bind_int64(bin, 3, sqlite3_column_int64(which, 0));
		if (sqlite3_step(bin) != SQLITE_DONE)
			break;
		sqlite3_reset(bin);
	}
	if (r != SQLITE_DONE)
		problem_set(p, PROBLEM_STORAGE, "", "%s: bins: %s", sqlite3_db_filename(db, "main"),
			    sqlite3_errmsg(db));
	sqlite3_finalize(which);
	sqlite3_finalize(bin);
	if (r != SQLITE_DONE)
		return -1;
	return sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK
		       ? 0
		       : problem_set(p, PROBLEM_STORAGE, "", "%s: bins: %s",
				     sqlite3_db_filename(db, "main"), sqlite3_errmsg(db));
}

enum store_failure store_write_rows(struct store_writer *w, struct ring *ring, const void *rows,
				    size_t n, size_t *ret_written)
{
	const struct record_layout *l = ring_layout(ring);
	const char *row = rows;

	sqlite3_bind_int64(w->step, 1, (int64_t)ring_run(ring));
	for (*ret_written = 0; *ret_written < n; ++*ret_written, row += l->row_bytes) {
		enum store_failure f = write_row(w, l, row);

		if (f == STORE_FINE)
			f = store_write_bin(w, ring_run(ring),
					    ((const struct record_head *)row)->step);
		if (f)
			return f;
	}
	return STORE_FINE;
}

enum store_failure store_write_edges(struct store_writer *w, struct ring *ring)
{
	sqlite3_bind_int64(w->run_edges, 1, (int64_t)ring_run(ring));
	sqlite3_bind_int64(w->run_edges, 2, (int64_t)ring_layout(ring)->n_edges);
	return store_write_simple(w, w->run_edges);
}

/* ---- changes ---- */

static void bind_value(sqlite3_stmt *s, int i, const struct store_value *value)
{
	switch (value->type) {
	case VALUE_NULL:
		sqlite3_bind_null(s, i);
		break;
	case VALUE_INTEGER:
		sqlite3_bind_int64(s, i, value->integer);
		break;
	case VALUE_REAL:
		sqlite3_bind_double(s, i, value->real);
		break;
	case VALUE_TEXT:
		sqlite3_bind_text64(s, i, value->bytes, value->n, SQLITE_STATIC, SQLITE_UTF8);
		break;
	case VALUE_BLOB:
		sqlite3_bind_blob64(s, i, value->bytes, value->n, SQLITE_STATIC);
		break;
	}
}

static enum store_failure refuse(struct store_writer *w, struct change *c,
				 const struct store_operation *operation, bool missed)
{
	bool key = operation->statement == STATEMENT_REPLY;

	if (missed && key)
		problem_set(&c->problem, PROBLEM_PARAMS, "/meta/key",
			    "key %s was used before; send a new one with a new request", c->key);
	else if (missed)
		problem_set(&c->problem, PROBLEM_NOT_FOUND, "/run",
			    "run %lld is not in the database; see history.runs",
			    (long long)operation->values[0].integer);
	else
		problem_set(&c->problem, PROBLEM_STORAGE, "", "the database refused it: %s",
			    sqlite3_errmsg(w->db));
	return STORE_REFUSED;
}

static enum store_failure write_operation(struct store_writer *w, struct change *c,
					  const struct store_operation *operation)
{
	sqlite3_stmt *s = w->statements[operation->statement];
	enum store_failure f;

	for (size_t i = 0; i < operation->n; i++)
		bind_value(s, (int)i + 1, &operation->values[i]);
	f = classify(sqlite3_step(s));
	if (f == STORE_REFUSED)
		refuse(w, c, operation, false);
	sqlite3_reset(s);
	if (f == STORE_FINE && statements[operation->statement].must_hit &&
	    sqlite3_changes(w->db) == 0)
		return refuse(w, c, operation, true);
	return f;
}

enum store_failure store_write_change(struct store_writer *w, struct change *c)
{
	enum store_failure f = STORE_FINE;

	problem_clear(&c->problem);
	if (c->no_memory) {
		problem_set(&c->problem, PROBLEM_STORAGE, "", "no memory to write this down");
		return STORE_REFUSED;
	}
	f = store_write_simple(w, w->savepoint);
	for (size_t i = 0; i < c->n && f == STORE_FINE; i++)
		f = write_operation(w, c, &c->operations[i]);
	if (f == STORE_FINE)
		return store_write_simple(w, w->release);
	if (f == STORE_REFUSED && (store_write_simple(w, w->undo) != STORE_FINE ||
				   store_write_simple(w, w->release) != STORE_FINE))
		return STORE_DISK;
	return f;
}
