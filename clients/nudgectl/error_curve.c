/* clients/nudgectl/error_curve.c - the training error of a run over its steps, as history.steps has it. */
#include "config.h"

#include <math.h>
#include <stdlib.h>

#include "clients/nudgectl/error_curve.h"

#define POINTS 700  /* about one a pixel */
#define EPOCH  1000 /* steps that are looked at for the number of examples */

/* Steps come as they are, or in bins with min, max and mean */
static bool take_steps(const struct nudge_record *steps, struct svg_series *series)
{
	const struct nudge_array *step = nudge_record_array(steps, "step");
	const struct nudge_array *mean = nudge_record_array(steps, "mse_V2_mean");
	const struct nudge_array *low = nudge_record_array(steps, "mse_V2_min");
	const struct nudge_array *high = nudge_record_array(steps, "mse_V2_max");
	size_t n;

	if (!mean)
		mean = low = high = nudge_record_array(steps, "mse_V2");
	n = step && mean && low && high ? step->shape[0] : 0;
	series->n = 0;
	series->points = calloc(n ? n : 1, sizeof(*series->points));
	if (!series->points)
		return false;
	for (size_t i = 0; i < n; i++) {
		struct svg_point point = {
			.x = nudge_array_real(step, i, 0),
			.y = nudge_array_real(mean, i, 0),
			.low = nudge_array_real(low, i, 0),
			.high = nudge_array_real(high, i, 0),
		};

		if (isfinite(point.y))
			series->points[series->n++] = point;
	}
	series->name = "each step";
	return true;
}

/* Where different examples are shown in turn, one step's error says little: the line is the mean over `epoch` steps
 * around each point. */
static int smooth(struct svg_series *series, double epoch)
{
	struct svg_point *means = calloc(series->n ? series->n : 1, sizeof(*means));
	size_t from = 0, to = 0;

	if (!means)
		return say_failed("no memory for the curve");
	for (size_t i = 0; i < series->n; i++) {
		const struct svg_point *points = series->points;
		struct svg_point *mean = &means[i];

		while (points[i].x - points[from].x > epoch / 2)
			from++;
		while (to < series->n && points[to].x - points[i].x <= epoch / 2)
			to++;
		mean->x = points[i].x;
		for (size_t k = from; k < to; k++)
			mean->y += points[k].y / (double)(to - from);
		mean->low = mean->high = mean->y;
	}
	free(series->points);
	series->points = means;
	series->name = "training, mean of an epoch";
	return EXIT_FINE;
}

/* How many examples are shown in turn, as far as the first steps tell */
static int ask_epoch(struct context *c, json_int_t run, double *ret)
{
	json_t *params = json_pack("{s:I, s:i, s:i, s:[s]}", "run", run, "from_step", 0, "to_step",
				   EPOCH - 1, "columns", "example");
	const struct nudge_array *example;
	struct nudge_record *steps;
	int r = context_ask_record(c, "history.steps", params, NULL, &steps);

	if (r != EXIT_FINE)
		return r;
	*ret = 1;
	example = nudge_record_array(steps, "example");
	for (size_t i = 0; example && i < example->shape[0]; i++)
		*ret = fmax(*ret, 1 + (double)nudge_array_integer(example, i, 0));
	nudge_record_free(steps);
	return EXIT_FINE;
}

int error_curve_ask(struct context *c, json_int_t run, bool with_time, struct svg_series *ret,
		    struct nudge_record **ret_steps)
{
	json_t *params = json_pack("{s:I, s:i, s:[s, s]}", "run", run, "max_points", POINTS,
				   "columns", "step", "mse_V2");
	struct nudge_record *steps;
	double epoch = 1;
	int r;

	if (with_time)
		json_array_append_new(json_object_get(params, "columns"), json_string("t_mono_ns"));
	r = context_ask_record(c, "history.steps", params, NULL, &steps);
	if (r != EXIT_FINE)
		return r;
	r = take_steps(steps, ret) ? ask_epoch(c, run, &epoch)
				   : say_failed("no memory for the curve");
	if (r == EXIT_FINE && epoch > 1)
		r = smooth(ret, epoch);
	if (ret_steps && r == EXIT_FINE)
		*ret_steps = steps;
	else
		nudge_record_free(steps);
	return r;
}
