/* tests/unit/slave.c - boards that a test plays itself, on a pty or on TCP.  Written from docs/BOARDS.md, in numbers. */
#include "config.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/slave.h"

enum { REQUEST = 8, HEADER = 7, MOST_LATE = 64, FRAME = 260 };

struct late {
	int64_t due_ns;
	size_t n;
	uint8_t frame[FRAME];
};

struct slave {
	bool line;
	size_t n;
	struct slave_board board[SLAVE_BOARDS];
	char device[64];
	int fd, keep, listener, wake[2]; /* fd: the pty's master or the connection */
	uint8_t in[REQUEST + HEADER];
	size_t n_in;
	struct late late[MOST_LATE];
	size_t n_late;
	unsigned broadcasts, garbage, connections;
	pthread_mutex_t mutex;
	pthread_t thread;
};

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static uint16_t crc_of(const uint8_t *byte, size_t n)
{
	uint16_t crc = 0xFFFF;

	while (n--) {
		crc ^= *byte++;
		for (int k = 0; k < 8; k++)
			crc = crc & 1 ? crc >> 1 ^ 0xA001 : crc >> 1;
	}
	return crc;
}

/* ---- a board's registers ---- */

static bool read_edge(const struct slave_board *board, unsigned offset, uint16_t *ret)
{
	unsigned e = offset / 16;

	if (e >= board->edges)
		return false;
	switch (offset % 16) {
	case 0:
		*ret = board->tap[e];
		return true;
	case 1:
		*ret = board->flags[e] >> 8;
		return true;
	case 2:
		*ret = board->mode[e];
		return true;
	case 3:
		*ret = board->tap[e];
		return true;
	case 4:
		*ret = board->updated[e] >> 16;
		return true;
	case 5:
		*ret = (uint16_t)board->updated[e];
		return true;
	case 6:
		*ret = board->raised[e] >> 16;
		return true;
	case 7:
		*ret = (uint16_t)board->raised[e];
		return true;
	}
	return false;
}

static bool read_register(const struct slave_board *board, unsigned reg, uint16_t *ret)
{
	const uint16_t head[] = {board->magic,
				 board->version,
				 7,
				 board->edges,
				 board->boots,
				 board->status,
				 board->clock >> 16,
				 (uint16_t)board->clock,
				 board->capacitor,
				 board->watchdog_ms,
				 0,
				 board->serial >> 16,
				 (uint16_t)board->serial};
	const uint16_t step[] = {board->boots, board->status, (uint16_t)board->clock};

	if (reg < 13)
		*ret = head[reg];
	else if (reg >= 0x20 && reg < 0x23)
		*ret = step[reg - 0x20];
	else if (reg >= 0x23 && reg < 0x23u + board->edges)
		*ret = board->tap[reg - 0x23] | board->flags[reg - 0x23];
	else
		return reg >= 0x100 && read_edge(board, reg - 0x100, ret);
	return true;
}

static void command(struct slave_board *board, uint16_t value)
{
	if (value == 1) {
		memset(board->updated, 0, sizeof(board->updated));
		memset(board->raised, 0, sizeof(board->raised));
	} else if (value == 2) {
		board->homes++;
		memset(board->tap, 63, sizeof(board->tap));
	} else if (value == 3) {
		board->status &= ~1;
	}
}

/* broadcast: a cut edge stays cut */
static uint8_t write_register(struct slave_board *board, unsigned reg, uint16_t value,
			      bool broadcast)
{
	unsigned e = (reg - 0x100) / 16;

	if (reg == 0x0A)
		return value < 1 || value > 3 ? 3 : (command(board, value), 0);
	if (reg == 8)
		return value > 4 ? 3 : (board->capacitor = value, 0);
	if (reg == 9)
		return board->watchdog_ms = value, 0;
	if (reg < 0x100 || e >= board->edges)
		return 2;
	if (reg % 16 == 2 && !(broadcast && value == 1 && board->mode[e] == 2))
		return value > 2 ? 3 : (board->mode[e] = (uint8_t)value, 0);
	if (reg % 16 == 3)
		return value > 127 ? 3 : (board->tap[e] = (uint8_t)value, 0);
	return reg % 16 == 2 ? 0 : 2;
}

