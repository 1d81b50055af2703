/* clients/nudgectl/curve.c - a learning curve in bins that merge. */
#include "config.h"

#include <math.h>

#include "clients/nudgectl/curve.h"

void curve_init(struct curve *c, bool log)
{
	c->log = log;
	c->means = false;
	c->bin_x = 1;
	c->n = 0;
	c->broken = false;
}

static void merge(struct curve_bin *into, const struct curve_bin *from)
{
	into->x += from->x;
	into->y += from->y;
	into->count += from->count;
	into->least = fmin(into->least, from->least);
	into->greatest = fmax(into->greatest, from->greatest);
}

/* Which bin an x belongs to, as a whole number */
static double place(const struct curve *c, double x)
{
	return floor(x / c->bin_x);
}

/* Doubles the width of the bins and puts those together that now coincide */
static void widen(struct curve *c)
{
	size_t n = 0;

	c->bin_x *= 2;
	for (size_t i = 0; i < c->n; i++) {
		if (n > 0 && place(c, curve_x(c, n - 1)) == place(c, curve_x(c, i)))
			merge(&c->bins[n - 1], &c->bins[i]);
		else
			c->bins[n++] = c->bins[i];
	}
	c->n = n;
}

void curve_add_mean(struct curve *c, double x, double y, double count)
{
	double value = c->log && !c->means ? log10(y) : y;
	struct curve_bin one = {count * x, count * value, value, value, count, c->broken};

	if (!isfinite(value) || (c->log && !(y > 0)))
		return;
	if (c->n > 0 && !c->broken && place(c, curve_x(c, c->n - 1)) == place(c, x)) {
		merge(&c->bins[c->n - 1], &one);
		return;
	}
	while (c->n == CURVE_BINS)
		widen(c);
	c->bins[c->n++] = one;
	c->broken = false;
}

void curve_add(struct curve *c, double x, double y)
{
	curve_add_mean(c, x, y, 1);
}

void curve_break(struct curve *c)
{
	c->broken = c->n > 0;
}

double curve_x(const struct curve *c, size_t i)
{
	return c->bins[i].x / c->bins[i].count;
}

double curve_y(const struct curve *c, size_t i)
{
	return curve_mean(c, c->bins[i].y, c->bins[i].count);
}

double curve_mean(const struct curve *c, double sum, double count)
{
	return c->log && c->means ? log10(sum / count) : sum / count;
}
