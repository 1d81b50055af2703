/* clients/nudgectl/finding.c - figures over seeds, and the verdict. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/finding.h"
#include "clients/nudgectl/spread.h"

static const char *text(const json_t *says, const char *name)
{
	return json_string_value(json_object_get(says, name));
}

static bool in_range(double value, const json_t *range)
{
	return value >= json_number_value(json_array_get(range, 0)) &&
	       value <= json_number_value(json_array_get(range, 1));
}

double finding_statistic(const char *by, const double *values, size_t n, const json_t *says)
{
	const json_t *at_most = json_object_get(says, "at_most");
	const json_t *at_least = json_object_get(says, "at_least");
	size_t good = 0;

	if (!strcmp(by, "median"))
		return spread_median(values, n);
	if (!strcmp(by, "mean"))
		return spread_mean(values, n);
	if (!strcmp(by, "geometric_mean"))
		return spread_geometric_mean(values, n);
	if (!strcmp(by, "least"))
		return spread_least(values, n);
	if (!strcmp(by, "most"))
		return spread_most(values, n);
	if (strcmp(by, "share"))
		return NAN;
	for (size_t i = 0; i < n; i++)
		good += (!at_most || values[i] <= json_number_value(at_most)) &&
			(!at_least || values[i] >= json_number_value(at_least));
	return n ? (double)good / (double)n : NAN;
}

/* The measured values at these points of the grid, at most all->n; seed 0: of every seed */
static size_t collect(const struct trials *all, const char *of, const json_t *where, uint64_t seed,
		      double *values)
{
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct trial *t = &all->list[i];

		if (trial_is_at(all->e, t, where) && (seed == 0 || t->seed == seed))
			values[n++] = trial_measured(t, of);
	}
	return n;
}

/* ---- a statistic, or its ratio to that at another point ---- */

static void find_statistic(const struct trials *all, struct finding *f, double *values)
{
	const char *of = text(f->says, "of"), *by = text(f->says, "by");
	const json_t *where = json_object_get(f->says, "where");
	size_t n = collect(all, of, where, 0, values);

	f->value = finding_statistic(by, values, n, f->says);
	f->n = n;
	f->n_missing = n - spread_present(values, n);
	if (strcmp(by, "share")) {
		f->least = spread_least(values, n);
		f->most = spread_most(values, n);
	}
}

static void find_ratio(const struct trials *all, struct finding *f, double *values, double *ratios)
{
	const char *of = text(f->says, "of"), *by = text(f->says, "by");
	const json_t *where = json_object_get(f->says, "where"),
		     *over = json_object_get(f->says, "over");
	bool per_seed = json_is_true(json_object_get(f->says, "per_seed"));
	double above, below;
	size_t n;

	for (uint64_t seed = 1; seed <= all->e->seeds; seed++) {
		n = collect(all, of, where, seed, values);
		above = spread_geometric_mean(values, n);
		n = collect(all, of, over, seed, values);
		ratios[seed - 1] = above / spread_geometric_mean(values, n);
	}
	n = collect(all, of, where, 0, values);
	above = finding_statistic(by, values, n, f->says);
	n = collect(all, of, over, 0, values);
	below = finding_statistic(by, values, n, f->says);
	f->n = all->e->seeds;
	f->n_missing = f->n - spread_present(ratios, f->n);
	f->value = per_seed ? finding_statistic(by, ratios, f->n, f->says) : above / below;
	f->least = spread_least(ratios, f->n);
	f->most = spread_most(ratios, f->n);
}

/* ---- a power law along an axis ---- */

static double slope_of(const struct trials *all, const struct finding *f, uint64_t seed,
		       double *values, double *x, double *y)
{
	const char *along = text(f->says, "along");
	const json_t *within = json_object_get(f->says, "within");
	const json_t *axis =
		json_object_get(json_object_get(experiment_part(all->e, "vary"), along), "values");
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(axis); i++) {
		double at = json_number_value(json_array_get(axis, i));
		json_t *where = json_object_get(f->says, "where");

		where = where ? json_copy(where) : json_object();
		json_object_set_new(where, along, json_real(at));
		x[n] = json_is_true(json_object_get(f->says, "one_minus")) ? 1 - at : at;
		y[n] = spread_geometric_mean(
			values, collect(all, text(f->says, "of"), where, seed, values));
		if (!within || in_range(x[n], within))
			n++;
		json_decref(where);
	}
	return strcmp(text(f->says, "by"), "slope") ? spread_straightness(x, y, n)
						    : spread_slope(x, y, n);
}

