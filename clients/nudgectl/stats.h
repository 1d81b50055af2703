/* clients/nudgectl/stats.h - medians, means and slopes of a few numbers.  NAN is a number that is missing. */
#ifndef CLIENTS_NUDGECTL_STATS_H
#define CLIENTS_NUDGECTL_STATS_H

#include <stddef.h>

/* Missing values count as above all others, as a time that was never reached; INFINITY when they are half. */
double stats_median(const double *values, size_t n);
/* Of those that are there; NAN: none. */
double stats_mean(const double *values, size_t n);
double stats_geometric_mean(const double *values, size_t n); /* of those above 0 */
double stats_least(const double *values, size_t n);
double stats_most(const double *values, size_t n);
size_t stats_present(const double *values, size_t n);
/* Least squares of log10(y) over log10(x), of pairs above 0; NAN: fewer than two. */
double stats_slope(const double *x, const double *y, size_t n);
/* The squared correlation of the same: 1 for a power law. */
double stats_straightness(const double *x, const double *y, size_t n);

#endif
