/* daemon/replay_rig.c - the rig of a recorded run, as it is described; nothing is opened. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "daemon/replay_rig.h"
#include "sim_backend/network.h"

#define CONVERSION_S 1e-5 /* of one sample */

static bool is_bench(const struct rig_config *config)
{
	return strcmp(config->backend, "bench") == 0;
}

/* No target's output can be switched off its node: rig_clamp() without volts leaves them driven. */
static bool holds_targets(const struct rig_config *config)
{
	const struct daq_wire *wires = config->daq.wire[RIG_CLAMPED];

	for (size_t i = 0; wires && i < config->network->n_nodes; i++)
		if (wires[i].drive.kind && !wires[i].relay.kind)
			return true;
	return false;
}

/* As drivers/bench.c has it: both networks settle and are converted, then comes the pulse. */
static double min_step_s(const struct rig_config *config)
{
	const struct daq_config *daq = &config->daq;
	size_t n = 0;

	for (size_t i = 0; i < 2 * config->network->n_nodes; i++) {
		const struct daq_wire *wires = daq->wire[i % 2];

		n += wires && wires[i / 2].measure.kind != DAQ_NONE;
	}
	return 2 * daq->settle_s + (double)(n * (daq->average + daq->discard)) * CONVERSION_S +
	       daq->clock.pulse_s + daq->clock.done_s;
}

static void add_bench(const struct rig_config *config, struct rig_info *ret)
{
	ret->backend = "bench";
	ret->real_time = true;
	ret->targets_held = holds_targets(config);
	ret->interlocks = true;
	ret->pause_on_fault = config->pause_on_fault;
	ret->bias = config->daq.bias.kind != DAQ_NONE;
	ret->bias_point = config->bias;
	ret->n_bias = config->n_bias;
	ret->patch = config->daq.patch;
	ret->min_step_s = min_step_s(config);
}

static void add_sim(const struct rig_config *config, struct rig_info *ret)
{
	const struct sim_config *sim = &config->sim;

	ret->backend = "sim";
	ret->real_time = sim->clock == SIM_REAL;
	ret->whole_step = ret->batch_evaluate = true;
	ret->continuous = sim->rule != SIM_DISCRETE;
	ret->overdamped = sim->rule == SIM_OVERDAMPED;
	ret->alpha_per_s = ret->overdamped ? sim->learning_rate : NAN;
	ret->batches = sim->rule == SIM_CONTINUOUS ||
		       (sim->rule == SIM_DISCRETE && sim->comparator == SIM_EQ10);
	ret->bias = sim->update == SIM_OSCILLATORS;
}

void replay_rig_info(const struct rig_config *config, struct rig_info *ret)
{
	*ret = (struct rig_info){
		.name = config->name,
		.n_nodes = config->network->n_nodes,
		.n_edges = config->network->n_edges,
		.network = config->network,
		.edge = config->edge,
		.limits = config->limits,
		.capacitance_F = config->capacitance_F,
		.n_capacitance = config->n_capacitance,
		.r0_ohm = config->r0_ohm,
		.alpha_per_s = NAN,
		.bias_always_V = config->bias_always_V,
		.bias_never_V = config->bias_never_V,
	};
	if (is_bench(config))
		add_bench(config, ret);
	else
		add_sim(config, ret);
}

int replay_rig_wires(const struct rig_config *config, struct wiring **ret)
{
	const struct daq_wire *const wires[2] = {config->daq.wire[RIG_FREE],
						 config->daq.wire[RIG_CLAMPED]};

	*ret = NULL;
	if (!is_bench(config) || !wires[0] || !wires[1])
		return 0;
	return wiring_new(config->network->n_nodes, wires, ret);
}
