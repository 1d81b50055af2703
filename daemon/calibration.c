/* daemon/calibration.c - what the newest calibration of each kind says, and what a setting of p becomes by it. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/calibration.h"
#include "daemon/fit.h"

void calibration_clear(struct calibration *k)
{
	free(k->curve);
	free(k->noise_V);
	free(k->gain);
	memset(k, 0, sizeof(*k));
}

/* ---- p ---- */

static int by_volts(const void *a, const void *b)
{
	double x = ((const struct rig_bias_point *)a)->bias_V;
	double y = ((const struct rig_bias_point *)b)->bias_V;

	return (x > y) - (x < y);
}

/* What was measured, made monotone; the weights are the decisions behind each point. */
static int smooth(struct rig_bias_point *curve, const double *weight, size_t n, bool falling)
{
	double *p = calloc(n, sizeof(*p));
	int e = -ENOMEM;

	for (size_t i = 0; p && i < n; i++)
		p[i] = curve[i].p;
	if (p)
		e = fit_isotonic(p, weight, n, falling);
	for (size_t i = 0; e == 0 && i < n; i++)
		curve[i].p = p[i];
	free(p);
	return e;
}

static int take_curve(struct calibration *k, const json_t *values, const struct rig_info *info,
		      struct problem *p)
{
	const json_t *rows = json_object_get(values, "curve");
	size_t n = json_array_size(rows);
	struct rig_bias_point *curve = calloc(n + 1, sizeof(*curve));
	double *weight = calloc(n + 1, sizeof(*weight));
	int e = curve && weight ? 0 : -ENOMEM;

	for (size_t i = 0; e == 0 && i < n; i++) {
		const json_t *row = json_array_get(rows, i);

		curve[i].bias_V = json_number_value(json_object_get(row, "bias_V"));
		curve[i].p = json_number_value(json_object_get(row, "p"));
		weight[i] = fmax(json_number_value(json_object_get(row, "ticks")), 1);
	}
	if (e == 0) {
		qsort(curve, n, sizeof(*curve), by_volts);
		e = smooth(curve, weight, n, info->bias_never_V > info->bias_always_V);
	}
	free(weight);
	if (e < 0 || n < 2) {
		free(curve);
		return problem_set(p, PROBLEM_INTERNAL, "",
				   n < 2 ? "the calibration of p has no curve" : "out of memory");
	}
	free(k->curve);
	k->curve = curve;
	k->n_curve = n;
	return 0;
}

/* ---- edges ---- */

static int by_value(const void *a, const void *b)
{
	return (*(const double *)a > *(const double *)b) -
	       (*(const double *)a < *(const double *)b);
}

static double median(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), by_value);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* Edges whose noise is not known get the median of those whose is. */
static int take_noise(struct calibration *k, const json_t *values, const struct rig_info *info,
		      struct problem *p)
{
	const json_t *rows = json_object_get(values, "edges");
	size_t n = info->n_edges, n_known = 0;
	double *noise_V = calloc(n + 1, sizeof(double)), *known = calloc(n + 1, sizeof(double));

	for (size_t j = 0; noise_V && known && j < n; j++) {
		const json_t *value = json_object_get(json_array_get(rows, j), "noise_V");

		noise_V[j] = json_is_number(value) ? json_number_value(value) : NAN;
		if (!isnan(noise_V[j]))
			known[n_known++] = noise_V[j];
	}
	if (!noise_V || !known || json_array_size(rows) != n || n_known == 0) {
		free(noise_V);
		free(known);
		return problem_set(p, PROBLEM_INTERNAL, "",
				   "no comparator's noise was found out, for the rig's %zu edges",
				   n);
	}
	for (size_t j = 0; j < n; j++)
		if (isnan(noise_V[j]))
			noise_V[j] = median(known, n_known);
	free(known);
	free(k->noise_V);
	k->noise_V = noise_V;
	return 0;
}

/* ---- the card ---- */

