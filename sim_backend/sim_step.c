/* sim_backend/sim_step.c - the simulated rig's steps, by hand or at once, and its test sets. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "sim_backend/sim.h"

/* ---- one step by hand ---- */

int sim_mark_step(void *self, uint64_t step, struct rig_error *err)
{
	struct sim *sim = self;

	sim->draw.step = step;
	sim->draw.tick = 0;
	return sim->faults ? sim_faults_play(sim, step, err) : 0;
}

int sim_drive(void *self, enum rig_side side, const double *volts, struct rig_error *err)
{
	struct sim *sim = self;

	(void)err; /* a simulated output cannot fail */
	twins_drive(sim->twins, side, volts);
	sim_changed(sim);
	return 0;
}

int sim_clamp(void *self, const double *volts, size_t n, struct rig_error *err)
{
	struct sim *sim = self;

	(void)err;
	twins_clamp(sim->twins, n ? volts : NULL);
	sim_changed(sim);
	return 0;
}

int sim_read(struct sim *sim, enum rig_side side, size_t example, const uint32_t *nodes, size_t n,
	     double *ret_V, struct rig_error *err)
{
	int r = twins_solve(sim->twins, side, err);
	const double *node_V = twins_V(sim->twins, side);

	if (r < 0)
		return r;
	if (sim->settling)
		node_V = settling_read(sim->settling, side, clock_now_ns(&sim->clock), node_V);
	daq_model_read(&sim->daq, sim->draw.seed,
		       side == RIG_FREE ? RANDOM_MEASURE_FREE : RANDOM_MEASURE_CLAMPED,
		       sim->draw.step, (uint64_t)example << 32, node_V, nodes, n, ret_V);
	return 0;
}

int sim_measure(void *self, enum rig_side side, const uint32_t *nodes, size_t n, double *ret_V,
		struct rig_error *err)
{
	return sim_read(self, side, 0, nodes, n, ret_V, err);
}

/* What the comparators see is the voltage itself, whatever the DAQ makes of it. */
static int tick_once(struct sim *sim, struct rig_error *err)
{
	int r = twins_solve(sim->twins, RIG_CLAMPED, err);

	if (r < 0)
		return r;
	r = edges_tick(sim->edges, twins_V(sim->twins, RIG_FREE), twins_change_V(sim->twins),
		       &sim->draw, err);
	twins_moved(sim->twins);
	return r;
}

int sim_tick(void *self, struct rig_error *err)
{
	struct sim *sim = self;
	int r;

	if (sim->flow)
		return rig_fail(err, -ENOTSUP,
				"rule: overdamped has no clock edges: it learns in whole steps "
				"only, of every example");
	sim->draw.time_ns = clock_now_ns(&sim->clock) - sim->begun_ns;
	r = tick_once(sim, err);
	if (r == 0 && edges_echo(sim->edges)) {
		sim->draw.again = true;
		r = tick_once(sim, err);
		sim->draw.again = false;
	}
	sim->draw.tick++;
	sim_changed(sim);
	return r;
}

static void copy_out(uint8_t *ret, const uint8_t *from, size_t n)
{
	if (ret)
		memcpy(ret, from, n);
}

int sim_read_edges(void *self, struct rig_edges *ret, struct rig_error *err)
{
	const struct sim *sim = self;
	size_t n = sim->network->n_edges, n_mask = (n + 7) / 8;

	(void)err;
	copy_out(ret->wiper, edges_wiper(sim->edges), n);
	copy_out(ret->updated, edges_updated(sim->edges), n_mask);
	copy_out(ret->raised, edges_raised(sim->edges), n_mask);
	copy_out(ret->mode, edges_mode(sim->edges), n);
	if (ret->r_ohm)
		edges_r(sim->edges, ret->r_ohm);
	return 0;
}

/* ---- the whole step ---- */

int sim_settle(struct sim *sim, double seconds, struct rig_error *err)
{
	if (seconds == 0)
		return 0;
	return sim_wait_until(sim, clock_now_ns(&sim->clock) + llround(seconds * 1e9), err);
}