static void find_slope(const struct trials *all, struct finding *f, double *values, double *slopes,
		       double *x, double *y)
{
	for (uint64_t seed = 1; seed <= all->e->seeds; seed++)
		slopes[seed - 1] = slope_of(all, f, seed, values, x, y);
	f->value = slope_of(all, f, 0, values, x, y);
	f->n = all->e->seeds;
	f->n_missing = f->n - spread_present(slopes, f->n);
	f->least = spread_least(slopes, f->n);
	f->most = spread_most(slopes, f->n);
}

/* ---- curves that should lie on each other ---- */

/* log10 of the curve's geometric mean over the seeds, at point k of where the axis is `at` */
static double curve_log(const struct trials *all, const char *axis, double at, size_t k)
{
	double sum = 0, n = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct trial *t = &all->list[i];

		if (trial_axis(all->e, t, axis) == at && k < t->curve.n && t->curve.y[k] > 0) {
			sum += log10(t->curve.y[k]);
			n++;
		}
	}
	return n > 0 ? sum / n : NAN;
}

static void find_collapse(const struct trials *all, struct finding *f)
{
	const char *along = text(f->says, "along");
	const json_t *values =
		json_object_get(json_object_get(experiment_part(all->e, "vary"), along), "values");
	size_t n_values = json_array_size(values), n = all->n ? all->list[0].curve.n : 0;
	double squares = 0, most = 0, used = 0;

	for (size_t k = 0; k < n; k++) {
		double mean = 0;

		for (size_t i = 0; i < n_values; i++)
			mean += curve_log(all, along, json_number_value(json_array_get(values, i)),
					  k) /
				(double)n_values;
		for (size_t i = 0; i < n_values; i++) {
			double off = curve_log(all, along,
					       json_number_value(json_array_get(values, i)), k) -
				     mean;

			squares += off * off;
			most = isnan(off) ? NAN : fmax(most, fabs(off));
			used++;
		}
	}
	f->value = strcmp(text(f->says, "by"), "collapse_rms") ? most : sqrt(squares / used);
	f->n = all->e->seeds;
}

/* ---- all ---- */

static int find(const struct trials *all, struct finding *f)
{
	const char *by = text(f->says, "by");
	size_t n = all->n + all->e->seeds + 1;
	double *room = calloc(4 * n, sizeof(*room));

	if (!room)
		return -1;
	f->value = f->least = f->most = NAN;
	if (!strncmp(by, "collapse", 8))
		find_collapse(all, f);
	else if (!strcmp(by, "slope") || !strcmp(by, "straightness"))
		find_slope(all, f, room, room + n, room + 2 * n, room + 3 * n);
	else if (json_object_get(f->says, "over"))
		find_ratio(all, f, room, room + n);
	else
		find_statistic(all, f, room);
	free(room);
	return 0;
}

static void judge(struct finding *f)
{
	const json_t *holds = json_object_get(f->says, "holds"),
		     *each = json_object_get(f->says, "each");

	f->judged = holds || each;
	f->holds = true;
	if (holds)
		f->holds = isfinite(f->value) && in_range(f->value, holds);
	if (each)
		f->holds = f->holds && f->n_missing == 0 && in_range(f->least, each) &&
			   in_range(f->most, each);
}

enum verdict finding_verdict(const struct finding *list, size_t n)
{
	enum verdict verdict = VERDICT_REPORTED;

	for (size_t i = 0; i < n; i++) {
		if (!list[i].judged)
			continue;
		if (!list[i].holds && !text(list[i].says, "otherwise"))
			return VERDICT_NOT;
		if (!list[i].holds)
			verdict = VERDICT_RESERVATIONS;
		else if (verdict == VERDICT_REPORTED)
			verdict = VERDICT_REPRODUCED;
	}
	return verdict;
}

