/* tests/unit/test_card.c - the card's socket: who may listen, too many clients, requests in pieces, and nonsense. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "sim_backend/benchd/card.h"
#include "sim_backend/benchd/card_wire.h"
#include "tests/check.h"
#include "tests/unit/fake_world.h"

struct bench {
	char folder[64], path[96];
	struct world world;
	struct card *card;
	struct world_error err;
};

static int set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	assert_non_null(bench);
	strcpy(bench->folder, "/tmp/card-XXXXXX");
	assert_non_null(mkdtemp(bench->folder));
	snprintf(bench->path, sizeof(bench->path), "%s/card", bench->folder);
	bench->world.present = true;
	assert_ok(card_open(&bench->world, bench->path, &bench->card, &bench->err));
	*state = bench;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *bench = *state;

	card_close(bench->card);
	assert_int_equal(rmdir(bench->folder), 0); /* the socket is gone */
	free(bench);
	return 0;
}

/* Until nothing is left to do */
static void serve(struct bench *bench)
{
	struct pollfd fds[CARD_POLLFDS];

	for (;;) {
		size_t n = card_pollfds(bench->card, fds);
		if (poll(fds, n, 0) <= 0)
			return;
		card_serve(bench->card, fds, n);
	}
}

static int dial(struct bench *bench)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, bench->path);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	serve(bench);
	return fd;
}

static bool is_hung_up(int fd)
{
	char byte;
	ssize_t n = recv(fd, &byte, 1, MSG_PEEK);

	return n == 0 || (n < 0 && errno != EAGAIN);
}

struct request {
	struct card_request head;
	struct card_instruction one;
};

static const struct request hello = {.head = {.count = 1},
				     .one = {.what = CARD_HELLO, .value = CARD_WIRE_VERSION}};

static void assert_greets(struct bench *bench, int fd)
{
	struct {
		struct card_reply head;
		uint32_t answers[3];
	} got;

	assert_int_equal(send(fd, &hello, sizeof(hello), MSG_NOSIGNAL), sizeof(hello));
	serve(bench);
	assert_int_equal(recv(fd, &got, sizeof(got), 0), sizeof(got));
	assert_int_equal(got.head.error, 0);
	assert_int_equal(got.head.count, 3);
	assert_int_equal(got.answers[0], WORLD_AI);
	assert_int_equal(got.answers[1], WORLD_AO);
	assert_int_equal(got.answers[2], WORLD_DIO);
}

/* ---- */

static void a_socket_in_use_is_refused(void **state)
{
	struct bench *bench = *state;
	struct card *other;

	assert_int_equal(card_open(&bench->world, bench->path, &other, &bench->err), -EADDRINUSE);
	assert_non_null(strstr(bench->err.text, bench->path));
	serve(bench);
	assert_greets(bench, dial(bench)); /* the first one still serves */
}

