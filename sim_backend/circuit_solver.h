/* sim_backend/circuit_solver.h - what each way of solving a circuit fills in.  Used by the circuit*.c files alone.
 *
 * x: [n_unknown] voltages in the solver's own order: place[unknown] is where each stands; the targets are the
 * last n_targets, in their own order.
 */
#ifndef SIM_BACKEND_CIRCUIT_SOLVER_H
#define SIM_BACKEND_CIRCUIT_SOLVER_H

#include <stddef.h>

struct circuit_solver_ops {
	/* g: [n_edges].  -EDOM: not positive definite; -ENOMEM. */
	int (*factor)(void *self, const double *g);
	/* x: the free network.  -EDOM: did not converge, see error(). */
	int (*solve)(void *self, const double *source_V, double *x);
	/* x: the targets' end is given: by how much they are pushed; the others are found: by how much they follow. */
	int (*follow)(void *self, double *x);
	const char *(*error)(const void *self); /* why the last call failed; optional */
	void (*free)(void *self);
};

/* Four partial sums, always the same ones: a single one would wait for each addition. */
static inline double circuit_dot(const double *restrict a, const double *restrict b, size_t n)
{
	double sum[4] = {0};
	size_t i = 0;

	for (; i + 4 <= n; i += 4)
		for (size_t k = 0; k < 4; k++)
			sum[k] += a[i + k] * b[i + k];
	for (; i < n; i++)
		sum[0] += a[i] * b[i];
	return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

#endif
