/* clients/nudgectl/cmd_watch.c - looks on: a run with its curve, or every record as it comes. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "clients/nudgectl/command.h"
#include "clients/nudgectl/follow.h"
#include "clients/nudgectl/interrupt.h"

#define LOOK_S 0.1 /* how long Ctrl-C may wait */

/* ---- one run ---- */

static int watch_run(struct context *c, const struct arguments *a)
{
	struct nudge_watch *w = NULL;
	unsigned long long run = 0;
	int r;

	if (a->n_words > 0 && !options_number(a->words[0], INT64_MAX, &run))
		return say_usage("watch %s: expected a run's number", a->words[0]);
	r = follow_open(c, &w);
	if (r == EXIT_FINE && a->n_words == 0)
		run = (unsigned long long)json_integer_value(
			json_object_get(nudge_watch_snapshot(w), "run"));
	if (r == EXIT_FINE && run == 0)
		r = say_failed("no run is active; nudgectl watch RUN looks at an earlier one");
	if (r == EXIT_FINE)
		r = follow_run(c, w, run, options_has(a, "curve") ? FOLLOW_CURVE : 0);
	nudge_watch_close(w);
	return r;
}

/* ---- records ---- */

static json_t *array_json(const struct nudge_array *array)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < array->shape[0]; i++) {
		json_t *row = array->axes == 2 ? json_array() : rows;

		for (size_t j = 0; j < array->shape[1]; j++) {
			double real = nudge_array_real(array, i, j);

			if (array->dtype[1] != 'f')
				json_array_append_new(
					row, json_integer(nudge_array_integer(array, i, j)));
			else
				json_array_append_new(row, isfinite(real) ? json_real(real)
									  : json_null());
		}
		if (row != rows)
			json_array_append_new(rows, row);
	}
	return rows;
}

/* A line of JSON: the header, and with --arrays its payload in `values` */
static void print_json(const struct nudge_record *record, bool arrays)
{
	json_t *line = json_copy(record->header), *values = json_object();

	json_object_set_new(line, "topic", json_string(record->topic));
	for (size_t i = 0; arrays && i < record->n_arrays; i++)
		json_object_set_new(values, record->arrays[i].name, array_json(&record->arrays[i]));
	if (arrays && record->n_arrays > 0)
		json_object_set(line, "values", values);
	json_dumpf(line, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(values);
	json_decref(line);
}

static void print_steps(const struct nudge_record *record)
{
	const struct nudge_array *mse = nudge_record_array(record, "mse_V2");

	for (size_t i = 0; i < record->n; i++)
		printf("%s run %llu step %llu  mse %.3e V2\n", record->topic,
		       (unsigned long long)record->run, (unsigned long long)(record->step + i),
		       mse ? nudge_array_real(mse, i, 0) : NAN);
}

static void print_text(const struct nudge_record *record)
{
	json_t *rest;
	char *text;

	if (!strcmp(record->kind, "step")) {
		print_steps(record);
		return;
	}
	rest = json_copy(record->header);
	json_object_del(rest, "v");
	json_object_del(rest, "kind");
	json_object_del(rest, "boot");
	json_object_del(rest, "prev");
	json_object_del(rest, "arrays");
	text = json_dumps(rest, JSON_COMPACT);
	printf("%s %s\n", record->topic[0] ? record->topic : record->kind, text ? text : "");
	json_decref(rest);
	free(text);
}

static int print_records(struct context *c, struct nudge_watch *w, int interrupt_fd,
			 const struct arguments *a)
{
	while (!interrupt_take(interrupt_fd)) {
		struct nudge_error error = {0};
		struct nudge_record *record;
		int r = nudge_watch_next(w, LOOK_S, &record, &error);

		if (r < 0)
			return say_error(&error);
		if (r > 0) {
			if (c->format == FORMAT_JSON)
				print_json(record, options_has(a, "arrays"));
			else
				print_text(record);
			nudge_record_free(record);
		}
		if (fflush(stdout) == EOF)
			return say_failed("cannot write to standard output");
	}
	return EXIT_FINE;
}

static int watch_topics(struct context *c, const struct arguments *a)
{
	const char *topics[OPTIONS_MAX + 1] = {0};
	struct nudge_error error = {0};
	struct nudge_watch *w = NULL;
	int fd, r = context_connect(c);

	for (size_t i = 0; i < OPTIONS_MAX && options_nth(a, "topic", i); i++)
		topics[i] = options_nth(a, "topic", i);
	if (r == EXIT_FINE && nudge_watch_open(c->nudge, topics, c->timeout_s, &w, &error) < 0)
		r = say_error(&error);
	if (r != EXIT_FINE)
		return r;
	fd = interrupt_open();
	if (fd >= 0) {
		r = print_records(c, w, fd, a);
		interrupt_close(fd);
	} else {
		r = say_failed("signals: %s", strerror(-fd));
	}
	nudge_watch_close(w);
	return r;
}

static int run_watch(struct context *c, const struct arguments *a)
{
	if (options_has(a, "topic") && a->n_words > 0)
		return say_usage("watch: a run or --topic, not both");
	return options_has(a, "topic") ? watch_topics(c, a) : watch_run(c, a);
}

static const struct option_spec watch_options[] = {
	{"topic", 0, "PREFIX",
	 "Print records whose topic begins so (step., event., hb., ...); repeatable."},
	{"arrays", 0, NULL, "With --topic and --json: the arrays too."},
	{"curve", 0, NULL, "Draw the curve at the end also without a terminal."},
	{0},
};

const struct command commands_watch[] = {
	{
		.name = "watch",
		.topic = TOPIC_LOOKING,
		.synopsis = "[RUN]",
		.summary = "Look on: the active run, an earlier one, or records as they come.",
		.text = "Ctrl-C ends the looking on, not the run.  Steps that were missed are fetched.",
		.examples = "watch\nwatch 12\nwatch --topic event. --topic test.  # until Ctrl-C\n"
			    "watch --json --arrays --topic step.  # until Ctrl-C\n",
		.options = watch_options,
		.min_words = 0,
		.max_words = 1,
		.run = run_watch,
	},
	{0},
};
