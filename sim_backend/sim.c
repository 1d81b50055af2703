/* sim_backend/sim.c - the simulated rig: twin networks, boards, a DAQ card and a clock behind drivers/rig.h. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/rig_impl.h"
#include "sim_backend/clock.h"
#include "sim_backend/daq_model.h"
#include "sim_backend/edges.h"
#include "sim_backend/sim_check.h"
#include "sim_backend/twins.h"

struct sim {
	char name[64];
	struct network *network;
	double *capacitance_F;
	struct rig_limits limits;
	double safe_V, source_offset_V;
	struct clock clock;
	struct daq_model daq;
	struct edges *edges;
	/* of a session */
	struct twins *twins; /* NULL: none begun */
	uint32_t *target, *measured;
	size_t n_sources, n_targets, n_measured;
	double *clamp_V; /* [n_targets] */
	struct edges_draw draw;
};

/* ---- life ---- */

static void sim_close(void *self)
{
	struct sim *sim = self;

	twins_free(sim->twins);
	edges_free(sim->edges);
	clock_close(&sim->clock);
	network_free(sim->network);
	free(sim->capacitance_F);
	free(sim->target);
	free(sim->measured);
	free(sim->clamp_V);
	free(sim);
}

static void describe(const struct sim *sim, const struct rig_config *config, struct rig_info *ret)
{
	*ret = (struct rig_info){
		.name = sim->name,
		.backend = sim_rig_ops.backend,
		.n_nodes = sim->network->n_nodes,
		.n_edges = sim->network->n_edges,
		.network = sim->network,
		.edge = config->edge,
		.limits = config->limits,
		.capacitance_F = sim->capacitance_F,
		.n_capacitance = config->n_capacitance,
		.r0_ohm = config->r0_ohm,
		.real_time = config->sim.clock == SIM_REAL,
	};
}

static int build(struct sim *sim, const struct rig_config *config, int wake_fd)
{
	int r;

	memcpy(sim->name, config->name, sizeof(sim->name));
	sim->limits = config->limits;
	sim->safe_V = config->safe_V;
	sim->source_offset_V = config->sim.twin_source_offset_V;
	sim->daq.noise_V = config->sim.measure_noise_V;
	sim->daq.zero_V = config->sim.daq_bits ? config->limits.min_V : 0;
	sim->daq.step_V = config->sim.daq_bits ? (config->limits.max_V - config->limits.min_V) *
							 exp2(-config->sim.daq_bits)
					       : 0;
	r = clock_open(&sim->clock, config->sim.clock, wake_fd);
	if (r < 0)
		return r;
	sim->network = network_copy(config->network);
	sim->capacitance_F = calloc(config->n_capacitance + 1, sizeof(double));
	if (!sim->network || !sim->capacitance_F)
		return -ENOMEM;
	if (config->n_capacitance)
		memcpy(sim->capacitance_F, config->capacitance_F,
		       config->n_capacitance * sizeof(double));
	return edges_new(config, &sim->edges);
}

static int sim_open(const struct rig_config *config, int wake_fd, void **ret,
		    struct rig_info *ret_info, struct rig_error *err)
{
	int r = sim_check_config(config, err);
	struct sim *sim;

	if (r < 0)
		return r;
	sim = calloc(1, sizeof(*sim));
	if (!sim)
		return rig_fail(err, -ENOMEM, "out of memory for a simulated rig");
	sim->clock.timer_fd = -1;
	r = build(sim, config, wake_fd);
	if (r < 0) {
		sim_close(sim);
		return rig_fail(err, r, "simulated rig: %s", strerror(-r));
	}
	describe(sim, config, ret_info);
	*ret = sim;
	return 0;
}

/* ---- sessions ---- */

static int new_twins(const struct sim *sim, const struct rig_session *session, struct twins **ret,
		     struct rig_error *err)
{
	const struct twins_setup setup = {.network = sim->network,
					  .free_g = edges_free_g(sim->edges),
					  .clamped_g = edges_clamped_g(sim->edges),
					  .source_offset_V = sim->source_offset_V,
					  .safe_V = sim->safe_V};

