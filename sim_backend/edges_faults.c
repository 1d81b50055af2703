/* sim_backend/edges_faults.c - what a fault does to a board: a stuck wiper, a deaf board, a missed or a double tick.
 *
 * When a fault ends, the edge is again as its board counts it.
 */
#include "config.h"

#include <string.h>

#include "sim_backend/edges_impl.h"

static const struct edges_defect *find(const struct edges_defect *list, size_t n, size_t edge)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].edge == edge)
			return &list[i];
	return NULL;
}

static struct edges_defect *defect_of(struct edges *e, size_t edge)
{
	const struct edges_defect *found = find(e->defect, e->n_defects, edge);

	if (found)
		return e->defect + (found - e->defect);
	e->defect[e->n_defects] = (struct edges_defect){.edge = edge, .twin_factor = 1};
	return &e->defect[e->n_defects++];
}

/* A wiper that stuck before stays where it stuck. */
static void stick(struct edges *e, size_t edge, const struct edges_defect *before, size_t n_before)
{
	const struct edges_defect *old = find(before, n_before, edge);
	struct edges_defect *defect = defect_of(e, edge);

	defect->stuck_r_ohm = old && old->stuck ? old->stuck_r_ohm : edges_nominal_r(e, edge);
	defect->stuck = true;
}

static void mark(uint8_t *which, size_t n, long edge)
{
	if (edge < 0)
		memset(which, 1, n);
	else
		which[edge] = 1;
}

static void play(struct edges *e, const struct sim_fault *fault, const struct edges_defect *before,
		 size_t n_before)
{
	switch (fault->kind) {
	case SIM_EDGE_STUCK:
		stick(e, (size_t)fault->edge, before, n_before);
		break;
	case SIM_EDGE_DEAF:
	case SIM_TICK_MISSED:
		mark(e->sits_out, e->n, fault->edge);
		break;
	case SIM_TICK_DOUBLE:
		mark(e->echo, e->n, fault->edge);
		e->echoes = true;
		break;
	case SIM_EDGE_CUT:
		e->lost[fault->edge] = 1;
		break;
	case SIM_TWIN_RESISTOR:
		defect_of(e, (size_t)fault->edge)->twin_factor *= fault->value;
		e->apart = true;
		break;
	case SIM_COUNTERS_APART:
		defect_of(e, (size_t)fault->edge)->taps_apart += (int)fault->value;
		e->apart = true;
		break;
	case SIM_BIAS_DRIFT: /* edges_set_drift() */
	case SIM_DAQ_SETTLING:
	case SIM_TWIN_SOURCE:
	case SIM_WIRE_OFF:
	case SIM_SOURCE_SAG: /* not of the boards */
		break;
	}
}

/* The first half of defect[] is of now, the second keeps what was before. */
void edges_set_faults(struct edges *e, const struct sim_fault *const *on, size_t n)
{
	size_t n_before = e->n_defects;
	struct edges_defect *before = e->defect + e->n_most_defects;

	if (n_before)
		memcpy(before, e->defect, n_before * sizeof(*before));
	memset(e->sits_out, 0, e->n);
	memset(e->echo, 0, e->n);
	memset(e->lost, 0, e->n);
	e->n_defects = 0;
	e->echoes = false;
	e->apart = e->clamped_scale != NULL;
	for (size_t i = 0; i < n; i++)
		play(e, on[i], before, n_before);
	edges_set_able(e);
	edges_set_conductance(e);
}

void edges_set_drift(struct edges *e, double volts)
{
	e->drift_V = volts;
}

static double at_most(double x, double least, double most)
{
	return x < least ? least : x > most ? most : x;
}

void edges_spoil(struct edges *e)
{
	const double *twin_scale = e->clamped_scale ? e->clamped_scale : e->free_scale;

	for (size_t i = 0; i < e->n_defects; i++) {
		const struct edges_defect *defect = &e->defect[i];
		size_t j = defect->edge;
		double r_ohm = defect->stuck ? defect->stuck_r_ohm : edges_nominal_r(e, j);
		double twin_ohm = at_most(r_ohm + defect->taps_apart * e->r_step_ohm, e->r_min_ohm,
					  e->r_min_ohm + (e->taps - 1) * e->r_step_ohm);

		e->free_g[j] = e->free_scale[j] / r_ohm;
		if (e->apart)
			e->clamped_g[j] = twin_scale[j] / (defect->twin_factor *
							   (defect->taps_apart ? twin_ohm : r_ohm));
	}
}
