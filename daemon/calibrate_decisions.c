/* daemon/calibrate_decisions.c - what each comparator decided at each point, and what follows from it. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/calibrate_decisions.h"
#include "daemon/fit.h"

#define MOST 20000000u /* edges times points */

int decisions_new(struct decisions *d, size_t n_edges, size_t n_points)
{
	size_t n = n_edges * n_points;

	*d = (struct decisions){.n_edges = n_edges, .n_points = n_points};
	if (n > MOST)
		return -ENOMEM;
	d->x_V = calloc(n + 1, sizeof(double));
	d->n = calloc(n + 1, sizeof(uint32_t));
	d->ups = calloc(n + 1, sizeof(uint32_t));
	d->sign = calloc(n + 1, 1);
	d->is_measured = malloc(n_edges + 1);
	if (!d->x_V || !d->n || !d->ups || !d->sign || !d->is_measured)
		return -ENOMEM;
	memset(d->is_measured, 1, n_edges);
	return 0;
}

void decisions_clear(struct decisions *d)
{
	free(d->x_V);
	free(d->n);
	free(d->ups);
	free(d->sign);
	free(d->is_measured);
	memset(d, 0, sizeof(*d));
}

void decisions_at(struct decisions *d, size_t edge, size_t point, double free_drop_V,
		  double clamped_drop_V, bool is_measured)
{
	size_t i = edge * d->n_points + point;

	d->x_V[i] = fabs(clamped_drop_V) - fabs(free_drop_V);
	d->sign[i] = 0;
	if (free_drop_V > 0 && clamped_drop_V > 0)
		d->sign[i] = 1;
	if (free_drop_V < 0 && clamped_drop_V < 0)
		d->sign[i] = -1;
	d->is_measured[edge] &= is_measured;
}

void decisions_add(struct decisions *d, size_t edge, size_t point, bool up)
{
	size_t i = edge * d->n_points + point;

	if (!d->sign[i])
		return;
	d->n[i]++;
	d->ups[i] += up;
}

/* The sign of the drop at which most was decided; what was decided at the other does not count any more. */
static int keep_one_sign(struct decisions *d, size_t edge, size_t *ret_n)
{
	size_t first = edge * d->n_points, plus = 0, minus = 0;
	int sign;

	for (size_t i = first; i < first + d->n_points; i++) {
		plus += d->sign[i] > 0 ? d->n[i] : 0;
		minus += d->sign[i] < 0 ? d->n[i] : 0;
	}
	sign = plus >= minus ? 1 : -1;
	*ret_n = plus >= minus ? plus : minus;
	for (size_t i = first; i < first + d->n_points; i++)
		if (d->sign[i] != sign)
			d->n[i] = d->ups[i] = 0;
	return sign;
}

json_t *decisions_row(struct decisions *d, size_t edge, size_t *known)
{
	size_t first = edge * d->n_points, n;
	int sign = keep_one_sign(d, edge, &n);
	struct fit_comparator fit;
	json_t *row = json_pack("{s:I, s:i, s:I, s:b}", "edge", (json_int_t)edge, "sign", sign,
				"decisions", (json_int_t)n, "computed", !d->is_measured[edge]);
	bool is_known = fit_comparator(d->x_V + first, d->ups + first, d->n + first, d->n_points,
				       &fit) == 0;
	const struct {
		const char *name;
		double value;
	} members[] = {{"bias_V", is_known ? fit.bias : 0},
		       {"bias_error_V", is_known ? fit.bias_error : 0},
		       {"noise_V", is_known ? fit.noise : 0},
		       {"noise_error_V", is_known ? fit.noise_error : 0}};

	for (size_t i = 0; i < 4; i++)
		json_object_set_new(row, members[i].name,
				    is_known ? json_real(members[i].value) : json_null());
	*known += is_known;
	return row;
}