const char *finding_verdict_text(enum verdict verdict)
{
	static const char *const texts[] = {
		[VERDICT_REPRODUCED] = "reproduced",
		[VERDICT_RESERVATIONS] = "holds with reservations",
		[VERDICT_NOT] = "not reproduced",
		[VERDICT_REPORTED] = "reported",
		[VERDICT_FAILED] = "failed",
	};

	return texts[verdict];
}

/* "a; b": the reservations, or what did not hold */
static char *reasons(const struct findings *f)
{
	char *ret = NULL;
	size_t size;
	FILE *out = open_memstream(&ret, &size);

	if (!out)
		return NULL;
	for (size_t i = 0; i < f->n; i++) {
		const char *otherwise = text(f->list[i].says, "otherwise");

		if (!f->list[i].judged || f->list[i].holds ||
		    (f->verdict == VERDICT_NOT && otherwise))
			continue;
		fprintf(out, "%s%s", ftell(out) ? "; " : "",
			otherwise ? otherwise : text(f->list[i].says, "what"));
	}
	fclose(out);
	return ret;
}

/* Why a trial failed, and how many did */
static char *failure(const struct trials *all)
{
	const char *first = NULL;
	size_t failed = 0;
	char *ret;

	for (size_t i = 0; i < all->n; i++)
		if (all->list[i].failed && failed++ == 0)
			first = all->list[i].failed;
	return asprintf(&ret, "%zu of %zu trials failed: %s", failed, all->n, first ? first : "") <
			       0
		       ? NULL
		       : ret;
}

int findings_new(const struct experiment *e, const struct trials *all, struct findings **ret)
{
	const json_t *says = experiment_part(e, "findings"), *expect = experiment_part(e, "expect");
	struct findings *f = calloc(1, sizeof(*f));
	const char *name;
	json_t *one;
	int r = 0;

	if (f)
		f->list = calloc(json_object_size(says) + 1, sizeof(*f->list));
	if (!f || !f->list) {
		free(f);
		return -1;
	}
	json_object_foreach((json_t *)says, name, one)
	{
		struct finding *next = &f->list[f->n++];

		next->name = name;
		next->says = one;
		r = r < 0 ? r : find(all, next);
		judge(next);
	}
	f->verdict = finding_verdict(f->list, f->n);
	for (size_t i = 0; i < all->n; i++)
		if (all->list[i].failed)
			f->verdict = VERDICT_FAILED;
	f->why = f->verdict == VERDICT_FAILED ? failure(all) : reasons(f);
	f->as_expected = !strcmp(finding_verdict_text(f->verdict), text(expect, "verdict"));
	if (r < 0 || !f->why) {
		findings_free(f);
		return -1;
	}
	*ret = f;
	return 0;
}

void findings_free(struct findings *f)
{
	if (!f)
		return;
	free(f->list);
	free(f->why);
	free(f);
}

static void figure_text(char *ret, size_t size, double value)
{
	double size_of = fabs(value);

	if (isnan(value))
		snprintf(ret, size, "none");
	else if (isinf(value))
		snprintf(ret, size, "never");
	else if (size_of >= 1000 || (size_of < 1e-3 && size_of > 0))
		snprintf(ret, size, "%.2e", value);
	else
		snprintf(ret, size, "%.*f",
			 size_of >= 100  ? 0
			 : size_of >= 10 ? 1
			 : size_of >= 1  ? 2
					 : 4,
			 value);
}

char *finding_text(const struct finding *f)
{
	char value[32], least[32], most[32], *ret = NULL;
	int r;

	figure_text(value, sizeof(value), f->value);
	figure_text(least, sizeof(least), f->least);
	figure_text(most, sizeof(most), f->most);
	if (isnan(f->least) || isnan(f->most))
		r = asprintf(&ret, "%s", value);
	else
		r = asprintf(&ret, "%s (%s to %s)", value, least, most);
	return r < 0 ? NULL : ret;
}
