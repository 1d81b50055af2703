/* sim_backend/circuit_order.h - in which order to eliminate unknowns, and where L gets entries by that. */
#ifndef SIM_BACKEND_CIRCUIT_ORDER_H
#define SIM_BACKEND_CIRCUIT_ORDER_H

#include <stddef.h>
#include <stdint.h>

struct circuit_order {
	size_t n;
	uint32_t *place; /* [n] unknown -> its place in the order of elimination */
	size_t *column;  /* [n + 1] where each column of L begins in row[] */
	uint32_t *row;   /* [column[n]] places below the diagonal, ascending in each column */
};

/* Minimum degree over unknowns 0 .. n - 1, of which the last n_last are eliminated last, in their own order.
 * ends: [n_pairs] pairs of unknowns that an edge joins, in any order, repeated or not.  Deterministic.
 * 0 or -ENOMEM; *ret is for circuit_order_clear(), also after an error. */
int circuit_order_make(size_t n, size_t n_last, const uint32_t (*ends)[2], size_t n_pairs,
		       struct circuit_order *ret);
void circuit_order_clear(struct circuit_order *order);

#endif
