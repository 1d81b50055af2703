/* tests/unit/dense_rc.h - PHYSICS equation 8 once more, by a dense generalised eigendecomposition: the reference.
 *
 * L U = M U diag(lambda), v(t) = v_eq + U exp(-lambda t) U' M (v(0) - v_eq).  Cholesky of M, then Jacobi.
 */
#ifndef TESTS_UNIT_DENSE_RC_H
#define TESTS_UNIT_DENSE_RC_H

#include <string.h>

#include "tests/unit/dense.h"

/* D' diag(weight) D on the n nodes that place[] numbers; [n][n] */
static inline void dense_laplacian(const struct network *net, const double *weight,
				   const int *place, size_t n, double *ret)
{
	memset(ret, 0, n * n * sizeof(*ret));
	for (size_t j = 0; j < net->n_edges; j++) {
		int a = place[net->a[j]], b = place[net->b[j]];

		if (a >= 0)
			ret[(size_t)a * n + (size_t)a] += weight[j];
		if (b >= 0)
			ret[(size_t)b * n + (size_t)b] += weight[j];
		if (a >= 0 && b >= 0) {
			ret[(size_t)a * n + (size_t)b] -= weight[j];
			ret[(size_t)b * n + (size_t)a] -= weight[j];
		}
	}
}

/* m = F F'; F into the lower triangle */
static inline void dense_cholesky(double *m, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j <= i; j++) {
			double sum = m[i * n + j];

			for (size_t k = 0; k < j; k++)
				sum -= m[i * n + k] * m[j * n + k];
			m[i * n + j] = i == j ? sqrt(sum) : sum / m[j * n + j];
		}
}

static inline void dense_rotate(double *a, double *u, size_t n, size_t p, size_t q)
{
	double theta = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q]);
	double t = (theta < 0 ? -1 : 1) / (fabs(theta) + sqrt(theta * theta + 1));
	double c = 1 / sqrt(t * t + 1), s = t * c;

	for (size_t k = 0; k < n; k++) {
		double x = a[k * n + p], y = a[k * n + q];

		a[k * n + p] = c * x - s * y;
		a[k * n + q] = s * x + c * y;
	}
	for (size_t k = 0; k < n; k++) {
		double x = a[p * n + k], y = a[q * n + k];

		a[p * n + k] = c * x - s * y;
		a[q * n + k] = s * x + c * y;
		x = u[k * n + p];
		y = u[k * n + q];
		u[k * n + p] = c * x - s * y;
		u[k * n + q] = s * x + c * y;
	}
}

/* a symmetric; its eigenvalues to its diagonal, its eigenvectors to the columns of u */
static inline void dense_jacobi(double *a, double *u, size_t n)
{
	for (size_t i = 0; i < n * n; i++)
		u[i] = i % (n + 1) == 0;
	for (int sweep = 0; sweep < 30; sweep++) {
		double off = 0, all = 0;

		for (size_t p = 0; p < n; p++)
			for (size_t q = 0; q < n; q++) {
				all += a[p * n + q] * a[p * n + q];
				off += p == q ? 0 : a[p * n + q] * a[p * n + q];
			}
		if (off <= 1e-30 * all)
			return;
		for (size_t p = 0; p < n; p++)
			for (size_t q = p + 1; q < n; q++)
				if (a[p * n + q] != 0)
					dense_rotate(a, u, n, p, q);
	}
}

/* a := F^-1 a F^-T */
static inline void dense_reduce(const double *f, double *a, size_t n)
{
	for (int side = 0; side < 2; side++)
		for (size_t col = 0; col < n; col++)
			for (size_t i = 0; i < n; i++) {
				double *x = side ? &a[col * n + i] : &a[i * n + col];

				for (size_t k = 0; k < i; k++)
					*x -= f[i * n + k] *
					      (side ? a[col * n + k] : a[k * n + col]);
				*x /= f[i * n + i];
			}
}

/* e [n] of the numbered nodes: F^-T Q exp(-lambda t) Q' F' e */
static inline void dense_evolve(const double *f, const double *lambda, const double *q, size_t n,
				double seconds, double *e)
{
	double *w = calloc(2 * n, sizeof(*w)), *z = w + n;

	for (size_t i = 0; i < n; i++)
		for (size_t k = i; k < n; k++)
			w[i] += f[k * n + i] * e[k];
	for (size_t m = 0; m < n; m++) {
		double dot = 0;

		for (size_t i = 0; i < n; i++)
			dot += q[i * n + m] * w[i];
		dot *= exp(-lambda[m * n + m] * seconds);
		for (size_t i = 0; i < n; i++)
			z[i] += q[i * n + m] * dot;
	}
	for (size_t i = n; i-- > 0;) {
		for (size_t k = i + 1; k < n; k++)
			z[i] -= f[k * n + i] * e[k];
		e[i] = z[i] / f[i * n + i];
	}
	free(w);
}

/* V [n_nodes] after so long; held: nonzero where V is given and stays.  farad, g: [n_edges], 0 where an edge is cut. */
static inline void dense_relax(const struct network *net, const double *g, const double *farad,
			       const char *held, double seconds, double *V)
{
	size_t n = 0, all = net->n_nodes;
	int *place = calloc(all, sizeof(*place));
	double *m = calloc(3 * all * all + 2 * all, sizeof(*m));
	double *l = m + all * all, *u = l + all * all, *rest = u + all * all, *e = rest + all;

	memcpy(rest, V, all * sizeof(*rest));
	dense_solve(net, g, held, rest);
	for (size_t i = 0; i < all; i++)
		place[i] = held[i] ? -1 : (int)n++;
	for (size_t i = 0; i < all; i++)
		if (!held[i])
			e[place[i]] = V[i] - rest[i];
	dense_laplacian(net, farad, place, n, m);
	dense_laplacian(net, g, place, n, l);
	dense_cholesky(m, n);
	dense_reduce(m, l, n);
	dense_jacobi(l, u, n);
	dense_evolve(m, l, u, n, seconds, e);
	for (size_t i = 0; i < all; i++)
		if (!held[i])
			V[i] = rest[i] + e[place[i]];
	free(place);
	free(m);
}

/* Those of V that are not held move as the held ones do, from their V to held_V. */
static inline void dense_jump(const struct network *net, const double *farad, const char *held,
			      const double *held_V, double *V)
{
	double *move = calloc(net->n_nodes, sizeof(*move));

	for (size_t i = 0; i < net->n_nodes; i++)
		move[i] = held[i] ? held_V[i] - V[i] : 0;
	dense_solve(net, farad, held, move);
	for (size_t i = 0; i < net->n_nodes; i++)
		V[i] += move[i];
	free(move);
}

#endif
