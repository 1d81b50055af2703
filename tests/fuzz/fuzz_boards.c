/* tests/fuzz/fuzz_boards.c - the boards' driver and libmodbus, over a wire on which the input answers.
 *
 * The line is a socket pair, and each request that is sent is answered at once: by a frame that is right but for its words,
 * or by any bytes; then the other end hangs up where that leaves the driver waiting.  Byte 0 says RTU or TCP.
 */
#include "config.h"

#include <errno.h>
#include <sys/socket.h>
#include <time.h>

#include <modbus/modbus.h>

#include "drivers/boards.h"
#include "sim_backend/benchd/modbus.h"
#include "tests/fuzz/fuzz.h"

enum { BOARDS = 2, EDGES = 3, MOST_REQUESTS = 64 };
enum { RAW = 1, REFUSED = 2, HANG_UP = 4, HONEST = 8 };

static struct fuzz_input input;
static int wire[2] = {-1, -1}; /* the driver's end, which libmodbus closes, and ours */
static unsigned requests;
static bool hung_up; /* what is asked now gets no answer */

int __wrap_modbus_connect(modbus_t *ctx);
int __wrap_modbus_send_raw_request(modbus_t *ctx, const uint8_t *raw, int n);
ssize_t __wrap_send(int fd, const void *bytes, size_t n, int flags);
int __wrap_clock_nanosleep(clockid_t clock, int flags, const struct timespec *when,
			   struct timespec *left);

/* Nobody needs pauses on this line, or between attempts */
int __wrap_clock_nanosleep(clockid_t clock, int flags, const struct timespec *when,
			   struct timespec *left)
{
	(void)clock;
	(void)flags;
	(void)when;
	(void)left;
	return 0;
}

int __wrap_modbus_connect(modbus_t *ctx)
{
	/* the input's end: whoever would go on asking finds nobody */
	if (requests > MOST_REQUESTS || input.left == 0) {
		errno = ECONNREFUSED;
		return -1;
	}
	if (wire[1] >= 0)
		close(wire[1]);
	FUZZ_MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, wire) == 0);
	modbus_set_socket(ctx, wire[0]);
	hung_up = false;
	return 0;
}

/* The words of a board that is as it should be, so that the driver comes far */
static uint16_t honest_word(unsigned reg, uint8_t board)
{
	static const uint16_t identity[] = {0x4E44, 1, 1, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0};

	if (reg == 0x000C)
		return board;
	return reg < sizeof(identity) / sizeof(identity[0]) ? identity[reg] : 0;
}

static size_t pdu_of(const uint8_t *request, uint8_t board, uint8_t how, uint8_t *pdu)
{
	unsigned first = (unsigned)(request[1] << 8 | request[2]);
	unsigned n = (unsigned)(request[3] << 8 | request[4]);

	if (how & REFUSED)
		return modbus_pdu_exception(request[0], fuzz_byte(&input), pdu);
	if (request[0] != 3 || n > 125) {
		memcpy(pdu, request, 5);
		return 5;
	}
	pdu[0] = request[0];
	pdu[1] = (uint8_t)(2 * n);
	for (unsigned i = 0; i < n; i++) {
		uint16_t word = how & HONEST ? honest_word(first + i, board) : fuzz_word(&input);

		pdu[2 + 2 * i] = (uint8_t)(word >> 8);
		pdu[3 + 2 * i] = (uint8_t)word;
	}
	return 2 + 2 * n;
}

/* frame: address and PDU; transaction NULL: of RTU */
static void answer(const uint8_t *frame, const uint8_t *transaction)
{
	uint8_t how = fuzz_byte(&input), pdu[MODBUS_PDU], out[MODBUS_FRAME + 7];
	size_t n = 0;

	requests++;
	if (how & RAW) {
		n = how >> 3;
		for (size_t i = 0; i < n; i++)
			out[i] = fuzz_byte(&input);
	} else if (transaction) {
		size_t n_pdu = pdu_of(frame + 1, frame[0], how, pdu);

		memcpy(out,
		       (uint8_t[]){transaction[0], transaction[1], 0, 0, 0, (uint8_t)(n_pdu + 1),
				   frame[0]},
		       7);
		memcpy(out + 7, pdu, n_pdu);
		n = 7 + n_pdu;
	} else {
		n = modbus_frame_make(frame[0], pdu, pdu_of(frame + 1, frame[0], how, pdu), out);
	}
	if (n && !hung_up)
		FUZZ_MUST(write(wire[1], out, n) == (ssize_t)n);
	if (how & (RAW | HANG_UP) || input.left == 0) {
		shutdown(wire[1], SHUT_WR);
		hung_up = true;
	}
}

int __wrap_modbus_send_raw_request(modbus_t *ctx, const uint8_t *raw, int n)
{
	(void)ctx;
	if (raw[0] != 0) /* nobody answers a broadcast */
		answer(raw, NULL);
	return n;
}

ssize_t __wrap_send(int fd, const void *bytes, size_t n, int flags)
{
	const uint8_t *frame = bytes;

	(void)fd;
	(void)flags;
	answer(frame + 6, frame);
	return (ssize_t)n;
}

static void use(struct boards *b)
{
	uint8_t wiper[EDGES] = {1, 64, 127}, mode[EDGES], updated[1], raised[1];
	uint64_t n_updated[EDGES], n_raised[EDGES];
	struct rig_edges edges = {
		.wiper = wiper, .mode = mode, .updated = updated, .raised = raised};
	struct rig_error err;
	struct rig_note note;
	bool mismatch;

	boards_idle(b, &err);
	boards_ready(b, &err);
	boards_release(b, &err);
	for (unsigned i = 0; i < 3; i++)
		boards_read(b, i, &edges, &mismatch, &err);
	boards_counts(b, n_updated, n_raised, &err);
	boards_set_mode(b, 1, RIG_HOLD, &err);
	boards_set_capacitor(b, 1, &err);
	boards_reset_counts(b, &err);
	boards_hold(b);
	while (boards_take_note(b, &note))
		;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char device[1][108] = {"127.0.0.1:502"};
	uint8_t address[BOARDS] = {1, 2};
	uint32_t serial[BOARDS] = {0};
	struct boards_config config = {
		.device = device,
		.n_devices = 1,
		.baud = 4000000,
		.address = address,
		.serial = serial,
		.n_boards = BOARDS,
		.edges_per_board = 2,
		.reply_timeout_s = 0.0005,
		.tries = 2,
		.watchdog_s = 1,
	};
	struct boards *b = NULL;
	struct rig_error err;

	input = (struct fuzz_input){data, size};
	requests = 0;
	config.driver = fuzz_byte(&input) & 1 ? BOARDS_TCP : BOARDS_RTU;
	if (boards_open(&config, EDGES, 128, &b, &err) == 0)
		use(b);
	input.left = 0;
	boards_close(b);
	if (wire[1] >= 0)
		close(wire[1]);
	wire[1] = -1;
	return 0;
}
