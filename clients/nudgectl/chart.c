/* clients/nudgectl/chart.c - draws a curve with characters. */
#include "config.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/chart.h"

/* A canvas of dots, dots_x x dots_y to a character */
struct canvas {
	size_t width, height; /* characters */
	size_t dots_x, dots_y;
	uint8_t *cells; /* bits of the dots that are set */
};

struct axes {
	double x_min, x_max, y_min, y_max;
};

static uint8_t dot_bit(const struct canvas *canvas, size_t x, size_t y)
{
	/* Unicode's numbering of the dots of U+2800 */
	static const uint8_t braille[2][4] = {{0x01, 0x02, 0x04, 0x40}, {0x08, 0x10, 0x20, 0x80}};

	return canvas->dots_x == 2 ? braille[x][y] : (uint8_t)(1u << y);
}

/* Dot (x, y), y downwards; outside is nothing */
static void set(struct canvas *canvas, double x, double y)
{
	size_t i, j;

	if (x < 0 || y < 0 || x >= (double)(canvas->width * canvas->dots_x) ||
	    y >= (double)(canvas->height * canvas->dots_y))
		return;
	i = (size_t)x;
	j = (size_t)y;
	canvas->cells[j / canvas->dots_y * canvas->width + i / canvas->dots_x] |=
		dot_bit(canvas, i % canvas->dots_x, j % canvas->dots_y);
}

static void line(struct canvas *canvas, double x0, double y0, double x1, double y1)
{
	double length = fmax(fabs(x1 - x0), fabs(y1 - y0));
	double n = ceil(length);

	for (double k = 0; k <= n; k++) {
		double part = n > 0 ? k / n : 0;

		set(canvas, round(x0 + part * (x1 - x0)), round(y0 + part * (y1 - y0)));
	}
}

/* The means of the points that share a column of dots: a line, not a cloud */
struct column {
	double sum, count;
	bool begins; /* no line from the column before */
};

static double mean_of(const struct chart *chart, const struct column *column)
{
	return curve_mean(chart->curve, column->sum, column->count);
}

static void find_x(const struct chart *chart, struct axes *axes)
{
	const struct curve *c = chart->curve;

	axes->x_min = chart->x_min;
	axes->x_max = chart->x_max;
	if (axes->x_min == axes->x_max) {
		axes->x_min = 0;
		axes->x_max = c->n > 0 ? curve_x(c, c->n - 1) : 1;
	}
	if (!(axes->x_max > axes->x_min))
		axes->x_max = axes->x_min + 1;
}

static void fill_columns(const struct chart *chart, const struct axes *axes, struct column *columns,
			 size_t n)
{
	for (size_t i = 0; i < chart->curve->n; i++) {
		double x = round((double)(n - 1) * (curve_x(chart->curve, i) - axes->x_min) /
				 (axes->x_max - axes->x_min));

		if (x < 0 || x >= (double)n)
			continue;
		columns[(size_t)x].sum += chart->curve->bins[i].y;
		columns[(size_t)x].count += chart->curve->bins[i].count;
		columns[(size_t)x].begins |= chart->curve->bins[i].begins;
	}
}

/* A last column that has only begun is noisier than the others, and would hang off the curve's end: it joins the one
 * before it */
static void settle_last(struct column *columns, size_t n)
{
	size_t last = n, before;

	while (last > 0 && columns[last - 1].count == 0)
		last--;
	before = last > 0 ? last - 1 : 0;
	while (before > 0 && columns[before - 1].count == 0)
		before--;
	if (last < 2 || before == 0 || columns[last - 1].begins ||
	    columns[last - 1].count >= columns[before - 1].count / 2)
		return;
	columns[before - 1].sum += columns[last - 1].sum;
	columns[before - 1].count += columns[last - 1].count;
	columns[last - 1] = (struct column){0};
}

/* The nearest 1, 2 or 5 times a power of ten, as a logarithm: at or below, or at or above */
static double fine_end(double y, bool up)
{
	static const double parts[] = {0, 0.30103, 0.69897, 1};
	double whole = floor(y), part = y - whole;

	for (size_t i = 0; up && i < 4; i++)
		if (parts[i] >= part - 1e-9)
			return whole + parts[i];
	for (size_t i = 4; !up && i-- > 0;)
		if (parts[i] <= part + 1e-9)
			return whole + parts[i];
	return y;
}

static void find_y(const struct chart *chart, const struct column *columns, size_t n,
		   struct axes *axes)
{
	bool found = false;

	axes->y_min = chart->y_min;
	axes->y_max = chart->y_max;
	for (size_t i = 0; chart->y_min == chart->y_max && i < n; i++) {
		if (columns[i].count == 0)
			continue;
		axes->y_min = found ? fmin(axes->y_min, mean_of(chart, &columns[i]))
				    : mean_of(chart, &columns[i]);
		axes->y_max = found ? fmax(axes->y_max, mean_of(chart, &columns[i]))
				    : mean_of(chart, &columns[i]);
		found = true;
	}
	if (found && chart->percent) { /* of what matters: near 1, small differences count */
		axes->y_min = fmax(0, floor(10 * axes->y_min) / 10 - 0.1);
		axes->y_max = 1;
	}
	if (found && chart->curve->log && chart->fine) {
		axes->y_min = fine_end(axes->y_min, false);
		axes->y_max = fine_end(axes->y_max, true);
	} else if (found && chart->curve->log) { /* whole decades, so that the labels are round */
		axes->y_min = floor(axes->y_min);
		axes->y_max = ceil(axes->y_max);
	}
	if (!(axes->y_max > axes->y_min))
		axes->y_max = axes->y_min + 1;
}

