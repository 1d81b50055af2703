/* clients/nudgectl/cmd_steps.c - a run's steps: in bins for people, every one for programs. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "clients/nudgectl/assign.h"
#include "clients/nudgectl/command.h"
#include "clients/nudgectl/table.h"

#define ROWS 20 /* of the table for people, unless a range or columns were asked for */

static int number_option(const struct arguments *a, const char *option, const char *member,
			 json_t *params)
{
	const char *text = options_value(a, option);
	unsigned long long number;

	if (!text)
		return EXIT_FINE;
	if (!options_number(text, INT64_MAX, &number))
		return say_usage("--%s %s: expected a whole number", option, text);
	json_object_set_new(params, member, json_integer((json_int_t)number));
	return EXIT_FINE;
}

static int read_request(const struct context *c, const struct arguments *a, json_t *params)
{
	unsigned long long run;
	int r = number_option(a, "from", "from_step", params);

	if (!options_number(a->words[0], INT64_MAX, &run))
		return say_usage("steps %s: expected a run's number", a->words[0]);
	json_object_set_new(params, "run", json_integer((json_int_t)run));
	if (r == EXIT_FINE)
		r = number_option(a, "to", "to_step", params);
	if (options_has(a, "columns"))
		json_object_set_new(params, "columns", assign_words(options_value(a, "columns")));
	if (options_has(a, "points"))
		return r == EXIT_FINE ? number_option(a, "points", "max_points", params) : r;
	if (c->format == FORMAT_TABLE && !options_has(a, "columns") && !options_has(a, "from") &&
	    !options_has(a, "to"))
		json_object_set_new(params, "max_points", json_integer(ROWS));
	return r;
}

/* ---- cells ---- */

static json_t *item(const struct nudge_array *array, size_t i, size_t j)
{
	double real;

	if (array->dtype[1] != 'f')
		return json_integer(nudge_array_integer(array, i, j));
	real = nudge_array_real(array, i, j);
	return isfinite(real) ? json_real(real) : json_null();
}

static json_t *cell(const struct nudge_array *array, size_t i)
{
	json_t *list;

	if (array->axes == 1)
		return item(array, i, 0);
	list = json_array();
	for (size_t j = 0; j < array->shape[1]; j++)
		json_array_append_new(list, item(array, i, j));
	return list;
}

static json_t *row_of(const struct nudge_record *page, size_t i)
{
	json_t *row = json_object();

	for (size_t k = 0; k < page->n_arrays; k++)
		json_object_set_new(row, page->arrays[k].name, cell(&page->arrays[k], i));
	return row;
}

static size_t n_rows(const struct nudge_record *page)
{
	return page->n_arrays > 0 ? page->arrays[0].shape[0] : 0;
}

/* ---- printing a page ---- */

/* An array of width w is w columns: v_free_V_0, v_free_V_1, ... */
static void print_csv_head(const struct nudge_record *page)
{
	for (size_t k = 0; k < page->n_arrays; k++) {
		const struct nudge_array *array = &page->arrays[k];

		for (size_t j = 0; j < array->shape[1]; j++) {
			printf("%s%s", k + j > 0 ? "," : "", array->name);
			if (array->axes == 2)
				printf("_%zu", j);
		}
	}
	putchar('\n');
}

static void print_csv_row(const struct nudge_record *page, size_t i)
{
	for (size_t k = 0; k < page->n_arrays; k++) {
		const struct nudge_array *array = &page->arrays[k];

		for (size_t j = 0; j < array->shape[1]; j++) {
			double real = nudge_array_real(array, i, j);

			fputs(k + j > 0 ? "," : "", stdout);
			if (array->dtype[1] != 'f')
				printf("%lld", (long long)nudge_array_integer(array, i, j));
			else if (isfinite(real))
				printf("%.17g", real);
		}
	}
	putchar('\n');
}

static void print_page(const struct context *c, const struct nudge_record *page, bool first)
{
	if (c->format == FORMAT_CSV && first)
		print_csv_head(page);
	for (size_t i = 0; i < n_rows(page); i++) {
		json_t *row;

		if (c->format == FORMAT_CSV) {
			print_csv_row(page, i);
			continue;
		}
		row = row_of(page, i); /* JSON: one object a line, so that a long run streams */
		json_dumpf(row, stdout, JSON_COMPACT);
		putchar('\n');
		json_decref(row);
	}
}

/* A table knows its columns' width only when it has all rows */
static int print_for_people(const struct context *c, const struct nudge_record *page)
{
	struct table_column columns[OPTIONS_MAX] = {0};
	json_t *rows = json_array();
	int r;

	for (size_t k = 0; k < page->n_arrays && k < OPTIONS_MAX - 1; k++)
		columns[k] = (struct table_column){page->arrays[k].name, NULL, TABLE_SHORT};
	for (size_t i = 0; i < n_rows(page); i++)
		json_array_append_new(rows, row_of(page, i));
	r = table_print(c, columns, rows);
	json_decref(rows);
	return r;
}

static int print_steps(struct context *c, json_t *params)
{
	bool first = true, more = true;
	int r = EXIT_FINE;

	while (more && r == EXIT_FINE) {
		struct nudge_record *page;
		const json_t *next;

		r = context_ask_record(c, "history.steps", json_deep_copy(params), NULL, &page);
		if (r != EXIT_FINE)
			break;
		next = json_object_get(page->header, "next");
		more = json_is_integer(next);
		if (more)
			json_object_set_new(params, "from_step",
					    json_integer(json_integer_value(next)));
		if (c->format == FORMAT_TABLE)
			r = print_for_people(c, page);
		else
			print_page(c, page, first);
		first = false;
		nudge_record_free(page);
	}
	return r;
}

static int run_steps(struct context *c, const struct arguments *a)
{
	json_t *params = json_object();
	int r = read_request(c, a, params);

	if (r == EXIT_FINE)
		r = print_steps(c, params);
	json_decref(params);
	return r;
}

static const struct option_spec steps_options[] = {
	{"columns", 'c', "NAME,...",
	 "Columns of the table steps: step, mse_V2, v_free_V, wiper, ..."},
	{"from", 0, "STEP", "The first step; 0."},
	{"to", 0, "STEP", "The last step; the run's last."},
	{"points", 'n', "ROWS",
	 "At most so many rows: bins with min, max, mean, first, last, count."},
	{0},
};

const struct command commands_steps[] = {
	{
		.name = "steps",
		.topic = TOPIC_HISTORY,
		.synopsis = "RUN",
		.summary = "A run's steps: in bins for people, every one with --csv or --json.",
		.methods = "history.steps",
		.text = "--json prints one object a line.  Here --to is a step: a server's address goes before the\n"
			"sub-command, nudgectl --to ADDRESS steps RUN.",
		.examples = "steps 12\nsteps 12 --from 0 --to 9 --columns step,mse_V2,wiper\n"
			    "steps 12 --csv --columns step,mse_V2,v_free_V > run12.csv\n",
		.options = steps_options,
		.min_words = 1,
		.max_words = 1,
		.run = run_steps,
	},
	{0},
};
