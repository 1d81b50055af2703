/* sim_backend/benchd/standin/standin_open.c - opens, asks and closes: a device is a connection to nudge-benchd. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <comedi_errno.h>

#include "sim_backend/benchd/standin/standin.h"

enum { MAGIC = 0x57a4d11, ANSWERS_WITHIN_S = 10 };

static const unsigned unit_volt = 0;

bool standin_has(const comedi_t *it)
{
	return (it && it->magic == MAGIC) || standin_fail_internal(EBAD_CT) == 0;
}

bool standin_has_subdevice(const comedi_t *it, unsigned subdevice)
{
	return standin_has(it) &&
	       (subdevice < CARD_SUBDEVICES || standin_fail_internal(EINVAL_SUBD) == 0);
}

bool standin_has_channel(const comedi_t *it, unsigned subdevice, unsigned channel)
{
	return standin_has_subdevice(it, subdevice) &&
	       (channel < it->n_channels[subdevice] || standin_fail_internal(EINVAL_CHAN) == 0);
}

/* ---- the wire ---- */

static int send_whole(int fd, struct iovec *parts, size_t n)
{
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = n};

	while (message.msg_iovlen > 0) {
		ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -ENODEV;
		size_t rest = (size_t)sent;
		while (message.msg_iovlen > 0 && rest >= message.msg_iov->iov_len) {
			rest -= message.msg_iov->iov_len;
			message.msg_iov++;
			message.msg_iovlen--;
		}
		if (message.msg_iovlen > 0) {
			message.msg_iov->iov_base = (char *)message.msg_iov->iov_base + rest;
			message.msg_iov->iov_len -= rest;
		}
	}
	return 0;
}

static int receive_whole(int fd, void *into, size_t size)
{
	char *at = into;

	while (size > 0) {
		ssize_t got = recv(fd, at, size, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			return -ETIMEDOUT;
		if (got <= 0)
			return -ENODEV;
		at += got;
		size -= (size_t)got;
	}
	return 0;
}

static int talk(int fd, const struct card_instruction *list, uint32_t count, uint32_t *answers,
		uint32_t room, uint32_t *ret_n, int *ret_error)
{
	struct card_request request = {.count = count};
	struct card_reply reply;
	struct iovec parts[] = {
		{.iov_base = &request, .iov_len = sizeof(request)},
		{.iov_base = (void *)(uintptr_t)list, .iov_len = count * sizeof(*list)},
	};
	int r = send_whole(fd, parts, 2);

	if (r < 0)
		return r;
	r = receive_whole(fd, &reply, sizeof(reply));
	if (r < 0)
		return r;
	if (reply.count > room || reply.error < 0)
		return -ENODEV; /* not this protocol: nothing more to be had from it */
	*ret_n = reply.count;
	*ret_error = reply.error;
	return receive_whole(fd, answers, reply.count * sizeof(*answers));
}

int standin_ask(comedi_t *it, const struct card_instruction *list, uint32_t count,
		uint32_t *answers, uint32_t room, uint32_t *ret_n)
{
	int error = 0, r;

	*ret_n = 0;
	if (it->fd < 0)
		return standin_fail(ENODEV);
	if (count > CARD_MOST_INSTRUCTIONS || room > CARD_MOST_ANSWERS)
		return standin_fail(EINVAL);
	r = talk(it->fd, list, count, answers, room, ret_n, &error);
	if (r < 0 || error == ENODEV) { /* what comes next would be out of step */
		close(it->fd);
		it->fd = -1;
	}
	if (r < 0)
		return standin_fail(-r);
	return error ? standin_fail(error) : 0;
}

/* ---- the device ---- */

static int connect_card(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval limit = {.tv_sec = ANSWERS_WITHIN_S};
	int fd, error;

	if (!path || !*path)
		return -ENOENT;
	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) == 0)
		return fd;
	/* a socket that nobody serves is a device without a driver */
	error = errno == ECONNREFUSED ? ENXIO : errno;
	close(fd);
	return -error;
}

static int greet(comedi_t *it)
{
	const struct card_instruction hello = {.what = CARD_HELLO, .value = CARD_WIRE_VERSION};
	uint32_t n, answers[CARD_SUBDEVICES];

	if (standin_ask(it, &hello, 1, answers, CARD_SUBDEVICES, &n) < 0)
		return -1;
	if (n != CARD_SUBDEVICES)
		return standin_fail(EPROTO);
	for (unsigned i = 0; i < CARD_SUBDEVICES; i++)
		it->n_channels[i] = answers[i];
	for (unsigned i = 0; i < CARD_RANGES; i++)
		it->analogue[i] = (comedi_range){
			.min = card_range_V[i][0], .max = card_range_V[i][1], .unit = unit_volt};
	it->digital = (comedi_range){.min = 0, .max = 1, .unit = unit_volt};
	it->magic = MAGIC;
	return 0;
}

comedi_t *comedi_open(const char *device)
{
	comedi_t *it;

	if (!device) {
		standin_fail(EFAULT);
		return NULL;
	}
	it = calloc(1, sizeof(*it));
	if (!it)
		return NULL;
	it->fd = connect_card(getenv(CARD_WIRE_VARIABLE));
	if (it->fd < 0) {
		standin_fail(-it->fd);
		free(it);
		return NULL;
	}
	if (greet(it) < 0) {
		int error = errno;
		if (it->fd >= 0)
			close(it->fd);
		free(it);
		errno = error;
		return NULL;
	}
	return it;
}

int comedi_close(comedi_t *it)
{
	if (!standin_has(it))
		return -1;
	it->magic = 0;
	if (it->fd >= 0)
		close(it->fd);
	free(it);
	return 0;
}

int comedi_fileno(comedi_t *it)
{
	return standin_has(it) ? it->fd : -1;
}
