/* daemon/store.c - the store's thread: collects what is due, commits it, and says so. */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "daemon/store_impl.h"

#define WINDOW_S        0.010 /* commits of a fast run: at most one in so long, and no longer than so */
#define ROWS_AT_ONCE    64 /* then the clock is looked at */
#define RETRY_FIRST_S   0.010
#define RETRY_MAX_S     1.0
#define BUSY_PATIENCE_S 2.0  /* somebody else's lock is told of only after so long */
#define WAL_PAGES       2048 /* 32 MiB: then it is copied into the database, between two commits */
#define WAL_ALARM_PAGES 65536
#define MAX_RINGS       8 /* one, and another whose end is not yet written */

struct ring_state {
	struct ring *ring;
	uint64_t written; /* rows in the open transaction or on disk */
	uint64_t durable; /* rows on disk */
	bool edges_written;
};

struct change_list {
	struct change *first, **end;
};

struct store {
	sqlite3 *db;
	int lock_fd;
	struct mailbox *reports;
	pthread_t thread;
	bool started;

	pthread_mutex_t lock; /* guards the next block */
	pthread_cond_t ended_cond;
	struct change_list posted;
	struct ring *new_rings[MAX_RINGS];
	size_t n_new_rings;
	bool waited_for; /* a posted change has a token */
	bool stopping, ended;
	double stop_at_s;
	int wake_fd; /* posted, new ring or stopping */

	/* the thread's own */
	struct store_writer writer;
	struct change_list due, applied; /* to be written; in the open transaction */
	struct ring_state rings[MAX_RINGS];
	size_t n_rings;
	double last_begin_s;    /* of the last transaction */
	double retry_s;         /* the next pause after a failure; 0: all is well */
	double trouble_since_s; /* of the first failure in a row */
	bool trouble_told;
	bool wal_told;
	int wal_checkpoint_pages; /* checkpoint when the log is as long as this */
	int wal_pages;            /* set by the hook */
	uint64_t rows_lost;
	int result;
};

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- lists of changes ---- */

static void list_init(struct change_list *list)
{
	list->first = NULL;
	list->end = &list->first;
}

static void list_add(struct change_list *list, struct change *c)
{
	c->next = NULL;
	*list->end = c;
	list->end = &c->next;
}

static struct change *list_take(struct change_list *list)
{
	struct change *c = list->first;

	if (!c)
		return NULL;
	list->first = c->next;
	if (!list->first)
		list->end = &list->first;
	return c;
}

/* Everything of `behind` goes behind everything of list. */
static void list_join(struct change_list *list, struct change_list *behind)
{
	if (!behind->first)
		return;
	*list->end = behind->first;
	list->end = behind->end;
	list_init(behind);
}

static void list_free(struct change_list *list)
{
	struct change *c;

	while ((c = list_take(list)))
		change_free(c);
}

/* ---- what others call ---- */

static int on_wal(void *context, sqlite3 *db, const char *name, int pages)
{
	struct store *store = context;

	(void)db;
	(void)name;
	store->wal_pages = pages;
	return SQLITE_OK;
}

static void init_locks(struct store *store)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&store->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&store->ended_cond, &attr);
	pthread_condattr_destroy(&attr);
}

static void store_free(struct store *store)
{
	list_free(&store->posted);
	list_free(&store->due);
	list_free(&store->applied);
	for (size_t i = 0; i < store->n_rings; i++)
		ring_unref(store->rings[i].ring);
	for (size_t i = 0; i < store->n_new_rings; i++)
		ring_unref(store->new_rings[i]);
	if (store->wake_fd >= 0)
		close(store->wake_fd);
	pthread_cond_destroy(&store->ended_cond);
	pthread_mutex_destroy(&store->lock);
	free(store);
}

int store_open(const char *file, const char *boot, struct mailbox *reports, struct store **ret,
	       struct store_found *found, struct problem *p)
{
	struct store *store = calloc(1, sizeof(*store));
	int r = -ENOMEM;