	return twins_new(&setup, session, edges_cut(sim->edges), ret, err);
}

static void *copy_array(const void *array, size_t n, size_t size)
{
	void *copy = calloc(n + 1, size);

	if (copy && n)
		memcpy(copy, array, n * size);
	return copy;
}

static void end_session(struct sim *sim)
{
	twins_free(sim->twins);
	free(sim->target);
	free(sim->measured);
	free(sim->clamp_V);
	sim->twins = NULL;
	sim->target = sim->measured = NULL;
	sim->clamp_V = NULL;
}

static void mark_floating(struct sim *sim)
{
	const uint32_t *nodes;
	size_t n = twins_floating(sim->twins, &nodes);

	edges_set_floating(sim->edges, nodes, n);
}

static int sim_begin(void *self, const struct rig_session *session, struct rig_error *err)
{
	struct sim *sim = self;
	struct twins *twins;
	int r = new_twins(sim, session, &twins, err);

	if (r < 0)
		return r;
	end_session(sim);
	sim->twins = twins;
	sim->n_sources = session->n_sources;
	sim->n_targets = session->n_targets;
	sim->n_measured = session->n_measured;
	sim->target = copy_array(session->targets, sim->n_targets, sizeof(*sim->target));
	sim->measured = copy_array(session->measured, sim->n_measured, sizeof(*sim->measured));
	sim->clamp_V = calloc(sim->n_targets + 1, sizeof(*sim->clamp_V));
	sim->draw = (struct edges_draw){.seed = session->seed};
	if (!sim->target || !sim->measured || !sim->clamp_V) {
		end_session(sim);
		return rig_fail(err, -ENOMEM, "out of memory for a session");
	}
	mark_floating(sim);
	return 0;
}

static size_t sim_floating(const void *self, const uint32_t **nodes)
{
	const struct sim *sim = self;

	return twins_floating(sim->twins, nodes);
}

/* ---- time ---- */

static int64_t sim_now_ns(void *self)
{
	struct sim *sim = self;

	return clock_now_ns(&sim->clock);
}

static int sim_wait_until(void *self, int64_t when_ns, struct rig_error *err)
{
	struct sim *sim = self;
	int r = clock_wait_until(&sim->clock, when_ns);

	return r < 0 ? rig_fail(err, r, "a wait: %s", strerror(-r)) : 0;
}

/* ---- one step by hand ---- */

static int sim_mark_step(void *self, uint64_t step)
{
	struct sim *sim = self;

	sim->draw.step = step;
	sim->draw.tick = 0;
	return 0;
}

static int sim_drive(void *self, enum rig_side side, const double *volts, struct rig_error *err)
{
	struct sim *sim = self;

	(void)err; /* a simulated output cannot fail */
	twins_drive(sim->twins, side, volts);
	return 0;
}

static int sim_clamp(void *self, const double *volts, size_t n, struct rig_error *err)
{
	struct sim *sim = self;

	(void)err;
	twins_clamp(sim->twins, n ? volts : NULL);
	return 0;
}

static int sim_measure(void *self, enum rig_side side, const uint32_t *nodes, size_t n,
		       double *ret_V, struct rig_error *err)
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

static int sim_tick(void *self, struct rig_error *err)
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

static int sim_read_edges(void *self, struct rig_edges *ret, struct rig_error *err)
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

