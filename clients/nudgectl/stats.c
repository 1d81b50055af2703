/* clients/nudgectl/stats.c - mean, geometric mean and 95 % confidence intervals of a few numbers. */
#include "config.h"

#include <math.h>

#include "clients/nudgectl/stats.h"

/* Abramowitz and Stegun 26.7: the distribution of t for an even or odd number of degrees is a finite sum. */
static double two_sided(double t, size_t degrees)
{
	double theta = atan2(t, sqrt((double)degrees));
	double c = cos(theta), s = sin(theta), term, sum;
	size_t k;

	if (degrees % 2) {
		term = c;
		sum = degrees > 1 ? c : 0;
		for (k = 3; k + 2 <= degrees; k += 2) {
			term *= (double)(k - 1) / (double)k * c * c;
			sum += term;
		}
		return M_2_PI * (theta + s * sum);
	}
	term = sum = 1;
	for (k = 2; k + 2 <= degrees; k += 2) {
		term *= (double)(k - 1) / (double)k * c * c;
		sum += term;
	}
	return s * sum;
}

double stats_t975(size_t degrees)
{
	double low = 1.9, high = 12.8; /* of infinitely many, and of one: 12.706 */

	for (int i = 0; i < 60; i++) {
		double middle = (low + high) / 2;

		if (two_sided(middle, degrees) < 0.95)
			low = middle;
		else
			high = middle;
	}
	return (low + high) / 2;
}

/* Mean and half the interval's width */
static double mean_of(const double *values, size_t n, double (*of)(double), double *ret_half)
{
	double sum = 0, squares = 0, mean;

	for (size_t i = 0; i < n; i++)
		sum += of(values[i]);
	mean = sum / (double)n;
	for (size_t i = 0; i < n; i++)
		squares += (of(values[i]) - mean) * (of(values[i]) - mean);
	*ret_half = n < 2 ? NAN : stats_t975(n - 1) * sqrt(squares / (double)(n - 1) / (double)n);
	return mean;
}

static double itself(double value)
{
	return value;
}

void stats_of(const double *values, size_t n, struct stats *ret)
{
	double half, least = INFINITY;

	*ret = (struct stats){.n = n,
			      .mean = NAN,
			      .low = NAN,
			      .high = NAN,
			      .geometric = NAN,
			      .geometric_low = NAN,
			      .geometric_high = NAN};
	if (n == 0)
		return;
	ret->mean = mean_of(values, n, itself, &half);
	ret->low = ret->mean - half;
	ret->high = ret->mean + half;
	for (size_t i = 0; i < n; i++)
		least = fmin(least, values[i]);
	if (least == 0)
		ret->geometric = 0;
	if (!(least > 0))
		return;
	ret->geometric = exp(mean_of(values, n, log, &half));
	ret->geometric_low = ret->geometric * exp(-half);
	ret->geometric_high = ret->geometric * exp(half);
}
