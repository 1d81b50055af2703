/* clients/nudgectl/follow.c - follows a run to its end, and passes Ctrl-C on to it. */
#include "config.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/nudgectl/follow.h"
#include "clients/nudgectl/interrupt.h"
#include "clients/nudgectl/progress.h"
#include "clients/nudgectl/table.h"

#define LOOK_S      0.1 /* how long Ctrl-C may wait */
#define ASK_AGAIN_S 1.0

struct follow {
	struct context *c;
	struct nudge_watch *w;
	unsigned flags;
	unsigned interrupts;
	int interrupt_fd;
	json_t *status; /* of run.get, when it has ended */
	double asked_s; /* when run.get was asked last */
	bool queued;    /* it has not begun */
	bool plugging;  /* it waits for plugs, and somebody is there to press Enter */
	struct progress progress;
};

int follow_open(struct context *c, struct nudge_watch **ret)
{
	static const char *const topics[] = {"event.", "test.", "state.", NULL};
	struct nudge_error error = {0};
	int r = context_connect(c);

	if (r == EXIT_FINE && nudge_watch_open(c->nudge, topics, c->timeout_s, ret, &error) < 0)
		r = say_error(&error);
	return r;
}

static json_t *run_params(uint64_t run)
{
	return json_pack("{s:I}", "run", (json_int_t)run);
}

static bool has_ended(const json_t *status)
{
	static const char *const ends[] = {"done", "stopped", "aborted", "interrupted", "failed"};
	const char *word = json_string_value(json_object_get(status, "status"));

	for (size_t i = 0; word && i < sizeof(ends) / sizeof(ends[0]); i++)
		if (!strcmp(word, ends[i]))
			return true;
	return false;
}

static bool is_queued(const json_t *status)
{
	const char *word = json_string_value(json_object_get(status, "status"));

	return word && !strcmp(word, "queued");
}

/* Asks how the run stands; keeps the answer when it has ended */
static int ask_status(struct follow *f)
{
	json_t *status;
	int r = context_ask(f->c, "run.get", run_params(f->progress.run), &status);

	f->asked_s = progress_now_s();
	if (r != EXIT_FINE)
		return r;
	f->queued = is_queued(status);
	if (has_ended(status)) {
		json_decref(f->status);
		f->status = json_incref(status);
	}
	json_decref(status);
	return EXIT_FINE;
}

/* A stop is answered at the end of its step, which may be long: nobody waits for that here, least of all the next
 * Ctrl-C.  A refusal is no matter: the run has ended by itself meanwhile, and its end is on the way to us. */
static void ask_to_end(struct follow *f, const char *method, double timeout_s)
{
	struct nudge_error error = {0};
	json_t *result;

	if (nudge_call(f->c->nudge, method, run_params(f->progress.run), timeout_s, &result,
		       &error) == 0)
		json_decref(result);
	else if (error.kind == NUDGE_TIMED_OUT && timeout_s < f->c->timeout_s)
		nudge_error_clear(&error);
	else
		say_error(&error);
}

/* First press: stop after this step.  Second: abort.  Third: leave, whatever becomes of it.  A run that has not
 * begun is taken out of the queue instead. */
static int interrupted(struct follow *f)
{
	static const struct {
		const char *method, *said;
	} presses[] = {
		{"run.stop", "stopping after this step; Ctrl-C again aborts"},
		{"run.abort", "aborting"},
	};
	json_t *result;
	unsigned press = f->interrupts++;

	if (!(f->flags & FOLLOW_STEERS) || press > 1)
		return say_failed("left; run %llu goes its way, nudgectl watch %llu looks on",
				  (unsigned long long)f->progress.run,
				  (unsigned long long)f->progress.run);
	if (f->queued &&
	    context_ask(f->c, "queue.remove", run_params(f->progress.run), &result) == EXIT_FINE) {
		json_decref(result);
		return say_failed("run %llu is taken out of the queue",
				  (unsigned long long)f->progress.run);
	}
	progress_say(&f->progress, "%s", presses[press].said);
	ask_to_end(f, presses[press].method, press == 0 ? LOOK_S : f->c->timeout_s);
	return EXIT_FINE;
}

