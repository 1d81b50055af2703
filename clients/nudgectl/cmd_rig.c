/* clients/nudgectl/cmd_rig.c - the rig itself: what it is, what it reads, driving it by hand, its edges, safety. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "clients/nudgectl/assign.h"
#include "clients/nudgectl/command.h"
#include "clients/nudgectl/table.h"
#include "clients/nudgectl/wiring.h"

/* ---- describe ---- */

static const struct table_column rig_members[] = {
	{"name", NULL, TABLE_TEXT},         {"backend", NULL, TABLE_TEXT},
	{"method", NULL, TABLE_TEXT},       {"taps", NULL, TABLE_NUMBER},
	{"r_step_ohm", NULL, TABLE_NUMBER}, {"r_min_ohm", NULL, TABLE_NUMBER},
	{"capacitors_F", NULL, TABLE_TEXT}, {0},
};

static const struct table_column edge_columns[] = {
	{"edge", "EDGE", TABLE_NUMBER},
	{"a", "A", TABLE_NUMBER},
	{"b", "B", TABLE_NUMBER},
	{"mode", "MODE", TABLE_TEXT},
	{"tap", "TAP", TABLE_NUMBER},
	{"r_ohm", "R_OHM", TABLE_NUMBER},
	{0},
};

static int print_rig(const struct context *c, const json_t *rig)
{
	int r;

	if (c->format == FORMAT_JSON) {
		say_json(rig);
		return EXIT_FINE;
	}
	if (c->format == FORMAT_TABLE) {
		r = table_print_object(c, rig_members, rig);
		if (r != EXIT_FINE)
			return r;
		printf("%-16s %zu\n\n", "nodes", json_array_size(json_object_get(rig, "nodes")));
	}
	return table_print(c, edge_columns, json_object_get(rig, "edges"));
}

/* ---- read and apply ---- */

static const struct table_column volt_columns[] = {
	{"node", "NODE", TABLE_NUMBER},
	{"free_V", "FREE_V", TABLE_NUMBER},
	{"clamped_V", "CLAMPED_V", TABLE_NUMBER},
	{0},
};

/* {"0": 5.0, ...} of both networks as rows by node */
static json_t *volt_rows(const json_t *result)
{
	json_t *rows = json_array(), *value, *clamped = json_object_get(result, "clamped_V");
	const char *node;

	json_object_foreach(json_object_get(result, "free_V"), node, value) json_array_append_new(
		rows, json_pack("{s:s, s:O, s:O?}", "node", node, "free_V", value, "clamped_V",
				json_object_get(clamped, node)));
	return rows;
}

static int print_volts(const struct context *c, const json_t *result)
{
	char *wiper = table_cell(json_object_get(result, "wiper"), TABLE_TEXT);
	char *floating = table_cell(json_object_get(result, "floating"), TABLE_TEXT);
	json_t *rows = volt_rows(result);
	int r;

	if (c->format == FORMAT_JSON) {
		say_json(result);
		r = EXIT_FINE;
	} else {
		r = table_print(c, volt_columns, rows);
		if (c->format == FORMAT_TABLE && wiper && wiper[0])
			printf("wiper %s\n", wiper);
		if (c->format == FORMAT_TABLE && floating && floating[0] && strcmp(floating, "[]"))
			printf("floating %s\n", floating);
	}
	free(wiper);
	free(floating);
	json_decref(rows);
	return r;
}

/* "0=5 2=0 clamped:4=3": nodes of both networks, and of the clamped one alone */
static int read_volts(const struct arguments *a, json_t *params)
{
	static const char prefix[] = "clamped:";
	json_t *source = json_object(), *target = json_object();
	int r = EXIT_FINE;

	for (size_t i = 1; i < a->n_words && r == EXIT_FINE; i++) {
		bool clamped = !strncmp(a->words[i], prefix, strlen(prefix));

		r = assign_one(clamped ? target : source,
			       a->words[i] + (clamped ? strlen(prefix) : 0));
	}
	if (r == EXIT_FINE && json_object_size(source) == 0)
		r = say_usage("rig apply: expected NODE=VOLTS, as in nudgectl rig apply 0=5 2=0");
	json_object_set_new(params, "source_V", source);
	if (json_object_size(target) > 0)
		json_object_set(params, "target_V", target);
	json_decref(target);
	return r;
}