/* V_C of each target: as desired, or V_F when nothing is clamped. */
int sim_nudge(const struct sim *sim, const struct rig_request *request, const double *target_V,
	      const double *free_V, double *ret_clamp_V, unsigned *flags, struct rig_error *err)
{
	for (size_t i = 0; i < sim->n_targets; i++) {
		int r;

		ret_clamp_V[i] = free_V[i];
		if (!request->clamp)
			continue;
		r = rig_nudge_one(&sim->limits, (long)sim->target[i], request->eta, free_V[i],
				  target_V[i], &ret_clamp_V[i], flags, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int free_half(struct sim *sim, const struct rig_request *request, struct rig_record *ret,
		     struct rig_error *err)
{
	int r;

	ret->flags = 0;
	r = sim_mark_step(sim, request->step, err);
	if (r < 0)
		return r;
	twins_drive_both(sim->twins, request->source_V);
	sim_changed(sim);
	ret->apply_ns = clock_now_ns(&sim->clock);
	r = sim_settle(sim, request->settle_s, err);
	if (r < 0)
		return r;
	r = sim_measure(sim, RIG_FREE, sim->measured, sim->n_measured, ret->free_V, err);
	if (r < 0)
		return r;
	ret->free_ns = clock_now_ns(&sim->clock);
	if (ret->equilibrium_V)
		r = twins_equilibrium(sim->twins, ret->equilibrium_V, err);
	if (r < 0)
		return r;
	return sim_measure(sim, RIG_FREE, sim->target, sim->n_targets, ret->target_free_V, err);
}

static int clamped_half(struct sim *sim, const struct rig_request *request, struct rig_record *ret,
			struct rig_error *err)
{
	int r = sim_nudge(sim, request, request->target_V, ret->target_free_V, ret->clamp_V,
			  &ret->flags, err);

	if (r < 0)
		return r;
	twins_clamp(sim->twins, request->clamp ? ret->clamp_V : NULL);
	sim_changed(sim);
	r = sim_settle(sim, request->hold_s + request->settle_s, err);
	if (r < 0)
		return r;
	r = sim_measure(sim, RIG_CLAMPED, sim->measured, sim->n_measured, ret->clamped_V, err);
	ret->clamped_ns = clock_now_ns(&sim->clock);
	return r;
}

int sim_step(void *self, const struct rig_request *request, struct rig_record *ret,
	     struct rig_error *err)
{
	struct sim *sim = self;
	struct rig_edges edges = {.wiper = ret->wiper,
				  .updated = ret->updated,
				  .raised = ret->raised,
				  .r_ohm = ret->r_ohm};
	int r;

	if (sim->flow)
		return sim_flow_step(sim, request, ret, err);
	r = free_half(sim, request, ret, err);
	if (r < 0)
		return r;
	r = clamped_half(sim, request, ret, err);
	if (r < 0)
		return r;
	if (ret->batch_mse_V2)
		ret->batch_mse_V2[0] =
			sim_mean_square(request->target_V, ret->target_free_V, sim->n_targets);
	if (request->n_examples > 1)
		r = sim_batch(sim, request, ret, err);
	for (unsigned i = 0; r == 0 && request->n_examples == 1 && i < request->ticks; i++)
		r = sim_tick(sim, err);
	ret->tick_ns = clock_now_ns(&sim->clock);
	return r < 0 ? r : sim_read_edges(sim, &edges, err);
}

int sim_evaluate(void *self, size_t n, const double *source_V, double *ret_V, struct rig_error *err)
{
	struct sim *sim = self;
	int r = twins_respond(sim->twins, n, source_V, ret_V, err);

	for (size_t i = 0; r == 0 && i < n; i++)
		daq_model_spoil(&sim->daq, sim->draw.seed, RANDOM_EVALUATE, sim->draw.step,
				(uint64_t)i << 32, sim->target, sim->n_targets,
				ret_V + i * sim->n_targets);
	return r;
}
