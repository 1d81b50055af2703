/* clients/nudgectl/spread.h - medians, means and slopes of a few numbers.  NAN is a number that is missing. */
#ifndef CLIENTS_NUDGECTL_SPREAD_H
#define CLIENTS_NUDGECTL_SPREAD_H

#include <stddef.h>

/* Missing values count as above all others, as a time that was never reached; INFINITY when they are half. */
double spread_median(const double *values, size_t n);
/* Of those that are there; NAN: none. */
double spread_mean(const double *values, size_t n);
double spread_geometric_mean(const double *values, size_t n); /* of those above 0 */
double spread_least(const double *values, size_t n);
double spread_most(const double *values, size_t n);
size_t spread_present(const double *values, size_t n);
/* Least squares of log10(y) over log10(x), of pairs above 0; NAN: fewer than two. */
double spread_slope(const double *x, const double *y, size_t n);
/* The squared correlation of the same: 1 for a power law. */
double spread_straightness(const double *x, const double *y, size_t n);

#endif
