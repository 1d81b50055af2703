/* sim_backend/benchd/control.c - the control socket: connections and lines. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "sim_backend/benchd/control.h"
#include "sim_backend/benchd/world_impl.h"
#include "sim_backend/clock.h"

enum { LINE = 4096 };

struct client {
	int fd; /* -1: free */
	bool waits;
	struct control_wait wait;
	char line[LINE];
	size_t n;
};

struct control {
	struct world *world;
	int fd;
	struct sockaddr_un address;
	struct client client[CONTROL_CLIENTS];
};

static int try_bind(struct control *c, int *ret_fd)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), r;

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&c->address, sizeof(c->address)) == 0 &&
	    listen(fd, CONTROL_CLIENTS) == 0) {
		*ret_fd = fd;
		return 0;
	}
	r = -errno;
	close(fd);
	return r;
}

/* A socket that nobody serves is what a killed one left behind. */
static bool is_leftover(const struct control *c)
{
	struct stat st;
	int fd, r;

	if (lstat(c->address.sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	r = connect(fd, (const struct sockaddr *)&c->address, sizeof(c->address));
	r = r < 0 ? -errno : 0;
	close(fd);
	return r == -ECONNREFUSED;
}

int control_open(struct world *w, const char *path, struct control **ret, struct world_error *err)
{
	struct control *c;
	int r;

	if (strlen(path) >= sizeof(c->address.sun_path))
		return world_fail(err, -ENAMETOOLONG,
				  "%s: a socket's path has at most %zu bytes: name a shorter one "
				  "with --control PATH or --dir DIR",
				  path, sizeof(c->address.sun_path) - 1);
	c = calloc(1, sizeof(*c));
	if (!c)
		return world_fail(err, -ENOMEM, "out of memory for %s", path);
	c->world = w;
	c->address.sun_family = AF_UNIX;
	strcpy(c->address.sun_path, path);
	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		c->client[i].fd = -1;
	r = try_bind(c, &c->fd);
	if (r == -EADDRINUSE && is_leftover(c)) {
		unlink(path);
		r = try_bind(c, &c->fd);
	}
	if (r < 0) {
		free(c);
		return world_fail(err, r, "%s: cannot listen: %s%s", path, strerror(-r),
				  r == -EADDRINUSE ? "; another nudge-benchd? Use another --dir"
						   : "; name another place with --control PATH");
	}
	*ret = c;
	return 0;
}

static void drop(struct client *client)
{
	close(client->fd);
	client->fd = -1;
	client->n = 0;
	client->waits = false;
}

void control_close(struct control *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		if (c->client[i].fd >= 0)
			drop(&c->client[i]);
	close(c->fd);
	unlink(c->address.sun_path);
	free(c);
}

size_t control_pollfds(const struct control *c, struct pollfd ret[CONTROL_POLLFDS])
{
	size_t n = 0;

	ret[n++] = (struct pollfd){.fd = c->fd, .events = POLLIN};
	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		if (c->client[i].fd >= 0)
			ret[n++] = (struct pollfd){.fd = c->client[i].fd, .events = POLLIN};
	return n;
}

/* ---- lines ---- */

static bool say(int fd, const char *text, size_t n)
{
	while (n > 0) {
		ssize_t sent = send(fd, text, n, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return false;
		text += sent;
		n -= (size_t)sent;
	}
	return true;
}

/* Answers are short beside a socket's buffer: one that does not fit has no reader. */
static bool answer(struct control *c, struct client *client, const char *line)
{
	char *text = control_answer(c->world, line, clock_monotonic_ns());
	bool said = text && say(client->fd, text, strlen(text)) && say(client->fd, "\n", 1);

	free(text);
	return said;
}

/* Those after a wait wait, too. */
static bool take_lines(struct control *c, struct client *client)
{
	char *end;

	while (!client->waits && (end = memchr(client->line, '\n', client->n)) != NULL) {
		size_t n = (size_t)(end - client->line) + 1;

		*end = '\0';
		client->waits = control_reads_wait(client->line, &client->wait);
		if (!client->waits && !answer(c, client, client->line))
			return false;
		client->n -= n;
		memmove(client->line, client->line + n, client->n);
	}
	return client->n < sizeof(client->line);
}

static void end_wait(struct control *c, struct client *client)
{
	char text[64];
	int n;

	if (!client->waits || !control_wait_is_over(c->world, &client->wait))
		return;
	client->waits = false;
	n = snprintf(text, sizeof(text), "{\"ok\":true,\"ticks\":%llu}\n",
		     (unsigned long long)world_ticks(c->world));
	if (!say(client->fd, text, (size_t)n) || !take_lines(c, client))
		drop(client);
}

static void receive(struct control *c, struct client *client)
{
	ssize_t n = recv(client->fd, client->line + client->n, sizeof(client->line) - client->n,
			 MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		client->n += (size_t)n;
	if (n <= 0 || !take_lines(c, client))
		drop(client);
}

/* Blocking from here on: answers are a few kilobytes. */
static void take_in(struct control *c)
{
	int fd = accept4(c->fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		if (c->client[i].fd < 0) {
			c->client[i].fd = fd;
			return;
		}
	close(fd);
}

void control_serve(struct control *c, const struct pollfd *fds, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!fds[i].revents)
			continue;
		if (fds[i].fd == c->fd)
			take_in(c);
		for (size_t k = 0; k < CONTROL_CLIENTS; k++)
			if (c->client[k].fd >= 0 && c->client[k].fd == fds[i].fd) {
				receive(c, &c->client[k]);
				break;
			}
	}
	for (size_t k = 0; k < CONTROL_CLIENTS; k++)
		end_wait(c, &c->client[k]);
}
