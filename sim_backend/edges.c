/* sim_backend/edges.c - wipers, comparators, and who updates on a tick. */
#include "config.h"

#include <endian.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/rig.h"
#include "sim_backend/edges.h"
#include "sim_backend/random.h"

/* Arrays of edges are padded with edges that join node 0 to itself and never move, so that loops over blocks have a
 * fixed length and vectorise without remainders. */
#define BLOCK 16

#define INLINE static inline __attribute__((always_inline))

struct edges {
	size_t n, n_padded;
	int taps, initial_tap;
	enum sim_comparator comparator;
	bool bias_each; /* a new bias at each comparison */
	double bias_least_V, bias_span_V, noise_V, p;
	const uint32_t *a, *b; /* [n] ends, of ends[] */
	uint32_t *ends;        /* [2 n] */
	double *tap_g;         /* [taps] 1 / R of the nominal edge */
	double *free_scale;    /* [n] of this edge's g, from tolerance */
	double *clamped_scale; /* [n] the same for the other twin, or NULL: they match */
	double *free_g, *clamped_g;
	double *edge_bias_V; /* [n] fixed in each edge */
	double *sigma_V;     /* [n] of this tick */
	uint8_t *wiper, *mode, *cut;
	uint8_t *floating;         /* [n] an end floats */
	uint8_t *able;             /* [n] 1: learns and does not float */
	uint8_t *moves, *up;       /* [n] of the last tick; in the padding always 0, like able */
	uint8_t *updated, *raised; /* bit masks */
};

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
		e->able[j] = 1;
	}
	e->a = e->ends;
	e->b = e->ends + e->n_padded;
}

static bool allocate(struct edges *e, bool twins_match)
{
	size_t n = e->n_padded;

	e->ends = calloc(2 * n, sizeof(*e->ends));
	e->tap_g = calloc((size_t)e->taps, sizeof(*e->tap_g));
	e->free_scale = calloc(n, sizeof(double));
	e->free_g = calloc(n, sizeof(double));
	if (!twins_match) {
		e->clamped_scale = calloc(n, sizeof(double));
		e->clamped_g = calloc(n, sizeof(double));
	}
	e->edge_bias_V = calloc(n, sizeof(double));
	e->sigma_V = calloc(n, sizeof(double));
	e->wiper = calloc(n, 1);
	e->mode = calloc(n, 1);
	e->cut = calloc(n, 1);
	e->floating = calloc(n, 1);
	e->able = calloc(n, 1);
	e->moves = calloc(n, 1);
	e->up = calloc(n, 1);
	e->updated = calloc(n / 8, 1);
	e->raised = calloc(n / 8, 1);
	return e->ends && e->tap_g && e->free_scale && e->free_g &&
	       (twins_match || (e->clamped_scale && e->clamped_g)) && e->edge_bias_V &&
	       e->sigma_V && e->wiper && e->mode && e->cut && e->floating && e->able && e->moves &&
	       e->up && e->updated && e->raised;
}

int edges_new(const struct rig_config *config, struct edges **ret)
{
	const struct sim_config *sim = &config->sim;
	struct edges *e = calloc(1, sizeof(*e));

	if (!e)
		return -ENOMEM;
	e->n = config->network->n_edges;
	e->n_padded = (e->n + BLOCK - 1) / BLOCK * BLOCK;
	e->taps = config->edge.taps;
	e->initial_tap = config->edge.initial_tap;
	e->comparator = sim->comparator;
	e->bias_least_V = sim->bias_V[0];
	e->bias_span_V = sim->bias_V[1] - sim->bias_V[0];
	e->bias_each = sim->drawn == SIM_DRAWN_EACH && e->bias_span_V > 0;
	e->noise_V = sim->comparator_noise_V;
	e->p = 1;
	if (!allocate(e, sim->twin_mismatch == 0)) {
		edges_free(e);
		return -ENOMEM;
	}
	fill_in(e, config);
	edges_home(e);
	*ret = e;
	return 0;
}

