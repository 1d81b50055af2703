/* clients/nudgectl/cmd_plot.c - the learning curve of a run, in the terminal or as a picture. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/chart.h"
#include "clients/nudgectl/command.h"
#include "clients/nudgectl/error_curve.h"
#include "clients/nudgectl/overlay.h"

#define MARKS 24

struct plot {
	json_t *run; /* result of history.run */
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
	int r = context_ask(c, "history.run", json_pack("{s:I}", "run", run), &plot->run);

	if (r == EXIT_FINE)
		r = error_curve_ask(c, run, false, &plot->svg.error, NULL);
	if (r != EXIT_FINE)
		return r;
	if (!take_tests(plot))
		return say_failed("no memory for the curve");
	take_titles(plot);
	take_events(plot);
	return EXIT_FINE;
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

static int plot_one(struct context *c, json_int_t run, const char *file)
{
	struct plot *plot = calloc(1, sizeof(*plot));
	int r;

	if (!plot)
		return say_failed("no memory for the curve");
	r = ask(c, run, plot);
	if (r == EXIT_FINE)
		r = file ? write_svg(plot, file) : show(c, plot);
	json_decref(plot->run);
	free(plot->svg.error.points);
	free(plot->svg.test.points);
	free(plot->svg.accuracy.points);
	free(plot);
	return r;
}

static int plot_many(struct context *c, const struct arguments *a, const json_int_t *runs,
		     const char *file)
{
	const char *x = options_value(a, "x");
	struct overlay *overlay = NULL;
	int r = overlay_ask(c, runs, a->n_words, x ? x : "steps", &overlay);

	if (r == EXIT_FINE)
		r = overlay_write(overlay, file);
	overlay_free(overlay);
	return r;
}

/* A picture of one run over its steps has its tests and events; others have lines alone. */
static int plot_runs(struct context *c, const struct arguments *a, const json_int_t *runs)
{
	const char *svg = options_value(a, "svg"), *file = options_value(a, "output");
	const char *x = options_value(a, "x");
	bool over_steps = !x || !strcmp(x, "steps"), is_png = file && overlay_is_png(file);
	int r = EXIT_FINE;

	if (svg && file)
		return say_usage("plot: --svg and --output: one of them");
	if (x && !overlay_knows(x))
		return say_usage("--x %s: expected steps, time or steps_p", x);
	if (file && !is_png && !overlay_is_svg(file))
		return say_usage("--output %s: expected a name that ends in .svg or .png", file);
	if (!file)
		file = svg;
	if (file && (a->n_words > 1 || !over_steps || is_png))
		return plot_many(c, a, runs, file);
	if (!file && !over_steps)
		return say_usage("--x is for a picture: name one with --output");
	for (size_t i = 0; i < a->n_words && r == EXIT_FINE; i++)
		r = plot_one(c, runs[i], file);
	return r;
}

static int run_plot(struct context *c, const struct arguments *a)
{
	json_int_t runs[OVERLAY_MOST];
	unsigned long long run;

	for (size_t i = 0; i < a->n_words; i++) {
		if (!options_number(a->words[i], INT64_MAX, &run))
			return say_usage("plot %s: expected a run's number", a->words[i]);
		runs[i] = (json_int_t)run;
	}
	return plot_runs(c, a, runs);
}

static const struct option_spec plot_options[] = {
	{"output", 'o', "FILE",
	 "Write a picture: FILE.svg or FILE.png; several runs with a legend."},
	{"x", 0, "WHAT",
	 "Along the picture's x axis: steps, time (seconds) or steps_p (steps times p)."},
	{"svg", 0, "FILE", "Write an SVG picture; - is standard output."},
	{0},
};

const struct command commands_plot[] = {
	{
		.name = "plot",
		.topic = TOPIC_HISTORY,
		.synopsis = "RUN...",
		.summary = "Learning curves of runs, in the terminal or as a picture.",
		.methods = "history.steps history.run",
		.examples =
			"plot 12\nplot 12 -o curve.svg\nplot 12 13 14 -o compared.png --x steps_p\n",
		.options = plot_options,
		.min_words = 1,
		.max_words = OVERLAY_MOST,
		.run = run_plot,
	},
	{0},
};
