/* sim_backend/relax.c - jumps, decay and rest of the node voltages of an RC network and its twin. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_backend/circuit_rc.h"
#include "sim_backend/relax.h"

struct relax {
	size_t n_nodes, n_sources, n_targets;
	const struct network *network;
	uint8_t *cut; /* [n_edges] */
	uint32_t *source, *target;
	struct circuit *
		divider; /* the same network of equal conductances: it divides as equal capacitors do */
	struct circuit_rc *rc[2]; /* by side; the same one twice: matched twins */
	double s_per_F;           /* that rc is factored for; NAN: none */
	double *V[2], *change_V;  /* [n_nodes] the state; the other two give any one of them */
	double *e_V, *e_change_V; /* [n_nodes] deviations, or moves */
	double *held_V;           /* [n_sources + n_targets] by how much they move */
};

/* ---- made once per topology ---- */

static void *copy_of(const void *from, size_t n, size_t size)
{
	void *copy = calloc(n + 1, size);

	if (copy && from && n)
		memcpy(copy, from, n * size);
	return copy;
}

static bool allocate(struct relax *r, const struct relax_setup *setup)
{
	size_t n = r->n_nodes;

	r->cut = copy_of(setup->cut, r->network->n_edges, 1);
	r->source = copy_of(setup->source, r->n_sources, sizeof(*r->source));
	r->target = copy_of(setup->target, r->n_targets, sizeof(*r->target));
	r->V[RIG_FREE] = calloc(n, sizeof(double));
	r->V[RIG_CLAMPED] = calloc(n, sizeof(double));
	r->change_V = calloc(n, sizeof(double));
	r->e_V = calloc(n, sizeof(double));
	r->e_change_V = calloc(n, sizeof(double));
	r->held_V = calloc(r->n_sources + r->n_targets + 1, sizeof(double));
	return r->cut && r->source && r->target && r->V[RIG_FREE] && r->V[RIG_CLAMPED] &&
	       r->change_V && r->e_V && r->e_change_V && r->held_V;
}

static int make_divider(struct relax *r, struct network_error *err)
{
	double *unit = malloc((r->network->n_edges + 1) * sizeof(*unit));
	int e = unit ? circuit_new(r->network, r->cut, r->source, r->n_sources, r->target,
				   r->n_targets, NULL, &r->divider, err)
		     : -ENOMEM;

	for (size_t j = 0; e == 0 && j < r->network->n_edges; j++)
		unit[j] = 1;
	if (e == 0)
		e = circuit_factor(r->divider, unit);
	free(unit);
	return e;
}

static int make_factors(struct relax *r, const struct relax_setup *setup, struct network_error *err)
{
	const char *method = circuit_method(setup->circuit[RIG_FREE]);
	int e = circuit_rc_new(setup->circuit[RIG_FREE], &r->rc[RIG_FREE]);

	if (e == -ENOTSUP)
		snprintf(
			err->text, sizeof(err->text),
			"capacitors: a network of %zu edges is solved by %.*s here, but its "
			"relaxation needs the static tape (solver: static, up to some 5,000 edges)",
			r->network->n_edges, (int)strcspn(method, ": ("), method);
	if (e < 0)
		return e;
	r->rc[RIG_CLAMPED] = r->rc[RIG_FREE];
	if (setup->circuit[RIG_CLAMPED] != setup->circuit[RIG_FREE])
		e = circuit_rc_new(setup->circuit[RIG_CLAMPED], &r->rc[RIG_CLAMPED]);
	return e;
}

int relax_new(const struct relax_setup *setup, struct relax **ret, struct network_error *err)
{
	struct relax *r = calloc(1, sizeof(*r));
	int e = -ENOMEM;

	if (r) {
		r->network = setup->network;
		r->n_nodes = setup->network->n_nodes;
		r->n_sources = setup->n_sources;
		r->n_targets = setup->n_targets;
		r->s_per_F = NAN;
		if (allocate(r, setup))
			e = make_factors(r, setup, err);
		if (e == 0)
			e = make_divider(r, err);
	}
	if (e == -ENOMEM)
		snprintf(err->text, sizeof(err->text),
			 "out of memory for the capacitors of %zu edges", setup->network->n_edges);
	if (e < 0)
		relax_free(r);
	else
		*ret = r;
	return e;
}

