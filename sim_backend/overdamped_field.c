/* sim_backend/overdamped_field.c - the overdamped rule as a vector field: its rates and their Jacobian. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim_backend/overdamped_field.h"

/* ---- numbers of nodes ---- */

static void number_nodes(struct overdamped_field *f, const uint32_t *sources,
			 const uint32_t *targets)
{
	uint32_t next = 0;

	memset(f->place, 0xFF, f->n_nodes * sizeof(*f->place));
	for (size_t i = 0; i < f->n_sources; i++)
		f->place[sources[i]] = (uint32_t)(f->n_free + i);
	for (size_t i = 0; i < f->n_targets; i++)
		f->place[targets[i]] = (uint32_t)(f->n_free - f->n_targets + i);
	for (size_t v = 0; v < f->n_nodes; v++)
		if (f->place[v] == UINT32_MAX)
			f->place[v] = next++;
}

/* ---- the Jacobian's pattern ---- */

/* Parts of an edge, in the order of struct overdamped_field.slot: row and column by end (0 a, 1 b). */
enum kind { V, U, G };
static const struct part {
	enum kind row, column;
	int row_end, column_end;
} parts
	[OVERDAMPED_SLOTS] =
		{
			{V, V, 0, 0}, {V, V, 0, 1}, {V, V, 1, 0}, {V, V, 1, 1},
			{U, U, 0, 0}, {U, U, 0, 1}, {U, U, 1, 0}, {U, U, 1, 1},
			{U, V, 0, 1}, {U, V, 1, 0}, /* through the u of a clamped target */
			{V, G, 0, 0}, {V, G, 1, 0}, {U, G, 0, 0}, {U, G, 1, 0},
			{G, V, 0, 0}, {G, V, 0, 1}, {G, U, 0, 0}, {G, U, 0, 1},
			{G, G, 0, 0},
};

struct entry {
	int64_t row, column;
	size_t slot; /* SIZE_MAX: of the diagonal, which must be there */
};

static int64_t index_of(const struct overdamped_field *f, enum kind kind, int end, size_t edge)
{
	uint32_t node = end ? f->b[edge] : f->a[edge];

	if (kind == G)
		return (int64_t)(2 * f->n_free + edge);
	if (node >= f->n_free)
		return -1; /* a source */
	return (int64_t)(node + (kind == U ? f->n_free : 0));
}

static int by_place(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

static size_t list_entries(const struct overdamped_field *f, struct entry *list)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n_state; i++)
		list[n++] = (struct entry){(int64_t)i, (int64_t)i, SIZE_MAX};
	for (size_t j = 0; j < f->n_edges; j++)
		for (size_t k = 0; k < OVERDAMPED_SLOTS; k++) {
			const struct part *p = &parts[k];
			int64_t row = index_of(f, p->row, p->row_end, j);
			int64_t column = index_of(f, p->column, p->column_end, j);

			if (row >= 0 && column >= 0)
				list[n++] = (struct entry){row, column, j * OVERDAMPED_SLOTS + k};
		}
	return n;
}

/* Equal places become one entry of the pattern. */
static void merge_entries(struct overdamped_field *f, const struct entry *list, size_t n)
{
	size_t n_slots = f->n_edges * OVERDAMPED_SLOTS;

	for (size_t i = 0; i < n; i++) {
		if (!i || by_place(&list[i], &list[i - 1]) != 0) {
			f->row[f->n_entries++] = list[i].row;
			f->column[list[i].column + 1] = (int64_t)f->n_entries;
		}
		if (list[i].slot != SIZE_MAX)
			f->slot[list[i].slot] = (uint32_t)(f->n_entries - 1);
	}
	for (size_t k = 0; k < n_slots; k++)
		if (f->slot[k] == UINT32_MAX)
			f->slot[k] = (uint32_t)f->n_entries;
}

