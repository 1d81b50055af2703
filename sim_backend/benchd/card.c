/* sim_backend/benchd/card.c - the card's clients: a Unix socket, whole requests in, whole answers out, nobody waits. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "sim_backend/benchd/card.h"
#include "sim_backend/benchd/card_state.h"

struct client {
	int fd;      /* -1: nobody */
	bool ending; /* closed when what is due has been sent */
	size_t n_in, n_out, n_sent;
	struct {
		struct card_request head;
		struct card_instruction list[CARD_MOST_INSTRUCTIONS];
	} in;
	struct {
		struct card_reply head;
		uint32_t answers[CARD_MOST_ANSWERS];
	} out;
};

struct card {
	int fd;
	bool present; /* when last looked */
	struct sockaddr_un address;
	struct card_state state;
	struct client client[CARD_CLIENTS];
};

/* ---- opening ---- */

static int refuse(struct world_error *err, int error, const char *path, const char *why)
{
	snprintf(err->text, sizeof(err->text), "the card's socket %.150s: %s", path, why);
	return error;
}

/* A socket of a process that died is in the way of the next one */
static int clear_the_way(const struct sockaddr_un *address, struct world_error *err)
{
	struct stat there;
	bool served;
	int fd, r;

	if (lstat(address->sun_path, &there) < 0)
		return 0; /* nothing there; bind() tells of anything else */
	if (!S_ISSOCK(there.st_mode))
		return refuse(err, -EEXIST, address->sun_path,
			      "there is a file of this name: choose another");
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return refuse(err, -errno, address->sun_path, strerror(errno));
	r = connect(fd, (const struct sockaddr *)address, sizeof(*address));
	served = r == 0 || errno == EAGAIN; /* it may be busy */
	close(fd);
	if (served)
		return refuse(err, -EADDRINUSE, address->sun_path,
			      "another process serves it: stop that one or choose another");
	unlink(address->sun_path);
	return 0;
}

static int listen_at(struct card *card, const char *path, struct world_error *err)
{
	int r;

	if (strlen(path) >= sizeof(card->address.sun_path))
		return refuse(err, -ENAMETOOLONG, path, "longer than 107 bytes: choose a shorter");
	card->address.sun_family = AF_UNIX;
	strcpy(card->address.sun_path, path);
	r = clear_the_way(&card->address, err);
	if (r < 0)
		return r;
	card->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (card->fd >= 0 &&
	    bind(card->fd, (struct sockaddr *)&card->address, sizeof(card->address)) == 0 &&
	    listen(card->fd, CARD_CLIENTS) == 0)
		return 0;
	r = -errno;
	if (card->fd >= 0)
		close(card->fd);
	return refuse(err, r, path, strerror(-r));
}

int card_open(struct world *w, const char *path, struct card **ret, struct world_error *err)
{
	struct card *card = calloc(1, sizeof(*card));
	int r;

	if (!card)
		return refuse(err, -ENOMEM, path, "no memory");
	r = listen_at(card, path, err);
	if (r < 0) {
		free(card);
		return r;
	}
	card->state.world = w;
	card->present = true;
	card_state_reset(&card->state);
	for (size_t i = 0; i < CARD_CLIENTS; i++)
		card->client[i].fd = -1;
	*ret = card;
	return 0;
}

/* ---- clients ---- */

static void hang_up(struct card *card, struct client *client)
{
	for (unsigned i = 0; i < CARD_SUBDEVICES; i++)
		if (card->state.locked_by[i] == client - card->client)
			card->state.locked_by[i] = -1;
	close(client->fd);
	client->fd = -1;
}

void card_close(struct card *card)
{
	if (!card)
		return;
	for (size_t i = 0; i < CARD_CLIENTS; i++)
		if (card->client[i].fd >= 0)
			hang_up(card, &card->client[i]);
	close(card->fd);
	unlink(card->address.sun_path);
	free(card);
}

