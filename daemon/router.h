/* daemon/router.h - a ROUTER socket: one request in, with its envelope; one reply out.
 *
 * The envelope is what came before the request's one JSON frame: the peer's identity, and whatever a REQ
 * socket or a proxy put there.  It is echoed as it came.
 */
#ifndef DAEMON_ROUTER_H
#define DAEMON_ROUTER_H

#include <stdbool.h>
#include <stddef.h>

#include <zmq.h>

#include "daemon/door.h"
#include "daemon/history.h"
#include "daemon/identity.h"
#include "protocol/problem.h"

#define ROUTER_MAX_ENVELOPE 8
#define ROUTER_HANDSHAKE_MS 10000 /* whoever says nothing for so long is no ZeroMQ peer */

struct envelope {
	zmq_msg_t frames[ROUTER_MAX_ENVELOPE];
	size_t n;
};
void envelope_clear(struct envelope *envelope);

struct letter {
	struct envelope envelope;
	zmq_msg_t body;
	bool shapeless; /* not one JSON frame behind an envelope */
	struct visitor visitor;
};

struct router {
	void *socket;
	struct identity identity;
};

/* Where a router is bound: also NULL: nowhere else; door NULL: open to all. */
struct router_place {
	const char *endpoint, *also;
	struct door *door;
	struct auth *auth;
};
int router_open(struct router *router, void *zmq_context, const struct router_place *place,
		struct problem *p);
void router_close(struct router *router);

/* 1: *ret is the next letter (its body is for zmq_msg_close(), its envelope for envelope_clear());
 * 0: none is there. */
int router_receive(struct router *router, struct letter *ret);

/* Sends text and the frames (NULL: none) behind the envelope, which is used up.  0, or -errno when the
 * peer is gone or does not read. */
int router_send(struct router *router, struct envelope *envelope, const char *text,
		const struct history_frames *frames);

#endif
