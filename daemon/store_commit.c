/* daemon/store_commit.c - one transaction: rows and changes in their order, then reports; and what to do when it fails. */
#include "config.h"

#include <assert.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/crash_point.h"
#include "daemon/store_impl.h"
#include "daemon/store_schema.h"

#define ROWS_AT_ONCE    64 /* then the clock is looked at */
#define RETRY_FIRST_S   0.010
#define RETRY_MAX_S     1.0
#define BUSY_PATIENCE_S 2.0   /* somebody else's lock is told of only after so long */
#define WAL_PAGES       2048  /* 32 MiB: then the log is copied into the database */
#define WAL_ALARM_PAGES 65536 /* 1 GiB: then somebody is told */

/* ---- reports ---- */

/* Waits while the box is full; but once the daemon stops nobody may be reading any more. */
void store_report(struct store *store, struct store_report *r)
{
	bool stopping = false;

	while (!mailbox_try_put(store->reports, r)) {
		struct pollfd pause = {.fd = -1};

		if (stopping) {
			json_decref(r->result);
			problem_clear(&r->problem);
			return;
		}
		(void)poll(&pause, 1, 1);
		pthread_mutex_lock(&store->lock);
		stopping = store->stopping;
		pthread_mutex_unlock(&store->lock);
	}
}

static void report_change(struct store *store, struct change *c)
{
	struct problem *problem = c->problem.code ? &c->problem : &c->refusal;
	struct store_report r = {.kind = problem->code ? STORE_FAILED : STORE_DONE,
				 .token = c->token};

	if (!c->token)
		return;
	if (problem->code) {
		r.problem = *problem;
		*problem = (struct problem){0};
	} else {
		r.result = c->result;
		c->result = NULL;
	}
	store_report(store, &r);
}

static void report_trouble(struct store *store, bool wal, const char *what)
{
	struct store_report r = {.kind = STORE_TROUBLE, .wal = wal};

	problem_set(&r.problem, PROBLEM_STORAGE, "", "%s: %s",
		    sqlite3_db_filename(store->db, "main"), what);
	store_report(store, &r);
}

static void report_well(struct store *store, bool wal)
{
	struct store_report r = {.kind = STORE_WELL, .wal = wal};

	store_report(store, &r);
}

/* The ring whose rows come before this change; NULL: none do. */
static struct ring_state *find_ring(struct store *store, const struct change *c)
{
	for (struct ring_state *rs = store->rings; rs; rs = rs->next)
		if (rs->ring == c->ring || (c->ends_run && ring_run(rs->ring) == c->ends_run))
			return rs;
	return NULL;
}

/* ---- one transaction ---- */

/* A row that the tables refuse would be refused for ever: it is given up, loudly. */
static void give_up_row(struct store *store, struct ring_state *rs)
{
	char what[128];

	snprintf(what, sizeof(what), "row %llu of run %llu was refused and is lost: %.60s",
		 (unsigned long long)rs->written, (unsigned long long)ring_run(rs->ring),
		 sqlite3_errmsg(store->db));
	rs->written++;
	store->rows_lost++;
	report_trouble(store, true, what);
}

/* Rows of this ring below upto, as long as there is time (until_s < 0: all of them). */
static enum store_failure write_rows(struct store *store, struct ring_state *rs, uint64_t upto,
				     double until_s)
{
	enum store_failure f = STORE_FINE;
	const void *rows;
	size_t n, written;

	if (!rs->edges_written) {
		f = store_write_edges(&store->writer, rs->ring);
		rs->edges_written = f == STORE_FINE;
	}
	while (f == STORE_FINE && rs->written < upto &&
	       (n = ring_peek(rs->ring, rs->written, &rows)) > 0) {
		if (n > upto - rs->written)
			n = (size_t)(upto - rs->written);
		if (n > ROWS_AT_ONCE)
			n = ROWS_AT_ONCE;
		f = store_write_rows(&store->writer, rs->ring, rows, n, &written);
		rs->written += written;
		if (f == STORE_REFUSED) {
			give_up_row(store, rs);
			f = STORE_FINE;
		}
		if (until_s >= 0 && store_now_s() > until_s)
			break;
	}
	return f;
}

