/* sim_backend/circuit_rc.c - the matrices M z_k + t L of all poles on one tape, side by side.
 *
 * An entry of the matrix is an array over the poles, so that each operation of the tape is a few vector
 * instructions.  The matrices are complex and symmetric, not Hermitian; their imaginary parts are positive definite,
 * for which L D L' needs no pivots.
 */
#include "config.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sim_backend/circuit_ldl.h"
#include "sim_backend/circuit_rc.h"
#include "sim_backend/circuit_rc_poles.h"

#define INLINE static inline __attribute__((always_inline))

#define N_POLES (sizeof(pole_re) / sizeof(pole_re[0]))
#define WIDTH   2 /* doubles in a vector that every machine has */
#define LANES   ((N_POLES + WIDTH - 1) / WIDTH)

typedef double vector __attribute__((vector_size(WIDTH * sizeof(double))));

struct lanes { /* one complex number for each pole; in the last vector one more, whose residue is 0 */
	vector re[LANES], im[LANES];
};

struct circuit_rc {
	struct circuit_ldl_layout at;
	size_t n_nodes;
	const uint32_t *node;  /* [n] in the order of elimination */
	uint32_t (*ends)[2];   /* [n_inner] places */
	double *unit, *scaled; /* [n_entries] D'D, and t / C times L */
	struct lanes *values; /* [n_entries] first the matrices, then L below a diagonal of 1 / D */
	struct lanes *x, *y;  /* [n] */
	double *e, *moment;   /* [n] */
	struct lanes pole, residue;
};

/* ---- complex numbers ---- */

/* *to -= a b */
INLINE void subtract_product(struct lanes *to, const struct lanes *a, const struct lanes *b)
{
	for (size_t p = 0; p < LANES; p++) {
		to->re[p] -= a->re[p] * b->re[p] - a->im[p] * b->im[p];
		to->im[p] -= a->re[p] * b->im[p] + a->im[p] * b->re[p];
	}
}

INLINE struct lanes product(const struct lanes *a, const struct lanes *b)
{
	struct lanes c;

	for (size_t p = 0; p < LANES; p++) {
		c.re[p] = a->re[p] * b->re[p] - a->im[p] * b->im[p];
		c.im[p] = a->re[p] * b->im[p] + a->im[p] * b->re[p];
	}
	return c;
}

INLINE struct lanes reciprocal(const struct lanes *a)
{
	struct lanes c;

	for (size_t p = 0; p < LANES; p++) {
		vector square = a->re[p] * a->re[p] + a->im[p] * a->im[p];

		c.re[p] = a->re[p] / square;
		c.im[p] = -a->im[p] / square;
	}
	return c;
}

INLINE vector both(double value)
{
	vector v;

	for (size_t i = 0; i < WIDTH; i++)
		v[i] = value;
	return v;
}

/* ---- made once ---- */

static void fill_poles(struct circuit_rc *rc)
{
	for (size_t k = 0; k < LANES * WIDTH; k++) {
		size_t from = k < N_POLES ? k : 0, p = k / WIDTH, i = k % WIDTH;

		rc->pole.re[p][i] = pole_re[from];
		rc->pole.im[p][i] = pole_im[from];
		/* minus: (x - z)^-1 of x = -t L is -(z + t L)^-1 */
		rc->residue.re[p][i] = k < N_POLES ? -2 * residue_re[from] : 0;
		rc->residue.im[p][i] = k < N_POLES ? -2 * residue_im[from] : 0;
	}
}

/* A weighted Laplacian on the tape's entries. */
static void assemble(const struct circuit_ldl_layout *at, const double *g, double scale,
		     double *restrict ret)
{
	memset(ret, 0, at->n_entries * sizeof(*ret));
	for (size_t i = 0; i < at->n_inner; i++) {
		const struct circuit_ldl_inner *e = &at->inner[i];
		double weight = g ? scale * g[e->edge] : scale;

		ret[e->diagonal_a] += weight;
		ret[e->diagonal_b] += weight;
		ret[e->entry] -= weight;
	}
	for (size_t i = 0; i < at->n_outer; i++)
		ret[at->outer[i].diagonal] += g ? scale * g[at->outer[i].edge] : scale;
}

