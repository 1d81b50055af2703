/* daemon/door.c - CURVE, the ZAP handler, and who knocked in vain. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zmq.h>

#include "daemon/clock.h"
#include "daemon/door.h"
#include "daemon/log.h"
#include "daemon/place.h"

#define MOST_CONTEXTS 2
#define MOST_SOCKETS  3
#define DOMAIN        "nudged"
#define MOST_FRAMES   8
#define WINDOW_NS     (60 * 1000000000ll)
#define MOST_EACH     5
#define MOST_ALL      60
#define ADDRESSES     64

struct bucket {
	char name[144]; /* reason and address */
	int64_t since_ns;
	unsigned n;
};

struct door {
	struct auth *auth;
	struct mailbox *notes;
	void *handlers[MOST_CONTEXTS];
	size_t n_handlers;
	void *monitors[MOST_SOCKETS];
	size_t n_monitors;
	char last_peer[64]; /* who connected last, over TCP */
	struct bucket buckets[ADDRESSES], all;
	size_t next_bucket;
	unsigned left_out;
	int stop_fd;
	bool started;
	pthread_t thread;
};

/* ---- notes, not more than somebody can read ---- */

static bool draws(struct bucket *bucket, unsigned most, int64_t now_ns)
{
	if (now_ns - bucket->since_ns >= WINDOW_NS) {
		bucket->since_ns = now_ns;
		bucket->n = 0;
	}
	return bucket->n++ < most;
}

static struct bucket *bucket_of(struct door *door, const char *name)
{
	struct bucket *bucket;

	for (size_t i = 0; i < ADDRESSES; i++)
		if (strcmp(door->buckets[i].name, name) == 0)
			return &door->buckets[i];
	bucket = &door->buckets[door->next_bucket];
	door->next_bucket = (door->next_bucket + 1) % ADDRESSES;
	*bucket = (struct bucket){.since_ns = clock_now_ns()};
	snprintf(bucket->name, sizeof(bucket->name), "%s", name);
	return bucket;
}

static void tell(struct door *door, const char *address, const char *reason, const char *public_key)
{
	int64_t now_ns = clock_now_ns();
	struct door_note note = {.left_out = door->left_out};
	char name[144];

	snprintf(note.address, sizeof(note.address), "%.63s", address[0] ? address : "?");
	snprintf(note.reason, sizeof(note.reason), "%.63s", reason);
	snprintf(note.public_key, sizeof(note.public_key), "%.40s", public_key);
	snprintf(name, sizeof(name), "%s %s", note.reason, note.address);
	if (draws(bucket_of(door, name), MOST_EACH, now_ns) &&
	    draws(&door->all, MOST_ALL, now_ns) && mailbox_try_put(door->notes, &note))
		door->left_out = 0;
	else
		door->left_out++;
}

/* ---- ZAP: version, request id, domain, address, identity, mechanism, credentials ---- */

struct frames {
	zmq_msg_t list[MOST_FRAMES];
	size_t n; /* may be more than were kept */
};

static void receive(void *socket, struct frames *ret)
{
	bool more = true;

	ret->n = 0;
	while (more) {
		zmq_msg_t frame;

		zmq_msg_init(&frame);
		if (zmq_msg_recv(&frame, socket, ZMQ_DONTWAIT) < 0) {
			zmq_msg_close(&frame);
			break;
		}
		more = zmq_msg_more(&frame);
		if (ret->n < MOST_FRAMES) {
			zmq_msg_init(&ret->list[ret->n]);
			zmq_msg_move(&ret->list[ret->n], &frame);
		}
		ret->n++;
		zmq_msg_close(&frame);
	}
}

static void release(struct frames *frames)
{
	for (size_t i = 0; i < frames->n && i < MOST_FRAMES; i++)
		zmq_msg_close(&frames->list[i]);
}

static bool is(zmq_msg_t *frame, const char *text)
{
	return zmq_msg_size(frame) == strlen(text) &&
	       memcmp(zmq_msg_data(frame), text, strlen(text)) == 0;
}

static bool may_enter(struct door *door, struct frames *f, char public_key[KEY_CHARS + 1])
{
	struct authorized_key found;
	char address[64] = "";

	snprintf(address, sizeof(address), "%.*s",
		 (int)(zmq_msg_size(&f->list[3]) < 63 ? zmq_msg_size(&f->list[3]) : 63),
		 (const char *)zmq_msg_data(&f->list[3]));
	if (f->n != 7 || !is(&f->list[0], "1.0") || !is(&f->list[2], DOMAIN) ||
	    !is(&f->list[5], "CURVE") || zmq_msg_size(&f->list[6]) != 32) {
		tell(door, address, "no CURVE handshake", "");
		return false;
	}
	if (!zmq_z85_encode(public_key, zmq_msg_data(&f->list[6]), 32))
		return false;
	if (auth_find(door->auth, public_key, &found))
		return true;
	tell(door, address, "key not authorised", public_key);
	return false;
}

