/* clients/nudgectl/stats.c - medians, means and slopes of a few numbers. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/stats.h"

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double stats_median(const double *values, size_t n)
{
	double *sorted = malloc((n ? n : 1) * sizeof(*sorted)), median = NAN;

	if (!sorted || n == 0) {
		free(sorted);
		return NAN;
	}
	for (size_t i = 0; i < n; i++)
		sorted[i] = isnan(values[i]) ? INFINITY : values[i];
	qsort(sorted, n, sizeof(*sorted), ascending);
	median = n % 2 || isinf(sorted[n / 2]) ? sorted[n / 2]
					       : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
	free(sorted);
	return median;
}

double stats_mean(const double *values, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += isnan(values[i]) ? 0 : values[i];
	return sum / (double)stats_present(values, n);
}

double stats_geometric_mean(const double *values, size_t n)
{
	double sum = 0;
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		if (values[i] > 0) {
			sum += log(values[i]);
			used++;
		}
	}
	return used ? exp(sum / (double)used) : NAN;
}

double stats_least(const double *values, size_t n)
{
	double least = NAN;

	for (size_t i = 0; i < n; i++)
		least = fmin(least, values[i]);
	return least;
}

double stats_most(const double *values, size_t n)
{
	double most = NAN;

	for (size_t i = 0; i < n; i++)
		most = fmax(most, values[i]);
	return most;
}

size_t stats_present(const double *values, size_t n)
{
	size_t present = 0;

	for (size_t i = 0; i < n; i++)
		present += !isnan(values[i]);
	return present;
}

double stats_slope(const double *x, const double *y, size_t n)
{
	double s_x = 0, s_y = 0, s_xx = 0, s_xy = 0, used = 0, below;

	for (size_t i = 0; i < n; i++) {
		if (!(x[i] > 0) || !(y[i] > 0) || !isfinite(y[i]))
			continue;
		used++;
		s_x += log(x[i]);
		s_y += log(y[i]);
		s_xx += log(x[i]) * log(x[i]);
		s_xy += log(x[i]) * log(y[i]);
	}
	below = used * s_xx - s_x * s_x;
	return used >= 2 && below > 0 ? (used * s_xy - s_x * s_y) / below : NAN;
}
