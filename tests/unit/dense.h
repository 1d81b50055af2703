/* tests/unit/dense.h - Kirchhoff's laws once more, by a dense Cholesky factorisation: the reference. */
#ifndef TESTS_UNIT_DENSE_H
#define TESTS_UNIT_DENSE_H

#include <math.h>
#include <stdlib.h>

#include "sim_backend/network.h"

/* held: [n_nodes] nonzero where ret_V is given; finds the others.  0, or -1: not positive definite. */
static inline int dense_solve(const struct network *net, const double *g, const char *held,
			      double *ret_V)
{
	size_t n = net->n_nodes;
	double *m = calloc(n * n, sizeof(*m)), *rhs = calloc(n, sizeof(*rhs));
	int r = 0;

	for (size_t i = 0; i < n; i++)
		if (held[i]) {
			m[i * n + i] = 1;
			rhs[i] = ret_V[i];
		}
	for (size_t j = 0; j < net->n_edges; j++) {
		size_t end[2] = {net->a[j], net->b[j]};

		for (int k = 0; k < 2; k++) {
			size_t here = end[k], there = end[1 - k];

			if (held[here])
				continue;
			m[here * n + here] += g[j];
			if (held[there])
				rhs[here] += g[j] * ret_V[there];
			else
				m[here * n + there] -= g[j];
		}
	}
	for (size_t i = 0; i < n; i++) /* rows of the lower triangle, one after the other */
		for (size_t j = 0; j <= i; j++) {
			double sum = m[i * n + j];

			for (size_t k = 0; k < j; k++)
				sum -= m[i * n + k] * m[j * n + k];
			if (i == j && !(sum > 0))
				r = -1;
			m[i * n + j] = i == j ? sqrt(sum) : sum / m[j * n + j];
		}
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < i; k++)
			rhs[i] -= m[i * n + k] * rhs[k];
		rhs[i] /= m[i * n + i];
	}
	for (size_t i = n; i-- > 0;) {
		for (size_t k = i + 1; k < n; k++)
			rhs[i] -= m[k * n + i] * rhs[k];
		rhs[i] /= m[i * n + i];
	}
	for (size_t i = 0; r == 0 && i < n; i++)
		ret_V[i] = held[i] ? ret_V[i] : rhs[i];
	free(m);
	free(rhs);
	return r;
}

#endif
