/* clients/nudgectl/svg.c - writes the picture of a learning curve. */
#include "config.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "clients/nudgectl/svg.h"

#define WIDTH  760.0
#define LEFT   64.0
#define RIGHT  64.0 /* room for the last value */
#define TOP    88.0
#define ERROR  220.0 /* heights of the panels */
#define SECOND 130.0
#define GAP    52.0 /* with the second one's heading */
#define BOTTOM 48.0
#define WORD   90.0 /* beside a mark */

/* A panel and its axes: x in steps, y in volts squared (log) or a part of 1 */
struct panel {
	double top, height, x_max, y_min, y_max; /* y in decades if log */
	int log;
};

static double at_x(const struct panel *panel, double x)
{
	return LEFT + (WIDTH - LEFT - RIGHT) * x / panel->x_max;
}

static double at_y(const struct panel *panel, double y)
{
	double value = panel->log ? log10(y) : y;

	if (!(value > panel->y_min)) /* also what has no logarithm */
		value = panel->y_min;
	if (value > panel->y_max)
		value = panel->y_max;
	return panel->top + panel->height * (panel->y_max - value) / (panel->y_max - panel->y_min);
}

static void print_escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '&':
			fputs("&amp;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			if ((unsigned char)*text >=
			    0x20) /* XML knows no other control characters */
				fputc(*text, out);
		}
	}
}

static void print_text(FILE *out, double x, double y, const char *class, const char *text)
{
	fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">", x, y, class);
	print_escaped(out, text);
	fputs("</text>\n", out);
}

static void print_head(FILE *out, const struct svg_plot *plot, double height)
{
	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" "
		"height=\"%.0f\" role=\"img\">\n<title>",
		WIDTH, height, WIDTH, height);
	print_escaped(out, plot->title);
	fputs("</title>\n<style>\n"
	      ".paper{fill:#ffffff}.ink{fill:#1f2328}.soft{fill:#59636e}.grid{stroke:#d1d9e0}\n"
	      ".error{stroke:#0969da}.band{fill:#0969da}.test{stroke:#bc4c00}\n"
	      ".accuracy{stroke:#1a7f37}.mark{stroke:#8250df}.word{fill:#8250df}\n"
	      "@media (prefers-color-scheme:dark){\n"
	      ".paper{fill:#0d1117}.ink{fill:#f0f6fc}.soft{fill:#9198a1}.grid{stroke:#3d444d}\n"
	      ".error{stroke:#4493f8}.band{fill:#4493f8}.test{stroke:#f0883e}\n"
	      ".accuracy{stroke:#3fb950}.mark{stroke:#ab7df8}.word{fill:#ab7df8}}\n"
	      "text{font:12px system-ui,sans-serif}.title{font-size:16px;font-weight:600}\n"
	      ".head{font-weight:600}.end{text-anchor:end}.middle{text-anchor:middle}\n"
	      "path{fill:none;stroke-width:1.6;stroke-linejoin:round;stroke-linecap:round}\n"
	      "path.grid{stroke-width:1}path.mark{stroke-dasharray:3 3;stroke-width:1}\n"
	      "path.band{stroke:none;opacity:.18}\n</style>\n",
	      out);
	fprintf(out, "<rect class=\"paper\" width=\"%.0f\" height=\"%.0f\"/>\n", WIDTH, height);
	print_text(out, LEFT, 28, "ink title", plot->title);
	print_text(out, LEFT, 47, "soft", plot->subtitle ? plot->subtitle : "");
}

static void print_grid_line(FILE *out, const struct panel *panel, double y)
{
	fprintf(out, "<path class=\"grid\" d=\"M%.1f %.1fH%.1f\"/>\n", LEFT, y,
		at_x(panel, panel->x_max));
}

