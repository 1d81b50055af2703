/* tests/fuzz/fuzz_control.c - lines on nudge-benchd's control socket, with time going on between them. */
#include "config.h"

#include "sim_backend/benchd/control.h"
#include "tests/fuzz/fuzz_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int64_t now_ns = 1000 * WORLD_MS;
	struct world *w = fuzz_world(now_ns);
	char *text = malloc(size + 1), *rest = text, *line;

	FUZZ_MUST(text);
	memcpy(text, data, size);
	text[size] = '\0';
	for (unsigned i = 0; i < 16 && (line = strsep(&rest, "\n")); i++) {
		struct control_wait wait;
		char *answer;

		if (control_reads_wait(line, &wait)) {
			control_wait_is_over(w, &wait);
			continue;
		}
		answer = control_answer(w, line, now_ns);
		FUZZ_MUST(answer && answer[0] == '{' && !strchr(answer, '\n'));
		free(answer);
		now_ns += WORLD_MS;
		world_set_line(w, 0, i & 1, now_ns);
		world_advance(w, now_ns);
		world_read_input(w, i, now_ns);
	}
	free(text);
	world_free(w);
	return 0;
}