void edges_free(struct edges *e)
{
	if (!e)
		return;
	free(e->ends);
	free(e->tap_g);
	free(e->free_scale);
	free(e->clamped_scale);
	free(e->free_g);
	free(e->clamped_g);
	free(e->edge_bias_V);
	free(e->sigma_V);
	free(e->wiper);
	free(e->mode);
	free(e->cut);
	free(e->floating);
	free(e->able);
	free(e->moves);
	free(e->up);
	free(e->updated);
	free(e->raised);
	free(e);
}

/* ---- a tick ---- */

/* The bias of every comparator on this tick, noise included. */
static const double *biases(struct edges *e, const struct edges_draw *draw)
{
	uint64_t tick = (uint64_t)draw->tick << 32;

	if (!e->bias_each && e->noise_V == 0)
		return e->edge_bias_V;
	for (size_t j = 0; j < e->n; j++) {
		double sigma = e->edge_bias_V[j];

		if (e->bias_each)
			sigma = e->bias_least_V +
				e->bias_span_V * random_uniform(draw->seed, RANDOM_BIAS, draw->step,
								tick | j);
		if (e->noise_V > 0)
			sigma += e->noise_V *
				 random_normal(draw->seed, RANDOM_COMPARATOR, draw->step, tick | j);
		e->sigma_V[j] = sigma;
	}
	return e->sigma_V;
}

/* The padded number of edges, visibly a multiple of BLOCK; and a copy: a store to a byte could change e->n_padded, for
 * all the compiler knows. */
INLINE size_t whole_blocks(const struct edges *e)
{
	return e->n_padded / BLOCK * BLOCK;
}

/* |dV_C| + sigma > |dV_F|, times |dV_C| + |dV_F|: nothing that was nearly equal is subtracted, however small eta.
 * The last term lets sigma decide where both drops are 0. */
INLINE uint8_t up_eq10(double drop_V, double difference_V, double sigma_V)
{
	double clamped = drop_V + difference_V;
	double gain = difference_V * (clamped + drop_V);

	return gain + sigma_V * (fabs(clamped) + fabs(drop_V) + 1e-250) > 0;
}

/* in_sum: how much of dV_F is in comparator B's sum. */
INLINE uint8_t up_xor(double drop_V, double difference_V, double sigma_V, double in_sum)
{
	uint8_t a = difference_V + sigma_V > 0;
	uint8_t b = drop_V + difference_V + in_sum * drop_V > 0;

	return a == b;
}

INLINE uint8_t up_by(enum sim_comparator comparator, double drop_V, double difference_V,
		     double sigma_V)
{
	switch (comparator) {
	case SIM_EQ10:
		return up_eq10(drop_V, difference_V, sigma_V);
	case SIM_XOR:
		return up_xor(drop_V, difference_V, sigma_V, 1);
	case SIM_XOR_CLAMPED:
		return up_xor(drop_V, difference_V, sigma_V, 0);
	}
	return 0;
}

/* What each comparator says to the drops dV_F and dV_C - dV_F of its edge. */
INLINE void compare_by(struct edges *e, enum sim_comparator comparator, const double *free_V,
		       const double *change_V, const double *restrict sigma_V)
{
	size_t n = whole_blocks(e);
	const uint32_t *restrict a = e->a, *restrict b = e->b;
	uint8_t *restrict up = e->up;

	for (size_t j = 0; j < n; j++)
		up[j] = up_by(comparator, free_V[a[j]] - free_V[b[j]],
			      change_V[a[j]] - change_V[b[j]], sigma_V[j]);
}

static void compare(struct edges *e, const double *free_V, const double *change_V,
		    const double *sigma_V)
{
	switch (e->comparator) {
	case SIM_EQ10:
		compare_by(e, SIM_EQ10, free_V, change_V, sigma_V);
		break;
	case SIM_XOR:
		compare_by(e, SIM_XOR, free_V, change_V, sigma_V);
		break;
	case SIM_XOR_CLAMPED:
		compare_by(e, SIM_XOR_CLAMPED, free_V, change_V, sigma_V);
		break;
	}
}

