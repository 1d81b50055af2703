/* sim_backend/circuit_cholmod.c - L L' of a large circuit by CHOLMOD, its analysis made once and kept.
 *
 * CHOLMOD orders, analyses and factorises; the substitutions are our own: plain loops over its factor, which
 * need no permutation (the matrix is given in the order of elimination) and no BLAS.
 */
#include "config.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <suitesparse/cholmod.h>

#include "sim_backend/circuit_cholmod.h"
#include "sim_backend/circuit_pattern.h"

#define ALSO_METIS 10000 /* unknowns from which the slower, better ordering is tried too */

struct circuit_cholmod {
	cholmod_common common;
	size_t n, n_interior;
	double entries;                 /* of L, predicted */
	uint32_t *place;                /* [n] */
	struct circuit_pattern pattern; /* in the order of elimination */
	struct circuit_assembly assembly;
	double *values; /* [pattern.n_entries] */
	double *below;  /* [n] the unknowns under a supernode */
	cholmod_factor *factor;
	void (*set_openmp_levels)(int); /* NULL: there is no OpenMP */
	const char *error;
};

/* The BLAS has one thread: the bits of a result must not depend on how many there are, and threads that exist
 * before main() has blocked the signals would take them from it.  OpenBLAS makes its threads when it is loaded,
 * so they are ended before main(); another BLAS has none of these two functions. */
__attribute__((constructor)) static void one_blas_thread(void)
{
	void (*set)(int), (*end)(void);

	*(void **)&set = dlsym(RTLD_DEFAULT, "openblas_set_num_threads");
	*(void **)&end = dlsym(RTLD_DEFAULT, "blas_thread_shutdown_");
	if (set)
		set(1);
	if (end)
		end();
}

/* ---- ordering and analysis ---- */

static int code_of(const cholmod_common *common)
{
	if (common->status == CHOLMOD_NOT_INSTALLED)
		return -ENOTSUP;
	return common->status == CHOLMOD_TOO_LARGE ? -E2BIG : -ENOMEM;
}

/* CHOLMOD's view of it; values may be NULL. */
static cholmod_sparse view(const struct circuit_pattern *pattern, double *values, bool upper)
{
	return (cholmod_sparse){.nrow = pattern->n,
				.ncol = pattern->n,
				.nzmax = pattern->n_entries,
				.p = pattern->start,
				.i = pattern->row,
				.x = values,
				.stype = upper ? 1 : -1,
				.itype = CHOLMOD_INT,
				.xtype = values ? CHOLMOD_REAL : CHOLMOD_PATTERN,
				.dtype = CHOLMOD_DOUBLE,
				.sorted = 1,
				.packed = 1};
}

static cholmod_factor *order(struct circuit_cholmod *c, const struct circuit_pattern *interior)
{
	cholmod_sparse matrix = view(interior, NULL, true);

	c->common.supernodal = CHOLMOD_SIMPLICIAL;
	c->common.nmethods = interior->n < ALSO_METIS ? 1 : 2;
	c->common.method[0].ordering = CHOLMOD_AMD;
	c->common.method[1].ordering = CHOLMOD_METIS;
	return cholmod_analyze(&matrix, &c->common);
}

/* place[]: the interior as CHOLMOD orders it, postordered; then the targets. */
static int order_interior(struct circuit_cholmod *c, const struct circuit_system *system,
			  const char **ret_order)
{
	struct circuit_pattern interior;
	cholmod_factor *factor;
	int r;

	for (uint32_t u = 0; u < c->n; u++)
		c->place[u] = u;
	r = circuit_pattern_make(system, c->place, c->n_interior, true, &interior);
	factor = r == 0 ? order(c, &interior) : NULL;
	circuit_pattern_clear(&interior);
	if (!factor)
		return r < 0 ? r : code_of(&c->common);
	for (uint32_t k = 0; k < c->n_interior; k++)
		c->place[((int *)factor->Perm)[k]] = k;
	*ret_order = factor->ordering == CHOLMOD_METIS ? "METIS" : "AMD";
	cholmod_free_factor(&factor, &c->common);
	return 0;
}

/* The matrix as it will be factorised, by the triangle that each kind reads without transposing it: nothing is ordered
 * any more. */
