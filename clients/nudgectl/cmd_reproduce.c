/* clients/nudgectl/cmd_reproduce.c - the papers' experiments: lists them, runs them, judges them. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/command.h"
#include "clients/nudgectl/reproduce.h"
#include "clients/nudgectl/table.h"
#include "protocol/nearest.h"

#define OUT_HERE "reproduced"

static const struct table_column list_columns[] = {
	{"row", "ROW", TABLE_NUMBER},
	{"experiment", "EXPERIMENT", TABLE_TEXT},
	{"paper", "PAPER", TABLE_TEXT},
	{"claim", "CLAIM", TABLE_TEXT},
	{"seeds", "SEEDS", TABLE_NUMBER},
	{"expected", "EXPECTED VERDICT", TABLE_TEXT},
	{0},
};

static int list_them(struct context *c, struct experiment **list)
{
	json_t *rows = json_array();
	int r;

	for (; *list; list++) {
		const json_t *expect = experiment_part(*list, "expect");

		json_array_append_new(rows,
				      json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:I, s:O}", "row",
						(*list)->row, "experiment", (*list)->id, "title",
						experiment_text(*list, "title"), "paper",
						experiment_text(*list, "paper"), "claim",
						experiment_text(*list, "claim"), "reference",
						experiment_text(*list, "reference"), "seeds",
						(json_int_t)(*list)->seeds, "expected",
						json_object_get(expect, "verdict")));
	}
	r = table_print(c, list_columns, rows);
	json_decref(rows);
	return r;
}

static struct experiment *find(struct experiment **known, const char *name)
{
	for (; *known; known++)
		if (!strcmp((*known)->id, name))
			return *known;
	return NULL;
}

static int unknown(struct experiment **known, const char *name)
{
	const char *near = NULL;
	size_t best = (size_t)-1;

	for (; *known; known++) {
		size_t distance = nearest_distance(name, (*known)->id);

		if (distance < best) {
			best = distance;
			near = (*known)->id;
		}
	}
	if (near)
		return say_usage("no experiment is called \"%s\"; did you mean %s?", name, near);
	return say_usage("no experiment is called \"%s\"; nudgectl reproduce --list shows them",
			 name);
}

/* Those that were named, each once and in the order of their rows; "all" */
static int choose(struct experiment **known, const struct arguments *a, struct experiment **ret)
{
	bool all = false;
	size_t n = 0;

	for (size_t i = 0; i < a->n_words; i++) {
		if (!strcmp(a->words[i], "all"))
			all = true;
		else if (!find(known, a->words[i]))
			return unknown(known, a->words[i]);
	}
	for (; *known; known++) {
		bool named = all;

		for (size_t i = 0; i < a->n_words; i++)
			named = named || !strcmp(a->words[i], (*known)->id);
		if (named)
			ret[n++] = *known;
	}
	ret[n] = NULL;
	return EXIT_FINE;
}

static int read_count(const struct arguments *a, const char *name, size_t *ret)
{
	const char *text = options_value(a, name);
	unsigned long long number;

	if (!text)
		return EXIT_FINE;
	if (!options_number(text, 100000, &number) || number == 0)
		return say_usage("--%s %s: expected a whole number from 1 to 100000", name, text);
	*ret = (size_t)number;
	return EXIT_FINE;
}

static int read_options(const struct arguments *a, struct reproduce_options *ret)
{
	int r = read_count(a, "seeds", &ret->seeds);

	if (r == EXIT_FINE)
		r = read_count(a, "jobs", &ret->jobs);
	ret->quick = options_has(a, "quick");
	ret->out = options_value(a, "out");
	if (!ret->out)
		ret->out = OUT_HERE;
	return r;
}

static const struct table_column found_columns[] = {
	{"experiment", NULL, TABLE_TEXT}, {"name", NULL, TABLE_TEXT},
	{"what", NULL, TABLE_TEXT},       {"value", NULL, TABLE_NUMBER},
	{"least", NULL, TABLE_NUMBER},    {"most", NULL, TABLE_NUMBER},
	{"n", NULL, TABLE_NUMBER},        {"missing", NULL, TABLE_NUMBER},
	{"reference", NULL, TABLE_TEXT},  {"holds", NULL, TABLE_TEXT},
	{"verdict", NULL, TABLE_TEXT},    {0},
};

/* A row for each figure that was found */
static int print_found(const struct context *c, const json_t *outcomes)
{
	json_t *rows = json_array(), *outcome, *finding;
	size_t i, k;
	int r;

	json_array_foreach((json_t *)outcomes, i, outcome)
	{
		json_array_foreach(json_object_get(outcome, "findings"), k, finding)
		{
			json_object_set(finding, "experiment",
					json_object_get(outcome, "experiment"));
			json_object_set(finding, "verdict", json_object_get(outcome, "verdict"));
			json_array_append(rows, finding);
		}
	}
	r = table_print(c, found_columns, rows);
	json_decref(rows);
	return r;
}

