/* daemon/db_merge.c - nudge-db merge: the runs of many databases in one. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/directory.h"
#include "daemon/db_merge_impl.h"
#include "daemon/store_impl.h"

int db_merge_fail(const struct db_merge *m, struct problem *p)
{
	return problem_set(p, PROBLEM_STORAGE, "", "%s, while it takes over %s: %s", m->out_file,
			   m->in_file ? m->in_file : "nothing yet", sqlite3_errmsg(m->out));
}

static int out_sql(struct db_merge *m, const char *sql, struct problem *p)
{
	return sqlite3_exec(m->out, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : db_merge_fail(m, p);
}

/* ---- which runs, under which numbers ---- */

/* The first column of the first row, 0 without one; text and run are bound if they are wanted. */
static int ask_out(struct db_merge *m, const char *sql, const char *text, int64_t run, int64_t *ret,
		   struct problem *p)
{
	sqlite3_stmt *s;
	int r;

	if (sqlite3_prepare_v2(m->out, sql, -1, &s, NULL) != SQLITE_OK)
		return db_merge_fail(m, p);
	if (text)
		sqlite3_bind_text(s, 1, text, -1, SQLITE_TRANSIENT);
	else
		sqlite3_bind_int64(s, 1, run);
	r = sqlite3_step(s);
	*ret = r == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;
	sqlite3_finalize(s);
	return r == SQLITE_ROW || r == SQLITE_DONE ? 0 : db_merge_fail(m, p);
}

/* The number it has here, or gets. */
static int number_run(struct db_merge *m, struct db_merge_run *run, const char *uuid,
		      struct problem *p)
{
	int64_t taken;

	if (ask_out(m, "SELECT run FROM runs WHERE uuid = ?1", uuid, 0, &run->out, p) < 0)
		return -1;
	run->added = run->out == 0;
	if (!run->added)
		return 0;
	if (ask_out(m, "SELECT run FROM runs WHERE run = ?1", NULL, run->in, &taken, p) < 0)
		return -1;
	run->out = run->in;
	if (taken == 0)
		return 0;
	return ask_out(m, "SELECT max(run) + 1 + 0 * ?1 FROM runs", NULL, 0, &run->out, p);
}

static struct db_merge_run *next_run(struct db_merge *m, struct problem *p)
{
	if (m->n_runs == m->capacity) {
		size_t capacity = 2 * m->capacity + 64;
		struct db_merge_run *grown = realloc(m->runs, capacity * sizeof(*grown));

		if (!grown) {
			problem_set(p, PROBLEM_STORAGE, "", "no memory for %zu runs", capacity);
			return NULL;
		}
		m->runs = grown;
		m->capacity = capacity;
	}
	return &m->runs[m->n_runs++];
}

static int merge_runs(struct db_merge *m, struct problem *p)
{
	sqlite3_stmt *s =
		history_prepare(m->in,
				"SELECT run, uuid, status IN ('queued', 'running', 'paused')"
				" FROM runs ORDER BY run",
				p);
	int r;

	if (!s)
		return -1;
	m->n_runs = 0;
	while ((r = history_next(m->in, s, p)) > 0) {
		struct db_merge_run *run;

		if (sqlite3_column_int(s, 2)) {
			m->count.unfinished++;
			continue;
		}
		run = next_run(m, p);
		if (run)
			run->in = sqlite3_column_int64(s, 0);
		if (!run || number_run(m, run, (const char *)sqlite3_column_text(s, 1), p) < 0 ||
		    (run->added && db_merge_run_row(m, run, p) < 0)) {
			r = -1;
			break;
		}
		if (run->added)
			m->count.added++;
		else
			m->count.known++;
	}
	sqlite3_finalize(s);
	return r;
}