static enum store_failure write_due_changes(struct store *store, double until_s)
{
	enum store_failure f = STORE_FINE;

	while (store->due.first && f == STORE_FINE) {
		struct change *c = store->due.first;
		struct ring_state *rs = find_ring(store, c);

		if (rs) {
			uint64_t upto = c->ends_run ? ring_head(rs->ring) : c->rows;

			f = write_rows(store, rs, upto, until_s);
			if (f || rs->written < upto)
				break;
		}
		f = store_write_change(&store->writer, c);
		if (f == STORE_REFUSED)
			f = STORE_FINE; /* it says so itself; the others go on */
		if (f == STORE_FINE)
			change_list_add(&store->applied, change_list_take(&store->due));
	}
	return f;
}

static enum store_failure write_all(struct store *store)
{
	enum store_failure f;
	double until_s;

	crash_point("store.before_begin");
	f = store_write_simple(&store->writer, store->writer.begin);
	crash_point("store.after_begin");

	store->last_begin_s = store_now_s();
	until_s = store->last_begin_s + STORE_WINDOW_S;
	if (f)
		return f;
	f = write_due_changes(store, until_s);
	for (struct ring_state *rs = store->rings; rs && f == STORE_FINE && !store->due.first;
	     rs = rs->next)
		f = write_rows(store, rs, UINT64_MAX, until_s);
	if (f)
		return f;
	crash_point("store.before_commit");
	f = store_write_simple(&store->writer, store->writer.commit);
	crash_point("store.after_commit");
	return f;
}

/* As if the transaction had never been: rows and changes are due again, in their order. */
static void take_back(struct store *store)
{
	if (!sqlite3_get_autocommit(store->db))
		(void)store_write_simple(&store->writer, store->writer.rollback);
	change_list_join(&store->applied, &store->due);
	change_list_join(&store->due, &store->applied);
	for (struct ring_state *rs = store->rings; rs; rs = rs->next) {
		rs->written = rs->durable;
		rs->edges_written = rs->durable > 0;
	}
}

static void open_ring(struct store *store, uint64_t run)
{
	for (struct ring_state *rs = store->rings; rs; rs = rs->next)
		if (ring_run(rs->ring) == run)
			ring_open(rs->ring);
}

static void drop_ring(struct store *store, uint64_t run)
{
	struct ring_state **at = &store->rings, *rs;

	while (*at && ring_run((*at)->ring) != run)
		at = &(*at)->next;
	rs = *at;
	if (!rs)
		return;
	*at = rs->next;
	ring_unref(rs->ring);
	free(rs);
}

/* It is on disk: makes room in the rings and tells those who wait. */
static void tell(struct store *store)
{
	struct change *c;

	for (struct ring_state *rs = store->rings; rs; rs = rs->next) {
		struct store_report r = {
			.kind = STORE_DURABLE, .run = ring_run(rs->ring), .rows = rs->written};

		if (rs->written == rs->durable)
			continue;
		rs->durable = rs->written;
		ring_release(rs->ring, rs->written);
		store_report(store, &r);
	}
	while ((c = change_list_take(&store->applied))) {
		if (c->begins_run)
			open_ring(store, c->begins_run);
		if (c->ends_run)
			drop_ring(store, c->ends_run);
		if (c->thins)
			store_thin_look(store);
		crash_point(c->key ? "store.before_keyed_reply" : "store.before_reply");
		report_change(store, c);
		change_free(c);
	}
}

/* ---- trouble ---- */

/* Notes the time, unless one is noted already; on false forgets it. */
static void note_time(atomic_llong *since_ns, bool on)
{
	if (!on)
		atomic_store_explicit(since_ns, 0, memory_order_relaxed);
	else if (!atomic_load_explicit(since_ns, memory_order_relaxed))
		atomic_store_explicit(since_ns, (long long)(store_now_s() * 1e9),
				      memory_order_relaxed);
}