static int make_pattern(struct overdamped_field *f)
{
	size_t most = f->n_state + f->n_edges * OVERDAMPED_SLOTS, n;
	struct entry *list = malloc((most + 1) * sizeof(*list));

	f->row = malloc((most + 1) * sizeof(*f->row));
	f->column = calloc(f->n_state + 1, sizeof(*f->column));
	f->slot = malloc((f->n_edges * OVERDAMPED_SLOTS + 1) * sizeof(*f->slot));
	if (!list || !f->row || !f->column || !f->slot) {
		free(list);
		return -ENOMEM;
	}
	memset(f->slot, 0xFF, f->n_edges * OVERDAMPED_SLOTS * sizeof(*f->slot));
	n = list_entries(f, list);
	qsort(list, n, sizeof(*list), by_place);
	merge_entries(f, list, n);
	free(list);
	return 0;
}

/* ---- life ---- */

static bool allocate(struct overdamped_field *f)
{
	f->place = malloc((f->n_nodes + 1) * sizeof(*f->place));
	f->a = malloc((f->n_edges + 1) * sizeof(*f->a));
	f->b = malloc((f->n_edges + 1) * sizeof(*f->b));
	f->V = calloc(f->n_nodes + 1, sizeof(double));
	f->U = calloc(f->n_nodes + 1, sizeof(double));
	f->dV = calloc(f->n_nodes + 1, sizeof(double));
	f->dU = calloc(f->n_nodes + 1, sizeof(double));
	return f->place && f->a && f->b && f->V && f->U && f->dV && f->dU;
}

int overdamped_field_make(const struct network *net, const uint32_t *sources, size_t n_sources,
			  const uint32_t *targets, size_t n_targets, struct overdamped_field *ret)
{
	struct overdamped_field f = {.n_nodes = net->n_nodes,
				     .n_edges = net->n_edges,
				     .n_sources = n_sources,
				     .n_targets = n_targets,
				     .n_free = net->n_nodes - n_sources};
	int r = -ENOMEM;

	f.n_state = 2 * f.n_free + f.n_edges;
	if (allocate(&f)) {
		number_nodes(&f, sources, targets);
		for (size_t j = 0; j < f.n_edges; j++) {
			f.a[j] = f.place[net->a[j]];
			f.b[j] = f.place[net->b[j]];
		}
		r = make_pattern(&f);
	}
	if (r < 0)
		overdamped_field_clear(&f);
	else
		*ret = f;
	return r;
}

void overdamped_field_clear(struct overdamped_field *f)
{
	free(f->place);
	free(f->a);
	free(f->b);
	free(f->V);
	free(f->U);
	free(f->dV);
	free(f->dU);
	free(f->column);
	free(f->row);
	free(f->slot);
	*f = (struct overdamped_field){0};
}

/* ---- rates ---- */

/* Voltages of all nodes by number: f->V and f->U. */
static void spread_out(struct overdamped_field *f, const struct overdamped_drive *drive,
		       const double *y)
{
	size_t n = f->n_free, first = n - f->n_targets;

	memcpy(f->V, y, n * sizeof(double));
	memcpy(f->V + n, drive->source_V, f->n_sources * sizeof(double));
	memcpy(f->U, y + n, n * sizeof(double)); /* of sources it stays 0 */
	for (size_t i = 0; drive->clamped && i < f->n_targets; i++)
		f->U[first + i] = drive->target_V[i] - y[first + i];
}

/* dg/dt by the rule, before the clip. */
static inline double learning(const struct overdamped_drive *drive, double drop_V, double response)
{
	return -drive->alpha_per_s * (2 * drop_V + drive->eta * response) * response;
}

