/* clients/nudgectl/cmd_diff.c - in what two runs differ, as a table. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/command.h"
#include "clients/nudgectl/difference.h"
#include "clients/nudgectl/table.h"

enum { DIFF_EQUAL, DIFF_DIFFERS, DIFF_TROUBLE }; /* as diff(1) ends */

#define CELL 60 /* characters of a value in the table; --json has all of it */

static int ask(struct context *c, const char *word, json_t **ret)
{
	unsigned long long run;

	if (!options_number(word, INT64_MAX, &run))
		return say_usage("diff %s: expected a run's number", word);
	return context_ask(c, "history.run", json_pack("{s:I}", "run", (json_int_t)run), ret);
}

static char *print(const json_t *value, int digits)
{
	return json_is_string(value)
		       ? strdup(json_string_value(value))
		       : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY |
						   JSON_REAL_PRECISION((size_t)digits));
}

static json_t *cell(const json_t *value, int digits)
{
	char *text = json_is_null(value) ? strdup("-") : print(value, digits);
	json_t *ret;

	if (text && strlen(text) > CELL)
		strcpy(text + CELL - 3, "...");
	ret = json_string(text ? text : "?");
	free(text);
	return ret;
}

/* Where in two long lists the first difference is: "[7] of 16" would be cut off otherwise. */
static json_t *spread(const json_t *a, const json_t *b)
{
	size_t n = json_array_size(a), apart = 0;

	if (n == 0 || json_array_size(b) != n)
		return NULL;
	for (size_t i = 0; i < n; i++)
		apart += !json_equal(json_array_get(a, i), json_array_get(b, i));
	return json_sprintf("%zu of %zu differ", apart, n);
}

/* Values as people read them: with as many digits as it takes to see the difference. */
static json_t *for_people(const json_t *rows)
{
	json_t *ret = json_array();
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		const json_t *a = json_object_get(row, "a"), *b = json_object_get(row, "b");
		bool equal = json_is_true(json_object_get(row, "equal"));
		json_t *left = cell(a, 6), *right = cell(b, 6), *many;

		if (!equal && json_equal(left, right)) {
			json_decref(left);
			json_decref(right);
			left = cell(a, 17);
			right = cell(b, 17);
		}
		many = equal ? NULL : spread(a, b);
		if (many && json_array_size(a) > 4) {
			json_decref(right);
			right = json_incref(many);
		}
		json_decref(many);
		json_array_append_new(ret, json_pack("{s:O, s:O, s:o, s:o, s:s}", "group",
						     json_object_get(row, "group"), "path",
						     json_object_get(row, "path"), "a", left, "b",
						     right, "equal", equal ? "=" : ""));
	}
	return ret;
}

static int show(const struct context *c, const char *a, const char *b, const json_t *rows, bool all)
{
	char left[40], right[40];
	struct table_column columns[] = {
		{"group", "OF", TABLE_TEXT}, {"path", "WHAT", TABLE_TEXT}, {"a", left, TABLE_TEXT},
		{"b", right, TABLE_TEXT},    {"equal", "", TABLE_TEXT},    {0},
	};
	json_t *text;
	int r;

	snprintf(left, sizeof(left), "RUN %.20s", a);
	snprintf(right, sizeof(right), "RUN %.20s", b);
	if (!all)
		columns[4].key = NULL;
	if (c->format == FORMAT_CSV)
		return table_print(c, columns, rows);
	text = for_people(rows);
	r = table_print(c, columns, text);
	json_decref(text);
	return r;
}

static int compare(struct context *c, const struct arguments *a, const json_t *left,
		   const json_t *right)
{
	bool all = options_has(a, "all");
	json_t *rows = difference_rows(left, right, all), *whole;
	bool differ = difference_any(rows);
	int r = EXIT_FINE;

	if (c->format == FORMAT_JSON) {
		whole = json_pack("{s:O, s:O, s:b, s:O}", "a", json_object_get(left, "run"), "b",
				  json_object_get(right, "run"), "equal", !differ, "rows", rows);
		say_json(whole);
		json_decref(whole);
	} else if (json_array_size(rows) > 0) {
		r = show(c, a->words[0], a->words[1], rows, all);
	}
	json_decref(rows);
	return r != EXIT_FINE ? DIFF_TROUBLE : differ ? DIFF_DIFFERS : DIFF_EQUAL;
}

static int run_diff(struct context *c, const struct arguments *a)
{
	json_t *left = NULL, *right = NULL;
	int r = DIFF_TROUBLE;

	if (ask(c, a->words[0], &left) == EXIT_FINE && ask(c, a->words[1], &right) == EXIT_FINE)
		r = compare(c, a, left, right);
	json_decref(left);
	json_decref(right);
	return r;
}

static const struct option_spec diff_options[] = {
	{"all", 0, NULL, "Also what is equal."},
	{0},
};

const struct command commands_diff[] = {
	{
		.name = "diff",
		.topic = TOPIC_HISTORY,
		.synopsis = "RUN RUN",
		.summary = "In what two runs differ: parameters, task, rig, versions, outcome.",
		.methods = "history.run",
		.text = "Parameters are compared as they were at the beginning, and each change of them; task\n"
			"and rig by the paths of their YAML.  Exit status: 0 they are equal, 1 they differ,\n"
			"2 trouble.",
		.examples = "diff 12 13  # exit 1\n"
			    "diff --all 12 13  # exit 1\n"
			    "diff --json 12 13  # exit 1\n",
		.options = diff_options,
		.min_words = 2,
		.max_words = 2,
		.run = run_diff,
	},
	{0},
};