static int analyse(struct circuit_cholmod *c, const struct circuit_system *system, bool supernodal)
{
	cholmod_sparse matrix;
	int r;

	circuit_pattern_clear(&c->pattern);
	cholmod_free_factor(&c->factor, &c->common);
	r = circuit_pattern_make(system, c->place, c->n, !supernodal, &c->pattern);
	if (r < 0)
		return r;
	matrix = view(&c->pattern, NULL, !supernodal);
	c->common.supernodal = supernodal ? CHOLMOD_SUPERNODAL : CHOLMOD_SIMPLICIAL;
	c->common.nmethods = 1;
	c->common.method[0].ordering = CHOLMOD_NATURAL;
	c->common.postorder = 0;
	c->factor = cholmod_analyze(&matrix, &c->common);
	return c->factor ? 0 : code_of(&c->common);
}

int circuit_cholmod_analyse(const struct circuit_system *system, struct circuit_cholmod **ret,
			    struct circuit_cholmod_figures *ret_figures)
{
	struct circuit_cholmod *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return -ENOMEM;
	cholmod_start(&c->common);
	c->common.print = 0;
	*(void **)&c->set_openmp_levels = dlsym(RTLD_DEFAULT, "omp_set_max_active_levels");
	c->n = system->n_unknown;
	c->n_interior = c->n - system->n_targets;
	c->place = malloc((c->n + 1) * sizeof(*c->place));
	r = c->place ? order_interior(c, system, &ret_figures->order) : -ENOMEM;
	if (r == 0)
		r = analyse(c, system, false);
	if (r < 0) {
		circuit_cholmod_free(c);
		return r;
	}
	ret_figures->flops = c->common.fl;
	ret_figures->entries = c->entries = c->common.lnz;
	*ret = c;
	return 0;
}

double circuit_cholmod_memory_B(const struct circuit_cholmod *c, bool supernodal)
{
	double n = (double)c->n, lists = 64 * n + 48 * (double)c->pattern.n_entries;

	/* columns have room for a fifth more and five entries; supernodes hold zeros, but share their lists of rows */
	return lists + (supernodal ? 8 * 1.5 * c->entries : 12 * (1.2 * c->entries + 5 * n));
}

int circuit_cholmod_prepare(struct circuit_cholmod *c, const struct circuit_system *system,
			    bool supernodal)
{
	int r = analyse(c, system, supernodal);

	if (r < 0)
		return r;
	c->values = malloc(c->pattern.n_entries * sizeof(*c->values));
	c->below = malloc((c->n + 1) * sizeof(*c->below));
	if (!c->values || !c->below)
		return -ENOMEM;
	return circuit_assembly_make(system, c->place, &c->pattern, &c->assembly);
}

const uint32_t *circuit_cholmod_place(const struct circuit_cholmod *c)
{
	return c->place;
}

void circuit_cholmod_free(struct circuit_cholmod *c)
{
	if (!c)
		return;
	cholmod_free_factor(&c->factor, &c->common);
	cholmod_finish(&c->common);
	circuit_pattern_clear(&c->pattern);
	circuit_assembly_clear(&c->assembly);
	free(c->place);
	free(c->values);
	free(c->below);
	free(c);
}

/* ---- numbers ---- */

static int factorise(void *self, const double *g)
{
	struct circuit_cholmod *c = self;
	cholmod_sparse matrix = view(&c->pattern, c->values, !c->factor->is_super);

	c->error = "an edge's conductance is not a positive number";
	if (!circuit_assemble(&c->assembly, g, c->pattern.n_entries, c->values))
		return -EDOM;
	/* This thread alone: CHOLMOD asks OpenMP for four, which copy little and then spin (half as fast on two cores). */
	if (c->set_openmp_levels)
		c->set_openmp_levels(0);
	cholmod_factorize(&matrix, c->factor, &c->common);
	if (c->common.status < CHOLMOD_OK) {
		c->error = "out of memory for the factor: give sim.solver: pcg";
		return -ENOMEM;
	}
	return c->factor->minor == c->n ? 0 : -EDOM;
}

