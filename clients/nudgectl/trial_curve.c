/* clients/nudgectl/trial_curve.c - keeps of a run what the experiment's figure shows. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/trial_curve.h"

struct source {
	const double *step, *t_s;
	size_t n, n_lines;
	const char *y;
	const json_t *edges;
};

static bool is(const char *a, const char *b)
{
	return a && !strcmp(a, b);
}

static struct source source_of(const json_t *figure, const struct series *s)
{
	struct source ret = {.step = s->step,
			     .t_s = s->t_s,
			     .n = s->n,
			     .n_lines = 1,
			     .y = json_string_value(json_object_get(figure, "y")),
			     .edges = json_object_get(figure, "edges")};

	if (is(ret.y, "test") || is(ret.y, "accuracy")) {
		ret.step = s->test_step;
		ret.t_s = NULL;
		ret.n = s->n_tests;
	}
	if (is(ret.y, "taps"))
		ret.n_lines = json_array_size(ret.edges);
	if (((is(ret.y, "taps") || is(ret.y, "mean_r_kohm")) && !s->r_ohm) ||
	    (is(ret.y, "equilibrium") && !s->equilibrium_V2))
		ret.n = 0;
	return ret;
}

static double value_at(const struct source *from, const struct series *s, size_t line, size_t i)
{
	if (is(from->y, "mse"))
		return s->mse_V2[i] / s->mse_first_V2;
	if (is(from->y, "equilibrium"))
		return s->equilibrium_V2[i] / s->equilibrium_V2[0];
	if (is(from->y, "test"))
		return s->test_error_V2[i] / s->test_error_V2[0];
	if (is(from->y, "accuracy"))
		return 100 * s->accuracy[i];
	if (is(from->y, "v_V"))
		return s->v_V[i * s->n_targets];
	if (is(from->y, "taps"))
		return s->r_ohm[i * s->n_edges +
				(size_t)json_integer_value(json_array_get(from->edges, line))] /
		       1e3;
	if (is(from->y, "mean_r_kohm")) {
		double sum = 0;

		for (size_t j = 0; j < s->n_edges; j++)
			sum += s->r_ohm[i * s->n_edges + j];
		return sum / (double)s->n_edges / 1e3;
	}
	return NAN;
}

static double x_at(const json_t *figure, const struct source *from, const struct series *s,
		   size_t i)
{
	const char *x = json_string_value(json_object_get(figure, "x"));

	if (is(x, "step_p"))
		return from->step[i] * s->p;
	if (is(x, "epoch"))
		return from->step[i] / json_number_value(json_object_get(figure, "per_epoch"));
	if (is(x, "t_s") && from->t_s)
		return from->t_s[i];
	return from->step[i];
}

/* Row k of n_points that are kept of n, evenly or evenly in decades */
static size_t row_of(size_t k, size_t n_points, size_t n, bool log_x)
{
	double part = n_points > 1 ? (double)k / (double)(n_points - 1) : 0;

	if (n <= n_points)
		return k;
	if (log_x)
		return (size_t)fmax((double)k, rint(pow((double)n, part) - 1));
	return (size_t)rint(part * (double)(n - 1));
}

void trial_curve_add(const json_t *figure, struct trial *t, const struct series *s)
{
	struct source from = source_of(figure, s);
	size_t most = (size_t)json_integer_value(json_object_get(figure, "points"));
	size_t n = from.n < most ? from.n : most, old = t->curve.n, all = old + n;
	bool log_x = json_is_true(json_object_get(figure, "log_x"));
	double begin = old ? t->curve.x[old - 1] + 1 : 0, *x, *y;

	if (!is(json_string_value(json_object_get(figure, "kind")), "curves") || n == 0)
		return;
	x = malloc(all * sizeof(*x));
	y = malloc(all * from.n_lines * sizeof(*y));
	if (!x || !y) {
		free(x);
		free(y);
		return;
	}
	for (size_t l = 0; l < from.n_lines; l++) {
		if (old)
			memcpy(y + l * all, t->curve.y + l * old, old * sizeof(*y));
		for (size_t k = 0; k < n; k++)
			y[l * all + old + k] = value_at(&from, s, l, row_of(k, n, from.n, log_x));
	}
	if (old)
		memcpy(x, t->curve.x, old * sizeof(*x));
	for (size_t k = 0; k < n; k++)
		x[old + k] = begin + x_at(figure, &from, s, row_of(k, n, from.n, log_x));
	free(t->curve.x);
	free(t->curve.y);
	t->curve = (struct curve){.n = all, .n_lines = from.n_lines, .x = x, .y = y};
}
