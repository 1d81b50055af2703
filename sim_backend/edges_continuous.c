/* sim_backend/edges_continuous.c - the continuous rule: dR = gamma / R^2 sum (dV_C^2 - dV_F^2) [Wycoff 2022, eq. 3].
 *
 * The stops are physical: R goes there and no further.  Before them each move is looked at as the rule wants it: one
 * larger than R itself, or no number, is no learning but an instability, and is refused before anything has moved.
 * What pushes an edge against the stop that it rests on moves nothing, however hard.
 */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "drivers/rig_impl.h"
#include "sim_backend/edges_impl.h"

static int refuse(const struct edges *e, size_t edge, double move_ohm, struct rig_error *err)
{
	double share = fabs(move_ohm) / e->r_ohm[edge];
	char cure[64] = "try a far lower one";

	if (isfinite(share)) /* two digits that do not round to above */
		snprintf(cure, sizeof(cure), "try below %.2g", 0.95 * e->learning_rate / share);
	rig_fail(err, -EDOM,
		 "edge %zu: the continuous rule would move R = %g ohm by %g ohm in one step: "
		 "learning_rate %g is unstable here; %s",
		 edge, e->r_ohm[edge], move_ohm, e->learning_rate, cure);
	err->edge = (long)edge;
	err->value = move_ohm;
	err->max = e->r_ohm[edge];
	err->min = -e->r_ohm[edge];
	return -EDOM;
}

static double wanted(const struct edges *e, size_t edge)
{
	double r_ohm = e->r_ohm[edge];
	double step_ohm = e->learning_rate / (r_ohm * r_ohm) * e->sum_V[edge];

	if ((step_ohm < 0 && r_ohm <= e->r_least_ohm) || (step_ohm > 0 && r_ohm >= e->r_most_ohm))
		return 0;
	return step_ohm;
}

/* step_ohm[] of the edges that move, 0 of the others; the edge that moves by the largest share of its R, or n. */
static size_t find_steps(struct edges *e, const uint8_t *moves)
{
	size_t worst = e->n;
	double most = 1;

	for (size_t j = 0; j < e->n; j++) {
		double r_ohm = e->r_ohm[j];
		double step_ohm = moves[j] ? wanted(e, j) : 0;
		double share = fabs(step_ohm) / r_ohm;

		e->step_ohm[j] = step_ohm;
		if (share <= most || isnan(most))
			continue;
		most = share;
		worst = j;
	}
	return worst;
}

int edges_continuous_move(struct edges *e, const uint8_t *moves, struct rig_error *err)
{
	size_t worst = find_steps(e, moves);

	if (worst < e->n)
		return refuse(e, worst, e->step_ohm[worst], err);
	for (size_t j = 0; j < e->n; j++) {
		e->up[j] = moves[j] && e->sum_V[j] > 0;
		e->r_ohm[j] =
			fmin(fmax(e->r_ohm[j] + e->step_ohm[j], e->r_least_ohm), e->r_most_ohm);
	}
	edges_set_conductance(e);
	return 0;
}

int edges_write_r(struct edges *e, const double *r_ohm, struct rig_error *err)
{
	for (size_t j = 0; j < e->n; j++) {
		if (r_ohm[j] >= e->r_least_ohm && r_ohm[j] <= e->r_most_ohm)
			continue;
		rig_fail(err, -ERANGE, "edge %zu: %g ohm is not %g to %g ohm (sim.r_bounds_ohm)", j,
			 r_ohm[j], e->r_least_ohm, e->r_most_ohm);
		err->edge = (long)j;
		err->value = r_ohm[j];
		err->min = e->r_least_ohm;
		err->max = e->r_most_ohm;
		return -ERANGE;
	}
	for (size_t j = 0; j < e->n; j++)
		e->r_ohm[j] = r_ohm[j];
	edges_set_conductance(e);
	return 0;
}

const uint8_t *edges_flow_draw(struct edges *e, const struct edges_draw *draw)
{
	return updates_draw(e->updates, e->learns, e->able, draw, e->moves);
}

void edges_flow_keep(struct edges *e, const double *g, const uint8_t *learns,
		     const struct edges_draw *draw)
{
	for (size_t j = 0; j < e->n; j++) {
		e->up[j] = learns[j] && g[j] < e->free_g[j];
		if (!learns[j])
			continue;
		e->r_ohm[j] = e->free_scale[j] / g[j];
		e->free_g[j] = g[j]; /* to the last bit, so that the flow can go on */
	}
	edges_keep_masks(e, learns, draw);
}

bool edges_continuous(const struct edges *e)
{
	return e->continuous;
}