	if (!store)
		return problem_set(p, PROBLEM_STORAGE, "", "no memory for the store"), r;
	init_locks(store);
	list_init(&store->posted);
	list_init(&store->due);
	list_init(&store->applied);
	store->reports = reports;
	store->wal_checkpoint_pages = WAL_PAGES;
	store->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (store->wake_fd < 0)
		problem_set(p, PROBLEM_STORAGE, "", "no eventfd for the store: %m");
	else
		r = store_open_database(file, boot, &store->db, &store->lock_fd, found, p);
	if (r == 0 && store_writer_open(&store->writer, store->db, p) < 0) {
		store_writer_close(&store->writer);
		store_close_database(store->db, store->lock_fd);
		r = -EIO;
	}
	if (r < 0) {
		store_free(store);
		return r;
	}
	sqlite3_wal_hook(store->db, on_wal, store);
	*ret = store;
	return 0;
}

static void wake(struct store *store)
{
	(void)eventfd_write(store->wake_fd, 1);
}

void store_post(struct store *store, struct change *c)
{
	change_seal(c);
	pthread_mutex_lock(&store->lock);
	if (c->token)
		store->waited_for = true;
	list_add(&store->posted, c);
	pthread_mutex_unlock(&store->lock);
	wake(store);
}

void store_post_after(struct store *store, struct change *c, struct ring *ring, uint64_t rows)
{
	assert(rows <= ring_head(ring));
	c->ring = ring_ref(ring);
	c->rows = rows;
	store_post(store, c);
}

void store_add_ring(struct store *store, struct ring *ring)
{
	pthread_mutex_lock(&store->lock);
	assert(store->n_new_rings < MAX_RINGS);
	store->new_rings[store->n_new_rings++] = ring_ref(ring);
	pthread_mutex_unlock(&store->lock);
	wake(store);
}

/* ---- reports ---- */

/* Waits while the box is full; but once the daemon stops nobody may be reading any more. */
static void report(struct store *store, struct store_report *r)
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
	struct store_report r = {.kind = c->problem.code ? STORE_FAILED : STORE_DONE,
				 .token = c->token};

	if (!c->token)
		return;
	if (c->problem.code) {
		r.problem = c->problem;
		c->problem = (struct problem){0};
	} else {
		r.result = c->result;
		c->result = NULL;
	}
	report(store, &r);
}

static void report_trouble(struct store *store, const char *what)
{
	struct store_report r = {.kind = STORE_TROUBLE};

	problem_set(&r.problem, PROBLEM_STORAGE, "", "%s: %s",
		    sqlite3_db_filename(store->db, "main"), what);
	report(store, &r);
}

static void report_well(struct store *store)
{
	struct store_report r = {.kind = STORE_WELL};

	report(store, &r);
}

/* ---- what is due ---- */

/* The ring whose rows come before this change; NULL: none do. */
static struct ring_state *find_ring(struct store *store, const struct change *c)
{
	for (size_t i = 0; i < store->n_rings; i++) {
		struct ring *ring = store->rings[i].ring;

		if (ring == c->ring || (c->ends_run && ring_run(ring) == c->ends_run))
			return &store->rings[i];
	}
	return NULL;
}

/* Takes over what was posted; true: somebody waits for it. */
static bool collect(struct store *store)
{
	bool waited_for;
	eventfd_t ignored;

	(void)eventfd_read(store->wake_fd, &ignored);
	pthread_mutex_lock(&store->lock);
	list_join(&store->due, &store->posted);
	for (size_t i = 0; i < store->n_new_rings; i++) {
		assert(store->n_rings < MAX_RINGS);
		store->rings[store->n_rings++] = (struct ring_state){.ring = store->new_rings[i]};
	}
	store->n_new_rings = 0;
	waited_for = store->waited_for;
	store->waited_for = false;
	pthread_mutex_unlock(&store->lock);
	return waited_for;
}

static bool rows_due(struct store *store)
{
	const void *rows;

	for (size_t i = 0; i < store->n_rings; i++)
		if (ring_peek(store->rings[i].ring, store->rings[i].written, &rows) > 0)
			return true;
	return false;
}

static bool stop_asked(struct store *store, double *ret_at_s)
{
	bool stopping;

	pthread_mutex_lock(&store->lock);
	stopping = store->stopping;
	*ret_at_s = store->stop_at_s;
	pthread_mutex_unlock(&store->lock);
	return stopping;
}

