/* daemon/fit.c - intervals of counts, monotone curves, straight lines, relaxations. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "daemon/fit.h"

#define Z95     1.959963984540054
#define SCANNED 240 /* rates that are tried before the best is refined */
#define GOLDEN  0.618033988749895
#define LEAST_V 1e-9

void fit_wilson(uint64_t hits, uint64_t n, double *ret_low, double *ret_high)
{
	double p, middle, half, scale;

	*ret_low = 0;
	*ret_high = 1;
	if (n == 0)
		return;
	p = (double)hits / (double)n;
	scale = 1 + Z95 * Z95 / (double)n;
	middle = (p + Z95 * Z95 / (2 * (double)n)) / scale;
	half = Z95 / scale *
	       sqrt(p * (1 - p) / (double)n + Z95 * Z95 / (4 * (double)n * (double)n));
	if (hits > 0)
		*ret_low = fmax(middle - half, 0);
	if (hits < n)
		*ret_high = fmin(middle + half, 1);
}

/* ---- monotone curves ---- */

struct pool {
	double sum, weight;
	size_t n;
};

static int in_order(const struct pool *a, const struct pool *b, int falling)
{
	double before = a->sum / a->weight, after = b->sum / b->weight;

	return falling ? before >= after : before <= after;
}

int fit_isotonic(double *y, const double *weight, size_t n, int falling)
{
	struct pool *pools = calloc(n + 1, sizeof(*pools));
	size_t n_pools = 0, k = 0;

	if (!pools)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		pools[n_pools++] = (struct pool){y[i] * weight[i], weight[i], 1};
		while (n_pools > 1 &&
		       !in_order(&pools[n_pools - 2], &pools[n_pools - 1], falling)) {
			pools[n_pools - 2].sum += pools[n_pools - 1].sum;
			pools[n_pools - 2].weight += pools[n_pools - 1].weight;
			pools[n_pools - 2].n += pools[n_pools - 1].n;
			n_pools--;
		}
	}
	for (size_t i = 0; i < n_pools; i++)
		for (size_t j = 0; j < pools[i].n; j++)
			y[k++] = pools[i].sum / pools[i].weight;
	free(pools);
	return 0;
}

/* ---- lines ---- */

int fit_line(const double *x, const double *y, size_t n, struct fit_line *ret)
{
	double mean_x = 0, mean_y = 0, xx = 0, xy = 0, squares = 0, variance;
	struct fit_line line = {0};

	if (n < 2)
		return -EDOM;
	for (size_t i = 0; i < n; i++) {
		mean_x += x[i] / (double)n;
		mean_y += y[i] / (double)n;
	}
	for (size_t i = 0; i < n; i++) {
		xx += (x[i] - mean_x) * (x[i] - mean_x);
		xy += (x[i] - mean_x) * (y[i] - mean_y);
	}
	if (!(xx > 0) || !isfinite(xy))
		return -EDOM;
	line.gain = xy / xx;
	line.offset = mean_y - line.gain * mean_x;
	for (size_t i = 0; i < n; i++) {
		double off = y[i] - line.gain * x[i] - line.offset;

		squares += off * off;
		line.worst = fmax(line.worst, fabs(off));
	}
	variance = n > 2 ? squares / (double)(n - 2) : 0;
	line.rms = sqrt(variance);
	line.gain_error = sqrt(variance / xx);
	line.offset_error = sqrt(variance * (1 / (double)n + mean_x * mean_x / xx));
	*ret = line;
	return 0;
}

/* ---- relaxations ---- */

struct transient {
	const double *t, *v;
	size_t n;
};

/* v_inf and amplitude at this rate, which are linear; returns the sum of squares. */
static double at_rate(const struct transient *s, double rate, double *ret_inf,
		      double *ret_amplitude)
{
	double n = (double)s->n, e = 0, ee = 0, v = 0, ev = 0, determinant, squares = 0;

	for (size_t i = 0; i < s->n; i++) {
		double x = exp(-rate * s->t[i]);

		e += x;
		ee += x * x;
		v += s->v[i];
		ev += x * s->v[i];
	}
	determinant = n * ee - e * e;
	if (!(determinant > 1e-14 * n * ee))
		return INFINITY;
	*ret_amplitude = (n * ev - e * v) / determinant;
	*ret_inf = (v - *ret_amplitude * e) / n;
	for (size_t i = 0; i < s->n; i++) {
		double off = s->v[i] - *ret_inf - *ret_amplitude * exp(-rate * s->t[i]);

		squares += off * off;
	}
	return squares;
}

/* Golden section between two logarithms of the rate. */
static double refine(const struct transient *s, double low, double high)
{
	double ignored[2], a = high - GOLDEN * (high - low), b = low + GOLDEN * (high - low);
	double at_a = at_rate(s, exp(a), &ignored[0], &ignored[1]);
	double at_b = at_rate(s, exp(b), &ignored[0], &ignored[1]);

	for (int i = 0; i < 60; i++) {
		if (at_a < at_b) {
			high = b;
			b = a;
			at_b = at_a;
			a = high - GOLDEN * (high - low);
			at_a = at_rate(s, exp(a), &ignored[0], &ignored[1]);
		} else {
			low = a;
			a = b;
			at_a = at_b;
			b = low + GOLDEN * (high - low);
			at_b = at_rate(s, exp(b), &ignored[0], &ignored[1]);
		}
	}
	return exp((low + high) / 2);
}

/* Variance of the rate over that of a value: the last element of (J'J)^-1, J = [1, e^-rt, -A t e^-rt]. */
static double rate_variance(const struct transient *s, double rate, double amplitude)
{
	double a = (double)s->n, b = 0, c = 0, d = 0, e = 0, f = 0, determinant;

	for (size_t i = 0; i < s->n; i++) {
		double x = exp(-rate * s->t[i]), y = -amplitude * s->t[i] * x;

		b += x;
		c += y;
		d += x * x;
		e += x * y;
		f += y * y;
	}
	determinant = a * (d * f - e * e) - b * (b * f - c * e) + c * (b * e - c * d);
	return determinant > 0 ? (a * d - b * b) / determinant : INFINITY;
}

int fit_exponential(const double *t, const double *v, size_t n, struct fit_exponential *ret)
{
	const struct transient s = {t, v, n};
	double first = INFINITY, last = 0, low, high, best = INFINITY, squares;
	struct fit_exponential fit;
	int at = -1;

	for (size_t i = 0; i < n; i++) {
		if (t[i] > 0)
			first = fmin(first, t[i]);
		last = fmax(last, t[i]);
	}
	if (n < 5 || !(last > 0) || !isfinite(first))
		return -EDOM;
	low = log(0.1 / last);
	high = log(3 / first);
	for (int i = 0; i <= SCANNED; i++) {
		squares = at_rate(&s, exp(low + (high - low) * i / SCANNED), &fit.v_inf,
				  &fit.amplitude);
		if (squares < best) {
			best = squares;
			at = i;
		}
	}
	if (at <= 0 || at >= SCANNED)
		return -EDOM;
	fit.rate = refine(&s, low + (high - low) * (at - 1) / SCANNED,
			  low + (high - low) * (at + 1) / SCANNED);
	squares = at_rate(&s, fit.rate, &fit.v_inf, &fit.amplitude);
	fit.rms = sqrt(squares / (double)(n - 3));
	fit.rate_error = fit.rms * sqrt(rate_variance(&s, fit.rate, fit.amplitude));
	if (!(fabs(fit.amplitude) > fmax(4 * fit.rms, LEAST_V)) || !(fit.rate_error < fit.rate / 2))
		return -EDOM;
	*ret = fit;
	return 0;
}