void relax_free(struct relax *r)
{
	if (!r)
		return;
	if (r->rc[RIG_CLAMPED] != r->rc[RIG_FREE])
		circuit_rc_free(r->rc[RIG_CLAMPED]);
	circuit_rc_free(r->rc[RIG_FREE]);
	circuit_free(r->divider);
	free(r->cut);
	free(r->source);
	free(r->target);
	free(r->V[RIG_FREE]);
	free(r->V[RIG_CLAMPED]);
	free(r->change_V);
	free(r->e_V);
	free(r->e_change_V);
	free(r->held_V);
	free(r);
}

/* A node without a voltage takes that of a neighbour; in turns, until none is left that has such a neighbour. */
static void fill_in(const struct relax *r, double *V)
{
	const struct network *net = r->network;

	for (bool again = true; again;) {
		again = false;
		for (size_t j = 0; j < net->n_edges; j++) {
			uint32_t a = net->a[j], b = net->b[j];

			if (r->cut[j] || isnan(V[a]) == isnan(V[b]))
				continue;
			*(isnan(V[a]) ? &V[a] : &V[b]) = isnan(V[a]) ? V[b] : V[a];
			again = true;
		}
	}
}

void relax_take_over(struct relax *r, const struct relax *from)
{
	const uint32_t *floating;
	size_t n_floating = circuit_floating(r->divider, &floating);
	double *now[] = {r->V[RIG_FREE], r->V[RIG_CLAMPED], r->change_V};
	const double *before[] = {from->V[RIG_FREE], from->V[RIG_CLAMPED], from->change_V};

	for (int i = 0; i < 3; i++) {
		memcpy(now[i], before[i], r->n_nodes * sizeof(double));
		for (size_t k = 0; k < n_floating; k++)
			now[i][floating[k]] = NAN;
		fill_in(r, now[i]);
	}
}

/* ---- the two networks as one state ---- */

/* V_C from V_F and the change; what is held is held exactly. */
static void add_change(struct relax *r, const struct relax_held *held)
{
	const double *free_V = r->V[RIG_FREE];
	double *clamped_V = r->V[RIG_CLAMPED];

	for (size_t i = 0; i < r->n_nodes; i++)
		clamped_V[i] = free_V[i] + r->change_V[i];
	for (size_t i = 0; held->clamp_V && i < r->n_targets; i++) {
		uint32_t node = r->target[i];

		clamped_V[node] = held->clamp_V[i];
		r->change_V[node] = held->clamp_V[i] - free_V[node];
	}
}

static void find_change(struct relax *r)
{
	for (size_t i = 0; i < r->n_nodes; i++)
		r->change_V[i] = r->V[RIG_CLAMPED][i] - r->V[RIG_FREE][i];
}

static void hold(const struct relax *r, const double *source_V, const double *clamp_V, double *V)
{
	for (size_t i = 0; i < r->n_sources; i++)
		V[r->source[i]] = source_V[i];
	for (size_t i = 0; clamp_V && i < r->n_targets; i++)
		V[r->target[i]] = clamp_V[i];
}

void relax_put(struct relax *r, enum rig_side side, const struct relax_held *held,
	       const struct relax_rest *rest)
{
	memcpy(r->V[side], rest->V[side], r->n_nodes * sizeof(double));
	hold(r, held->source_V[side], side == RIG_CLAMPED ? held->clamp_V : NULL, r->V[side]);
	find_change(r);
	if (side == RIG_CLAMPED && held->linked &&
	    !memcmp(r->V[RIG_FREE], rest->V[RIG_FREE], r->n_nodes * sizeof(double)))
		memcpy(r->change_V, rest->change_V, r->n_nodes * sizeof(double));
}

/* ---- jumps ---- */

/* Moves the nodes of one network that nobody holds as those do that somebody does. */
static void divide(struct relax *r, const double *source_V, const double *clamp_V, double *V)
{
	double *move_V = r->held_V, *push_V = r->held_V + r->n_sources;
	bool any = false;

	for (size_t i = 0; i < r->n_sources; i++)
		any |= (move_V[i] = source_V[i] - V[r->source[i]]) != 0;
	for (size_t i = 0; clamp_V && i < r->n_targets; i++)
		any |= (push_V[i] = clamp_V[i] - V[r->target[i]]) != 0;
	if (!any)
		return;
	circuit_solve_free(r->divider, move_V, r->e_V);
	if (clamp_V)
		circuit_solve_clamped(r->divider, push_V, r->e_V);
	for (size_t i = 0; i < r->n_nodes; i++)
		V[i] += r->e_V[i];
	hold(r, source_V, clamp_V, V);
}

