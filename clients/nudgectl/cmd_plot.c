/* clients/nudgectl/cmd_plot.c - the learning curve of a run, in the terminal or as a picture. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/chart.h"
#include "clients/nudgectl/command.h"
#include "clients/nudgectl/svg.h"

#define POINTS 700 /* about one a pixel */
#define MARKS  24
#define EPOCH  1000 /* steps that are looked at for the number of examples */

struct plot {
	json_t *run;                /* result of history.run */
	struct nudge_record *steps; /* result of history.steps */
	struct svg_plot svg;
	struct svg_mark marks[MARKS];
	char title[160], subtitle[200];
};

static double real_of(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

/* ---- from the answers to series ---- */

static bool points_new(struct svg_series *series, size_t n)
{
	series->points = calloc(n ? n : 1, sizeof(*series->points));
	return series->points != NULL;
}

/* Steps come as they are, or in bins with min, max and mean */
static bool take_steps(struct plot *plot)
{
	const struct nudge_record *steps = plot->steps;
	const struct nudge_array *step = nudge_record_array(steps, "step");
	const struct nudge_array *mean = nudge_record_array(steps, "mse_V2_mean");
	const struct nudge_array *low = nudge_record_array(steps, "mse_V2_min");
	const struct nudge_array *high = nudge_record_array(steps, "mse_V2_max");
	struct svg_series *series = &plot->svg.error;

	if (!mean)
		mean = low = high = nudge_record_array(steps, "mse_V2");
	if (!step || !mean || !low || !high)
		return points_new(series, 0);
	if (!points_new(series, step->shape[0]))
		return false;
	for (size_t i = 0; i < step->shape[0]; i++) {
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

static bool take_tests(struct plot *plot)
{
	const json_t *tests = json_object_get(plot->run, "tests"), *test;
	struct svg_series *error = &plot->svg.test, *accuracy = &plot->svg.accuracy;
	size_t i;

	error->name = "test set";
	accuracy->name = "accuracy on the test set";
	if (!points_new(error, json_array_size(tests)) ||
	    !points_new(accuracy, json_array_size(tests)))
		return false;
	json_array_foreach(tests, i, test)
	{
		const char *set = json_string_value(json_object_get(test, "set"));
		double x = real_of(test, "step"), y = real_of(test, "error_V2"),
		       part = real_of(test, "accuracy");

		if (!set || strcmp(set, "test"))
			continue;
		if (isfinite(y))
			error->points[error->n++] = (struct svg_point){x, y, y, y};
		if (isfinite(part))
			accuracy->points[accuracy->n++] = (struct svg_point){x, part, part, part};
	}
	return true;
}

/* What somebody or a schedule did on the way */
static void take_events(struct plot *plot)
{
	static const char *const kinds[] = {"param", "cut", "hold", "learn", "target", "group"};
	const json_t *events = json_object_get(plot->run, "events"), *event;
	size_t i;

	json_array_foreach(events, i, event)
	{
		const char *kind = json_string_value(json_object_get(event, "kind"));
		const char *what = json_string_value(json_object_get(event, "what"));
		struct svg_mark *mark = &plot->marks[plot->svg.n_marks];
		bool shown = false;

		for (size_t k = 0; kind && k < sizeof(kinds) / sizeof(kinds[0]); k++)
			shown = shown || !strcmp(kind, kinds[k]);
		if (!shown || plot->svg.n_marks == MARKS || !(real_of(event, "step") > 0) ||
		    !(real_of(event, "step") < plot->svg.x_max))
			continue;
		mark->x = real_of(event, "step");
		snprintf(mark->text, sizeof(mark->text), "%s%s%.30s", kind, what ? " " : "",
			 what ? what : "");
		plot->svg.n_marks++;
	}
	plot->svg.marks = plot->marks;
}

static void take_titles(struct plot *plot)
{
	const char *name = json_string_value(json_object_get(plot->run, "name"));
	const char *kind = json_string_value(json_object_get(plot->run, "kind"));
	const char *rig = json_string_value(json_object_get(plot->run, "rig"));
	double steps = real_of(plot->run, "steps"), last = real_of(plot->run, "accuracy_final");
	size_t used;

	snprintf(plot->title, sizeof(plot->title), "run %.0f: %.100s", real_of(plot->run, "run"),
		 name ? name : "");
	snprintf(plot->subtitle, sizeof(plot->subtitle), "%s on %s, %.0f steps, seed %.0f",
		 kind ? kind : "", rig ? rig : "", steps, real_of(plot->run, "seed"));
	used = strlen(plot->subtitle);
	if (isfinite(last))
		snprintf(plot->subtitle + used, sizeof(plot->subtitle) - used,
			 ", %.1f %% of the test set right at the end", 100 * last);
	plot->svg.title = plot->title;
	plot->svg.subtitle = plot->subtitle;
	plot->svg.x_max = steps;
}

static int ask(struct context *c, json_int_t run, struct plot *plot)
{
	json_t *params = json_pack("{s:I, s:i}", "run", run, "max_points", POINTS);
	int r = context_ask(c, "history.run", json_pack("{s:I}", "run", run), &plot->run);
	double epoch;

	if (r != EXIT_FINE) {
		json_decref(params);
		return r;
	}
	r = context_ask_record(c, "history.steps", params, NULL, &plot->steps);
	if (r != EXIT_FINE)
		return r;
	r = ask_epoch(c, run, &epoch);
	if (r != EXIT_FINE)
		return r;
	if (!take_steps(plot) || !take_tests(plot))
		return say_failed("no memory for the curve");
	take_titles(plot);
	take_events(plot);
	return epoch > 1 ? smooth(&plot->svg.error, epoch) : EXIT_FINE;
}

/* ---- showing ---- */

static int write_svg(const struct plot *plot, const char *file)
{
	FILE *out = strcmp(file, "-") ? fopen(file, "w") : stdout;
	bool failed;

	if (!out)
		return say_failed("%s: %s", file, strerror(errno));
	svg_write(out, &plot->svg);
	failed = ferror(out) || fflush(out) == EOF;
	if (out != stdout && fclose(out) == EOF)
		failed = true;
	return failed ? say_failed("%s: cannot be written", file) : EXIT_FINE;
}

static int draw(const struct context *c, const struct svg_series *series, bool log,
		const struct plot *plot)
{
	char title[80];
	struct curve *curve = calloc(1, sizeof(*curve));
	struct chart chart = {
		.curve = curve,
		.width = 68,
		.height = log ? 14 : 6,
		.unicode = c->unicode,
		.x_max = plot->svg.x_max,
		.percent = !log,
		.title = title,
	};
	char *text;

	if (!curve)
		return say_failed("no memory for the curve");
	snprintf(title, sizeof(title), "%s%s", log ? "error, V2: " : "", series->name);
	curve_init(curve, log);
	for (size_t i = 0; i < series->n; i++)
		curve_add(curve, series->points[i].x, series->points[i].y);
	text = curve->n > 0 ? chart_draw(&chart) : NULL;
	if (text)
		fputs(text, stdout);
	free(text);
	free(curve);
	return EXIT_FINE;
}

static int show(const struct context *c, const struct plot *plot)
{
	int r;

	printf("%s\n%s\n", plot->title, plot->subtitle);
	r = draw(c, &plot->svg.error, true, plot);
	if (r == EXIT_FINE && plot->svg.test.n > 0)
		r = draw(c, &plot->svg.test, true, plot);
	if (r == EXIT_FINE && plot->svg.accuracy.n > 0)
		r = draw(c, &plot->svg.accuracy, false, plot);
	return r;
}

static int run_plot(struct context *c, const struct arguments *a)
{
	struct plot *plot;
	unsigned long long run;
	int r;

	if (!options_number(a->words[0], INT64_MAX, &run))
		return say_usage("plot %s: expected a run's number", a->words[0]);
	plot = calloc(1, sizeof(*plot));
	if (!plot)
		return say_failed("no memory for the curve");
	r = ask(c, (json_int_t)run, plot);
	if (r == EXIT_FINE)
		r = options_has(a, "svg") ? write_svg(plot, options_value(a, "svg"))
					  : show(c, plot);
	json_decref(plot->run);
	nudge_record_free(plot->steps);
	free(plot->svg.error.points);
	free(plot->svg.test.points);
	free(plot->svg.accuracy.points);
	free(plot);
	return r;
}

static const struct option_spec plot_options[] = {
	{"svg", 0, "FILE", "Write a picture; - is standard output."},
	{0},
};

const struct command commands_plot[] = {
	{
		.name = "plot",
		.topic = TOPIC_HISTORY,
		.synopsis = "RUN",
		.summary = "The learning curve of a run, in the terminal or as an SVG picture.",
		.methods = "history.steps",
		.examples = "plot 12\nplot 12 --svg curve.svg\n",
		.options = plot_options,
		.min_words = 1,
		.max_words = 1,
		.run = run_plot,
	},
	{0},
};
