/* clients/nudgectl/reproduce_report.c - what came out of an experiment: for people, as JSON, as CSV, as a picture. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/reproduce.h"
#include "clients/nudgectl/table.h"

static const char *text(const json_t *says, const char *name)
{
	const char *ret = json_string_value(json_object_get(says, name));

	return ret ? ret : "";
}

/* ---- for people ---- */

/* The reference as it stands in the file, a number or words; text to free() */
static char *reference_text(const json_t *says)
{
	const json_t *reference = json_object_get(says, "reference");
	char *ret = NULL;

	if (json_is_number(reference) ? asprintf(&ret, "%.4g", json_number_value(reference)) < 0
				      : asprintf(&ret, "%s", text(says, "reference")) < 0)
		return NULL;
	return ret;
}

static void report_finding(const struct context *c, const struct finding *f)
{
	char *value = finding_text(f), *reference = reference_text(f->says);
	enum color color = !f->judged ? COLOR_DIM : f->holds ? COLOR_GOOD : COLOR_WARN;

	printf("  %s%-3s%s %s: %s", say_color(c, color),
	       !f->judged ? ""
	       : f->holds ? "ok"
			  : "NO",
	       say_color(c, COLOR_NONE), text(f->says, "what"), value ? value : "?");
	if (reference && *reference)
		printf("; reference %s", reference);
	if (f->n_missing)
		printf("; %zu of %zu without", f->n_missing, f->n);
	putchar('\n');
	free(value);
	free(reference);
}

void report_outcome(const struct context *c, const struct outcome *o)
{
	const struct findings *f = o->findings;
	enum color color = f->as_expected ? COLOR_GOOD : COLOR_BAD;

	printf("%s%d %s%s  %s  %s\n", say_color(c, COLOR_BOLD), o->e->row, o->e->id,
	       say_color(c, COLOR_NONE), experiment_text(o->e, "title"),
	       experiment_text(o->e, "paper"));
	printf("  claim: %s\n  reference: %s\n", experiment_text(o->e, "claim"),
	       experiment_text(o->e, "reference"));
	for (size_t i = 0; i < f->n; i++)
		report_finding(c, &f->list[i]);
	printf("  seeds: %zu; trials: %zu, runs: %zu, %.1f s\n", o->data->e->seeds, o->data->n,
	       o->runs, o->seconds);
	printf("  verdict: %s%s%s%s%s", say_color(c, color), finding_verdict_text(f->verdict),
	       say_color(c, COLOR_NONE), f->why[0] ? ": " : "", f->why);
	if (!f->as_expected)
		printf("; expected: %s", text(experiment_part(o->e, "expect"), "verdict"));
	puts("\n");
	fflush(stdout);
}

/* ---- as JSON ---- */

