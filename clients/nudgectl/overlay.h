/* clients/nudgectl/overlay.h - learning curves of several runs in one picture, told apart without red and green. */
#ifndef CLIENTS_NUDGECTL_OVERLAY_H
#define CLIENTS_NUDGECTL_OVERLAY_H

#include <stdio.h>

#include "clients/nudgectl/context.h"
#include "clients/nudgectl/svg.h"

#define OVERLAY_MOST 32 /* runs in one picture */

struct overlay {
	const char *x_label;
	char title[160];
	size_t n;
	struct overlay_line {
		char title[80]; /* "run 12: iris, eta 0.2, p 0.5" */
		struct svg_series series;
	} lines[OVERLAY_MOST];
};

bool overlay_knows(const char *x); /* steps, time, steps_p */
bool overlay_is_svg(const char *file);
bool overlay_is_png(const char *file);

/* Asks for the curves; x as above.  overlay_free() it.  An exit code. */
int overlay_ask(struct context *c, const json_int_t *runs, size_t n, const char *x,
		struct overlay **ret);
void overlay_free(struct overlay *overlay); /* accepts NULL */

/* FILE.svg, "-" (SVG on standard output), or FILE.png: by gnuplot, or else by rsvg-convert.  An exit code. */
int overlay_write(const struct overlay *overlay, const char *file);

/* Okabe and Ito's colours, as "#0072b2"; and how a line that shares its colour is broken up: SVG's dashes, "" none. */
const char *overlay_color(size_t line);
const char *overlay_dashes(size_t line);
void overlay_svg(const struct overlay *overlay, FILE *out);

#endif
