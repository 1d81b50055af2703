/* clients/nudgectl/figure.c - the lines of an experiment's picture. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/figure.h"
#include "clients/nudgectl/finding.h"
#include "clients/nudgectl/spread.h"

static const char *text(const json_t *says, const char *name)
{
	return json_string_value(json_object_get(says, name));
}

static bool line_room(struct figure_line *line, size_t n)
{
	line->x = calloc(n ? n : 1, sizeof(double));
	line->y = calloc(n ? n : 1, sizeof(double));
	line->low = calloc(n ? n : 1, sizeof(double));
	line->high = calloc(n ? n : 1, sizeof(double));
	return line->x && line->y && line->low && line->high;
}

/* Is this trial one of the line's?  each: the axis that tells lines apart, NULL: none */
static bool belongs(const struct figure *f, const struct trials *all, const struct trial *t,
		    const char *each, double value)
{
	return trial_is_at(all->e, t, json_object_get(f->says, "where")) && !t->failed &&
	       (!each || trial_axis(all->e, t, each) == value);
}

static void statistic_at(struct figure_line *line, size_t k, const char *by, const double *values,
			 size_t n)
{
	line->y[k] = !strcmp(by, "first") ? values[0] : finding_statistic(by, values, n, NULL);
	line->low[k] = n > 1 && strcmp(by, "first") ? spread_least(values, n) : NAN;
	line->high[k] = n > 1 && strcmp(by, "first") ? spread_most(values, n) : NAN;
}

/* ---- curves ---- */

static bool curve_line(struct figure *f, const struct trials *all, const char *each, double value,
		       size_t which, struct figure_line *line)
{
	double *values = calloc(all->n + 1, sizeof(*values));
	const struct trial *first = NULL;

	for (size_t i = 0; i < all->n && !first; i++)
		if (belongs(f, all, &all->list[i], each, value) && all->list[i].curve.n)
			first = &all->list[i];
	if (!values || !line_room(line, first ? first->curve.n : 0)) {
		free(values);
		return false;
	}
	line->n = first ? first->curve.n : 0;
	for (size_t k = 0; k < line->n; k++) {
		size_t n = 0;

		for (size_t i = 0; i < all->n; i++) {
			const struct curve *c = &all->list[i].curve;

			if (belongs(f, all, &all->list[i], each, value) && k < c->n &&
			    which < c->n_lines)
				values[n++] = c->y[which * c->n + k];
		}
		line->x[k] = first->curve.x[k];
		statistic_at(line, k, text(f->says, "by"), values, n);
	}
	free(values);
	return true;
}

/* ---- points: one for each point of the grid ---- */

static double point_x(const struct figure *f, const struct trials *all, const struct trial *t)
{
	const char *x = text(f->says, "x");
	double at = trial_axis(all->e, t, x);

	if (isnan(at))
		at = trial_measured(t, x);
	return json_is_true(json_object_get(f->says, "one_minus")) ? 1 - at : at;
}

static bool same_point(const struct trials *all, const struct trial *a, const struct trial *b)
{
	return memcmp(a->at, b->at, all->e->n_axes * sizeof(double)) == 0;
}

static void sort_points(struct figure_line *line)
{
	for (size_t i = 1; i < line->n; i++) {
		for (size_t k = i; k > 0 && line->x[k] < line->x[k - 1]; k--) {
			double *columns[] = {line->x, line->y, line->low, line->high};

			for (size_t c = 0; c < 4; c++) {
				double swap = columns[c][k];

				columns[c][k] = columns[c][k - 1];
				columns[c][k - 1] = swap;
			}
		}
	}
}

static bool point_line(struct figure *f, const struct trials *all, const char *each, double value,
		       struct figure_line *line)
{
	double *values = calloc(all->n + 1, sizeof(*values));