void overdamped_field_rate(struct overdamped_field *f, const struct overdamped_drive *drive,
			   const double *y, double *ret_rate)
{
	size_t n = f->n_free;
	const double *g = y + 2 * n;
	double *g_rate = ret_rate + 2 * n;

	spread_out(f, drive, y);
	memset(f->dV, 0, f->n_nodes * sizeof(double));
	memset(f->dU, 0, f->n_nodes * sizeof(double));
	for (size_t j = 0; j < f->n_edges; j++) {
		uint32_t a = f->a[j], b = f->b[j];
		double drop_V = f->V[a] - f->V[b], response = f->U[a] - f->U[b];
		double rate = learning(drive, drop_V, response);

		f->dV[a] -= g[j] * drop_V;
		f->dV[b] += g[j] * drop_V;
		f->dU[a] -= g[j] * response;
		f->dU[b] += g[j] * response;
		g_rate[j] = drive->learns[j] ? fmax(rate, -drive->fall_per_s * g[j]) : 0;
	}
	memcpy(ret_rate, f->dV, n * sizeof(double));
	memcpy(ret_rate + n, f->dU, n * sizeof(double));
	if (drive->clamped)
		memset(ret_rate + 2 * n - f->n_targets, 0, f->n_targets * sizeof(double));
}

/* ---- the Jacobian ---- */

/* The parts of one edge's currents: rows of v and u. */
static void current_parts(const struct overdamped_field *f, const struct overdamped_drive *drive,
			  size_t j, double g, double part[OVERDAMPED_SLOTS])
{
	uint32_t a = f->a[j], b = f->b[j];
	size_t first = f->n_free - f->n_targets;
	/* the u of a clamped target: its rate is 0, and what depends on it depends on -v */
	bool fixed_a = drive->clamped && a >= first, fixed_b = drive->clamped && b >= first;
	double drop_V = f->V[a] - f->V[b], response = f->U[a] - f->U[b];

	part[0] = part[3] = -g;
	part[1] = part[2] = g;
	part[4] = fixed_a ? 0 : -g;
	part[5] = fixed_a || fixed_b ? 0 : g;
	part[6] = fixed_a || fixed_b ? 0 : g;
	part[7] = fixed_b ? 0 : -g;
	part[8] = !fixed_a && fixed_b ? -g : 0;
	part[9] = fixed_a && !fixed_b ? -g : 0;
	part[10] = -drop_V;
	part[11] = drop_V;
	part[12] = fixed_a ? 0 : -response;
	part[13] = fixed_b ? 0 : response;
}

/* The parts of its learning: the row of g. */
static void learning_parts(const struct overdamped_field *f, const struct overdamped_drive *drive,
			   size_t j, double g, double part[OVERDAMPED_SLOTS])
{
	uint32_t a = f->a[j], b = f->b[j];
	size_t first = f->n_free - f->n_targets;
	bool fixed_a = drive->clamped && a >= first, fixed_b = drive->clamped && b >= first;
	double drop_V = f->V[a] - f->V[b], response = f->U[a] - f->U[b];
	double by_drop = -2 * drive->alpha_per_s * response;
	double by_response = -2 * drive->alpha_per_s * (drop_V + drive->eta * response);

	for (int k = 14; k < OVERDAMPED_SLOTS; k++)
		part[k] = 0;
	if (!drive->learns[j])
		return;
	if (learning(drive, drop_V, response) < -drive->fall_per_s * g) {
		part[18] = -drive->fall_per_s;
		return;
	}
	part[14] = by_drop - (fixed_a ? by_response : 0);
	part[15] = -by_drop + (fixed_b ? by_response : 0);
	part[16] = fixed_a ? 0 : by_response;
	part[17] = fixed_b ? 0 : -by_response;
}

void overdamped_field_jacobian(struct overdamped_field *f, const struct overdamped_drive *drive,
			       const double *y, double *ret)
{
	const double *g = y + 2 * f->n_free;

	spread_out(f, drive, y);
	memset(ret, 0, (f->n_entries + 1) * sizeof(double));
	for (size_t j = 0; j < f->n_edges; j++) {
		const uint32_t *slot = f->slot + j * OVERDAMPED_SLOTS;
		double part[OVERDAMPED_SLOTS];

		current_parts(f, drive, j, g[j], part);
		learning_parts(f, drive, j, g[j], part);
		for (size_t k = 0; k < OVERDAMPED_SLOTS; k++)
			ret[slot[k]] += part[k];
	}
}
