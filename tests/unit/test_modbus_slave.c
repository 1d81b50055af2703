/* tests/unit/test_modbus_slave.c - Modbus frames as the boards that are not there speak them, serial and TCP. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "sim_backend/benchd/slave.h"
#include "sim_backend/benchd/slave_rtu.h"
#include "sim_backend/benchd/slave_tcp.h"
#include "tests/check.h"
#include "tests/unit/world_lab.h"

static int set_up(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));

	lab_load(lab);
	lab_begin(lab, 1);
	*state = lab;
	return 0;
}

static int tear_down(void **state)
{
	lab_end(*state);
	free(*state);
	return 0;
}

/* ---- CRC ---- */

/* The specification's own example (Modbus over serial line V1.02, 6.2.2: 02 07 has the CRC 1241h, 41 sent first), two frames
 * of the reference guide PI-MBUS-300's kind that calculators agree on, and the check value of CRC-16/MODBUS. */
static void crcs_are_those_of_the_specification(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
		uint16_t crc;
	} cases[] = {
		{"\x02\x07", 2, 0x1241},
		{"\x01\x03\x00\x00\x00\x0A", 6, 0xCDC5},
		{"\x11\x03\x00\x6B\x00\x03", 6, 0x8776},
		{"\x11\x06\x00\x01\x00\x03", 6, 0x9B9A},
		{"123456789", 9, 0x4B37},
	};
	uint8_t frame[MODBUS_FRAME];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(modbus_frame_crc((const uint8_t *)cases[i].bytes, cases[i].n),
				 cases[i].crc);
	assert_int_equal(modbus_frame_make(0x11, (const uint8_t *)"\x03\x00\x6B\x00\x03", 5, frame),
			 8);
	assert_memory_equal(frame, "\x11\x03\x00\x6B\x00\x03\x76\x87", 8);
}

static void a_requests_length_follows_from_its_function(void **state)
{
	const uint8_t read[] = {1, 3}, many[] = {1, 16, 0, 1, 0, 2, 4}, other[] = {1, 43};

	(void)state;
	assert_int_equal(modbus_request_length(read, 1), 0);
	assert_int_equal(modbus_request_length(read, 2), 8);
	assert_int_equal(modbus_request_length(many, 6), 0);
	assert_int_equal(modbus_request_length(many, 7), 13);
	assert_int_equal(modbus_request_length(other, 2), MODBUS_BY_SILENCE);
}

/* ---- PDUs ---- */

static void answers(struct lab *lab, const char *pdu, size_t n, const char *want, size_t n_want)
{
	uint8_t got[MODBUS_PDU];
	size_t n_got = modbus_pdu_answer(lab->world, 2, (const uint8_t *)pdu, n, lab->now_ns, got);

	assert_int_equal(n_got, n_want);
	assert_memory_equal(got, want, n_want);
}
#define ANSWERS(pdu, want) answers(lab, pdu, sizeof(pdu) - 1, want, sizeof(want) - 1)

static void reads_and_writes(void **state)
{
	struct lab *lab = *state;

	ANSWERS("\x03\x00\x00\x00\x02", "\x03\x04\x4E\x44\x00\x01");
	ANSWERS("\x06\x01\x03\x00\x40", "\x06\x01\x03\x00\x40"); /* go to tap 64 */
	ANSWERS("\x03\x01\x00\x00\x01", "\x03\x02\x00\x40");
	ANSWERS("\x10\x00\x08\x00\x02\x04\x00\x01\x03\xE8", "\x10\x00\x08\x00\x02");
	ANSWERS("\x03\x00\x08\x00\x02", "\x03\x04\x00\x01\x03\xE8");
}

