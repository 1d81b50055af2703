/* daemon/store_thin.c - what the store does when it has time: rows of ended runs thinned, bins filled in, room given back.
 *
 * The list of what is to be thinned stands in the database itself (meta, `retain`), so that it is gone on with after a crash.
 * All of it comes in transactions of milliseconds between those of a run; none of them waits for the disk, since what a power
 * cut takes back is done again.
 */
#include "config.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store_impl.h"
#include "daemon/store_schema.h"

#define SLICE_S    0.004 /* of work in one transaction */
#define TELL_S     0.2
#define RETRY_S    1.0
#define ROOM_PAGES "64"

/* Beside a run that makes steps a quarter of the time, else nearly all of it. */
#define PAUSE_BESIDE 3.0
#define PAUSE_ALONE  0.2

#define BINLESS                                                                                    \
	"SELECT run FROM runs WHERE run > ?1 AND steps >= 256"                                     \
	" AND status NOT IN ('queued', 'running', 'paused')"                                       \
	" AND NOT EXISTS (SELECT 1 FROM step_bins b WHERE b.run = runs.run) ORDER BY run LIMIT 1"

static const char *const thin_sql[N_THIN_STATEMENTS] = {
	[THIN_NEXT] =
		"SELECT json_extract(value, '$[0].run'), json_extract(value, '$[0].keep_every'),"
		" json_array_length(value) FROM meta WHERE name = 'retain'",
	[THIN_BINLESS] = BINLESS,
	[THIN_KEPT] =
		"SELECT json_group_array(step), min(step), max(step) FROM (" STORE_KEPT_STEPS ")",
	[THIN_RANGE] = "SELECT (SELECT min(step) FROM steps WHERE run = ?1),"
		       " (SELECT max(step) FROM steps WHERE run = ?1)",
	[THIN_HAS_BIN] = "SELECT 1 FROM step_bins WHERE run = ?1 AND size = 256 AND bin = ?2",
	[THIN_DELETE] = "DELETE FROM steps WHERE run = ?1 AND step BETWEEN ?2 AND ?3"
			" AND step % ?4 <> 0 AND step NOT IN (SELECT value FROM json_each(?5))",
	[THIN_DONE] = "UPDATE meta SET value = json_remove(value, '$[0]') WHERE name = 'retain'",
	[THIN_ALL_DONE] = "DELETE FROM meta WHERE name = 'retain' AND value = '[]'",
	[THIN_FREE] = "PRAGMA freelist_count",
	[THIN_CAN_GIVE] = "PRAGMA auto_vacuum",
};

int store_thin_open(struct store *store, struct problem *p)
{
	struct store_thin *thin = &store->thin;

	*thin = (struct store_thin){.phase = THIN_LOOKS, .look_for_bins = true};
	for (size_t i = 0; i < N_THIN_STATEMENTS; i++)
		if (sqlite3_prepare_v3(store->db, thin_sql[i], -1, SQLITE_PREPARE_PERSISTENT,
				       &thin->statements[i], NULL) != SQLITE_OK)
			return problem_set(p, PROBLEM_STORAGE, "", "%s: %s; the statement was: %s",
					   sqlite3_db_filename(store->db, "main"),
					   sqlite3_errmsg(store->db), thin_sql[i]);
	return 0;
}

void store_thin_close(struct store *store)
{
	for (size_t i = 0; i < N_THIN_STATEMENTS; i++)
		sqlite3_finalize(store->thin.statements[i]);
	free(store->thin.kept);
	store->thin = (struct store_thin){0};
}

void store_thin_look(struct store *store)
{
	if (store->thin.phase == THIN_RESTS)
		store->thin.phase = THIN_LOOKS;
}

double store_thin_pause_s(const struct store *store)
{
	if (store->thin.phase == THIN_RESTS)
		return -1;
	return fmax(store->thin.next_s - store_now_s(), 0);
}

/* ---- statements ---- */

static sqlite3_stmt *thin_get(struct store *store, enum thin_statement which)
{
	sqlite3_stmt *s = store->thin.statements[which];

	sqlite3_reset(s);
	if (sqlite3_bind_parameter_count(s) > 0)
		sqlite3_bind_int64(s, 1, store->thin.run);
	return s;
}

/* SQLITE_ROW, SQLITE_DONE, or an error. */
static int step_once(sqlite3_stmt *s)
{
	int r = sqlite3_step(s);

	if (r != SQLITE_ROW)
		sqlite3_reset(s);
	return r;
}