/* pdu: function and two words; ret: the answer from the function on.  Its length. */
static size_t answer(struct slave_board *board, const uint8_t *pdu, uint8_t *ret)
{
	unsigned reg = (unsigned)(pdu[1] << 8 | pdu[2]), n = (unsigned)(pdu[3] << 8 | pdu[4]);
	uint8_t refusal = 0;

	if (board->fault == SLAVE_REFUSED) {
		refusal = 4;
	} else if (pdu[0] == 6) {
		board->writes++;
		if (board->fault != SLAVE_DEAF)
			refusal = write_register(board, reg, (uint16_t)n, false);
		memcpy(ret, pdu, 5);
		if (board->fault == SLAVE_OTHER_REGISTER)
			ret[2] ^= 1;
	} else if (pdu[0] == 3) {
		if (board->fault == SLAVE_SHORT && n > 1)
			n--;
		ret[0] = 3;
		ret[1] = (uint8_t)(2 * n);
		for (unsigned i = 0; i < n; i++) {
			uint16_t value;

			if (!read_register(board, reg + i, &value)) {
				refusal = 2;
				break;
			}
			ret[2 + 2 * i] = (uint8_t)(value >> 8);
			ret[3 + 2 * i] = (uint8_t)value;
		}
		if (!refusal)
			return 2 + 2 * n;
	} else {
		refusal = 1;
	}
	if (!refusal)
		return 5;
	ret[0] = pdu[0] | 0x80;
	ret[1] = refusal;
	return 2;
}

/* ---- frames ---- */

static void send_now(struct slave *slave, const uint8_t *frame, size_t n)
{
	if (slave->fd >= 0 && write(slave->fd, frame, n) != (ssize_t)n)
		slave->garbage++;
}

static void send_late(struct slave *slave, struct slave_board *board, const uint8_t *frame,
		      size_t n, double delay_s)
{
	int64_t due_ns = now_ns() + (int64_t)(delay_s * 1e9);
	struct late *late = &slave->late[slave->n_late];

	if (due_ns < board->free_ns)
		due_ns = board->free_ns;
	board->free_ns = due_ns;
	if (slave->n_late == MOST_LATE)
		return;
	late->due_ns = due_ns;
	late->n = n;
	memcpy(late->frame, frame, n);
	slave->n_late++;
}

/* A board answers in order: what is still late goes before what comes now. */
static void send_answer(struct slave *slave, struct slave_board *board, uint8_t *frame, size_t n)
{
	enum slave_fault fault = board->fault;

	if (fault == SLAVE_WRONG_CRC)
		frame[n - 1] ^= 0x55;
	if (fault == SLAVE_HALF)
		n /= 2;
	/* also what is due by now and has not been sent yet, on a busy machine */
	if (fault == SLAVE_LATE || slave->n_late || board->free_ns > now_ns())
		send_late(slave, board, frame, n, fault == SLAVE_LATE ? board->delay_s : 0);
	else if (fault != SLAVE_SILENT)
		send_now(slave, frame, n);
}

static void drop_connection(struct slave *slave)
{
	if (slave->fd >= 0)
		close(slave->fd);
	slave->fd = -1;
	slave->n_in = 0;
	slave->n_late = 0;
	for (size_t i = 0; i < slave->n; i++)
		slave->board[i].free_ns = 0;
}

