/* sim_backend/circuit.c - which nodes are unknown, and what solves for them.
 *
 * The one method so far is the static tape of circuit_ldl.c, good up to about 5,000 edges; another one for
 * larger networks is chosen in circuit_new(), from the fill that circuit_order.c predicts.
 */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_backend/circuit.h"
#include "sim_backend/circuit_ldl.h"

#define NOT_UNKNOWN UINT32_MAX

struct circuit {
	size_t n_nodes, n_sources, n_targets, n_floating, n_unknown;
	uint32_t *source, *target, *floating; /* nodes */
	uint32_t *node;                       /* [n_unknown] in the order of elimination */
	double *source_V;                     /* [n_sources] of the last solution */
	double *free_V, *change_V;            /* [n_unknown] the last solutions */
	struct circuit_ldl *ldl;
};

/* What is known of each node while the circuit is built. */
struct plan {
	const struct network *net;
	const uint8_t *cut;
	uint32_t *group;   /* [n_nodes] disjoint sets of connected nodes */
	uint32_t *source;  /* [n_nodes] which source it is, or NOT_UNKNOWN */
	uint32_t *unknown; /* [n_nodes] its number among the unknowns, or NOT_UNKNOWN */
	bool *live;        /* [n_nodes] of a group's root: it holds a source */
	struct circuit_inner_edge *inner;
	struct circuit_source_edge *outer;
	uint32_t (*ends)[2];
	struct network_error *err;
};

static uint32_t root_of(uint32_t *group, uint32_t v)
{
	while (group[v] != v)
		v = group[v] = group[group[v]];
	return v;
}

static bool is_cut(const struct plan *plan, size_t edge)
{
	return plan->cut && plan->cut[edge];
}

static int refuse(struct plan *plan, const char *what, uint32_t node, const char *why)
{
	snprintf(plan->err->text, sizeof(plan->err->text), "%s node %u %s", what, node, why);
	return -EINVAL;
}

/* Marks sources in plan->source and targets in plan->unknown; both must be distinct nodes of the network. */
static int check_ends(struct plan *plan, const struct circuit *c)
{
	size_t n = plan->net->n_nodes;

	memset(plan->source, 0xFF, n * sizeof(*plan->source));
	memset(plan->unknown, 0xFF, n * sizeof(*plan->unknown));
	for (size_t i = 0; i < c->n_sources; i++) {
		if (c->source[i] >= n)
			return refuse(plan, "source", c->source[i], "does not exist");
		if (plan->source[c->source[i]] != NOT_UNKNOWN)
			return refuse(plan, "source", c->source[i], "is there twice");
		plan->source[c->source[i]] = (uint32_t)i;
	}
	for (size_t i = 0; i < c->n_targets; i++) {
		uint32_t node = c->target[i];

		if (node >= n)
			return refuse(plan, "target", node, "does not exist");
		if (plan->source[node] != NOT_UNKNOWN)
			return refuse(plan, "target", node, "is a source too");
		if (plan->unknown[node] != NOT_UNKNOWN)
			return refuse(plan, "target", node, "is there twice");
		plan->unknown[node] = (uint32_t)i;
	}
	return 0;
}

static void connect(struct plan *plan, const struct circuit *c)
{
	const struct network *net = plan->net;

	for (uint32_t v = 0; v < net->n_nodes; v++)
		plan->group[v] = v;
	for (size_t j = 0; j < net->n_edges; j++)
		if (!is_cut(plan, j))
			plan->group[root_of(plan->group, net->a[j])] =
				root_of(plan->group, net->b[j]);
	for (size_t i = 0; i < c->n_sources; i++)
		plan->live[root_of(plan->group, c->source[i])] = true;
}

/* Lists floating nodes; numbers the unknowns, targets last. */
static int number(struct plan *plan, struct circuit *c)
{
	size_t size = sizeof(plan->err->text), n_text = 0, n_lost = 0;

	for (uint32_t v = 0; v < plan->net->n_nodes; v++) {
		bool target = plan->unknown[v] != NOT_UNKNOWN;

		if (plan->live[root_of(plan->group, v)]) {
			if (!target && plan->source[v] == NOT_UNKNOWN)
				plan->unknown[v] = (uint32_t)c->n_unknown++;
			continue;
		}
		c->floating[c->n_floating++] = v;
		if (target && n_text < size)
			n_text += (size_t)snprintf(plan->err->text + n_text, size - n_text,
						   n_lost++ ? ", %u" : "target node %u", v);
	}
	if (n_lost) {
		if (n_text < size)
			snprintf(plan->err->text + n_text, size - n_text, " %s no path to a source",
				 n_lost > 1 ? "have" : "has");
		return -ENOTCONN;
	}
	for (size_t i = 0; i < c->n_targets; i++)
		plan->unknown[c->target[i]] = (uint32_t)c->n_unknown++;
	return 0;
}