/* "eta 0.5 -> 0.2, rev 1 -> 2" of an event's old and new, "[3] -> [1.5]" of lists; the rest is left to `what` */
static void list_changes(const json_t *header, char *text, size_t size)
{
	json_t *now = json_object_get(header, "new"), *value;
	const json_t *old = json_object_get(header, "old");
	const char *name;

	text[0] = '\0';
	if (json_is_array(now) && json_is_array(old)) {
		char *from = table_cell(old, TABLE_TEXT), *to = table_cell(now, TABLE_TEXT);

		if (from && to)
			snprintf(text, size, "%s -> %s", from, to);
		free(from);
		free(to);
	}
	json_object_foreach(now, name, value)
	{
		const json_t *before = json_object_get(old, name);
		size_t used = strlen(text);

		if (!json_is_number(value) || !json_is_number(before) || json_equal(value, before))
			continue;
		snprintf(text + used, size - used, "%s%s %g -> %g", used > 0 ? ", " : "", name,
			 json_number_value(before), json_number_value(value));
	}
}

/* What a looker-on wants to know of: not the bookkeeping around a run's beginning */
static bool is_news(const struct nudge_record *record, const char *event)
{
	static const char *const quiet[] = {"queue", "run_begin", "class_means", "updates",
					    "circuit"};

	for (size_t i = 0; i < sizeof(quiet) / sizeof(quiet[0]); i++)
		if (!strcmp(event, quiet[i]))
			return false;
	return record->step > 0 || strcmp(event, "param") != 0;
}

/* Each plug that the run waits for; an event without any says that they have been moved. */
static void say_moves(struct follow *f, const json_t *moves)
{
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(moves); i++) {
		const json_t *what = json_object_get(json_array_get(moves, i), "what");

		if (what)
			progress_say(&f->progress, "  %s", json_string_value(what));
		n += what != NULL;
	}
	f->plugging = n && (f->flags & FOLLOW_STEERS) && isatty(STDIN_FILENO);
	if (f->plugging)
		progress_say(&f->progress, "press Enter when it is plugged");
	else if (n)
		progress_say(&f->progress, "nudgectl resume --take-over, when it is plugged");
}

/* Somebody has moved the plugs, and says so. */
static int take_enter(struct follow *f)
{
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
	json_t *result;
	char line[256];
	int r;

	if (!f->plugging || poll(&in, 1, 0) <= 0)
		return EXIT_FINE;
	f->plugging = false;
	if (read(STDIN_FILENO, line, sizeof(line)) <= 0)
		return EXIT_FINE;
	r = context_ask(f->c, "run.resume", run_params(f->progress.run), &result);
	if (r == EXIT_FINE)
		json_decref(result);
	return r == EXIT_AWAY ? r : EXIT_FINE;
}

static int take_event(struct follow *f, const struct nudge_record *record)
{
	const char *event = json_string_value(json_object_get(record->header, "event"));
	const char *what = json_string_value(json_object_get(record->header, "what"));
	char changes[200];

	if (record->run != f->progress.run || !event)
		return EXIT_FINE;
	f->queued = f->queued && strcmp(event, "run_begin") != 0;
	if (!strcmp(event, "run_end"))
		return ask_status(f);
	if (!is_news(record, event) || f->c->format != FORMAT_TABLE)
		return EXIT_FINE;
	list_changes(record->header, changes, sizeof(changes));
	progress_say(&f->progress, "step %llu: %s %s", (unsigned long long)record->step,
		     what && !strcmp(event, "target") ? what : event,
		     changes[0] ? changes
		     : what     ? what
				: "");
	if (!strcmp(event, "wiring"))
		say_moves(f, json_object_get(record->header, "new"));
	return EXIT_FINE;
}

static int take(struct follow *f, const struct nudge_record *record)
{
	progress_record(&f->progress, record);
	if (!strcmp(record->kind, "event"))
		return take_event(f, record);
	if (!strcmp(record->kind, "boot")) {
		progress_say(&f->progress, "the server was started anew");
		return ask_status(f);
	}
	if (!strcmp(record->kind, "gap") &&
	    json_is_true(json_object_get(record->header, "left_out")))
		return EXIT_FINE; /* whoever wrote the task's log has asked for it */
	if (!strcmp(record->kind, "gap") && json_object_get(record->header, "why"))
		progress_say(
			&f->progress, "steps %lld to %lld are missing: %s",
			(long long)json_integer_value(json_object_get(record->header, "from_step")),
			(long long)json_integer_value(json_object_get(record->header, "to_step")),
			json_string_value(json_object_get(record->header, "why")));
	else if (!strcmp(record->kind, "gap"))
		return ask_status(f); /* its end may have been in the hole */
	return EXIT_FINE;
}

