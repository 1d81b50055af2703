/* sim_backend/circuit_pcg.c - conjugate gradients for circuits whose factor would be too large. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_backend/circuit_pcg.h"

#define MOST_RESTARTS   5
#define MOST_ITERATIONS 100000u

/* The matrix by rows: what lies off the diagonal are minus the conductances of `edge`, a row's in the edges' order. */
struct rows {
	size_t n;
	size_t *start;          /* [n + 1] */
	uint32_t *other, *edge; /* [start[n]] */
};

struct outer {
	uint32_t edge, unknown, source;
};

struct circuit_pcg {
	struct rows rows;
	size_t n_interior, n_outer;
	double tolerance;
	unsigned most;
	struct outer *outer;
	double *g, *source_g;               /* [rows.start[n]], [n_outer] */
	double *diagonal;                   /* [n] */
	double *free_V, *change_V;          /* [n] the last solutions */
	double *rhs, *residual, *z, *p, *q; /* [n] */
	char error[160];
};

/* ---- made once ---- */

static int rows_make(const struct circuit_system *system, struct rows *ret)
{
	size_t n = system->n_unknown, *next = calloc(n + 1, sizeof(*next));

	ret->n = n;
	ret->start = calloc(n + 1, sizeof(*ret->start));
	ret->other = malloc((2 * system->n_inner + 1) * sizeof(*ret->other));
	ret->edge = malloc((2 * system->n_inner + 1) * sizeof(*ret->edge));
	if (!next || !ret->start || !ret->other || !ret->edge) {
		free(next);
		return -ENOMEM;
	}
	for (size_t i = 0; i < system->n_inner; i++) {
		ret->start[system->inner[i].a + 1]++;
		ret->start[system->inner[i].b + 1]++;
	}
	for (size_t u = 0; u < n; u++)
		next[u + 1] = ret->start[u + 1] += ret->start[u];
	for (size_t i = 0; i < system->n_inner; i++) {
		const struct circuit_inner_edge *e = &system->inner[i];
		size_t at_a = next[e->a]++, at_b = next[e->b]++;

		ret->other[at_a] = e->b;
		ret->other[at_b] = e->a;
		ret->edge[at_a] = ret->edge[at_b] = e->edge;
	}
	free(next);
	return 0;
}

static void rows_clear(struct rows *rows)
{
	free(rows->start);
	free(rows->other);
	free(rows->edge);
}

static bool allocate(struct circuit_pcg *c, size_t n_inner)
{
	double **const arrays[] = {&c->diagonal, &c->free_V, &c->change_V, &c->rhs,
				   &c->residual, &c->z,      &c->p,        &c->q};

	for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++) {
		*arrays[i] = calloc(c->rows.n + 1, sizeof(double));
		if (!*arrays[i])
			return false;
	}
	c->g = malloc((2 * n_inner + 1) * sizeof(*c->g));
	c->outer = malloc((c->n_outer + 1) * sizeof(*c->outer));
	c->source_g = malloc((c->n_outer + 1) * sizeof(*c->source_g));
	return c->g && c->outer && c->source_g;
}

int circuit_pcg_new(const struct circuit_system *system, double tolerance, struct circuit_pcg **ret)
{
	struct circuit_pcg *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->n_interior = system->n_unknown - system->n_targets;
	c->n_outer = system->n_outer;
	c->tolerance = tolerance;
	c->most = system->n_unknown < MOST_ITERATIONS / 2 ? (unsigned)(2 * system->n_unknown) + 100
							  : MOST_ITERATIONS;
	if (rows_make(system, &c->rows) < 0 || !allocate(c, system->n_inner)) {
		circuit_pcg_free(c);
		return -ENOMEM;
	}
	for (size_t i = 0; i < c->n_outer; i++)
		c->outer[i] = (struct outer){system->outer[i].edge, system->outer[i].unknown,
					     system->outer[i].source};
	*ret = c;
	return 0;
}

void circuit_pcg_free(struct circuit_pcg *c)
{
	if (!c)
		return;
	rows_clear(&c->rows);
	free(c->outer);
	free(c->g);
	free(c->source_g);
	free(c->diagonal);
	free(c->free_V);
	free(c->change_V);
	free(c->rhs);
	free(c->residual);
	free(c->z);
	free(c->p);
	free(c->q);
	free(c);
}

