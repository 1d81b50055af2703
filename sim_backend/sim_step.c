/* sim_backend/sim_step.c - the simulated rig's steps, by hand or at once, and its test sets. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "sim_backend/sim.h"

/* ---- one step by hand ---- */

int sim_mark_step(void *self, uint64_t step)
{
	struct sim *sim = self;

	sim->draw.step = step;
	sim->draw.tick = 0;
	return 0;
}

int sim_drive(void *self, enum rig_side side, const double *volts, struct rig_error *err)
{
	struct sim *sim = self;

	(void)err; /* a simulated output cannot fail */
	twins_drive(sim->twins, side, volts);
	return 0;
}

int sim_clamp(void *self, const double *volts, size_t n, struct rig_error *err)
{
	struct sim *sim = self;

	(void)err;
	twins_clamp(sim->twins, n ? volts : NULL);
	return 0;
}

int sim_measure(void *self, enum rig_side side, const uint32_t *nodes, size_t n, double *ret_V,
		struct rig_error *err)
{
	struct sim *sim = self;
	int r = twins_solve(sim->twins, side, err);

	if (r < 0)
		return r;
	daq_model_read(&sim->daq, sim->draw.seed,
		       side == RIG_FREE ? RANDOM_MEASURE_FREE : RANDOM_MEASURE_CLAMPED,
		       sim->draw.step, 0, twins_V(sim->twins, side), nodes, n, ret_V);
	return 0;
}

int sim_tick(void *self, struct rig_error *err)
{
	struct sim *sim = self;
	int r = twins_solve(sim->twins, RIG_CLAMPED, err);

	if (r < 0)
		return r;
	edges_tick(sim->edges, twins_V(sim->twins, RIG_FREE), twins_change_V(sim->twins),
		   &sim->draw);
	sim->draw.tick++;
	twins_moved(sim->twins);
	return 0;
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
	return 0;
}

/* ---- the whole step ---- */

static int settle(struct sim *sim, double seconds, struct rig_error *err)
{
	if (seconds == 0)
		return 0;
	return sim_wait_until(sim, clock_now_ns(&sim->clock) + llround(seconds * 1e9), err);
}

/* V_C of each target: as desired, or V_F when nothing is clamped. */
static int nudge_all(const struct sim *sim, const struct rig_request *request,
		     struct rig_record *ret, struct rig_error *err)
{
	for (size_t i = 0; i < sim->n_targets; i++) {
		double free_V = ret->target_free_V[i];
		int r;

		ret->clamp_V[i] = free_V;
		if (!request->clamp)
			continue;
		r = rig_nudge_one(&sim->limits, (long)sim->target[i], request->eta, free_V,
				  request->target_V[i], &ret->clamp_V[i], &ret->flags, err);
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
	sim_mark_step(sim, request->step);
	twins_drive_both(sim->twins, request->source_V);
	ret->apply_ns = clock_now_ns(&sim->clock);
	r = settle(sim, request->settle_s, err);
	if (r < 0)
		return r;
	r = sim_measure(sim, RIG_FREE, sim->measured, sim->n_measured, ret->free_V, err);
	if (r < 0)
		return r;
	ret->free_ns = clock_now_ns(&sim->clock);
	return sim_measure(sim, RIG_FREE, sim->target, sim->n_targets, ret->target_free_V, err);
}

static int clamped_half(struct sim *sim, const struct rig_request *request, struct rig_record *ret,
			struct rig_error *err)
{
	int r = nudge_all(sim, request, ret, err);

	if (r < 0)
		return r;
	twins_clamp(sim->twins, request->clamp ? ret->clamp_V : NULL);
	r = settle(sim, request->settle_s, err);
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
	struct rig_edges edges = {
		.wiper = ret->wiper, .updated = ret->updated, .raised = ret->raised};
	int r = free_half(sim, request, ret, err);

	if (r < 0)
		return r;
	r = clamped_half(sim, request, ret, err);
	if (r < 0)
		return r;
	for (unsigned i = 0; r == 0 && i < request->ticks; i++)
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
