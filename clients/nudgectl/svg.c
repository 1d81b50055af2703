/* clients/nudgectl/svg.c - writes the picture of a learning curve. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "clients/nudgectl/svg.h"

#define WIDTH  760.0
#define LEFT   64.0
#define RIGHT  20.0
#define TOP    56.0
#define ERROR  240.0 /* heights of the panels */
#define SECOND 110.0
#define GAP    28.0
#define BOTTOM 44.0

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
	      ".error{stroke:#0969da}.band{fill:#0969da;opacity:.18}.test{stroke:#bc4c00}\n"
	      ".accuracy{stroke:#1a7f37}.mark{stroke:#8250df}.word{fill:#8250df}\n"
	      "@media (prefers-color-scheme:dark){\n"
	      ".paper{fill:#0d1117}.ink{fill:#f0f6fc}.soft{fill:#9198a1}.grid{stroke:#3d444d}\n"
	      ".error{stroke:#4493f8}.band{fill:#4493f8}.test{stroke:#f0883e}\n"
	      ".accuracy{stroke:#3fb950}.mark{stroke:#ab7df8}.word{fill:#ab7df8}}\n"
	      "text{font:12px system-ui,sans-serif}.title{font-size:16px;font-weight:600}\n"
	      ".end{text-anchor:end}.middle{text-anchor:middle}\n"
	      "path{fill:none;stroke-width:1.6;stroke-linejoin:round}path.band{stroke:none}\n"
	      "path.grid{stroke-width:1}path.mark{stroke-dasharray:3 3;stroke-width:1}\n"
	      "path.band{fill-rule:nonzero}\n</style>\n",
	      out);
	fprintf(out, "<rect class=\"paper\" width=\"%.0f\" height=\"%.0f\"/>\n", WIDTH, height);
	print_text(out, LEFT, 24, "ink title", plot->title);
	print_text(out, LEFT, 42, "soft", plot->subtitle ? plot->subtitle : "");
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
	for (int part = 0; part <= 4; part += 2) {
		double y = at_y(panel, part / 4.0);
		char text[16];

		print_grid_line(out, panel, y);
		snprintf(text, sizeof(text), "%d %%", 25 * part);
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

static void print_marks(FILE *out, const struct panel *panel, const struct svg_plot *plot,
			double bottom)
{
	for (size_t i = 0; i < plot->n_marks; i++) {
		double x = at_x(panel, plot->marks[i].x);

		fprintf(out, "<path class=\"mark\" d=\"M%.1f %.1fV%.1f\"/>\n", x, panel->top,
			bottom);
		print_text(out, x + 3, panel->top + 11 + 13 * (double)(i % 3), "word",
			   plot->marks[i].text);
	}
}

/* Whole decades around everything that has a logarithm */
static void fit(struct panel *panel, const struct svg_series *series)
{
	for (size_t i = 0; i < series->n; i++) {
		const struct svg_point *point = &series->points[i];

		if (point->low > 0)
			panel->y_min = fmin(panel->y_min, floor(log10(point->low)));
		if (point->high > 0)
			panel->y_max = fmax(panel->y_max, ceil(log10(point->high)));
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

static void print_legend(FILE *out, const struct panel *panel, const struct svg_series *series,
			 const char *class, double row)
{
	double x = at_x(panel, panel->x_max) - 150, y = panel->top + 14 + 16 * row;

	if (series->n == 0)
		return;
	fprintf(out, "<path class=\"%s\" d=\"M%.1f %.1fh18\"/>\n", class, x, y - 4);
	print_text(out, x + 24, y, "ink", series->name);
}

void svg_write(FILE *out, const struct svg_plot *plot)
{
	struct panel error = error_panel(plot), second, *last = &error;
	double bottom = TOP + ERROR;

	if (plot->accuracy.n > 0) {
		second = (struct panel){.top = bottom + GAP,
					.height = SECOND,
					.x_max = error.x_max,
					.y_min = 0,
					.y_max = 1};
		bottom = second.top + SECOND;
		last = &second;
	}
	print_head(out, plot, bottom + BOTTOM);
	print_axis_log(out, &error);
	print_band(out, &error, &plot->error);
	print_line(out, &error, &plot->error, "error");
	print_line(out, &error, &plot->test, "test");
	print_legend(out, &error, &plot->error, "error", 0);
	print_legend(out, &error, &plot->test, "test", 1);
	if (last == &second) {
		print_axis_percent(out, &second);
		print_line(out, &second, &plot->accuracy, "accuracy");
		print_text(out, LEFT + 6, second.top + SECOND - 8, "ink", plot->accuracy.name);
	}
	print_marks(out, &error, plot, bottom);
	print_axis_steps(out, last);
	fputs("</svg>\n", out);
}