/* V_C - V_F after the free network has moved: the sources' part is in both, the clamp's in the clamped one alone. */
static void divide_change(struct relax *r, const double *clamp_V)
{
	double *none_V = r->held_V, *push_V = r->held_V + r->n_sources;
	bool any = false;

	for (size_t i = 0; i < r->n_targets; i++) {
		uint32_t node = r->target[i];

		push_V[i] = clamp_V[i] - r->V[RIG_FREE][node] - r->change_V[node];
		any |= push_V[i] != 0;
	}
	if (!any)
		return;
	memset(none_V, 0, r->n_sources * sizeof(double));
	circuit_solve_free(r->divider, none_V, r->e_V);
	circuit_solve_change(r->divider, push_V, r->e_change_V);
	for (size_t i = 0; i < r->n_nodes; i++)
		r->change_V[i] += r->e_change_V[i];
}

/* Both networks had, and have, the same sources: what they differ by does not know of them. */
static bool stays_linked(const struct relax *r, const struct relax_held *held)
{
	bool linked = held->linked;

	for (size_t i = 0; i < r->n_sources; i++)
		linked &= r->change_V[r->source[i]] == 0;
	return linked;
}

void relax_jump(struct relax *r, const struct relax_held *held)
{
	bool linked = stays_linked(r, held);

	divide(r, held->source_V[RIG_FREE], NULL, r->V[RIG_FREE]);
	if (linked) {
		if (held->clamp_V)
			divide_change(r, held->clamp_V);
		add_change(r, held);
		return;
	}
	divide(r, held->source_V[RIG_CLAMPED], held->clamp_V, r->V[RIG_CLAMPED]);
	find_change(r);
}

/* ---- time ---- */

static void factor(struct relax *r, const struct relax_span *span)
{
	double s_per_F = span->seconds / span->farad;

	if (!span->moved && s_per_F == r->s_per_F)
		return;
	circuit_rc_factor(r->rc[RIG_FREE], span->g[RIG_FREE], s_per_F);
	if (r->rc[RIG_CLAMPED] != r->rc[RIG_FREE])
		circuit_rc_factor(r->rc[RIG_CLAMPED], span->g[RIG_CLAMPED], s_per_F);
	r->s_per_F = s_per_F;
}

static void subtract(const struct relax *r, const double *a, const double *b, double *ret)
{
	for (size_t i = 0; i < r->n_nodes; i++)
		ret[i] = a[i] - b[i];
}

/* The deviations of held and floating nodes are 0 and NAN, so that these end at rest and at NAN. */
static void add(const struct relax *r, const double *a, const double *b, double *ret)
{
	for (size_t i = 0; i < r->n_nodes; i++)
		ret[i] = a[i] + b[i];
}

static void decay_linked(struct relax *r, const struct relax_held *held,
			 const struct relax_rest *rest)
{
	subtract(r, r->V[RIG_FREE], rest->V[RIG_FREE], r->e_V);
	subtract(r, r->change_V, rest->change_V, r->e_change_V);
	if (held->clamp_V) {
		circuit_rc_decay_pair(r->rc[RIG_FREE], r->e_V, r->e_change_V);
	} else {
		circuit_rc_decay(r->rc[RIG_FREE], false, r->e_V);
		circuit_rc_decay(r->rc[RIG_FREE], false, r->e_change_V);
	}
	add(r, rest->V[RIG_FREE], r->e_V, r->V[RIG_FREE]);
	add(r, rest->change_V, r->e_change_V, r->change_V);
	add_change(r, held);
}

static void decay_apart(struct relax *r, const struct relax_held *held,
			const struct relax_rest *rest)
{
	for (int side = RIG_FREE; side <= RIG_CLAMPED; side++) {
		bool targets_held = side == RIG_CLAMPED && held->clamp_V;

		subtract(r, r->V[side], rest->V[side], r->e_V);
		circuit_rc_decay(r->rc[side], targets_held, r->e_V);
		add(r, rest->V[side], r->e_V, r->V[side]);
		hold(r, held->source_V[side], targets_held ? held->clamp_V : NULL, r->V[side]);
	}
	find_change(r);
}

void relax_decay(struct relax *r, const struct relax_span *span, const struct relax_held *held,
		 const struct relax_rest *rest)
{
	factor(r, span);
	if (held->linked)
		decay_linked(r, held, rest);
	else
		decay_apart(r, held, rest);
}

const double *relax_V(const struct relax *r, enum rig_side side)
{
	return r->V[side];
}

const double *relax_change_V(const struct relax *r)
{
	return r->change_V;
}