/* Simplicial: column k of L begins with D's entry. */
static void down_columns(const cholmod_factor *f, double *x)
{
	const int *start = f->p, *row = f->i, *length = f->nz;
	const double *values = f->x;

	for (size_t k = 0; k < f->n; k++) {
		const int *rows = row + start[k];
		const double *column = values + start[k];
		double value = x[k];

		for (int i = 1; i < length[k]; i++)
			x[rows[i]] -= column[i] * value;
		x[k] = value / column[0];
	}
}

static void up_columns(const cholmod_factor *f, size_t from, double *x)
{
	const int *start = f->p, *row = f->i, *length = f->nz;
	const double *values = f->x;

	for (size_t k = from; k-- > 0;) {
		const int *rows = row + start[k];
		const double *column = values + start[k];
		double sum = x[k];

		for (int i = length[k] - 1; i > 0; i--)
			sum -= column[i] * x[rows[i]];
		x[k] = sum;
	}
}

/* A supernode: columns `first` to `first + n_columns - 1` in one dense block with the same n_rows rows, of which
 * the first n_columns are the columns themselves. */
struct supernode {
	size_t first, n_columns, n_rows;
	const int *row;
	const double *block;
};

static struct supernode supernode(const cholmod_factor *f, size_t s)
{
	const int *super = f->super, *pi = f->pi, *px = f->px;

	return (struct supernode){(size_t)super[s], (size_t)(super[s + 1] - super[s]),
				  (size_t)(pi[s + 1] - pi[s]), (const int *)f->s + pi[s],
				  (const double *)f->x + px[s]};
}

static void down_supernodes(const cholmod_factor *f, double *below, double *x)
{
	for (size_t s = 0; s < f->nsuper; s++) {
		const struct supernode n = supernode(f, s);
		double *head = x + n.first;

		memset(below, 0, n.n_rows * sizeof(*below));
		for (size_t j = 0; j < n.n_columns; j++) {
			const double *column = n.block + j * n.n_rows;
			double value = head[j] /= column[j];

			for (size_t i = j + 1; i < n.n_columns; i++)
				head[i] -= column[i] * value;
			for (size_t i = n.n_columns; i < n.n_rows; i++)
				below[i] += column[i] * value;
		}
		for (size_t i = n.n_columns; i < n.n_rows; i++)
			x[n.row[i]] -= below[i];
	}
}

/* Unknowns from `from` on are known and stay. */
static void up_supernodes(const cholmod_factor *f, size_t from, double *below, double *x)
{
	for (size_t s = f->nsuper; s-- > 0;) {
		const struct supernode n = supernode(f, s);

		if (n.first >= from)
			continue;
		for (size_t i = 0; i < n.n_rows; i++)
			below[i] = x[n.row[i]];
		for (size_t j = n.n_columns; j-- > 0;) {
			const double *column = n.block + j * n.n_rows;
			size_t under = j + 1;

			if (n.first + j >= from)
				continue;
			below[j] = (below[j] -
				    circuit_dot(column + under, below + under, n.n_rows - under)) /
				   column[j];
			x[n.first + j] = below[j];
		}
	}
}

static int solve(void *self, const double *source_V, double *x)
{
	struct circuit_cholmod *c = self;

	circuit_assemble_rhs(&c->assembly, source_V, c->n, x);
	if (c->factor->is_super) {
		down_supernodes(c->factor, c->below, x);
		up_supernodes(c->factor, c->n, c->below, x);
	} else {
		down_columns(c->factor, x);
		up_columns(c->factor, c->n, x);
	}
	return 0;
}

/* The interior's right-hand side does not change: no forward substitution. */
static int follow(void *self, double *x)
{
	struct circuit_cholmod *c = self;

	memset(x, 0, c->n_interior * sizeof(*x));
	if (c->factor->is_super)
		up_supernodes(c->factor, c->n_interior, c->below, x);
	else
		up_columns(c->factor, c->n_interior, x);
	return 0;
}

static const char *error(const void *self)
{
	return ((const struct circuit_cholmod *)self)->error;
}

static void ops_free(void *self)
{
	circuit_cholmod_free(self);
}

const struct circuit_solver_ops circuit_cholmod_ops = {
	.factor = factorise,
	.solve = solve,
	.follow = follow,
	.error = error,
	.free = ops_free,
};
