/* clients/nudgectl/cmd_run.c - a task file becomes a run, and is followed. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "clients/nudgectl/assign.h"
#include "clients/nudgectl/command.h"
#include "clients/nudgectl/follow.h"
#include "clients/nudgectl/interrupt.h"
#include "clients/nudgectl/task_call.h"
#include "protocol/methods.h"

static int read_params(const struct arguments *a, json_t *into)
{
	json_t *params = json_object();
	const char *text;
	int r = EXIT_FINE;

	for (size_t i = 0; r == EXIT_FINE && (text = options_nth(a, "set", i)); i++)
		r = assign_one(params, text);
	if (r == EXIT_FINE && json_object_size(params) > 0) {
		r = assign_check(method_get(METHOD_PARAM_SET)->params, params);
		json_object_set(into, "params", params);
	}
	json_decref(params);
	return r;
}

/* What the options say, as members of run.submit's params */
static int read_options(const struct arguments *a, json_t *into)
{
	const char *seed = options_value(a, "seed");
	unsigned long long number;

	if (options_has(a, "name"))
		json_object_set_new(into, "name", json_string(options_value(a, "name")));
	if (options_has(a, "tags"))
		json_object_set_new(into, "tags", assign_words(options_value(a, "tags")));
	if (options_has(a, "on-lease-loss"))
		json_object_set_new(into, "on_lease_loss",
				    json_string(options_value(a, "on-lease-loss")));
	if (options_has(a, "front"))
		json_object_set_new(into, "at", json_string("front"));
	if (seed && !options_number(seed, INT64_MAX, &number))
		return say_usage("--seed %s: expected a whole number from 0", seed);
	if (seed)
		json_object_set_new(into, "seed", json_integer((json_int_t)number));
	return read_params(a, into);
}

static void say_submitted(struct context *c, const json_t *result)
{
	if (c->format == FORMAT_JSON)
		say_json(result);
	else
		printf("run %lld, position %lld in the queue\n",
		       (long long)json_integer_value(json_object_get(result, "run")),
		       (long long)json_integer_value(json_object_get(result, "position")));
}

/* Lets a held queue go on, before the watch takes its snapshot */
static int release_queue(struct context *c)
{
	json_t *result;
	int r = context_ask(c, "queue.release", NULL, &result);

	if (r == EXIT_FINE)
		json_decref(result);
	return r;
}

/* Holds the lease from before the submission to the end, so that nobody else steers meanwhile */
static int submit_and_follow(struct context *c, const struct arguments *a,
			     const struct nudge_task *task, json_t *params)
{
	struct nudge_watch *w = NULL;
	unsigned flags = FOLLOW_STEERS | (options_has(a, "curve") ? FOLLOW_CURVE : 0);
	char note[160];
	json_t *result;
	int pressed, r = options_has(a, "release") ? release_queue(c) : EXIT_FINE;

	if (r == EXIT_FINE)
		r = follow_open(c, &w);
	snprintf(note, sizeof(note), "nudgectl run %.120s", a->words[0]);
	if (r == EXIT_FINE)
		r = context_lease(c, note);
	pressed = interrupt_open(); /* a Ctrl-C that comes now waits for follow_run() */
	if (r == EXIT_FINE)
		r = task_ask(c, "run.submit", task, json_incref(params), &result);
	if (r == EXIT_FINE) {
		uint64_t run = (uint64_t)json_integer_value(json_object_get(result, "run"));

		if (options_has(a, "share"))
			nudge_lease_release(c->nudge, NULL);
		if (options_has(a, "detach"))
			say_submitted(c, result);
		else
			r = follow_run(c, w, run, flags);
		json_decref(result);
	}
	if (pressed >= 0)
		interrupt_close(pressed);
	nudge_watch_close(w);
	return r;
}

/* One line an item; the exit code says whether run.submit would take it. */
static int preflight(struct context *c, const struct nudge_task *task, json_t *params)
{
	json_t *result, *row;
	bool ready;
	size_t i;
	int r = context_connect(c);

	if (r == EXIT_FINE)
		r = task_ask(c, "run.check", task, json_incref(params), &result);
	if (r != EXIT_FINE)
		return r;
	ready = json_is_true(json_object_get(result, "ready"));
	if (c->format == FORMAT_JSON)
		say_json(result);
	json_array_foreach(json_object_get(result, "items"), i, row)
	{
		const char *cure = json_string_value(json_object_get(row, "cure"));

		if (c->format != FORMAT_JSON)
			printf("%-8s %-12s %s%s%s\n",
			       json_string_value(json_object_get(row, "level")),
			       json_string_value(json_object_get(row, "item")),
			       json_string_value(json_object_get(row, "what")), cure ? ": " : "",
			       cure ? cure : "");
	}
	if (c->format != FORMAT_JSON)
		puts(ready ? "ready: run.submit takes it" : "not ready: run.submit refuses it");
	json_decref(result);
	return ready ? EXIT_FINE : EXIT_FAILED;
}

