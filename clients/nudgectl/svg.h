/* clients/nudgectl/svg.h - a learning curve as an SVG picture, readable on light and on dark paper.  Pure: values in,
 * text out. */
#ifndef CLIENTS_NUDGECTL_SVG_H
#define CLIENTS_NUDGECTL_SVG_H

#include <stddef.h>
#include <stdio.h>

struct svg_point {
	double x, y;      /* y: volts squared, or an accuracy from 0 to 1 */
	double low, high; /* of what the point stands for */
};

struct svg_series {
	const char *name;
	struct svg_point *points;
	size_t n;
};

struct svg_mark { /* something that happened at a step */
	double x;
	char text[48];
};

struct svg_plot {
	const char *title, *subtitle;
	struct svg_series error, test,
		accuracy; /* n 0: none; error and test on a logarithmic axis */
	const struct svg_mark *marks;
	size_t n_marks;
	double x_max; /* steps */
};

/* The whole document.  The caller looks at ferror(). */
void svg_write(FILE *out, const struct svg_plot *plot);

#endif
