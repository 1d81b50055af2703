/* clients/libnudge/wire.c - request and subscriber sockets over ZeroMQ, every wait with a deadline. */
#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <zmq.h>

#include "clients/libnudge/wire_entrance.h"

/* How often a wait for a reply looks whether the connection still stands */
#define LOOK_MS     200
#define RECEIVE_HWM 4000 /* pages of at most 256 KiB */

struct wire {
	void *socket;
	bool requests;
	struct entrance *entrance; /* NULL: a subscriber on a Unix socket */
};

double wire_now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void *wire_context(void)
{
	return zmq_ctx_new();
}

void wire_context_free(void *context)
{
	if (context)
		zmq_ctx_term(context);
}

void frames_free(struct frames *frames)
{
	for (size_t i = 0; i < frames->n; i++)
		free(frames->list[i].bytes);
	free(frames->list);
	*frames = (struct frames){0};
}

/* Without ZMQ_IMMEDIATE: with it libzmq 4.3 takes a broken connection's queue away while a message of it is being read, and
 * then aborts (fq.cpp, !_more).  That nothing is sent without a connection is seen to in wire_send(). */
static struct wire *wire_open(void *context, int type, const char *endpoint,
			      const struct wire_keys *keys)
{
	bool tcp = strncmp(endpoint, "tcp://", 6) == 0;
	const int linger = 0, hwm = RECEIVE_HWM, again = 100;
	struct wire *w = calloc(1, sizeof(*w));
	int saved;

	if (!w)
		return NULL;
	w->requests = type == ZMQ_DEALER;
	w->socket = zmq_socket(context, type);
	if (w->socket && !zmq_setsockopt(w->socket, ZMQ_LINGER, &linger, sizeof(linger)) &&
	    !zmq_setsockopt(w->socket, ZMQ_RCVHWM, &hwm, sizeof(hwm)) &&
	    !zmq_setsockopt(w->socket, ZMQ_RECONNECT_IVL, &again, sizeof(again)) &&
	    ((!tcp && !w->requests) ||
	     (w->entrance = entrance_new(context, w->socket, endpoint, keys))) &&
	    !zmq_connect(w->socket, endpoint))
		return w;
	saved = errno;
	wire_close(w);
	errno = saved;
	return NULL;
}

struct wire *wire_request(void *context, const char *endpoint, const struct wire_keys *keys)
{
	return wire_open(context, ZMQ_DEALER, endpoint, keys);
}

struct wire *wire_subscriber(void *context, const char *endpoint, const struct wire_keys *keys)
{
	return wire_open(context, ZMQ_SUB, endpoint, keys);
}

void wire_close(struct wire *w)
{
	if (!w)
		return;
	entrance_free(w->entrance);
	if (w->socket)
		zmq_close(w->socket);
	free(w);
}

int wire_subscribe(struct wire *w, const char *topic)
{
	return zmq_setsockopt(w->socket, ZMQ_SUBSCRIBE, topic, strlen(topic)) < 0 ? -errno : 0;
}

/* Also lets the socket take leave of a connection that is gone: what is sent from here on goes to no such one */
static int connected(struct wire *w, bool *ret)
{
	int events;
	size_t size = sizeof(events);
	bool gone;

	entrance_hear(w->entrance);
	gone = entrance_broke(w->entrance);
	if (zmq_getsockopt(w->socket, ZMQ_EVENTS, &events, &size) < 0)
		return -errno;
	*ret = entrance_is_up(w->entrance) && !gone && (events & ZMQ_POLLOUT);
	return 0;
}

/* Milliseconds to wait now: until the deadline, rounded up, at most limit_ms; 0 when it has passed */
static long slice_ms(double deadline_s, long limit_ms)
{
	double left_ms = 1e3 * (deadline_s - wire_now_s());

	if (left_ms <= 0)
		return 0;
	return left_ms >= (double)limit_ms ? limit_ms : (long)left_ms + 1;
}

