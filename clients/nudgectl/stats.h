/* clients/nudgectl/stats.h - mean, geometric mean and 95 % confidence intervals of a few numbers. */
#ifndef CLIENTS_NUDGECTL_STATS_H
#define CLIENTS_NUDGECTL_STATS_H

#include <stddef.h>

struct stats {
	size_t n;
	double mean, low,
		high; /* of the mean: mean -+ t s / sqrt(n), Student's t of n - 1; NAN below 2 */
	double geometric;                     /* NAN where a number is negative; 0 where one is 0 */
	double geometric_low, geometric_high; /* the same interval of the logarithms; NAN */
};

void stats_of(const double *values, size_t n, struct stats *ret);

/* The 97.5 % point of Student's t; degrees from 1 on. */
double stats_t975(size_t degrees);

#endif