static void refuses_what_is_not_there(void **state)
{
	struct lab *lab = *state;

	ANSWERS("\x04\x00\x00\x00\x01", "\x84\x01"); /* function */
	ANSWERS("\x2B\x0E\x01\x00", "\xAB\x01");
	ANSWERS("\x03\x00\x0D\x00\x01", "\x83\x02"); /* register */
	ANSWERS("\x03\x00\x00\x00\x0E", "\x83\x02");
	ANSWERS("\x03\xFF\xFF\x00\x02", "\x83\x02");
	ANSWERS("\x06\x00\x00\x4E\x44", "\x86\x02"); /* read-only */
	ANSWERS("\x06\x00\x08\x00\x05", "\x86\x03"); /* value */
	ANSWERS("\x06\x01\x03\x00\x80", "\x86\x03");
	ANSWERS("\x06\x00\x0A\x00\x00", "\x86\x03");
	ANSWERS("\x03\x00\x00\x00\x00", "\x83\x03"); /* none, too many, half a request */
	ANSWERS("\x03\x00\x00\x00\x7E", "\x83\x03");
	ANSWERS("\x03\x00\x00\x00", "\x83\x03");
	ANSWERS("\x10\x00\x08\x00\x02\x02\x00\x01", "\x90\x03");
	ANSWERS("\x10\x00\x08\x00\x00\x00", "\x90\x03");
}

/* A write is whole or not at all. */
static void a_refused_write_changes_nothing(void **state)
{
	struct lab *lab = *state;

	ANSWERS("\x10\x00\x08\x00\x04\x08\x00\x01\x03\xE8\x00\x02\x00\x00", "\x90\x02");
	ANSWERS("\x10\x01\x02\x00\x02\x04\x00\x01\x00\x80", "\x90\x03");
	assert_int_equal(lab_read(lab, 2, BOARD_CAPACITOR), 0);
	assert_int_equal(lab_read(lab, 2, BOARD_EDGE + BOARD_EDGE_MODE), BOARD_LEARN);
}

/* ---- serial ---- */

struct line {
	struct slave_rtu *slave;
	int fd;
	char folder[32], link[64];
};

static void open_line(struct lab *lab, struct line *line, bool pace)
{
	struct slave_rtu_options options = {.baud = 115200, .pace = pace};
	struct world_error err;

	strcpy(line->folder, "/tmp/line-XXXXXX");
	assert_non_null(mkdtemp(line->folder));
	snprintf(line->link, sizeof(line->link), "%s/bus", line->folder);
	options.link = line->link;
	if (slave_rtu_open(lab->world, &options, &line->slave, &err) < 0)
		fail_msg("%s", err.text);
	line->fd = open(line->link, O_RDWR | O_NOCTTY | O_NONBLOCK);
	assert_true(line->fd >= 0);
}

static void close_line(struct line *line)
{
	close(line->fd);
	slave_rtu_close(line->slave);
	assert_int_equal(access(line->link, F_OK), -1);
	assert_int_equal(rmdir(line->folder), 0);
}

/* What the slave says within so long, in steps of 0.1 ms. */
static size_t says(struct lab *lab, struct line *line, int64_t within_ns, uint8_t ret[256])
{
	int64_t end_ns = lab->now_ns + within_ns;

	for (;; lab->now_ns += MS / 10) {
		ssize_t n;

		slave_rtu_serve(line->slave, lab->now_ns);
		n = read(line->fd, ret, 256);
		if (n > 0 || lab->now_ns >= end_ns)
			return n > 0 ? (size_t)n : 0;
	}
}

static void send_pdu(struct line *line, uint8_t address, const char *pdu, size_t n)
{
	uint8_t frame[MODBUS_FRAME];
	size_t length = modbus_frame_make(address, (const uint8_t *)pdu, n, frame);

	assert_int_equal(write(line->fd, frame, length), length);
}

static const char read_magic[] = "\x03\x00\x00\x00\x01";

