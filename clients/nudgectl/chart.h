/* clients/nudgectl/chart.h - a curve as text: braille dots, or plain ASCII.  Pure: values in, text out. */
#ifndef CLIENTS_NUDGECTL_CHART_H
#define CLIENTS_NUDGECTL_CHART_H

#include "clients/nudgectl/curve.h"

struct chart {
	const struct curve *curve;
	size_t width, height; /* of the plot itself, in characters */
	bool unicode;         /* braille, 2 x 4 dots a character; else 1 x 2 */
	double x_min, x_max;  /* both 0: from 0 to the curve's end */
	double y_min, y_max;  /* both 0: from the curve; a log curve's in decades */
	const char *title;    /* above; NULL: none */
	const char *x_unit;   /* NULL: steps */
	bool percent;         /* a linear axis up to 1, labelled in percent */
	bool fine; /* a log axis may end at 2 and 5 times a power of ten, and says these too */
};

#define CHART_LABEL 8 /* columns in front of the plot */

/* Lines ended by '\n': title, height lines, axis, its labels.  free() it; NULL: no memory. */
char *chart_draw(const struct chart *chart);
size_t chart_lines(const struct chart *chart); /* how many lines that is */

#endif
