/* sim_backend/edges.c - the boards of all edges: what they are made of, their settings and their conductances. */
#include "config.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim_backend/edges_impl.h"
#include "sim_backend/random.h"

/* ---- made once ---- */

/* A factor of g: 1 / (x + sqrt(1 + x^2)), near 1 - x and never negative, so that R spreads by `relative`. */
static double spread(double relative, uint64_t seed, enum random_stream stream, size_t edge)
{
	double x = relative * random_normal(seed, stream, edge, 0);

	return sqrt(1 + x * x) - x;
}

static void fill_in(struct edges *e, const struct rig_config *config)
{
	const struct sim_config *sim = &config->sim;

	for (int tap = 0; tap < e->taps; tap++)
		e->tap_g[tap] = 1 / (config->edge.r_min_ohm + tap * config->edge.r_step_ohm);
	for (size_t j = 0; j < e->n; j++) {
		e->ends[j] = config->network->a[j];
		e->ends[e->n_padded + j] = config->network->b[j];
		e->free_scale[j] = spread(sim->r_tolerance, sim->seed, RANDOM_TOLERANCE, j);
		if (e->clamped_scale)
			e->clamped_scale[j] = e->free_scale[j] *
					      spread(sim->twin_mismatch, sim->seed, RANDOM_TWIN, j);
		e->edge_bias_V[j] =
			e->bias_least_V +
			e->bias_span_V * random_uniform(sim->seed, RANDOM_EDGE_BIAS, j, 0);
	}
	e->a = e->ends;
	e->b = e->ends + e->n_padded;
}

static bool allocate_rule(struct edges *e, const struct sim_config *sim)
{
	size_t n = e->n_padded;
	bool part = sim->twin_mismatch > 0 || sim->n_faults > 0;

	e->n_most_defects = sim->n_faults;
	e->defect = calloc(2 * sim->n_faults + 1, sizeof(*e->defect));
	e->clamped_scale = sim->twin_mismatch > 0 ? calloc(n, sizeof(double)) : NULL;
	e->clamped_g = part ? calloc(n, sizeof(double)) : NULL;
	e->sum_V = calloc(n, sizeof(double));
	e->r_ohm = e->continuous ? calloc(n, sizeof(double)) : NULL;
	e->step_ohm = e->continuous ? calloc(n, sizeof(double)) : NULL;
	e->sits_out = calloc(n, 1);
	e->echo = calloc(n, 1);
	e->lost = calloc(n, 1);
	return e->defect && (e->clamped_scale || sim->twin_mismatch == 0) &&
	       (e->clamped_g || !part) && e->sum_V &&
	       (!e->continuous || (e->r_ohm && e->step_ohm)) && e->sits_out && e->echo && e->lost;
}

static bool allocate(struct edges *e)
{
	size_t n = e->n_padded;

	e->ends = calloc(2 * n, sizeof(*e->ends));
	e->tap_g = calloc((size_t)e->taps, sizeof(*e->tap_g));
	e->free_scale = calloc(n, sizeof(double));
	e->free_g = calloc(n, sizeof(double));
	e->edge_bias_V = calloc(n, sizeof(double));
	e->sigma_V = calloc(n, sizeof(double));
	e->wiper = calloc(n, 1);
	e->mode = calloc(n, 1);
	e->open = calloc(n, 1);
	e->floating = calloc(n, 1);
	e->learns = calloc(n, 1);
	e->able = calloc(n, 1);
	e->moves = calloc(n, 1);
	e->up = calloc(n, 1);
	e->updated = calloc(n / 8, 1);
	e->raised = calloc(n / 8, 1);
	return e->ends && e->tap_g && e->free_scale && e->free_g && e->edge_bias_V && e->sigma_V &&
	       e->wiper && e->mode && e->open && e->floating && e->learns && e->able && e->moves &&
	       e->up && e->updated && e->raised;
}

static double given_or(double value, double fallback)
{
	return isnan(value) ? fallback : value;
}

static void set_rule(struct edges *e, const struct rig_config *config)
{
	const struct rig_edge_config *edge = &config->edge;
	const struct sim_config *sim = &config->sim;
	double r_most_ohm = edge->r_min_ohm + (edge->taps - 1) * edge->r_step_ohm;

	e->taps = edge->taps;
	e->initial_tap = edge->initial_tap;
	e->r_min_ohm = edge->r_min_ohm;
	e->r_step_ohm = edge->r_step_ohm;
	e->comparator = sim->comparator;
	e->bias_least_V = sim->bias_V[0];
	e->bias_span_V = sim->bias_V[1] - sim->bias_V[0];
	e->bias_each = sim->drawn == SIM_DRAWN_EACH && e->bias_span_V > 0;
	e->noise_V = sim->comparator_noise_V;
	e->continuous = sim->rule != SIM_DISCRETE;
	if (!e->continuous)
		return;
	e->learning_rate = sim->learning_rate;
	e->r_initial_ohm = given_or(sim->r_initial_ohm,
				    edge->r_min_ohm + edge->initial_tap * edge->r_step_ohm);
	/* the overdamped rule's only bound is that of a resistor */
	e->r_least_ohm = sim->rule == SIM_OVERDAMPED
				 ? DBL_MIN
				 : given_or(sim->r_bounds_ohm[0], edge->r_min_ohm);
	e->r_most_ohm =
		sim->rule == SIM_OVERDAMPED ? DBL_MAX : given_or(sim->r_bounds_ohm[1], r_most_ohm);
}

