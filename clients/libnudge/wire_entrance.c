/* clients/libnudge/wire_entrance.c - CURVE on a client's socket, and what becomes of its handshakes. */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zmq.h>

#include "clients/libnudge/wire_entrance.h"

#define AGAIN_S      2.0 /* between knocks after libzmq has given up: a refused key may be added yet */
#define AGAIN_MAX_MS 1000 /* libzmq's own knocks, at the slowest */
#define MOST_DROPS   2    /* one may be a server that was just going down */

#define EVENTS                                                                                     \
	(ZMQ_EVENT_CONNECTED | ZMQ_EVENT_CONNECT_RETRIED | ZMQ_EVENT_DISCONNECTED |                \
	 ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |                         \
	 ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL)

struct entrance {
	void *socket, *monitor;
	char endpoint[192];
	enum wire_entry state;
	int status;     /* ZAP's */
	unsigned drops; /* one after the other */
	bool connected; /* TCP connected, since libzmq knocked last */
	bool shaking;   /* and the handshake has not ended */
	bool tcp, up, broke;
	bool was_in;        /* a handshake went well, at some time */
	double reconnect_s; /* when to knock by ourselves; 0: libzmq does */
};

/* ---- keys ---- */

bool wire_has_curve(void)
{
	return zmq_has("curve");
}

bool wire_make_pair(struct key_pair *ret)
{
	return zmq_curve_keypair(ret->public_key, ret->secret_key) == 0;
}

bool wire_is_pair(const struct key_pair *pair)
{
	char public_key[KEY_CHARS + 1];

	return zmq_curve_public(public_key, pair->secret_key) == 0 &&
	       strcmp(public_key, pair->public_key) == 0;
}

static int set_keys(void *socket, const struct wire_keys *keys)
{
	if (!keys || !keys->server_key[0])
		return 0;
	if (zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, keys->server_key, KEY_CHARS + 1) < 0 ||
	    zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, keys->own.public_key, KEY_CHARS + 1) < 0 ||
	    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, keys->own.secret_key, KEY_CHARS + 1) < 0)
		return -errno;
	return 0;
}

/* ---- the monitor ---- */

/* Without a limit to what waits there: at a limit libzmq's own thread would stand still until somebody reads. */
static int listen_in(struct entrance *e, void *context)
{
	const int linger = 0, no_limit = 0;
	char name[40];

	snprintf(name, sizeof(name), "inproc://entrance.%p", (void *)e);
	if (zmq_socket_monitor(e->socket, name, EVENTS) < 0)
		return -errno;
	e->monitor = zmq_socket(context, ZMQ_PAIR);
	if (!e->monitor || zmq_setsockopt(e->monitor, ZMQ_LINGER, &linger, sizeof(linger)) < 0 ||
	    zmq_setsockopt(e->monitor, ZMQ_RCVHWM, &no_limit, sizeof(no_limit)) < 0 ||
	    zmq_connect(e->monitor, name) < 0)
		return -errno;
	return 0;
}

struct entrance *entrance_new(void *context, void *socket, const char *endpoint,
			      const struct wire_keys *keys)
{
	const int most_ms = AGAIN_MAX_MS, on = 1;
	struct entrance *e = calloc(1, sizeof(*e));
	int r = 0;

	if (!e)
		return NULL;
	e->socket = socket;
	snprintf(e->endpoint, sizeof(e->endpoint), "%s", endpoint);
	/* a name keeps to IPv4: libzmq tries its first address alone, and a server listens on one kind */
	e->tcp = strncmp(endpoint, "tcp://", 6) == 0;
	if (e->tcp &&
	    (zmq_setsockopt(socket, ZMQ_RECONNECT_IVL_MAX, &most_ms, sizeof(most_ms)) < 0 ||
	     (endpoint[strlen("tcp://")] == '[' &&
	      zmq_setsockopt(socket, ZMQ_IPV6, &on, sizeof(on)) < 0)))
		r = -errno;
	if (r == 0 && e->tcp)
		r = set_keys(socket, keys);
	if (r == 0)
		r = listen_in(e, context);
	if (r == 0)
		return e;
	entrance_free(e);
	errno = -r;
	return NULL;
}