static void print_axis_log(FILE *out, const struct panel *panel)
{
	double span = panel->y_max - panel->y_min, every = span > 6 ? ceil(span / 6) : 1;

	for (double decade = panel->y_min; decade <= panel->y_max; decade += every) {
		double y = at_y(panel, pow(10, decade));

		print_grid_line(out, panel, y);
		fprintf(out,
			"<text x=\"%.1f\" y=\"%.1f\" class=\"soft end\">10<tspan dy=\"-5\" "
			"font-size=\"9\">%.0f</tspan></text>\n",
			LEFT - 8, y + 5, decade);
	}
}

static void print_axis_percent(FILE *out, const struct panel *panel)
{
	double span = panel->y_max - panel->y_min, every = span > 0.5    ? 0.25
							   : span > 0.25 ? 0.1
									 : 0.05;

	for (double part = panel->y_max; part >= panel->y_min - 1e-9; part -= every) {
		double y = at_y(panel, part);
		char text[16];

		print_grid_line(out, panel, y);
		snprintf(text, sizeof(text), "%.0f %%", 100 * part);
		print_text(out, LEFT - 8, y + 4, "soft end", text);
	}
}

/* Round numbers, four to eight of them */
static void print_axis_steps(FILE *out, const struct panel *panel)
{
	double raw = panel->x_max / 5, power = pow(10, floor(log10(raw))), part = raw / power;
	double every = power * (part < 1.5 ? 1 : part < 3.5 ? 2 : part < 7.5 ? 5 : 10);
	double y = panel->top + panel->height + 18;

	for (double x = 0; x <= panel->x_max * 1.0001; x += every) {
		char text[32];

		snprintf(text, sizeof(text), "%.10g", x);
		print_text(out, at_x(panel, x), y, "soft middle", text);
	}
	print_text(out, at_x(panel, panel->x_max / 2), y + 17, "soft middle", "learning steps");
}

static void print_line(FILE *out, const struct panel *panel, const struct svg_series *series,
		       const char *class)
{
	if (series->n == 0)
		return;
	fprintf(out, "<path class=\"%s\" d=\"", class);
	for (size_t i = 0; i < series->n; i++)
		fprintf(out, "%c%.1f %.1f", i == 0 ? 'M' : 'L', at_x(panel, series->points[i].x),
			at_y(panel, series->points[i].y));
	fputs("\"/>\n", out);
}

/* From the least to the greatest that each point stands for */
static void print_band(FILE *out, const struct panel *panel, const struct svg_series *series)
{
	if (series->n < 2)
		return;
	fputs("<path class=\"band\" d=\"", out);
	for (size_t i = 0; i < series->n; i++)
		fprintf(out, "%c%.1f %.1f", i == 0 ? 'M' : 'L', at_x(panel, series->points[i].x),
			at_y(panel, series->points[i].high));
	for (size_t i = series->n; i-- > 0;)
		fprintf(out, "L%.1f %.1f", at_x(panel, series->points[i].x),
			at_y(panel, series->points[i].low));
	fputs("Z\"/>\n", out);
}

/* Words stand right of their line, near the right edge left of it, and below those they would run into */
static void print_marks(FILE *out, const struct panel *panel, const struct svg_plot *plot,
			double bottom)
{
	double before = -WORD;
	int row = 0;

	for (size_t i = 0; i < plot->n_marks; i++) {
		double x = at_x(panel, plot->marks[i].x);
		bool turned = x > WIDTH - RIGHT - WORD;

		row = x - before < WORD ? (row + 1) % 4 : 0;
		before = x;
		fprintf(out, "<path class=\"mark\" d=\"M%.1f %.1fV%.1f\"/>\n", x, panel->top,
			bottom);
		print_text(out, turned ? x - 5 : x + 5, panel->top + 13 + 14 * row,
			   turned ? "word end" : "word", plot->marks[i].text);
	}
}

