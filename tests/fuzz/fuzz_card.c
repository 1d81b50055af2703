/* tests/fuzz/fuzz_card.c - the wire of nudge-benchd's card: any bytes of a client.
 *
 * Byte 0: a whole list of instructions, as card_do() has it, or (one in eight) any bytes on the socket.
 */
#include "config.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "sim_backend/benchd/card_state.h"
#include "tests/fuzz/fuzz_world.h"

#define MOST_INSTRUCTIONS 64

static void do_list(struct world *w, struct fuzz_input *in)
{
	static uint32_t answers[CARD_MOST_ANSWERS];
	struct card_instruction list[MOST_INSTRUCTIONS];
	struct card_state state = {.world = w};
	uint32_t n = (uint32_t)(in->left / sizeof(list[0])), n_answers = 0;

	if (n > MOST_INSTRUCTIONS)
		n = MOST_INSTRUCTIONS;
	memcpy(list, in->at, n * sizeof(list[0]));
	card_state_reset(&state);
	FUZZ_MUST(card_do(&state, 0, list, n, card_now_ns(), answers, &n_answers) >= 0);
	FUZZ_MUST(n_answers <= CARD_MOST_ANSWERS);
}

static void serve(struct card *card)
{
	struct pollfd fds[CARD_POLLFDS];
	size_t n;

	for (unsigned i = 0; i < 16; i++) {
		n = card_pollfds(card, fds);
		if (poll(fds, n, 0) <= 0)
			return;
		card_serve(card, fds, n);
	}
}

static void speak(struct world *w, struct fuzz_input *in)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	struct world_error err;
	struct card *card;
	char bytes[4096];
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(to.sun_path, sizeof(to.sun_path), "/tmp/nudge-fuzz-card.%ld", (long)getpid());
	FUZZ_MUST(fd >= 0 && card_open(w, to.sun_path, &card, &err) == 0);
	FUZZ_MUST(connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0);
	serve(card);
	while (in->left) {
		size_t n = (size_t)1 + fuzz_byte(in);

		n = n > in->left ? in->left : n;
		if (n && send(fd, in->at, n, MSG_NOSIGNAL) < 0)
			break;
		in->at += n;
		in->left -= n;
		serve(card);
		while (read(fd, bytes, sizeof(bytes)) > 0)
			serve(card);
	}
	close(fd);
	card_close(card);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	struct world *w = fuzz_world(card_now_ns());

	if (fuzz_byte(&in) % 8 == 7)
		speak(w, &in);
	else
		do_list(w, &in);
	world_free(w);
	return 0;
}
