/* sim_backend/sim_check.c - what a rig file may ask of the simulated rig. */
#include "config.h"

#include <errno.h>
#include <math.h>

#include "drivers/rig_impl.h"
#include "sim_backend/sim_check.h"

static int check_not_negative(const char *key, double value, struct rig_error *err)
{
	return value >= 0 && isfinite(value)
		       ? 0
		       : rig_fail(err, -EINVAL, "sim.%s is %g, not 0 or more", key, value);
}

static int not_yet(const struct sim_config *sim, struct rig_error *err)
{
	if (sim->rule != SIM_DISCRETE)
		return rig_fail(err, -ENOTSUP,
				"sim.rule: continuous and overdamped: not in this version");
	if (sim->update != SIM_BERNOULLI)
		return rig_fail(err, -ENOTSUP,
				"sim.update: fraction and oscillators: not in this version");
	if (sim->n_faults)
		return rig_fail(err, -ENOTSUP, "sim.faults: not in this version");
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

	for (size_t i = 0; i < sizeof(not_negative) / sizeof(not_negative[0]); i++) {
		int r = check_not_negative(not_negative[i].key, not_negative[i].value, err);
		if (r < 0)
			return r;
	}
	if (not_yet(sim, err) < 0)
		return -ENOTSUP;
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
