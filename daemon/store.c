/* daemon/store.c - the store's thread: collects what is due, commits it, and says so. */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "daemon/store_impl.h"

#define MOST_POLLED 4 /* rings: only the newest can still get rows */

double store_now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
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

static void rings_free(struct ring_state *rs)
{
	while (rs) {
		struct ring_state *next = rs->next;

		ring_unref(rs->ring);
		free(rs);
		rs = next;
	}
}

static void store_free(struct store *store)
{
	change_list_free(&store->posted);
	change_list_free(&store->due);
	change_list_free(&store->applied);
	rings_free(store->rings);
	rings_free(store->new_rings);
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
	change_list_init(&store->posted);
	change_list_init(&store->due);
	change_list_init(&store->applied);
	store->reports = reports;
	store->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (store->wake_fd < 0)
		problem_set(p, PROBLEM_STORAGE, "", "no eventfd for the store: %m");
	else
		r = store_open_database(file, boot, &store->db, &store->lock_fd, found, p);
	if (r == 0 && (store_writer_open(&store->writer, store->db, p) < 0 ||
		       store_thin_open(store, p) < 0)) {
		store_thin_close(store);
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
	if (!store) {
		change_free(c);
		return;
	}
	change_seal(c);
	pthread_mutex_lock(&store->lock);
	if (c->token || c->begins_run)
		store->waited_for = true;
	change_list_add(&store->posted, c);
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

int store_add_ring(struct store *store, struct ring *ring)
{
	struct ring_state *rs = calloc(1, sizeof(*rs));

	if (!rs)
		return -ENOMEM;
	rs->ring = ring_ref(ring);
	pthread_mutex_lock(&store->lock);
	rs->next = store->new_rings;
	store->new_rings = rs;
	pthread_mutex_unlock(&store->lock);
	wake(store);
	return 0;
}

/* ---- what is due ---- */

/* Takes over what was posted; true: somebody waits for it. */
static bool collect(struct store *store)
{
	struct ring_state **end;
	bool waited_for;
	eventfd_t ignored;

	(void)eventfd_read(store->wake_fd, &ignored);
	pthread_mutex_lock(&store->lock);
	change_list_join(&store->due, &store->posted);
	for (end = &store->new_rings; *end; end = &(*end)->next)
		;
	*end = store->rings;
	store->rings = store->new_rings;
	store->new_rings = NULL;
	waited_for = store->waited_for;
	store->waited_for = false;
	pthread_mutex_unlock(&store->lock);
	return waited_for;
}

static bool rows_due(struct store *store)
{
	const void *rows;

	for (struct ring_state *rs = store->rings; rs; rs = rs->next)
		if (ring_peek(rs->ring, rs->written, &rows) > 0)
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
	struct pollfd fds[1 + MOST_POLLED] = {{.fd = store->wake_fd, .events = POLLIN}};
	struct timespec timeout = {.tv_sec = (time_t)timeout_s};
	nfds_t n = 1;

	timeout.tv_nsec = (long)((timeout_s - (double)timeout.tv_sec) * 1e9);
	for (struct ring_state *rs = store->rings; rs && rows_count && n <= MOST_POLLED;
	     rs = rs->next)
		fds[n++] = (struct pollfd){.fd = ring_store_fd(rs->ring), .events = POLLIN};
	(void)ppoll(fds, n, timeout_s < 0 ? NULL : &timeout, NULL);
}

/* ---- the thread ---- */

/* How long what is due may wait: not at all when steps come slowly or somebody waits. */
static double pause_s(const struct store *store, bool waited_for)
{
	double next_s = store->last_begin_s + (waited_for ? 0 : STORE_WINDOW_S);

	if (store->retry_s > 0)
		next_s = store_now_s() + store->retry_s;
	return next_s - store_now_s();
}

/* Waits until something is due and its time has come. */
static void wait_until_due(struct store *store)
{
	double stop_at_s, left_s;
	bool waited_for = collect(store);

	while (!store->due.first && !rows_due(store) && !stop_asked(store, &stop_at_s)) {
		left_s = store_thin_pause_s(store);
		if (left_s == 0)
			return; /* there is time for what has none to wait for */
		wait_for_work(store, true, left_s);
		waited_for |= collect(store);
	}
	left_s = pause_s(store, waited_for);
	while (left_s > 0) {
		double start_s = store_now_s();

		if (stop_asked(store, &stop_at_s) && left_s > stop_at_s - start_s)
			left_s = fmax(stop_at_s - start_s, 0); /* one last try then */
		wait_for_work(store, false, left_s);
		waited_for |= collect(store);
		if (waited_for && store->retry_s == 0)
			return;
		left_s -= store_now_s() - start_s;
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
		if (left && store_commit(store))
			store_watch_wal(store);
		stopping = stop_asked(store, &stop_at_s);
		if (!stopping && store->retry_s == 0 && store_thin_pause_s(store) == 0) {
			store_thin(store);
			store_watch_wal(store);
		}
		if (stopping) {
			collect(store);
			left = store->due.first || rows_due(store);
		}
	} while (!stopping || (left && store_now_s() < stop_at_s));

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
		store->stop_at_s = store_now_s() + deadline_s;
		store->stopping = true;
		wake(store);
		ended = wait_ended(store);
		pthread_mutex_unlock(&store->lock);
		if (!ended)
			return -ETIMEDOUT; /* a call that hangs still uses the store: it stays */
		pthread_join(store->thread, NULL);
		r = store->result;
	}
	store_thin_close(store);
	store_writer_close(&store->writer);
	closed = store_close_database(store->db, store->lock_fd);
	store_free(store);
	return r < 0 ? r : closed;
}

/* How long since it was noted, in seconds; 0: it is not. */
static double since_s(const atomic_llong *since_ns)
{
	long long ns = atomic_load_explicit(since_ns, memory_order_relaxed);

	return ns ? fmax(store_now_s() - (double)ns * 1e-9, 0) : 0;
}

double store_waiting_s(const struct store *store)
{
	return store ? since_s(&store->waiting_since_ns) : 0;
}

double store_refused_s(const struct store *store)
{
	return store ? since_s(&store->refused_since_ns) : 0;
}

double store_free_B(const struct store *store)
{
	struct statvfs fs;

	if (!store || fstatvfs(store->lock_fd, &fs) < 0)
		return NAN;
	return (double)fs.f_bavail * (double)fs.f_frsize;
}