static int print_safe(const struct context *c, const json_t *result)
{
	const char *word = json_string_value(json_object_get(result, "safe"));

	if (c->format == FORMAT_JSON)
		say_json(result);
	else
		printf("safe: %s\n", word ? word : "unknown");
	return word && !strcmp(word, "unknown") ? EXIT_FAILED : EXIT_FINE;
}

static int no_words(const struct arguments *a, json_t *params)
{
	(void)params;
	return a->n_words <= 1 ? EXIT_FINE : say_usage("rig %s takes no words", a->words[0]);
}

static const struct verb {
	const char *name, *method;
	int (*read)(const struct arguments *a, json_t *params);
	int (*print)(const struct context *c, const json_t *result);
	bool settles;
} verbs[] = {
	{"describe", "rig.describe", no_words, print_rig, false},
	{"read", "rig.read", no_words, print_volts, true},
	{"apply", "rig.apply", read_volts, print_volts, true},
	{"safe", "rig.safe", no_words, print_safe, false},
	{"wiring", "rig.wiring", NULL, NULL, false}, /* wiring.c */
};
#define N_VERBS (sizeof(verbs) / sizeof(verbs[0]))

static int run_rig(struct context *c, const struct arguments *a)
{
	const char *name = a->n_words > 0 ? a->words[0] : "describe",
		   *settle = options_value(a, "settle");
	json_t *params = json_object(), *result;
	const struct verb *verb = NULL;
	double settle_s;
	int r = EXIT_FINE;

	for (size_t i = 0; i < N_VERBS; i++)
		if (!strcmp(verbs[i].name, name))
			verb = &verbs[i];
	if (!verb)
		r = say_usage("rig: unknown verb \"%s\"", name);
	else if (settle && (!verb->settles || !options_real(settle, 0, 3600, &settle_s)))
		r = say_usage("--settle %s: seconds from 0 to 3600, for read and apply", settle);
	else if (verb->read)
		r = verb->read(a, params);
	if (r == EXIT_FINE && !verb->read) {
		json_decref(params);
		return wiring_run(c, a);
	}
	if (r != EXIT_FINE) {
		json_decref(params);
		return r;
	}
	if (settle)
		json_object_set_new(params, "settle_s", json_real(settle_s));
	r = context_ask(c, verb->method, params, &result);
	if (r != EXIT_FINE)
		return r;
	r = verb->print(c, result);
	json_decref(result);
	return r;
}

/* ---- edge ---- */

static int run_edge(struct context *c, const struct arguments *a)
{
	unsigned long long edge;
	json_t *result;
	int r;

	if (!options_number(a->words[0], INT32_MAX, &edge))
		return say_usage("edge %s: expected an edge's number, from 0", a->words[0]);
	r = context_ask(c, "rig.edge",
			json_pack("{s:I, s:s}", "edge", (json_int_t)edge, "mode", a->words[1]),
			&result);
	if (r != EXIT_FINE)
		return r;
	if (c->format == FORMAT_JSON)
		say_json(result);
	else
		printf("edge %llu: %s\n", edge, json_string_value(json_object_get(result, "mode")));
	json_decref(result);
	return EXIT_FINE;
}

static const struct option_spec rig_options[] = {
	{"settle", 0, "SECONDS", "read, apply: wait so long before measuring; 0."},
	{0},
};

const struct command commands_rig[] = {
	{
		.name = "rig",
		.topic = TOPIC_STEERING,
		.synopsis = "[describe | read | apply NODE=VOLTS... | safe | wiring [TASK]]",
		.summary =
			"What the rig is, what it reads, its wires, drive it by hand, make it safe.",
		.methods = "rig.describe rig.read rig.apply rig.safe rig.wiring",
		.text = "clamped:NODE=VOLTS drives a node of the clamped network alone.\n"
			"wiring TASK says what to plug where before the task can run; without a task, how it\n"
			"is wired now.",
		.examples = "rig\nrig read\nrig apply 0=5 2=0 clamped:4=3 --settle 0.01\nrig safe\n"
			    "rig wiring\nrig wiring docs/experiments/allostery.yaml\n",
		.options = rig_options,
		.max_words = 64,
		.run = run_rig,
	},
	{
		.name = "edge",
		.topic = TOPIC_STEERING,
		.synopsis = "EDGE learn|hold|cut",
		.summary = "An edge learns, keeps its tap, or is disconnected.",
		.methods = "rig.edge",
		.examples = "edge 5 cut\nedge 5 learn\n",
		.min_words = 2,
		.max_words = 2,
		.run = run_edge,
	},
	{0},
};
