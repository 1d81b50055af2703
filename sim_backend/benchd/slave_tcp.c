/* sim_backend/benchd/slave_tcp.c - Modbus TCP: listeners, clients, requests with their MBAP header. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sim_backend/benchd/slave.h"
#include "sim_backend/benchd/slave_tcp.h"
#include "sim_backend/benchd/world_impl.h"

enum { HEADER = 7, NO_ANSWER_FROM_TARGET = 11, ANY_UNIT = 255, BUFFER = 1024 };

struct listener {
	int fd; /* -1: closed, while it refuses connections */
	bool ready;
	long board; /* -1: of all */
	char place[108];
	struct sockaddr_storage address;
	socklen_t n_address;
};

struct client {
	int fd; /* -1: free */
	bool ready;
	size_t listener;
	uint8_t bytes[BUFFER];
	size_t n;
	struct slave_queue queue;
};

struct slave_tcp {
	struct world *world;
	struct listener *listener;
	size_t n_listeners;
	struct client client[SLAVE_TCP_CLIENTS];
};

/* ---- listeners ---- */

static int split(const char *place, char host[108], char port[16], struct world_error *err)
{
	const char *colon = strrchr(place, ':');
	size_t n = colon ? (size_t)(colon - place) : 0;

	if (!colon || n >= 108 || strlen(colon + 1) >= 16 || colon[1] == '\0')
		return world_fail(err, -EINVAL, "boards at '%s': not HOST:PORT", place);
	memcpy(host, place, n);
	host[n] = '\0';
	snprintf(port, 16, "%s", colon + 1);
	if (n > 1 && host[0] == '[' && host[n - 1] == ']') {
		memmove(host, host + 1, n - 2);
		host[n - 2] = '\0';
	}
	return 0;
}

static int find_address(struct listener *l, const char *place, struct world_error *err)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
	char host[108], port[16];
	struct addrinfo *found;
	int r = split(place, host, port, err);

	if (r < 0)
		return r;
	r = getaddrinfo(host[0] ? host : NULL, port, &hints, &found);
	if (r != 0)
		return world_fail(err, -EINVAL, "boards at '%s': %s", place, gai_strerror(r));
	memcpy(&l->address, found->ai_addr, found->ai_addrlen);
	l->n_address = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}

static int listen_at(struct listener *l)
{
	int one = 1, r;

	l->fd = socket(l->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		return -errno;
	setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(l->fd, (struct sockaddr *)&l->address, l->n_address) == 0 &&
	    listen(l->fd, 16) == 0 &&
	    getsockname(l->fd, (struct sockaddr *)&l->address, &l->n_address) == 0)
		return 0;
	r = -errno;
	close(l->fd);
	l->fd = -1;
	return r;
}

static void say_place(struct listener *l)
{
	char host[64], port[16];

	if (getnameinfo((struct sockaddr *)&l->address, l->n_address, host, sizeof(host), port,
			sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) == 0)
		snprintf(l->place, sizeof(l->place), strchr(host, ':') ? "[%s]:%s" : "%s:%s", host,
			 port);
}

static int open_listener(struct listener *l, const char *place, struct world_error *err)
{
	int r = find_address(l, place, err);

	if (r < 0)
		return r;
	r = listen_at(l);
	if (r < 0)
		return world_fail(err, r,
				  "boards at '%s': cannot listen: %s; name another place "
				  "with --tcp HOST:PORT",
				  place, strerror(-r));
	say_place(l);
	return 0;
}

int slave_tcp_open(struct world *w, const char (*place)[108], size_t n, struct slave_tcp **ret,
		   struct world_error *err)
{
	struct slave_tcp *s;
	int r = 0;