static int merge_one(struct db_merge *m, const char *file, struct problem *p)
{
	int r;

	m->in_file = file;
	if (db_open(file, &m->in, p) < 0)
		return -1;
	r = merge_runs(m, p);
	if (r == 0)
		r = db_merge_of_runs(m, p);
	if (r == 0)
		r = db_merge_others(m, p);
	history_close(m->in);
	m->in = NULL;
	return r;
}

/* Everything or nothing. */
static int merge_all(struct db_merge *m, const char *const *in, size_t n_in, struct problem *p)
{
	int r = out_sql(m, "BEGIN IMMEDIATE", p);

	if (r < 0)
		return r;
	for (size_t i = 0; i < n_in && r == 0; i++)
		r = merge_one(m, in[i], p);
	if (r == 0)
		r = out_sql(m, "COMMIT", p);
	if (r < 0)
		sqlite3_exec(m->out, "ROLLBACK", NULL, NULL, NULL);
	return r;
}

/* ---- OUT ---- */

static int merge_into_old(struct db_merge *m, const char *const *in, size_t n_in, struct problem *p)
{
	struct store_found found;
	int lock_fd, r;

	if (store_open_database(m->out_file, NULL, &m->out, &lock_fd, &found, p) < 0)
		return -1;
	r = merge_all(m, in, n_in, p);
	sqlite3_wal_checkpoint_v2(m->out, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	sqlite3_close(m->out);
	close(lock_fd);
	return r;
}

static void unlink_all(const char *file)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		char *path = sqlite3_mprintf("%s%s", file, suffixes[i]);

		if (path)
			unlink(path);
		sqlite3_free(path);
	}
}

/* On disk as a whole first, then under its name. */
static int give_name(const char *from, const char *to, struct problem *p)
{
	char *copy = strdup(to);
	int r = copy && directory_sync(from, O_RDWR) == 0 && rename(from, to) == 0 &&
				directory_sync(dirname(copy), O_RDONLY | O_DIRECTORY) == 0
			? 0
			: problem_set(p, PROBLEM_STORAGE, "", "%s: %m", to);

	free(copy);
	return r;
}

/* part: where it grows.  One file without a log beside it: it can be read from anywhere. */
static int merge_into_part(struct db_merge *m, const char *part, const char *const *in, size_t n_in,
			   struct problem *p)
{
	struct store_found found;
	int lock_fd, persist = 0, r;

	unlink_all(part);
	if (store_open_database(part, NULL, &m->out, &lock_fd, &found, p) < 0)
		return -1;
	r = out_sql(m, "PRAGMA synchronous = OFF", p);
	if (r == 0)
		r = merge_all(m, in, n_in, p);
	sqlite3_file_control(m->out, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
	if (r == 0)
		r = out_sql(m, "PRAGMA journal_mode = DELETE", p);
	sqlite3_close(m->out);
	close(lock_fd);
	if (r == 0)
		r = give_name(part, m->out_file, p);
	if (r < 0)
		unlink_all(part);
	return r;
}

static int merge_into_new(struct db_merge *m, const char *const *in, size_t n_in, struct problem *p)
{
	char *part = sqlite3_mprintf("%s.part", m->out_file);
	char *part_lock = sqlite3_mprintf("%s.part.lock", m->out_file);
	int lock_fd, r = -1;

	if (!part || !part_lock)
		problem_set(p, PROBLEM_STORAGE, "", "no memory for a name");
	else if (store_lock(m->out_file, &lock_fd, p) == 0) {
		r = merge_into_part(m, part, in, n_in, p);
		unlink(part_lock);
		close(lock_fd);
	}
	sqlite3_free(part);
	sqlite3_free(part_lock);
	return r;
}

int db_merge(const char *out, const char *const *in, size_t n_in, struct db_merged *ret,
	     struct problem *p)
{
	struct db_merge m = {.out_file = out};
	int r = access(out, F_OK) == 0 ? merge_into_old(&m, in, n_in, p)
				       : merge_into_new(&m, in, n_in, p);

	free(m.runs);
	*ret = m.count;
	return r < 0 ? -1 : 0;
}