static int run_once(struct store *store, enum thin_statement which)
{
	return step_once(thin_get(store, which)) == SQLITE_DONE ? 0 : -1;
}

static int exec(struct store *store, const char *sql)
{
	return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : -1;
}

/* The first column of a statement's row; fallback if there is none. */
static int64_t ask(struct store *store, enum thin_statement which, int64_t fallback)
{
	sqlite3_stmt *s = thin_get(store, which);
	int64_t value = step_once(s) == SQLITE_ROW ? sqlite3_column_int64(s, 0) : fallback;

	sqlite3_reset(s);
	return value;
}

/* ---- telling ---- */

static json_t *progress(const struct store_thin *thin, bool ended)
{
	bool steps = thin->phase == THIN_STEPS;

	return json_pack("{s:I, s:I, s:s, s:I, s:I, s:I, s:I, s:b}", "run", (json_int_t)thin->run,
			 "keep_every", (json_int_t)thin->keep_every, "doing",
			 steps ? "steps" : "room", "done", (json_int_t)(thin->next - thin->from),
			 "of", (json_int_t)(thin->end - thin->from), "deleted",
			 (json_int_t)thin->deleted, "runs_left", (json_int_t)thin->runs_left,
			 "ended", ended);
}

/* How far it is, if there is room for that word: another one follows. */
static void tell(struct store *store)
{
	struct store_thin *thin = &store->thin;
	struct store_report r = {.kind = STORE_THINS};

	if (thin->keep_every < 2 || store_now_s() < thin->told_s + TELL_S)
		return;
	thin->told_s = store_now_s();
	r.result = progress(thin, false);
	if (!mailbox_try_put(store->reports, &r))
		json_decref(r.result);
}

static void tell_end(struct store *store)
{
	struct store_report r = {.kind = STORE_THINS, .result = progress(&store->thin, true)};

	store_report(store, &r);
}

static void tell_rest(struct store *store)
{
	struct store_report r = {.kind = STORE_THINS};

	if (store->thin.busy)
		store_report(store, &r);
	store->thin.busy = false;
}

/* ---- a run ---- */

/* Steps from..end: whole bins of 256.  The rows behind the last of them are in no bin, and stay. */
static int begin_run(struct store *store, int64_t run, int64_t keep_every, int64_t runs_left)
{
	struct store_thin *thin = &store->thin;
	sqlite3_stmt *s;
	int r = 0;

	thin->run = run;
	thin->keep_every = keep_every;
	thin->runs_left = runs_left;
	thin->from = thin->next = thin->end = 0;
	thin->deleted = 0;
	free(thin->kept);
	thin->kept = NULL;
	s = thin_get(store, THIN_RANGE);
	if (step_once(s) != SQLITE_ROW)
		return -1;
	if (sqlite3_column_type(s, 0) != SQLITE_NULL) {
		thin->from = sqlite3_column_int64(s, 0) / STORE_BIN_STEPS * STORE_BIN_STEPS;
		thin->end = (sqlite3_column_int64(s, 1) + 1) / STORE_BIN_STEPS * STORE_BIN_STEPS;
		thin->end = thin->end < thin->from ? thin->from : thin->end;
	}
	sqlite3_reset(s);
	thin->next = thin->from;
	if (keep_every > 1) {
		s = thin_get(store, THIN_KEPT);
		if (step_once(s) == SQLITE_ROW)
			thin->kept = strdup((const char *)sqlite3_column_text(s, 0));
		sqlite3_reset(s);
		r = thin->kept ? 0 : -1;
	}
	thin->phase = THIN_STEPS;
	return r;
}

/* One bin's rows are thinned in the transaction in which its figures are there. */
static int thin_bin(struct store *store)
{
	struct store_thin *thin = &store->thin;
	sqlite3_stmt *s = thin_get(store, THIN_HAS_BIN);
	int r;

	sqlite3_bind_int64(s, 2, thin->next / STORE_BIN_STEPS);
	r = step_once(s);
	sqlite3_reset(s);
	if (r == SQLITE_DONE &&
	    store_write_bin(&store->writer, (uint64_t)thin->run,
			    (uint64_t)thin->next + STORE_BIN_STEPS - 1) != STORE_FINE)
		return -1;
	if (r != SQLITE_DONE && r != SQLITE_ROW)
		return -1;
	if (thin->keep_every > 1) {
		s = thin_get(store, THIN_DELETE);
		sqlite3_bind_int64(s, 2, thin->next);
		sqlite3_bind_int64(s, 3, thin->next + STORE_BIN_STEPS - 1);
		sqlite3_bind_int64(s, 4, thin->keep_every);
		sqlite3_bind_text(s, 5, thin->kept, -1, SQLITE_STATIC);
		if (step_once(s) != SQLITE_DONE)
			return -1;
		thin->deleted += sqlite3_changes(store->db);
	}
	thin->next += STORE_BIN_STEPS;
	return 0;
}