enum wire_entry wire_entry(const struct wire *w, int *ret_status)
{
	if (ret_status)
		*ret_status = 0;
	if (!w->entrance)
		return WIRE_ENTRY_OPEN;
	entrance_hear(w->entrance);
	return entrance_state(w->entrance, ret_status);
}

/* Waits for one of events on the socket, or for news of its connection.  0 or -errno */
static int await(struct wire *w, short events, long wait_ms)
{
	zmq_pollitem_t items[2] = {{.socket = w->socket, .events = events}, {.events = ZMQ_POLLIN}};
	int n = 1;

	if (w->entrance) {
		long due_ms = entrance_due_ms(w->entrance);

		items[n++].socket = entrance_socket(w->entrance);
		wait_ms = wait_ms < due_ms ? wait_ms : due_ms;
	}
	return zmq_poll(items, n, wait_ms) < 0 ? -errno : 0;
}

int wire_send(struct wire *w, const char *text, size_t n, double deadline_s)
{
	for (;;) {
		long wait_ms = slice_ms(deadline_s, 60000);
		bool stands;
		int r;

		entrance_hear(w->entrance);
		(void)entrance_broke(w->entrance); /* before this request: no matter */
		r = connected(w, &stands);
		if (r < 0)
			return r;
		if (stands && zmq_send(w->socket, text, n, ZMQ_DONTWAIT) >= 0)
			return 0;
		if (stands && errno != EAGAIN && errno != EINTR)
			return -errno;
		if (!stands && entrance_is_closed(w->entrance))
			return -EACCES;
		if (wait_ms == 0)
			return -ENOTCONN;
		/* a socket that is not up may say that it takes messages: only the monitor tells */
		r = await(w, entrance_is_up(w->entrance) ? ZMQ_POLLOUT : 0, wait_ms);
		if (r < 0 && r != -EINTR)
			return r;
	}
}

static int take_frame(struct frames *frames, zmq_msg_t *part)
{
	size_t size = zmq_msg_size(part);
	struct frame *list = realloc(frames->list, (frames->n + 1) * sizeof(*list));
	char *bytes = malloc(size + 1);

	if (list)
		frames->list = list;
	if (!list || !bytes) {
		free(bytes);
		return -ENOMEM;
	}
	memcpy(bytes, zmq_msg_data(part), size);
	bytes[size] = '\0';
	frames->list[frames->n++] = (struct frame){.bytes = bytes, .size = size};
	return 0;
}

/* -EAGAIN: nothing there.  The frames of a message arrive together. */
static int take_message(struct wire *w, struct frames *ret)
{
	struct frames frames = {0};
	bool more = true;

	while (more) {
		zmq_msg_t part;
		int r = 0;

		zmq_msg_init(&part);
		if (zmq_msg_recv(&part, w->socket, ZMQ_DONTWAIT) < 0)
			r = -errno;
		else
			r = take_frame(&frames, &part);
		more = r == 0 && zmq_msg_more(&part);
		zmq_msg_close(&part);
		if (r < 0) {
			frames_free(&frames);
			return r;
		}
	}
	*ret = frames;
	return 0;
}

int wire_receive(struct wire *w, double deadline_s, struct frames *ret)
{
	for (;;) {
		long wait_ms = slice_ms(deadline_s, w->requests ? LOOK_MS : 60000);
		bool stands = true;
		int r = take_message(w, ret);

		if (w->entrance)
			entrance_hear(w->entrance);
		if (r == 0 && w->entrance)
			entrance_passed(w->entrance);
		if (r != -EAGAIN)
			return r;
		if (w->requests) {
			r = connected(w, &stands);
			if (r < 0)
				return r;
		}
		if (!stands)
			return -ENOTCONN;
		if (!w->requests && w->entrance && !entrance_was_in(w->entrance) &&
		    entrance_is_closed(w->entrance))
			return -EACCES;
		if (wait_ms == 0)
			return -ETIMEDOUT;
		r = await(w, ZMQ_POLLIN, wait_ms);
		if (r < 0)
			return r;
	}
}