static int print_all(const struct context *c, const struct outcome *list, size_t n)
{
	json_t *outcomes = json_array();
	int r = EXIT_FINE;

	for (size_t i = 0; i < n; i++)
		if (list[i].findings)
			json_array_append_new(outcomes, report_json(&list[i]));
	if (c->format == FORMAT_JSON)
		say_json(outcomes);
	else
		r = print_found(c, outcomes);
	json_decref(outcomes);
	return r;
}

static int sum_up(const struct context *c, const struct outcome *list, size_t n, const char *out)
{
	size_t expected = 0;
	double seconds = 0;

	if (c->format != FORMAT_TABLE)
		return print_all(c, list, n);
	for (size_t i = 0; i < n; i++) {
		expected += list[i].findings && list[i].findings->as_expected;
		seconds += list[i].seconds;
	}
	printf("%zu of %zu verdicts as expected, %.0f s; data and pictures in %s\n", expected, n,
	       seconds, out);
	return EXIT_FINE;
}

static bool all_of(struct experiment **known, struct experiment **chosen)
{
	while (*known && *known == *chosen) {
		known++;
		chosen++;
	}
	return !*known;
}

static int run_chosen(struct context *c, struct experiment **known, const struct arguments *a,
		      const struct reproduce_options *options)
{
	const char *docs = options_value(a, "write-docs");
	struct experiment **chosen;
	struct outcome *list = NULL;
	size_t n = 0;
	int r, said;

	while (known[n])
		n++;
	chosen = calloc(n + 1, sizeof(struct experiment *));
	if (!chosen)
		return say_failed("no memory for the experiments");
	n = 0;
	r = choose(known, a, chosen);
	if (r == EXIT_FINE && docs && !all_of(known, chosen))
		r = say_usage("--write-docs: it is written of all experiments together");
	if (r == EXIT_FINE)
		r = reproduce(c, chosen, known, options, &list, &n);
	if (n > 0 && list[n - 1].findings) { /* it came to its end, whatever the verdicts are */
		said = sum_up(c, list, n, options->out);
		if (said == EXIT_FINE && docs)
			said = docs_write(list, n, docs, options->out, options->quick);
		r = r == EXIT_FINE ? said : r;
	}
	outcomes_free(list, n);
	free(chosen);
	return r;
}

static int run_reproduce(struct context *c, const struct arguments *a)
{
	const char *folder = experiment_folder(options_value(a, "experiments"));
	struct reproduce_options options = {0};
	struct experiment **known;
	struct problem p = {0};
	int r = read_options(a, &options);

	if (r != EXIT_FINE)
		return r;
	if (!folder)
		return say_usage(
			"the experiments' files are not here; name their folder with --experiments");
	if (a->n_words == 0 && !options_has(a, "list"))
		return say_usage("reproduce what? Name experiments, or all; --list shows them");
	if (experiment_list(folder, options.quick, options.seeds, &known, &p) < 0) {
		r = say_usage("%s", p.message);
		problem_clear(&p);
		return r;
	}
	r = options_has(a, "list") ? list_them(c, known) : run_chosen(c, known, a, &options);
	experiment_list_free(known);
	return r;
}

static const struct option_spec reproduce_options[] = {
	{"list", 0, NULL, "Show all experiments."},
	{"quick", 0, NULL, "Fewer seeds and shorter runs: minutes for all of them together."},
	{"seeds", 0, "N", "So many seeds instead of those of each experiment's file."},
	{"jobs", 'j', "N", "So many runs at a time; else as many as processors."},
	{"out", 'o', "DIR", "Where data, pictures and summary.json go; reproduced."},
	{"experiments", 0, "DIR",
	 "The experiments' files; else $NUDGE_EXPERIMENTS, else those that were installed."},
	{"write-docs", 0, "FILE",
	 "Writes FILE (docs/EXPERIMENTS.md) anew, and figures/ beside it."},
	{0},
};

const struct command commands_reproduce[] = {
	{
		.name = "reproduce",
		.topic = TOPIC_STUDIES,
		.synopsis = "--list | all | EXPERIMENT...",
		.summary = "The papers' experiments: run over seeds, judged, drawn.",
		.text = "Each experiment is a file: what is run, what is varied, what is measured and what must come\n"
			"out. Its runs are made by nudged --once, some at a time. A verdict goes by medians and ranges\n"
			"over the seeds; it may be \"not reproduced\". Exit status 0: every verdict is the expected one.",
		.examples =
			"reproduce --list\nreproduce --quick all\nreproduce --quick dillavou-fig2 --out fig2\n",
		.options = reproduce_options,
		.max_words = 100,
		.run = run_reproduce,
	},
	{0},
};
