/* tests/follow_try.c - libnudge's watch as a program: every step of a run from the first on, whatever happens meanwhile.
 *
 *   follow_try ADDRESS RUN [EVERY PAUSE_MS [BOOTS]]
 *
 * Says "standing" when the watch stands.  Writes each row, its arrays in the descriptor's order, to standard output, and at the end
 * one line of JSON to standard error: rows, those fetched, boots, gaps (all, and of steps), failures that passed by.  With EVERY it
 * pauses for PAUSE_MS after so many records, as a slow reader would.  Does not end before
 * it has been told of BOOTS new starts. */
#include "config.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/libnudge/nudge.h"

#define WAIT_S    1.0
#define PATIENCE  600 /* waits in a row that bring nothing */
#define ATTEMPT_S 10.0

struct tally {
	uint64_t run, next, fetched, boots, gaps, lost, failures;
	uint64_t wanted; /* new starts to be told of */
	bool asked, ended;
	uint64_t made; /* steps of the run, once it has ended */
};

static void write_rows(const struct nudge_record *record, struct tally *t)
{
	for (uint64_t i = t->next > record->step ? t->next - record->step : 0; i < record->n; i++) {
		for (size_t k = 0; k < record->n_arrays; k++) {
			const struct nudge_array *a = &record->arrays[k];
			size_t bytes = a->shape[1] * a->item_bytes;

			fwrite((const char *)a->bytes + i * bytes, 1, bytes, stdout);
		}
		t->next++;
		t->fetched += record->fetched;
	}
}

static void ask_status(struct nudge *n, struct tally *t)
{
	static const char *const ends[] = {"done", "stopped", "aborted", "interrupted", "failed"};
	json_t *status;
	const char *word;

	if (nudge_call(n, "run.get", json_pack("{s:I}", "run", (json_int_t)t->run), ATTEMPT_S,
		       &status, NULL) < 0) {
		t->failures++;
		return;
	}
	word = json_string_value(json_object_get(status, "status"));
	for (size_t i = 0; word && i < sizeof(ends) / sizeof(ends[0]); i++)
		t->ended |= !strcmp(word, ends[i]);
	if (t->ended)
		t->made = (uint64_t)json_integer_value(json_object_get(status, "steps"));
	t->asked = !t->ended;
	json_decref(status);
}

static void take(const struct nudge_record *record, struct tally *t)
{
	const char *event = json_string_value(json_object_get(record->header, "event"));

	if (!strcmp(record->kind, "step") && record->run == t->run) {
		if (record->step > t->next) /* a hole that the library did not tell */
			t->lost += record->step - t->next;
		write_rows(record, t);
	}
	t->boots += !strcmp(record->kind, "boot");
	t->gaps += !strcmp(record->kind, "gap");
	if (!strcmp(record->kind, "gap") && record->header &&
	    json_object_get(record->header, "from_step"))
		t->lost++;
	t->asked |= !strcmp(record->kind, "boot") || !strcmp(record->kind, "gap") ||
		    (event && !strcmp(event, "run_end") && record->run == t->run);
}

static int follow(struct nudge *n, struct nudge_watch *w, struct tally *t, unsigned long every,
		  int pause_ms)
{
	unsigned long records = 0, idle = 0;

	while (!t->ended || t->next < t->made || t->boots < t->wanted) {
		struct nudge_error error = {0};
		struct nudge_record *record;
		int r = nudge_watch_next(w, WAIT_S, &record, &error);

		if (r > 0) {
			idle = 0;
			take(record, t);
			nudge_record_free(record);
			if (every && ++records % every == 0)
				(void)poll(NULL, 0, pause_ms);
		} else {
			if (r < 0)
				t->failures++;
			nudge_error_clear(&error);
			if (++idle > PATIENCE)
				return -1;
			t->asked = true;
		}
		if (t->asked && !t->ended)
			ask_status(n, t);
	}
	return 0;
}

int main(int argc, char **argv)
{
	static const char *const topics[] = {"event.", "test.", NULL};
	struct tally t = {0};
	struct nudge *n = NULL;
	struct nudge_watch *w = NULL;
	struct nudge_error error = {0};
	int r = -1;

	if (argc != 3 && argc != 5 && argc != 6)
		return 2;
	t.run = strtoull(argv[2], NULL, 10);
	t.wanted = argc > 5 ? strtoull(argv[5], NULL, 10) : 0;
	if (nudge_connect(argv[1], ATTEMPT_S, &n, &error) == 0 &&
	    nudge_watch_open(n, topics, ATTEMPT_S, &w, &error) == 0 &&
	    nudge_watch_run(w, t.run, 0, &error) == 0) {
		fprintf(stderr, "standing\n");
		r = follow(n, w, &t, argc > 3 ? strtoul(argv[3], NULL, 10) : 0,
			   argc > 4 ? atoi(argv[4]) : 0);
	}
	if (error.kind)
		fprintf(stderr, "%s\n", error.message);
	fflush(stdout);
	fprintf(stderr,
		"{\"steps\":%llu, \"refilled\":%llu, \"boots\":%llu, \"gaps\":%llu, \"lost\":%llu, "
		"\"failures\":%llu}\n",
		(unsigned long long)t.next, (unsigned long long)t.fetched,
		(unsigned long long)t.boots, (unsigned long long)t.gaps, (unsigned long long)t.lost,
		(unsigned long long)t.failures);
	nudge_error_clear(&error);
	nudge_watch_close(w);
	nudge_close(n);
	return r < 0;
}