static void a_file_in_the_way_is_kept(void **state)
{
	struct bench *bench = *state;
	struct card *other;
	char path[128];

	snprintf(path, sizeof(path), "%s/file", bench->folder);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(card_open(&bench->world, path, &other, &bench->err), -EEXIST);
	assert_int_equal(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/none/card", bench->folder);
	assert_int_equal(card_open(&bench->world, path, &other, &bench->err), -ENOENT);
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(card_open(&bench->world, path, &other, &bench->err), -ENAMETOOLONG);
}

static void a_dead_socket_is_replaced(void **state)
{
	struct bench *bench = *state;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct card *other;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/dead", bench->folder);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	assert_ok(card_open(&bench->world, address.sun_path, &other, &bench->err));
	card_close(other);
}

static void one_client_too_many_is_turned_away(void **state)
{
	struct bench *bench = *state;
	int fd[CARD_CLIENTS + 1];

	for (size_t i = 0; i <= CARD_CLIENTS; i++)
		fd[i] = dial(bench);
	for (size_t i = 0; i < CARD_CLIENTS; i++)
		assert_greets(bench, fd[i]);
	assert_true(is_hung_up(fd[CARD_CLIENTS]));
	close(fd[0]);
	serve(bench);
	close(fd[CARD_CLIENTS]);
	fd[0] = dial(bench); /* its place is free again */
	assert_greets(bench, fd[0]);
	for (size_t i = 0; i < CARD_CLIENTS; i++)
		close(fd[i]);
}

static void requests_come_in_pieces_and_in_crowds(void **state)
{
	struct bench *bench = *state;
	struct card_counts counts;
	int fd = dial(bench);
	struct request crowd[3] = {hello, hello, hello};

	for (size_t i = 0; i < sizeof(hello); i++) {
		card_counts(bench->card, &counts);
		assert_int_equal(counts.requests, 0);
		assert_int_equal(send(fd, (const char *)&hello + i, 1, 0), 1);
		serve(bench);
	}
	card_counts(bench->card, &counts);
	assert_int_equal(counts.requests, 1);
	assert_int_equal(send(fd, crowd, sizeof(crowd), 0), sizeof(crowd));
	serve(bench);
	card_counts(bench->card, &counts);
	assert_int_equal(counts.requests, 4);
	close(fd);
}

static void another_version_is_told(void **state)
{
	struct bench *bench = *state;
	struct request request = hello;
	struct card_reply reply;
	int fd = dial(bench);

	request.one.value++;
	assert_int_equal(send(fd, &request, sizeof(request), 0), sizeof(request));
	serve(bench);
	assert_int_equal(recv(fd, &reply, sizeof(reply), 0), sizeof(reply));
	assert_int_equal(reply.error, EPROTO);
	close(fd);
}

/* A client that asks for much and does not read holds up nobody */
static void an_answer_waits_for_its_reader(void **state)
{
	struct bench *bench = *state;
	const struct request request = {.head = {.count = 1},
					.one = {.what = CARD_READ, .repeat = CARD_MOST_ANSWERS}};
	const size_t size = sizeof(struct card_reply) + CARD_MOST_ANSWERS * sizeof(uint32_t);
	static char sink[sizeof(struct card_reply) + CARD_MOST_ANSWERS * sizeof(uint32_t)];
	int fd = dial(bench), other = dial(bench), small = 4096;
	size_t got = 0;

	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(send(fd, &request, sizeof(request), 0), sizeof(request));
	serve(bench);
	assert_greets(bench, other);
	while (got < 4 * size) {
		ssize_t n = recv(fd, sink, sizeof(sink), 0);
		assert_true(n > 0);
		got += (size_t)n;
		serve(bench);
	}
	assert_int_equal(got, 4 * size);
	close(fd);
	close(other);
}

static uint64_t next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Fields of random size, mostly small, in lists of random length, some cut short */
static void nonsense_breaks_nothing(void **state)
{
	struct bench *bench = *state;
	uint64_t seed = (uint64_t)time(NULL) << 16 | 1;
	static struct {
		struct card_request head;
		struct card_instruction list[8];
	} request;

	print_message("# seed %llu\n", (unsigned long long)seed);
	for (int round = 0; round < 20000; round++) {
		int fd = dial(bench);
		size_t size = sizeof(request);
		unsigned char *byte = (unsigned char *)&request;
		for (size_t i = 0; i < size; i++)
			byte[i] = next(&seed) % 4 ? 0
						  : (unsigned char)(next(&seed) >> next(&seed) % 8);
		if (next(&seed) % 8)
			request.head.count = (uint32_t)(next(&seed) % 9);
		for (size_t i = 0; i < 8; i++) {
			request.list[i].what = (uint16_t)(next(&seed) % 11);
			if (request.list[i].what == CARD_WAIT)
				request.list[i].value &= 0xff0003ff; /* short, or refused */
			if (next(&seed) % 16)
				request.list[i].repeat &= 0xf000000f;
			if (next(&seed) % 8)
				request.list[i].subdevice %= 4;
		}
		if (next(&seed) % 8 == 0)
			size = next(&seed) % size;
		assert_true(send(fd, &request, size, MSG_NOSIGNAL) >= 0 || errno == EPIPE);
		serve(bench);
		close(fd);
		serve(bench);
	}
	for (unsigned i = 0; i < WORLD_AO; i++)
		assert_true(fabs(bench->world.output_V[i]) <= 10.0);
	int fd = dial(bench);
	assert_greets(bench, fd);
	close(fd);
}

#define ON_A_CARD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_A_CARD(a_socket_in_use_is_refused),
		ON_A_CARD(a_file_in_the_way_is_kept),
		ON_A_CARD(a_dead_socket_is_replaced),
		ON_A_CARD(one_client_too_many_is_turned_away),
		ON_A_CARD(requests_come_in_pieces_and_in_crowds),
		ON_A_CARD(another_version_is_told),
		ON_A_CARD(an_answer_waits_for_its_reader),
		ON_A_CARD(nonsense_breaks_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
