/* clients/nudgectl/spread.c - medians, means and slopes of a few numbers. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/spread.h"

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double spread_median(const double *values, size_t n)
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

double spread_mean(const double *values, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += isnan(values[i]) ? 0 : values[i];
	return sum / (double)spread_present(values, n);
}

double spread_geometric_mean(const double *values, size_t n)
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

double spread_least(const double *values, size_t n)
{
	double least = NAN;

	for (size_t i = 0; i < n; i++)
		least = fmin(least, values[i]);
	return least;
}

double spread_most(const double *values, size_t n)
{
	double most = NAN;

	for (size_t i = 0; i < n; i++)
		most = fmax(most, values[i]);
	return most;
}

size_t spread_present(const double *values, size_t n)
{
	size_t present = 0;

	for (size_t i = 0; i < n; i++)
		present += !isnan(values[i]);
	return present;
}

struct sums {
	double n, x, y, xx, xy, yy;
};

static struct sums log_sums(const double *x, const double *y, size_t n)
{
	struct sums s = {0};

	for (size_t i = 0; i < n; i++) {
		if (!(x[i] > 0) || !(y[i] > 0) || !isfinite(y[i]))
			continue;
		s.n++;
		s.x += log(x[i]);
		s.y += log(y[i]);
		s.xx += log(x[i]) * log(x[i]);
		s.xy += log(x[i]) * log(y[i]);
		s.yy += log(y[i]) * log(y[i]);
	}
	return s;
}

double spread_slope(const double *x, const double *y, size_t n)
{
	struct sums s = log_sums(x, y, n);
	double below = s.n * s.xx - s.x * s.x;

	return s.n >= 2 && below > 0 ? (s.n * s.xy - s.x * s.y) / below : NAN;
}

double spread_straightness(const double *x, const double *y, size_t n)
{
	struct sums s = log_sums(x, y, n);
	double above = s.n * s.xy - s.x * s.y;
	double below = (s.n * s.xx - s.x * s.x) * (s.n * s.yy - s.y * s.y);

	return s.n >= 2 && below > 0 ? above * above / below : NAN;
}
