/* sim_backend/overdamped_field.h - the overdamped rule as a vector field: its rates and their Jacobian.
 *
 * PHYSICS equation 7 [Stern 2021, eq. 3], with gamma = 1 / s:
 *   dv/dt = -L v on nodes that are not held, dg/dt = alpha / eta (dV_F^2 - dV_C^2), at least -fall g.
 * In place of V_C stands the scaled response u = (V_C - V_F) / eta, so that a small eta costs no digits:
 *   du/dt = -L u,  u = 0 at sources,  u = V_D - v_F at clamped targets,  dg/dt = -alpha (2 dV dU + eta dU^2).
 * The state is [v of the n_free nodes that are no sources | u of the same | g of the n_edges edges]; of those nodes
 * the targets are last.  The u of a clamped target follows from its v: its place in the state does not move.
 */
#ifndef SIM_BACKEND_OVERDAMPED_FIELD_H
#define SIM_BACKEND_OVERDAMPED_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim_backend/network.h"

/* What drives the flow. */
struct overdamped_drive {
	double alpha_per_s, eta;
	double fall_per_s; /* what a conductance may lose: the published clip is 1; it keeps g above 0 */
	bool clamped;
	const double *source_V; /* [n_sources] */
	const double *target_V; /* [n_targets] V_D; not read unless clamped */
	const uint8_t *learns;  /* [n_edges] 1: g moves */
};

struct overdamped_field {
	size_t n_nodes, n_edges, n_sources, n_targets, n_free, n_state;
	uint32_t *place; /* [n_nodes] its number: interior, targets, sources */
	uint32_t *a, *b; /* [n_edges] numbers of the ends */
	double *V, *U;   /* [n_nodes] by number, of the last call */
	double *dV, *dU; /* [n_nodes] their rates */
	/* the Jacobian's pattern, by columns; row numbers ascend in each */
	int64_t *column; /* [n_state + 1] */
	int64_t *row;    /* [n_entries] */
	size_t n_entries;
	uint32_t *
		slot; /* [n_edges][OVERDAMPED_SLOTS] where in row[] an edge's parts go; n_entries: nowhere */
};

#define OVERDAMPED_SLOTS 19

/* 0, -ENOMEM.  Sources and targets are distinct nodes.  All edges count: one that is cut has g = 0. */
int overdamped_field_make(const struct network *net, const uint32_t *sources, size_t n_sources,
			  const uint32_t *targets, size_t n_targets, struct overdamped_field *ret);
void overdamped_field_clear(struct overdamped_field *f);

/* y: [n_state] -> ret_rate: [n_state] per second. */
void overdamped_field_rate(struct overdamped_field *f, const struct overdamped_drive *drive,
			   const double *y, double *ret_rate);
/* ret: [n_entries + 1] values of the pattern; the last is scratch. */
void overdamped_field_jacobian(struct overdamped_field *f, const struct overdamped_drive *drive,
			       const double *y, double *ret);

#endif