	if (n != 1 && n != world_boards(w))
		return world_fail(err, -EINVAL,
				  "boards.device names %zu places: name one, or one for each of "
				  "the %zu boards",
				  n, world_boards(w));
	s = calloc(1, sizeof(*s));
	if (s)
		s->listener = calloc(n, sizeof(*s->listener));
	if (!s || !s->listener) {
		free(s);
		return world_fail(err, -ENOMEM, "out of memory for %zu listeners", n);
	}
	s->world = w;
	for (size_t i = 0; i < SLAVE_TCP_CLIENTS; i++)
		s->client[i].fd = -1;
	for (size_t i = 0; r == 0 && i < n; i++) {
		s->listener[i].fd = -1;
		s->listener[i].board = n == 1 ? -1 : (long)i;
		r = open_listener(&s->listener[i], place[i], err);
		s->n_listeners = i + 1;
	}
	if (r < 0) {
		slave_tcp_close(s);
		return r;
	}
	*ret = s;
	return 0;
}

static void drop(struct client *c)
{
	close(c->fd);
	c->fd = -1;
	c->n = c->queue.n = 0;
}

void slave_tcp_close(struct slave_tcp *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < SLAVE_TCP_CLIENTS; i++)
		if (s->client[i].fd >= 0)
			drop(&s->client[i]);
	for (size_t i = 0; i < s->n_listeners; i++)
		if (s->listener[i].fd >= 0)
			close(s->listener[i].fd);
	free(s->listener);
	free(s);
}

const char *slave_tcp_place(const struct slave_tcp *s, size_t i)
{
	return s->listener[i].place;
}

/* ---- connections, and those that are refused ---- */

static bool refuses(const struct slave_tcp *s, const struct listener *l)
{
	if (l->board >= 0)
		return world_refuses_connection(s->world, (size_t)l->board);
	for (size_t i = 0; i < world_boards(s->world); i++)
		if (world_refuses_connection(s->world, i))
			return true;
	return false;
}

static void shut(struct slave_tcp *s, size_t i)
{
	close(s->listener[i].fd);
	s->listener[i].fd = -1;
	for (size_t k = 0; k < SLAVE_TCP_CLIENTS; k++)
		if (s->client[k].fd >= 0 && s->client[k].listener == i)
			drop(&s->client[k]);
}

