/* clients/nudgectl/cmd_call.c - any method by its name: for what has no sub-command, and for scripts. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "clients/nudgectl/assign.h"
#include "clients/nudgectl/command.h"

static void say_arrays(const struct nudge_record *reply)
{
	for (size_t i = 0; i < reply->n_arrays; i++) {
		const struct nudge_array *array = &reply->arrays[i];

		fprintf(stderr, "nudgectl: array %s %s [%zu, %zu] came with it\n", array->name,
			array->dtype, array->shape[0], array->shape[1]);
	}
}

/* One object, or settings; *ret is written in any case */
static int read_params(const struct arguments *a, json_t **ret)
{
	json_error_t where;
	int r = EXIT_FINE;

	if (a->n_words == 2 && a->words[1][0] == '{') {
		*ret = json_loads(a->words[1], JSON_REJECT_DUPLICATES, &where);
		return *ret ? EXIT_FINE : say_usage("params %s: %s", a->words[1], where.text);
	}
	*ret = json_object();
	for (size_t i = 1; i < a->n_words && r == EXIT_FINE; i++)
		r = assign_one(*ret, a->words[i]);
	if (r != EXIT_FINE) {
		json_decref(*ret);
		*ret = NULL;
	}
	return r;
}

static int run_call(struct context *c, const struct arguments *a)
{
	const char *if_rev = options_value(a, "if-rev");
	json_t *params, *meta = json_object();
	struct nudge_record *reply;
	unsigned long long rev;
	int r;

	r = read_params(a, &params);
	if (r != EXIT_FINE) {
		json_decref(meta);
		return r;
	}
	if (options_has(a, "dry-run"))
		json_object_set_new(meta, "dry_run", json_true());
	if (options_has(a, "key"))
		json_object_set_new(meta, "key", json_string(options_value(a, "key")));
	if (if_rev && !options_number(if_rev, INT64_MAX, &rev)) {
		json_decref(params);
		json_decref(meta);
		return say_usage("--if-rev %s: expected a revision, a whole number", if_rev);
	}
	if (if_rev)
		json_object_set_new(meta, "if_rev", json_integer((json_int_t)rev));
	r = context_ask_record(c, a->words[0], params, meta, &reply);
	if (r != EXIT_FINE)
		return r;
	say_json(reply->header);
	say_arrays(reply);
	nudge_record_free(reply);
	return EXIT_FINE;
}

static const struct option_spec call_options[] = {
	{"dry-run", 0, NULL, "Check only: act on nothing."},
	{"key", 0, "UUID", "The idempotency key, to repeat a call that may have been lost."},
	{"if-rev", 0, "REV", "Refuse when the parameters have another revision."},
	{0},
};

const struct command commands_call[] = {
	{
		.name = "call",
		.topic = TOPIC_SERVER,
		.synopsis = "METHOD [JSON|NAME=VALUE...]",
		.summary = "Call any method; prints the result as JSON.",
		.text = "Params are one JSON object, or words NAME=VALUE, where VALUE is JSON or a text.\n"
			"nudgectl discover lists the methods.",
		.examples = "call server.hello\ncall run.get run=3\ncall run.get '{\"run\": 3}'\n"
			    "call --dry-run param.set '{\"eta\": 0.2}'\n",
		.options = call_options,
		.min_words = 1,
		.max_words = 64,
		.run = run_call,
	},
	{0},
};
