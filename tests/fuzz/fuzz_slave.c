/* tests/fuzz/fuzz_slave.c - Modbus requests to the boards of nudge-benchd, over each wire.
 *
 * Byte 0: PDUs (a byte for the board, one for the length, then the PDU), or any bytes on the line of RTU or the connection
 * of TCP.
 */
#include "config.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include "sim_backend/benchd/slave.h"
#include "sim_backend/benchd/slave_rtu.h"
#include "sim_backend/benchd/slave_tcp.h"
#include "tests/fuzz/fuzz_world.h"

#define NOW (1000 * WORLD_MS)

static void ask_pdus(struct world *w, struct fuzz_input *in)
{
	int64_t now_ns = NOW;

	while (in->left) {
		uint8_t board = fuzz_byte(in), out[MODBUS_PDU];
		size_t n = fuzz_byte(in), got;

		now_ns += WORLD_MS;
		n = n < 1 ? 1 : n > MODBUS_PDU ? MODBUS_PDU : n;
		if (n > in->left)
			return;
		if (board & 0x80) {
			slave_broadcast(w, in->at, n, now_ns);
		} else {
			got = modbus_pdu_answer(w, board % world_boards(w), in->at, n, now_ns, out);
			FUZZ_MUST(got >= 2 && got <= MODBUS_PDU);
			FUZZ_MUST(out[0] == in->at[0] || out[0] == (in->at[0] | 0x80));
		}
		in->at += n;
		in->left -= n;
	}
}

static void drain(int fd)
{
	char bytes[4096];

	while (read(fd, bytes, sizeof(bytes)) > 0)
		;
}

static void speak_rtu(struct world *w, struct fuzz_input *in)
{
	static char link[64];
	struct slave_rtu_options options = {.link = link, .baud = 115200};
	struct world_error err;
	struct slave_rtu *s;
	int fd;

	snprintf(link, sizeof(link), "/tmp/nudge-fuzz-rtu.%ld", (long)getpid());
	FUZZ_MUST(slave_rtu_open(w, &options, &s, &err) == 0);
	fd = open(slave_rtu_terminal(s), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	FUZZ_MUST(fd >= 0);
	for (int64_t now_ns = NOW; in->left; now_ns += 30 * WORLD_MS) {
		size_t n = (size_t)1 + fuzz_byte(in);

		n = n > in->left ? in->left : n;
		if (n && write(fd, in->at, n) < 0)
			break;
		in->at += n;
		in->left -= n;
		slave_rtu_serve(s, now_ns);
		slave_rtu_serve(s, now_ns + 25 * WORLD_MS);
		drain(fd);
	}
	close(fd);
	slave_rtu_close(s);
}

static void serve_tcp(struct slave_tcp *s, int64_t now_ns)
{
	static struct pollfd fds[SLAVE_TCP_POLLFDS];
	size_t n;

	do {
		n = slave_tcp_pollfds(s, fds);
		if (poll(fds, n, 0) <= 0)
			return;
		slave_tcp_serve(s, fds, n, now_ns);
	} while (true);
}

static void speak_tcp(struct world *w, struct fuzz_input *in)
{
	static const char place[1][108] = {"127.0.0.1:0"};
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct linger at_once = {.l_onoff = 1}; /* no port is left waiting */
	struct world_error err;
	struct slave_tcp *s;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	FUZZ_MUST(fd >= 0 && slave_tcp_open(w, place, 1, &s, &err) == 0);
	to.sin_port = htons((uint16_t)atoi(strrchr(slave_tcp_place(s, 0), ':') + 1));
	FUZZ_MUST(connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	fcntl(fd, F_SETFL, O_NONBLOCK);
	serve_tcp(s, NOW);
	for (int64_t now_ns = NOW; in->left; now_ns += WORLD_MS) {
		size_t n = (size_t)1 + fuzz_byte(in);

		n = n > in->left ? in->left : n;
		if (n && send(fd, in->at, n, MSG_NOSIGNAL) < 0)
			break;
		in->at += n;
		in->left -= n;
		serve_tcp(s, now_ns);
		drain(fd);
	}
	close(fd);
	slave_tcp_close(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	struct world *w;

	if (size < 2)
		return 0;
	w = fuzz_world(NOW);
	switch (fuzz_byte(&in) % 8) {
	case 7:
		speak_tcp(w, &in);
		break;
	case 6:
		speak_rtu(w, &in);
		break;
	default:
		ask_pdus(w, &in);
	}
	world_free(w);
	return 0;
}
