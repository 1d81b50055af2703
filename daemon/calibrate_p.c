/* daemon/calibrate_p.c - bias voltage to p: how often each edge updates, at one bias voltage after the other.
 *
 * Ticks come at irregular intervals, drawn by the run's seed, so that they do not beat against the oscillators
 * [Wycoff 2022].  Every node is at safe volts meanwhile; what the taps do there is undone at the end.
 */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/calibrate.h"
#include "daemon/fit.h"
#include "sim_backend/random.h"

#define POINTS     21
#define TRIALS     400
#define INTERVAL_S 0.02

struct work {
	double *bias_V, *read_V; /* [n]; read back: NAN where it cannot be */
	uint64_t *counts;        /* [n][n_edges] */
	uint64_t *before;        /* [n_edges] of the rig's own count */
	uint64_t ticks_before;
	uint8_t *updated; /* bit mask of a tick */
	size_t n, trials;
	size_t tick; /* made at this point */
	double interval_s;
	bool begun, rig_counts;
};

/* ---- what is asked for ---- */

static size_t n_points(const json_t *params)
{
	const json_t *bias = json_object_get(params, "bias_V");

	if (json_is_array(bias))
		return json_array_size(bias);
	return json_is_integer(bias) ? (size_t)json_integer_value(bias) : POINTS;
}

static double point_V(const struct rig_info *info, const json_t *params, size_t i)
{
	const json_t *bias = json_object_get(params, "bias_V");
	double low = fmin(info->bias_always_V, info->bias_never_V);
	double high = fmax(info->bias_always_V, info->bias_never_V);

	if (json_is_array(bias))
		return json_number_value(json_array_get(bias, i));
	return low + (high - low) * (double)i / (double)(n_points(params) - 1);
}

static int check(const struct rig_info *info, const json_t *params, struct problem *p)
{
	double low = fmin(info->bias_always_V, info->bias_never_V);
	double high = fmax(info->bias_always_V, info->bias_never_V);
	char path[40];

	if (!info->bias)
		return problem_set(
			p, PROBLEM_PARAMS, "",
			"%s has no bias voltage: p is set as it is, and there is nothing "
			"to calibrate",
			info->name);
	if (n_points(params) < 2)
		return problem_set(p, PROBLEM_PARAMS, "/bias_V", "a curve takes 2 points or more");
	for (size_t i = 0; i < n_points(params); i++) {
		double volts = point_V(info, params, i);

		snprintf(path, sizeof(path), "/bias_V/%zu", i);
		if (!(volts >= low && volts <= high))
			return problem_set(
				p, PROBLEM_LIMIT, path,
				"a bias of %g V is not between the rails of %s, %g to %g "
				"V",
				volts, info->name, low, high);
	}
	return 0;
}

static int by_value(const void *a, const void *b)
{
	return (*(const double *)a > *(const double *)b) -
	       (*(const double *)a < *(const double *)b);
}

static int begin(struct runner *r, struct calibrate *c, struct problem *p)
{
	size_t n = n_points(c->params), n_edges = r->info->n_edges;
	struct work *w = calloc(1, sizeof(*w));

	c->work = w;
	if (!w)
		return problem_set(p, PROBLEM_INTERNAL, "", "out of memory");
	if (!memchr(r->mode, RIG_LEARN, n_edges))
		return problem_set(p, PROBLEM_STATE, "",
				   "every edge is held or cut: rig.edge lets them learn");
	w->n = c->total = n;
	w->trials = (size_t)calibrate_real(c, "trials", TRIALS);
	w->interval_s = calibrate_real(c, "interval_s", INTERVAL_S);
	w->bias_V = calloc(n, sizeof(double));
	w->read_V = calloc(n, sizeof(double));
	w->counts = calloc(n * n_edges + 1, sizeof(uint64_t));
	w->before = calloc(n_edges + 1, sizeof(uint64_t));
	w->updated = calloc(n_edges / 8 + 1, 1);
	if (!w->bias_V || !w->read_V || !w->counts || !w->before || !w->updated ||
	    calibrate_nodes_wired(r, c) < 0)
		return problem_set(p, PROBLEM_INTERNAL, "", "out of memory");
	for (size_t i = 0; i < n; i++)
		w->bias_V[i] = point_V(r->info, c->params, i);
	qsort(w->bias_V, n, sizeof(double), by_value);
	return 0;
}

/* ---- the measurement ---- */

static int start(struct runner *r, struct calibrate *c)
{
	struct work *w = c->work;
	struct rig_updates updates;
	int e = calibrate_nodes_begin(r, c);

	if (e == 0)
		e = calibrate_drive_safe(r, c);
	w->rig_counts = e == 0 && rig_updates(r->rig, &updates) == 0;
	w->begun = true;
	calibrate_wait(r, c, calibrate_settle_s(r));
	return e;
}

static int set_point(struct runner *r, struct calibrate *c)
{
	const struct rig_info *info = r->info;
	struct work *w = c->work;
	double volts = w->bias_V[c->done], ideal;
	struct rig_updates updates;
	int e;

	ideal = (info->bias_never_V - volts) / (info->bias_never_V - info->bias_always_V);
	e = rig_set_update(r->rig, fmin(fmax(ideal, 0), 1), volts);
	if (e < 0)
		return e;
	if (rig_bias(r->rig, &w->read_V[c->done]) < 0)
		w->read_V[c->done] = NAN;
	w->rig_counts = w->rig_counts && rig_updates(r->rig, &updates) == 0;
	if (w->rig_counts)
		memcpy(w->before, updates.updated, info->n_edges * sizeof(uint64_t));
	w->ticks_before = w->rig_counts ? updates.ticks : 0;
	return 0;
}