static json_t *number_or_null(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *finding_json(const struct finding *f)
{
	json_t *ret = json_pack("{s:s, s:s, s:o, s:o, s:o, s:I, s:I}", "name", f->name, "what",
				text(f->says, "what"), "value", number_or_null(f->value), "least",
				number_or_null(f->least), "most", number_or_null(f->most), "n",
				(json_int_t)f->n, "missing", (json_int_t)f->n_missing);
	json_t *reference = json_object_get(f->says, "reference"),
	       *holds = json_object_get(f->says, "holds");

	json_object_set(ret, "reference", reference ? reference : json_null());
	json_object_set(ret, "accepted", holds ? holds : json_null());
	json_object_set_new(ret, "holds", f->judged ? json_boolean(f->holds) : json_null());
	return ret;
}

json_t *report_json(const struct outcome *o)
{
	const struct findings *f = o->findings;
	json_t *list = json_array();

	for (size_t i = 0; i < f->n; i++)
		json_array_append_new(list, finding_json(&f->list[i]));
	return json_pack(
		"{s:s, s:i, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:f, s:s, s:s, s:s, s:b, s:o}",
		"experiment", o->e->id, "row", o->e->row, "title", experiment_text(o->e, "title"),
		"paper", experiment_text(o->e, "paper"), "claim", experiment_text(o->e, "claim"),
		"reference", experiment_text(o->e, "reference"), "seeds",
		(json_int_t)o->data->e->seeds, "trials", (json_int_t)o->data->n, "runs",
		(json_int_t)o->runs, "seconds", o->seconds, "verdict",
		finding_verdict_text(f->verdict), "why", f->why, "expected",
		text(experiment_part(o->e, "expect"), "verdict"), "as_expected", f->as_expected,
		"findings", list);
}

int report_summary(const struct outcome *list, size_t n, bool quick, const char *out)
{
	json_t *summary = json_pack("{s:s, s:b, s:[]}", "version", PACKAGE_VERSION, "quick", quick,
				    "experiments");
	char *file = NULL;
	int r = 0;

	for (size_t i = 0; i < n; i++)
		json_array_append_new(json_object_get(summary, "experiments"),
				      report_json(&list[i]));
	if (asprintf(&file, "%s/summary.json", out) < 0)
		r = -ENOMEM;
	else if (json_dump_file(summary, file, JSON_INDENT(2)) < 0)
		r = -EIO;
	json_decref(summary);
	free(file);
	return r;
}

/* ---- as files ---- */

static FILE *open_file(const char *out, const char *id, const char *end, char **ret_name)
{
	if (asprintf(ret_name, "%s/%s%s", out, id, end) < 0) {
		*ret_name = NULL;
		return NULL;
	}
	return fopen(*ret_name, "w");
}

static int close_file(FILE *f, const char *name, char *why, size_t why_size)
{
	int r = f ? ferror(f) | fclose(f) : -1;

	if (r != 0)
		snprintf(why, why_size, "%s cannot be written: %s", name ? name : "a file",
			 strerror(errno));
	return r == 0 ? 0 : -1;
}

/* One row a trial: its place in the grid, its seed, what was measured */
static void write_trials(const struct trials *all, FILE *out)
{
	const json_t *measures = experiment_part(all->e, "measures");
	const char *name;
	json_t *what;

	for (size_t i = 0; i < all->e->n_axes; i++)
		fprintf(out, "%s,", all->e->axis[i]);
	fputs("seed", out);
	json_object_foreach((json_t *)measures, name, what) fprintf(out, ",%s", name);
	fputs(",failed\n", out);
	for (size_t k = 0; k < all->n; k++) {
		const struct trial *t = &all->list[k];

		for (size_t i = 0; i < all->e->n_axes; i++)
			fprintf(out, "%.12g,", t->at[i]);
		fprintf(out, "%llu", (unsigned long long)t->seed);
		json_object_foreach((json_t *)measures, name, what)
		{
			putc(',', out);
			if (!isnan(trial_measured(t, name)))
				fprintf(out, "%.9g", trial_measured(t, name));
		}
		putc(',', out);
		if (t->failed)
			table_csv_text(out, t->failed);
		putc('\n', out);
	}
}

static int plot(struct outcome *o, const char *out, bool *without_gnuplot, char *why,
		size_t why_size)
{
	char *stem = NULL, *script = NULL;
	FILE *f;
	int r;

	if (asprintf(&stem, "%s/%s", out, o->e->id) < 0)
		return -1;
	f = open_file(out, o->e->id, ".gnuplot", &script);
	if (f)
		figure_script(o->figure, stem, f);
	r = close_file(f, script, why, why_size);
	if (r == 0 && !*without_gnuplot) {
		int e = figure_plot(script);

		o->plotted = e == 0;
		if (e == -ENOENT) {
			*without_gnuplot = true;
			fputs("nudgectl: no pictures: gnuplot is not installed (package gnuplot-nox); "
			      "the data and the scripts are written\n",
			      stderr);
		} else if (e < 0) {
			fprintf(stderr, "nudgectl: %s: gnuplot made no picture of it\n", script);
		}
	}
	free(stem);
	free(script);
	return r;
}

int report_files(struct outcome *o, const char *out, bool *without_gnuplot, char *why,
		 size_t why_size)
{
	char *name = NULL;
	FILE *f = open_file(out, o->e->id, ".csv", &name);
	int r;

	if (f)
		write_trials(o->data, f);
	r = close_file(f, name, why, why_size);
	free(name);
	if (r < 0)
		return r;
	f = open_file(out, o->e->id, "-figure.csv", &name);
	if (f)
		figure_csv(o->figure, f);
	r = close_file(f, name, why, why_size);
	free(name);
	return r < 0 ? r : plot(o, out, without_gnuplot, why, why_size);
}
