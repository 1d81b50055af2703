/* clients/nudgectl/cmd_control.c - steers: parameters, and the active run's pause, resume, stop and abort. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "clients/nudgectl/assign.h"
#include "clients/nudgectl/command.h"
#include "clients/nudgectl/table.h"
#include "protocol/methods.h"

/* ---- parameters ---- */

static const struct table_column params_members[] = {
	{"eta", NULL, TABLE_NUMBER},
	{"p", NULL, TABLE_NUMBER},
	{"tau_s", NULL, TABLE_NUMBER},
	{"capacitance_F", NULL, TABLE_NUMBER},
	{"relaxation_rate_per_s", NULL, TABLE_NUMBER},
	{"alpha_over_gamma", NULL, TABLE_NUMBER},
	{"rev", NULL, TABLE_NUMBER},
	{0},
};

static int say_params(struct context *c)
{
	json_t *params;
	int r = context_ask(c, "param.get", NULL, &params);

	if (r != EXIT_FINE)
		return r;
	r = table_print_object(c, params_members, params);
	json_decref(params);
	return r;
}

static int set_params(struct context *c, json_t *params)
{
	json_t *result;
	int r = context_ask(c, "param.set", params, &result);

	if (r != EXIT_FINE)
		return r;
	if (c->format == FORMAT_JSON)
		say_json(result);
	else
		printf("revision %lld, from step %lld on\n",
		       (long long)json_integer_value(json_object_get(result, "rev")),
		       (long long)json_integer_value(json_object_get(result, "effective_step")));
	json_decref(result);
	return EXIT_FINE;
}

static int run_set(struct context *c, const struct arguments *a)
{
	json_t *params;
	int r = EXIT_FINE;

	if (a->n_words == 0)
		return say_params(c);
	params = json_object();
	if (options_has(a, "nearest"))
		json_object_set_new(params, "nearest", json_true());
	for (size_t i = 0; i < a->n_words && r == EXIT_FINE; i++)
		r = assign_one(params, a->words[i]);
	if (r == EXIT_FINE)
		r = assign_check(method_get(METHOD_PARAM_SET)->params, params);
	if (r == EXIT_FINE)
		return set_params(c, params);
	json_decref(params);
	return r;
}

/* ---- the active run ---- */

/* pause, resume, stop, abort: RUN or none, and the method of the same name */
static int control(struct context *c, const struct arguments *a, const char *method)
{
	json_t *params = json_object(), *result;
	unsigned long long run;
	int r;

	if (a->n_words > 0 && !options_number(a->words[0], INT64_MAX, &run)) {
		json_decref(params);
		return say_usage("%s: expected a run's number", a->words[0]);
	}
	if (a->n_words > 0)
		json_object_set_new(params, "run", json_integer((json_int_t)run));
	r = context_ask(c, method, params, &result);
	if (r != EXIT_FINE)
		return r;
	if (c->format == FORMAT_JSON)
		say_json(result);
	else
		printf("run %lld: %s at step %lld\n",
		       (long long)json_integer_value(json_object_get(result, "run")),
		       json_string_value(json_object_get(result, "state")),
		       (long long)json_integer_value(json_object_get(result, "step")));
	json_decref(result);
	return EXIT_FINE;
}

static int run_pause(struct context *c, const struct arguments *a)
{
	return control(c, a, "run.pause");
}

static int run_resume(struct context *c, const struct arguments *a)
{
	return control(c, a, "run.resume");
}

static int run_stop(struct context *c, const struct arguments *a)
{
	return control(c, a, "run.stop");
}

static int run_abort(struct context *c, const struct arguments *a)
{
	return control(c, a, "run.abort");
}

static const struct option_spec set_options[] = {
	{"nearest", 0, NULL, "Take the capacitor of the bank that comes nearest."},
	{0},
};

const struct command commands_control[] = {
	{
		.name = "set",
		.topic = TOPIC_STEERING,
		.synopsis = "[NAME=VALUE]...",
		.summary = "Change parameters between two steps; without arguments: show them.",
		.methods = "param.set",
		.examples = "set\nset eta=0.2 p=0.5\nset relaxation_rate_per_s=50 --nearest\n",
		.options = set_options,
		.max_words = 16,
		.run = run_set,
	},
	{
		.name = "pause",
		.topic = TOPIC_STEERING,
		.synopsis = "[RUN]",
		.summary = "Pause after the present step; the outputs stay as they are.",
		.methods = "run.pause",
		.examples = "pause\n",
		.max_words = 1,
		.run = run_pause,
	},
	{
		.name = "resume",
		.topic = TOPIC_STEERING,
		.synopsis = "[RUN]",
		.summary = "Go on with a paused run.",
		.methods = "run.resume",
		.examples = "resume\n",
		.max_words = 1,
		.run = run_resume,
	},
	{
		.name = "stop",
		.topic = TOPIC_STEERING,
		.synopsis = "[RUN]",
		.summary = "End the run after its present step.",
		.methods = "run.stop",
		.examples = "stop\n",
		.max_words = 1,
		.run = run_stop,
	},
	{
		.name = "abort",
		.topic = TOPIC_STEERING,
		.synopsis = "[RUN]",
		.summary = "End the run now, make the rig safe, hold the queue.",
		.methods = "run.abort",
		.examples = "abort\n",
		.max_words = 1,
		.run = run_abort,
	},
	{0},
};
