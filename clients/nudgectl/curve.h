/* clients/nudgectl/curve.h - a learning curve of any length in bounded memory: neighbours merge as it grows. */
#ifndef CLIENTS_NUDGECTL_CURVE_H
#define CLIENTS_NUDGECTL_CURVE_H

#include <stdbool.h>
#include <stddef.h>

#define CURVE_BINS 1024

struct curve {
	bool log;     /* bins hold log10 of the values; what is not above 0 is left out */
	bool means;   /* with log: they hold the values, and the log10 is that of their mean */
	double bin_x; /* width of a bin, in x; doubles when they are full */
	size_t n;
	struct curve_bin {
		double x, y; /* sums, of count values */
		double least, greatest;
		double count;
		bool begins; /* nothing leads here from the bin before */
	} bins[CURVE_BINS];
	bool broken; /* the next bin begins anew */
};

/* x must not fall from one call to the next. */
void curve_init(struct curve *c, bool log);
void curve_add(struct curve *c, double x, double y);
void curve_add_mean(struct curve *c, double x, double y,
		    double count);               /* the mean of so many around x */
void curve_break(struct curve *c);               /* something is missing before the next value */
double curve_x(const struct curve *c, size_t i); /* mean of the bin */
double curve_y(const struct curve *c, size_t i); /* mean of the bin, log10 if so */
double curve_mean(const struct curve *c, double sum,
		  double count); /* the same of sums of bins' y */

#endif
