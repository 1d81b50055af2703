/* sim_backend/circuit_plan.c - which nodes of a circuit are unknown, and the edges in terms of them. */
#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_backend/circuit_plan.h"

#define NOBODY UINT32_MAX

/* What is known of each node while the plan is made. */
struct planner {
	const struct network *net;
	const uint8_t *cut;
	const struct circuit_ends *ends;
	uint32_t *group;   /* [n_nodes] disjoint sets of connected nodes */
	uint32_t *source;  /* [n_nodes] which source it is, or NOBODY */
	uint32_t *unknown; /* [n_nodes] its number among the unknowns, or NOBODY */
	bool *live;        /* [n_nodes] of a group's root: it holds a source */
	struct network_error *err;
};

static uint32_t root_of(uint32_t *group, uint32_t v)
{
	while (group[v] != v)
		v = group[v] = group[group[v]];
	return v;
}

static bool is_cut(const struct planner *p, size_t edge)
{
	return p->cut && p->cut[edge];
}

static int refuse(struct planner *p, const char *what, uint32_t node, const char *why)
{
	snprintf(p->err->text, sizeof(p->err->text), "%s node %u %s", what, node, why);
	return -EINVAL;
}

/* Marks sources in p->source and targets in p->unknown; both must be distinct nodes of the network. */
static int check_ends(struct planner *p)
{
	const struct circuit_ends *ends = p->ends;
	size_t n = p->net->n_nodes;

	memset(p->source, 0xFF, n * sizeof(*p->source));
	memset(p->unknown, 0xFF, n * sizeof(*p->unknown));
	for (size_t i = 0; i < ends->n_sources; i++) {
		if (ends->source[i] >= n)
			return refuse(p, "source", ends->source[i], "does not exist");
		if (p->source[ends->source[i]] != NOBODY)
			return refuse(p, "source", ends->source[i], "is there twice");
		p->source[ends->source[i]] = (uint32_t)i;
	}
	for (size_t i = 0; i < ends->n_targets; i++) {
		uint32_t node = ends->target[i];

		if (node >= n)
			return refuse(p, "target", node, "does not exist");
		if (p->source[node] != NOBODY)
			return refuse(p, "target", node, "is a source too");
		if (p->unknown[node] != NOBODY)
			return refuse(p, "target", node, "is there twice");
		p->unknown[node] = (uint32_t)i;
	}
	return 0;
}

static void connect(struct planner *p)
{
	const struct network *net = p->net;

	for (uint32_t v = 0; v < net->n_nodes; v++)
		p->group[v] = v;
	for (size_t j = 0; j < net->n_edges; j++)
		if (!is_cut(p, j))
			p->group[root_of(p->group, net->a[j])] = root_of(p->group, net->b[j]);
	for (size_t i = 0; i < p->ends->n_sources; i++)
		p->live[root_of(p->group, p->ends->source[i])] = true;
}

/* Lists floating nodes; numbers the unknowns, targets last. */
static int number(struct planner *p, struct circuit_plan *plan)
{
	size_t size = sizeof(p->err->text), n_text = 0, n_lost = 0, n = 0;

	for (uint32_t v = 0; v < p->net->n_nodes; v++) {
		bool target = p->unknown[v] != NOBODY;

		if (p->live[root_of(p->group, v)]) {
			if (target || p->source[v] != NOBODY)
				continue;
			plan->node[n] = v;
			p->unknown[v] = (uint32_t)n++;
			continue;
		}
		plan->floating[plan->n_floating++] = v;
		if (target && n_text < size)
			n_text += (size_t)snprintf(p->err->text + n_text, size - n_text,
						   n_lost++ ? ", %u" : "target node %u", v);
	}
	if (n_lost) {
		if (n_text < size)
			snprintf(p->err->text + n_text, size - n_text, " %s no path to a source",
				 n_lost > 1 ? "have" : "has");
		return -ENOTCONN;
	}
	for (size_t i = 0; i < p->ends->n_targets; i++) {
		plan->node[n] = p->ends->target[i];
		p->unknown[p->ends->target[i]] = (uint32_t)n++;
	}
	plan->system.n_unknown = n;
	plan->system.n_targets = p->ends->n_targets;
	return 0;
}

static void sort_edges(const struct planner *p, struct circuit_inner_edge *inner,
		       struct circuit_source_edge *outer, struct circuit_system *ret)
{
	const struct network *net = p->net;

	for (uint32_t j = 0; j < net->n_edges; j++) {
		uint32_t a = net->a[j], b = net->b[j], ua = p->unknown[a], ub = p->unknown[b];

		if (is_cut(p, j))
			continue;
		if (ua != NOBODY && ub != NOBODY)
			inner[ret->n_inner++] = (struct circuit_inner_edge){j, ua, ub};
		else if (ua != NOBODY && p->source[b] != NOBODY)
			outer[ret->n_outer++] = (struct circuit_source_edge){j, ua, p->source[b]};
		else if (ub != NOBODY && p->source[a] != NOBODY)
			outer[ret->n_outer++] = (struct circuit_source_edge){j, ub, p->source[a]};
	}
	ret->inner = inner;
	ret->outer = outer;
}

static int plan_edges(const struct planner *p, struct circuit_plan *plan)
{
	size_t m = p->net->n_edges + 1;
	struct circuit_inner_edge *inner = malloc(m * sizeof(*inner));
	struct circuit_source_edge *outer = malloc(m * sizeof(*outer));

	if (!inner || !outer) {
		free(inner);
		free(outer);
		return -ENOMEM;
	}
	sort_edges(p, inner, outer, &plan->system);
	return 0;
}

static int plan_all(struct planner *p, struct circuit_plan *plan)
{
	int r = check_ends(p);

	if (r < 0)
		return r;
	connect(p);
	r = number(p, plan);
	return r < 0 ? r : plan_edges(p, plan);
}

int circuit_plan_make(const struct network *net, const uint8_t *cut,
		      const struct circuit_ends *ends, struct circuit_plan *ret,
		      struct network_error *err)
{
	struct planner p = {.net = net, .cut = cut, .ends = ends, .err = err};
	size_t n = net->n_nodes + 1;
	int r = -ENOMEM;

	*ret = (struct circuit_plan){0};
	p.group = malloc(n * sizeof(*p.group));
	p.source = malloc(n * sizeof(*p.source));
	p.unknown = malloc(n * sizeof(*p.unknown));
	p.live = calloc(n, sizeof(*p.live));
	ret->node = malloc(n * sizeof(*ret->node));
	ret->floating = malloc(n * sizeof(*ret->floating));
	if (p.group && p.source && p.unknown && p.live && ret->node && ret->floating)
		r = plan_all(&p, ret);
	free(p.group);
	free(p.source);
	free(p.unknown);
	free(p.live);
	return r;
}

void circuit_plan_clear(struct circuit_plan *plan)
{
	free((void *)plan->system.inner);
	free((void *)plan->system.outer);
	free(plan->node);
	free(plan->floating);
	*plan = (struct circuit_plan){0};
}
