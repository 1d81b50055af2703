/* sim_backend/twins.c - the free and the clamped network as a pair; twins_charge.c knows of capacitors. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim_backend/twins_impl.h"

/* ---- made once per session ---- */

int twins_fail_circuit(struct rig_error *err, int r, const struct network_error *why)
{
	return rig_fail(err, r, "%s", why->text);
}

static int new_circuits(const struct twins *t, const uint8_t *cut, struct circuit *ret[2],
			struct rig_error *err)
{
	bool matched = t->setup.free_g == t->setup.clamped_g;
	struct network_error why;

	ret[0] = ret[1] = NULL;
	for (int i = 0; i < (matched ? 1 : 2); i++) {
		int r = circuit_new(t->setup.network, cut, t->source, t->n_sources, t->target,
				    t->n_targets, &t->setup.options, &ret[i], &why);
		if (r < 0) {
			circuit_free(ret[0]);
			return twins_fail_circuit(err, r, &why);
		}
	}
	return 0;
}

int twins_set_cut(struct twins *t, const uint8_t *cut, struct rig_error *err)
{
	struct circuit *circuits[2];
	struct relax *relax;
	int r = new_circuits(t, cut, circuits, err);

	if (r < 0)
		return r;
	r = twins_before_rewire(t, circuits, cut, &relax, err);
	if (r < 0) {
		circuit_free(circuits[0]);
		circuit_free(circuits[1]);
		return r;
	}
	relax_free(t->charge.relax);
	t->charge.relax = relax;
	memcpy(t->cut, cut, t->setup.network->n_edges);
	circuit_free(t->circuit);
	circuit_free(t->other);
	t->circuit = circuits[0];
	t->other = circuits[1];
	twins_moved(t);
	return 0;
}

static bool allocate(struct twins *t, const struct rig_session *session)
{
	size_t n = t->setup.network->n_nodes;

	t->n_sources = session->n_sources;
	t->n_targets = session->n_targets;
	t->source = calloc(t->n_sources + 1, sizeof(*t->source));
	t->target = calloc(t->n_targets + 1, sizeof(*t->target));
	t->source_V[RIG_FREE] = calloc(t->n_sources + 1, sizeof(double));
	t->source_V[RIG_CLAMPED] = calloc(t->n_sources + 1, sizeof(double));
	t->shifted_V = calloc(t->n_sources + 1, sizeof(double));
	t->offset_V = calloc(t->n_sources + 1, sizeof(double));
	t->held_V = calloc(t->n_sources + t->n_targets + 1, sizeof(double));
	t->clamp_V = calloc(t->n_targets + 1, sizeof(double));
	t->node_V[RIG_FREE] = calloc(n, sizeof(double));
	t->node_V[RIG_CLAMPED] = calloc(n, sizeof(double));
	t->change_V = calloc(n, sizeof(double));
	t->response_V = calloc(n, sizeof(double));
	t->reduced_V = calloc(t->n_targets * t->n_sources + 1, sizeof(double));
	t->cut = calloc(t->setup.network->n_edges + 1, 1);
	return t->cut && t->source && t->target && t->source_V[RIG_FREE] &&
	       t->source_V[RIG_CLAMPED] && t->shifted_V && t->offset_V && t->held_V && t->clamp_V &&
	       t->node_V[RIG_FREE] && t->node_V[RIG_CLAMPED] && t->change_V && t->response_V &&
	       t->reduced_V;
}

static void set_all(double *volts, size_t n, double value)
{
	for (size_t i = 0; i < n; i++)
		volts[i] = value;
}

