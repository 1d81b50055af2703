/* sim_backend/benchd/slave_rtu.c - Modbus RTU over a pseudo-terminal. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "sim_backend/benchd/slave.h"
#include "sim_backend/benchd/slave_rtu.h"
#include "sim_backend/benchd/world_impl.h"

#define BITS_A_BYTE   11 /* start, 8 data, parity, stop */
#define SILENCE_BYTES 3.5
#define TURNAROUND_NS 1000000
/* A terminal brings the bytes of a frame when the master's process runs, not when a line would. */
#define SILENCE_LEAST_NS 20000000

struct slave_rtu {
	struct world *world;
	int fd, slave_fd; /* slave_fd keeps the terminal alive while nobody has it open */
	char terminal[64], link[256];
	bool linked, pace;
	int64_t byte_ns, silence_ns;
	uint8_t request[MODBUS_FRAME];
	size_t n;
	int64_t first_ns, last_ns; /* of the bytes of the request */
	int64_t free_ns;           /* pace: when the line is */
	struct slave_queue queue;
};

/* ---- life ---- */

static int make_raw(int fd)
{
	struct termios t;

	if (tcgetattr(fd, &t) < 0)
		return -errno;
	cfmakeraw(&t);
	return tcsetattr(fd, TCSANOW, &t) < 0 ? -errno : 0;
}

/* A pseudo-terminal has no parity bit, and glibc says EINVAL to whoever asks for it and changes nothing else.  A master that
 * was killed has left everything as the next one wants it; a speed that nobody wants gives that one something to change. */
static void let_the_next_one_in(const struct slave_rtu *s)
{
	struct termios t;

	if (tcgetattr(s->slave_fd, &t) < 0 || cfgetospeed(&t) == B50)
		return;
	cfsetispeed(&t, B50);
	cfsetospeed(&t, B50);
	tcsetattr(s->slave_fd, TCSANOW, &t);
}

static int open_terminal(struct slave_rtu *s, struct world_error *err)
{
	int r;

	s->fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (s->fd < 0 || grantpt(s->fd) < 0 || unlockpt(s->fd) < 0 ||
	    ptsname_r(s->fd, s->terminal, sizeof(s->terminal)) != 0)
		return world_fail(err, -errno, "no pseudo-terminal: %s; is /dev/pts mounted?",
				  strerror(errno));
	s->slave_fd = open(s->terminal, O_RDWR | O_NOCTTY | O_CLOEXEC);
	r = s->slave_fd < 0 ? -errno : make_raw(s->slave_fd);
	return r < 0 ? world_fail(err, r, "%s: %s", s->terminal, strerror(-r)) : 0;
}

/* Replaces a link, nothing else. */
static int make_link(struct slave_rtu *s, const char *link, struct world_error *err)
{
	struct stat st;

	if (strlen(link) >= sizeof(s->link))
		return world_fail(err, -ENAMETOOLONG, "%s: longer than %zu bytes", link,
				  sizeof(s->link) - 1);
	if (lstat(link, &st) == 0 && !S_ISLNK(st.st_mode))
		return world_fail(err, -EEXIST,
				  "%s is there and is no link: name another with --rtu LINK", link);
	unlink(link);
	if (symlink(s->terminal, link) < 0)
		return world_fail(
			err, -errno,
			"%s: cannot link it to %s: %s; name another place with --rtu LINK", link,
			s->terminal, strerror(errno));
	snprintf(s->link, sizeof(s->link), "%s", link);
	s->linked = true;
	return 0;
}

int slave_rtu_open(struct world *w, const struct slave_rtu_options *options, struct slave_rtu **ret,
		   struct world_error *err)
{
	struct slave_rtu *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return world_fail(err, -ENOMEM, "out of memory for a serial line");
	s->world = w;
	s->slave_fd = -1;
	s->pace = options->pace;
	s->byte_ns = INT64_C(1000000000) * BITS_A_BYTE / (options->baud ? options->baud : 115200);
	s->silence_ns = (int64_t)(SILENCE_BYTES * (double)s->byte_ns);
	r = open_terminal(s, err);
	if (r == 0)
		r = make_link(s, options->link, err);
	if (r < 0) {
		slave_rtu_close(s);
		return r;
	}
	*ret = s;
	return 0;
}

void slave_rtu_close(struct slave_rtu *s)
{
	char now[sizeof(s->terminal)];
	ssize_t n;

	if (!s)
		return;
	/* somebody else's link by now stays */
	n = s->linked ? readlink(s->link, now, sizeof(now) - 1) : -1;
	if (n > 0) {
		now[n] = '\0';
		if (strcmp(now, s->terminal) == 0)
			unlink(s->link);
	}
	if (s->slave_fd >= 0)
		close(s->slave_fd);
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}

