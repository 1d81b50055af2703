/* clients/nudgectl/overlay_svg.c - several curves as an SVG picture, with a legend. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "clients/nudgectl/overlay.h"

#define WIDTH  760.0
#define LEFT   64.0
#define RIGHT  24.0
#define TOP    52.0
#define HEIGHT 300.0
#define BOTTOM 52.0
#define LINE   18.0 /* of the legend */

struct frame {
	double x_max, least, most; /* y in decades */
};

static double at_x(const struct frame *f, double x)
{
	return LEFT + (WIDTH - LEFT - RIGHT) * x / f->x_max;
}

static double at_decade(const struct frame *f, double decade)
{
	return TOP + HEIGHT * (f->most - decade) / (f->most - f->least);
}

static void escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '<')
			fputs("&lt;", out);
		else if (*text == '&')
			fputs("&amp;", out);
		else if (*text == '"')
			fputs("&quot;", out);
		else if ((unsigned char)*text >= 0x20)
			fputc(*text, out);
	}
}

static void words(FILE *out, double x, double y, const char *class, const char *text)
{
	fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">", x, y, class);
	escaped(out, text);
	fputs("</text>\n", out);
}

/* Whole decades around all lines. */
static struct frame fit(const struct overlay *o)
{
	struct frame f = {.least = INFINITY, .most = -INFINITY};

	for (size_t i = 0; i < o->n; i++) {
		for (size_t k = 0; k < o->lines[i].series.n; k++) {
			const struct svg_point *point = &o->lines[i].series.points[k];

			if (isfinite(point->x))
				f.x_max = fmax(f.x_max, point->x);
			if (!(point->y > 0))
				continue;
			f.least = fmin(f.least, floor(log10(point->y)));
			f.most = fmax(f.most, ceil(log10(point->y)));
		}
	}
	if (!(f.x_max > 0))
		f.x_max = 1;
	if (!(f.most > f.least)) {
		f.most = isfinite(f.most) ? f.most : 0;
		f.least = f.most - 1;
	}
	return f;
}

static void head(const struct overlay *o, FILE *out, double height)
{
	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" "
		"height=\"%.0f\" role=\"img\">\n<title>",
		WIDTH, height, WIDTH, height);
	escaped(out, o->title);
	fputs("</title>\n<style>\n"
	      "text{font:12px system-ui,sans-serif;fill:#1f2328}.soft{fill:#59636e}\n"
	      ".title{font-size:16px;font-weight:600}.end{text-anchor:end}.middle{text-anchor:middle}\n"
	      "path{fill:none;stroke-width:1.7;stroke-linejoin:round}\n"
	      ".grid{stroke:#d1d9e0;stroke-width:1}\n</style>\n",
	      out);
	fprintf(out, "<rect width=\"%.0f\" height=\"%.0f\" fill=\"#ffffff\"/>\n", WIDTH, height);
	words(out, LEFT, 24, "title", o->title);
	words(out, LEFT, 43, "soft", "error of the outputs, V\xc2\xb2");
}

static void y_axis(const struct frame *f, FILE *out)
{
	double every = f->most - f->least > 6 ? ceil((f->most - f->least) / 6) : 1;

	for (double decade = f->least; decade <= f->most; decade += every) {
		double y = at_decade(f, decade);

		fprintf(out, "<path class=\"grid\" d=\"M%.1f %.1fH%.1f\"/>\n", LEFT, y,
			WIDTH - RIGHT);
		fprintf(out,
			"<text x=\"%.1f\" y=\"%.1f\" class=\"soft end\">10<tspan dy=\"-5\" "
			"font-size=\"9\">%.0f</tspan></text>\n",
			LEFT - 8, y + 5, decade);
	}
}

/* Round numbers, four to eight of them. */
static void x_axis(const struct overlay *o, const struct frame *f, FILE *out)
{
	double raw = f->x_max / 5, power = pow(10, floor(log10(raw))), part = raw / power;
	double every = power * (part < 1.5 ? 1 : part < 3.5 ? 2 : part < 7.5 ? 5 : 10);

	for (double x = 0; x <= f->x_max * 1.0001; x += every) {
		char text[32];

		snprintf(text, sizeof(text), "%.10g", x);
		words(out, at_x(f, x), TOP + HEIGHT + 18, "soft middle", text);
	}
	words(out, at_x(f, f->x_max / 2), TOP + HEIGHT + 36, "soft middle", o->x_label);
}

static void stroke(FILE *out, size_t i)
{
	fprintf(out, "<path stroke=\"%s\"", overlay_color(i));
	if (overlay_dashes(i)[0])
		fprintf(out, " stroke-dasharray=\"%s\"", overlay_dashes(i));
	fputs(" d=\"", out);
}

/* What has no logarithm is left out, and the line goes on behind it. */
static void curve(const struct overlay *o, size_t i, const struct frame *f, FILE *out)
{
	const struct svg_series *series = &o->lines[i].series;
	char move = 'M';

	stroke(out, i);
	for (size_t k = 0; k < series->n; k++) {
		if (!(series->points[k].y > 0) || !isfinite(series->points[k].x))
			continue;
		fprintf(out, "%c%.1f %.1f", move, at_x(f, series->points[k].x),
			at_decade(f, log10(series->points[k].y)));
		move = 'L';
	}
	fputs("\"/>\n", out);
}

void overlay_svg(const struct overlay *o, FILE *out)
{
	double legend = TOP + HEIGHT + BOTTOM;
	struct frame f = fit(o);

	head(o, out, legend + LINE * (double)o->n + 10);
	y_axis(&f, out);
	x_axis(o, &f, out);
	for (size_t i = 0; i < o->n; i++) {
		double y = legend + LINE * (double)i + 8;

		curve(o, i, &f, out);
		stroke(out, i);
		fprintf(out, "M%.1f %.1fh26\"/>\n", LEFT, y - 4);
		words(out, LEFT + 34, y, "soft", o->lines[i].title);
	}
	fputs("</svg>\n", out);
}
