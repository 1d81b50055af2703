/* clients/libnudge/probe.c - resolves, connects, and reads the greeting of ZMTP 3 (RFC 23). */
#include "config.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clients/libnudge/probe.h"
#include "clients/libnudge/wire.h"

#define GREETING_BYTES  64
#define MECHANISM_AT    12
#define MECHANISM_BYTES 20

static void split(const char *endpoint, struct probe *ret)
{
	const char *host = endpoint + strlen("tcp://"), *colon = strrchr(host, ':');
	int n = (int)(colon - host);

	if (host[0] == '[' && n > 2) {
		host++;
		n -= 2;
	}
	snprintf(ret->host, sizeof(ret->host), "%.*s", n, host);
	snprintf(ret->port, sizeof(ret->port), "%s", colon + 1);
}

/* 0: it is ready; -ETIMEDOUT, -errno */
static int wait_for(int fd, short events, double deadline_s)
{
	struct pollfd item = {.fd = fd, .events = events};

	for (;;) {
		double left_ms = 1e3 * (deadline_s - wire_now_s());
		int n = poll(&item, 1, left_ms > 0 ? (int)left_ms + 1 : 0);

		if (n > 0)
			return 0;
		if (n == 0)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
	}
}

/* A descriptor, or -errno */
static int connect_to(const struct addrinfo *a, double deadline_s)
{
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), number = 0;
	socklen_t size = sizeof(number);
	int r = 0;

	if (fd < 0)
		return -errno;
	if (connect(fd, a->ai_addr, a->ai_addrlen) < 0) {
		r = errno == EINPROGRESS ? wait_for(fd, POLLOUT, deadline_s) : -errno;
		if (r == 0 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &size) < 0)
			r = -errno;
		if (r == 0)
			r = -number;
	}
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

/* So much of ours that the other side sends all of its own, and no word of a handshake. */
static bool greet(int fd, double deadline_s, char mechanism[MECHANISM_BYTES + 1])
{
	static const unsigned char ours[] = {0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3};
	unsigned char theirs[GREETING_BYTES];
	size_t n = 0;

	if (send(fd, ours, sizeof(ours), MSG_NOSIGNAL) != sizeof(ours))
		return false;
	while (n < sizeof(theirs)) {
		ssize_t got;

		if (wait_for(fd, POLLIN, deadline_s) < 0)
			return false;
		got = recv(fd, theirs + n, sizeof(theirs) - n, 0);
		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (got <= 0)
			return false;
		n += (size_t)got;
	}
	if (theirs[0] != 0xff || theirs[9] != 0x7f || theirs[10] < 3)
		return false;
	memcpy(mechanism, theirs + MECHANISM_AT, MECHANISM_BYTES);
	mechanism[MECHANISM_BYTES] = '\0';
	return true;
}

void probe_ask(const char *endpoint, double timeout_s, struct probe *ret)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_family = AF_INET}, *found;
	int fd, r;

	*ret = (struct probe){.end = PROBE_NO_NAME};
	split(endpoint, ret);
	if (strchr(ret->host, ':'))
		hints.ai_family = AF_INET6;
	r = getaddrinfo(ret->host, ret->port, &hints, &found);
	if (r != 0) {
		snprintf(ret->text, sizeof(ret->text), "%s", gai_strerror(r));
		return;
	}
	fd = connect_to(found, wire_now_s() + timeout_s);
	freeaddrinfo(found);
	if (fd < 0) {
		ret->end = PROBE_NO_CONNECT;
		ret->number = -fd;
		return;
	}
	ret->end = greet(fd, wire_now_s() + timeout_s, ret->mechanism) ? PROBE_GREETED
								       : PROBE_NO_GREETING;
	close(fd);
}