static void welcome(struct card *card)
{
	int fd = accept4(card->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return; /* it went away again */
	for (size_t i = 0; i < CARD_CLIENTS; i++) {
		struct client *client = &card->client[i];
		if (client->fd >= 0)
			continue;
		client->fd = fd;
		client->ending = false;
		client->n_in = client->n_out = client->n_sent = 0;
		card->state.counts.clients++;
		return;
	}
	close(fd);
}

static size_t size_of_request(const struct client *client)
{
	return sizeof(client->in.head) + client->in.head.count * sizeof(client->in.list[0]);
}

static void send_answer(struct card *card, struct client *client)
{
	while (client->n_sent < client->n_out) {
		ssize_t n = send(client->fd, (const char *)&client->out + client->n_sent,
				 client->n_out - client->n_sent, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return; /* card_pollfds() waits for room */
		if (n < 0) {
			hang_up(card, client);
			return;
		}
		client->n_sent += (size_t)n;
	}
	client->n_out = client->n_sent = 0;
	if (client->ending)
		hang_up(card, client);
}

/* The request is whole */
static void serve_request(struct card *card, struct client *client)
{
	int error = ENODEV;
	uint32_t n = 0;

	client->n_in = 0;
	if (card->present)
		error = card_do(&card->state, (int)(client - card->client), client->in.list,
				client->in.head.count, card_now_ns(), client->out.answers, &n);
	card->state.counts.requests++;
	card->state.counts.refused += error != 0;
	client->ending = error == ENODEV;
	client->out.head = (struct card_reply){.error = error, .count = n};
	client->n_out = sizeof(client->out.head) + n * sizeof(client->out.answers[0]);
	send_answer(card, client);
}

/* Reads no further than the request's end: the next one waits until this one is answered */
static void receive(struct card *card, struct client *client)
{
	for (;;) {
		size_t due = client->n_in < sizeof(client->in.head) ? sizeof(client->in.head)
								    : size_of_request(client);
		if (client->n_in == due) {
			serve_request(card, client);
			return;
		}
		ssize_t n =
			recv(client->fd, (char *)&client->in + client->n_in, due - client->n_in, 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			hang_up(card, client);
			return;
		}
		client->n_in += (size_t)n;
		if (client->n_in == sizeof(client->in.head) &&
		    (client->in.head.count == 0 ||
		     client->in.head.count > CARD_MOST_INSTRUCTIONS)) {
			hang_up(card, client); /* not this protocol */
			return;
		}
	}
}

/* Who had it open when it was unplugged has to open it anew, even if it is back */
static void look_for_the_card(struct card *card)
{
	bool present = world_card_present(card->state.world, card_now_ns());

	if (present == card->present)
		return;
	card->present = present;
	card_state_reset(&card->state);
	for (size_t i = 0; !present && i < CARD_CLIENTS; i++)
		if (card->client[i].fd >= 0)
			hang_up(card, &card->client[i]);
}

size_t card_pollfds(const struct card *card, struct pollfd ret[CARD_POLLFDS])
{
	size_t n = 0;

	ret[n++] = (struct pollfd){.fd = card->fd, .events = POLLIN};
	for (size_t i = 0; i < CARD_CLIENTS; i++) {
		const struct client *client = &card->client[i];
		if (client->fd >= 0)
			ret[n++] = (struct pollfd){.fd = client->fd,
						   .events = client->n_out ? POLLOUT : POLLIN};
	}
	return n;
}

static bool is_ready(const struct pollfd *fds, size_t n, int fd)
{
	for (size_t i = 0; i < n; i++)
		if (fds[i].fd == fd)
			return fds[i].revents != 0;
	return false;
}

void card_serve(struct card *card, const struct pollfd *fds, size_t n)
{
	look_for_the_card(card);
	for (size_t i = 0; i < CARD_CLIENTS; i++) {
		struct client *client = &card->client[i];
		if (client->fd < 0 || !is_ready(fds, n, client->fd))
			continue;
		if (client->n_out)
			send_answer(card, client);
		else
			receive(card, client);
	}
	if (is_ready(fds, n, card->fd))
		welcome(card);
}

void card_counts(const struct card *card, struct card_counts *ret)
{
	*ret = card->state.counts;
}