static void draw(const struct chart *chart, const struct column *columns, size_t n,
		 const struct axes *axes, struct canvas *canvas)
{
	double bottom = (double)(canvas->height * canvas->dots_y - 1), x0 = 0, y0 = 0;
	bool first = true;

	for (size_t i = 0; i < n; i++) {
		double x = (double)i, y;

		if (columns[i].count == 0)
			continue;
		y = bottom * (axes->y_max - mean_of(chart, &columns[i])) /
		    (axes->y_max - axes->y_min);
		first = first || columns[i].begins;
		line(canvas, first ? x : x0, first ? y : y0, x, y);
		first = false;
		x0 = x;
		y0 = y;
	}
}

static void print_cell(FILE *out, const struct canvas *canvas, uint8_t bits)
{
	static const char ascii[] = " '.:";

	if (canvas->dots_x == 1)
		fputc(ascii[bits & 3], out);
	else if (!bits)
		fputc(' ', out);
	else /* U+2800 + bits, in UTF-8 */
		fprintf(out, "\xe2%c%c", 0xa0 | bits >> 6, 0x80 | (bits & 0x3f));
}

/* A logarithm of 1, 2 or 5 times a power of ten */
static void print_decade(FILE *out, double decade)
{
	double whole = floor(decade + 1e-6);
	char text[16];

	snprintf(text, sizeof(text), "%.0fe%.0f", pow(10, decade - whole), whole + 0.0);
	fprintf(out, "%*s ", CHART_LABEL - 1, text);
}

/* What an axis says near y: a power of ten; on a fine one that is short, also 2 and 5 times one */
static double nearest_mark(const struct chart *chart, const struct axes *axes, double y)
{
	double best = round(y) + 0.0; /* no -0 */

	if (!chart->fine || axes->y_max - axes->y_min > 2)
		return best;
	for (int up = 0; up < 2; up++) {
		double mark = fine_end(y, up != 0) + 0.0;

		if (fabs(mark - y) < fabs(best - y))
			best = mark;
	}
	return best;
}

/* The value at the middle of a line, said when the line is the first to reach it */
static void print_label(FILE *out, const struct chart *chart, const struct axes *axes, size_t row)
{
	double per_row = (axes->y_max - axes->y_min) / (double)(chart->height - 1);
	double y = axes->y_max - (double)row * per_row;
	double decade = nearest_mark(chart, axes, y);

	if (chart->percent && (row == 0 || row == chart->height - 1))
		fprintf(out, "%*.0f %% ", CHART_LABEL - 3, 100 * y);
	else if (!chart->percent && chart->curve->log && fabs(y - decade) <= per_row / 2 + 1e-9 &&
		 fabs(y - decade) < fabs(y + per_row - decade) - 1e-9)
		print_decade(out, decade);
	else if (!chart->percent && !chart->curve->log && (row == 0 || row == chart->height - 1))
		fprintf(out, "%*.3g ", CHART_LABEL - 1, y);
	else
		fprintf(out, "%*s", CHART_LABEL, "");
}

static void print_chart(FILE *out, const struct chart *chart, const struct axes *axes,
			const struct canvas *canvas)
{
	const char *bar = chart->unicode ? "\xe2\x94\xa4" : "|";
	const char *corner = chart->unicode ? "\xe2\x94\x94" : "+";
	const char *rule = chart->unicode ? "\xe2\x94\x80" : "-";
	char first[32], last[32];
	int gap;

	if (chart->title)
		fprintf(out, "%*s%s\n", CHART_LABEL, "", chart->title);
	for (size_t row = 0; row < chart->height; row++) {
		print_label(out, chart, axes, row);
		fputs(bar, out);
		for (size_t i = 0; i < canvas->width; i++)
			print_cell(out, canvas, canvas->cells[row * canvas->width + i]);
		fputc('\n', out);
	}
	fprintf(out, "%*s%s", CHART_LABEL, "", corner);
	for (size_t i = 0; i < canvas->width; i++)
		fputs(rule, out);
	snprintf(first, sizeof(first), "%.0f", axes->x_min);
	snprintf(last, sizeof(last), "%.0f %s", axes->x_max,
		 chart->x_unit ? chart->x_unit : "steps");
	gap = (int)canvas->width + 1 - (int)strlen(first) - (int)strlen(last);
	fprintf(out, "\n%*s%s%*s%s\n", CHART_LABEL, "", first, gap > 1 ? gap : 1, "", last);
}

size_t chart_lines(const struct chart *chart)
{
	return chart->height + 2 + (chart->title ? 1 : 0);
}

char *chart_draw(const struct chart *chart)
{
	struct canvas canvas = {
		.width = chart->width,
		.height = chart->height,
		.dots_x = chart->unicode ? 2 : 1,
		.dots_y = chart->unicode ? 4 : 2,
	};
	size_t n_columns = canvas.width * canvas.dots_x, n;
	struct column *columns = calloc(n_columns, sizeof(*columns));
	struct axes axes;
	char *text = NULL;
	FILE *out;

	canvas.cells = calloc(chart->width * chart->height, 1);
	out = columns && canvas.cells ? open_memstream(&text, &n) : NULL;
	if (out) {
		find_x(chart, &axes);
		fill_columns(chart, &axes, columns, n_columns);
		settle_last(columns, n_columns);
		find_y(chart, columns, n_columns, &axes);
		draw(chart, columns, n_columns, &axes, &canvas);
		print_chart(out, chart, &axes, &canvas);
	}
	free(columns);
	free(canvas.cells);
	if (out && fclose(out) == EOF) {
		free(text);
		return NULL;
	}
	return text;
}