void store_note_waiting(struct store *store, bool on)
{
	note_time(&store->waiting_since_ns, on);
}

/* Says so once; a lock that somebody else holds is just a slow disk for a while. */
static void note_failure(struct store *store, enum store_failure f, const char *why)
{
	if (store->retry_s == 0) {
		store->retry_s = RETRY_FIRST_S;
		store->trouble_since_s = store_now_s();
	} else if (2 * store->retry_s < RETRY_MAX_S) {
		store->retry_s *= 2;
	} else {
		store->retry_s = RETRY_MAX_S;
	}
	if (f == STORE_DISK)
		note_time(&store->refused_since_ns, true);
	if (store->trouble_told ||
	    (f == STORE_BUSY && store_now_s() - store->trouble_since_s < BUSY_PATIENCE_S))
		return;
	store->trouble_told = true;
	report_trouble(store, false, why);
}

static void note_success(struct store *store)
{
	store->retry_s = 0;
	note_time(&store->waiting_since_ns, false);
	note_time(&store->refused_since_ns, false);
	if (store->trouble_told)
		report_well(store, false);
	store->trouble_told = false;
}

/* False: nothing is lost, and nothing is on disk either. */
bool store_commit(struct store *store)
{
	enum store_failure f;
	char why[STORE_WHY_BYTES + 40], reason[STORE_WHY_BYTES];
	bool full;

	note_time(&store->waiting_since_ns, true);
	f = write_all(store);

	if (f == STORE_FINE) {
		note_success(store);
		tell(store);
		return true;
	}
	full = (sqlite3_errcode(store->db) & 0xff) == SQLITE_FULL;
	snprintf(why, sizeof(why), "%s; trying again until it works",
		 store_why(store->db, reason, sizeof(reason)));
	take_back(store);
	if (full) /* what the log holds may fit into the database: then it begins anew, in its own room */
		sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	note_failure(store, f, why);
	return false;
}

/* ---- the write-ahead log ---- */

/* r: of the last attempt to copy it. */
static void tell_of_long_wal(struct store *store, int r)
{
	int MiB = store->wal_pages / (1048576 / STORE_PAGE_BYTES);
	char what[STORE_WHY_BYTES + 80], why[STORE_WHY_BYTES];

	if (r == SQLITE_OK || (r & 0xff) == SQLITE_BUSY)
		snprintf(what, sizeof(what),
			 "its log (-wal) has grown to %d MiB, because some program keeps a "
			 "transaction on it open: end that",
			 MiB);
	else
		snprintf(what, sizeof(what),
			 "its log (-wal) of %d MiB cannot be copied into the database: %s", MiB,
			 store_why(store->db, why, sizeof(why)));
	report_trouble(store, true, what);
	store->wal_told = true;
}

/* It is kept in the log alone until a later attempt succeeds. */
static int copy_wal(struct store *store)
{
	int r;

	note_time(&store->waiting_since_ns, true);
	crash_point("store.before_wal_copy");
	r = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	crash_point("store.after_wal_copy");
	note_time(&store->waiting_since_ns, false);
	return r;
}

void store_copy_wal(struct store *store)
{
	(void)copy_wal(store);
}

/* Between two commits, where only this thread waits.  A reader that holds an old state keeps the log from
 * starting anew; it is then tried again when the log has grown by as much, or soon if the disk failed. */
void store_watch_wal(struct store *store)
{
	if (store->wal_pages < WAL_PAGES) { /* it began anew */
		store->checkpoint_pages = WAL_PAGES;
		if (store->wal_told)
			report_well(store, true);
		store->wal_told = false;
	} else if (store->wal_pages >= store->checkpoint_pages) {
		int r = copy_wal(store);
		bool failed = r != SQLITE_OK && (r & 0xff) != SQLITE_BUSY;

		store->checkpoint_pages = store->wal_pages + (failed ? WAL_PAGES / 16 : WAL_PAGES);
		if (!store->wal_told && (failed || store->wal_pages >= WAL_ALARM_PAGES))
			tell_of_long_wal(store, r);
	}
}
