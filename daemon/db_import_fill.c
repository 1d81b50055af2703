/* daemon/db_import_fill.c - a database of one run, filled row by row, then compared with what it should hold. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/db_import.h"
#include "daemon/store_impl.h"

struct fill {
	struct dump layout;
	sqlite3 *db;
	int lock_fd;
	char *part;
	const struct dump_table *table;
	sqlite3_stmt *insert;
};

static int fail(const struct fill *fill, struct problem *p)
{
	return problem_set(p, PROBLEM_STORAGE, "", "%s: %s", fill->part, sqlite3_errmsg(fill->db));
}

static int run_sql(struct fill *fill, const char *sql, struct problem *p)
{
	return sqlite3_exec(fill->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : fail(fill, p);
}

/* Nobody needs it after a crash: no journal, no sync.  Not in the write-ahead log: it would be read from there again. */
int import_database(const char *part, sqlite3 **ret, int *ret_lock_fd, struct problem *p)
{
	static const char *const pragmas[] = {"PRAGMA journal_mode = DELETE",
					      "PRAGMA journal_mode = OFF",
					      "PRAGMA synchronous = OFF", "BEGIN"};
	struct store_found found = {0};
	int persist = 0, r;

	r = store_open_database(part, NULL, ret, ret_lock_fd, &found, p);
	if (r < 0)
		return -1;
	json_decref(found.wiring);
	sqlite3_file_control(*ret, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
	for (size_t i = 0; i < sizeof(pragmas) / sizeof(pragmas[0]); i++)
		if (sqlite3_exec(*ret, pragmas[i], NULL, NULL, NULL) != SQLITE_OK)
			return problem_set(p, PROBLEM_STORAGE, "", "%s: %s", part,
					   sqlite3_errmsg(*ret));
	return 0;
}

int fill_open(const char *part, json_t *manifest, struct fill **ret, struct problem *p)
{
	struct fill *fill = calloc(1, sizeof(*fill));

	if (!fill)
		return problem_set(p, PROBLEM_STORAGE, "", "no memory for an import");
	fill->lock_fd = -1;
	fill->part = strdup(part);
	if (!fill->part)
		problem_set(p, PROBLEM_STORAGE, "", "no memory for an import");
	if (!fill->part || dump_of_manifest(manifest, &fill->layout, p) < 0 ||
	    import_database(part, &fill->db, &fill->lock_fd, p) < 0) {
		fill_close(fill);
		return -1;
	}
	*ret = fill;
	return 0;
}

void fill_close(struct fill *fill)
{
	if (!fill)
		return;
	sqlite3_finalize(fill->insert);
	sqlite3_close(fill->db);
	if (fill->lock_fd >= 0)
		close(fill->lock_fd);
	dump_clear(&fill->layout);
	free(fill->part);
	free(fill);
}

const struct dump *fill_layout(const struct fill *fill)
{
	return &fill->layout;
}

/* ---- rows ---- */

static char *insert_sql(const struct dump_table *table)
{
	bool runs = strcmp(table->name, "runs") == 0;
	char *names = sqlite3_mprintf("%s", runs ? "" : "run"), *marks;

	marks = sqlite3_mprintf("%s", runs ? "" : "?1");
	for (size_t i = 0; i < table->n; i++) {
		bool first = runs && i == 0;

		names = sqlite3_mprintf("%z%s\"%w\"", names, first ? "" : ", ",
					table->columns[i].name);
		marks = sqlite3_mprintf("%z%s?%d", marks, first ? "" : ", ", (int)i + 2);
	}
	return sqlite3_mprintf("INSERT INTO \"%w\" (%z) VALUES (%z)", table->name, names, marks);
}

/* A calibration is of another run, which need not be here. */
int fill_table(struct fill *fill, size_t i, struct problem *p)
{
	const struct dump_table *table = &fill->layout.tables[i];
	char *sql = insert_sql(table);
	int r;

	sqlite3_finalize(fill->insert);
	fill->insert = NULL;
	fill->table = table;
	r = sql ? sqlite3_prepare_v2(fill->db, sql, -1, &fill->insert, NULL) : SQLITE_NOMEM;
	sqlite3_free(sql);
	if (r != SQLITE_OK)
		return problem_set(p, PROBLEM_STORAGE, "", "%s: %s", table->name,
				   sqlite3_errmsg(fill->db));
	if (strcmp(table->name, "calibrations") != 0 && strcmp(table->name, "runs") != 0)
		sqlite3_bind_int64(fill->insert, 1, fill->layout.run);
	return 0;
}

static int place(size_t i)
{
	return (int)i + 2;
}

void fill_null(struct fill *fill, size_t i)
{
	sqlite3_bind_null(fill->insert, place(i));
}

void fill_integer(struct fill *fill, size_t i, int64_t value)
{
	sqlite3_bind_int64(fill->insert, place(i), value);
}

void fill_real(struct fill *fill, size_t i, double value)
{
	sqlite3_bind_double(fill->insert, place(i), value); /* NaN becomes NULL */
}

void fill_text(struct fill *fill, size_t i, const char *text, size_t n)
{
	sqlite3_bind_text64(fill->insert, place(i), text, n, SQLITE_STATIC, SQLITE_UTF8);
}

void fill_blob(struct fill *fill, size_t i, const void *bytes, size_t n)
{
	if (n == 0)
		sqlite3_bind_zeroblob(fill->insert, place(i), 0);
	else
		sqlite3_bind_blob64(fill->insert, place(i), bytes, n, SQLITE_STATIC);
}

int fill_row(struct fill *fill, struct problem *p)
{
	int r = sqlite3_step(fill->insert);

	sqlite3_reset(fill->insert);
	return r == SQLITE_DONE ? 0
				: problem_set(p, PROBLEM_STORAGE, "", "%s: %s", fill->table->name,
					      sqlite3_errmsg(fill->db));
}

/* ---- the end ---- */

static int compare(const struct fill *fill, struct problem *p)
{
	struct history *h;
	struct dump here = {0};
	int r;

	if (db_open(fill->part, &h, p) < 0)
		return -1;
	r = dump_open(h, fill->layout.run, &here, p);
	if (r == 0)
		r = dump_same(&here, &fill->layout, p);
	dump_clear(&here);
	history_close(h);
	return r;
}

int fill_end(struct fill *fill, struct problem *p)
{
	sqlite3_finalize(fill->insert);
	fill->insert = NULL;
	if (run_sql(fill, "COMMIT", p) < 0 || compare(fill, p) < 0)
		return -1;
	return store_make_bins(fill->db, fill->layout.run, p) < 0 ? -1 : 0;
}
