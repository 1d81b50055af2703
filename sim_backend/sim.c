/* sim_backend/sim.c - the simulated rig's life, sessions, settings and safety; sim_step.c makes the steps. */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim_backend/sim.h"
#include "sim_backend/sim_check.h"

/* ---- life ---- */

static void sim_close(void *self)
{
	struct sim *sim = self;

	twins_free(sim->twins);
	edges_free(sim->edges);
	faults_free(sim->faults);
	settling_free(sim->settling);
	sim_flow_free(sim->flow);
	clock_close(&sim->clock);
	network_free(sim->network);
	free(sim->capacitance_F);
	free(sim->source);
	free(sim->target);
	free(sim->measured);
	free(sim->batch_free_V);
	free(sim->batch_clamp_V);
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
		.alpha_per_s = sim->flow ? sim_flow_alpha(sim->flow) : NAN,
		.continuous = config->sim.rule != SIM_DISCRETE,
		.overdamped = config->sim.rule == SIM_OVERDAMPED,
		.batches = config->sim.rule == SIM_CONTINUOUS ||
			   (config->sim.rule == SIM_DISCRETE && config->sim.comparator == SIM_EQ10),
		.bias = config->sim.update == SIM_OSCILLATORS,
		.bias_always_V = config->bias_always_V,
		.bias_never_V = config->bias_never_V,
	};
}

