/* daemon/ring.c - one block of rows under one lock, and two alarm clocks that tell of new rows. */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "daemon/ring.h"

#define BELL_PERIOD_NS 1000000 /* rings at most once in so long */

/* Tells one reader that rows came.  A timer and no eventfd: whoever pushes arms it once for the next
 * free millisecond, so that a fast writer makes one system call a millisecond and the last row of a
 * burst is never forgotten.  Armed as long as its reader has not seen every row. */
struct bell {
	int fd;
	bool armed;
	int64_t last_ns; /* when its reader last was up to date */
};

struct ring {
	pthread_mutex_t
		lock; /* guards all below but what is constant, and rows[head] while reserved */
	pthread_cond_t not_full; /* or just opened */
	struct bell store, publisher;
	unsigned references;
	uint64_t head, durable; /* rows pushed; rows that are on disk */
	bool reserved;          /* the writer is filling rows[head] */
	bool open;              /* the run's beginning is on disk */

	uint64_t run; /* constant from here on */
	struct record_layout layout;
	size_t capacity, row_bytes;
	unsigned char *rows;
};

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static void bell_ring(struct bell *bell)
{
	struct itimerspec when = {.it_value = {.tv_nsec = 1}};
	int64_t at_ns;

	if (bell->armed)
		return;
	at_ns = bell->last_ns + BELL_PERIOD_NS;
	if (at_ns > now_ns()) {
		when.it_value.tv_sec = at_ns / 1000000000;
		when.it_value.tv_nsec = at_ns % 1000000000;
	}
	bell->armed = timerfd_settime(bell->fd, TFD_TIMER_ABSTIME, &when, NULL) == 0;
}

/* Its reader has seen every row. */
static void bell_clear(struct bell *bell)
{
	static const struct itimerspec never;

	if (!bell->armed)
		return;
	(void)timerfd_settime(bell->fd, 0, &never, NULL); /* also makes the fd unreadable */
	bell->armed = false;
	bell->last_ns = now_ns();
}

static void init_locks(struct ring *ring)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&ring->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&ring->not_full, &attr);
	pthread_condattr_destroy(&attr);
}

static void ring_free(struct ring *ring)
{
	if (ring->store.fd >= 0)
		close(ring->store.fd);
	if (ring->publisher.fd >= 0)
		close(ring->publisher.fd);
	pthread_cond_destroy(&ring->not_full);
	pthread_mutex_destroy(&ring->lock);
	free(ring->rows);
	free(ring);
}

struct ring *ring_new(uint64_t run, const struct record_layout *layout, size_t capacity_rows)
{
	struct ring *ring = calloc(1, sizeof(*ring));

	assert(capacity_rows > 0 && layout->row_bytes > 0);
	if (!ring)
		return NULL;
	init_locks(ring);
	ring->references = 1;
	ring->run = run;
	ring->layout = *layout;
	ring->capacity = capacity_rows;
	ring->row_bytes = layout->row_bytes;
	ring->rows = calloc(capacity_rows, layout->row_bytes);
	ring->store.fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	ring->publisher.fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (!ring->rows || ring->store.fd < 0 || ring->publisher.fd < 0) {
		ring_free(ring);
		return NULL;
	}
	return ring;
}

struct ring *ring_ref(struct ring *ring)
{
	pthread_mutex_lock(&ring->lock);
	ring->references++;
	pthread_mutex_unlock(&ring->lock);
	return ring;
}

void ring_unref(struct ring *ring)
{
	bool last;

	if (!ring)
		return;
	pthread_mutex_lock(&ring->lock);
	last = --ring->references == 0;
	pthread_mutex_unlock(&ring->lock);
	if (last)
		ring_free(ring);
}

uint64_t ring_run(const struct ring *ring)
{
	return ring->run;
}

const struct record_layout *ring_layout(const struct ring *ring)
{
	return &ring->layout;
}

static void *row_at(struct ring *ring, uint64_t row)
{
	return ring->rows + row % ring->capacity * ring->row_bytes;
}

static struct timespec after(double seconds)
{
	int64_t end_ns = now_ns() + (int64_t)(seconds * 1e9);

	return (struct timespec){.tv_sec = end_ns / 1000000000, .tv_nsec = end_ns % 1000000000};
}

