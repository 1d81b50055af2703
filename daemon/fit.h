/* daemon/fit.h - what calibrations are made of: intervals of counts, monotone curves, lines, relaxations, comparators.
 *
 * Pure numerics.  Errors are one standard deviation.  0, or -EDOM: these values do not determine it; *ret is untouched.
 */
#ifndef DAEMON_FIT_H
#define DAEMON_FIT_H

#include <stddef.h>
#include <stdint.h>

/* Wilson's 95 % interval of a probability, from hits among n; n = 0: 0 to 1. */
void fit_wilson(uint64_t hits, uint64_t n, double *ret_low, double *ret_high);

/* The nearest curve that never falls (falling: never rises), by weighted squares: pool adjacent violators.  weight > 0;
 * y is changed in place.  0 or -ENOMEM. */
int fit_isotonic(double *y, const double *weight, size_t n, int falling);

struct fit_line { /* y = gain x + offset */
	double gain, offset, gain_error, offset_error;
	double rms; /* of the residuals, n - 2 degrees of freedom; 0 of two points */
	double worst;
};
int fit_line(const double *x, const double *y, size_t n, struct fit_line *ret);

struct fit_exponential { /* v = v_inf + amplitude exp(-rate t) */
	double rate, rate_error;
	double v_inf, amplitude;
	double rms; /* of the residuals */
};
/* Least squares over all three.  -EDOM: fewer than 5 values, an amplitude below 4 rms (or 1 nV), or a rate that is not
 * known to a factor of 2 or lies beyond what these times can tell. */
int fit_exponential(const double *t, const double *v, size_t n, struct fit_exponential *ret);

struct fit_comparator { /* up when x + bias + noise * (standard normal) > 0 */
	double bias, bias_error;
	double noise, noise_error;
};
/* Probit by maximum likelihood: ups[i] of n[i] decisions were up at x[i].  -EDOM: all decisions alike, a threshold without a
 * trace of noise between two x, or decisions that do not follow x. */
int fit_comparator(const double *x, const uint32_t *ups, const uint32_t *n, size_t n_x,
		   struct fit_comparator *ret);

#endif