static void serve(struct slave *slave, const uint8_t *request)
{
	const uint8_t *pdu = request + (slave->line ? 1 : HEADER);
	unsigned address = pdu[-1];
	struct slave_board *board;
	uint8_t frame[FRAME];
	size_t header = slave->line ? 1 : HEADER, n;

	if (address == 0) {
		slave->broadcasts++;
		for (size_t i = 0; i < slave->n; i++)
			if (slave->board[i].fault != SLAVE_DEAF)
				write_register(&slave->board[i], (unsigned)(pdu[1] << 8 | pdu[2]),
					       (uint16_t)(pdu[3] << 8 | pdu[4]), true);
		return;
	}
	if (address > slave->n)
		return;
	board = &slave->board[address - 1];
	board->requests++;
	n = header + answer(board, pdu, frame + header);
	memcpy(frame, request, header);
	frame[header - 1] = (uint8_t)(address + (board->fault == SLAVE_WRONG_ADDRESS));
	if (slave->line) {
		uint16_t crc = crc_of(frame, n);

		frame[n++] = (uint8_t)crc;
		frame[n++] = (uint8_t)(crc >> 8);
	} else {
		frame[5] = (uint8_t)(n - 6);
	}
	if (board->fault == SLAVE_HANGS_UP)
		drop_connection(slave);
	else
		send_answer(slave, board, frame, n);
	if (board->for_requests && --board->for_requests == 0)
		board->fault = SLAVE_WELL;
}

static void take_bytes(struct slave *slave)
{
	size_t want = slave->line ? REQUEST : HEADER + 5;
	ssize_t n = read(slave->fd, slave->in + slave->n_in, want - slave->n_in);

	if (n <= 0) {
		if (!slave->line)
			drop_connection(slave);
		return;
	}
	slave->n_in += (size_t)n;
	if (slave->n_in < want)
		return;
	slave->n_in = 0;
	if (slave->line && crc_of(slave->in, REQUEST) != 0)
		slave->garbage++;
	else
		serve(slave, slave->in);
}

static int send_due(struct slave *slave)
{
	int64_t now = now_ns(), next = INT64_MAX;
	size_t kept = 0;

	for (size_t i = 0; i < slave->n_late; i++) {
		if (slave->late[i].due_ns <= now) {
			send_now(slave, slave->late[i].frame, slave->late[i].n);
			continue;
		}
		if (slave->late[i].due_ns < next)
			next = slave->late[i].due_ns;
		slave->late[kept++] = slave->late[i];
	}
	slave->n_late = kept;
	return next == INT64_MAX ? -1 : (int)((next - now) / 1000000 + 1);
}

static void *play(void *argument)
{
	struct slave *slave = argument;

	for (;;) {
		struct pollfd fds[3] = {{.fd = slave->wake[0], .events = POLLIN},
					{.fd = slave->listener, .events = POLLIN},
					{.fd = slave->fd, .events = POLLIN}};
		int wait_ms;

		pthread_mutex_lock(&slave->mutex);
		wait_ms = send_due(slave);
		pthread_mutex_unlock(&slave->mutex);
		if (poll(fds, 3, wait_ms) <= 0)
			continue;
		if (fds[0].revents)
			return NULL;
		pthread_mutex_lock(&slave->mutex);
		if (fds[2].revents)
			take_bytes(slave);
		if (fds[1].revents) {
			drop_connection(slave);
			slave->fd = accept(slave->listener, NULL, NULL);
			slave->connections++;
		}
		pthread_mutex_unlock(&slave->mutex);
	}
}

/* ---- life ---- */

static bool open_line(struct slave *slave)
{
	struct termios tio;

	slave->fd = posix_openpt(O_RDWR | O_NOCTTY);
	if (slave->fd < 0 || grantpt(slave->fd) < 0 || unlockpt(slave->fd) < 0 ||
	    ptsname_r(slave->fd, slave->device, sizeof(slave->device)) != 0)
		return false;
	/* an end of its own keeps the line from hanging up between two drivers */
	slave->keep = open(slave->device, O_RDWR | O_NOCTTY);
	if (slave->keep < 0 || tcgetattr(slave->keep, &tio) < 0)
		return false;
	cfmakeraw(&tio);
	return tcsetattr(slave->keep, TCSANOW, &tio) == 0;
}