static int nudge_all(struct sim *sim, const struct rig_request *request, struct rig_record *ret,
		     struct rig_error *err)
{
	for (size_t i = 0; i < sim->n_targets; i++) {
		int r = rig_nudge_one(&sim->limits, (long)sim->target[i], request->eta,
				      ret->target_free_V[i], request->target_V[i], &sim->clamp_V[i],
				      &ret->flags, err);
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
	twins_drive(sim->twins, RIG_FREE, request->source_V);
	twins_drive(sim->twins, RIG_CLAMPED, request->source_V);
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
	int r = request->clamp ? nudge_all(sim, request, ret, err) : 0;

	if (r < 0)
		return r;
	twins_clamp(sim->twins, request->clamp ? sim->clamp_V : NULL);
	for (size_t i = 0; i < sim->n_targets; i++)
		ret->clamp_V[i] = request->clamp ? sim->clamp_V[i] : ret->target_free_V[i];
	r = settle(sim, request->settle_s, err);
	if (r < 0)
		return r;
	r = sim_measure(sim, RIG_CLAMPED, sim->measured, sim->n_measured, ret->clamped_V, err);
	ret->clamped_ns = clock_now_ns(&sim->clock);
	return r;
}

static int sim_step(void *self, const struct rig_request *request, struct rig_record *ret,
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

static int sim_evaluate(void *self, size_t n, const double *source_V, double *ret_V,
			struct rig_error *err)
{
	struct sim *sim = self;

	for (size_t i = 0; i < n; i++) {
		const double *node_V;
		int r = twins_respond(sim->twins, source_V + i * sim->n_sources, &node_V, err);

		if (r < 0)
			return r;
		daq_model_read(&sim->daq, sim->draw.seed, RANDOM_EVALUATE, sim->draw.step,
			       (uint64_t)i << 32, node_V, sim->target, sim->n_targets,
			       ret_V + i * sim->n_targets);
	}
	return 0;
}

/* ---- settings ---- */

static void moved(struct sim *sim)
{
	if (sim->twins)
		twins_moved(sim->twins);
}

static int sim_write_edges(void *self, const uint8_t *wiper, struct rig_error *err)
{
	struct sim *sim = self;

	(void)err;
	edges_write(sim->edges, wiper);
	moved(sim);
	return 0;
}

static int sim_home(void *self, struct rig_error *err)
{
	struct sim *sim = self;

	(void)err;
	edges_home(sim->edges);
	moved(sim);
	return 0;
}

static int sim_set_edge_mode(void *self, size_t edge, enum rig_edge_mode mode,
			     struct rig_error *err)
{
	struct sim *sim = self;
	uint8_t before = edges_mode(sim->edges)[edge];
	int r;

	edges_set_mode(sim->edges, edge, (uint8_t)mode);
	if (!sim->twins || (before == RIG_CUT) == (mode == RIG_CUT))
		return 0;
	r = twins_set_cut(sim->twins, edges_cut(sim->edges), err);
	if (r < 0) {
		edges_set_mode(sim->edges, edge, before);
		err->edge = (long)edge;
		return r;
	}
	mark_floating(sim);
	return 0;
}

static int sim_set_update(void *self, double p, double bias_V, struct rig_error *err)
{
	struct sim *sim = self;

	(void)bias_V; /* the simulated boards take p itself */
	(void)err;
	edges_set_p(sim->edges, p);
	return 0;
}

static int sim_set_capacitance(void *self, double farad, struct rig_error *err)
{
	(void)self;
	return farad == 0 ? 0
			  : rig_fail(err, -ENOTSUP,
				     "the simulated rig has no capacitors in this version: "
				     "%g F cannot be set, only 0",
				     farad);
}

/* ---- safety ---- */

static enum rig_safe sim_make_safe(void *self)
{
	struct sim *sim = self;

	if (sim->twins)
		twins_make_safe(sim->twins);
	return RIG_SAFE_CONFIRMED;
}

static int sim_idle(void *self, struct rig_error *err)
{
	(void)self;
	(void)err; /* nothing to feed, nothing that can trip */
	return 0;
}

const struct rig_ops sim_rig_ops = {
	.backend = "sim",
	.open = sim_open,
	.close = sim_close,
	.begin = sim_begin,
	.floating = sim_floating,
	.now_ns = sim_now_ns,
	.wait_until = sim_wait_until,
	.mark_step = sim_mark_step,
	.drive = sim_drive,
	.clamp = sim_clamp,
	.measure = sim_measure,
	.tick = sim_tick,
	.read_edges = sim_read_edges,
	.write_edges = sim_write_edges,
	.home = sim_home,
	.set_edge_mode = sim_set_edge_mode,
	.set_update = sim_set_update,
	.set_capacitance = sim_set_capacitance,
	.make_safe = sim_make_safe,
	.idle = sim_idle,
	.step = sim_step,
	.evaluate = sim_evaluate,
};