static struct lanes *lanes_alloc(size_t n)
{
	size_t align = 64, size = (n + 1) * sizeof(struct lanes);

	return aligned_alloc(align, (size + align - 1) / align * align);
}

int circuit_rc_new(const struct circuit *c, struct circuit_rc **ret)
{
	const uint32_t *node;
	const struct circuit_ldl *tape = circuit_tape(c, &node);
	struct circuit_rc *rc;
	size_t n;

	if (!tape)
		return -ENOTSUP;
	rc = (struct circuit_rc *)lanes_alloc(sizeof(*rc) / sizeof(struct lanes) + 1);
	if (!rc)
		return -ENOMEM;
	memset(rc, 0, sizeof(*rc));
	circuit_ldl_layout(tape, &rc->at);
	n = rc->at.n;
	rc->node = node;
	rc->ends = calloc(rc->at.n_inner + 1, sizeof(*rc->ends));
	rc->unit = calloc(rc->at.n_entries + 1, sizeof(double));
	rc->scaled = calloc(rc->at.n_entries + 1, sizeof(double));
	rc->e = calloc(n + 1, sizeof(double));
	rc->moment = calloc(n + 1, sizeof(double));
	rc->values = lanes_alloc(rc->at.n_entries);
	rc->x = lanes_alloc(n);
	rc->y = lanes_alloc(n);
	if (!rc->ends || !rc->unit || !rc->scaled || !rc->e || !rc->moment || !rc->values ||
	    !rc->x || !rc->y) {
		circuit_rc_free(rc);
		return -ENOMEM;
	}
	for (size_t i = 0; i < rc->at.n_inner; i++) { /* a diagonal's row is its column's place */
		rc->ends[i][0] = rc->at.row[rc->at.inner[i].diagonal_a];
		rc->ends[i][1] = rc->at.row[rc->at.inner[i].diagonal_b];
	}
	assemble(&rc->at, NULL, 1, rc->unit);
	fill_poles(rc);
	*ret = rc;
	return 0;
}

void circuit_rc_free(struct circuit_rc *rc)
{
	if (!rc)
		return;
	free(rc->ends);
	free(rc->unit);
	free(rc->scaled);
	free(rc->e);
	free(rc->moment);
	free(rc->values);
	free(rc->x);
	free(rc->y);
	free(rc);
}

/* ---- factors ---- */

static void expand(struct circuit_rc *rc)
{
	for (size_t i = 0; i < rc->at.n_entries; i++) {
		vector unit = both(rc->unit[i]), scaled = both(rc->scaled[i]);

		for (size_t p = 0; p < LANES; p++) {
			rc->values[i].re[p] = rc->pole.re[p] * unit + scaled;
			rc->values[i].im[p] = rc->pole.im[p] * unit;
		}
	}
}

static const uint32_t *eliminate(struct lanes *values, struct lanes *column, size_t length,
				 const struct lanes *inverse, const uint32_t *tape)
{
	for (size_t i = 0; i < length; i++) {
		struct lanes l = product(&column[i], inverse);

		for (size_t j = i; j < length; j++)
			subtract_product(&values[*tape++], &l, &column[j]);
		column[i] = l;
	}
	return tape;
}

static void eliminate_dense(struct lanes *column, size_t length, const struct lanes *inverse)
{
	struct lanes *target = column + length;

	for (size_t i = 0; i < length; i++) {
		struct lanes l = product(&column[i], inverse);

		for (size_t j = i; j < length; j++)
			subtract_product(&target[j - i], &l, &column[j]);
		target += length - i;
		column[i] = l;
	}
}

void circuit_rc_factor(struct circuit_rc *rc, const double *g, double s_per_F)
{
	const struct circuit_ldl_layout *at = &rc->at;
	const uint32_t *tape = at->tape;

	assemble(at, g, s_per_F, rc->scaled);
	expand(rc);
	for (size_t k = 0; k < at->n; k++) {
		struct lanes *column = rc->values + at->start[k];
		size_t length = at->start[k + 1] - at->start[k] - 1;

		column[0] = reciprocal(&column[0]);
		if (k >= at->first_dense)
			eliminate_dense(column + 1, length, &column[0]);
		else
			tape = eliminate(rc->values, column + 1, length, &column[0], tape);
	}
}

/* ---- decay ---- */

