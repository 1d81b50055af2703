/* daemon/loop.c - zmq_poll over everything, then the timers that are due.
 *
 * A socket's ZMQ_FD is edge-triggered and says nothing about what was already there; zmq_poll() asks
 * ZMQ_EVENTS before it waits, so nothing is missed.
 */
#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "daemon/clock.h"
#include "daemon/loop.h"

struct source {
	loop_callback *callback;
	void *context;
};

struct loop_timer {
	struct loop_timer *next;
	loop_callback *callback;
	void *context;
	int64_t due_ns, period_ns; /* due_ns 0: off */
};

struct loop {
	zmq_pollitem_t *items;
	struct source *sources; /* beside items */
	size_t n, capacity;
	struct loop_timer *timers;
	loop_callback *after;
	void *after_context;
	unsigned changes; /* of items, so that a round in progress notices */
	bool quit;
};

struct loop *loop_new(void)
{
	return calloc(1, sizeof(struct loop));
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	while (loop->timers) {
		struct loop_timer *t = loop->timers;

		loop->timers = t->next;
		free(t);
	}
	free(loop->items);
	free(loop->sources);
	free(loop);
}

static size_t find(const struct loop *loop, int fd, const void *socket)
{
	size_t i;

	for (i = 0; i < loop->n; i++)
		if (loop->items[i].socket == socket && (socket || loop->items[i].fd == fd))
			break;
	return i;
}

static int grow(struct loop *loop)
{
	size_t capacity = loop->capacity ? 2 * loop->capacity : 16;
	zmq_pollitem_t *items = realloc(loop->items, capacity * sizeof(*items));
	struct source *sources;

	if (!items)
		return -ENOMEM;
	loop->items = items;
	sources = realloc(loop->sources, capacity * sizeof(*sources));
	if (!sources)
		return -ENOMEM;
	loop->sources = sources;
	loop->capacity = capacity;
	return 0;
}

static int add(struct loop *loop, int fd, void *socket, loop_callback *callback, void *context)
{
	int r;

	if (find(loop, fd, socket) < loop->n)
		return -EEXIST;
	if (loop->n == loop->capacity) {
		r = grow(loop);
		if (r < 0)
			return r;
	}
	loop->items[loop->n] = (zmq_pollitem_t){.socket = socket, .fd = fd, .events = ZMQ_POLLIN};
	loop->sources[loop->n] = (struct source){callback, context};
	loop->n++;
	loop->changes++;
	return 0;
}

int loop_add_fd(struct loop *loop, int fd, loop_callback *callback, void *context)
{
	return add(loop, fd, NULL, callback, context);
}

int loop_add_socket(struct loop *loop, void *zmq_socket, loop_callback *callback, void *context)
{
	return add(loop, -1, zmq_socket, callback, context);
}

static void take_out(struct loop *loop, size_t i)
{
	if (i == loop->n)
		return;
	loop->n--;
	memmove(loop->items + i, loop->items + i + 1, (loop->n - i) * sizeof(*loop->items));
	memmove(loop->sources + i, loop->sources + i + 1, (loop->n - i) * sizeof(*loop->sources));
	loop->changes++;
}

void loop_remove_fd(struct loop *loop, int fd)
{
	take_out(loop, find(loop, fd, NULL));
}

void loop_remove_socket(struct loop *loop, void *zmq_socket)
{
	take_out(loop, find(loop, -1, zmq_socket));
}

struct loop_timer *loop_timer_new(struct loop *loop, loop_callback *callback, void *context)
{
	struct loop_timer *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->callback = callback;
	t->context = context;
	t->next = loop->timers;
	loop->timers = t;
	return t;
}

void loop_timer_set(struct loop_timer *timer, int64_t when_ns)
{
	timer->due_ns = when_ns > 0 ? when_ns : 1;
	timer->period_ns = 0;
}

void loop_timer_every(struct loop_timer *timer, int64_t period_ns)
{
	timer->due_ns = clock_now_ns() + period_ns;
	timer->period_ns = period_ns;
}

void loop_timer_off(struct loop_timer *timer)
{
	timer->due_ns = 0;
}

void loop_set_after(struct loop *loop, loop_callback *callback, void *context)
{
	loop->after = callback;
	loop->after_context = context;
}

static long wait_ms(const struct loop *loop, int64_t timeout_ns)
{
	int64_t now = clock_now_ns(), end = timeout_ns < 0 ? INT64_MAX : now + timeout_ns;

	for (const struct loop_timer *t = loop->timers; t; t = t->next)
		if (t->due_ns && t->due_ns < end)
			end = t->due_ns;
	if (end == INT64_MAX)
		return -1;
	return end <= now ? 0 : (long)((end - now + 999999) / 1000000);
}

static void call_timers(struct loop *loop)
{
	int64_t now = clock_now_ns();

	for (struct loop_timer *t = loop->timers; t; t = t->next) {
		if (!t->due_ns || t->due_ns > now)
			continue;
		/* a period that was missed (a suspended machine) is not made up for */
		t->due_ns = t->period_ns ? now + t->period_ns : 0;
		t->callback(t->context);
	}
}

static void call_sources(struct loop *loop)
{
	unsigned changes = loop->changes;

	for (size_t i = 0; i < loop->n; i++) {
		if (!loop->items[i].revents)
			continue;
		loop->sources[i].callback(loop->sources[i].context);
		if (loop->changes != changes)
			return; /* places have moved: the next round finds the rest */
	}
}

int loop_once(struct loop *loop, int64_t timeout_ns)
{
	if (zmq_poll(loop->items, (int)loop->n, wait_ms(loop, timeout_ns)) < 0) {
		if (zmq_errno() != EINTR)
			return -zmq_errno();
		return 0;
	}
	call_sources(loop);
	call_timers(loop);
	if (loop->after)
		loop->after(loop->after_context);
	return 0;
}

int loop_run(struct loop *loop)
{
	int r = 0;

	loop->quit = false;
	while (r == 0 && !loop->quit)
		r = loop_once(loop, -1);
	return r;
}

void loop_quit(struct loop *loop)
{
	loop->quit = true;
}
