/* sim_backend/network_disordered.c - relaxed random points in a periodic box, joined to their nearest neighbours.
 *
 * Points at density 1 push each other apart for a while, which leaves a liquid without holes; then the shortest pairs
 * become edges: first those that a spanning tree needs, so that all is connected, then others up to the number wanted.
 * Nodes are numbered by strips of the box: neighbours in space are near each other in memory.
 */
#include "config.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sim_backend/network_make.h"
#include "sim_backend/random.h"

#define ROUNDS 60
#define REACH  1.2 /* of the push; a triangular lattice of density 1 has 1.07 between neighbours */
#define PUSH   0.2
#define NOBODY UINT32_MAX

struct pair {
	double d2;
	uint32_t a, b;
};

/* Points in cells at least as wide as the reach: neighbours are in the 3 x 3 cells around. */
struct box {
	size_t n, n_across; /* cells along a side */
	double side;
	double *x, *y, *fx, *fy; /* [n] */
	uint32_t *first;         /* [n_across^2] a point of each cell */
	uint32_t *next;          /* [n] */
	struct pair *pair;
	size_t n_pairs, room;
};

static size_t cell_of(const struct box *box, double x)
{
	size_t cell = (size_t)(x / box->side * (double)box->n_across);

	return cell < box->n_across ? cell : box->n_across - 1;
}

static void sort_in(struct box *box, double reach)
{
	size_t most = (size_t)fmax(1, floor(sqrt((double)box->n)));

	box->n_across = (size_t)fmax(1, floor(box->side / reach));
	if (box->n_across > most)
		box->n_across = most;
	if (box->n_across < 4) /* 3 x 3 cells around would meet a point twice */
		box->n_across = 1;
	memset(box->first, 0xFF, box->n_across * box->n_across * sizeof(*box->first));
	for (size_t i = box->n; i-- > 0;) {
		size_t cell = cell_of(box, box->y[i]) * box->n_across + cell_of(box, box->x[i]);

		box->next[i] = box->first[cell];
		box->first[cell] = (uint32_t)i;
	}
}

static double nearest_image(const struct box *box, double difference)
{
	return difference - box->side * rint(difference / box->side);
}

typedef bool visit(struct box *box, uint32_t a, uint32_t b, double dx, double dy, double d2);

static bool visit_cell(struct box *box, uint32_t a, size_t cell, double reach, visit *each)
{
	for (uint32_t b = box->first[cell]; b != NOBODY; b = box->next[b]) {
		double dx, dy, d2;

		if (b <= a)
			continue;
		dx = nearest_image(box, box->x[b] - box->x[a]);
		dy = nearest_image(box, box->y[b] - box->y[a]);
		d2 = dx * dx + dy * dy;
		if (d2 < reach * reach && !each(box, a, b, dx, dy, d2))
			return false;
	}
	return true;
}

/* Every pair nearer than `reach`, once, in an order that the points alone decide. */
static bool for_pairs(struct box *box, double reach, visit *each)
{
	size_t n_around;

	sort_in(box, reach);
	n_around = box->n_across == 1 ? 1 : 3;
	for (uint32_t a = 0; a < box->n; a++) {
		size_t row = cell_of(box, box->y[a]), column = cell_of(box, box->x[a]);

		for (size_t i = 0; i < n_around * n_around; i++) {
			size_t r =
				(row + box->n_across + i / n_around - n_around / 2) % box->n_across;
			size_t c = (column + box->n_across + i % n_around - n_around / 2) %
				   box->n_across;

			if (!visit_cell(box, a, r * box->n_across + c, reach, each))
				return false;
		}
	}
	return true;
}

/* ---- relaxing ---- */

static bool push(struct box *box, uint32_t a, uint32_t b, double dx, double dy, double d2)
{
	double d = sqrt(d2), along = d > 1e-9 ? PUSH * (REACH / d - 1) : 0;

	box->fx[a] -= along * dx;
	box->fy[a] -= along * dy;
	box->fx[b] += along * dx;
	box->fy[b] += along * dy;
	return true;
}

static double back_in(const struct box *box, double x)
{
	x -= box->side * floor(x / box->side);
	return x < box->side ? x : 0;
}

static void relax(struct box *box)
{
	for (int round = 0; round < ROUNDS; round++) {
		memset(box->fx, 0, box->n * sizeof(*box->fx));
		memset(box->fy, 0, box->n * sizeof(*box->fy));
		for_pairs(box, REACH, push);
		for (size_t i = 0; i < box->n; i++) {
			box->x[i] = back_in(box, box->x[i] + box->fx[i]);
			box->y[i] = back_in(box, box->y[i] + box->fy[i]);
		}
	}
}