static void a_frame_in_pieces_is_one(void **state)
{
	struct lab *lab = *state;
	struct line line;
	uint8_t got[256];

	open_line(lab, &line, false);
	assert_int_equal(write(line.fd, "\x03\x03\x00", 3), 3);
	assert_int_equal(says(lab, &line, 5 * MS, got), 0);
	assert_int_equal(write(line.fd, "\x00\x00\x01\x85\xE8", 5), 5);
	assert_int_equal(says(lab, &line, 5 * MS, got), 7);
	assert_memory_equal(got, "\x03\x03\x02\x4E\x44\xF4\x17", 7);
	close_line(&line);
}

static void silence_ends_what_is_no_frame(void **state)
{
	struct lab *lab = *state;
	struct line line;
	uint8_t got[256];

	open_line(lab, &line, false);
	assert_int_equal(write(line.fd, "\x03\x03\x00\x00", 4), 4);
	assert_int_equal(says(lab, &line, 50 * MS, got), 0);
	send_pdu(&line, 3, read_magic, 5);
	assert_int_equal(says(lab, &line, MS, got), 7);
	send_pdu(&line, 3, "\x2B\x0E\x01\x00", 4); /* a function of unknown length */
	assert_int_equal(says(lab, &line, 50 * MS, got), 5);
	assert_memory_equal(got, "\x03\xAB\x01", 3);
	assert_int_equal(write(line.fd, "\x03\x03\x00\x00\x00\x01\x85\xE9", 8), 8); /* CRC */
	assert_int_equal(says(lab, &line, 50 * MS, got), 0);
	send_pdu(&line, 17, read_magic, 5); /* nobody */
	assert_int_equal(says(lab, &line, 50 * MS, got), 0);
	close_line(&line);
}

static void a_broadcast_reaches_all_and_nobody_answers(void **state)
{
	struct lab *lab = *state;
	struct line line;
	uint8_t got[256];

	open_line(lab, &line, false);
	send_pdu(&line, 0, "\x06\x01\x02\x00\x01", 5); /* hold */
	assert_int_equal(says(lab, &line, 50 * MS, got), 0);
	for (size_t i = 0; i < EDGES; i++)
		assert_int_equal(lab_read(lab, i, BOARD_EDGE + BOARD_EDGE_MODE), BOARD_HOLD);
	send_pdu(&line, 0, read_magic, 5);
	assert_int_equal(says(lab, &line, 50 * MS, got), 0);
	close_line(&line);
}

static struct world_fault of_board(const char *what)
{
	return (struct world_fault){.what = what, .board = 2, .value = 0.03, .count = 1};
}

static void faults_spoil_answers_as_they_say(void **state)
{
	struct lab *lab = *state;
	struct line line;
	struct world_fault f;
	uint8_t got[256];

	open_line(lab, &line, false);
	f = of_board("wrong_crc");
	lab_fault(lab, &f);
	send_pdu(&line, 3, read_magic, 5);
	assert_int_equal(says(lab, &line, MS, got), 7);
	assert_int_not_equal(modbus_frame_crc(got, 5), got[5] | got[6] << 8);
	f = of_board("wrong_address");
	lab_fault(lab, &f);
	send_pdu(&line, 3, read_magic, 5);
	assert_int_equal(says(lab, &line, MS, got), 7);
	assert_int_equal(got[0], 4);
	assert_int_equal(modbus_frame_crc(got, 5), got[5] | got[6] << 8);
	f = of_board("half");
	lab_fault(lab, &f);
	send_pdu(&line, 3, read_magic, 5);
	assert_int_equal(says(lab, &line, MS, got), 3);
	f = of_board("refused");
	lab_fault(lab, &f);
	send_pdu(&line, 3, "\x06\x01\x03\x00\x01", 5);
	assert_int_equal(says(lab, &line, MS, got), 5);
	assert_memory_equal(got, "\x03\x86\x04", 3);
	assert_int_equal(lab_read(lab, 2, BOARD_EDGE), 63);
	f = of_board("late");
	lab_fault(lab, &f);
	send_pdu(&line, 3, read_magic, 5);
	assert_int_equal(says(lab, &line, 29 * MS, got), 0);
	assert_int_equal(says(lab, &line, 2 * MS, got), 7);
	f = of_board("hang");
	lab_fault(lab, &f);
	send_pdu(&line, 3, "\x06\x01\x03\x00\x02", 5); /* done, but not answered */
	assert_int_equal(says(lab, &line, 50 * MS, got), 0);
	assert_int_equal(lab_read(lab, 2, BOARD_EDGE), 2);
	f = of_board("silence");
	lab_fault(lab, &f);
	send_pdu(&line, 3, "\x06\x01\x03\x00\x04", 5); /* not even heard */
	assert_int_equal(says(lab, &line, 50 * MS, got), 0);
	assert_int_equal(lab_read(lab, 2, BOARD_EDGE), 2);
	close_line(&line);
}