static int take_gains(struct calibration *k, const json_t *values, struct problem *p)
{
	const json_t *rows = json_object_get(values, "gains"), *row;
	size_t n = json_array_size(rows), i;
	struct daq_gain *gain = calloc(n + 1, sizeof(*gain));
	bool good = gain != NULL;

	json_array_foreach((json_t *)rows, i, row)
	{
		const char *name = json_string_value(json_object_get(row, "channel"));

		good = good && name && daq_channel_parse(name, &gain[i].channel) == 0;
		if (!good)
			break;
		gain[i].gain = json_number_value(json_object_get(row, "gain"));
		gain[i].offset_V = json_number_value(json_object_get(row, "offset_V"));
	}
	if (!good) {
		free(gain);
		return problem_set(p, PROBLEM_INTERNAL, "", "the card's gains cannot be read");
	}
	free(k->gain);
	k->gain = gain;
	k->n_gain = n;
	return 0;
}

int calibration_take(struct calibration *k, const char *kind, const json_t *values,
		     const struct rig_info *info, struct problem *p)
{
	const char *rig = json_string_value(json_object_get(values, "rig"));

	if (!rig || strcmp(rig, info->name) != 0)
		return problem_set(p, PROBLEM_INTERNAL, "", "it is of the rig %s, not of %s",
				   rig ? rig : "(none)", info->name);
	if (strcmp(kind, "p") == 0)
		return take_curve(k, values, info, p);
	if (strcmp(kind, "edges") == 0)
		return take_noise(k, values, info, p);
	if (strcmp(kind, "daq") == 0)
		return take_gains(k, values, p);
	return 0;
}

int calibration_to_rig(const struct calibration *k, struct rig *rig, const struct daq_gain *own,
		       size_t n_own)
{
	struct daq_gain *all;
	size_t n = k->n_gain;
	int e = 0;

	if (k->noise_V)
		e = rig_set_noise(rig, k->noise_V, rig_info(rig)->n_edges);
	if ((e < 0 && e != -ENOTSUP) || !k->n_gain)
		return e == -ENOTSUP ? 0 : e;
	all = calloc(n + n_own, sizeof(*all));
	if (!all)
		return -ENOMEM;
	memcpy(all, k->gain, n * sizeof(*all));
	for (size_t i = 0; i < n_own; i++) {
		bool measured = false;

		for (size_t j = 0; j < k->n_gain; j++)
			measured |= own[i].channel.kind == k->gain[j].channel.kind &&
				    own[i].channel.number == k->gain[j].channel.number;
		if (!measured)
			all[n++] = own[i];
	}
	e = rig_set_gains(rig, all, n);
	free(all);
	return e == -ENOTSUP ? 0 : e;
}

/* ---- volts for a p ---- */

/* Between the two neighbours that have p between them. */
static bool on_curve(const struct rig_bias_point *curve, size_t n, double p, double *ret_V)
{
	for (size_t i = 0; i + 1 < n; i++) {
		double a = curve[i].p, b = curve[i + 1].p;

		if (a == b || p < fmin(a, b) || p > fmax(a, b))
			continue;
		*ret_V = curve[i].bias_V +
			 (curve[i + 1].bias_V - curve[i].bias_V) * (p - a) / (b - a);
		return true;
	}
	return false;
}

int calibration_bias(const struct calibration *k, const struct rig_info *info, double p,
		     double *ret_V, struct problem *problem)
{
	const struct rig_bias_point *curve = k->curve ? k->curve : info->bias_point;
	size_t n = k->curve ? k->n_curve : info->n_bias;
	const char *whose = k->curve ? "the calibration of p" : "the rig file's curve of p";

	*ret_V = NAN;
	if (!info->bias || (n == 0 && strcmp(info->backend, "sim") == 0))
		return 0;
	if (p <= 0 || p >= 1) {
		*ret_V = p <= 0 ? info->bias_never_V : info->bias_always_V;
		return 0;
	}
	if (n == 0)
		return problem_set(problem, PROBLEM_PARAMS, "/p",
				   "p is %g, and no calibration of p says which bias voltage makes "
				   "it: nudgectl calibrate p (p = 0 and p = 1 need none)",
				   p);
	if (on_curve(curve, n, p, ret_V))
		return 0;
	return problem_set(problem, PROBLEM_PARAMS, "/p",
			   "p is %g, outside %s, which goes from %g to %g (and 0 and 1 by the "
			   "rails): calibrate p over more volts",
			   p, whose, fmin(curve[0].p, curve[n - 1].p),
			   fmax(curve[0].p, curve[n - 1].p));
}