/* One record, or a moment without: 1, 0, or -1 and the exit code */
static int follow_once(struct follow *f, int *ret_code)
{
	struct nudge_error error = {0};
	struct nudge_record *record;
	int r = nudge_watch_next(f->w, f->status ? 0 : LOOK_S, &record, &error);

	*ret_code = EXIT_FINE;
	if (r < 0) {
		progress_say(&f->progress,
			     "run %llu is on its own:", (unsigned long long)f->progress.run);
		*ret_code = say_error(&error);
		return -1;
	}
	if (r > 0) {
		*ret_code = take(f, record);
		nudge_record_free(record);
	}
	if (*ret_code == EXIT_FINE && interrupt_take(f->interrupt_fd))
		*ret_code = interrupted(f);
	if (*ret_code == EXIT_FINE)
		*ret_code = take_enter(f);
	/* the end is told by an event; that it is not missed for ever is worth a question now and then */
	if (*ret_code == EXIT_FINE && !f->status && r == 0 &&
	    progress_now_s() - f->asked_s > ASK_AGAIN_S)
		*ret_code = ask_status(f);
	progress_show(&f->progress);
	return *ret_code == EXIT_FINE ? r : -1;
}

/* Why nothing happens yet */
static void say_queued(struct follow *f, const json_t *status)
{
	const json_t *snapshot = nudge_watch_snapshot(f->w);
	json_int_t position = json_integer_value(json_object_get(status, "position"));

	if (json_is_true(json_object_get(snapshot, "queue_held")))
		progress_say(
			&f->progress,
			"run %llu waits: the queue is held; nudgectl queue release --take-over "
			"lets it go on, as nudgectl run --release would have",
			(unsigned long long)f->progress.run);
	else if (position > 0)
		progress_say(&f->progress, "run %llu waits for %lld before it",
			     (unsigned long long)f->progress.run, (long long)position);
}

static int follow_begin(struct follow *f, uint64_t run)
{
	struct nudge_error error = {0};
	json_t *status;
	int r = context_ask(f->c, "run.get", run_params(run), &status);

	if (r != EXIT_FINE)
		return r;
	progress_init(&f->progress, f->c, run, status,
		      json_object_get(nudge_watch_snapshot(f->w), "params"));
	f->queued = is_queued(status);
	if (f->queued)
		say_queued(f, status);
	if (has_ended(status))
		f->status = json_incref(status);
	json_decref(status);
	if (nudge_watch_run(f->w, run, 0, &error) < 0)
		return say_error(&error);
	return EXIT_FINE;
}

/* What came of it; the exit code says the same */
static int follow_end(struct follow *f)
{
	const char *word = json_string_value(json_object_get(f->status, "status"));
	bool curve = f->c->terminal || (f->flags & FOLLOW_CURVE);
	json_t *run;

	if (f->c->format == FORMAT_JSON)
		say_json(f->status);
	else if (curve &&
		 context_ask(f->c, "history.run", run_params(f->progress.run), &run) == EXIT_FINE) {
		progress_tests(&f->progress, json_object_get(run, "tests"));
		json_decref(run);
	}
	progress_end(&f->progress, f->status, curve);
	return word && !strcmp(word, "done") ? EXIT_FINE : EXIT_FAILED;
}

int follow_run(struct context *c, struct nudge_watch *w, uint64_t run, unsigned flags)
{
	struct follow *f = calloc(1, sizeof(*f));
	int code = f ? EXIT_FINE : say_failed("no memory"), r = 1;

	if (!f)
		return code;
	*f = (struct follow){.c = c, .w = w, .flags = flags, .interrupt_fd = interrupt_open()};
	if (f->interrupt_fd < 0)
		code = say_failed("signals: %s", strerror(-f->interrupt_fd));
	else
		code = follow_begin(f, run);
	/* its end is known, and nothing is left of what came before it */
	while (code == EXIT_FINE && (!f->status || r > 0))
		r = follow_once(f, &code);
	if (code == EXIT_FINE)
		code = follow_end(f);
	if (code == EXIT_AWAY)
		say_failed(
			"run %llu is on its own; nudgectl watch %llu looks on when the server is back",
			(unsigned long long)run, (unsigned long long)run);
	if (f->interrupt_fd >= 0)
		interrupt_close(f->interrupt_fd);
	json_decref(f->status);
	free(f);
	return code;
}