/* Until something is posted, a row comes (if rows count), or the time is up. */
static void wait_for_work(struct store *store, bool rows_count, double timeout_s)
{
	struct pollfd fds[1 + MAX_RINGS] = {{.fd = store->wake_fd, .events = POLLIN}};
	struct timespec timeout = {.tv_sec = (time_t)timeout_s};
	nfds_t n = 1;

	timeout.tv_nsec = (long)((timeout_s - (double)timeout.tv_sec) * 1e9);
	for (size_t i = 0; i < store->n_rings && rows_count; i++)
		fds[n++] = (struct pollfd){.fd = ring_store_fd(store->rings[i].ring),
					   .events = POLLIN};
	(void)ppoll(fds, n, timeout_s < 0 ? NULL : &timeout, NULL);
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
	report_trouble(store, what);
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
		if (until_s >= 0 && now_s() > until_s)
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
			list_add(&store->applied, list_take(&store->due));
	}
	return f;
}

static enum store_failure write_all(struct store *store)
{
	enum store_failure f = store_write_simple(&store->writer, store->writer.begin);
	double until_s;

	store->last_begin_s = now_s();
	until_s = store->last_begin_s + WINDOW_S;
	if (f)
		return f;
	f = write_due_changes(store, until_s);
	for (size_t i = 0; i < store->n_rings && f == STORE_FINE && !store->due.first; i++)
		f = write_rows(store, &store->rings[i], UINT64_MAX, until_s);
	if (f == STORE_FINE)
		f = store_write_simple(&store->writer, store->writer.commit);
	return f;
}

/* As if the transaction had never been: rows and changes are due again, in their order. */
static void take_back(struct store *store)
{
	if (!sqlite3_get_autocommit(store->db))
		(void)store_write_simple(&store->writer, store->writer.rollback);
	list_join(&store->applied, &store->due);
	list_join(&store->due, &store->applied);
	for (size_t i = 0; i < store->n_rings; i++) {
		store->rings[i].written = store->rings[i].durable;
		store->rings[i].edges_written = store->rings[i].durable > 0;
	}
}

static void drop_ring(struct store *store, uint64_t run)
{
	for (size_t i = 0; i < store->n_rings; i++)
		if (ring_run(store->rings[i].ring) == run) {
			ring_unref(store->rings[i].ring);
			store->rings[i] = store->rings[--store->n_rings];
			return;
		}
}

/* It is on disk: makes room in the rings and tells those who wait. */
static void tell(struct store *store)
{
	struct change *c;

	for (size_t i = 0; i < store->n_rings; i++) {
		struct ring_state *rs = &store->rings[i];
		struct store_report r = {
			.kind = STORE_DURABLE, .run = ring_run(rs->ring), .rows = rs->written};

		if (rs->written == rs->durable)
			continue;
		rs->durable = rs->written;
		ring_release(rs->ring, rs->written);
		report(store, &r);
	}
	while ((c = list_take(&store->applied))) {
		if (c->ends_run)
			drop_ring(store, c->ends_run);
		report_change(store, c);
		change_free(c);
	}
}

/* ---- trouble ---- */

/* Says so once; a lock that somebody else holds is just a slow disk for a while. */
static void note_failure(struct store *store, enum store_failure f, const char *why)
{
	if (store->retry_s == 0) {
		store->retry_s = RETRY_FIRST_S;
		store->trouble_since_s = now_s();
	} else if (2 * store->retry_s < RETRY_MAX_S) {
		store->retry_s *= 2;
	} else {
		store->retry_s = RETRY_MAX_S;
	}
	if (store->trouble_told ||
	    (f == STORE_BUSY && now_s() - store->trouble_since_s < BUSY_PATIENCE_S))
		return;
	store->trouble_told = true;
	report_trouble(store, why);
}

static void note_success(struct store *store)
{
	store->retry_s = 0;
	if (store->trouble_told)
		report_well(store);
	store->trouble_told = false;
}

/* False: nothing is lost, and nothing is on disk either. */
static bool commit_due(struct store *store)
{
	enum store_failure f = write_all(store);
	char why[256];

	if (f == STORE_FINE) {
		note_success(store);
		tell(store);
		return true;
	}
	snprintf(why, sizeof(why), "%s; trying again until it works", sqlite3_errmsg(store->db));
	take_back(store);
	note_failure(store, f, why);
	return false;
}

/* ---- the write-ahead log ---- */

