/* clients/nudgectl/overlay_read.c - the curves of several runs, over steps, time, or steps times p. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/error_curve.h"
#include "clients/nudgectl/overlay.h"

static const struct {
	const char *word, *label;
} axes[] = {
	{"steps", "learning steps"},
	{"time", "time on the rig's clock, s"},
	{"steps_p", "learning steps times p"},
};
#define N_AXES (sizeof(axes) / sizeof(axes[0]))

static double real_of(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

bool overlay_knows(const char *x)
{
	for (size_t i = 0; i < N_AXES; i++)
		if (!strcmp(axes[i].word, x))
			return true;
	return false;
}

/* How often an edge was to update before this step: p may have been changed on the way. */
static double updates_before(const json_t *params, double step)
{
	double sum = 0;

	for (size_t i = 0; i < json_array_size(params); i++) {
		const json_t *now = json_array_get(params, i);
		double from = i ? real_of(now, "from_step") : 0;
		double to = i + 1 < json_array_size(params)
				    ? real_of(json_array_get(params, i + 1), "from_step")
				    : INFINITY;

		if (step > from)
			sum += (fmin(step, to) - from) * real_of(now, "p");
	}
	return sum;
}

/* The row that a bin's time is of: of a run that was thinned, the next that is left. */
static double row_of(const struct nudge_record *steps, double step)
{
	double every = real_of(steps->header, "keep_every");

	return every > 1 && real_of(steps->header, "every") > 1 ? ceil(step / every) * every : step;
}

/* Seconds since the run began: the time of the row at or next to the step, less what lies between by the run's mean pace. */
static double time_at(const struct nudge_record *steps, double t0_ns, double step)
{
	const struct nudge_array *at = nudge_record_array(steps, "step");
	const struct nudge_array *t = nudge_record_array(steps, "t_mono_ns");
	size_t low = 0, high = at && t ? at->shape[0] : 0, n = high;
	double first, last, pace = 0;

	if (n == 0)
		return NAN;
	while (low + 1 < high) {
		size_t middle = (low + high) / 2;

		if (nudge_array_real(at, middle, 0) <= step)
			low = middle;
		else
			high = middle;
	}
	first = row_of(steps, nudge_array_real(at, 0, 0));
	last = row_of(steps, nudge_array_real(at, n - 1, 0));
	if (last > first)
		pace = (nudge_array_real(t, n - 1, 0) - nudge_array_real(t, 0, 0)) / (last - first);
	return (nudge_array_real(t, low, 0) - t0_ns - pace * (row_of(steps, step) - step)) * 1e-9;
}

static void move_x(struct svg_series *series, const char *x, const json_t *run,
		   const struct nudge_record *steps)
{
	for (size_t i = 0; i < series->n; i++) {
		struct svg_point *point = &series->points[i];

		if (!strcmp(x, "steps_p"))
			point->x = updates_before(json_object_get(run, "params"), point->x);
		else if (!strcmp(x, "time"))
			point->x = time_at(steps, real_of(run, "t0_mono_ns"), point->x);
	}
}

static void name_line(struct overlay_line *line, const json_t *run)
{
	const json_t *params = json_array_get(json_object_get(run, "params"), 0);
	const char *name = json_string_value(json_object_get(run, "name"));

	snprintf(line->title, sizeof(line->title), "run %.0f: %.30s, eta %.4g, p %.4g",
		 real_of(run, "run"), name ? name : "", real_of(params, "eta"),
		 real_of(params, "p"));
}

static int ask_line(struct context *c, json_int_t number, const char *x, struct overlay_line *line)
{
	struct nudge_record *steps = NULL;
	json_t *run;
	int r = context_ask(c, "history.run", json_pack("{s:I}", "run", number), &run);

	if (r != EXIT_FINE)
		return r;
	r = error_curve_ask(c, number, !strcmp(x, "time"), &line->series, &steps);
	if (r == EXIT_FINE) {
		name_line(line, run);
		move_x(&line->series, x, run, steps);
	}
	nudge_record_free(steps);
	json_decref(run);
	return r;
}

int overlay_ask(struct context *c, const json_int_t *runs, size_t n, const char *x,
		struct overlay **ret)
{
	struct overlay *overlay = calloc(1, sizeof(*overlay));
	int r = EXIT_FINE;

	if (!overlay)
		return say_failed("no memory for the curves");
	for (size_t i = 0; i < N_AXES; i++)
		if (!strcmp(axes[i].word, x))
			overlay->x_label = axes[i].label;
	snprintf(overlay->title, sizeof(overlay->title), "training error of %zu run%s", n,
		 n == 1 ? "" : "s");
	for (size_t i = 0; i < n && r == EXIT_FINE; i++)
		r = ask_line(c, runs[i], x, &overlay->lines[overlay->n++]);
	if (r != EXIT_FINE) {
		overlay_free(overlay);
		return r;
	}
	*ret = overlay;
	return EXIT_FINE;
}

void overlay_free(struct overlay *overlay)
{
	for (size_t i = 0; overlay && i < overlay->n; i++)
		free(overlay->lines[i].series.points);
	free(overlay);
}
