/* drivers/boards_modbus.c - one bus of boards through libmodbus: opened, asked, closed and built anew.
 *
 * What libmodbus 3.1.6 does not do is done here: a deadline for a whole reply (its byte time-out starts anew with each
 * byte, so it is off), the address and transaction of a reply over TCP, the echo of a write, the silence between frames on
 * a line, broadcasts that nobody answers, and refusing speeds that it would quietly replace by 9600.
 * Its error recovery stays off.
 */
#include "config.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include <modbus/modbus.h>

#include "drivers/boards_impl.h"

enum { READ = 3, WRITE = 6, REFUSED = 0x80 }; /* function codes */

#define BITS_A_BYTE  11  /* start, 8, parity, stop */
#define GAP_BYTES    3.5 /* of silence between two frames */
#define TCP_HEADER   7   /* transaction, protocol, length, unit */
#define REQUEST_SIZE 5   /* function and two words */

struct boards_bus {
	const struct boards_config *config;
	const char *device;
	char host[108], port[8]; /* TCP */
	modbus_t *modbus;        /* NULL: closed */
	uint16_t transaction;    /* TCP */
	int64_t quiet_ns;        /* RTU: the last byte was on the line then */
	bool missing;
	char why[120];
};

/* ---- time on the wire ---- */

static double byte_s(const struct boards_config *config)
{
	return config->driver == BOARDS_RTU ? (double)BITS_A_BYTE / config->baud : 0.0;
}

double boards_bus_request_s(const struct boards_config *config, unsigned sent, unsigned received)
{
	if (config->driver == BOARDS_TCP)
		return BOARDS_TCP_S;
	return (sent + received + 2 * GAP_BYTES) * byte_s(config) + BOARDS_TURNAROUND_S;
}

/* What libmodbus 3.1.6 knows; it takes others for 9600. */
bool boards_bus_has_baud(unsigned baud)
{
	static const unsigned known[] = {1200,    2400,    4800,    9600,    19200,
					 38400,   57600,   115200,  230400,  460800,
					 500000,  576000,  921600,  1000000, 1152000,
					 1500000, 2500000, 3000000, 3500000, 4000000};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i] == baud)
			return true;
	return false;
}

static void sleep_until(int64_t when_ns)
{
	struct timespec when = {when_ns / 1000000000, when_ns % 1000000000};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL) == EINTR)
		;
}

/* Reads and drops until nothing came for `seconds`; at most for twice as long. */
static void listen_until_silent(struct boards_bus *bus, double seconds)
{
	int64_t now = boards_now_ns(), quiet_ns = (int64_t)(seconds * 1e9);
	int64_t until = now + quiet_ns, last = now + 2 * quiet_ns;
	struct pollfd poll_fd = {.fd = modbus_get_socket(bus->modbus), .events = POLLIN};

	while (now < until && now < last) {
		struct timespec left = {(until - now) / 1000000000, (until - now) % 1000000000};
		char drop[256];
		int n = ppoll(&poll_fd, 1, &left, NULL);

		now = boards_now_ns();
		if (n <= 0)
			continue;
		if (read(poll_fd.fd, drop, sizeof(drop)) <= 0)
			break; /* hung up: the next request will say so */
		until = now + quiet_ns;
	}
	bus->quiet_ns = now;
}

void boards_bus_pause(struct boards_bus *bus, double seconds)
{
	(void)bus;
	sleep_until(boards_now_ns() + (int64_t)(seconds * 1e9));
}

/* ---- life ---- */

static int split_host(struct boards_bus *bus, struct rig_error *err)
{
	const char *device = bus->device, *colon = strrchr(device, ':');
	size_t n = strlen(device);

	snprintf(bus->port, sizeof(bus->port), "%d", MODBUS_TCP_DEFAULT_PORT);
	if (device[0] == '[') {
		const char *end = strchr(device, ']');

		if (!end || (end[1] != ':' && end[1] != '\0'))
			return rig_fail(err, -EINVAL, "boards.device \"%s\" is not [ADDRESS]:PORT",
					device);
		colon = end[1] ? end + 1 : NULL;
		n = (size_t)(end - device) - 1;
		device++;
	} else if (colon) {
		n = (size_t)(colon - device);
	}
	if (n == 0 || n >= sizeof(bus->host))
		return rig_fail(err, -EINVAL, "boards.device \"%s\" is not HOST:PORT", bus->device);
	memcpy(bus->host, device, n);
	if (colon) {
		char *end;
		long port = strtol(colon + 1, &end, 10);

		if (port < 1 || port > 65535 || *end)
			return rig_fail(err, -EINVAL,
					"boards.device \"%s\": port \"%s\" is not 1 to 65535",
					bus->device, colon + 1);
		snprintf(bus->port, sizeof(bus->port), "%ld", port);
	}
	return 0;
}

