/* clients/nudgectl/cmd_history.c - what was: runs, one run, events, and notes on runs. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/assign.h"
#include "clients/nudgectl/command.h"
#include "clients/nudgectl/rows.h"
#include "clients/nudgectl/sweep.h"
#include "clients/nudgectl/table.h"

static int read_run(const char *text, json_t *params)
{
	unsigned long long run;

	if (!options_number(text, INT64_MAX, &run))
		return say_usage("\"%s\": expected a run's number; nudgectl runs lists them", text);
	json_object_set_new(params, "run", json_integer((json_int_t)run));
	return EXIT_FINE;
}

/* ---- runs ---- */

static const struct table_column runs_columns[] = {
	{"run", "RUN", TABLE_NUMBER},
	{"name", "NAME", TABLE_TEXT},
	{"kind", "KIND", TABLE_TEXT},
	{"status", "STATUS", TABLE_STATUS},
	{"steps", "STEPS", TABLE_NUMBER},
	{"mse_first_V2", "MSE_FIRST_V2", TABLE_SHORT},
	{"mse_final_V2", "MSE_FINAL_V2", TABLE_SHORT},
	{"test_final_V2", "TEST_FINAL_V2", TABLE_SHORT},
	{"accuracy_final", "ACCURACY", TABLE_PERCENT},
	{"seed", "SEED", TABLE_NUMBER},
	{"started_utc", "STARTED (UTC)", TABLE_TIME},
	{"tags", "TAGS", TABLE_TEXT},
	{"note", "NOTE", TABLE_TEXT},
	{0},
};

/* --group stands alone but for the options that every command has */
static bool only_formats(const struct arguments *a)
{
	static const char *const filters[] = {"where", "status", "task",  "kind",
					      "tag",   "order",  "limit", "after"};

	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++)
		if (options_has(a, filters[i]))
			return false;
	return true;
}

static int run_runs(struct context *c, const struct arguments *a)
{
	static const char *const texts[] = {"where", "status", "task", "kind",
					    "tag",   "order",  NULL};
	static const char *const numbers[] = {"limit", "after", NULL};
	json_t *params = json_pack("{s:i}", "limit", 20);
	int r = rows_params(a, texts, numbers, params);

	if (options_has(a, "group")) {
		json_decref(params);
		return !only_formats(a)
			       ? say_usage("--group sums up the whole group: no other filter goes "
					   "with it")
			       : sweep_show_group(c, options_value(a, "group"));
	}
	if (r == EXIT_FINE)
		return rows_print(c, "history.runs", params, runs_columns);
	json_decref(params);
	return r;
}

/* ---- show ---- */

static const struct table_column run_members[] = {
	{"run", NULL, TABLE_NUMBER},
	{"name", NULL, TABLE_TEXT},
	{"kind", NULL, TABLE_TEXT},
	{"status", NULL, TABLE_STATUS},
	{"reason", NULL, TABLE_TEXT},
	{"rig", NULL, TABLE_TEXT},
	{"backend", NULL, TABLE_TEXT},
	{"seed", NULL, TABLE_NUMBER},
	{"who", NULL, TABLE_TEXT},
	{"submitted_utc", NULL, TABLE_TIME},
	{"started_utc", NULL, TABLE_TIME},
	{"ended_utc", NULL, TABLE_TIME},
	{"steps", NULL, TABLE_NUMBER},
	{"mse_first_V2", NULL, TABLE_SHORT},
	{"mse_last_V2", NULL, TABLE_SHORT},
	{"mse_min_V2", NULL, TABLE_SHORT},
	{"mse_final_V2", NULL, TABLE_SHORT},
	{"test_first_V2", NULL, TABLE_SHORT},
	{"test_best_V2", NULL, TABLE_SHORT},
	{"test_final_V2", NULL, TABLE_SHORT},
	{"accuracy_best", NULL, TABLE_PERCENT},
	{"accuracy_final", NULL, TABLE_PERCENT},
	{"edges_at_stop", NULL, TABLE_TEXT},
	{"tags", NULL, TABLE_TEXT},
	{"note", NULL, TABLE_TEXT},
	{"version", NULL, TABLE_TEXT},
	{"uuid", NULL, TABLE_TEXT},
	{0},
};

