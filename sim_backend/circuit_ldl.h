/* sim_backend/circuit_ldl.h - L D L' of a circuit's conductance matrix by a list of operations ("tape") that is
 * made once per topology and replayed.  Used by circuit.c alone. */
#ifndef SIM_BACKEND_CIRCUIT_LDL_H
#define SIM_BACKEND_CIRCUIT_LDL_H

#include <stddef.h>
#include <stdint.h>

#include "sim_backend/circuit_order.h"
#include "sim_backend/circuit_plan.h"
#include "sim_backend/circuit_solver.h"

struct circuit_ldl;

/* How a matrix of this pattern is laid out and factored, for other values on the same tape (circuit_rc.c); all of it
 * belongs to the circuit_ldl.  Entries of a column lie one after the other, the diagonal first. */
struct circuit_ldl_inner {
	uint32_t edge, diagonal_a, diagonal_b, entry; /* entries */
};
struct circuit_ldl_outer {
	uint32_t edge, diagonal, place, source;
};
struct circuit_ldl_layout {
	size_t n, n_interior, n_entries, n_inner, n_outer;
	size_t first_dense;    /* from this column on every column is full, and the tape ends */
	const uint32_t *start; /* [n + 1] where column k begins */
	const uint32_t *row;   /* [n_entries] */
	const uint32_t *tape;  /* entries, in the order of elimination */
	const struct circuit_ldl_inner *inner;
	const struct circuit_ldl_outer *outer;
};

/* order: of these unknowns; x[k] below belongs to the unknown with order->place[unknown] == k. */
int circuit_ldl_new(const struct circuit_system *system, const struct circuit_order *order,
		    struct circuit_ldl **ret); /* 0, -ENOMEM */
void circuit_ldl_free(struct circuit_ldl *ldl);
int circuit_ldl_factor(struct circuit_ldl *ldl, const double *g); /* -EDOM: not positive definite */
/* x: [n_unknown] the voltages of the free network. */
void circuit_ldl_solve(struct circuit_ldl *ldl, const double *source_V, double *x);
/* x: [n_unknown], of which the last n_targets are given: by how much the targets are pushed; the others are
 * found: by how much the interior follows. */
void circuit_ldl_follow(const struct circuit_ldl *ldl, double *x);
void circuit_ldl_layout(const struct circuit_ldl *ldl, struct circuit_ldl_layout *ret);

/* Multiplications of a factorisation by this order, and the memory that the tape and its values will take. */
double circuit_ldl_multiplications(const struct circuit_order *order);
double circuit_ldl_memory_B(const struct circuit_system *system, const struct circuit_order *order);

extern const struct circuit_solver_ops circuit_ldl_ops; /* of struct circuit_ldl */

#endif
