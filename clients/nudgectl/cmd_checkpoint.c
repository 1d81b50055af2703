/* clients/nudgectl/cmd_checkpoint.c - edge states kept under a name, and runs that start from those of a step. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "clients/nudgectl/assign.h"
#include "clients/nudgectl/command.h"
#include "clients/nudgectl/table.h"

static const struct table_column columns[] = {
	{"name", "NAME", TABLE_TEXT}, {"t_utc", "TIME (UTC)", TABLE_TIME},
	{"run", "RUN", TABLE_NUMBER}, {"step", "STEP", TABLE_NUMBER},
	{"who", "WHO", TABLE_TEXT},   {0},
};

static int list(struct context *c)
{
	json_t *result;
	int r = context_ask(c, "checkpoint.list", NULL, &result);

	if (r != EXIT_FINE)
		return r;
	r = table_print(c, columns, json_object_get(result, "rows"));
	json_decref(result);
	return r;
}

static int run_checkpoint(struct context *c, const struct arguments *a)
{
	static const struct {
		const char *verb, *method, *done;
	} verbs[] = {{"save", "checkpoint.save", "saved"},
		     {"restore", "checkpoint.restore", "restored"},
		     {"delete", "checkpoint.delete", "deleted"}};
	json_t *result;
	int r;

	if (a->n_words == 0 || (a->n_words == 1 && !strcmp(a->words[0], "list")))
		return list(c);
	for (size_t i = 0; a->n_words == 2 && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].verb, a->words[0]) != 0)
			continue;
		r = context_ask(c, verbs[i].method, json_pack("{s:s}", "name", a->words[1]),
				&result);
		if (r != EXIT_FINE)
			return r;
		if (c->format == FORMAT_JSON)
			say_json(result);
		else
			printf("%s: %s\n", a->words[1], verbs[i].done);
		json_decref(result);
		return EXIT_FINE;
	}
	return say_usage("expected: nudgectl checkpoint [list | save NAME | restore NAME | "
			 "delete NAME]");
}

static int run_fork(struct context *c, const struct arguments *a)
{
	const char *steps = options_value(a, "steps"), *text;
	unsigned long long run, step, n = 0;
	json_t *params, *changes = json_object(), *result;
	int r = EXIT_FINE;

	if (!options_number(a->words[0], INT64_MAX, &run) ||
	    !options_number(a->words[1], INT64_MAX, &step) ||
	    (steps && !options_number(steps, INT64_MAX, &n))) {
		json_decref(changes);
		return say_usage("expected: nudgectl fork [--steps N] RUN STEP");
	}
	for (size_t i = 0; r == EXIT_FINE && (text = options_nth(a, "set", i)); i++)
		r = assign_one(changes, text);
	params = json_pack("{s:I, s:I}", "run", (json_int_t)run, "step", (json_int_t)step);
	if (steps)
		json_object_set_new(params, "steps", json_integer((json_int_t)n));
	if (json_object_size(changes))
		json_object_set(params, "params", changes);
	json_decref(changes);
	if (r != EXIT_FINE) {
		json_decref(params);
		return r;
	}
	r = context_ask(c, "run.fork", params, &result);
	if (r != EXIT_FINE)
		return r;
	if (c->format == FORMAT_JSON)
		say_json(result);
	else
		printf("run %lld, position %lld in the queue\n",
		       (long long)json_integer_value(json_object_get(result, "run")),
		       (long long)json_integer_value(json_object_get(result, "position")));
	json_decref(result);
	return EXIT_FINE;
}

static const struct option_spec fork_options[] = {
	{"steps", 0, "N", "So many steps, in place of the task's."},
	{"set", 0, "NAME=VALUE", "A parameter from the first step on; repeatable."},
	{0},
};

const struct command commands_checkpoint[] = {
	{
		.name = "checkpoint",
		.topic = TOPIC_STEERING,
		.synopsis = "[list | save NAME | restore NAME | delete NAME]",
		.summary = "Edge states kept under a name, and put back on an idle rig.",
		.methods = "checkpoint.save checkpoint.list checkpoint.restore checkpoint.delete",
		.examples = "checkpoint save before-cuts\ncheckpoint\n"
			    "checkpoint restore before-cuts\ncheckpoint delete before-cuts\n",
		.max_words = 2,
		.run = run_checkpoint,
	},
	{
		.name = "fork",
		.topic = TOPIC_RUNNING,
		.synopsis = "RUN STEP",
		.summary = "A new run of the same task, from the edge states of a step.",
		.methods = "run.fork",
		.examples = "fork 42 1200\nfork --set eta=0.1 --steps 500 42 1200\n",
		.options = fork_options,
		.min_words = 2,
		.max_words = 2,
		.run = run_fork,
	},
	{0},
};
