/* daemon/router.c - frames in and out, with every count and size bounded. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "daemon/router.h"
#include "protocol/request.h"

/* A little more than a request may have, so that one that is too long still gets its answer. */
#define MAX_FRAME (REQUEST_MAX_BYTES + 65536)
/* A peer that sends faster than it is served waits in its own socket. */
#define WAITING_IN  64
#define WAITING_OUT 1024

static int set_int(void *socket, int option, int value)
{
	return zmq_setsockopt(socket, option, &value, sizeof(value));
}

static int set_up(struct router *router)
{
	const int64_t largest = MAX_FRAME;

	if (set_int(router->socket, ZMQ_SNDHWM, WAITING_OUT) < 0 ||
	    set_int(router->socket, ZMQ_RCVHWM, WAITING_IN) < 0 ||
	    set_int(router->socket, ZMQ_LINGER, 500) < 0 ||
	    set_int(router->socket, ZMQ_ROUTER_MANDATORY, 1) < 0 ||
	    set_int(router->socket, ZMQ_HANDSHAKE_IVL, ROUTER_HANDSHAKE_MS) < 0 ||
	    zmq_setsockopt(router->socket, ZMQ_MAXMSGSIZE, &largest, sizeof(largest)) < 0)
		return -1;
	return 0;
}

int router_open(struct router *router, void *zmq_context, const struct router_place *place,
		struct problem *p)
{
	int r;

	memset(router, 0, sizeof(*router));
	router->identity.auth = place->auth;
	router->socket = zmq_socket(zmq_context, ZMQ_ROUTER);
	if (!router->socket || set_up(router) < 0)
		r = problem_set(p, PROBLEM_INTERNAL, "", "no socket for %s: %s", place->endpoint,
				zmq_strerror(zmq_errno()));
	else
		r = door_bind(place->door, zmq_context, router->socket, place->endpoint,
			      place->also, p);
	if (r < 0)
		router_close(router);
	return r;
}

void router_close(struct router *router)
{
	if (router->socket)
		zmq_close(router->socket);
	router->socket = NULL;
}

void envelope_clear(struct envelope *envelope)
{
	for (size_t i = 0; i < envelope->n; i++)
		zmq_msg_close(&envelope->frames[i]);
	envelope->n = 0;
}

/* The last frame is the request; the ones before it are the envelope.  Frames beyond what an envelope may
 * have are read and thrown away. */
static void keep_frame(struct letter *letter, zmq_msg_t *frame, bool last)
{
	struct envelope *e = &letter->envelope;

	if (last) {
		zmq_msg_move(&letter->body, frame);
	} else if (e->n < ROUTER_MAX_ENVELOPE) {
		zmq_msg_init(&e->frames[e->n]);
		zmq_msg_move(&e->frames[e->n], frame);
		e->n++;
	} else {
		letter->shapeless = true;
	}
	zmq_msg_close(frame);
}

/* An identity alone, or identities closed by REQ's empty frame. */
static bool good_envelope(struct envelope *e)
{
	return e->n == 1 || (e->n > 1 && zmq_msg_size(&e->frames[e->n - 1]) == 0);
}

/* Answers go to the peer at least: to its identity, and the empty frame if that came next. */
static void cut_envelope(struct envelope *e)
{
	size_t keep = e->n > 1 && zmq_msg_size(&e->frames[1]) == 0 ? 2 : 1;

	while (e->n > keep)
		zmq_msg_close(&e->frames[--e->n]);
}

int router_receive(struct router *router, struct letter *ret)
{
	bool more = true;

	memset(ret, 0, sizeof(*ret));
	zmq_msg_init(&ret->body);
	while (more) {
		zmq_msg_t frame;

		zmq_msg_init(&frame);
		if (zmq_msg_recv(&frame, router->socket, ZMQ_DONTWAIT) < 0) {
			zmq_msg_close(&frame);
			zmq_msg_close(&ret->body);
			envelope_clear(&ret->envelope);
			return 0;
		}
		more = zmq_msg_more(&frame);
		if (!more)
			identity_of(&router->identity, zmq_msg_gets(&frame, "Peer-Address"),
				    zmq_msg_gets(&frame, "User-Id"), &ret->visitor);
		keep_frame(ret, &frame, !more);
	}
	if (ret->shapeless || !good_envelope(&ret->envelope)) {
		ret->shapeless = true;
		cut_envelope(&ret->envelope);
	}
	return 1;
}

static int send_frame(struct router *router, const void *bytes, size_t size, bool more)
{
	return zmq_send(router->socket, bytes, size, ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0));
}

int router_send(struct router *router, struct envelope *envelope, const char *text,
		const struct history_frames *frames)
{
	size_t n_frames = frames ? frames->n : 0;
	int r = 0;

	/* the identity alone can fail: what follows belongs to the same message */
	for (size_t i = 0; i < envelope->n && r == 0; i++)
		if (zmq_msg_send(&envelope->frames[i], router->socket, ZMQ_DONTWAIT | ZMQ_SNDMORE) <
		    0)
			r = -zmq_errno();
	envelope_clear(envelope);
	if (r < 0)
		return r;
	if (send_frame(router, text, strlen(text), n_frames > 0) < 0)
		return -zmq_errno();
	for (size_t i = 0; i < n_frames; i++)
		if (send_frame(router, frames->frames[i].bytes, frames->frames[i].size,
			       i + 1 < n_frames) < 0)
			return -zmq_errno();
	return 0;
}