	if (!values || !line_room(line, all->n)) {
		free(values);
		return false;
	}
	for (size_t i = 0; i < all->n; i++) {
		const struct trial *t = &all->list[i];
		size_t n = 0;

		if (!belongs(f, all, t, each, value) || (i > 0 && same_point(all, t, t - 1)))
			continue;
		for (const struct trial *u = t; u < all->list + all->n && same_point(all, t, u);
		     u++)
			if (!u->failed && !isnan(trial_measured(u, text(f->says, "y"))))
				values[n++] = trial_measured(u, text(f->says, "y"));
		line->x[line->n] = point_x(f, all, t);
		if (n > 0)
			statistic_at(line, line->n++, text(f->says, "by"), values, n);
	}
	sort_points(line);
	free(values);
	return true;
}

/* ---- all lines ---- */

static size_t lines_each(const struct figure *f)
{
	const json_t *edges = json_object_get(f->says, "edges");

	return edges ? json_array_size(edges) : 1;
}

static void name_line(const struct figure *f, const struct trials *all, const char *each,
		      double value, size_t which, struct figure_line *line)
{
	const json_t *axis = json_object_get(experiment_part(all->e, "vary"), each ? each : "");
	const char *label = axis ? text(axis, "label") : NULL;
	const json_t *edges = json_object_get(f->says, "edges");
	size_t used = 0;

	if (each)
		used = (size_t)snprintf(line->title, sizeof(line->title), "%s = %g",
					label ? label : each, value);
	if (edges && used < sizeof(line->title))
		snprintf(line->title + used, sizeof(line->title) - used, "%sedge %d",
			 used ? ", " : "", (int)json_integer_value(json_array_get(edges, which)));
}

static bool line_new(struct figure *f, const struct trials *all, const char *each, double value,
		     size_t which)
{
	struct figure_line *line = &f->lines[f->n++];
	bool ok = !strcmp(text(f->says, "kind"), "curves")
			  ? curve_line(f, all, each, value, which, line)
			  : point_line(f, all, each, value, line);

	name_line(f, all, each, value, which, line);
	if (ok && line->n == 0) { /* that point of the grid is not shown */
		free(line->x);
		free(line->y);
		free(line->low);
		free(line->high);
		memset(line, 0, sizeof(*line));
		f->n--;
	}
	return ok;
}

int figure_new(const struct experiment *e, const struct trials *all, struct figure **ret)
{
	struct figure *f = calloc(1, sizeof(*f));
	const json_t *says = experiment_part(e, "figure"), *values;
	const char *each = text(says, "each");
	size_t n;
	bool ok = true;

	if (!f)
		return -1;
	values = json_object_get(json_object_get(experiment_part(all->e, "vary"), each ? each : ""),
				 "values");
	n = values ? json_array_size(values) : 1;
	f->says = says;
	f->title = experiment_text(e, "title");
	f->lines = calloc(n * lines_each(f), sizeof(*f->lines));
	ok = f->lines != NULL;
	for (size_t i = 0; ok && i < n; i++)
		for (size_t which = 0; ok && which < lines_each(f); which++)
			ok = line_new(f, all, values ? each : NULL,
				      values ? json_number_value(json_array_get(values, i)) : 0,
				      which);
	if (!ok) {
		figure_free(f);
		return -1;
	}
	*ret = f;
	return 0;
}

void figure_free(struct figure *f)
{
	for (size_t i = 0; f && i < f->n; i++) {
		free(f->lines[i].x);
		free(f->lines[i].y);
		free(f->lines[i].low);
		free(f->lines[i].high);
	}
	if (f)
		free(f->lines);
	free(f);
}

static void csv_number(FILE *out, double value, const char *end)
{
	if (!isnan(value))
		fprintf(out, "%.9g", value);
	fputs(end, out);
}

void figure_csv(const struct figure *f, FILE *out)
{
	fputs("line,x,y,low,high\n", out);
	for (size_t i = 0; i < f->n; i++) {
		const struct figure_line *line = &f->lines[i];

		for (size_t k = 0; k < line->n; k++) {
			fprintf(out, "\"%s\",", line->title);
			csv_number(out, line->x[k], ",");
			csv_number(out, line->y[k], ",");
			csv_number(out, line->low[k], ",");
			csv_number(out, line->high[k], "\n");
		}
	}
}