static const struct table_column param_columns[] = {
	{"rev", "REV", TABLE_NUMBER},     {"from_step", "FROM_STEP", TABLE_NUMBER},
	{"eta", "ETA", TABLE_NUMBER},     {"p", "P", TABLE_NUMBER},
	{"tau_s", "TAU_S", TABLE_NUMBER}, {"capacitance_F", "CAPACITANCE_F", TABLE_NUMBER},
	{"who", "WHO", TABLE_TEXT},       {0},
};

static const struct table_column event_columns[] = {
	{"t_utc", "TIME (UTC)", TABLE_TIME},
	{"run", "RUN", TABLE_NUMBER},
	{"step", "STEP", TABLE_NUMBER},
	{"kind", "KIND", TABLE_TEXT},
	{"who", "WHO", TABLE_TEXT},
	{"what", "WHAT", TABLE_TEXT},
	{"old", "OLD", TABLE_TEXT},
	{"new", "NEW", TABLE_TEXT},
	{0},
};

static int print_part(const struct context *c, const char *title,
		      const struct table_column *columns, const json_t *rows)
{
	if (json_array_size(rows) == 0)
		return EXIT_FINE;
	printf("\n%s%s%s\n", say_color(c, COLOR_BOLD), title, say_color(c, COLOR_NONE));
	return table_print(c, columns, rows);
}

static int run_show(struct context *c, const struct arguments *a)
{
	json_t *params = json_object(), *result;
	int r = read_run(a->words[0], params);

	if (r != EXIT_FINE) {
		json_decref(params);
		return r;
	}
	r = context_ask(c, "history.run", params, &result);
	if (r != EXIT_FINE)
		return r;
	r = table_print_object(c, run_members, result);
	if (r == EXIT_FINE && c->format == FORMAT_TABLE) {
		rows_keep_changes(json_object_get(result, "events"));
		r = print_part(c, "parameters", param_columns, json_object_get(result, "params"));
		if (r == EXIT_FINE)
			r = print_part(c, "events", event_columns,
				       json_object_get(result, "events"));
	}
	json_decref(result);
	return r;
}

/* ---- events, annotate ---- */

static int run_events(struct context *c, const struct arguments *a)
{
	static const char *const texts[] = {"kind", NULL};
	static const char *const numbers[] = {"limit", "after", NULL};
	json_t *params = json_object();
	int r = rows_params(a, texts, numbers, params);

	if (r == EXIT_FINE && a->n_words > 0)
		r = read_run(a->words[0], params);
	if (r == EXIT_FINE)
		return rows_print(c, "history.events", params, event_columns);
	json_decref(params);
	return r;
}

/* --tag +paper adds, --tag -draft removes; a word without a sign is added */
static int take_tag(const char *text, json_t *params)
{
	const char *name = *text == '-' ? "remove_tags" : "add_tags";
	json_t *list = json_object_get(params, name);

	text += *text == '+' || *text == '-';
	if (!*text)
		return say_usage("--tag: expected +WORD or -WORD");
	if (!list) {
		list = json_array();
		json_object_set_new(params, name, list);
	}
	json_array_append_new(list, json_string(text));
	return EXIT_FINE;
}

static int annotate(struct context *c, json_t *params)
{
	json_t *result;
	int r = context_ask(c, "run.annotate", params, &result);

	if (r == EXIT_FINE)
		json_decref(result);
	return r;
}

static int run_tag(struct context *c, const struct arguments *a)
{
	json_t *params = json_object();
	int r = read_run(a->words[0], params);
	const char *text;

	for (size_t i = 1; r == EXIT_FINE && i < a->n_words; i++)
		r = take_tag(a->words[i], params);
	for (size_t i = 0; r == EXIT_FINE && (text = options_nth(a, "remove", i)); i++) {
		char *with_sign = NULL;

		if (asprintf(&with_sign, "-%s", text) < 0)
			r = say_failed("no memory for a word");
		else
			r = take_tag(with_sign, params);
		free(with_sign);
	}
	if (r == EXIT_FINE && json_object_size(params) == 1)
		r = say_usage("tag: expected words to add, or --remove WORD");
	if (r == EXIT_FINE)
		return annotate(c, params);
	json_decref(params);
	return r;
}