double circuit_pcg_memory_B(const struct circuit_system *system)
{
	return 32.0 * (double)system->n_inner + 20.0 * (double)system->n_outer +
	       72.0 * (double)system->n_unknown;
}

/* ---- how long it may take ---- */

/* Edges from the nearest source to the farthest unknown; queue, far: [n]. */
static uint32_t depth(const struct circuit_system *system, const struct rows *rows, uint32_t *queue,
		      uint32_t *far)
{
	size_t n_queued = 0;
	uint32_t deepest = 0;

	for (size_t i = 0; i < system->n_outer; i++) {
		uint32_t u = system->outer[i].unknown;

		if (!far[u])
			queue[n_queued++] = u;
		far[u] = 1;
	}
	for (size_t k = 0; k < n_queued; k++) {
		uint32_t u = queue[k];

		deepest = far[u];
		for (size_t i = rows->start[u]; i < rows->start[u + 1]; i++) {
			uint32_t other = rows->other[i];

			if (far[other])
				continue;
			far[other] = far[u] + 1;
			queue[n_queued++] = other;
		}
	}
	return deepest;
}

int circuit_pcg_guess_iterations(const struct circuit_system *system, double tolerance, double *ret)
{
	size_t n = system->n_unknown + 1;
	uint32_t *queue = malloc(n * sizeof(*queue)), *far = calloc(n, sizeof(*far));
	struct rows rows = {0};
	int r = queue && far ? rows_make(system, &rows) : -ENOMEM;

	/* measured on squares, cubes and disordered networks with random taps: 0.15 to 0.3 for the factor */
	if (r == 0)
		*ret = fmin(0.25 * depth(system, &rows, queue, far) * log(2 / tolerance),
			    (double)n);
	rows_clear(&rows);
	free(queue);
	free(far);
	return r;
}

/* ---- numbers ---- */

static int take(void *self, const double *g)
{
	struct circuit_pcg *c = self;
	double least = INFINITY, sum = 0;

	for (size_t u = 0; u < c->rows.n; u++) {
		double diagonal = 0;

		for (size_t i = c->rows.start[u]; i < c->rows.start[u + 1]; i++) {
			c->g[i] = g[c->rows.edge[i]];
			least = c->g[i] < least ? c->g[i] : least;
			diagonal += c->g[i];
		}
		c->diagonal[u] = diagonal;
		sum += diagonal;
	}
	for (size_t i = 0; i < c->n_outer; i++) {
		c->source_g[i] = g[c->outer[i].edge];
		least = c->source_g[i] < least ? c->source_g[i] : least;
		sum += c->source_g[i];
		c->diagonal[c->outer[i].unknown] += c->source_g[i];
	}
	if (least > 0 && isfinite(sum))
		return 0;
	snprintf(c->error, sizeof(c->error), "an edge's conductance is not a positive number");
	return -EDOM;
}

/* y = A x of the first n rows; what x has beyond them counts. */
static void multiply(const struct circuit_pcg *c, size_t n, const double *restrict x,
		     double *restrict y)
{
	const size_t *start = c->rows.start;

	for (size_t u = 0; u < n; u++) {
		double sum = c->diagonal[u] * x[u];

		for (size_t i = start[u]; i < start[u + 1]; i++)
			sum -= c->g[i] * x[c->rows.other[i]];
		y[u] = sum;
	}
}

static void true_residual(struct circuit_pcg *c, size_t n, const double *x)
{
	multiply(c, n, x, c->q);
	for (size_t u = 0; u < n; u++)
		c->residual[u] = c->rhs[u] - c->q[u];
}

/* z = residual / diagonal; returns residual' z. */
static double precondition(struct circuit_pcg *c, size_t n)
{
	for (size_t u = 0; u < n; u++)
		c->z[u] = c->residual[u] / c->diagonal[u];
	return circuit_dot(c->residual, c->z, n);
}

