/* sim_backend/faults.c - which of a rig file's faults are on, step by step; and what each must say. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/rig_impl.h"
#include "sim_backend/faults.h"
#include "sim_backend/network.h"

struct faults {
	size_t n, n_on;
	struct sim_fault *fault;     /* [n] */
	bool *is_on;                 /* [n] */
	const struct sim_fault **on; /* [n_on] of n */
};

int faults_new(const struct sim_config *sim, struct faults **ret)
{
	struct faults *f = calloc(1, sizeof(*f));

	if (!f)
		return -ENOMEM;
	f->n = sim->n_faults;
	f->fault = calloc(f->n + 1, sizeof(*f->fault));
	f->is_on = calloc(f->n + 1, sizeof(*f->is_on));
	f->on = calloc(f->n + 1, sizeof(*f->on));
	if (!f->fault || !f->is_on || !f->on) {
		faults_free(f);
		return -ENOMEM;
	}
	if (f->n)
		memcpy(f->fault, sim->fault, f->n * sizeof(*f->fault));
	*ret = f;
	return 0;
}

void faults_free(struct faults *f)
{
	if (!f)
		return;
	free(f->fault);
	free(f->is_on);
	free(f->on);
	free(f);
}

void faults_begin(struct faults *f)
{
	memset(f->is_on, 0, f->n * sizeof(*f->is_on));
	f->n_on = 0;
}

unsigned faults_step(struct faults *f, uint64_t step)
{
	unsigned changed = 0;

	f->n_on = 0;
	for (size_t i = 0; i < f->n; i++) {
		const struct sim_fault *fault = &f->fault[i];
		bool on = step >= fault->at_step &&
			  (fault->steps == 0 || step - fault->at_step < fault->steps);

		if (on != f->is_on[i])
			changed |= 1u << fault->kind;
		f->is_on[i] = on;
		if (on)
			f->on[f->n_on++] = fault;
	}
	return changed;
}

size_t faults_on(const struct faults *f, const struct sim_fault *const **ret)
{
	*ret = f->on;
	return f->n_on;
}

double faults_drift_V(const struct faults *f, uint64_t step)
{
	double volts = 0;

	for (size_t i = 0; i < f->n_on; i++)
		if (f->on[i]->kind == SIM_BIAS_DRIFT)
			volts += f->on[i]->value * (double)(step - f->on[i]->at_step + 1);
	return volts;
}

/* ---- what each must say ---- */

enum { EDGE = 1, NODE = 2, VALUE = 4, ABOVE_0 = 8, TAPS = 16 };

static const struct {
	const char *name;
	int needs;
} kinds[] = {
	[SIM_EDGE_STUCK] = {"edge_stuck", EDGE},
	[SIM_EDGE_DEAF] = {"edge_deaf", EDGE},
	[SIM_EDGE_CUT] = {"edge_cut", EDGE},
	[SIM_TICK_MISSED] = {"tick_missed", 0},
	[SIM_TICK_DOUBLE] = {"tick_double", 0},
	[SIM_BIAS_DRIFT] = {"bias_drift", VALUE | TAPS},
	[SIM_DAQ_SETTLING] = {"daq_settling", VALUE | ABOVE_0},
	[SIM_TWIN_RESISTOR] = {"twin_resistor", EDGE | VALUE | ABOVE_0},
	[SIM_TWIN_SOURCE] = {"twin_source", NODE | VALUE},
	[SIM_COUNTERS_APART] = {"counters_apart", EDGE | VALUE | TAPS},
	[SIM_WIRE_OFF] = {"wire_off", NODE},
	[SIM_SOURCE_SAG] = {"source_sag", NODE | VALUE | ABOVE_0},
};

static int check_value(const struct rig_config *config, const struct sim_fault *fault, size_t i,
		       struct rig_error *err)
{
	const char *name = kinds[fault->kind].name;
	int needs = kinds[fault->kind].needs;

	if (!(needs & VALUE))
		return 0;
	if (!isfinite(fault->value))
		return rig_fail(err, -EINVAL, "sim.faults[%zu]: %s needs a value", i, name);
	if ((needs & ABOVE_0) && fault->value <= 0)
		return rig_fail(err, -EINVAL, "sim.faults[%zu]: %s: the value %g is not above 0", i,
				name, fault->value);
	if (fault->kind == SIM_COUNTERS_APART &&
	    (fault->value != rint(fault->value) || fabs(fault->value) >= config->edge.taps))
		return rig_fail(err, -EINVAL,
				"sim.faults[%zu]: %s: %g is not a number of taps, -%d to %d", i,
				name, fault->value, config->edge.taps - 1, config->edge.taps - 1);
	return 0;
}

static int check_place(const struct rig_config *config, const struct sim_fault *fault, size_t i,
		       struct rig_error *err)
{
	const char *name = kinds[fault->kind].name;
	int needs = kinds[fault->kind].needs;
	bool edge = fault->kind == SIM_TICK_MISSED || fault->kind == SIM_TICK_DOUBLE
			    ? fault->edge != -1
			    : needs & EDGE;

	if (edge && (fault->edge < 0 || fault->edge >= (long)config->network->n_edges))
		return rig_fail(err, -EINVAL, "sim.faults[%zu]: %s: edge %ld is not 0 to %zu", i,
				name, fault->edge, config->network->n_edges - 1);
	if ((needs & NODE) && (fault->node < 0 || fault->node >= (long)config->network->n_nodes))
		return rig_fail(err, -EINVAL, "sim.faults[%zu]: %s: node %ld is not 0 to %zu", i,
				name, fault->node, config->network->n_nodes - 1);
	return 0;
}

int faults_check(const struct rig_config *config, struct rig_error *err)
{
	const struct sim_config *sim = &config->sim;

	for (size_t i = 0; i < sim->n_faults; i++) {
		const struct sim_fault *fault = &sim->fault[i];
		int r = check_place(config, fault, i, err);

		if (r == 0)
			r = check_value(config, fault, i, err);
		if (r < 0)
			return r;
		if (sim->rule == SIM_OVERDAMPED)
			return rig_fail(err, -ENOTSUP,
					"sim.faults[%zu]: %s: the overdamped rule plays no faults",
					i, kinds[fault->kind].name);
		if (sim->rule == SIM_CONTINUOUS && (kinds[fault->kind].needs & TAPS))
			return rig_fail(err, -ENOTSUP,
					"sim.faults[%zu]: %s: the continuous rule has neither "
					"comparators nor taps",
					i, kinds[fault->kind].name);
	}
	return 0;
}