static int run_annotate(struct context *c, const struct arguments *a)
{
	static const char *const texts[] = {"note", NULL}, *const numbers[] = {NULL};
	const char *text = options_value(a, "tags"), *tag;
	json_t *params = json_object();
	int r = read_run(a->words[0], params);

	if (r == EXIT_FINE)
		r = rows_params(a, texts, numbers, params);
	if (text)
		json_object_set_new(params, "tags", assign_words(text));
	for (size_t i = 0; r == EXIT_FINE && (tag = options_nth(a, "tag", i)); i++)
		r = take_tag(tag, params);
	if (options_has(a, "star") || options_has(a, "unstar"))
		json_object_set_new(params, "star", json_boolean(options_has(a, "star")));
	if (r == EXIT_FINE && json_object_size(params) == 1)
		r = say_usage("annotate: nothing to add; give --note, --tag, --tags, --star or "
			      "--unstar");
	if (r != EXIT_FINE) {
		json_decref(params);
		return r;
	}
	return annotate(c, params);
}

static const struct option_spec runs_options[] = {
	{"where", 0, "FILTER", "Only runs of which this is true: \"p < 0.5 and tag = 'paper'\"."},
	{"status", 0, "STATUS",
	 "Only queued, running, paused, done, stopped, aborted, interrupted or failed."},
	{"task", 0, "NAME", "Only runs of this task."},
	{"kind", 0, "KIND", "Only allostery, regression or classification."},
	{"tag", 0, "WORD", "Only runs with this tag."},
	{"group", 0, "NAME",
	 "Sum up the runs of this sweep: mean, interval and geometric mean by its values."},
	{"order", 0, "FIELD",
	 "newest or oldest first, or by a field, with asc or desc: 'mse_final_V2 desc'."},
	{"limit", 'n', "ROWS", "At most so many; 20."},
	{"after", 0, "RUN", "Go on behind this run."},
	{0},
};

static const struct option_spec events_options[] = {
	{"kind", 0, "KIND", "Only events of this kind: param, cut, target, fault, ..."},
	{"limit", 'n', "ROWS", "At most so many; 100."},
	{"after", 0, "ID", "Go on behind this event."},
	{0},
};

static const struct option_spec annotate_options[] = {
	{"note", 0, "TEXT", "Replaces the note."},
	{"tag", 0, "+WORD", "Adds a tag; -WORD removes one; repeatable."},
	{"tags", 0, "WORD,...", "Replace the tags."},
	{"star", 0, NULL, "Mark the run."},
	{"unstar", 0, NULL, "Unmark it."},
	{0},
};

static const struct option_spec tag_options[] = {
	{"remove", 0, "WORD", "Removes this tag; repeatable."},
	{0},
};

const struct command commands_history[] = {
	{
		.name = "runs",
		.topic = TOPIC_HISTORY,
		.synopsis = "",
		.summary = "Runs of the past, newest first.",
		.methods = "history.runs",
		.examples =
			"runs\nruns --status failed --limit 5\n"
			"runs --where \"task = 'iris' and p < 0.5 and not star\" --order mse_final_V2\n"
			"runs --csv --limit 10000 > runs.csv\n"
			"runs --group 'final error against p'\n",
		.options = runs_options,
		.run = run_runs,
	},
	{
		.name = "show",
		.topic = TOPIC_HISTORY,
		.synopsis = "RUN",
		.summary = "Everything that is known about a run.",
		.methods = "history.run",
		.examples = "show 12\nshow --json 12\n",
		.min_words = 1,
		.max_words = 1,
		.run = run_show,
	},
	{
		.name = "events",
		.topic = TOPIC_HISTORY,
		.synopsis = "[RUN]",
		.summary = "What happened: parameter changes, faults, cuts, notes.",
		.methods = "history.events",
		.examples = "events 12\nevents --kind param\n",
		.options = events_options,
		.max_words = 1,
		.run = run_events,
	},
	{
		.name = "annotate",
		.topic = TOPIC_HISTORY,
		.synopsis = "RUN",
		.summary = "Add a note, tags or a star to a run.",
		.methods = "run.annotate",
		.examples =
			"annotate 12 --note 'fan was off' --star\nannotate 12 --tags sweep,night\n"
			"annotate 12 --tag +paper --tag -draft\n",
		.options = annotate_options,
		.min_words = 1,
		.max_words = 1,
		.run = run_annotate,
	},
	{
		.name = "tag",
		.synopsis = "RUN WORD...",
		.summary = "Add tags to a run, or remove some.",
		.methods = "run.annotate",
		.examples = "tag 12 paper figure-3\ntag 12 --remove draft\n",
		.options = tag_options,
		.min_words = 1,
		.max_words = 100,
		.run = run_tag,
	},
	{0},
};