/* Goes on from x, whose residual is c->residual, until its norm is `enough`; returns the iterations. */
static unsigned descend(struct circuit_pcg *c, size_t n, double enough, unsigned most, double *x)
{
	double rho = precondition(c, n);
	unsigned i = 0;

	memset(c->p, 0, c->rows.n * sizeof(*c->p));
	memcpy(c->p, c->z, n * sizeof(*c->p));
	while (i++ < most) {
		double old = rho, along;

		multiply(c, n, c->p, c->q);
		along = rho / circuit_dot(c->p, c->q, n);
		for (size_t u = 0; u < n; u++) {
			x[u] += along * c->p[u];
			c->residual[u] -= along * c->q[u];
		}
		if (!(sqrt(circuit_dot(c->residual, c->residual, n)) > enough))
			break;
		rho = precondition(c, n);
		for (size_t u = 0; u < n; u++)
			c->p[u] = c->z[u] + rho / old * c->p[u];
	}
	return i;
}

/* A x = c->rhs for the first n unknowns, from the guess in x. */
static int converge(struct circuit_pcg *c, size_t n, double *x)
{
	double size = sqrt(circuit_dot(c->rhs, c->rhs, n)), enough = c->tolerance * size, norm = 0;
	unsigned spent = 0;

	if (size == 0) {
		memset(x, 0, n * sizeof(*x));
		return 0;
	}
	for (int restart = 0; restart < MOST_RESTARTS && spent < c->most; restart++) {
		true_residual(c, n, x);
		norm = sqrt(circuit_dot(c->residual, c->residual, n));
		if (norm <= enough)
			return 0;
		spent += descend(c, n, 0.9 * enough, c->most - spent, x);
	}
	true_residual(c, n, x);
	norm = sqrt(circuit_dot(c->residual, c->residual, n));
	if (norm <= enough)
		return 0;
	memset(x, 0, n * sizeof(*x)); /* no guess for the next */
	snprintf(c->error, sizeof(c->error),
		 "conjugate gradients: residual %.2g after %u iterations, not %.2g: "
		 "raise sim.pcg_tolerance or give sim.solver: supernodal",
		 norm / size, spent, c->tolerance);
	return -EDOM;
}

/* Voltages count from the first source: what all nodes have in common makes no current and no residual. */
static int solve(void *self, const double *source_V, double *x)
{
	struct circuit_pcg *c = self;
	size_t n = c->rows.n;
	double ground_V = c->n_outer ? source_V[c->outer[0].source] : 0;
	int r;

	memset(c->rhs, 0, n * sizeof(*c->rhs));
	for (size_t i = 0; i < c->n_outer; i++)
		c->rhs[c->outer[i].unknown] +=
			c->source_g[i] * (source_V[c->outer[i].source] - ground_V);
	r = converge(c, n, c->free_V);
	for (size_t u = 0; r == 0 && u < n; u++)
		x[u] = ground_V + c->free_V[u];
	return r;
}

/* The last change, scaled to this push, is the guess: only its size changes much from step to step. */
static void guess_change(struct circuit_pcg *c, const double *push)
{
	size_t n_targets = c->rows.n - c->n_interior;
	double *last = c->change_V + c->n_interior, size = circuit_dot(last, last, n_targets);
	double scale = size > 0 ? circuit_dot(last, push, n_targets) / size : 0;

	for (size_t u = 0; u < c->n_interior; u++)
		c->change_V[u] *= scale;
	memcpy(last, push, n_targets * sizeof(*last));
}

static int follow(void *self, double *x)
{
	struct circuit_pcg *c = self;
	size_t n = c->n_interior;
	int r;

	guess_change(c, x + n);
	memset(c->rhs, 0, n * sizeof(*c->rhs));
	for (size_t t = n; t < c->rows.n; t++)
		for (size_t i = c->rows.start[t]; i < c->rows.start[t + 1]; i++)
			if (c->rows.other[i] < n)
				c->rhs[c->rows.other[i]] += c->g[i] * x[t];
	memset(c->change_V + n, 0, (c->rows.n - n) * sizeof(*c->change_V));
	r = converge(c, n, c->change_V);
	memcpy(c->change_V + n, x + n, (c->rows.n - n) * sizeof(*x));
	if (r == 0)
		memcpy(x, c->change_V, n * sizeof(*x));
	return r;
}

static const char *error(const void *self)
{
	return ((const struct circuit_pcg *)self)->error;
}

static void ops_free(void *self)
{
	circuit_pcg_free(self);
}

const struct circuit_solver_ops circuit_pcg_ops = {
	.factor = take,
	.solve = solve,
	.follow = follow,
	.error = error,
	.free = ops_free,
};