/* Whole decades around every line that has a logarithm; a band may leave the panel */
static void fit(struct panel *panel, const struct svg_series *series)
{
	for (size_t i = 0; i < series->n; i++) {
		double y = series->points[i].y;

		if (!(y > 0))
			continue;
		panel->y_min = fmin(panel->y_min, floor(log10(y)));
		panel->y_max = fmax(panel->y_max, ceil(log10(y)));
	}
}

static struct panel error_panel(const struct svg_plot *plot)
{
	struct panel panel = {
		.top = TOP, .height = ERROR, .log = 1, .y_min = INFINITY, .y_max = -INFINITY};

	panel.x_max = plot->x_max > 0 ? plot->x_max : 1;
	fit(&panel, &plot->error);
	fit(&panel, &plot->test);
	if (!(panel.y_max > panel.y_min)) {
		panel.y_max = isfinite(panel.y_max) ? panel.y_max : 0;
		panel.y_min = panel.y_max - 1;
	}
	return panel;
}

/* From the tenth below the least up to 1: what is near 1 is what matters */
static struct panel accuracy_panel(const struct svg_plot *plot, double top)
{
	struct panel panel = {.top = top, .height = SECOND, .y_min = 1, .y_max = 1};

	panel.x_max = plot->x_max > 0 ? plot->x_max : 1;
	for (size_t i = 0; i < plot->accuracy.n; i++)
		panel.y_min = fmin(panel.y_min, plot->accuracy.points[i].y);
	panel.y_min = fmax(0, floor(10 * panel.y_min - 1e-9) / 10);
	if (panel.y_min < 0.5)
		panel.y_min = 0;
	return panel;
}

/* What is drawn in a panel, above it: the quantity, then each line's colour and name */
static void print_heading(FILE *out, const struct panel *panel, const char *quantity)
{
	print_text(out, LEFT, panel->top - 12, "ink head", quantity);
}

static double print_key(FILE *out, const struct panel *panel, const struct svg_series *series,
			const char *class, double x)
{
	double y = panel->top - 12;

	if (series->n == 0)
		return x;
	fprintf(out, "<path class=\"%s\" d=\"M%.1f %.1fh18\"/>\n", class, x, y - 4);
	print_text(out, x + 25, y, "soft", series->name);
	return x + 200;
}

/* The last accuracy, where the line ends */
static void print_last(FILE *out, const struct panel *panel, const struct svg_series *series)
{
	double last = series->points[series->n - 1].y;
	char text[24];

	snprintf(text, sizeof(text), "%.1f %%", 100 * last);
	print_text(out, at_x(panel, panel->x_max) + 8, at_y(panel, last) + 4, "ink", text);
}

static void print_error(FILE *out, const struct panel *panel, const struct svg_plot *plot)
{
	double x = LEFT + 190;

	print_heading(out, panel, "error of the outputs, V\xc2\xb2");
	x = print_key(out, panel, &plot->error, "error", x);
	print_key(out, panel, &plot->test, "test", x);
	print_axis_log(out, panel);
	print_band(out, panel, &plot->error);
	print_line(out, panel, &plot->error, "error");
	print_line(out, panel, &plot->test, "test");
}

static void print_accuracy(FILE *out, const struct panel *panel, const struct svg_plot *plot)
{
	print_heading(out, panel, plot->accuracy.name);
	print_axis_percent(out, panel);
	print_line(out, panel, &plot->accuracy, "accuracy");
	print_last(out, panel, &plot->accuracy);
}

void svg_write(FILE *out, const struct svg_plot *plot)
{
	struct panel error = error_panel(plot), last = error;
	double bottom = TOP + ERROR;

	if (plot->accuracy.n > 0) {
		last = accuracy_panel(plot, bottom + GAP);
		bottom = last.top + last.height;
	}
	print_head(out, plot, bottom + BOTTOM);
	print_error(out, &error, plot);
	if (plot->accuracy.n > 0)
		print_accuracy(out, &last, plot);
	print_marks(out, &error, plot, bottom);
	print_axis_steps(out, &last);
	fputs("</svg>\n", out);
}
