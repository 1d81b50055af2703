/* clients/nudgectl/cmd_queue.c - the queue of runs. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "clients/nudgectl/command.h"
#include "clients/nudgectl/table.h"

static const struct table_column columns[] = {
	{"position", "POSITION", TABLE_NUMBER},
	{"run", "RUN", TABLE_NUMBER},
	{"name", "NAME", TABLE_TEXT},
	{0},
};

static const struct verb {
	const char *name, *method;
	size_t n_words; /* behind the verb */
	const char *words;
} verbs[] = {
	{"list", "queue.list", 0, ""},        {"move", "queue.move", 2, "RUN POSITION"},
	{"remove", "queue.remove", 1, "RUN"}, {"clear", "queue.clear", 0, ""},
	{"hold", "queue.hold", 0, ""},        {"release", "queue.release", 0, ""},
};
#define N_VERBS (sizeof(verbs) / sizeof(verbs[0]))

static const struct verb *find(const char *name)
{
	for (size_t i = 0; i < N_VERBS; i++)
		if (!strcmp(verbs[i].name, name))
			return &verbs[i];
	return NULL;
}

static int print_queue(const struct context *c, const json_t *result)
{
	const json_t *runs = json_object_get(result, "runs");

	if (c->format == FORMAT_JSON) {
		say_json(result);
		return EXIT_FINE;
	}
	if (c->format == FORMAT_TABLE) {
		if (json_is_true(json_object_get(result, "held")))
			printf("%sheld%s: nudgectl queue release lets it go on\n",
			       say_color(c, COLOR_WARN), say_color(c, COLOR_NONE));
		if (json_array_size(runs) == 0) {
			puts("nothing is queued");
			return EXIT_FINE;
		}
	}
	return table_print(c, columns, runs);
}

static int run_queue(struct context *c, const struct arguments *a)
{
	static const char *const names[] = {"run", "position"};
	const struct verb *verb = find(a->n_words > 0 ? a->words[0] : "list");
	json_t *params, *result;
	int r;

	if (!verb)
		return say_usage("queue: unknown verb \"%s\"", a->words[0]);
	if (a->n_words > 0 && a->n_words - 1 != verb->n_words)
		return say_usage("expected: nudgectl queue %s %s", verb->name, verb->words);
	params = json_object();
	for (size_t i = 0; i < verb->n_words; i++) {
		unsigned long long number;

		if (!options_number(a->words[i + 1], INT64_MAX, &number)) {
			json_decref(params);
			return say_usage("queue %s: \"%s\" is no %s", verb->name, a->words[i + 1],
					 names[i]);
		}
		json_object_set_new(params, names[i], json_integer((json_int_t)number));
	}
	r = context_ask(c, verb->method, params, &result);
	if (r != EXIT_FINE)
		return r;
	r = print_queue(c, result);
	json_decref(result);
	return r;
}

const struct command commands_queue[] = {
	{
		.name = "queue",
		.topic = TOPIC_RUNNING,
		.synopsis = "[list | move RUN POSITION | remove RUN | clear | hold | release]",
		.summary = "The queued runs: list, reorder, remove, hold and release.",
		.methods =
			"queue.list queue.move queue.remove queue.clear queue.hold queue.release",
		.examples = "queue\nqueue move 44 0\nqueue remove 45\nqueue hold\nqueue release\n",
		.max_words = 3,
		.run = run_queue,
	},
	{0},
};