static bool open_port(struct slave *slave)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(in);

	slave->listener = socket(AF_INET, SOCK_STREAM, 0);
	if (slave->listener < 0 || bind(slave->listener, (struct sockaddr *)&in, n) < 0 ||
	    listen(slave->listener, 4) < 0 ||
	    getsockname(slave->listener, (struct sockaddr *)&in, &n) < 0)
		return false;
	snprintf(slave->device, sizeof(slave->device), "127.0.0.1:%u", ntohs(in.sin_port));
	return true;
}

struct slave *slave_start(bool line, size_t n_boards, unsigned edges)
{
	struct slave *slave = calloc(1, sizeof(*slave));

	if (!slave)
		abort();
	slave->line = line;
	slave->n = n_boards;
	slave->fd = slave->keep = slave->listener = -1;
	for (size_t i = 0; i < n_boards; i++) {
		slave->board[i] = (struct slave_board){.magic = 0x4E44,
						       .version = 1,
						       .serial = 101 + (uint32_t)i,
						       .boots = 5,
						       .edges = (uint16_t)edges};
		memset(slave->board[i].tap, 63, SLAVE_EDGES);
		memset(slave->board[i].mode, 1, SLAVE_EDGES);
	}
	pthread_mutex_init(&slave->mutex, NULL);
	if (!(line ? open_line(slave) : open_port(slave)) || pipe(slave->wake) < 0 ||
	    pthread_create(&slave->thread, NULL, play, slave) != 0)
		abort();
	return slave;
}

void slave_stop(struct slave *slave)
{
	if (write(slave->wake[1], "", 1) != 1)
		abort();
	pthread_join(slave->thread, NULL);
	close(slave->wake[0]);
	close(slave->wake[1]);
	if (slave->fd >= 0)
		close(slave->fd);
	if (slave->keep >= 0)
		close(slave->keep);
	if (slave->listener >= 0)
		close(slave->listener);
	pthread_mutex_destroy(&slave->mutex);
	free(slave);
}

const char *slave_device(const struct slave *slave)
{
	return slave->device;
}

struct slave_board *slave_lock(struct slave *slave)
{
	pthread_mutex_lock(&slave->mutex);
	return slave->board;
}

void slave_unlock(struct slave *slave)
{
	pthread_mutex_unlock(&slave->mutex);
}

void slave_set_fault(struct slave *slave, size_t board, enum slave_fault fault, unsigned requests,
		     double delay_s)
{
	struct slave_board *b = &slave_lock(slave)[board];

	b->fault = fault;
	b->for_requests = requests;
	b->delay_s = delay_s;
	slave_unlock(slave);
}

void slave_tick(struct slave *slave)
{
	struct slave_board *board = slave_lock(slave);

	for (size_t i = 0; i < slave->n; i++) {
		board[i].clock++;
		for (unsigned e = 0; e < board[i].edges; e++) {
			bool learns = board[i].mode[e] == 0 && !(board[i].status & 1);

			board[i].flags[e] = learns ? 0x300 : 0;
			if (learns && board[i].tap[e] < 127)
				board[i].tap[e]++;
			board[i].updated[e] += learns;
			board[i].raised[e] += learns;
		}
	}
	slave_unlock(slave);
}

void slave_power_cycle(struct slave *slave, size_t board)
{
	struct slave_board *b = &slave_lock(slave)[board];

	b->boots++;
	b->clock = 0;
	b->status = b->capacitor = b->watchdog_ms = 0;
	memset(b->tap, 63, sizeof(b->tap));
	memset(b->mode, 1, sizeof(b->mode));
	memset(b->flags, 0, sizeof(b->flags));
	slave_unlock(slave);
}

#define COUNTER(name)                                                                              \
	unsigned slave_##name(struct slave *slave)                                                 \
	{                                                                                          \
		unsigned n;                                                                        \
                                                                                                   \
		slave_lock(slave);                                                                 \
		n = slave->name;                                                                   \
		slave_unlock(slave);                                                               \
		return n;                                                                          \
	}
COUNTER(broadcasts)
COUNTER(garbage)
COUNTER(connections)
