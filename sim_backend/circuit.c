/* sim_backend/circuit.c - Kirchhoff's laws: what was planned and chosen for a network, by node instead of unknown. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_backend/circuit.h"
#include "sim_backend/circuit_choose.h"
#include "sim_backend/circuit_ldl.h"

struct circuit {
	size_t n_sources, n_targets, n_floating, n_unknown;
	uint32_t *source, *target, *floating; /* nodes */
	uint32_t *node;                       /* [n_unknown] in the order of the solver */
	double *source_V;                     /* [n_sources] of the last solution */
	double *free_V, *change_V;            /* [n_unknown] the last solutions */
	struct circuit_choice choice;
	const char *error;
};

/* ---- made once ---- */

static uint32_t *copy_nodes(const uint32_t *nodes, size_t n)
{
	uint32_t *copy = malloc((n + 1) * sizeof(*copy));

	if (copy && n)
		memcpy(copy, nodes, n * sizeof(*copy));
	return copy;
}

static int fill_in(struct circuit *c, const struct circuit_plan *plan,
		   const struct circuit_ends *ends)
{
	c->n_sources = ends->n_sources;
	c->n_targets = ends->n_targets;
	c->n_floating = plan->n_floating;
	c->n_unknown = plan->system.n_unknown;
	c->source = copy_nodes(ends->source, c->n_sources);
	c->target = copy_nodes(ends->target, c->n_targets);
	c->floating = copy_nodes(plan->floating, c->n_floating);
	c->node = malloc((c->n_unknown + 1) * sizeof(*c->node));
	c->source_V = calloc(c->n_sources + 1, sizeof(*c->source_V));
	c->free_V = calloc(c->n_unknown + 1, sizeof(*c->free_V));
	c->change_V = calloc(c->n_unknown + 1, sizeof(*c->change_V));
	if (!c->source || !c->target || !c->floating || !c->node || !c->source_V || !c->free_V ||
	    !c->change_V)
		return -ENOMEM;
	for (size_t u = 0; u < c->n_unknown; u++)
		c->node[c->choice.place[u]] = plan->node[u];
	return 0;
}

static int build(const struct network *net, const uint8_t *cut, const struct circuit_ends *ends,
		 const struct circuit_options *options, struct circuit *c,
		 struct network_error *err)
{
	struct circuit_plan plan;
	int r = circuit_plan_make(net, cut, ends, &plan, err);

	if (r == 0)
		r = circuit_choose(&plan, net->n_edges, options, &c->choice, err);
	if (r == 0)
		r = fill_in(c, &plan, ends);
	circuit_plan_clear(&plan);
	return r;
}

int circuit_new(const struct network *net, const uint8_t *cut, const uint32_t *sources,
		size_t n_sources, const uint32_t *targets, size_t n_targets,
		const struct circuit_options *options, struct circuit **ret,
		struct network_error *err)
{
	const struct circuit_ends ends = {sources, targets, n_sources, n_targets};
	struct circuit *c = calloc(1, sizeof(*c));
	int r;

	snprintf(err->text, sizeof(err->text), "out of memory for a circuit of %zu edges",
		 net->n_edges);
	r = c ? build(net, cut, &ends, options, c, err) : -ENOMEM;
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
	if (c->choice.ops)
		c->choice.ops->free(c->choice.solver);
	free(c->choice.place);
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
	return c->choice.text;
}

/* ---- solving ---- */

const char *circuit_error(const struct circuit *c)
{
	return c->choice.ops->error ? c->choice.ops->error(c->choice.solver)
				    : "an edge's conductance is not a positive number";
}

int circuit_factor(struct circuit *c, const double *g)
{
	return c->choice.ops->factor(c->choice.solver, g);
}

int circuit_solve_free(struct circuit *c, const double *source_V, double *ret_V)
{
	int r = c->choice.ops->solve(c->choice.solver, source_V, c->free_V);

	if (r < 0)
		return r;
	for (size_t i = 0; i < c->n_sources; i++)
		ret_V[c->source[i]] = c->source_V[i] = source_V[i];
	for (size_t k = 0; k < c->n_unknown; k++)
		ret_V[c->node[k]] = c->free_V[k];
	for (size_t i = 0; i < c->n_floating; i++)
		ret_V[c->floating[i]] = NAN;
	return 0;
}

/* Into c->change_V, in the order of the solver: the targets are its end, in their own order. */
static int solve_change(struct circuit *c, const double *clamp_V)
{
	size_t first = c->n_unknown - c->n_targets;

	for (size_t i = 0; i < c->n_targets; i++)
		c->change_V[first + i] = clamp_V[i] - c->free_V[first + i];
	return c->choice.ops->follow(c->choice.solver, c->change_V);
}

int circuit_solve_change(struct circuit *c, const double *clamp_V, double *ret_change_V)
{
	int r = solve_change(c, clamp_V);

	if (r < 0)
		return r;
	for (size_t i = 0; i < c->n_sources; i++)
		ret_change_V[c->source[i]] = 0;
	for (size_t k = 0; k < c->n_unknown; k++)
		ret_change_V[c->node[k]] = c->change_V[k];
	for (size_t i = 0; i < c->n_floating; i++)
		ret_change_V[c->floating[i]] = NAN;
	return 0;
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

int circuit_solve_clamped(struct circuit *c, const double *clamp_V, double *ret_V)
{
	int r = solve_change(c, clamp_V);

	if (r == 0)
		circuit_clamped(c, clamp_V, ret_V);
	return r;
}

int circuit_reduce(struct circuit *c, double *ret)
{
	const double *target_V = c->free_V + c->n_unknown - c->n_targets;
	int r = 0;

	memset(c->source_V, 0, c->n_sources * sizeof(*c->source_V));
	for (size_t i = 0; r == 0 && i < c->n_sources; i++) {
		c->source_V[i] = 1;
		r = c->choice.ops->solve(c->choice.solver, c->source_V, c->free_V);
		c->source_V[i] = 0;
		for (size_t k = 0; k < c->n_targets; k++)
			ret[k * c->n_sources + i] = target_V[k];
	}
	return r;
}

const struct circuit_ldl *circuit_tape(const struct circuit *c, const uint32_t **ret_node)
{
	*ret_node = c->node;
	return c->choice.ops == &circuit_ldl_ops ? c->choice.solver : NULL;
}