int twins_new(const struct twins_setup *setup, const struct rig_session *session,
	      const uint8_t *cut, struct twins **ret, struct rig_error *err)
{
	struct twins *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return rig_fail(err, -ENOMEM, "out of memory for a session");
	t->setup = *setup;
	if (!allocate(t, session)) {
		twins_free(t);
		return rig_fail(err, -ENOMEM, "out of memory for a session");
	}
	if (t->n_sources)
		memcpy(t->source, session->sources, t->n_sources * sizeof(*t->source));
	if (t->n_targets)
		memcpy(t->target, session->targets, t->n_targets * sizeof(*t->target));
	set_all(t->source_V[RIG_FREE], t->n_sources, setup->safe_V);
	set_all(t->source_V[RIG_CLAMPED], t->n_sources, setup->safe_V);
	t->charge.undriven[RIG_FREE] = t->charge.undriven[RIG_CLAMPED] = true;
	set_all(t->offset_V, t->n_sources, setup->source_offset_V);
	t->shifted = setup->source_offset_V != 0;
	t->same_sources = true;
	r = twins_set_cut(t, cut, err);
	if (r < 0) {
		twins_free(t);
		return r;
	}
	*ret = t;
	return 0;
}

void twins_free(struct twins *t)
{
	if (!t)
		return;
	relax_free(t->charge.relax);
	free(t->cut);
	circuit_free(t->circuit);
	circuit_free(t->other);
	free(t->source);
	free(t->target);
	free(t->source_V[RIG_FREE]);
	free(t->source_V[RIG_CLAMPED]);
	free(t->shifted_V);
	free(t->offset_V);
	free(t->held_V);
	leads_free(t->leads);
	free(t->clamp_V);
	free(t->node_V[RIG_FREE]);
	free(t->node_V[RIG_CLAMPED]);
	free(t->change_V);
	free(t->response_V);
	free(t->reduced_V);
	free(t);
}

size_t twins_floating(const struct twins *t, const uint32_t **nodes)
{
	return t->leads ? leads_floating(t->leads, nodes) : circuit_floating(t->circuit, nodes);
}

/* ---- faults ---- */

static int new_leads(const struct twins *t, const struct twins_wiring *wiring, struct leads **ret,
		     struct rig_error *err)
{
	const struct rig_session session = {.sources = t->source,
					    .n_sources = t->n_sources,
					    .targets = t->target,
					    .n_targets = t->n_targets};
	bool bad = false;

	for (size_t i = 0; i < t->n_sources + t->n_targets; i++)
		bad |= wiring->inner_ohm[i] != 0;
	*ret = NULL;
	return bad ? leads_new(t->setup.network, &session, wiring->inner_ohm, wiring->cut, ret, err)
		   : 0;
}

int twins_rewire(struct twins *t, const struct twins_wiring *wiring, struct rig_error *err)
{
	struct leads *leads;
	int r = new_leads(t, wiring, &leads, err);

	if (r < 0)
		return r;
	if (leads && t->charge.relax) {
		leads_free(leads);
		return twins_refuse_leads(err);
	}
	twins_before_hold(t);
	leads_free(t->leads);
	t->leads = leads;
	t->shifted = false;
	for (size_t i = 0; i < t->n_sources; i++) {
		t->offset_V[i] = t->setup.source_offset_V + wiring->offset_V[i];
		t->shifted |= t->offset_V[i] != 0;
	}
	t->setup.clamped_g = wiring->clamped_g;
	twins_moved(t);
	return wiring->anew ? twins_set_cut(t, wiring->cut, err) : 0;
}

/* ---- outputs ---- */

void twins_drive(struct twins *t, enum rig_side side, const double *volts)
{
	twins_before_drive(t, side);
	memcpy(t->source_V[side], volts, t->n_sources * sizeof(*volts));
	t->same_sources = !memcmp(t->source_V[RIG_FREE], t->source_V[RIG_CLAMPED],
				  t->n_sources * sizeof(*volts));
	t->solved[RIG_CLAMPED] = false;
	if (side == RIG_FREE)
		t->solved[RIG_FREE] = false;
}

void twins_drive_both(struct twins *t, const double *volts)
{
	twins_before_drive(t, RIG_FREE);
	twins_before_drive(t, RIG_CLAMPED);
	for (size_t i = 0; i < t->n_sources; i++)
		t->source_V[RIG_FREE][i] = t->source_V[RIG_CLAMPED][i] = volts[i];
	t->same_sources = true;
	t->solved[RIG_FREE] = t->solved[RIG_CLAMPED] = false;
}

