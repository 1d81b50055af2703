/* drivers/rig_check.c - what may pass the seam: outputs against limits, and the configuration itself. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "drivers/rig_check.h"
#include "sim_backend/network.h"

int rig_fail(struct rig_error *err, int r, const char *format, ...)
{
	va_list args;

	*err = (struct rig_error){.node = -1, .edge = -1, .value = NAN, .min = NAN, .max = NAN};
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	return r;
}

static int fail_value(struct rig_error *err, int r, long node, double value,
		      const struct rig_limits *limits)
{
	err->node = node;
	err->value = value;
	err->min = limits->min_V;
	err->max = limits->max_V;
	return r;
}

int rig_refuse_output(const struct rig_limits *limits, const char *role, long node, double volts,
		      struct rig_error *err)
{
	if (!isfinite(volts))
		return fail_value(err,
				  rig_fail(err, -EINVAL, "%s node %ld: the voltage is not a number",
					   role, node),
				  node, volts, limits);
	rig_fail(err, -ERANGE, "%s node %ld: %g V is %s the limit of %g V%s%s%s", role, node, volts,
		 volts > limits->max_V ? "above" : "below",
		 volts > limits->max_V ? limits->max_V : limits->min_V,
		 limits->where[0] ? " (" : "", limits->where, limits->where[0] ? ")" : "");
	return fail_value(err, -ERANGE, node, volts, limits);
}

/* V_C comes from a measurement, which may be a little outside by noise alone. */
int rig_nudge_outside(const struct rig_limits *limits, long node, double volts, double *ret_V,
		      unsigned *flags, struct rig_error *err)
{
	if (volts < limits->min_V && volts >= limits->min_V - limits->measure_slack_V)
		volts = limits->min_V;
	else if (volts > limits->max_V && volts <= limits->max_V + limits->measure_slack_V)
		volts = limits->max_V;
	else
		return rig_refuse_output(limits, "clamped target", node, volts, err);
	*flags |= RIG_CLAMP_LIMITED;
	*ret_V = volts;
	return 0;
}

static int check_edge_config(const struct rig_edge_config *edge, struct rig_error *err)
{
	if (edge->taps < 2 || edge->taps > 256)
		return rig_fail(err, -EINVAL, "edge.taps is %d, not 2 to 256", edge->taps);
	if (!(edge->r_step_ohm > 0) || !isfinite(edge->r_step_ohm))
		return rig_fail(err, -EINVAL, "edge.r_step_ohm is %g, not above 0",
				edge->r_step_ohm);
	if (!(edge->r_min_ohm > 0) || !isfinite(edge->r_min_ohm))
		return rig_fail(err, -EINVAL, "edge.r_min_ohm is %g, not above 0", edge->r_min_ohm);
	if (edge->initial_tap < 0 || edge->initial_tap >= edge->taps)
		return rig_fail(err, -EINVAL, "edge.initial_tap is %d, not 0 to %d",
				edge->initial_tap, edge->taps - 1);
	return 0;
}

static int check_limits(const struct rig_limits *limits, struct rig_error *err)
{
	const double least_zero[] = {limits->slew_V_per_s, limits->edge_power_W,
				     limits->source_current_A, limits->discrepancy_V,
				     limits->measure_slack_V};
	const char *const name[] = {"slew_V_per_s", "edge_power_W", "source_current_A",
				    "discrepancy_V", "measure_slack_V"};

	if (!(limits->min_V < limits->max_V))
		return rig_fail(err, -EINVAL, "limits.volts: %g V is not below %g V", limits->min_V,
				limits->max_V);
	for (size_t i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		if (!(least_zero[i] >= 0))
			return rig_fail(err, -EINVAL, "limits.%s is %g, not 0 or more", name[i],
					least_zero[i]);
	return 0;
}

int rig_check_config(const struct rig_config *config, struct rig_error *err)
{
	int r;

	if (!config->network || !config->network->n_edges)
		return rig_fail(err, -EINVAL, "the rig has no network");
	r = check_edge_config(&config->edge, err);
	if (r < 0)
		return r;
	r = check_limits(&config->limits, err);
	if (r < 0)
		return r;
	if (!(config->safe_V >= config->limits.min_V && config->safe_V <= config->limits.max_V))
		return rig_fail(err, -ERANGE,
				"safe.volts is %g V, not within the limits %g to %g V",
				config->safe_V, config->limits.min_V, config->limits.max_V);
	if (!(config->safe_ramp_s >= 0) || !isfinite(config->safe_ramp_s))
		return rig_fail(err, -EINVAL, "safe.ramp_s is %g, not 0 or more",
				config->safe_ramp_s);
	return 0;
}