static void take_in(struct slave_tcp *s, size_t i)
{
	int fd, one = 1;

	while ((fd = accept4(s->listener[i].fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct client *room = NULL;

		for (size_t k = 0; !room && k < SLAVE_TCP_CLIENTS; k++)
			if (s->client[k].fd < 0)
				room = &s->client[k];
		if (!room) {
			close(fd);
			continue;
		}
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		room->fd = fd;
		room->listener = i;
	}
}

static void attend(struct slave_tcp *s, size_t i)
{
	struct listener *l = &s->listener[i];
	bool refused = refuses(s, l);

	if (refused && l->fd >= 0)
		shut(s, i);
	else if (!refused && l->fd < 0)
		listen_at(l); /* tried again next time */
	if (l->fd >= 0 && l->ready)
		take_in(s, i);
}

/* ---- requests ---- */

static void put_word(uint8_t *bytes, size_t value)
{
	bytes[0] = (uint8_t)(value >> 8);
	bytes[1] = (uint8_t)value;
}

/* There is no CRC on TCP: that fault leaves the answer as it is. */
static void answer(struct client *c, const uint8_t *header, const struct slave_answer *a,
		   int64_t now_ns)
{
	uint8_t bytes[SLAVE_BYTES];
	size_t n = HEADER + a->n;

	if (a->n == 0)
		return;
	memcpy(bytes, header, 4);
	if (a->address != header[6]) /* another's answer is one to another request */
		bytes[1] ^= 1;
	put_word(bytes + 4, a->n + 1);
	bytes[6] = a->address;
	memcpy(bytes + HEADER, a->pdu, a->n);
	slave_queue_put(&c->queue, now_ns + (int64_t)(a->late_s * 1e9), bytes, a->half ? n / 2 : n);
}

/* A listener of one board answers to that board's address, and to 255 and 0, by which TCP means whoever is there. */
static long find_board(const struct slave_tcp *s, const struct listener *l, uint8_t unit)
{
	unsigned own = l->board >= 0 ? world_config(s->world)->boards.address[l->board] : 0;

	if (l->board < 0)
		return slave_find(s->world, unit);
	return unit == own || unit == 0 || unit == ANY_UNIT ? slave_find(s->world, own) : -1;
}

static void take(struct slave_tcp *s, struct client *c, const uint8_t *header, size_t n,
		 int64_t now_ns)
{
	const struct listener *l = &s->listener[c->listener];
	uint8_t unit = header[6];
	const uint8_t *pdu = header + HEADER;
	struct slave_answer a = {.address = unit};
	long board = find_board(s, l, unit);

	if (l->board < 0 && unit == MODBUS_BROADCAST)
		slave_broadcast(s->world, pdu, n, now_ns);
	else if (board >= 0)
		slave_ask(s->world, (size_t)board, unit, pdu, n, now_ns, &a);
	else
		a.n = modbus_pdu_exception(pdu[0], NO_ANSWER_FROM_TARGET, a.pdu);
	answer(c, header, &a, now_ns);
}

/* Whole requests that are there; false: that is no Modbus. */
static bool take_all(struct slave_tcp *s, struct client *c, int64_t now_ns)
{
	while (c->n >= HEADER) {
		size_t n = (size_t)(c->bytes[4] << 8 | c->bytes[5]);

		if (c->bytes[2] || c->bytes[3] || n < 2 || n > MODBUS_PDU + 1)
			return false;
		if (c->n < n + HEADER - 1)
			return true;
		take(s, c, c->bytes, n - 1, now_ns);
		c->n -= n + HEADER - 1;
		memmove(c->bytes, c->bytes + n + HEADER - 1, c->n);
	}
	return true;
}

static void receive(struct slave_tcp *s, struct client *c, int64_t now_ns)
{
	for (;;) {
		ssize_t n = recv(c->fd, c->bytes + c->n, sizeof(c->bytes) - c->n, MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			drop(c);
			return;
		}
		c->n += (size_t)n;
		if (!take_all(s, c, now_ns)) {
			drop(c);
			return;
		}
	}
}

static void send_due(struct client *c, int64_t now_ns)
{
	uint8_t bytes[SLAVE_BYTES];
	size_t n;

	while (c->fd >= 0 && (n = slave_queue_take(&c->queue, now_ns, bytes)) > 0)
		if (send(c->fd, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)n)
			drop(c);
}

static bool is_ready(int fd, const struct pollfd *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fds[i].fd == fd)
			return fds[i].revents != 0;
	return false;
}

void slave_tcp_serve(struct slave_tcp *s, const struct pollfd *fds, size_t n, int64_t now_ns)
{
	for (size_t i = 0; i < s->n_listeners; i++)
		s->listener[i].ready = is_ready(s->listener[i].fd, fds, n);
	for (size_t i = 0; i < SLAVE_TCP_CLIENTS; i++)
		s->client[i].ready = s->client[i].fd >= 0 && is_ready(s->client[i].fd, fds, n);
	for (size_t i = 0; i < s->n_listeners; i++)
		attend(s, i);
	for (size_t i = 0; i < SLAVE_TCP_CLIENTS; i++) {
		if (s->client[i].fd >= 0 && s->client[i].ready)
			receive(s, &s->client[i], now_ns);
		if (s->client[i].fd >= 0)
			send_due(&s->client[i], now_ns);
	}
}

size_t slave_tcp_pollfds(const struct slave_tcp *s, struct pollfd ret[SLAVE_TCP_POLLFDS])
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_listeners; i++)
		if (s->listener[i].fd >= 0)
			ret[n++] = (struct pollfd){.fd = s->listener[i].fd, .events = POLLIN};
	for (size_t i = 0; i < SLAVE_TCP_CLIENTS; i++)
		if (s->client[i].fd >= 0)
			ret[n++] = (struct pollfd){.fd = s->client[i].fd, .events = POLLIN};
	return n;
}

int64_t slave_tcp_due_ns(const struct slave_tcp *s)
{
	int64_t due_ns = INT64_MAX;

	for (size_t i = 0; i < SLAVE_TCP_CLIENTS; i++)
		if (s->client[i].fd >= 0 && slave_queue_due_ns(&s->client[i].queue) < due_ns)
			due_ns = slave_queue_due_ns(&s->client[i].queue);
	return due_ns;
}