/* User-Id is the public key: whoever takes a letter looks up what that key may do by then. */
static void answer(struct door *door, void *socket)
{
	char public_key[KEY_CHARS + 1] = "";
	struct frames f;
	bool good;

	receive(socket, &f);
	if (f.n >= 6) {
		good = may_enter(door, &f, public_key);
		zmq_send(socket, "1.0", 3, ZMQ_SNDMORE);
		zmq_send(socket, zmq_msg_data(&f.list[1]), zmq_msg_size(&f.list[1]), ZMQ_SNDMORE);
		zmq_send(socket, good ? "200" : "400", 3, ZMQ_SNDMORE);
		zmq_send(socket, good ? "OK" : "key not authorised", good ? 2 : 18, ZMQ_SNDMORE);
		zmq_send(socket, public_key, good ? KEY_CHARS : 0, ZMQ_SNDMORE);
		zmq_send(socket, "", 0, 0);
	}
	release(&f);
}

/* ---- handshakes that never came as far as a key ---- */

/* The events of failed handshakes do not say with whom; the connection that was accepted last is the best guess. */
static void remember_peer(struct door *door, int fd)
{
	struct sockaddr_storage peer;
	socklen_t size = sizeof(peer);
	const void *bytes = NULL;

	if (getpeername(fd, (struct sockaddr *)&peer, &size) == 0) {
		if (peer.ss_family == AF_INET)
			bytes = &((struct sockaddr_in *)&peer)->sin_addr;
		if (peer.ss_family == AF_INET6)
			bytes = &((struct sockaddr_in6 *)&peer)->sin6_addr;
	}
	if (!bytes || !inet_ntop(peer.ss_family, bytes, door->last_peer, sizeof(door->last_peer)))
		door->last_peer[0] = '\0';
}

static void hear_event(struct door *door, void *socket)
{
	struct frames f;
	uint16_t event;
	uint32_t value;

	receive(socket, &f);
	if (f.n >= 2 && zmq_msg_size(&f.list[0]) >= 6 && zmq_msg_size(&f.list[1]) >= 6 &&
	    memcmp(zmq_msg_data(&f.list[1]), "tcp://", 6) == 0) {
		memcpy(&event, zmq_msg_data(&f.list[0]), sizeof(event));
		memcpy(&value, (const char *)zmq_msg_data(&f.list[0]) + 2, sizeof(value));
		if (event == ZMQ_EVENT_ACCEPTED)
			remember_peer(door, (int)value);
		else if (event == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL)
			tell(door, door->last_peer,
			     value == ZMQ_PROTOCOL_ERROR_ZMTP_MECHANISM_MISMATCH
				     ? "no CURVE: a client without a key"
			     : value == ZMQ_PROTOCOL_ERROR_ZMTP_CRYPTOGRAPHIC
				     ? "wrong server key"
				     : "no ZeroMQ handshake",
			     "");
		else if (event == ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL)
			tell(door, door->last_peer, "went away during the handshake", "");
	}
	release(&f);
}

/* ---- the thread ---- */

static void *run_door(void *argument)
{
	struct door *door = argument;
	zmq_pollitem_t items[1 + MOST_CONTEXTS + MOST_SOCKETS];
	size_t n = 0;

	items[n++] = (zmq_pollitem_t){.fd = door->stop_fd, .events = ZMQ_POLLIN};
	for (size_t i = 0; i < door->n_handlers; i++)
		items[n++] = (zmq_pollitem_t){.socket = door->handlers[i], .events = ZMQ_POLLIN};
	for (size_t i = 0; i < door->n_monitors; i++)
		items[n++] = (zmq_pollitem_t){.socket = door->monitors[i], .events = ZMQ_POLLIN};
	while (!items[0].revents) {
		if (zmq_poll(items, (int)n, -1) < 0)
			continue; /* EINTR */
		for (size_t i = 1; i < n; i++) {
			if (!items[i].revents)
				continue;
			if (i <= door->n_handlers)
				answer(door, items[i].socket);
			else
				hear_event(door, items[i].socket);
		}
	}
	return NULL;
}

