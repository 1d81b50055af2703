/* sim_backend/circuit_choose.h - which way of solving a circuit gets, by predicted cost and memory.
 *
 * Used by circuit.c alone.
 */
#ifndef SIM_BACKEND_CIRCUIT_CHOOSE_H
#define SIM_BACKEND_CIRCUIT_CHOOSE_H

#include "sim_backend/circuit.h"
#include "sim_backend/circuit_plan.h"
#include "sim_backend/circuit_solver.h"

struct circuit_choice {
	const struct circuit_solver_ops *ops;
	void *solver;    /* ready; for ops->free() */
	uint32_t *place; /* [n_unknown] unknown -> where it stands in the solver's x; for free() */
	char text[256];  /* which, and why */
};

/* 0; -ENOMEM with a sentence that names the memory it would take, the memory there is, and another way;
 * -E2BIG with a sentence.  *ret is untouched on failure. */
int circuit_choose(const struct circuit_plan *plan, size_t n_edges,
		   const struct circuit_options *options, struct circuit_choice *ret,
		   struct network_error *err);

#endif