int boards_bus_new(const struct boards_config *config, const char *device, struct boards_bus **ret,
		   struct rig_error *err)
{
	struct boards_bus *bus = calloc(1, sizeof(*bus));
	int r = 0;

	if (!bus)
		return rig_fail(err, -ENOMEM, "no memory for the boards");
	bus->config = config;
	bus->device = device;
	if (config->driver == BOARDS_TCP)
		r = split_host(bus, err);
	if (r < 0) {
		free(bus);
		return r;
	}
	*ret = bus;
	return 0;
}

void boards_bus_renew(struct boards_bus *bus)
{
	if (!bus->modbus)
		return;
	modbus_flush(bus->modbus); /* closing a line waits for what it could not send */
	modbus_close(bus->modbus);
	modbus_free(bus->modbus);
	bus->modbus = NULL;
}

void boards_bus_free(struct boards_bus *bus)
{
	if (!bus)
		return;
	boards_bus_renew(bus);
	free(bus);
}

const char *boards_bus_why(const struct boards_bus *bus)
{
	return bus->why;
}

bool boards_bus_is_missing(const struct boards_bus *bus)
{
	return bus->missing;
}

/* libmodbus selects: a descriptor beyond its set would be the end of the program. */
static bool descriptors_are_left(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd >= 0 && fd < FD_SETSIZE;
}

static int cannot_open(struct boards_bus *bus, int error)
{
	bus->missing = true;
	snprintf(bus->why, sizeof(bus->why), "cannot %s: %s",
		 bus->config->driver == BOARDS_RTU ? "open the line" : "connect",
		 error == EINPROGRESS ? "no answer in time" : strerror(error));
	return -ENODEV;
}

static void set_timeout(struct boards_bus *bus, double seconds)
{
	uint32_t us = (uint32_t)(seconds * 1e6 + 0.5);

	modbus_set_response_timeout(bus->modbus, us / 1000000, us % 1000000);
}

static int bus_open(struct boards_bus *bus)
{
	const struct boards_config *config = bus->config;
	int on = 1;

	bus->missing = false;
	if (bus->modbus)
		return 0;
	if (!descriptors_are_left())
		return cannot_open(bus, EMFILE);
	bus->modbus = config->driver == BOARDS_RTU
			      ? modbus_new_rtu(bus->device, (int)config->baud, 'E', 8, 1)
			      : modbus_new_tcp_pi(bus->host, bus->port);
	if (!bus->modbus)
		return cannot_open(bus, errno);
	set_timeout(bus, config->reply_timeout_s); /* of the connection, too */
	modbus_set_byte_timeout(bus->modbus, 0, 0);
	if (modbus_connect(bus->modbus) < 0) {
		int error = errno;

		modbus_free(bus->modbus);
		bus->modbus = NULL;
		return cannot_open(bus, error);
	}
	if (config->driver == BOARDS_TCP) /* libmodbus does so for IPv4 alone */
		setsockopt(modbus_get_socket(bus->modbus), IPPROTO_TCP, TCP_NODELAY, &on,
			   sizeof(on));
	bus->quiet_ns = boards_now_ns();
	return 0;
}

/* ---- what went wrong: the one place where libmodbus' codes become ours ---- */