void entrance_free(struct entrance *e)
{
	if (!e)
		return;
	zmq_socket_monitor(e->socket, NULL, 0);
	if (e->monitor)
		zmq_close(e->monitor);
	free(e);
}

void *entrance_socket(const struct entrance *e)
{
	return e->monitor;
}

long entrance_due_ms(const struct entrance *e)
{
	double left_ms = 1e3 * (e->reconnect_s - wire_now_s());

	if (e->reconnect_s == 0)
		return LONG_MAX;
	return left_ms > 0 ? (long)left_ms + 1 : 0;
}

/* ---- what it says ---- */

/* What libzmq takes for an error of protocol ends its own knocking, for good. */
static void given_up(struct entrance *e, enum wire_entry state)
{
	e->state = state;
	e->shaking = false;
	e->reconnect_s = wire_now_s() + AGAIN_S;
}

void entrance_passed(struct entrance *e)
{
	e->shaking = false;
	e->was_in = true;
	e->drops = 0;
	e->state = WIRE_ENTRY_OPEN;
}

static void take_event(struct entrance *e, unsigned event, unsigned value)
{
	switch (event) {
	case ZMQ_EVENT_CONNECTED:
		e->connected = e->shaking = true;
		break;
	case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
		entrance_passed(e);
		e->up = true;
		break;
	case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
		e->shaking = false;
		if (++e->drops >= MOST_DROPS)
			e->state = WIRE_ENTRY_DROPPED;
		break;
	case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
		e->status = (int)value;
		given_up(e, WIRE_ENTRY_REFUSED);
		break;
	case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
		given_up(e, WIRE_ENTRY_FOREIGN);
		break;
	case ZMQ_EVENT_DISCONNECTED:
		e->broke |= e->up;
		e->up = false;
		if (e->shaking) /* an end without a word: it is not ZeroMQ of our days */
			given_up(e, WIRE_ENTRY_FOREIGN);
		break;
	case ZMQ_EVENT_CONNECT_RETRIED: /* follows a drop, too */
		if (!e->connected) {
			e->state = WIRE_ENTRY_NOBODY;
			e->drops = 0;
		}
		e->connected = false;
		break;
	default:
		break;
	}
}

/* false: nothing there */
static bool hear_one(struct entrance *e)
{
	unsigned char bytes[6];
	uint16_t event;
	uint32_t value;
	char address[256];
	int n = zmq_recv(e->monitor, bytes, sizeof(bytes), ZMQ_DONTWAIT);

	if (n < 0)
		return errno == EINTR;
	memcpy(&event, bytes, sizeof(event));
	memcpy(&value, bytes + 2, sizeof(value));
	(void)zmq_recv(e->monitor, address, sizeof(address), ZMQ_DONTWAIT);
	if (n == (int)sizeof(bytes))
		take_event(e, event, value);
	return true;
}

void entrance_hear(struct entrance *e)
{
	while (hear_one(e))
		;
	if (e->reconnect_s == 0 || wire_now_s() < e->reconnect_s)
		return;
	e->reconnect_s = 0;
	(void)zmq_disconnect(e->socket, e->endpoint); /* ENOENT: it is forgotten already */
	if (zmq_connect(e->socket, e->endpoint) < 0)
		e->reconnect_s = wire_now_s() + AGAIN_S;
}

enum wire_entry entrance_state(const struct entrance *e, int *ret_status)
{
	if (ret_status)
		*ret_status = e->state == WIRE_ENTRY_REFUSED ? e->status : 0;
	return e->state;
}

bool entrance_is_up(const struct entrance *e)
{
	return e->up;
}

bool entrance_broke(struct entrance *e)
{
	bool broke = e->broke;

	e->broke = false;
	return broke;
}

bool entrance_was_in(const struct entrance *e)
{
	return e->was_in;
}

bool entrance_is_closed(const struct entrance *e)
{
	if (!e->tcp)
		return false;
	switch (e->state) {
	case WIRE_ENTRY_OPEN:
		return false;
	case WIRE_ENTRY_NOBODY: /* a restarted server comes back */
		return !e->was_in;
	case WIRE_ENTRY_DROPPED:
	case WIRE_ENTRY_FOREIGN:
	case WIRE_ENTRY_REFUSED:
		return true;
	}
	return false;
}
