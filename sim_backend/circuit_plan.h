/* sim_backend/circuit_plan.h - which nodes of a circuit are unknown, and the edges in terms of them.
 *
 * Used by the circuit*.c files alone.  Unknowns are numbered [interior | targets], by node within the interior.
 */
#ifndef SIM_BACKEND_CIRCUIT_PLAN_H
#define SIM_BACKEND_CIRCUIT_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "sim_backend/network.h"

/* An edge that joins two unknowns, and an edge that joins an unknown with a source. */
struct circuit_inner_edge {
	uint32_t edge, a, b;
};
struct circuit_source_edge {
	uint32_t edge, unknown, source;
};
/* The edges that matter; the last n_targets unknowns are the targets. */
struct circuit_system {
	size_t n_unknown, n_targets;
	const struct circuit_inner_edge *inner;
	size_t n_inner;
	const struct circuit_source_edge *outer;
	size_t n_outer;
};

/* Sources and targets as circuit_new() has them. */
struct circuit_ends {
	const uint32_t *source, *target;
	size_t n_sources, n_targets;
};

struct circuit_plan {
	struct circuit_system system; /* its arrays belong to the plan */
	uint32_t *node;               /* [n_unknown] */
	uint32_t *floating;           /* [n_floating] nodes with no path to a source */
	size_t n_floating;
};

/* 0; -EINVAL or -ENOTCONN with a sentence, -ENOMEM without; *ret is for circuit_plan_clear(), also after an error. */
int circuit_plan_make(const struct network *net, const uint8_t *cut,
		      const struct circuit_ends *ends, struct circuit_plan *ret,
		      struct network_error *err);
void circuit_plan_clear(struct circuit_plan *plan);

#endif