/* D'D e of the unknowns, into the real parts of x; e is 0 at the sources. */
static void set_moment(struct circuit_rc *rc, struct lanes *x)
{
	const double *e = rc->e;
	double *restrict moment = rc->moment;

	memset(moment, 0, rc->at.n * sizeof(*moment));
	for (size_t i = 0; i < rc->at.n_inner; i++) {
		uint32_t a = rc->ends[i][0], b = rc->ends[i][1];
		double drop = e[a] - e[b];

		moment[a] += drop;
		moment[b] -= drop;
	}
	for (size_t i = 0; i < rc->at.n_outer; i++)
		moment[rc->at.outer[i].place] += e[rc->at.outer[i].place];
	for (size_t k = 0; k < rc->at.n; k++)
		for (size_t p = 0; p < LANES; p++) {
			x[k].re[p] = both(moment[k]);
			x[k].im[p] = both(0);
		}
}

/* The first n columns: down to D^-1 L^-1 x. */
static void substitute_down(const struct circuit_rc *rc, size_t n, struct lanes *x)
{
	for (size_t k = 0; k < n; k++) {
		const struct lanes *column = rc->values + rc->at.start[k];
		const uint32_t *row = rc->at.row + rc->at.start[k];
		size_t length = rc->at.start[k + 1] - rc->at.start[k];
		struct lanes here = x[k];

		for (size_t i = 1; i < length; i++)
			subtract_product(&x[row[i]], &column[i], &here);
		x[k] = product(&here, &column[0]);
	}
}

static void substitute_back(const struct circuit_rc *rc, size_t n, struct lanes *x)
{
	for (size_t k = n; k-- > 0;) {
		const struct lanes *column = rc->values + rc->at.start[k];
		const uint32_t *row = rc->at.row + rc->at.start[k];
		struct lanes here = x[k];

		for (size_t i = rc->at.start[k + 1] - rc->at.start[k]; i-- > 1;)
			subtract_product(&here, &column[i], &x[row[i]]);
		x[k] = here;
	}
}

/* The solutions for the poles, summed with their residues. */
static double sum_poles(const struct circuit_rc *rc, const struct lanes *x)
{
	vector sum = both(0);
	double total = 0;

	for (size_t p = 0; p < LANES; p++)
		sum += rc->residue.re[p] * x->re[p] - rc->residue.im[p] * x->im[p];
	for (size_t i = 0; i < WIDTH; i++)
		total += sum[i];
	return total;
}

static void take(struct circuit_rc *rc, const double *e_V, size_t n)
{
	for (size_t k = 0; k < n; k++)
		rc->e[k] = e_V[rc->node[k]];
	for (size_t k = n; k < rc->at.n; k++)
		rc->e[k] = 0;
}

static void give(const struct circuit_rc *rc, const struct lanes *x, size_t n, double *e_V)
{
	for (size_t k = 0; k < n; k++)
		e_V[rc->node[k]] = sum_poles(rc, &x[k]);
}

void circuit_rc_decay(struct circuit_rc *rc, bool targets_held, double *e_V)
{
	size_t n = targets_held ? rc->at.n_interior : rc->at.n;

	take(rc, e_V, n);
	set_moment(rc, rc->x);
	substitute_down(rc, n, rc->x);
	memset(rc->x + n, 0, (rc->at.n - n) * sizeof(*rc->x));
	substitute_back(rc, n, rc->x);
	give(rc, rc->x, n, e_V);
}

void circuit_rc_decay_pair(struct circuit_rc *rc, double *free_e_V, double *change_e_V)
{
	size_t n = rc->at.n, n_interior = rc->at.n_interior;

	circuit_rc_decay(rc, false, free_e_V);
	take(rc, change_e_V, n);
	set_moment(rc, rc->y);
	substitute_down(rc, n_interior, rc->y);
	/* V_C stands still at the targets, so that V_C - V_F goes there as -V_F does */
	for (size_t k = n_interior; k < n; k++)
		for (size_t p = 0; p < LANES; p++) {
			rc->y[k].re[p] = -rc->x[k].re[p];
			rc->y[k].im[p] = -rc->x[k].im[p];
		}
	substitute_back(rc, n_interior, rc->y);
	give(rc, rc->y, n, change_e_V);
}