const char *slave_rtu_terminal(const struct slave_rtu *s)
{
	return s->terminal;
}

/* ---- answers ---- */

/* When the answer's last byte would be there; the request's first byte came at first_ns. */
static int64_t paced(struct slave_rtu *s, size_t n_request, size_t n_answer)
{
	int64_t from_ns = s->first_ns > s->free_ns ? s->first_ns : s->free_ns;
	int64_t due_ns = from_ns + (int64_t)n_request * s->byte_ns + s->silence_ns;

	if (n_answer)
		due_ns += TURNAROUND_NS + (int64_t)n_answer * s->byte_ns;
	s->free_ns = due_ns + (n_answer ? s->silence_ns : 0);
	return due_ns;
}

static void answer(struct slave_rtu *s, const struct slave_answer *a, size_t n_request,
		   int64_t now_ns)
{
	uint8_t frame[MODBUS_FRAME];
	size_t n = a->n ? modbus_frame_make(a->address, a->pdu, a->n, frame) : 0;
	int64_t due_ns = now_ns;

	if (n && a->wrong_crc)
		frame[n - 1] ^= 0x55;
	if (a->half)
		n /= 2;
	if (s->pace)
		due_ns = paced(s, n_request, n);
	slave_queue_put(&s->queue, due_ns + (int64_t)(a->late_s * 1e9), frame, n);
}

/* A whole frame.  One with a wrong CRC, or for nobody here, is not answered. */
static void take(struct slave_rtu *s, size_t n, int64_t now_ns)
{
	const uint8_t *frame = s->request;
	struct slave_answer a = {0};
	long board;

	if (n < 4 || modbus_frame_crc(frame, n - 2) != (frame[n - 2] | frame[n - 1] << 8))
		return;
	if (frame[0] == MODBUS_BROADCAST) {
		slave_broadcast(s->world, frame + 1, n - 3, now_ns);
	} else {
		board = slave_find(s->world, frame[0]);
		if (board >= 0)
			slave_ask(s->world, (size_t)board, frame[0], frame + 1, n - 3, now_ns, &a);
	}
	answer(s, &a, n, now_ns);
	let_the_next_one_in(s);
}

/* ---- bytes ---- */

static void take_frames(struct slave_rtu *s, int64_t now_ns)
{
	for (;;) {
		size_t n = modbus_request_length(s->request, s->n);

		if (n == 0 || n > s->n)
			return;
		take(s, n, now_ns);
		s->n -= n;
		memmove(s->request, s->request + n, s->n);
		s->first_ns = now_ns;
	}
}

static int64_t silent_ns(const struct slave_rtu *s)
{
	return s->last_ns + (s->silence_ns > SILENCE_LEAST_NS ? s->silence_ns : SILENCE_LEAST_NS);
}

static void end_by_silence(struct slave_rtu *s, int64_t now_ns)
{
	if (s->n == 0 || now_ns < silent_ns(s))
		return;
	take(s, s->n, now_ns);
	s->n = 0;
}

static void receive(struct slave_rtu *s, int64_t now_ns)
{
	for (;;) {
		ssize_t n = read(s->fd, s->request + s->n, sizeof(s->request) - s->n);

		if (n <= 0)
			return;
		if (s->n == 0)
			s->first_ns = now_ns;
		s->last_ns = now_ns;
		s->n += (size_t)n;
		take_frames(s, now_ns);
		if (s->n == sizeof(s->request)) /* no frame is longer: noise */
			s->n = 0;
	}
}

void slave_rtu_serve(struct slave_rtu *s, int64_t now_ns)
{
	uint8_t bytes[SLAVE_BYTES];
	size_t n;

	end_by_silence(s, now_ns);
	receive(s, now_ns);
	while ((n = slave_queue_take(&s->queue, now_ns, bytes)) > 0)
		if (write(s->fd, bytes, n) < 0) /* nobody reads: lost, as on a line */
			continue;
}

size_t slave_rtu_pollfds(const struct slave_rtu *s, struct pollfd ret[SLAVE_RTU_POLLFDS])
{
	ret[0] = (struct pollfd){.fd = s->fd, .events = POLLIN};
	return 1;
}

int64_t slave_rtu_due_ns(const struct slave_rtu *s)
{
	int64_t due_ns = slave_queue_due_ns(&s->queue);

	return s->n && silent_ns(s) < due_ns ? silent_ns(s) : due_ns;
}
