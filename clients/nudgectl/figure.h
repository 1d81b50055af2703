/* clients/nudgectl/figure.h - an experiment's picture: its lines, made of the trials; as CSV, and by gnuplot. */
#ifndef CLIENTS_NUDGECTL_FIGURE_H
#define CLIENTS_NUDGECTL_FIGURE_H

#include <stdio.h>

#include "clients/nudgectl/trial.h"

struct figure_line {
	char title[64]; /* "p = 0.5"; "": the only one */
	size_t n;
	double *x, *y, *low, *high; /* low, high: over seeds; NAN: none */
};

struct figure {
	const json_t *says;
	const char *title;
	size_t n;
	struct figure_line *lines;
};

/* e: whose figure; all: the trials, which may be another experiment's.  0, or -1: no memory. */
int figure_new(const struct experiment *e, const struct trials *all, struct figure **ret);
void figure_free(struct figure *f); /* accepts NULL */

void figure_csv(const struct figure *f, FILE *out); /* line,x,y,low,high */

/* gnuplot's script with its data, that makes STEM.svg and STEM.png. */
void figure_script(const struct figure *f, const char *stem, FILE *out);

/* Runs gnuplot on a script: 0; -ENOENT: there is none (package gnuplot-nox); -EIO: it failed. */
int figure_plot(const char *script_file);

#endif
