/* daemon/fit_comparator.c - bias and noise of a comparator from its decisions: probit by maximum likelihood. */
#include "config.h"

#include <errno.h>
#include <math.h>

#include "daemon/fit.h"

#define MOST_ITERATIONS 100
#define TINY            1e-300

struct decisions {
	const double *x;
	const uint32_t *ups, *n;
	size_t n_x;
	double scale; /* x is counted in these */
};

/* P(up) = Phi(a + c x / scale) */
struct probit {
	double a, c;
};

static double phi(double z)
{
	return exp(-z * z / 2) / sqrt(2 * M_PI);
}

static double cumulative(double z)
{
	return erfc(-z / M_SQRT2) / 2;
}

static double likelihood(const struct decisions *d, struct probit p)
{
	double sum = 0;

	for (size_t i = 0; i < d->n_x; i++) {
		double z = p.a + p.c * d->x[i] / d->scale;

		sum += d->ups[i] * log(fmax(cumulative(z), TINY)) +
		       (d->n[i] - d->ups[i]) * log(fmax(cumulative(-z), TINY));
	}
	return sum;
}

/* The score's two components, and Fisher's information. */
static void derivatives(const struct decisions *d, struct probit p, double score[2],
			double information[3])
{
	score[0] = score[1] = information[0] = information[1] = information[2] = 0;
	for (size_t i = 0; i < d->n_x; i++) {
		double x = d->x[i] / d->scale, z = p.a + p.c * x;
		double up = fmax(cumulative(z), TINY), down = fmax(cumulative(-z), TINY);
		double density = phi(z), weight = d->n[i] * density * density / (up * down);
		double pull = density * (d->ups[i] / up - (d->n[i] - d->ups[i]) / down);

		score[0] += pull;
		score[1] += pull * x;
		information[0] += weight;
		information[1] += weight * x;
		information[2] += weight * x * x;
	}
}

/* Decisions of both kinds at x that overlap: else any steepness fits, or none. */
static int overlaps(const struct decisions *d)
{
	double least_up = INFINITY, greatest_down = -INFINITY;

	for (size_t i = 0; i < d->n_x; i++) {
		if (d->ups[i] > 0)
			least_up = fmin(least_up, d->x[i]);
		if (d->ups[i] < d->n[i])
			greatest_down = fmax(greatest_down, d->x[i]);
	}
	return least_up < greatest_down;
}

/* Fisher scoring, with halved steps where the likelihood would fall. */
static int climb(const struct decisions *d, struct probit *p, double information[3])
{
	double now = likelihood(d, *p), score[2];

	for (int i = 0; i < MOST_ITERATIONS; i++) {
		struct probit step, next;
		double determinant, then, share = 1;

		derivatives(d, *p, score, information);
		determinant = information[0] * information[2] - information[1] * information[1];
		if (!(determinant > 1e-12 * information[0] * information[2]))
			return -EDOM;
		step.a = (information[2] * score[0] - information[1] * score[1]) / determinant;
		step.c = (information[0] * score[1] - information[1] * score[0]) / determinant;
		do {
			next = (struct probit){p->a + share * step.a, p->c + share * step.c};
			then = likelihood(d, next);
			share /= 2;
		} while (!(then >= now) && share > 1e-6);
		if (!(then >= now))
			return 0; /* as high as rounding lets it climb */
		*p = next;
		if (then - now < 1e-10 &&
		    fabs(step.a) + fabs(step.c) < 1e-8 * (1 + fabs(p->a) + fabs(p->c)))
			return 0;
		now = then;
	}
	return -EDOM;
}

int fit_comparator(const double *x, const uint32_t *ups, const uint32_t *n, size_t n_x,
		   struct fit_comparator *ret)
{
	struct decisions d = {x, ups, n, n_x, 0};
	struct probit p = {0, 1};
	double information[3], determinant, var_a, var_c, cov, k;
	size_t used = 0;

	for (size_t i = 0; i < n_x; i++) {
		d.scale += n[i] ? x[i] * x[i] : 0;
		used += n[i] > 0;
	}
	d.scale = used ? sqrt(d.scale / (double)used) : 0;
	if (used < 3 || !(d.scale > 0) || !overlaps(&d) || climb(&d, &p, information) < 0 ||
	    !(p.c > 0))
		return -EDOM;
	determinant = information[0] * information[2] - information[1] * information[1];
	var_a = information[2] / determinant;
	var_c = information[0] / determinant;
	cov = -information[1] / determinant;
	if (p.c < 2 * sqrt(var_c)) /* the decisions do not follow x */
		return -EDOM;
	k = p.a / p.c;
	*ret = (struct fit_comparator){
		.bias = d.scale * k,
		.bias_error = d.scale / p.c * sqrt(fmax(var_a - 2 * k * cov + k * k * var_c, 0)),
		.noise = d.scale / p.c,
		.noise_error = d.scale / (p.c * p.c) * sqrt(var_c),
	};
	return 0;
}