/* [n_padded] 1: this edge moves. */
static const uint8_t *draw_updates(struct edges *e, const struct edges_draw *draw)
{
	uint64_t tick = (uint64_t)draw->tick << 32;

	if (e->p >= 1)
		return e->able;
	for (size_t j = 0; j < e->n; j++)
		e->moves[j] = e->able[j] & (random_uniform(draw->seed, RANDOM_UPDATE, draw->step,
							   tick | j) < e->p);
	return e->moves;
}

static void set_conductance(struct edges *e)
{
	size_t n = whole_blocks(e);
	const double *restrict tap_g = e->tap_g, *restrict scale = e->free_scale;
	const uint8_t *restrict wiper = e->wiper;
	double *restrict g = e->free_g;

	for (size_t j = 0; j < n; j++)
		g[j] = tap_g[wiper[j]] * scale[j];
	for (size_t j = 0; e->clamped_g && j < n; j++)
		e->clamped_g[j] = tap_g[wiper[j]] * e->clamped_scale[j];
}

/* One tap up or down for each edge that moves, not beyond the stops; up[] keeps those that moved up or tried. */
static void move(struct edges *e, const uint8_t *restrict moves)
{
	size_t n = whole_blocks(e);
	uint8_t *restrict up = e->up, *restrict wiper = e->wiper;
	uint8_t last = (uint8_t)(e->taps - 1);

	for (size_t j = 0; j < n; j++) {
		uint8_t raise = up[j] & moves[j], lower = raise ^ moves[j];

		wiper[j] = (uint8_t)(wiper[j] + (raise & (wiper[j] < last)) -
				     (lower & (wiper[j] > 0)));
		up[j] = raise;
	}
}

/* Eight bytes of 0 or 1 to the bits of one. */
static void pack(const uint8_t *bytes, size_t n, uint8_t *mask)
{
	for (size_t i = 0; i < (n + 7) / 8; i++) {
		uint64_t eight;

		memcpy(&eight, bytes + 8 * i, sizeof(eight));
		mask[i] = (uint8_t)(le64toh(eight) * 0x0102040810204080u >> 56);
	}
}

void edges_tick(struct edges *e, const double *free_V, const double *change_V,
		const struct edges_draw *draw)
{
	const uint8_t *moves = draw_updates(e, draw);

	compare(e, free_V, change_V, biases(e, draw));
	move(e, moves);
	set_conductance(e);
	pack(moves, e->n, e->updated);
	pack(e->up, e->n, e->raised);
}

/* ---- settings ---- */

static void set_able(struct edges *e)
{
	for (size_t j = 0; j < e->n; j++)
		e->able[j] = e->mode[j] == RIG_LEARN && !e->floating[j];
}

void edges_set_p(struct edges *e, double p)
{
	e->p = p;
}

void edges_write(struct edges *e, const uint8_t *wiper)
{
	memcpy(e->wiper, wiper, e->n);
	set_conductance(e);
}

void edges_home(struct edges *e)
{
	memset(e->wiper, e->initial_tap, e->n);
	set_conductance(e);
}

void edges_set_mode(struct edges *e, size_t edge, uint8_t mode)
{
	e->mode[edge] = mode;
	e->cut[edge] = mode == RIG_CUT;
	set_able(e);
}

void edges_set_floating(struct edges *e, const uint32_t *nodes, size_t n)
{
	for (size_t j = 0; j < e->n; j++) {
		e->floating[j] = 0;
		for (size_t i = 0; i < n; i++)
			e->floating[j] |= e->a[j] == nodes[i] || e->b[j] == nodes[i];
	}
	set_able(e);
}

const double *edges_free_g(const struct edges *e)
{
	return e->free_g;
}

const double *edges_clamped_g(const struct edges *e)
{
	return e->clamped_g ? e->clamped_g : e->free_g;
}

const uint8_t *edges_wiper(const struct edges *e)
{
	return e->wiper;
}

const uint8_t *edges_mode(const struct edges *e)
{
	return e->mode;
}

const uint8_t *edges_cut(const struct edges *e)
{
	return e->cut;
}

const uint8_t *edges_updated(const struct edges *e)
{
	return e->updated;
}

const uint8_t *edges_raised(const struct edges *e)
{
	return e->raised;
}