/* By strips of the box, and along each strip. */
static void renumber(struct box *box)
{
	size_t at = 0;

	sort_in(box, REACH);
	for (size_t cell = 0; cell < box->n_across * box->n_across; cell++)
		for (uint32_t i = box->first[cell]; i != NOBODY; i = box->next[i], at++) {
			box->fx[at] = box->x[i];
			box->fy[at] = box->y[i];
		}
	memcpy(box->x, box->fx, box->n * sizeof(*box->x));
	memcpy(box->y, box->fy, box->n * sizeof(*box->y));
}

/* ---- joining ---- */

static bool note(struct box *box, uint32_t a, uint32_t b, double dx, double dy, double d2)
{
	(void)dx;
	(void)dy;
	if (box->n_pairs == box->room) {
		size_t room = box->room ? 2 * box->room : 1024;
		struct pair *bigger = realloc(box->pair, room * sizeof(*bigger));

		if (!bigger)
			return false;
		box->pair = bigger;
		box->room = room;
	}
	box->pair[box->n_pairs++] = (struct pair){d2, a, b};
	return true;
}

static int by_length(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	if (x->d2 != y->d2)
		return x->d2 < y->d2 ? -1 : 1;
	return x->a != y->a ? (x->a > y->a) - (x->a < y->a) : (x->b > y->b) - (x->b < y->b);
}

static int by_node(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	return x->a != y->a ? (x->a > y->a) - (x->a < y->a) : (x->b > y->b) - (x->b < y->b);
}

static uint32_t root_of(uint32_t *group, uint32_t v)
{
	while (group[v] != v)
		v = group[v] = group[group[v]];
	return v;
}

/* Moves the pairs of a spanning tree to the front, both parts in order of length; returns how many they are.  group:
 * [n]; other: [n_pairs]. */
static size_t tree_first(struct box *box, uint32_t *group, struct pair *other)
{
	size_t n_tree = 0, n_other = 0;

	for (uint32_t v = 0; v < box->n; v++)
		group[v] = v;
	for (size_t i = 0; i < box->n_pairs; i++) {
		uint32_t a = root_of(group, box->pair[i].a), b = root_of(group, box->pair[i].b);

		if (a == b) {
			other[n_other++] = box->pair[i];
			continue;
		}
		group[a] = b;
		box->pair[n_tree++] = box->pair[i];
	}
	memcpy(box->pair + n_tree, other, n_other * sizeof(*other));
	return n_tree;
}

/* The pairs that become edges, at the front of box->pair. */
static bool choose_pairs(struct box *box, size_t n_edges)
{
	double reach = sqrt((4 * (double)n_edges / (double)box->n + 10) / M_PI);

	for (;; reach *= 1.5) {
		struct pair *other;
		size_t n_tree = 0;

		box->n_pairs = 0;
		if (!for_pairs(box, reach, note))
			return false;
		qsort(box->pair, box->n_pairs, sizeof(*box->pair), by_length);
		other = malloc((box->n_pairs + 1) * sizeof(*other));
		if (!other)
			return false;
		if (box->n_pairs >= n_edges)
			n_tree = tree_first(box, box->next, other);
		free(other);
		if (n_tree == box->n - 1)
			break;
	}
	qsort(box->pair, n_edges, sizeof(*box->pair), by_node);
	return true;
}

static struct network *network_of(const struct box *box, size_t n_edges)
{
	struct network *net = network_alloc(box->n, n_edges);

	for (size_t j = 0; net && j < n_edges; j++) {
		net->a[j] = box->pair[j].a;
		net->b[j] = box->pair[j].b;
	}
	for (size_t i = 0; net && i < box->n; i++) {
		net->x[i] = box->x[i];
		net->y[i] = box->y[i];
	}
	return net;
}

static bool scatter(struct box *box, uint64_t seed)
{
	size_t n = box->n;

	box->side = sqrt((double)n);
	box->x = malloc(n * sizeof(*box->x));
	box->y = malloc(n * sizeof(*box->y));
	box->fx = malloc(n * sizeof(*box->fx));
	box->fy = malloc(n * sizeof(*box->fy));
	box->first = malloc((n + 1) * sizeof(*box->first));
	box->next = malloc(n * sizeof(*box->next));
	if (!box->x || !box->y || !box->fx || !box->fy || !box->first || !box->next)
		return false;
	for (size_t i = 0; i < n; i++) {
		box->x[i] = box->side * random_uniform(seed, RANDOM_GENERATE, i, 0);
		box->y[i] = box->side * random_uniform(seed, RANDOM_GENERATE, i, 1);
	}
	return true;
}

struct network *network_disordered(size_t n, size_t n_edges, uint64_t seed)
{
	struct box box = {.n = n};
	struct network *net = NULL;

	if (scatter(&box, seed)) {
		relax(&box);
		renumber(&box);
		if (choose_pairs(&box, n_edges))
			net = network_of(&box, n_edges);
	}
	free(box.x);
	free(box.y);
	free(box.fx);
	free(box.fy);
	free(box.first);
	free(box.next);
	free(box.pair);
	return net;
}
