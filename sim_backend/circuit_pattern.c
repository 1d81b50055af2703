/* sim_backend/circuit_pattern.c - one triangle of a circuit's conductance matrix, by compressed columns. */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim_backend/circuit_pattern.h"

#define DIAGONAL UINT32_MAX

struct key {
	uint32_t column, row, who; /* an inner edge, or DIAGONAL */
};

static int by_place(const void *a, const void *b)
{
	const struct key *x = a, *y = b;
	uint64_t p = (uint64_t)x->column << 32 | x->row, q = (uint64_t)y->column << 32 | y->row;

	return (p > q) - (p < q);
}

static size_t list_keys(const struct circuit_system *system, const uint32_t *place, size_t n,
			bool upper, struct key *keys)
{
	size_t n_keys = 0;

	for (uint32_t k = 0; k < n; k++)
		keys[n_keys++] = (struct key){k, k, DIAGONAL};
	for (uint32_t i = 0; i < system->n_inner; i++) {
		uint32_t a = place[system->inner[i].a], b = place[system->inner[i].b];
		uint32_t low = a < b ? a : b, high = a < b ? b : a;

		if (high < n)
			keys[n_keys++] =
				upper ? (struct key){high, low, i} : (struct key){low, high, i};
	}
	qsort(keys, n_keys, sizeof(*keys), by_place);
	return n_keys;
}

static void fill(const struct key *keys, size_t n_keys, struct circuit_pattern *ret)
{
	int n = 0;

	ret->start[0] = 0;
	for (size_t i = 0; i < n_keys; i++) {
		if (i == 0 || by_place(&keys[i - 1], &keys[i]) != 0) {
			ret->row[n++] = (int)keys[i].row;
			ret->start[keys[i].column + 1] = n;
		}
		if (keys[i].who == DIAGONAL)
			ret->diagonal_of[keys[i].row] = (uint32_t)(n - 1);
		else
			ret->entry_of[keys[i].who] = (uint32_t)(n - 1);
	}
	ret->n_entries = (size_t)n;
}

int circuit_pattern_make(const struct circuit_system *system, const uint32_t *place, size_t n,
			 bool upper, struct circuit_pattern *ret)
{
	size_t most = n + system->n_inner + 1;
	struct key *keys;

	*ret = (struct circuit_pattern){.n = n};
	if (most > INT_MAX)
		return -E2BIG;
	keys = malloc(most * sizeof(*keys));
	ret->start = malloc((n + 1) * sizeof(*ret->start));
	ret->row = malloc(most * sizeof(*ret->row));
	ret->entry_of = calloc(system->n_inner + 1, sizeof(*ret->entry_of));
	ret->diagonal_of = malloc((n + 1) * sizeof(*ret->diagonal_of));
	if (!keys || !ret->start || !ret->row || !ret->entry_of || !ret->diagonal_of) {
		free(keys);
		return -ENOMEM;
	}
	fill(keys, list_keys(system, place, n, upper, keys), ret);
	free(keys);
	return 0;
}

void circuit_pattern_clear(struct circuit_pattern *pattern)
{
	free(pattern->start);
	free(pattern->row);
	free(pattern->entry_of);
	free(pattern->diagonal_of);
	*pattern = (struct circuit_pattern){0};
}

int circuit_assembly_make(const struct circuit_system *system, const uint32_t *place,
			  const struct circuit_pattern *pattern, struct circuit_assembly *ret)
{
	const uint32_t *diagonal = pattern->diagonal_of;

	ret->n_inner = system->n_inner;
	ret->n_outer = system->n_outer;
	ret->inner = malloc((ret->n_inner + 1) * sizeof(*ret->inner));
	ret->outer = malloc((ret->n_outer + 1) * sizeof(*ret->outer));
	ret->source_g = malloc((ret->n_outer + 1) * sizeof(*ret->source_g));
	if (!ret->inner || !ret->outer || !ret->source_g)
		return -ENOMEM;
	for (size_t i = 0; i < system->n_inner; i++) {
		const struct circuit_inner_edge *e = &system->inner[i];

		ret->inner[i] =
			(struct circuit_pattern_inner){e->edge, diagonal[place[e->a]],
						       diagonal[place[e->b]], pattern->entry_of[i]};
	}
	for (size_t i = 0; i < system->n_outer; i++) {
		const struct circuit_source_edge *e = &system->outer[i];
		uint32_t at = place[e->unknown];

		ret->outer[i] =
			(struct circuit_pattern_outer){e->edge, diagonal[at], at, e->source};
	}
	return 0;
}

void circuit_assembly_clear(struct circuit_assembly *assembly)
{
	free(assembly->inner);
	free(assembly->outer);
	free(assembly->source_g);
	*assembly = (struct circuit_assembly){0};
}

bool circuit_assemble(struct circuit_assembly *assembly, const double *g, size_t n_entries,
		      double *values)
{
	double least = INFINITY, sum = 0;

	memset(values, 0, n_entries * sizeof(*values));
	for (size_t i = 0; i < assembly->n_inner; i++) {
		const struct circuit_pattern_inner *e = &assembly->inner[i];
		double siemens = g[e->edge];

		least = siemens < least ? siemens : least;
		sum += siemens;
		values[e->diagonal_a] += siemens;
		values[e->diagonal_b] += siemens;
		values[e->entry] -= siemens;
	}
	for (size_t i = 0; i < assembly->n_outer; i++) {
		const struct circuit_pattern_outer *e = &assembly->outer[i];
		double siemens = g[e->edge];

		least = siemens < least ? siemens : least;
		sum += siemens;
		values[e->diagonal] += siemens;
		assembly->source_g[i] = siemens;
	}
	return least > 0 && isfinite(sum); /* a NaN is not less, but shows in the sum */
}

void circuit_assemble_rhs(const struct circuit_assembly *assembly, const double *source_V, size_t n,
			  double *x)
{
	memset(x, 0, n * sizeof(*x));
	for (size_t i = 0; i < assembly->n_outer; i++)
		x[assembly->outer[i].place] +=
			assembly->source_g[i] * source_V[assembly->outer[i].source];
}
