/* sim_backend/circuit_ldl.c - L D L' of a circuit's conductance matrix, replayed from a tape.
 *
 * Entries of a column lie one after the other, the diagonal first.  Eliminating column k subtracts
 * l_ik a_jk from entry (j, i) for each pair of its rows; the tape says where those entries are.
 * With the targets last, the leading part of L factors the clamped network as well, and a push on
 * the targets needs no forward substitution: the interior's right-hand side does not change.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim_backend/circuit_ldl.h"

struct circuit_ldl {
	size_t n, n_interior, n_entries;
	size_t first_dense; /* from here on every column is full */
	uint32_t *start;    /* [n + 1] where column k begins in values[]: its diagonal */
	uint32_t *row;      /* [n_entries] */
	uint32_t *tape;     /* entries of values[], in the order of elimination */
	double *values;     /* [n_entries] first the matrix, then L below a diagonal of 1 / D */
	double *source_g;   /* [n_outer] the conductances that the right-hand side needs */
	struct circuit_ldl_inner *inner;
	struct circuit_ldl_outer *outer;
	size_t n_inner, n_outer;
};

static uint32_t entry_of(const struct circuit_ldl *ldl, uint32_t row, uint32_t column)
{
	uint32_t low = ldl->start[column], high = ldl->start[column + 1];

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;
		if (ldl->row[middle] <= row)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static size_t triangle(size_t n)
{
	return n * (n + 1) / 2;
}

static void lay_out(struct circuit_ldl *ldl, const struct circuit_order *order)
{
	uint32_t at = 0;

	for (uint32_t k = 0; k < ldl->n; k++) {
		ldl->start[k] = at;
		ldl->row[at++] = k;
		for (size_t i = order->column[k]; i < order->column[k + 1]; i++)
			ldl->row[at++] = order->row[i];
	}
	ldl->start[ldl->n] = at;
	ldl->first_dense = ldl->n;
	while (ldl->first_dense > 0 &&
	       at - ldl->start[ldl->first_dense - 1] == triangle(ldl->n - ldl->first_dense + 1))
		ldl->first_dense--;
}

static void list_edges(struct circuit_ldl *ldl, const struct circuit_system *system,
		       const uint32_t *place)
{
	for (size_t i = 0; i < system->n_inner; i++) {
		const struct circuit_inner_edge *e = &system->inner[i];
		uint32_t a = place[e->a], b = place[e->b];

		ldl->inner[i] = (struct circuit_ldl_inner){e->edge, ldl->start[a], ldl->start[b],
							   a > b ? entry_of(ldl, a, b)
								 : entry_of(ldl, b, a)};
	}
	for (size_t i = 0; i < system->n_outer; i++) {
		const struct circuit_source_edge *e = &system->outer[i];

		ldl->outer[i] = (struct circuit_ldl_outer){e->edge, ldl->start[place[e->unknown]],
							   place[e->unknown], e->source};
	}
}

static void write_tape(struct circuit_ldl *ldl)
{
	uint32_t *tape = ldl->tape;

	for (uint32_t k = 0; k < ldl->first_dense; k++)
		for (uint32_t i = ldl->start[k] + 1; i < ldl->start[k + 1]; i++)
			for (uint32_t j = i; j < ldl->start[k + 1]; j++)
				*tape++ = entry_of(ldl, ldl->row[j], ldl->row[i]);
}

static size_t tape_length(const struct circuit_order *order)
{
	size_t n = 0;

	for (size_t k = 0; k < order->n; k++) /* of an order that was not made: none */
		n += triangle(order->column[k + 1] - order->column[k]);
	return n;
}

double circuit_ldl_multiplications(const struct circuit_order *order)
{
	return (double)tape_length(order);
}

double circuit_ldl_memory_B(const struct circuit_system *system, const struct circuit_order *order)
{
	size_t n_entries = order->column[order->n] + order->n;

	return (double)(tape_length(order) * sizeof(uint32_t) +
			n_entries * (sizeof(uint32_t) + sizeof(double)) +
			system->n_inner * sizeof(struct circuit_ldl_inner) +
			system->n_outer * (sizeof(struct circuit_ldl_outer) + sizeof(double)));
}

int circuit_ldl_new(const struct circuit_system *system, const struct circuit_order *order,
		    struct circuit_ldl **ret)
{
	size_t n = order->n, n_entries = order->column[n] + n;
	struct circuit_ldl *ldl = calloc(1, sizeof(*ldl));

	if (!ldl || n_entries >= UINT32_MAX)
		goto no_memory;
	ldl->n = n;
	ldl->n_interior = n - system->n_targets;
	ldl->n_entries = n_entries;
	ldl->n_inner = system->n_inner;
	ldl->n_outer = system->n_outer;
	ldl->start = malloc((n + 1) * sizeof(*ldl->start));
	ldl->row = malloc((n_entries + 1) * sizeof(*ldl->row));
	ldl->tape = malloc((tape_length(order) + 1) * sizeof(*ldl->tape));
	ldl->values = malloc((n_entries + 1) * sizeof(*ldl->values));
	ldl->source_g = malloc((system->n_outer + 1) * sizeof(*ldl->source_g));
	ldl->inner = malloc((system->n_inner + 1) * sizeof(*ldl->inner));
	ldl->outer = malloc((system->n_outer + 1) * sizeof(*ldl->outer));
	if (!ldl->start || !ldl->row || !ldl->tape || !ldl->values || !ldl->source_g ||
	    !ldl->inner || !ldl->outer)
		goto no_memory;
	lay_out(ldl, order);
	list_edges(ldl, system, order->place);
	write_tape(ldl);
	*ret = ldl;
	return 0;

no_memory:
	circuit_ldl_free(ldl);
	return -ENOMEM;
}

void circuit_ldl_free(struct circuit_ldl *ldl)
{
	if (!ldl)
		return;
	free(ldl->start);
	free(ldl->row);
	free(ldl->tape);
	free(ldl->values);
	free(ldl->source_g);
	free(ldl->inner);
	free(ldl->outer);
	free(ldl);
}

static void assemble(struct circuit_ldl *ldl, const double *g)
{
	double *restrict values = ldl->values;

	memset(values, 0, ldl->n_entries * sizeof(*values));
	for (size_t i = 0; i < ldl->n_inner; i++) {
		const struct circuit_ldl_inner *e = &ldl->inner[i];
		double siemens = g[e->edge];

		values[e->diagonal_a] += siemens;
		values[e->diagonal_b] += siemens;
		values[e->entry] -= siemens;
	}
	for (size_t i = 0; i < ldl->n_outer; i++) {
		const struct circuit_ldl_outer *e = &ldl->outer[i];
		double siemens = g[e->edge];

		values[e->diagonal] += siemens;
		ldl->source_g[i] = siemens;
	}
}

/* Most columns are short.  A loop of a few turns costs more by the mispredicted branch at its end than by what it
 * does, so that for each short length the same inline function is compiled with that length as a constant. */
#define BY_LENGTH(length, call)                                                                    \
	switch (length) {                                                                          \
	case 0:                                                                                    \
		call(0);                                                                           \
		break;                                                                             \
	case 1:                                                                                    \
		call(1);                                                                           \
		break;                                                                             \
	case 2:                                                                                    \
		call(2);                                                                           \
		break;                                                                             \
	case 3:                                                                                    \
		call(3);                                                                           \
		break;                                                                             \
	case 4:                                                                                    \
		call(4);                                                                           \
		break;                                                                             \
	case 5:                                                                                    \
		call(5);                                                                           \
		break;                                                                             \
	case 6:                                                                                    \
		call(6);                                                                           \
		break;                                                                             \
	default:                                                                                   \
		call(length);                                                                      \
	}

#define INLINE static inline __attribute__((always_inline))

/* Scales a column to L and subtracts its outer product where the tape says. */
INLINE const uint32_t *eliminate(double *values, double *column, size_t length, double inverse,
				 const uint32_t *tape)
{
	for (size_t i = 0; i < length; i++) {
		double l = column[i] * inverse;

		for (size_t j = i; j < length; j++)
			values[*tape++] -= l * column[j];
		column[i] = l;
	}
	return tape;
}

/* The same for a column below which all columns are full: their entries follow one another. */
INLINE void eliminate_dense(double *column, size_t length, double inverse)
{
	double *restrict target = column + length;

	for (size_t i = 0; i < length; i++) {
		double l = column[i] * inverse;

		for (size_t j = i; j < length; j++)
			target[j - i] -= l * column[j];
		target += length - i;
		column[i] = l;
	}
}

int circuit_ldl_factor(struct circuit_ldl *ldl, const double *g)
{
	double *values = ldl->values;
	const uint32_t *tape = ldl->tape, *start = ldl->start;
	int positive = 1;

	assemble(ldl, g);
	for (size_t k = 0; k < ldl->n; k++) {
		double *column = values + start[k];
		size_t length = start[k + 1] - start[k] - 1;
		double inverse = 1 / column[0];

		positive &= column[0] > 0;
		column[0] = inverse;
		if (k >= ldl->first_dense) {
			eliminate_dense(column + 1, length, inverse);
			continue;
		}
#define CALL(n) tape = eliminate(values, column + 1, n, inverse, tape)
		BY_LENGTH(length, CALL)
#undef CALL
	}
	return positive ? 0 : -EDOM;
}

/* Subtracts a column of L times its unknown from the right-hand side below. */
INLINE void push_down(double *rhs, const uint32_t *row, const double *column, size_t length,
		      double value)
{
	for (size_t i = 0; i < length; i++)
		rhs[row[i]] -= column[i] * value;
}

/* What the unknowns below leave of `sum`; the far rows first: they have been known for longest. */
INLINE double gather_up(const double *x, const uint32_t *row, const double *column, size_t length,
			double sum)
{
	for (size_t i = length; i-- > 0;)
		sum -= column[i] * x[row[i]];
	return sum;
}

INLINE void substitute_back(const struct circuit_ldl *ldl, size_t from, double *x)
{
	for (size_t k = from; k-- > 0;) {
		const double *column = ldl->values + ldl->start[k] + 1;
		const uint32_t *row = ldl->row + ldl->start[k] + 1;
		double sum = x[k];

#define CALL(n) sum = gather_up(x, row, column, n, sum)
		BY_LENGTH(ldl->start[k + 1] - ldl->start[k] - 1, CALL)
#undef CALL
		x[k] = sum;
	}
}

void circuit_ldl_solve(struct circuit_ldl *ldl, const double *source_V, double *x)
{
	memset(x, 0, ldl->n * sizeof(*x));
	for (size_t i = 0; i < ldl->n_outer; i++)
		x[ldl->outer[i].place] += ldl->source_g[i] * source_V[ldl->outer[i].source];
	for (size_t k = 0; k < ldl->n; k++) {
		const double *column = ldl->values + ldl->start[k] + 1;
		const uint32_t *row = ldl->row + ldl->start[k] + 1;

#define CALL(n) push_down(x, row, column, n, x[k])
		BY_LENGTH(ldl->start[k + 1] - ldl->start[k] - 1, CALL)
#undef CALL
	}
	for (size_t k = 0; k < ldl->n; k++)
		x[k] *= ldl->values[ldl->start[k]];
	substitute_back(ldl, ldl->n, x);
}

void circuit_ldl_follow(const struct circuit_ldl *ldl, double *x)
{
	memset(x, 0, ldl->n_interior * sizeof(*x));
	substitute_back(ldl, ldl->n_interior, x);
}

static int ops_factor(void *self, const double *g)
{
	return circuit_ldl_factor(self, g);
}

static int ops_solve(void *self, const double *source_V, double *x)
{
	circuit_ldl_solve(self, source_V, x);
	return 0;
}

static int ops_follow(void *self, double *x)
{
	circuit_ldl_follow(self, x);
	return 0;
}

static void ops_free(void *self)
{
	circuit_ldl_free(self);
}

const struct circuit_solver_ops circuit_ldl_ops = {
	.factor = ops_factor,
	.solve = ops_solve,
	.follow = ops_follow,
	.free = ops_free,
};

void circuit_ldl_layout(const struct circuit_ldl *ldl, struct circuit_ldl_layout *ret)
{
	*ret = (struct circuit_ldl_layout){.n = ldl->n,
					   .n_interior = ldl->n_interior,
					   .n_entries = ldl->n_entries,
					   .n_inner = ldl->n_inner,
					   .n_outer = ldl->n_outer,
					   .first_dense = ldl->first_dense,
					   .start = ldl->start,
					   .row = ldl->row,
					   .tape = ldl->tape,
					   .inner = ldl->inner,
					   .outer = ldl->outer};
}
