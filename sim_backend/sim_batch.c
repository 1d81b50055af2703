/* sim_backend/sim_batch.c - a batch: the differences of several examples are summed before one update.
 *
 * [Wycoff 2022, eq. 7].  The conductances stay as they are from the first example to the last, so that one
 * factorisation serves all of them.
 */
#include "config.h"

#include <errno.h>

#include "sim_backend/sim.h"

double sim_mean_square(const double *desired_V, const double *free_V, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (desired_V[i] - free_V[i]) * (desired_V[i] - free_V[i]);
	return n ? sum / (double)n : 0;
}

static int check(const struct rig_request *request, struct rig_error *err)
{
	return request->ticks > 1
		       ? rig_fail(err, -ENOTSUP,
				  "a batch of %zu examples takes one tick a step, not %u",
				  request->n_examples, request->ticks)
		       : 0;
}

static void add(struct sim *sim)
{
	edges_sum(sim->edges, twins_V(sim->twins, RIG_FREE), twins_change_V(sim->twins));
}

/* Shows one example, free and then clamped, and adds its differences. */
static int show(struct sim *sim, const struct rig_request *request, size_t example,
		struct rig_record *ret, struct rig_error *err)
{
	const double *target_V = request->target_V + example * sim->n_targets;
	int r;

	twins_drive_both(sim->twins, request->source_V + example * sim->n_sources);
	sim_changed(sim);
	r = sim_settle(sim, request->settle_s, err);
	if (r == 0)
		r = sim_read(sim, RIG_FREE, example, sim->target, sim->n_targets, sim->batch_free_V,
			     err);
	if (r == 0)
		r = sim_nudge(sim, request, target_V, sim->batch_free_V, sim->batch_clamp_V,
			      &ret->flags, err);
	if (r < 0)
		return r;
	if (ret->batch_mse_V2)
		ret->batch_mse_V2[example] =
			sim_mean_square(target_V, sim->batch_free_V, sim->n_targets);
	twins_clamp(sim->twins, request->clamp ? sim->batch_clamp_V : NULL);
	sim_changed(sim);
	r = sim_settle(sim, request->hold_s + request->settle_s, err);
	if (r == 0)
		r = twins_solve(sim->twins, RIG_CLAMPED, err);
	if (r == 0)
		add(sim);
	return r;
}

static int tick(struct sim *sim, struct rig_error *err)
{
	int r;

	sim->draw.time_ns = clock_now_ns(&sim->clock) - sim->begun_ns;
	r = edges_tick_sum(sim->edges, &sim->draw, err);
	if (r == 0 && edges_echo(sim->edges)) {
		/* nothing was shown in between: the same sums */
		sim->draw.again = true;
		r = edges_tick_sum(sim->edges, &sim->draw, err);
		sim->draw.again = false;
	}
	sim->draw.tick++;
	twins_moved(sim->twins);
	sim_changed(sim);
	return r;
}

int sim_batch(struct sim *sim, const struct rig_request *request, struct rig_record *ret,
	      struct rig_error *err)
{
	int r = check(request, err);

	if (r == 0)
		r = twins_solve(sim->twins, RIG_CLAMPED, err);
	if (r < 0)
		return r;
	edges_sum_clear(sim->edges);
	add(sim);
	for (size_t i = 1; r == 0 && i < request->n_examples; i++)
		r = show(sim, request, i, ret, err);
	return r < 0 || request->ticks == 0 ? r : tick(sim, err);
}
