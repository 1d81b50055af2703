/* tests/bench/bench_cholmod.c - the yardstick of P3: one step's linear algebra by CHOLMOD, called by hand. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <suitesparse/cholmod.h>

#include "tests/bench/bench.h"
#include "tests/bench/bench_cholmod.h"

struct bench_cholmod {
	cholmod_common common;
	const struct network *net;
	int *unknown; /* [n_nodes] or -1 - source */
	int n;
	size_t *diagonal, *entry; /* [n], [n_edges] where in the matrix's values */
	cholmod_sparse *matrix;
	cholmod_factor *factor;
	cholmod_dense *rhs, *x, *y, *e;
};

static void *zeros(size_t n, size_t size)
{
	void *p = calloc(n + 1, size);

	if (!p)
		bench_die("out of memory");
	return p;
}

static size_t find(const cholmod_sparse *matrix, int row, int column)
{
	const int *start = matrix->p, *rows = matrix->i;
	size_t i = (size_t)start[column];

	while (rows[i] != row)
		i++;
	return i;
}

/* As a triplet matrix first, which is how one begins. */
static void make_matrix(struct bench_cholmod *c)
{
	size_t n = (size_t)c->n, m = c->net->n_edges, k = 0;
	cholmod_triplet *t = cholmod_allocate_triplet(n, n, n + m, -1, CHOLMOD_REAL, &c->common);
	int *row = t->i, *column = t->j;
	double *values = t->x;

	for (int u = 0; u < c->n; u++, k++) {
		row[k] = column[k] = u;
		values[k] = 1;
	}
	for (size_t j = 0; j < m; j++) {
		int a = c->unknown[c->net->a[j]], b = c->unknown[c->net->b[j]];

		if (a < 0 || b < 0)
			continue;
		row[k] = a > b ? a : b;
		column[k] = a > b ? b : a;
		values[k++] = -1;
	}
	t->nnz = k;
	c->matrix = cholmod_triplet_to_sparse(t, 0, &c->common);
	cholmod_free_triplet(&t, &c->common);
}

struct bench_cholmod *bench_cholmod_new(const struct network *net, const uint32_t *sources,
					size_t n_sources, bool supernodal)
{
	struct bench_cholmod *c = zeros(1, sizeof(*c));

	cholmod_start(&c->common);
	c->common.supernodal = supernodal ? CHOLMOD_SUPERNODAL : CHOLMOD_SIMPLICIAL;
	c->net = net;
	c->unknown = zeros(net->n_nodes, sizeof(*c->unknown));
	for (size_t i = 0; i < n_sources; i++)
		c->unknown[sources[i]] = -1 - (int)i;
	for (size_t v = 0; v < net->n_nodes; v++)
		if (c->unknown[v] == 0)
			c->unknown[v] = c->n++;
	make_matrix(c);
	c->diagonal = zeros((size_t)c->n, sizeof(*c->diagonal));
	c->entry = zeros(net->n_edges, sizeof(*c->entry));
	for (int u = 0; u < c->n; u++)
		c->diagonal[u] = find(c->matrix, u, u);
	for (size_t j = 0; j < net->n_edges; j++) {
		int a = c->unknown[net->a[j]], b = c->unknown[net->b[j]];

		if (a >= 0 && b >= 0)
			c->entry[j] = find(c->matrix, a > b ? a : b, a > b ? b : a);
	}
	c->factor = cholmod_analyze(c->matrix, &c->common);
	c->rhs = cholmod_zeros((size_t)c->n, 1, CHOLMOD_REAL, &c->common);
	if (!c->factor || !c->rhs)
		bench_die("CHOLMOD: status %d", c->common.status);
	return c;
}

void bench_cholmod_free(struct bench_cholmod *c)
{
	cholmod_free_factor(&c->factor, &c->common);
	cholmod_free_sparse(&c->matrix, &c->common);
	cholmod_free_dense(&c->rhs, &c->common);
	cholmod_free_dense(&c->x, &c->common);
	cholmod_free_dense(&c->y, &c->common);
	cholmod_free_dense(&c->e, &c->common);
	cholmod_finish(&c->common);
	free(c->unknown);
	free(c->diagonal);
	free(c->entry);
	free(c);
}

static void fill(struct bench_cholmod *c, const double *g, const double *source_V)
{
	double *values = c->matrix->x, *rhs = c->rhs->x;

	memset(values, 0, c->matrix->nzmax * sizeof(*values));
	memset(rhs, 0, (size_t)c->n * sizeof(*rhs));
	for (size_t j = 0; j < c->net->n_edges; j++) {
		int a = c->unknown[c->net->a[j]], b = c->unknown[c->net->b[j]];

		if (a >= 0)
			values[c->diagonal[a]] += g[j];
		if (b >= 0)
			values[c->diagonal[b]] += g[j];
		if (a >= 0 && b >= 0)
			values[c->entry[j]] -= g[j];
		else if (a >= 0)
			rhs[a] += g[j] * source_V[-1 - b];
		else if (b >= 0)
			rhs[b] += g[j] * source_V[-1 - a];
	}
}

void bench_cholmod_step(struct bench_cholmod *c, const double *g, const double *source_V)
{
	fill(c, g, source_V);
	cholmod_factorize(c->matrix, c->factor, &c->common);
	for (int state = 0; state < 2; state++)
		cholmod_solve2(CHOLMOD_A, c->factor, c->rhs, NULL, &c->x, NULL, &c->y, &c->e,
			       &c->common);
	if (c->common.status != CHOLMOD_OK)
		bench_die("CHOLMOD: status %d", c->common.status);
}

double bench_cholmod_V(const struct bench_cholmod *c, uint32_t node)
{
	return ((const double *)c->x->x)[c->unknown[node]];
}
