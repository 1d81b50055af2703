/* clients/libnudge/wire.c - request and subscriber sockets over ZeroMQ, every wait with a deadline. */
#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <zmq.h>

#include "clients/libnudge/wire.h"

/* How often a wait for a reply looks whether the connection still stands.  One that broke may stand again by then:
 * that it broke is told by the socket's monitor. */
#define LOOK_MS     200
#define RECEIVE_HWM 4000 /* pages of at most 256 KiB */

struct wire {
	void *socket;
	void *monitor; /* of a request socket: tells that its connection broke */
	bool requests;
	bool up; /* by what the monitor told */
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

/* Before the connection is made, so that nothing is missed */
static int watch_connection(void *context, struct wire *w)
{
	char name[48];

	snprintf(name, sizeof(name), "inproc://wire.%p", (void *)w);
	if (zmq_socket_monitor(w->socket, name, ZMQ_EVENT_CONNECTED | ZMQ_EVENT_DISCONNECTED) < 0)
		return -1;
	w->monitor = zmq_socket(context, ZMQ_PAIR);
	return w->monitor ? zmq_connect(w->monitor, name) : -1;
}

/* Without ZMQ_IMMEDIATE: with it libzmq 4.3 takes a broken connection's queue away while a message of it is being read, and
 * then aborts (fq.cpp, !_more).  That nothing is sent without a connection is seen to in wire_send(). */
static struct wire *wire_open(void *context, int type, const char *endpoint)
{
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
	    (!w->requests || !watch_connection(context, w)) && !zmq_connect(w->socket, endpoint))
		return w;
	saved = errno;
	wire_close(w);
	errno = saved;
	return NULL;
}

struct wire *wire_request(void *context, const char *endpoint)
{
	return wire_open(context, ZMQ_DEALER, endpoint);
}

struct wire *wire_subscriber(void *context, const char *endpoint)
{
	return wire_open(context, ZMQ_SUB, endpoint);
}

void wire_close(struct wire *w)
{
	if (!w)
		return;
	if (w->socket)
		zmq_close(w->socket);
	if (w->monitor)
		zmq_close(w->monitor);
	free(w);
}

int wire_subscribe(struct wire *w, const char *topic)
{
	return zmq_setsockopt(w->socket, ZMQ_SUBSCRIBE, topic, strlen(topic)) < 0 ? -errno : 0;
}

/* Takes what the monitor has told.  Whether a connection broke since this was asked last. */
static bool broke(struct wire *w)
{
	bool any = false;

	for (;;) {
		uint16_t event;
		zmq_msg_t part;
		int n;

		zmq_msg_init(&part);
		n = zmq_msg_recv(&part, w->monitor, ZMQ_DONTWAIT);
		if (n >= (int)sizeof(event) &&
		    zmq_msg_more(&part)) { /* the other frame is the address */
			memcpy(&event, zmq_msg_data(&part), sizeof(event));
			w->up = event == ZMQ_EVENT_CONNECTED;
			any |= !w->up;
		}
		zmq_msg_close(&part);
		if (n < 0)
			return any;
	}
}

/* Also lets the socket take leave of a connection that is gone: what is sent from here on goes to no such one */
static int connected(struct wire *w, bool *ret)
{
	int events;
	size_t size = sizeof(events);
	bool gone = broke(w);

	if (zmq_getsockopt(w->socket, ZMQ_EVENTS, &events, &size) < 0)
		return -errno;
	*ret = w->up && !gone && (events & ZMQ_POLLOUT);
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

int wire_send(struct wire *w, const char *text, size_t n, double deadline_s)
{
	zmq_pollitem_t items[] = {
		{.socket = w->socket, .events = ZMQ_POLLOUT},
		{.socket = w->monitor, .events = ZMQ_POLLIN},
	};

	for (;;) {
		long wait_ms = slice_ms(deadline_s, 60000);
		bool stands;
		int r;

		(void)broke(w); /* before this request: no matter */
		r = connected(w, &stands);
		if (r < 0)
			return r;
		if (stands && zmq_send(w->socket, text, n, ZMQ_DONTWAIT) >= 0)
			return 0;
		if (stands && errno != EAGAIN && errno != EINTR)
			return -errno;
		if (wait_ms == 0)
			return -ENOTCONN;
		/* a socket that is not up may say that it takes messages: only the monitor tells */
		if (zmq_poll(w->up ? items : items + 1, w->up ? 2 : 1, wait_ms) < 0 &&
		    errno != EINTR)
			return -errno;
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
	zmq_pollitem_t items[] = {
		{.socket = w->socket, .events = ZMQ_POLLIN},
		{.socket = w->monitor, .events = ZMQ_POLLIN},
	};

	for (;;) {
		long wait_ms = slice_ms(deadline_s, w->requests ? LOOK_MS : 60000);
		bool stands = true;
		int r = take_message(w, ret);

		if (r != -EAGAIN)
			return r;
		if (w->requests) {
			r = connected(w, &stands);
			if (r < 0)
				return r;
		}
		if (!stands)
			return -ENOTCONN;
		if (wait_ms == 0)
			return -ETIMEDOUT;
		if (zmq_poll(items, w->monitor ? 2 : 1, wait_ms) < 0)
			return -errno;
	}
}
