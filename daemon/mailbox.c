/* daemon/mailbox.c - a ring under one lock, and an eventfd that says "not empty". */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "daemon/mailbox.h"

struct mailbox {
	pthread_mutex_t lock; /* guards everything below but the sizes */
	pthread_cond_t not_full, not_empty;
	size_t item_size, capacity;
	size_t first, count;
	int fd;
	unsigned char ring[];
};

struct mailbox *mailbox_new(size_t item_size, size_t capacity)
{
	struct mailbox *m = calloc(1, sizeof(*m) + item_size * capacity);
	pthread_condattr_t attr;

	if (!m)
		return NULL;
	m->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (m->fd < 0) {
		free(m);
		return NULL;
	}
	m->item_size = item_size;
	m->capacity = capacity;
	pthread_mutex_init(&m->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&m->not_full, &attr);
	pthread_cond_init(&m->not_empty, &attr);
	pthread_condattr_destroy(&attr);
	return m;
}

void mailbox_free(struct mailbox *m)
{
	if (!m)
		return;
	close(m->fd);
	pthread_cond_destroy(&m->not_full);
	pthread_cond_destroy(&m->not_empty);
	pthread_mutex_destroy(&m->lock);
	free(m);
}

static void push(struct mailbox *m, const void *item)
{
	memcpy(m->ring + (m->first + m->count) % m->capacity * m->item_size, item, m->item_size);
	if (m->count++ == 0)
		(void)eventfd_write(m->fd, 1);
	pthread_cond_signal(&m->not_empty);
}

void mailbox_put(struct mailbox *m, const void *item)
{
	pthread_mutex_lock(&m->lock);
	while (m->count == m->capacity)
		pthread_cond_wait(&m->not_full, &m->lock);
	push(m, item);
	pthread_mutex_unlock(&m->lock);
}

bool mailbox_try_put(struct mailbox *m, const void *item)
{
	bool room;

	pthread_mutex_lock(&m->lock);
	room = m->count < m->capacity;
	if (room)
		push(m, item);
	pthread_mutex_unlock(&m->lock);
	return room;
}

static void pop(struct mailbox *m, void *item)
{
	eventfd_t ignored;

	memcpy(item, m->ring + m->first * m->item_size, m->item_size);
	m->first = (m->first + 1) % m->capacity;
	if (--m->count == 0)
		(void)eventfd_read(m->fd, &ignored);
	pthread_cond_signal(&m->not_full);
}

bool mailbox_take(struct mailbox *m, void *item)
{
	bool got;

	pthread_mutex_lock(&m->lock);
	got = m->count > 0;
	if (got)
		pop(m, item);
	pthread_mutex_unlock(&m->lock);
	return got;
}

bool mailbox_wait(struct mailbox *m, void *item, double timeout_s)
{
	struct timespec end;
	bool got;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += (time_t)timeout_s;
	end.tv_nsec += (long)((timeout_s - (double)(time_t)timeout_s) * 1e9);
	if (end.tv_nsec >= 1000000000L) {
		end.tv_sec++;
		end.tv_nsec -= 1000000000L;
	}
	pthread_mutex_lock(&m->lock);
	while (m->count == 0 && pthread_cond_timedwait(&m->not_empty, &m->lock, &end) != ETIMEDOUT)
		;
	got = m->count > 0;
	if (got)
		pop(m, item);
	pthread_mutex_unlock(&m->lock);
	return got;
}

int mailbox_fd(const struct mailbox *m)
{
	return m->fd;
}
