/* sim_backend/sim_check.c - what a rig file may ask of the simulated rig. */
#include "config.h"

#include <errno.h>
#include <math.h>

#include "drivers/rig_impl.h"
#include "sim_backend/faults.h"
#include "sim_backend/sim_check.h"

static int check_not_negative(const char *key, double value, struct rig_error *err)
{
	return value >= 0 && isfinite(value)
		       ? 0
		       : rig_fail(err, -EINVAL, "sim.%s is %g, not 0 or more", key, value);
}

/* One set of conductances flows, between one set of sources. */
static int check_overdamped(const struct sim_config *sim, struct rig_error *err)
{
	if (sim->rule != SIM_OVERDAMPED)
		return 0;
	if (!isnan(sim->learning_rate) && !(sim->learning_rate > 0 && isfinite(sim->learning_rate)))
		return rig_fail(err, -EINVAL, "sim.learning_rate is %g per second, not above 0",
				sim->learning_rate);
	if (!(sim->tolerance > 0 && sim->tolerance < 0.1))
		return rig_fail(err, -EINVAL, "sim.tolerance is %g, not above 0 and below 0.1",
				sim->tolerance);
	if (sim->twin_mismatch != 0 || sim->twin_source_offset_V != 0)
		return rig_fail(
			err, -ENOTSUP,
			"sim.twin_mismatch and sim.twin_source_offset_V: the twins of rule: "
			"overdamped are equal");
	return 0;
}

static int check_continuous(const struct rig_config *config, struct rig_error *err)
{
	const struct rig_edge_config *edge = &config->edge;
	const struct sim_config *sim = &config->sim;
	double least_ohm = isnan(sim->r_bounds_ohm[0]) ? edge->r_min_ohm : sim->r_bounds_ohm[0];
	double most_ohm = isnan(sim->r_bounds_ohm[1])
				  ? edge->r_min_ohm + (edge->taps - 1) * edge->r_step_ohm
				  : sim->r_bounds_ohm[1];
	double initial_ohm = isnan(sim->r_initial_ohm)
				     ? edge->r_min_ohm + edge->initial_tap * edge->r_step_ohm
				     : sim->r_initial_ohm;

	if (sim->rule != SIM_CONTINUOUS)
		return 0;
	if (!(sim->learning_rate > 0) || !isfinite(sim->learning_rate))
		return rig_fail(err, -EINVAL, "sim.learning_rate is %g ohm^3/V^2, not above 0",
				sim->learning_rate);
	if (!(least_ohm > 0) || !(least_ohm < most_ohm) || !isfinite(most_ohm))
		return rig_fail(err, -EINVAL, "sim.r_bounds_ohm: %g is not above 0 and below %g",
				least_ohm, most_ohm);
	if (initial_ohm < least_ohm || initial_ohm > most_ohm)
		return rig_fail(err, -EINVAL,
				"sim.r_initial_ohm: %g is not within sim.r_bounds_ohm, %g to %g",
				initial_ohm, least_ohm, most_ohm);
	return 0;
}

static int check_oscillators(const struct rig_config *config, struct rig_error *err)
{
	const struct sim_oscillators *o = &config->sim.oscillators;

	if (config->sim.update != SIM_OSCILLATORS)
		return 0;
	if (!(o->period_s > 0) || !isfinite(o->period_s))
		return rig_fail(err, -EINVAL, "sim.oscillators.period_s is %g, not above 0",
				o->period_s);
	if (!(o->spread >= 0 && o->spread < 1))
		return rig_fail(err, -EINVAL, "sim.oscillators.spread is %g, not 0 to below 1",
				o->spread);
	if (config->bias_always_V == config->bias_never_V ||
	    !isfinite(config->bias_always_V - config->bias_never_V))
		return rig_fail(err, -EINVAL,
				"sim.update: oscillators between bias.always_V %g and "
				"bias.never_V %g: no wave",
				config->bias_always_V, config->bias_never_V);
	return 0;
}

int sim_check_config(const struct rig_config *config, struct rig_error *err)
{
	const struct sim_config *sim = &config->sim;
	const struct {
		const char *key;
		double value;
	} not_negative[] = {{"comparator_noise_V", sim->comparator_noise_V},
			    {"measure_noise_V", sim->measure_noise_V},
			    {"r_tolerance", sim->r_tolerance},
			    {"twin_mismatch", sim->twin_mismatch}};
	int r;

	for (size_t i = 0; i < sizeof(not_negative) / sizeof(not_negative[0]); i++) {
		r = check_not_negative(not_negative[i].key, not_negative[i].value, err);
		if (r < 0)
			return r;
	}
	r = check_overdamped(sim, err);
	if (r == 0)
		r = check_continuous(config, err);
	if (r == 0)
		r = check_oscillators(config, err);
	if (r == 0)
		r = faults_check(config, err);
	if (r < 0)
		return r;
	if (!isfinite(sim->twin_source_offset_V))
		return rig_fail(err, -EINVAL, "sim.twin_source_offset_V is not a number");
	if (!(sim->bias_V[0] <= sim->bias_V[1]) || !isfinite(sim->bias_V[1] - sim->bias_V[0]))
		return rig_fail(err, -EINVAL, "sim.comparator.bias_V: %g is above %g",
				sim->bias_V[0], sim->bias_V[1]);
	if (sim->daq_bits < 0 || sim->daq_bits > 32)
		return rig_fail(err, -EINVAL, "sim.daq_bits is %d, not 0 to 32", sim->daq_bits);
	if (sim->daq_bits && !isfinite(config->limits.max_V - config->limits.min_V))
		return rig_fail(err, -EINVAL,
				"sim.daq_bits: %d bits of no range: give limits.volts",
				sim->daq_bits);
	return 0;
}