/* 8 + 7 bytes of 11 bits at 115200, 3.5 bytes of silence, 1 ms: 2.767 ms; and no answer begins before the one before has
 * ended. */
static void a_paced_line_takes_its_time(void **state)
{
	struct lab *lab = *state;
	struct line line;
	uint8_t got[256];
	int64_t began_ns = lab->now_ns;

	open_line(lab, &line, true);
	send_pdu(&line, 3, read_magic, 5);
	assert_int_equal(says(lab, &line, 10 * MS, got), 7);
	assert_close(1e-6 * (double)(lab->now_ns - began_ns), 2.767, 0.11);
	began_ns = lab->now_ns;
	send_pdu(&line, 3, read_magic, 5);
	send_pdu(&line, 4, read_magic, 5);
	assert_int_equal(says(lab, &line, 10 * MS, got), 7);
	assert_int_equal(says(lab, &line, 10 * MS, got), 7);
	assert_int_equal(got[0], 4);
	assert_true(lab->now_ns - began_ns > 5.4 * MS);
	close_line(&line);
}

/* ---- anything at all ---- */

static void make_up(uint8_t *bytes, size_t n)
{
	static const uint8_t likely[] = {0, 1, 2, 3, 4, 6, 16, 0x20, 0x23, 0x80, 0xFF};

	for (size_t i = 0; i < n; i++)
		bytes[i] = rand() % 4 ? likely[(size_t)rand() % sizeof(likely)] : (uint8_t)rand();
}

static void random_requests_do_no_harm(void **state)
{
	struct lab *lab = *state;
	struct line line;
	unsigned seed = (unsigned)time(NULL);
	uint8_t bytes[MODBUS_FRAME], frame[MODBUS_FRAME], got[MODBUS_FRAME];

	print_message("# seed %u\n", seed);
	srand(seed);
	open_line(lab, &line, false);
	for (int k = 0; k < 20000; k++) {
		size_t n = (size_t)rand() % 40 + 1;

		make_up(bytes, n);
		if (k % 2) /* a frame, or noise */
			n = modbus_frame_make((uint8_t)(rand() % 20), bytes, n, frame);
		else
			memcpy(frame, bytes, n);
		assert_int_equal(write(line.fd, frame, n), n);
		lab->now_ns += 30 * MS;
		slave_rtu_serve(line.slave, lab->now_ns);
		lab->now_ns += 30 * MS;
		slave_rtu_serve(line.slave, lab->now_ns);
		while (read(line.fd, got, sizeof(got)) > 0)
			continue;
	}
	send_pdu(&line, 3, read_magic, 5);
	assert_int_equal(says(lab, &line, MS, got), 7);
	for (unsigned ao = 0; ao < WORLD_AO; ao++)
		assert_close(world_output(lab->world, ao), 0, 0);
	close_line(&line);
}

/* ---- TCP ---- */