void ring_open(struct ring *ring)
{
	pthread_mutex_lock(&ring->lock);
	ring->open = true;
	pthread_cond_signal(&ring->not_full);
	pthread_mutex_unlock(&ring->lock);
}

bool ring_wait_open(struct ring *ring, double timeout_s)
{
	struct timespec end = after(timeout_s);
	bool open;
	int r = 0;

	pthread_mutex_lock(&ring->lock);
	while (!ring->open && r == 0)
		r = pthread_cond_timedwait(&ring->not_full, &ring->lock, &end);
	open = ring->open;
	pthread_mutex_unlock(&ring->lock);
	return open;
}

void *ring_reserve(struct ring *ring, double timeout_s)
{
	void *row = NULL;

	pthread_mutex_lock(&ring->lock);
	if (ring->head - ring->durable == ring->capacity) {
		struct timespec end = after(timeout_s);

		while (ring->head - ring->durable == ring->capacity &&
		       pthread_cond_timedwait(&ring->not_full, &ring->lock, &end) != ETIMEDOUT)
			;
	}
	if (ring->head - ring->durable < ring->capacity) {
		ring->reserved = true;
		row = row_at(ring, ring->head);
	}
	pthread_mutex_unlock(&ring->lock);
	return row;
}

void ring_push(struct ring *ring)
{
	pthread_mutex_lock(&ring->lock);
	assert(ring->reserved);
	ring->reserved = false;
	ring->head++;
	bell_ring(&ring->store);
	bell_ring(&ring->publisher);
	pthread_mutex_unlock(&ring->lock);
}

uint64_t ring_head(struct ring *ring)
{
	uint64_t head;

	pthread_mutex_lock(&ring->lock);
	head = ring->head;
	pthread_mutex_unlock(&ring->lock);
	return head;
}

size_t ring_peek(struct ring *ring, uint64_t from, const void **ret_rows)
{
	size_t n = 0;

	pthread_mutex_lock(&ring->lock);
	assert(from >= ring->durable && from <= ring->head);
	if (from < ring->head) {
		size_t first = (size_t)(from % ring->capacity);

		n = (size_t)(ring->head - from);
		if (n > ring->capacity - first)
			n = ring->capacity - first;
		*ret_rows = row_at(ring, from);
	} else {
		bell_clear(&ring->store);
	}
	pthread_mutex_unlock(&ring->lock);
	return n;
}

void ring_release(struct ring *ring, uint64_t upto)
{
	pthread_mutex_lock(&ring->lock);
	assert(upto >= ring->durable && upto <= ring->head);
	ring->durable = upto;
	pthread_cond_signal(&ring->not_full);
	pthread_mutex_unlock(&ring->lock);
}

uint64_t ring_durable(struct ring *ring)
{
	uint64_t durable;

	pthread_mutex_lock(&ring->lock);
	durable = ring->durable;
	pthread_mutex_unlock(&ring->lock);
	return durable;
}

/* The oldest row that nobody is writing over. */
static uint64_t oldest(const struct ring *ring)
{
	uint64_t end = ring->head + (ring->reserved ? 1 : 0);

	return end > ring->capacity ? end - ring->capacity : 0;
}

size_t ring_copy(struct ring *ring, uint64_t *from, void *out, size_t max)
{
	size_t n, first, straight;

	pthread_mutex_lock(&ring->lock);
	if (*from < oldest(ring))
		*from = oldest(ring);
	n = *from < ring->head ? (size_t)(ring->head - *from) : 0;
	if (n > max)
		n = max;
	first = (size_t)(*from % ring->capacity);
	straight = n < ring->capacity - first ? n : ring->capacity - first;
	memcpy(out, row_at(ring, *from), straight * ring->row_bytes);
	memcpy((unsigned char *)out + straight * ring->row_bytes, ring->rows,
	       (n - straight) * ring->row_bytes);
	*from += n;
	if (*from >= ring->head)
		bell_clear(&ring->publisher);
	pthread_mutex_unlock(&ring->lock);
	return n;
}

int ring_store_fd(const struct ring *ring)
{
	return ring->store.fd;
}

int ring_publisher_fd(const struct ring *ring)
{
	return ring->publisher.fd;
}