void twins_clamp(struct twins *t, const double *volts)
{
	twins_before_hold(t);
	t->clamped = volts != NULL;
	if (volts)
		memcpy(t->clamp_V, volts, t->n_targets * sizeof(*volts));
	t->solved[RIG_CLAMPED] = false;
}

void twins_make_safe(struct twins *t)
{
	twins_before_hold(t);
	set_all(t->source_V[RIG_FREE], t->n_sources, t->setup.safe_V);
	set_all(t->source_V[RIG_CLAMPED], t->n_sources, t->setup.safe_V);
	set_all(t->clamp_V, t->n_targets, t->setup.safe_V);
	t->same_sources = t->clamped = true;
	t->solved[RIG_FREE] = t->solved[RIG_CLAMPED] = false;
}

void twins_moved(struct twins *t)
{
	t->factored = false;
	t->solved[RIG_FREE] = t->solved[RIG_CLAMPED] = false;
	t->charge.moved = true;
}

/* ---- voltages at rest ---- */

static int fail_solving(const struct circuit *c, int r, struct rig_error *err)
{
	return rig_fail(err, r, "%s", circuit_error(c));
}

static int factor(struct twins *t, struct rig_error *err)
{
	int r = circuit_factor(t->circuit, t->setup.free_g);

	if (r < 0)
		return fail_solving(t->circuit, r, err);
	r = t->other ? circuit_factor(t->other, t->setup.clamped_g) : 0;
	if (r < 0)
		return fail_solving(t->other, r, err);
	t->factored = true;
	t->reduced = false;
	t->holds = HOLDS_NOTHING;
	return 0;
}

/* One of the circuits with its outputs held, for leads_bend(). */
struct held {
	struct circuit *circuit;
	size_t n_sources;
	bool clamped;
	int r; /* the first failure */
};

static void solve_held(void *arg, const double *held_V, double *ret_node_V)
{
	struct held *held = arg;

	if (held->r == 0)
		held->r = circuit_solve_free(held->circuit, held_V, ret_node_V);
	if (held->r == 0 && held->clamped)
		held->r =
			circuit_solve_clamped(held->circuit, held_V + held->n_sources, ret_node_V);
}

/* Of one network by itself; clamp_V NULL: its targets float. */
static int solve_one(struct twins *t, struct circuit *c, const double *source_V,
		     const double *clamp_V, double *ret_V, struct rig_error *err)
{
	struct held held = {c, t->n_sources, clamp_V != NULL, 0};
	const double *g = c == t->other ? t->setup.clamped_g : t->setup.free_g;

	memcpy(t->held_V, source_V, t->n_sources * sizeof(double));
	if (clamp_V)
		memcpy(t->held_V + t->n_sources, clamp_V, t->n_targets * sizeof(double));
	if (t->leads)
		leads_bend(t->leads, g, t->n_sources + (clamp_V ? t->n_targets : 0), t->held_V,
			   solve_held, &held, ret_V);
	else
		solve_held(&held, t->held_V, ret_V);
	if (c == t->circuit)
		t->holds = HOLDS_OTHER;
	return held.r < 0 ? fail_solving(c, held.r, err) : 0;
}

static int solve_free(struct twins *t, struct rig_error *err)
{
	const double *source_V = t->source_V[RIG_FREE];
	double *free_V = t->node_V[RIG_FREE];
	int r;

	if (t->leads)
		return solve_one(t, t->circuit, source_V, NULL, free_V, err);
	r = circuit_solve_free(t->circuit, source_V, free_V);
	if (r < 0)
		return fail_solving(t->circuit, r, err);
	t->holds = HOLDS_FREE;
	return 0;
}

bool twins_linked(const struct twins *t)
{
	return t->same_sources && !t->other && !t->shifted && !t->leads;
}

