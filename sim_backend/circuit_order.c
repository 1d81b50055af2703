/* sim_backend/circuit_order.c - minimum degree on the explicit elimination graph.
 *
 * Eliminating an unknown joins all its neighbours with each other.  The graph is kept as it is at each
 * moment, which costs about as much as one factorisation; made once per topology, that is cheap.
 */
#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sim_backend/circuit_order.h"

#define NOBODY UINT32_MAX

struct neighbours {
	uint32_t *who;
	uint32_t n, room;
};

/* The elimination graph, and its unknowns in doubly linked lists by degree. */
struct graph {
	size_t n, n_last;
	struct neighbours *of; /* [n]; of an eliminated unknown: its column of L */
	uint32_t *head;        /* [n] first unknown of each degree */
	uint32_t *next, *prev; /* [n] */
	uint32_t *mark;        /* [n] stamp of the last sweep that met it */
	uint32_t stamp;
};

static int add(struct neighbours *list, uint32_t who)
{
	if (list->n == list->room) {
		uint32_t room = list->room ? 2 * list->room : 8;
		uint32_t *bigger = realloc(list->who, room * sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		list->who = bigger;
		list->room = room;
	}
	list->who[list->n++] = who;
	return 0;
}

static bool has(const struct neighbours *list, uint32_t who)
{
	for (uint32_t i = 0; i < list->n; i++)
		if (list->who[i] == who)
			return true;
	return false;
}

static bool is_last(const struct graph *g, uint32_t v)
{
	return v >= g->n - g->n_last;
}

static void enlist(struct graph *g, uint32_t v)
{
	uint32_t *head = &g->head[g->of[v].n];

	if (is_last(g, v))
		return;
	g->prev[v] = NOBODY;
	g->next[v] = *head;
	if (*head != NOBODY)
		g->prev[*head] = v;
	*head = v;
}

static void delist(struct graph *g, uint32_t v)
{
	if (is_last(g, v))
		return;
	if (g->prev[v] == NOBODY)
		g->head[g->of[v].n] = g->next[v];
	else
		g->next[g->prev[v]] = g->next[v];
	if (g->next[v] != NOBODY)
		g->prev[g->next[v]] = g->prev[v];
}

/* u loses v and gains those neighbours of v that it lacks. */
static int join(struct graph *g, uint32_t u, uint32_t v)
{
	struct neighbours *list = &g->of[u];
	const struct neighbours *from = &g->of[v];
	uint32_t kept = 0;

	g->stamp++;
	g->mark[u] = g->stamp;
	for (uint32_t i = 0; i < list->n; i++) {
		g->mark[list->who[i]] = g->stamp;
		if (list->who[i] != v)
			list->who[kept++] = list->who[i];
	}
	list->n = kept;
	for (uint32_t i = 0; i < from->n; i++)
		if (g->mark[from->who[i]] != g->stamp && add(list, from->who[i]) < 0)
			return -ENOMEM;
	return 0;
}

static int eliminate(struct graph *g, uint32_t v)
{
	const struct neighbours *list = &g->of[v];

	delist(g, v);
	for (uint32_t i = 0; i < list->n; i++) {
		delist(g, list->who[i]);
		if (join(g, list->who[i], v) < 0)
			return -ENOMEM;
		enlist(g, list->who[i]);
	}
	return 0;
}

static int eliminate_all(struct graph *g, uint32_t *place)
{
	size_t n_first = g->n - g->n_last;
	uint32_t degree = 0;

	for (uint32_t v = (uint32_t)n_first;
	     v-- > 0;) /* backwards: the least number leads its list */
		enlist(g, v);
	for (uint32_t k = 0; k < g->n; k++) {
		uint32_t v = k;

		if (k < n_first) {
			/* an elimination lowers a neighbour's degree by one at most */
			degree = degree ? degree - 1 : 0;
			while (g->head[degree] == NOBODY)
				degree++;
			v = g->head[degree];
		}
		place[v] = k;
		if (eliminate(g, v) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* The columns of L from the neighbours that each unknown had when it was eliminated. */
static int collect(const struct graph *g, struct circuit_order *ret)
{
	size_t entries = 0;

	for (uint32_t v = 0; v < g->n; v++)
		ret->column[ret->place[v] + 1] = g->of[v].n;
	for (size_t k = 0; k < g->n; k++)
		entries = ret->column[k + 1] += ret->column[k];
	ret->row = malloc((entries + 1) * sizeof(*ret->row));
	if (!ret->row)
		return -ENOMEM;
	for (uint32_t v = 0; v < g->n; v++) {
		uint32_t *row = ret->row + ret->column[ret->place[v]];

		for (uint32_t i = 0; i < g->of[v].n; i++)
			row[i] = ret->place[g->of[v].who[i]];
		qsort(row, g->of[v].n, sizeof(*row), ascending);
	}
	return 0;
}

static int connect_all(struct graph *g, const uint32_t (*ends)[2], size_t n_pairs)
{
	for (size_t i = 0; i < n_pairs; i++) {
		uint32_t a = ends[i][0], b = ends[i][1];

		if (has(&g->of[a], b))
			continue;
		if (add(&g->of[a], b) < 0 || add(&g->of[b], a) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int graph_make(struct graph *g)
{
	g->of = calloc(g->n + 1, sizeof(*g->of));
	g->mark = calloc(g->n + 1, sizeof(*g->mark));
	g->head = malloc((g->n + 1) * sizeof(*g->head));
	g->next = malloc((g->n + 1) * sizeof(*g->next));
	g->prev = malloc((g->n + 1) * sizeof(*g->prev));
	if (!g->of || !g->mark || !g->head || !g->next || !g->prev)
		return -ENOMEM;
	memset(g->head, 0xFF, (g->n + 1) * sizeof(*g->head));
	return 0;
}

static void graph_clear(struct graph *g)
{
	for (size_t v = 0; g->of && v < g->n; v++)
		free(g->of[v].who);
	free(g->of);
	free(g->mark);
	free(g->head);
	free(g->next);
	free(g->prev);
}

int circuit_order_make(size_t n, size_t n_last, const uint32_t (*ends)[2], size_t n_pairs,
		       struct circuit_order *ret)
{
	struct graph g = {.n = n, .n_last = n_last};
	int r = graph_make(&g);

	*ret = (struct circuit_order){.n = n};
	ret->place = malloc((n + 1) * sizeof(*ret->place));
	ret->column = calloc(n + 1, sizeof(*ret->column));
	if (!ret->place || !ret->column)
		r = -ENOMEM;
	if (r == 0)
		r = connect_all(&g, ends, n_pairs);
	if (r == 0)
		r = eliminate_all(&g, ret->place);
	if (r == 0)
		r = collect(&g, ret);
	graph_clear(&g);
	return r;
}

void circuit_order_clear(struct circuit_order *order)
{
	free(order->place);
	free(order->column);
	free(order->row);
	*order = (struct circuit_order){0};
}