static int because(struct boards_bus *bus, int error)
{
	const char *why;
	int r = -EBADMSG;

	switch (error) {
	case ETIMEDOUT:
		snprintf(bus->why, sizeof(bus->why), "no reply in %g s",
			 bus->config->reply_timeout_s);
		return -ETIMEDOUT;
	case EMBBADCRC:
		why = "a reply with a wrong CRC";
		break;
	case EMBBADDATA:
	case EMBMDATA:
	case EMBBADEXC:
	case EMBUNKEXC:
	case EMBBADSLAVE:
		why = "a reply that makes no sense";
		break;
	default:
		why = strerror(error);
		r = -ENODEV;
	}
	snprintf(bus->why, sizeof(bus->why), "%s", why);
	return r;
}

static int wrong(struct boards_bus *bus, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static int wrong(struct boards_bus *bus, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(bus->why, sizeof(bus->why), format, args);
	va_end(args);
	return -EBADMSG;
}

static int refused(struct boards_bus *bus, unsigned code)
{
	static const char *const meaning[] = {"",
					      "no such function",
					      "no such register",
					      "no such value",
					      "failed",
					      "acknowledged",
					      "busy"};

	snprintf(bus->why, sizeof(bus->why), "refused with exception %u%s%s", code,
		 code && code < sizeof(meaning) / sizeof(meaning[0]) ? ", " : "",
		 code < sizeof(meaning) / sizeof(meaning[0]) ? meaning[code] : "");
	return -EREMOTEIO;
}

/* Leaves nothing on the way that could be taken for a later answer. */
static int settle(struct boards_bus *bus, int r)
{
	if (r == -ENODEV || (r != 0 && r != -EREMOTEIO && bus->config->driver == BOARDS_TCP))
		boards_bus_renew(bus);
	else if (r != 0 && r != -EREMOTEIO)
		listen_until_silent(bus, bus->config->reply_timeout_s);
	return r;
}

/* ---- one request ---- */

static int send_frame(struct boards_bus *bus, uint8_t address, const uint8_t *request)
{
	uint8_t frame[TCP_HEADER + REQUEST_SIZE] = {address};
	ssize_t n;

	if (bus->config->driver == BOARDS_RTU) {
		sleep_until(bus->quiet_ns + (int64_t)(GAP_BYTES * byte_s(bus->config) * 1e9));
		memcpy(frame + 1, request, REQUEST_SIZE);
		return modbus_send_raw_request(bus->modbus, frame, 1 + REQUEST_SIZE) < 0 ? -errno
											 : 0;
	}
	/* libmodbus' raw requests have the transaction 0, all of them */
	bus->transaction++;
	frame[0] = (uint8_t)(bus->transaction >> 8);
	frame[1] = (uint8_t)bus->transaction;
	frame[5] = 1 + REQUEST_SIZE;
	frame[6] = address;
	memcpy(frame + TCP_HEADER, request, REQUEST_SIZE);
	do
		n = send(modbus_get_socket(bus->modbus), frame, sizeof(frame), MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n == sizeof(frame) ? 0 : -EIO;
}

/* A foreign address comes back as 0 bytes from a line; over TCP nobody has looked. */
static int check_header(struct boards_bus *bus, uint8_t address, const uint8_t *reply, int n)
{
	if (bus->config->driver == BOARDS_RTU)
		return n == 0 || reply[0] != address
			       ? wrong(bus, "a reply of board %u instead", reply[0])
			       : 0;
	if ((reply[0] << 8 | reply[1]) != bus->transaction)
		return wrong(bus, "a reply to another request (%u)", reply[0] << 8 | reply[1]);
	if (reply[2] || reply[3] || (reply[4] << 8 | reply[5]) != n - 6)
		return wrong(bus, "a reply whose header says %u bytes", reply[4] << 8 | reply[5]);
	if (reply[6] != address)
		return wrong(bus, "a reply of board %u instead", reply[6]);
	return 0;
}

/* body: from the function code on, n bytes without CRC. */
static int check_body(struct boards_bus *bus, const uint8_t *request, const uint8_t *body, int n)
{
	int count = request[3] << 8 | request[4];

	if (body[0] == (request[0] | REFUSED))
		return n == 2 ? refused(bus, body[1]) : wrong(bus, "a refusal of %u bytes", n);
	if (body[0] != request[0])
		return wrong(bus, "a reply of function %u to another", body[0]);
	if (request[0] == READ)
		return n == 2 + 2 * count && body[1] == 2 * count
			       ? 0
			       : wrong(bus, "a reply of %u bytes, not as many as asked", body[1]);
	/* the register, not the value: some slaves say what it reads now, and all is read back */
	return n == REQUEST_SIZE && memcmp(body, request, 3) == 0
		       ? 0
		       : wrong(bus, "a reply to another write (%u)", body[1] << 8 | body[2]);
}

/* reply: of MODBUS_MAX_ADU_LENGTH; *ret_body points into it. */
static int exchange(struct boards_bus *bus, uint8_t address, const uint8_t *request, double bytes_s,
		    uint8_t *reply, const uint8_t **ret_body)
{
	bool line = bus->config->driver == BOARDS_RTU;
	int n, r, header = line ? 1 : TCP_HEADER;
	/* a first byte that no right reply has shows whether any came */
	uint8_t nothing = line ? (uint8_t)~address : (uint8_t) ~((bus->transaction + 1) >> 8);

	modbus_set_slave(bus->modbus, address);
	modbus_flush(bus->modbus);
	r = send_frame(bus, address, request);
	if (r < 0)
		return because(bus, -r);
	set_timeout(bus, bus->config->reply_timeout_s + bytes_s);
	reply[0] = nothing;
	n = modbus_receive_confirmation(bus->modbus, reply);
	r = n < 0 ? errno : 0;
	bus->quiet_ns = boards_now_ns();
	if (r == ETIMEDOUT && reply[0] != nothing)
		return wrong(bus, "half a reply");
	if (n < 0)
		return because(bus, r);
	r = check_header(bus, address, reply, n);
	if (r < 0)
		return r;
	*ret_body = reply + header;
	return check_body(bus, request, reply + header, n - header - (line ? 2 : 0));
}

int boards_bus_read(struct boards_bus *bus, uint8_t address, uint16_t first, uint16_t n,
		    uint16_t *ret)
{
	uint8_t request[REQUEST_SIZE] = {READ, (uint8_t)(first >> 8), (uint8_t)first,
					 (uint8_t)(n >> 8), (uint8_t)n};
	uint8_t reply[MODBUS_MAX_ADU_LENGTH];
	const uint8_t *body;
	int r = bus_open(bus);

	if (r < 0)
		return r;
	r = exchange(bus, address, request,
		     (BOARDS_REQUEST_BYTES + BOARDS_REPLY_BYTES + 2 * n) * byte_s(bus->config),
		     reply, &body);
	for (unsigned i = 0; r == 0 && i < n; i++)
		ret[i] = (uint16_t)(body[2 + 2 * i] << 8 | body[3 + 2 * i]);
	return settle(bus, r);
}

static void write_request(uint8_t request[REQUEST_SIZE], uint16_t reg, uint16_t value)
{
	request[0] = WRITE;
	request[1] = (uint8_t)(reg >> 8);
	request[2] = (uint8_t)reg;
	request[3] = (uint8_t)(value >> 8);
	request[4] = (uint8_t)value;
}

int boards_bus_write(struct boards_bus *bus, uint8_t address, uint16_t reg, uint16_t value)
{
	uint8_t request[REQUEST_SIZE], reply[MODBUS_MAX_ADU_LENGTH];
	const uint8_t *body;
	int r = bus_open(bus);

	if (r < 0)
		return r;
	write_request(request, reg, value);
	return settle(bus, exchange(bus, address, request,
				    2 * BOARDS_REQUEST_BYTES * byte_s(bus->config), reply, &body));
}

int boards_bus_broadcast(struct boards_bus *bus, uint16_t reg, uint16_t value)
{
	uint8_t request[REQUEST_SIZE];
	int r = bus_open(bus);

	if (r < 0)
		return r;
	modbus_flush(bus->modbus);
	write_request(request, reg, value);
	r = send_frame(bus, MODBUS_BROADCAST_ADDRESS, request);
	if (r < 0)
		return settle(bus, because(bus, -r));
	sleep_until(boards_now_ns() +
		    (int64_t)((BOARDS_REQUEST_BYTES * byte_s(bus->config) + BOARDS_PAUSE_S) * 1e9));
	return 0;
}