int edges_new(const struct rig_config *config, struct edges **ret)
{
	struct edges *e = calloc(1, sizeof(*e));
	int r;

	if (!e)
		return -ENOMEM;
	e->n = config->network->n_edges;
	e->n_padded = (e->n + EDGES_BLOCK - 1) / EDGES_BLOCK * EDGES_BLOCK;
	set_rule(e, config);
	r = allocate(e) && allocate_rule(e, &config->sim) ? 0 : -ENOMEM;
	if (r == 0)
		r = updates_new(config, e->n, e->n_padded, &e->updates);
	if (r < 0) {
		edges_free(e);
		return r;
	}
	fill_in(e, config);
	edges_home(e);
	edges_begin(e);
	*ret = e;
	return 0;
}

void edges_free(struct edges *e)
{
	if (!e)
		return;
	updates_free(e->updates);
	free(e->ends);
	free(e->tap_g);
	free(e->free_scale);
	free(e->clamped_scale);
	free(e->free_g);
	free(e->clamped_g);
	free(e->edge_bias_V);
	free(e->sigma_V);
	free(e->sum_V);
	free(e->wiper);
	free(e->mode);
	free(e->floating);
	free(e->learns);
	free(e->able);
	free(e->moves);
	free(e->up);
	free(e->updated);
	free(e->raised);
	free(e->r_ohm);
	free(e->step_ohm);
	free(e->open);
	free(e->lost);
	free(e->sits_out);
	free(e->echo);
	free(e->defect);
	free(e);
}

void edges_begin(struct edges *e)
{
	edges_set_drift(e, 0);
	edges_set_faults(e, NULL, 0);
	updates_begin(e->updates);
}

/* ---- conductances ---- */

double edges_nominal_r(const struct edges *e, size_t edge)
{
	return e->continuous ? e->r_ohm[edge] : e->r_min_ohm + e->wiper[edge] * e->r_step_ohm;
}

EDGES_INLINE void conductance_of_taps(const struct edges *e, const double *restrict scale,
				      double *restrict g)
{
	size_t n = edges_blocks(e);
	const double *restrict tap_g = e->tap_g;
	const uint8_t *restrict wiper = e->wiper;

	for (size_t j = 0; j < n; j++)
		g[j] = tap_g[wiper[j]] * scale[j];
}

static void conductance_of(const struct edges *e, const double *scale, double *g)
{
	if (!e->continuous) {
		conductance_of_taps(e, scale, g);
		return;
	}
	for (size_t j = 0; j < e->n; j++)
		g[j] = scale[j] / e->r_ohm[j];
}

void edges_set_conductance(struct edges *e)
{
	conductance_of(e, e->free_scale, e->free_g);
	if (e->apart)
		conductance_of(e, e->clamped_scale ? e->clamped_scale : e->free_scale,
			       e->clamped_g);
	if (e->n_defects)
		edges_spoil(e);
}

/* ---- settings ---- */

void edges_set_able(struct edges *e)
{
	for (size_t j = 0; j < e->n; j++) {
		e->open[j] = e->mode[j] == RIG_CUT || e->lost[j];
		e->learns[j] = e->mode[j] == RIG_LEARN && !e->floating[j];
		e->able[j] = e->learns[j] && !e->sits_out[j];
	}
}

void edges_set_update(struct edges *e, double p, double bias_V)
{
	updates_set(e->updates, p, bias_V);
}

void edges_write(struct edges *e, const uint8_t *wiper)
{
	memcpy(e->wiper, wiper, e->n);
	edges_set_conductance(e);
}

void edges_home(struct edges *e)
{
	for (size_t j = 0; j < e->n; j++)
		if (e->continuous)
			e->r_ohm[j] = e->r_initial_ohm;
		else
			e->wiper[j] = (uint8_t)e->initial_tap;
	edges_set_conductance(e);
}

void edges_set_mode(struct edges *e, size_t edge, uint8_t mode)
{
	e->mode[edge] = mode;
	edges_set_able(e);
}

static bool is_among(const uint32_t *ascending, size_t n, uint32_t node)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ascending[middle] == node)
			return true;
		if (ascending[middle] < node)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

void edges_set_floating(struct edges *e, const uint32_t *nodes, size_t n)
{
	for (size_t j = 0; j < e->n; j++)
		e->floating[j] = is_among(nodes, n, e->a[j]) || is_among(nodes, n, e->b[j]);
	edges_set_able(e);
}

const double *edges_free_g(const struct edges *e)
{
	return e->free_g;
}

const double *edges_clamped_g(const struct edges *e)
{
	return e->apart ? e->clamped_g : e->free_g;
}

const uint8_t *edges_wiper(const struct edges *e)
{
	return e->wiper;
}

void edges_r(const struct edges *e, double *ret_ohm)
{
	for (size_t j = 0; j < e->n; j++)
		ret_ohm[j] = edges_nominal_r(e, j);
}

const uint8_t *edges_mode(const struct edges *e)
{
	return e->mode;
}

const uint8_t *edges_cut(const struct edges *e)
{
	return e->open;
}

const uint8_t *edges_updated(const struct edges *e)
{
	return e->updated;
}

const uint8_t *edges_raised(const struct edges *e)
{
	return e->raised;
}

void edges_updates(struct edges *e, struct rig_updates *ret)
{
	updates_get(e->updates, ret);
}