static void sort_edges(struct plan *plan, struct circuit_system *system)
{
	const struct network *net = plan->net;

	for (uint32_t j = 0; j < net->n_edges; j++) {
		uint32_t a = net->a[j], b = net->b[j], ua = plan->unknown[a], ub = plan->unknown[b];

		if (is_cut(plan, j))
			continue;
		if (ua != NOT_UNKNOWN && ub != NOT_UNKNOWN) {
			plan->ends[system->n_inner][0] = ua;
			plan->ends[system->n_inner][1] = ub;
			plan->inner[system->n_inner++] = (struct circuit_inner_edge){j, ua, ub};
		} else if (ua != NOT_UNKNOWN && plan->source[b] != NOT_UNKNOWN) {
			plan->outer[system->n_outer++] =
				(struct circuit_source_edge){j, ua, plan->source[b]};
		} else if (ub != NOT_UNKNOWN && plan->source[a] != NOT_UNKNOWN) {
			plan->outer[system->n_outer++] =
				(struct circuit_source_edge){j, ub, plan->source[a]};
		}
	}
}

static int build_solver(struct plan *plan, struct circuit *c)
{
	struct circuit_system system = {.n_unknown = c->n_unknown,
					.n_targets = c->n_targets,
					.inner = plan->inner,
					.outer = plan->outer};
	struct circuit_order order;
	int r;

	sort_edges(plan, &system);
	r = circuit_order_make(c->n_unknown, c->n_targets, (const uint32_t(*)[2])plan->ends,
			       system.n_inner, &order);
	if (r == 0)
		r = circuit_ldl_new(&system, &order, &c->ldl);
	for (uint32_t v = 0; r == 0 && v < c->n_nodes; v++)
		if (plan->unknown[v] != NOT_UNKNOWN)
			c->node[order.place[plan->unknown[v]]] = v;
	circuit_order_clear(&order);
	return r;
}

static int build(struct plan *plan, struct circuit *c)
{
	int r = check_ends(plan, c);

	if (r < 0)
		return r;
	connect(plan, c);
	r = number(plan, c);
	if (r < 0)
		return r;
	return build_solver(plan, c);
}

static bool plan_make(struct plan *plan)
{
	size_t n = plan->net->n_nodes + 1, m = plan->net->n_edges + 1;

	plan->group = malloc(n * sizeof(*plan->group));
	plan->source = malloc(n * sizeof(*plan->source));
	plan->unknown = malloc(n * sizeof(*plan->unknown));
	plan->live = calloc(n, sizeof(*plan->live));
	plan->inner = malloc(m * sizeof(*plan->inner));
	plan->outer = malloc(m * sizeof(*plan->outer));
	plan->ends = malloc(m * sizeof(*plan->ends));
	return plan->group && plan->source && plan->unknown && plan->live && plan->inner &&
	       plan->outer && plan->ends;
}

static void plan_clear(struct plan *plan)
{
	free(plan->group);
	free(plan->source);
	free(plan->unknown);
	free(plan->live);
	free(plan->inner);
	free(plan->outer);
	free(plan->ends);
}

static uint32_t *copy_nodes(const uint32_t *nodes, size_t n)
{
	uint32_t *copy = malloc((n + 1) * sizeof(*copy));

	if (copy && n)
		memcpy(copy, nodes, n * sizeof(*copy));
	return copy;
}