/* Copies the log into the database between two commits, where only this thread waits.  A reader that
 * holds an old state keeps the log from starting anew; it is then tried again when it has grown by as much. */
static void watch_wal(struct store *store)
{
	char what[160];

	if (store->wal_pages < WAL_PAGES)
		store->wal_checkpoint_pages = WAL_PAGES; /* it began anew */
	if (store->wal_pages < store->wal_checkpoint_pages)
		return;
	sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	store->wal_checkpoint_pages = store->wal_pages + WAL_PAGES;
	if (store->wal_pages >= WAL_ALARM_PAGES && !store->wal_told) {
		snprintf(what, sizeof(what),
			 "its log (-wal) has grown to %d MiB, because some program keeps a "
			 "transaction on it open: end that",
			 store->wal_pages / 64);
		report_trouble(store, what);
		store->wal_told = true;
	}
}

static void watch_alarm(struct store *store)
{
	if (store->wal_told && store->wal_pages < WAL_PAGES) {
		store->wal_told = false;
		report_well(store);
	}
}

/* ---- the thread ---- */

/* How long what is due may wait: not at all when steps come slowly or somebody waits. */
static double pause_s(const struct store *store, bool waited_for)
{
	double next_s = store->last_begin_s + (waited_for ? 0 : WINDOW_S);

	if (store->retry_s > 0)
		next_s = now_s() + store->retry_s;
	return next_s - now_s();
}

/* Waits until something is due and its time has come. */
static void wait_until_due(struct store *store)
{
	double stop_at_s, left_s;
	bool waited_for = collect(store);

	while (!store->due.first && !rows_due(store) && !stop_asked(store, &stop_at_s)) {
		wait_for_work(store, true, -1);
		waited_for |= collect(store);
	}
	left_s = pause_s(store, waited_for);
	while (left_s > 0) {
		double start_s = now_s();

		if (stop_asked(store, &stop_at_s) && now_s() + left_s > stop_at_s)
			return;
		wait_for_work(store, false, left_s);
		waited_for |= collect(store);
		if (waited_for && store->retry_s == 0)
			return;
		left_s -= now_s() - start_s;
	}
}

static void *run_store(void *argument)
{
	struct store *store = argument;
	double stop_at_s;
	bool left = true, stopping;

	do {
		wait_until_due(store);
		left = store->due.first || rows_due(store);
		if (left && commit_due(store)) {
			watch_wal(store);
			watch_alarm(store);
		}
		stopping = stop_asked(store, &stop_at_s);
		if (stopping) {
			collect(store);
			left = store->due.first || rows_due(store);
		}
	} while (!stopping || (left && now_s() < stop_at_s));

	pthread_mutex_lock(&store->lock);
	store->result = left || store->rows_lost ? -EIO : 0;
	store->ended = true;
	pthread_cond_signal(&store->ended_cond);
	pthread_mutex_unlock(&store->lock);
	return NULL;
}

int store_start(struct store *store)
{
	int r = -pthread_create(&store->thread, NULL, run_store, store);

	store->started = r == 0;
	return r;
}

/* Waits for the thread until a second after its deadline: the disk may hang. */
static bool wait_ended(struct store *store)
{
	double end_s = store->stop_at_s + 1;
	struct timespec end = {.tv_sec = (time_t)end_s};
	bool ended;

	end.tv_nsec = (long)((end_s - (double)end.tv_sec) * 1e9);
	while (!store->ended &&
	       pthread_cond_timedwait(&store->ended_cond, &store->lock, &end) != ETIMEDOUT)
		;
	ended = store->ended;
	return ended;
}

int store_stop(struct store *store, double deadline_s)
{
	int r = 0, closed;

	if (!store)
		return 0;
	if (store->started) {
		bool ended;

		pthread_mutex_lock(&store->lock);
		store->stop_at_s = now_s() + deadline_s;
		store->stopping = true;
		wake(store);
		ended = wait_ended(store);
		pthread_mutex_unlock(&store->lock);
		if (!ended)
			return -ETIMEDOUT; /* a call that hangs still uses the store: it stays */
		pthread_join(store->thread, NULL);
		r = store->result;
	}
	store_writer_close(&store->writer);
	closed = store_close_database(store->db, store->lock_fd);
	store_free(store);
	return r < 0 ? r : closed;
}
