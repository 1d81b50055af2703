/* sim_backend/edges_tick.c - the comparators of a tick, one example or a batch, and what they make of the wipers. */
#include "config.h"

#include <endian.h>
#include <math.h>
#include <string.h>

#include "sim_backend/edges_impl.h"
#include "sim_backend/random.h"

/* ---- one comparison ---- */

/* The bias of every comparator on this tick, noise included. */
const double *edges_biases(struct edges *e, const struct edges_draw *draw)
{
	uint64_t tick = edges_draw_tick(draw);

	if (!e->bias_each && e->noise_V == 0 && e->drift_V == 0)
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
		e->sigma_V[j] = sigma + e->drift_V;
	}
	return e->sigma_V;
}

/* |dV_C| + sigma > |dV_F|, times |dV_C| + |dV_F|: nothing that was nearly equal is subtracted, however small eta.
 * The last term lets sigma decide where both drops are 0. */
EDGES_INLINE uint8_t up_eq10(double drop_V, double difference_V, double sigma_V)
{
	double clamped = drop_V + difference_V;
	double gain = difference_V * (clamped + drop_V);

	return gain + sigma_V * (fabs(clamped) + fabs(drop_V) + 1e-250) > 0;
}

/* in_sum: how much of dV_F is in comparator B's sum. */
EDGES_INLINE uint8_t up_xor(double drop_V, double difference_V, double sigma_V, double in_sum)
{
	uint8_t a = difference_V + sigma_V > 0;
	uint8_t b = drop_V + difference_V + in_sum * drop_V > 0;

	return a == b;
}

EDGES_INLINE uint8_t up_by(enum sim_comparator comparator, double drop_V, double difference_V,
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
EDGES_INLINE void compare_by(struct edges *e, enum sim_comparator comparator, const double *free_V,
			     const double *change_V, const double *restrict sigma_V)
{
	size_t n = edges_blocks(e);
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

/* ---- the wipers ---- */

/* One tap up or down for each edge that moves, not beyond the stops; up[] keeps those that moved up or tried. */
static void move(struct edges *e, const uint8_t *restrict moves)
{
	size_t n = edges_blocks(e);
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

/* Of the echo of a clock edge only the boards that saw it have anything new to say. */
static void keep_echo(const struct edges *e, const uint8_t *bytes, uint8_t *mask)
{
	for (size_t j = 0; j < e->n; j++)
		if (e->echo[j])
			mask[j / 8] = (uint8_t)((mask[j / 8] & ~(1u << j % 8)) | (unsigned)bytes[j]
											 << j % 8);
}

void edges_keep_masks(struct edges *e, const uint8_t *moves, const struct edges_draw *draw)
{
	if (draw->again) {
		keep_echo(e, moves, e->updated);
		keep_echo(e, e->up, e->raised);
		return;
	}
	pack(moves, e->n, e->updated);
	pack(e->up, e->n, e->raised);
	updates_count(e->updates, moves);
}

static const uint8_t *who_moves(struct edges *e, const struct edges_draw *draw)
{
	const uint8_t *moves = updates_draw(e->updates, e->learns, e->able, draw, e->moves);

	if (!draw->again)
		return moves;
	for (size_t j = 0; j < e->n_padded; j++)
		e->moves[j] = moves[j] & e->echo[j];
	return e->moves;
}

static void finish(struct edges *e, const uint8_t *moves, const struct edges_draw *draw)
{
	move(e, moves);
	edges_set_conductance(e);
	edges_keep_masks(e, moves, draw);
}

int edges_tick(struct edges *e, const double *free_V, const double *change_V,
	       const struct edges_draw *draw, struct rig_error *err)
{
	const uint8_t *moves;

	if (e->continuous) {
		edges_sum_clear(e);
		edges_sum(e, free_V, change_V);
		return edges_tick_sum(e, draw, err);
	}
	moves = who_moves(e, draw);
	compare(e, free_V, change_V, edges_biases(e, draw));
	finish(e, moves, draw);
	return 0;
}

/* ---- batches ---- */

void edges_sum_clear(struct edges *e)
{
	memset(e->sum_V, 0, e->n_padded * sizeof(double));
	e->n_summed = 0;
}

/* dV_C^2 - dV_F^2, or |dV_C| - |dV_F|, from the difference that the linear response gives: nothing that was nearly
 * equal is subtracted. */
void edges_sum(struct edges *e, const double *free_V, const double *change_V)
{
	for (size_t j = 0; j < e->n; j++) {
		double drop_V = free_V[e->a[j]] - free_V[e->b[j]];
		double difference_V = change_V[e->a[j]] - change_V[e->b[j]];
		double clamped_V = drop_V + difference_V,
		       gain = difference_V * (clamped_V + drop_V);
		double size_V = fabs(clamped_V) + fabs(drop_V);

		if (e->continuous)
			e->sum_V[j] += gain;
		else if (size_V > 0)
			e->sum_V[j] += gain / size_V;
	}
	e->n_summed++;
}

int edges_tick_sum(struct edges *e, const struct edges_draw *draw, struct rig_error *err)
{
	const uint8_t *moves = who_moves(e, draw);
	const double *sigma_V;

	if (e->continuous) {
		int r = edges_continuous_move(e, moves, err);

		if (r == 0)
			edges_keep_masks(e, moves, draw);
		return r;
	}
	sigma_V = edges_biases(e, draw);
	for (size_t j = 0; j < e->n; j++)
		e->up[j] = e->sum_V[j] + (double)e->n_summed * sigma_V[j] > 0;
	finish(e, moves, draw);
	return 0;
}

bool edges_echo(const struct edges *e)
{
	return e->echoes;
}