static int run_run(struct context *c, const struct arguments *a)
{
	json_t *params = json_object();
	struct nudge_task *task = NULL;
	int r = read_options(a, params);

	if (r == EXIT_FINE)
		r = task_read(a->words[0], &task);
	if (r == EXIT_FINE)
		r = options_has(a, "check") ? preflight(c, task, params)
					    : submit_and_follow(c, a, task, params);
	nudge_task_free(task);
	json_decref(params);
	return r;
}

/* The largest edge's power, or 0 */
static double largest_power(const json_t *powers, size_t *ret_edge)
{
	const json_t *power;
	double largest = 0;
	size_t i;

	*ret_edge = 0;
	json_array_foreach(powers, i, power)
	{
		if (!(json_number_value(power) > largest))
			continue;
		largest = json_number_value(power);
		*ret_edge = i;
	}
	return largest;
}

/* The largest current out of a source node, or 0 */
static double largest_current(json_t *currents, const char **ret_node)
{
	double largest = 0;
	const char *node;
	json_t *current;

	*ret_node = "";
	json_object_foreach(currents, node, current)
	{
		if (!(json_number_value(current) > largest))
			continue;
		largest = json_number_value(current);
		*ret_node = node;
	}
	return largest;
}

static void say_check(const json_t *result)
{
	const json_t *warnings = json_object_get(result, "warnings"), *warning;
	const char *node;
	size_t edge, i;
	double power = largest_power(json_object_get(result, "edge_power_W"), &edge);
	double current = largest_current(json_object_get(result, "source_current_A"), &node);

	json_array_foreach(warnings, i, warning)
		printf("warning: %s\n", json_string_value(warning));
	printf("the task is good for this rig");
	if (power > 0)
		printf("; as it stands at most %.3g W, in edge %zu", power, edge);
	if (current > 0)
		printf(", and %.3g A, out of node %s", current, node);
	putchar('\n');
}

static int run_check(struct context *c, const struct arguments *a)
{
	struct nudge_task *task = NULL;
	json_t *result;
	int r = task_read(a->words[0], &task);

	if (r == EXIT_FINE)
		r = context_connect(c);
	if (r == EXIT_FINE)
		r = task_ask(c, "task.check", task, json_object(), &result);
	if (r == EXIT_FINE) {
		if (c->format == FORMAT_JSON)
			say_json(result);
		else
			say_check(result);
		json_decref(result);
	}
	nudge_task_free(task);
	return r;
}

static const struct option_spec run_options[] = {
	{"check", 0, NULL,
	 "Submit nothing: say what run.submit would look at, and whether it would take it."},
	{"detach", 'd', NULL, "Submit only; do not follow."},
	{"name", 'n', "NAME", "Name of the run; else the task's."},
	{"seed", 's', "SEED", "Of all draws; else the task's, else the run's number."},
	{"set", 0, "NAME=VALUE",
	 "A parameter from the first step on, over the task's; repeatable."},
	{"tags", 't', "WORD,...", "Words to find the run by."},
	{"front", 0, NULL, "Before all others in the queue."},
	{"release", 0, NULL, "Let a held queue go on (after an abort, a failed run, a crash)."},
	{"on-lease-loss", 0, "WORD",
	 "What becomes of the run when the lease expires: continue, pause, safe; else the task's."},
	{"share", 0, NULL, "Give the lease back after submitting: others may steer this run."},
	{"curve", 0, NULL, "Draw the curve at the end also without a terminal."},
	{0},
};

const struct command commands_run[] = {
	{
		.name = "run",
		.topic = TOPIC_RUNNING,
		.synopsis = "TASK",
		.summary = "Submit a task file and follow the run to its end.",
		.methods = "run.submit run.check",
		.text = "The first Ctrl-C asks the run to stop after the present step, the second aborts\n"
			"it, the third leaves.  Holds the control lease while it follows, unless --share.\n"
			"Exit status: 0 the run is done, 1 it was stopped, aborted, interrupted or failed.\n"
			"With --check: 0 it would be taken, 1 it would be refused.",
		.examples = "run docs/experiments/iris.yaml\n"
			    "run --set eta=0.2 --set p=0.5 --seed 7 --tags sweep,night task.yaml\n"
			    "run --detach task.yaml\n"
			    "run --check task.yaml\n",
		.options = run_options,
		.min_words = 1,
		.max_words = 1,
		.run = run_run,
	},
	{
		.name = "check",
		.topic = TOPIC_RUNNING,
		.synopsis = "TASK",
		.summary = "Check a task file against the rig; moves nothing.",
		.methods = "task.check",
		.examples = "check task.yaml\ncheck --json task.yaml\n",
		.min_words = 1,
		.max_words = 1,
		.run = run_check,
	},
	{0},
};
