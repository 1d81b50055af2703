/* sim_backend/sim_faults.c - plays a rig file's faults: on the boards, on the wires, on the DAQ.
 *
 * Faults are a session's own: each run has them anew, from its step at_step on.
 */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim_backend/sim.h"

/* Faults after which the circuits are others. */
#define NEW_CIRCUITS (1u << SIM_EDGE_CUT | 1u << SIM_TWIN_RESISTOR | 1u << SIM_COUNTERS_APART)

int sim_faults_open(struct sim *sim, const struct sim_config *config)
{
	int r = config->n_faults ? faults_new(config, &sim->faults) : 0;

	for (size_t i = 0; r == 0 && i < config->n_faults; i++)
		if (config->fault[i].kind == SIM_DAQ_SETTLING && !sim->settling)
			r = settling_new(sim->network->n_nodes, &sim->settling);
	return r;
}

void sim_faults_begin(struct sim *sim)
{
	edges_begin(sim->edges);
	if (sim->faults)
		faults_begin(sim->faults);
	if (sim->settling)
		settling_set(sim->settling, 0);
}

/* What the faults that are on say of the outputs; offset_V [n_sources], inner_ohm [n_sources + n_targets]. */
static void read_outputs(const struct sim *sim, double *offset_V, double *inner_ohm)
{
	const struct sim_fault *const *on;
	size_t n_on = faults_on(sim->faults, &on), n = sim->n_sources + sim->n_targets;

	for (size_t i = 0; i < n_on; i++)
		for (size_t k = 0; k < n; k++) {
			bool source = k < sim->n_sources;
			uint32_t node = source ? sim->source[k] : sim->target[k - sim->n_sources];

			if (on[i]->node != (long)node)
				continue;
			if (on[i]->kind == SIM_TWIN_SOURCE && source)
				offset_V[k] += on[i]->value;
			else if (on[i]->kind == SIM_WIRE_OFF)
				inner_ohm[k] = INFINITY;
			else if (on[i]->kind == SIM_SOURCE_SAG)
				inner_ohm[k] += on[i]->value;
		}
}

static int rewire(struct sim *sim, bool anew, struct rig_error *err)
{
	size_t n = sim->n_sources + sim->n_targets;
	double *offset_V = calloc(2 * n + 1, sizeof(double)), *inner_ohm = offset_V + n;
	int r;

	if (!offset_V)
		return rig_fail(err, -ENOMEM, "out of memory for a fault");
	read_outputs(sim, offset_V, inner_ohm);
	r = twins_rewire(sim->twins,
			 &(struct twins_wiring){.clamped_g = edges_clamped_g(sim->edges),
						.cut = edges_cut(sim->edges),
						.offset_V = offset_V,
						.inner_ohm = inner_ohm,
						.anew = anew},
			 err);
	free(offset_V);
	if (r == 0)
		sim_mark_floating(sim);
	return r;
}

static double settling_now_s(const struct sim *sim)
{
	const struct sim_fault *const *on;
	size_t n = faults_on(sim->faults, &on);
	double tau_s = 0;

	for (size_t i = 0; i < n; i++)
		if (on[i]->kind == SIM_DAQ_SETTLING)
			tau_s = fmax(tau_s, on[i]->value);
	return tau_s;
}

int sim_faults_play(struct sim *sim, uint64_t step, struct rig_error *err)
{
	unsigned changed = faults_step(sim->faults, step);
	const struct sim_fault *const *on;
	size_t n = faults_on(sim->faults, &on);
	int r = 0;

	edges_set_drift(sim->edges, faults_drift_V(sim->faults, step));
	if (!changed)
		return 0;
	if (sim->twins)
		r = twins_catch_up(sim->twins, err);
	edges_set_faults(sim->edges, on, n);
	if (sim->settling)
		settling_set(sim->settling, settling_now_s(sim));
	if (r == 0 && sim->twins)
		r = rewire(sim, changed & NEW_CIRCUITS, err);
	if (r < 0) /* not played: the next step tries again, and fails again */
		faults_begin(sim->faults);
	return r;
}