/* Without the rig's own count: the mask of each tick. */
static int count_mask(struct runner *r, struct calibrate *c)
{
	struct work *w = c->work;
	struct rig_edges edges = {.updated = w->updated, .now = true};
	int e = rig_read_edges(r->rig, &edges);

	for (size_t j = 0; e == 0 && j < r->info->n_edges; j++)
		w->counts[c->done * r->info->n_edges + j] += w->updated[j / 8] >> (j % 8) & 1;
	return e;
}

/* A rig that has not counted all ticks is asked after each of them, from this point on again. */
static int take_counts(struct runner *r, struct calibrate *c)
{
	struct work *w = c->work;
	struct rig_updates updates;
	int e = rig_updates(r->rig, &updates);

	if (e == 0 && updates.ticks - w->ticks_before != w->trials) {
		w->rig_counts = false;
		return 0;
	}
	for (size_t j = 0; e == 0 && j < r->info->n_edges; j++)
		w->counts[c->done * r->info->n_edges + j] = updates.updated[j] - w->before[j];
	return e;
}

static int one_tick(struct runner *r, struct calibrate *c)
{
	struct work *w = c->work;
	double part = random_uniform(c->seed, RANDOM_GENERATE, c->done, w->tick);
	int e = rig_mark_step(r->rig, c->ticks++);

	if (e == 0)
		e = rig_tick(r->rig);
	if (e == 0 && !w->rig_counts)
		e = count_mask(r, c);
	w->tick++;
	calibrate_wait(r, c, w->interval_s * (0.5 + part));
	return e;
}

static int step(struct runner *r, struct calibrate *c)
{
	struct work *w = c->work;
	bool counted;
	int e = 0;

	if (!w->begun)
		return start(r, c);
	if (w->tick == 0)
		e = set_point(r, c);
	if (e == 0)
		e = one_tick(r, c);
	if (e < 0 || w->tick < w->trials)
		return e;
	w->tick = 0;
	counted = !w->rig_counts;
	if (!counted) {
		e = take_counts(r, c);
		counted = w->rig_counts;
	}
	if (e < 0 || !counted)
		return e;
	calibrate_progress(r, c);
	return c->done == w->n;
}

/* ---- the result ---- */

static json_t *curve_point(const struct runner *r, const struct work *w, size_t i)
{
	uint64_t hits = 0, n = 0;
	double low, high;
	json_t *row;

	for (size_t j = 0; j < r->info->n_edges; j++)
		if (r->mode[j] == RIG_LEARN) {
			hits += w->counts[i * r->info->n_edges + j];
			n += w->trials;
		}
	fit_wilson(hits, n, &low, &high);
	row = json_pack("{s:f, s:f, s:f, s:f, s:I, s:I}", "bias_V", w->bias_V[i], "p",
			n ? (double)hits / (double)n : 0, "low", low, "high", high, "updated",
			(json_int_t)hits, "ticks", (json_int_t)n);
	json_object_set_new(row, "bias_read_V",
			    isnan(w->read_V[i]) ? json_null() : json_real(w->read_V[i]));
	return row;
}

/* p, low and high at each point; null of an edge that does not learn. */
static json_t *edge_rows(const struct runner *r, const struct work *w, size_t j)
{
	json_t *p = json_array(), *lows = json_array(), *highs = json_array();
	double low, high;

	for (size_t i = 0; i < w->n && r->mode[j] == RIG_LEARN; i++) {
		uint64_t hits = w->counts[i * r->info->n_edges + j];

		fit_wilson(hits, w->trials, &low, &high);
		json_array_append_new(p, json_real((double)hits / (double)w->trials));
		json_array_append_new(lows, json_real(low));
		json_array_append_new(highs, json_real(high));
	}
	return json_pack("{s:I, s:o, s:o, s:o}", "edge", (json_int_t)j, "p", p, "low", lows, "high",
			 highs);
}

static void result(struct runner *r, struct calibrate *c, json_t *values)
{
	const struct work *w = c->work;
	json_t *curve = json_array(), *edges = json_array();
	size_t learn = 0;

	for (size_t j = 0; j < r->info->n_edges; j++)
		learn += r->mode[j] == RIG_LEARN;
	for (size_t i = 0; i < w->n; i++)
		json_array_append_new(curve, curve_point(r, w, i));
	for (size_t j = 0; j < r->info->n_edges; j++)
		json_array_append_new(edges, edge_rows(r, w, j));
	json_object_set_new(values, "curve", curve);
	json_object_set_new(values, "edges", edges);
	if (learn < r->info->n_edges)
		calibrate_warn(c, "%zu edges are held or cut and say nothing",
			       r->info->n_edges - learn);
}

static void end(struct calibrate *c)
{
	struct work *w = c->work;

	if (!w)
		return;
	free(w->bias_V);
	free(w->read_V);
	free(w->counts);
	free(w->before);
	free(w->updated);
	free(w);
}

const struct calibrate_kind calibrate_p = {"p", check, begin, step, result, end};
