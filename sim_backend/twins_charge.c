/* sim_backend/twins_charge.c - twins with capacitors: when charge flows, when it jumps, and what that shows. */
#include "config.h"

#include <errno.h>

#include "sim_backend/twins_impl.h"

static int new_relax(const struct twins *t, struct circuit *const circuits[2], const uint8_t *cut,
		     struct relax **ret, struct rig_error *err)
{
	const struct relax_setup setup = {
		.network = t->setup.network,
		.cut = cut,
		.source = t->source,
		.target = t->target,
		.n_sources = t->n_sources,
		.n_targets = t->n_targets,
		.circuit = {circuits[0], circuits[1] ? circuits[1] : circuits[0]}};
	struct network_error why;
	int r = relax_new(&setup, ret, &why);

	return r < 0 ? twins_fail_circuit(err, r, &why) : 0;
}

static void say_held(struct twins *t, struct relax_held *ret)
{
	for (size_t i = 0; i < t->n_sources; i++)
		t->shifted_V[i] = t->source_V[RIG_CLAMPED][i] + t->offset_V[i];
	*ret = (struct relax_held){.source_V = {t->source_V[RIG_FREE], t->shifted_V},
				   .clamp_V = t->clamped ? t->clamp_V : NULL,
				   .linked = twins_linked(t)};
}

static struct relax_rest rest_of(const struct twins *t)
{
	return (struct relax_rest){.V = {t->node_V[RIG_FREE], t->node_V[RIG_CLAMPED]},
				   .change_V = t->change_V};
}

/* What has been driven and clamped at this time happens: all of it at once. */
static int jump(struct twins *t, struct rig_error *err)
{
	struct twins_charge *charge = &t->charge;
	bool put = charge->put[RIG_FREE] || charge->put[RIG_CLAMPED];
	const struct relax_rest rest = rest_of(t);
	struct relax_held held;

	if (!put && !charge->jump)
		return 0;
	if (put) {
		int r = twins_rest(t, RIG_CLAMPED, err);
		if (r < 0)
			return r;
	}
	say_held(t, &held);
	for (int side = RIG_FREE; side <= RIG_CLAMPED; side++) {
		if (charge->put[side])
			relax_put(charge->relax, side, &held, &rest);
		charge->put[side] = false;
	}
	relax_jump(charge->relax, &held);
	charge->jump = false;
	return 0;
}

static int flow(struct twins *t, int64_t now_ns, struct rig_error *err)
{
	struct twins_charge *charge = &t->charge;
	const struct relax_rest rest = rest_of(t);
	struct relax_held held;
	int r = jump(t, err);

	if (r < 0)
		return r;
	r = twins_rest(t, RIG_CLAMPED, err);
	if (r < 0)
		return r;
	say_held(t, &held);
	relax_decay(charge->relax,
		    &(struct relax_span){.seconds = (double)(now_ns - charge->at_ns) * 1e-9,
					 .farad = charge->farad,
					 .g = {t->setup.free_g, t->setup.clamped_g},
					 .moved = charge->moved},
		    &held, &rest);
	charge->moved = false;
	charge->at_ns = now_ns;
	return 0;
}

int twins_catch_up(struct twins *t, struct rig_error *err)
{
	struct twins_charge *charge = &t->charge;
	int64_t now_ns;

	if (!charge->relax)
		return 0;
	if (charge->failed < 0) {
		*err = charge->why;
		return charge->failed;
	}
	now_ns = clock_now_ns(t->setup.clock);
	return now_ns > charge->at_ns ? flow(t, now_ns, err) : 0;
}

/* For those who cannot fail: the next solution does. */
static void catch_up(struct twins *t)
{
	struct rig_error why;
	int r = twins_catch_up(t, &why);

	if (r < 0) {
		t->charge.failed = r;
		t->charge.why = why;
	}
}

void twins_before_hold(struct twins *t)
{
	catch_up(t);
	t->charge.jump = true;
}

void twins_before_drive(struct twins *t, enum rig_side side)
{
	struct twins_charge *charge = &t->charge;

	twins_before_hold(t);
	charge->put[side] |= charge->undriven[side];
	charge->undriven[side] = false;
}

int twins_before_rewire(struct twins *t, struct circuit *const circuits[2], const uint8_t *cut,
			struct relax **ret, struct rig_error *err)
{
	int r;

	*ret = NULL;
	if (!t->charge.relax)
		return 0;
	r = twins_catch_up(t, err);
	if (r == 0)
		r = jump(t, err);
	if (r == 0)
		r = new_relax(t, circuits, cut, ret, err);
	if (r == 0)
		relax_take_over(*ret, t->charge.relax);
	return r;
}

int twins_refuse_leads(struct rig_error *err)
{
	return rig_fail(err, -ENOTSUP,
			"a node whose wire is off, or whose source sags, cannot be simulated with "
			"capacitors: set the capacitance to 0, or take out the fault");
}

static int charge_up(struct twins *t, struct rig_error *err)
{
	struct circuit *const circuits[2] = {t->circuit, t->other};
	struct twins_charge *charge = &t->charge;
	int r = t->leads ? twins_refuse_leads(err)
			 : new_relax(t, circuits, t->cut, &charge->relax, err);

	if (r < 0)
		return r;
	charge->failed = 0;
	charge->put[RIG_FREE] = charge->put[RIG_CLAMPED] = true;
	r = jump(t, err);
	if (r < 0) {
		relax_free(charge->relax);
		charge->relax = NULL;
	}
	return r;
}

int twins_set_capacitance(struct twins *t, double farad, struct rig_error *err)
{
	struct twins_charge *charge = &t->charge;
	int r = farad > 0 ? twins_catch_up(t, err) : 0;

	if (r == 0 && farad > 0 && !charge->relax)
		r = charge_up(t, err);
	if (r < 0)
		return r;
	if (farad == 0) {
		relax_free(charge->relax);
		charge->relax = NULL;
	}
	charge->farad = farad;
	charge->at_ns = clock_now_ns(t->setup.clock);
	return 0;
}

/* ---- what is seen ---- */

int twins_solve(struct twins *t, enum rig_side side, struct rig_error *err)
{
	int r;

	if (!t->charge.relax)
		return twins_rest(t, side, err);
	r = twins_catch_up(t, err);
	return r < 0 ? r : jump(t, err);
}

const double *twins_V(const struct twins *t, enum rig_side side)
{
	return t->charge.relax ? relax_V(t->charge.relax, side) : t->node_V[side];
}

const double *twins_change_V(const struct twins *t)
{
	return t->charge.relax ? relax_change_V(t->charge.relax) : t->change_V;
}