static int thin_steps(struct store *store)
{
	struct store_thin *thin = &store->thin, before = *thin;
	double until_s = store_now_s() + SLICE_S;
	bool ended = false;
	int r = exec(store, "BEGIN IMMEDIATE");

	while (r == 0 && thin->next < thin->end && store_now_s() < until_s)
		r = thin_bin(store);
	if (r == 0 && thin->next >= thin->end) {
		ended = true;
		if (thin->keep_every > 1)
			r = run_once(store, THIN_DONE);
	}
	if (r == 0)
		r = exec(store, "COMMIT");
	if (r < 0) {
		if (!sqlite3_get_autocommit(store->db))
			(void)exec(store, "ROLLBACK");
		thin->next = before.next;
		thin->deleted = before.deleted;
		return -1;
	}
	if (ended && thin->keep_every > 1)
		tell_end(store);
	if (ended)
		thin->phase = THIN_LOOKS;
	else
		tell(store);
	return 0;
}

/* ---- what is next ---- */

/* Room is given back last; a database that was made without auto_vacuum keeps it for rows to come. */
static int give_room(struct store *store)
{
	if (ask(store, THIN_CAN_GIVE, 0) == 2 && ask(store, THIN_FREE, 0) > 0) {
		tell(store);
		return exec(store, "PRAGMA incremental_vacuum(" ROOM_PAGES ")");
	}
	if (run_once(store, THIN_ALL_DONE) < 0)
		return -1;
	store_copy_wal(store); /* the file ends where its pages end once they are copied into it */
	store->thin.phase = THIN_LOOKS;
	return 0;
}

/* Runs of before there were bins, once a start. */
static int look_for_binless(struct store *store)
{
	struct store_thin *thin = &store->thin;
	sqlite3_stmt *s = thin_get(store, THIN_BINLESS);
	int r;

	sqlite3_bind_int64(s, 1, thin->binless_after);
	r = step_once(s);
	if (r == SQLITE_ROW) {
		thin->binless_after = sqlite3_column_int64(s, 0);
		sqlite3_reset(s);
		return begin_run(store, thin->binless_after, 1, 0);
	}
	if (r != SQLITE_DONE)
		return -1;
	thin->look_for_bins = false;
	return 0;
}

static int look(struct store *store)
{
	struct store_thin *thin = &store->thin;
	sqlite3_stmt *s = thin_get(store, THIN_NEXT);
	int64_t run, keep_every, left;
	int r = step_once(s);

	if (r == SQLITE_ROW) {
		run = sqlite3_column_int64(s, 0);
		keep_every = sqlite3_column_int64(s, 1);
		left = sqlite3_column_int64(s, 2);
		thin->busy = true;
		sqlite3_reset(s);
		if (left > 0)
			return begin_run(store, run, keep_every, left);
		thin->keep_every = thin->keep_every < 2 ? 2 : thin->keep_every;
		thin->runs_left = 0;
		thin->phase = THIN_GIVES;
		return 0;
	}
	if (r != SQLITE_DONE)
		return -1;
	tell_rest(store);
	if (thin->look_for_bins)
		return look_for_binless(store);
	thin->phase = THIN_RESTS;
	return 0;
}

static int slice(struct store *store)
{
	switch (store->thin.phase) {
	case THIN_RESTS:
		break;
	case THIN_LOOKS:
		return look(store);
	case THIN_STEPS:
		return thin_steps(store);
	case THIN_GIVES:
		return give_room(store);
	}
	return 0;
}

void store_thin(struct store *store)
{
	double began_s = store_now_s(), took_s;
	int r;

	store_note_waiting(store, true);
	(void)exec(store, "PRAGMA synchronous = NORMAL");
	r = slice(store);
	(void)exec(store, "PRAGMA synchronous = FULL");
	store_note_waiting(store, false);
	took_s = store_now_s() - began_s;
	store->thin.next_s = store_now_s() + (r < 0          ? RETRY_S
					      : store->rings ? PAUSE_BESIDE * took_s
							     : PAUSE_ALONE * took_s);
}