/* V_C from V_F and the linear response to the clamp. */
static int follow_free(struct twins *t, struct rig_error *err)
{
	const double *free_V = t->node_V[RIG_FREE];
	double *clamped_V = t->node_V[RIG_CLAMPED];
	size_t n = t->setup.network->n_nodes;
	int r;

	if (!t->clamped) {
		memset(t->change_V, 0, n * sizeof(double));
		memcpy(clamped_V, free_V, n * sizeof(double));
		return 0;
	}
	if (t->holds != HOLDS_FREE && (r = solve_free(t, err)) < 0)
		return r;
	r = circuit_solve_change(t->circuit, t->clamp_V, t->change_V);
	if (r < 0)
		return fail_solving(t->circuit, r, err);
	circuit_clamped(t->circuit, t->clamp_V, clamped_V);
	return 0;
}

/* V_C by itself: the twins differ, or their sources do. */
static int solve_apart(struct twins *t, struct rig_error *err)
{
	double *clamped_V = t->node_V[RIG_CLAMPED];
	int r;

	for (size_t i = 0; i < t->n_sources; i++)
		t->shifted_V[i] = t->source_V[RIG_CLAMPED][i] + t->offset_V[i];
	r = solve_one(t, t->other ? t->other : t->circuit, t->shifted_V,
		      t->clamped ? t->clamp_V : NULL, clamped_V, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < t->setup.network->n_nodes; i++)
		t->change_V[i] = clamped_V[i] - t->node_V[RIG_FREE][i];
	return 0;
}

int twins_rest(struct twins *t, enum rig_side side, struct rig_error *err)
{
	int r = t->factored ? 0 : factor(t, err);

	if (r == 0 && !t->solved[RIG_FREE]) {
		r = solve_free(t, err);
		t->solved[RIG_FREE] = r == 0;
	}
	if (r < 0 || side == RIG_FREE || t->solved[RIG_CLAMPED])
		return r;
	r = twins_linked(t) ? follow_free(t, err) : solve_apart(t, err);
	t->solved[RIG_CLAMPED] = r == 0;
	return r;
}

/* ---- other sources ---- */

/* The reduced network, made once per factorisation and only where it saves solutions. */
static int reduce(struct twins *t, struct rig_error *err)
{
	int r;

	if (t->reduced)
		return 0;
	t->holds = HOLDS_OTHER;
	r = circuit_reduce(t->circuit, t->reduced_V);
	if (r < 0)
		return fail_solving(t->circuit, r, err);
	t->reduced = true;
	return 0;
}

static void respond_reduced(const struct twins *t, const double *source_V, double *ret_V)
{
	const double *row = t->reduced_V;

	for (size_t k = 0; k < t->n_targets; k++, row += t->n_sources) {
		double sum = 0;

		for (size_t i = 0; i < t->n_sources; i++)
			sum += row[i] * source_V[i];
		ret_V[k] = sum;
	}
}

static int respond_solving(struct twins *t, const double *source_V, double *ret_V,
			   struct rig_error *err)
{
	int r = solve_one(t, t->circuit, source_V, NULL, t->response_V, err);

	for (size_t k = 0; r == 0 && k < t->n_targets; k++)
		ret_V[k] = t->response_V[t->target[k]];
	return r;
}

int twins_respond(struct twins *t, size_t n, const double *source_V, double *ret_V,
		  struct rig_error *err)
{
	bool by_reduction = t->n_targets > 0 && !t->leads && (t->reduced || n > t->n_sources);
	int r = t->factored ? 0 : factor(t, err);

	if (r == 0 && by_reduction)
		r = reduce(t, err);
	for (size_t i = 0; r == 0 && i < n; i++) {
		const double *in_V = source_V + i * t->n_sources;
		double *out_V = ret_V + i * t->n_targets;

		if (by_reduction)
			respond_reduced(t, in_V, out_V);
		else
			r = respond_solving(t, in_V, out_V, err);
	}
	return r;
}

int twins_equilibrium(struct twins *t, double *ret_V, struct rig_error *err)
{
	int r = twins_rest(t, RIG_FREE, err);

	for (size_t i = 0; r == 0 && i < t->n_targets; i++)
		ret_V[i] = t->node_V[RIG_FREE][t->target[i]];
	return r;
}

const char *twins_method(const struct twins *t)
{
	return circuit_method(t->circuit);
}