static int dial(const struct slave_tcp *slave)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	to.sin_port = htons((uint16_t)atoi(strrchr(slave_tcp_place(slave, 0), ':') + 1));
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0 && errno != EINPROGRESS) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Serves until n bytes are there, or the slave hangs up. */
static size_t tcp_says(struct lab *lab, struct slave_tcp *slave, int fd, uint8_t *ret, size_t n)
{
	static struct pollfd fds[SLAVE_TCP_POLLFDS + 1];
	size_t got = 0;

	for (int rounds = 0; got < n && rounds < 200; rounds++) {
		size_t k = slave_tcp_pollfds(slave, fds);
		ssize_t more;

		fds[k] = (struct pollfd){.fd = fd, .events = POLLIN};
		if (poll(fds, k + 1, 100) == 0)
			return got;
		slave_tcp_serve(slave, fds, k, lab->now_ns);
		more = recv(fd, ret + got, n - got, MSG_DONTWAIT);
		if (more == 0 || (more < 0 && errno == ECONNRESET))
			return got;
		got += more > 0 ? (size_t)more : 0;
	}
	return got;
}

static void tcp_has_its_own_header(void **state)
{
	static const char place[1][108] = {"127.0.0.1:0"};
	struct lab *lab = *state;
	struct slave_tcp *slave;
	struct world_error err;
	uint8_t got[64];
	int fd;

	if (slave_tcp_open(lab->world, place, 1, &slave, &err) < 0)
		fail_msg("%s", err.text);
	fd = dial(slave);
	assert_int_equal(tcp_says(lab, slave, fd, got, 1), 0);
	assert_int_equal(
		send(fd, "\x12\x34\0\0\0\x06\x03\x03\0\0\0\x01\x12\x35\0\0\0\x06\x11\x03", 20, 0),
		20);
	assert_int_equal(tcp_says(lab, slave, fd, got, 11), 11);
	assert_memory_equal(got, "\x12\x34\0\0\0\x05\x03\x03\x02\x4E\x44", 11);
	assert_int_equal(send(fd, "\0\0\0\x01", 4, 0), 4); /* the rest of a request to nobody */
	assert_int_equal(tcp_says(lab, slave, fd, got, 9), 9);
	assert_memory_equal(got, "\x12\x35\0\0\0\x03\x11\x83\x0B", 9);
	assert_int_equal(send(fd, "\x12\x36\0\x01\0\x06\x03", 7, 0), 7); /* no Modbus */
	assert_int_equal(tcp_says(lab, slave, fd, got, 1), 0);
	close(fd);
	slave_tcp_close(slave);
}

static void refuses_places_that_do_not_fit_the_boards(void **state)
{
	static const char two[2][108] = {"127.0.0.1:0", "127.0.0.1:0"}, none[1][108] = {"nowhere"};
	struct lab *lab = *state;
	struct slave_tcp *slave;
	struct world_error err;

	assert_int_equal(slave_tcp_open(lab->world, two, 2, &slave, &err), -EINVAL);
	assert_non_null(strstr(err.text, "16 boards"));
	assert_int_equal(slave_tcp_open(lab->world, none, 1, &slave, &err), -EINVAL);
	assert_non_null(strstr(err.text, "HOST:PORT"));
}

#define IN_A_LAB(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crcs_are_those_of_the_specification),
		cmocka_unit_test(a_requests_length_follows_from_its_function),
		IN_A_LAB(reads_and_writes),
		IN_A_LAB(refuses_what_is_not_there),
		IN_A_LAB(a_refused_write_changes_nothing),
		IN_A_LAB(a_frame_in_pieces_is_one),
		IN_A_LAB(silence_ends_what_is_no_frame),
		IN_A_LAB(a_broadcast_reaches_all_and_nobody_answers),
		IN_A_LAB(faults_spoil_answers_as_they_say),
		IN_A_LAB(a_paced_line_takes_its_time),
		IN_A_LAB(random_requests_do_no_harm),
		IN_A_LAB(tcp_has_its_own_header),
		IN_A_LAB(refuses_places_that_do_not_fit_the_boards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