int door_new(struct auth *auth, struct mailbox *notes, struct door **ret, struct problem *p)
{
	struct door *door = calloc(1, sizeof(*door));

	if (!door)
		return problem_set(p, PROBLEM_INTERNAL, "", "no memory for the door");
	door->auth = auth;
	door->notes = notes;
	door->stop_fd = eventfd(0, EFD_CLOEXEC);
	if (door->stop_fd < 0) {
		free(door);
		return problem_set(p, PROBLEM_INTERNAL, "", "no eventfd: %m");
	}
	*ret = door;
	return 0;
}

int door_serve(struct door *door, void *zmq_context, struct problem *p)
{
	void *handler;

	if (!auth_key_pair(door->auth))
		return 0;
	handler = zmq_socket(zmq_context, ZMQ_REP);
	if (!handler || zmq_bind(handler, "inproc://zeromq.zap.01") < 0) {
		if (handler)
			zmq_close(handler);
		return problem_set(p, PROBLEM_INTERNAL, "", "no handler of keys: %s",
				   zmq_strerror(zmq_errno()));
	}
	door->handlers[door->n_handlers++] = handler;
	return 0;
}

int door_start(struct door *door, struct problem *p)
{
	if (pthread_create(&door->thread, NULL, run_door, door) != 0)
		return problem_set(p, PROBLEM_INTERNAL, "", "no thread for the door");
	door->started = true;
	return 0;
}

void door_stop(struct door *door)
{
	if (!door)
		return;
	if (door->started) {
		(void)eventfd_write(door->stop_fd, 1);
		pthread_join(door->thread, NULL);
	}
	for (size_t i = 0; i < door->n_monitors; i++)
		zmq_close(door->monitors[i]);
	for (size_t i = 0; i < door->n_handlers; i++)
		zmq_close(door->handlers[i]);
	close(door->stop_fd);
	free(door);
}

/* ---- binding ---- */

static int watch(struct door *door, void *zmq_context, void *socket)
{
	const int events = ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
			   ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL;
	char name[32];
	void *monitor;

	snprintf(name, sizeof(name), "inproc://door.%zu", door->n_monitors);
	if (zmq_socket_monitor(socket, name, events) < 0)
		return -1;
	monitor = zmq_socket(zmq_context, ZMQ_PAIR);
	if (!monitor)
		return -1;
	if (zmq_connect(monitor, name) < 0) {
		zmq_close(monitor);
		return -1;
	}
	door->monitors[door->n_monitors++] = monitor;
	return 0;
}

/* What is set here holds for what is bound from now on: the Unix socket before it stays as it is. */
static int secure(struct door *door, void *zmq_context, void *socket)
{
	const struct key_pair *pair = auth_key_pair(door->auth);
	const int on = 1;

	if (!pair)
		return 0;
	if (zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &on, sizeof(on)) < 0 ||
	    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, pair->secret_key, KEY_CHARS + 1) < 0 ||
	    zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, DOMAIN, strlen(DOMAIN)) < 0)
		return -1;
	return watch(door, zmq_context, socket);
}

/* Between bind and chmod nobody is let in. */
static int bind_ipc(struct door *door, void *socket, const char *endpoint)
{
	mode_t mask = umask(0177);
	int r = zmq_bind(socket, endpoint);

	umask(mask);
	if (r == 0)
		place_open(auth_settings(door->auth), endpoint + 6, PLACE_SOCKET);
	return r;
}

static int bind_one(struct door *door, void *zmq_context, void *socket, const char *endpoint)
{
	const int on = 1;
	bool tcp = strncmp(endpoint, "tcp://", 6) == 0;

	if (tcp && endpoint[6] == '[' && zmq_setsockopt(socket, ZMQ_IPV6, &on, sizeof(on)) < 0)
		return -1;
	if (tcp && door && secure(door, zmq_context, socket) < 0)
		return -1;
	if (door && strncmp(endpoint, "ipc:///", 7) == 0)
		return bind_ipc(door, socket, endpoint);
	return zmq_bind(socket, endpoint);
}

int door_bind(struct door *door, void *zmq_context, void *socket, const char *endpoint,
	      const char *also, struct problem *p)
{
	const char *const all[] = {endpoint, also};

	for (size_t i = 0; i < 2; i++)
		if (all[i] && bind_one(door, zmq_context, socket, all[i]) < 0)
			return problem_set(p, PROBLEM_INTERNAL, "", "cannot bind %s: %s", all[i],
					   zmq_strerror(zmq_errno()));
	return 0;
}