static struct circuit *circuit_alloc(size_t n_nodes, const uint32_t *sources, size_t n_sources,
				     const uint32_t *targets, size_t n_targets)
{
	struct circuit *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->n_nodes = n_nodes;
	c->n_sources = n_sources;
	c->n_targets = n_targets;
	c->source = copy_nodes(sources, n_sources);
	c->target = copy_nodes(targets, n_targets);
	c->floating = malloc((n_nodes + 1) * sizeof(*c->floating));
	c->node = malloc((n_nodes + 1) * sizeof(*c->node));
	c->source_V = malloc((n_sources + 1) * sizeof(*c->source_V));
	c->free_V = malloc((n_nodes + 1) * sizeof(*c->free_V));
	c->change_V = malloc((n_nodes + 1) * sizeof(*c->change_V));
	if (c->source && c->target && c->floating && c->node && c->source_V && c->free_V &&
	    c->change_V)
		return c;
	circuit_free(c);
	return NULL;
}

int circuit_new(const struct network *net, const uint8_t *cut, const uint32_t *sources,
		size_t n_sources, const uint32_t *targets, size_t n_targets, struct circuit **ret,
		struct network_error *err)
{
	struct plan plan = {.net = net, .cut = cut, .err = err};
	struct circuit *c = circuit_alloc(net->n_nodes, sources, n_sources, targets, n_targets);
	int r = c && plan_make(&plan) ? build(&plan, c) : -ENOMEM;

	plan_clear(&plan);
	if (r == -ENOMEM)
		snprintf(err->text, sizeof(err->text), "out of memory for a circuit of %zu edges",
			 net->n_edges);
	if (r < 0)
		circuit_free(c);
	else
		*ret = c;
	return r;
}

void circuit_free(struct circuit *c)
{
	if (!c)
		return;
	circuit_ldl_free(c->ldl);
	free(c->source);
	free(c->target);
	free(c->floating);
	free(c->node);
	free(c->source_V);
	free(c->free_V);
	free(c->change_V);
	free(c);
}

size_t circuit_floating(const struct circuit *c, const uint32_t **nodes)
{
	*nodes = c->floating;
	return c->n_floating;
}

const char *circuit_method(const struct circuit *c)
{
	(void)c;
	return "static-ldl";
}

int circuit_factor(struct circuit *c, const double *g)
{
	return circuit_ldl_factor(c->ldl, g);
}

void circuit_solve_free(struct circuit *c, const double *source_V, double *ret_V)
{
	circuit_ldl_solve(c->ldl, source_V, c->free_V);
	for (size_t i = 0; i < c->n_sources; i++)
		ret_V[c->source[i]] = c->source_V[i] = source_V[i];
	for (size_t k = 0; k < c->n_unknown; k++)
		ret_V[c->node[k]] = c->free_V[k];
	for (size_t i = 0; i < c->n_floating; i++)
		ret_V[c->floating[i]] = NAN;
}

/* Into c->change_V, in the order of elimination: the targets are its end, in their own order. */
static void solve_change(struct circuit *c, const double *clamp_V)
{
	size_t first = c->n_unknown - c->n_targets;

	for (size_t i = 0; i < c->n_targets; i++)
		c->change_V[first + i] = clamp_V[i] - c->free_V[first + i];
	circuit_ldl_follow(c->ldl, c->change_V);
}

void circuit_solve_change(struct circuit *c, const double *clamp_V, double *ret_change_V)
{
	solve_change(c, clamp_V);
	for (size_t i = 0; i < c->n_sources; i++)
		ret_change_V[c->source[i]] = 0;
	for (size_t k = 0; k < c->n_unknown; k++)
		ret_change_V[c->node[k]] = c->change_V[k];
	for (size_t i = 0; i < c->n_floating; i++)
		ret_change_V[c->floating[i]] = NAN;
}

void circuit_clamped(const struct circuit *c, const double *clamp_V, double *ret_V)
{
	for (size_t i = 0; i < c->n_sources; i++)
		ret_V[c->source[i]] = c->source_V[i];
	for (size_t k = 0; k < c->n_unknown; k++)
		ret_V[c->node[k]] = c->free_V[k] + c->change_V[k];
	for (size_t i = 0; i < c->n_targets; i++)
		ret_V[c->target[i]] = clamp_V[i];
	for (size_t i = 0; i < c->n_floating; i++)
		ret_V[c->floating[i]] = NAN;
}

void circuit_solve_clamped(struct circuit *c, const double *clamp_V, double *ret_V)
{
	solve_change(c, clamp_V);
	circuit_clamped(c, clamp_V, ret_V);
}

const struct circuit_ldl *circuit_tape(const struct circuit *c, const uint32_t **ret_node)
{
	*ret_node = c->node;
	return c->ldl;
}