static int build(struct sim *sim, const struct rig_config *config, int wake_fd)
{
	int r;

	memcpy(sim->name, config->name, sizeof(sim->name));
	sim->limits = config->limits;
	sim->safe_V = config->safe_V;
	sim->solver = (struct circuit_options){(enum circuit_solver)config->sim.solver,
					       config->sim.pcg_tolerance, config->sim.memory_B};
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
	r = sim_faults_open(sim, &config->sim);
	if (r == 0 && config->sim.rule == SIM_OVERDAMPED)
		r = sim_flow_new(config, &sim->flow);
	return r < 0 ? r : edges_new(config, &sim->edges);
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

static_assert((int)SIM_PCG == (int)CIRCUIT_PCG, "enum sim_solver is enum circuit_solver");

static int new_twins(const struct sim *sim, const struct rig_session *session, struct twins **ret,
		     struct rig_error *err)
{
	const struct twins_setup setup = {.network = sim->network,
					  .free_g = edges_free_g(sim->edges),
					  .clamped_g = edges_clamped_g(sim->edges),
					  .source_offset_V = sim->source_offset_V,
					  .safe_V = sim->safe_V,
					  .options = sim->solver,
					  .clock = &sim->clock};

	struct twins *twins;
	int r = twins_new(&setup, session, edges_cut(sim->edges), &twins, err);

	if (r < 0)
		return r;
	if (sim->farad > 0)
		r = twins_set_capacitance(twins, sim->farad, err);
	if (r < 0)
		twins_free(twins);
	else
		*ret = twins;
	return r;
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
	free(sim->source);
	free(sim->target);
	free(sim->measured);
	free(sim->batch_free_V);
	free(sim->batch_clamp_V);
	sim->twins = NULL;
	sim->source = sim->target = sim->measured = NULL;
	sim->batch_free_V = sim->batch_clamp_V = NULL;
}

void sim_mark_floating(struct sim *sim)
{
	const uint32_t *nodes;
	size_t n = twins_floating(sim->twins, &nodes);

	edges_set_floating(sim->edges, nodes, n);
}

static int sim_begin(void *self, const struct rig_session *session, struct rig_error *err)
{
	struct sim *sim = self;
	struct twins *twins;
	int r;

	sim_faults_begin(sim);
	r = new_twins(sim, session, &twins, err);
	if (r < 0)
		return r;
	r = sim->flow ? sim_flow_begin(sim, session, err) : 0;
	if (r < 0) {
		twins_free(twins);
		return r;
	}
	end_session(sim);
	sim->twins = twins;
	sim->n_sources = session->n_sources;
	sim->n_targets = session->n_targets;
	sim->n_measured = session->n_measured;
	sim->source = copy_array(session->sources, sim->n_sources, sizeof(*sim->source));
	sim->target = copy_array(session->targets, sim->n_targets, sizeof(*sim->target));
	sim->measured = copy_array(session->measured, sim->n_measured, sizeof(*sim->measured));
	sim->batch_free_V = calloc(sim->n_targets + 1, sizeof(double));
	sim->batch_clamp_V = calloc(sim->n_targets + 1, sizeof(double));
	sim->begun_ns = clock_now_ns(&sim->clock);
	sim->draw = (struct edges_draw){.seed = session->seed};
	if (!sim->source || !sim->target || !sim->measured || !sim->batch_free_V ||
	    !sim->batch_clamp_V) {
		end_session(sim);
		return rig_fail(err, -ENOMEM, "out of memory for a session");
	}
	sim_mark_floating(sim);
	return 0;
}

static size_t sim_floating(const void *self, const uint32_t **nodes)
{
	const struct sim *sim = self;

	return twins_floating(sim->twins, nodes);
}

static const char *sim_method(const void *self)
{
	const struct sim *sim = self;

	return twins_method(sim->twins);
}

/* ---- time ---- */

static int64_t sim_now_ns(void *self)
{
	struct sim *sim = self;

	return clock_now_ns(&sim->clock);
}

int sim_wait_until(void *self, int64_t when_ns, struct rig_error *err)
{
	struct sim *sim = self;
	int r = clock_wait_until(&sim->clock, when_ns);

	return r < 0 ? rig_fail(err, r, "a wait: %s", strerror(-r)) : 0;
}

/* ---- settings ---- */

/* Before conductances change: charge has flowed over those that were. */
static int catch_up(struct sim *sim, struct rig_error *err)
{
	return sim->twins ? twins_catch_up(sim->twins, err) : 0;
}

static void moved(struct sim *sim)
{
	if (sim->twins)
		twins_moved(sim->twins);
}

static int sim_write_edges(void *self, const uint8_t *wiper, struct rig_error *err)
{
	struct sim *sim = self;
	int r = catch_up(sim, err);

	if (edges_continuous(sim->edges))
		return rig_fail(err, -ENOTSUP,
				"the edges of rule: continuous and overdamped have no taps: give "
				"their resistances (r_ohm)");
	if (r < 0)
		return r;
	edges_write(sim->edges, wiper);
	moved(sim);
	return 0;
}

static int sim_write_resistances(void *self, const double *r_ohm, struct rig_error *err)
{
	struct sim *sim = self;
	int r = catch_up(sim, err);

	if (r == 0)
		r = edges_write_r(sim->edges, r_ohm, err);
	if (r == 0)
		moved(sim);
	return r;
}

static int sim_home(void *self, struct rig_error *err)
{
	struct sim *sim = self;
	int r = catch_up(sim, err);

	if (r < 0)
		return r;
	edges_home(sim->edges);
	moved(sim);
	return 0;
}

static int sim_set_edge_mode(void *self, size_t edge, enum rig_edge_mode mode,
			     struct rig_error *err)
{
	struct sim *sim = self;
	uint8_t before = edges_mode(sim->edges)[edge];
	int r = catch_up(sim, err);

	if (r < 0)
		return r;
	edges_set_mode(sim->edges, edge, (uint8_t)mode);
	if (!sim->twins || (before == RIG_CUT) == (mode == RIG_CUT))
		return 0;
	r = twins_set_cut(sim->twins, edges_cut(sim->edges), err);
	if (r < 0) {
		edges_set_mode(sim->edges, edge, before);
		err->edge = (long)edge;
		return r;
	}
	sim_mark_floating(sim);
	return 0;
}

static int sim_set_update(void *self, double p, double bias_V, struct rig_error *err)
{
	struct sim *sim = self;

	(void)err;
	edges_set_update(sim->edges, p, bias_V);
	return 0;
}

static void sim_updates(void *self, struct rig_updates *ret)
{
	struct sim *sim = self;

	edges_updates(sim->edges, ret);
}

static int sim_set_capacitance(void *self, double farad, struct rig_error *err)
{
	struct sim *sim = self;
	int r;

	if (sim->flow && farad > 0)
		return rig_fail(err, -ENOTSUP,
				"%g F beside the edges: the capacitors of rule: overdamped are "
				"from each node to ground, and give gamma = 1 per second",
				farad);
	r = sim->twins ? twins_set_capacitance(sim->twins, farad, err) : 0;
	if (r == 0)
		sim->farad = farad;
	return r;
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
	.write_resistances = sim_write_resistances,
	.home = sim_home,
	.set_edge_mode = sim_set_edge_mode,
	.set_update = sim_set_update,
	.set_capacitance = sim_set_capacitance,
	.set_alpha = sim_flow_set_alpha,
	.method = sim_method,
	.updates = sim_updates,
	.make_safe = sim_make_safe,
	.idle = sim_idle,
	.step = sim_step,
	.evaluate = sim_evaluate,
};
