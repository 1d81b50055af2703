/* daemon/rig_file_sim.c - the simulator's section of a rig file as plain data. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/rig_file_impl.h"
#include "sim_backend/network.h"

/* ---- small readers ---- */

static double number_or(const json_t *object, const char *name, double fallback)
{
	const json_t *value = json_object_get(object, name);

	return json_is_number(value) ? json_number_value(value) : fallback;
}

/* Which of the words, ended by NULL, it is; the schema has refused all others. */
static int word(const json_t *object, const char *name, const char *const *words)
{
	const char *said = json_string_value(json_object_get(object, name));

	for (int i = 0; said && words[i]; i++)
		if (strcmp(words[i], said) == 0)
			return i;
	return 0;
}

static void pair(const json_t *object, const char *name, double fallback, double ret[2])
{
	const json_t *list = json_object_get(object, name);

	for (size_t i = 0; i < 2; i++)
		ret[i] = json_array_size(list) == 2 ? json_number_value(json_array_get(list, i))
						    : fallback;
}

/* ---- faults ---- */

enum { NEEDS_EDGE = 1, NEEDS_NODE = 2, NEEDS_VALUE = 4 };

/* In the order of enum sim_fault_kind. */
static const char *const fault_words[] = {
	"edge_stuck",  "edge_deaf",      "edge_cut",     "tick_missed",
	"tick_double", "bias_drift",     "daq_settling", "twin_resistor",
	"twin_source", "counters_apart", "wire_off",     "source_sag",
	NULL};
static const int fault_needs[] = {
	[SIM_EDGE_STUCK] = NEEDS_EDGE,
	[SIM_EDGE_DEAF] = NEEDS_EDGE,
	[SIM_EDGE_CUT] = NEEDS_EDGE,
	[SIM_TICK_MISSED] = 0,
	[SIM_TICK_DOUBLE] = 0,
	[SIM_BIAS_DRIFT] = NEEDS_VALUE,
	[SIM_DAQ_SETTLING] = NEEDS_VALUE,
	[SIM_TWIN_RESISTOR] = NEEDS_EDGE | NEEDS_VALUE,
	[SIM_TWIN_SOURCE] = NEEDS_NODE | NEEDS_VALUE,
	[SIM_COUNTERS_APART] = NEEDS_EDGE | NEEDS_VALUE,
	[SIM_WIRE_OFF] = NEEDS_NODE,
	[SIM_SOURCE_SAG] = NEEDS_NODE | NEEDS_VALUE,
};

static int check_fault(const struct rig_reading *in, const struct sim_fault *fault, size_t i)
{
	const struct network *net = in->config->network;
	int needs = fault_needs[fault->kind];
	char path[64];

	snprintf(path, sizeof(path), "/sim/faults/%zu", i);
	if (((needs & NEEDS_EDGE) && fault->edge < 0) ||
	    ((needs & NEEDS_NODE) && fault->node < 0) ||
	    ((needs & NEEDS_VALUE) && isnan(fault->value)))
		return problem_set(in->p, PROBLEM_PARAMS, path, "%s needs%s%s%s",
				   fault_words[fault->kind], needs & NEEDS_EDGE ? " edge" : "",
				   needs & NEEDS_NODE ? " node" : "",
				   needs & NEEDS_VALUE ? " value" : "");
	if (fault->edge >= (long)net->n_edges)
		return problem_set(in->p, PROBLEM_PARAMS, path,
				   "edge %ld does not exist: the edges are 0 to %zu", fault->edge,
				   net->n_edges - 1);
	if (fault->node >= (long)net->n_nodes)
		return problem_set(in->p, PROBLEM_PARAMS, path,
				   "node %ld does not exist: the nodes are 0 to %zu", fault->node,
				   net->n_nodes - 1);
	return 0;
}

static int by_step(const void *a, const void *b)
{
	const struct sim_fault *x = a, *y = b;

	return (x->at_step > y->at_step) - (x->at_step < y->at_step);
}

static int read_faults(const struct rig_reading *in, const json_t *list)
{
	struct sim_config *sim = &in->config->sim;

	sim->n_faults = json_array_size(list);
	sim->fault = calloc(sim->n_faults + 1, sizeof(*sim->fault));
	if (!sim->fault)
		return problem_set(in->p, PROBLEM_INTERNAL, "", "out of memory for the faults");
	for (size_t i = 0; i < sim->n_faults; i++) {
		const json_t *json = json_array_get(list, i);

		sim->fault[i] = (struct sim_fault){
			.at_step = (uint64_t)number_or(json, "at_step", 0),
			.steps = (uint64_t)number_or(json, "steps", 0),
			.kind = (enum sim_fault_kind)word(json, "what", fault_words),
			.edge = (long)number_or(json, "edge", -1),
			.node = (long)number_or(json, "node", -1),
			.value = number_or(json, "value", NAN),
		};
		if (check_fault(in, &sim->fault[i], i) < 0)
			return -1;
	}
	qsort(sim->fault, sim->n_faults, sizeof(*sim->fault), by_step);
	return 0;
}

/* ---- the whole ---- */

static void read_rule(const json_t *sim, struct sim_config *ret)
{
	static const char *const rules[] = {"discrete", "continuous", "overdamped", NULL};
	static const char *const comparators[] = {"eq10", "xor", "xor_clamped", NULL};
	static const char *const drawn[] = {"each", "edge", NULL};
	static const char *const updates[] = {"bernoulli", "fraction", "oscillators", NULL};
	const json_t *comparator = json_object_get(sim, "comparator");
	const json_t *oscillators = json_object_get(sim, "oscillators");

	ret->rule = (enum sim_rule)word(sim, "rule", rules);
	ret->learning_rate = number_or(sim, "learning_rate", NAN);
	ret->clip = json_is_true(json_object_get(sim, "clip"));
	ret->tolerance = number_or(sim, "tolerance", NAN);
	pair(sim, "r_bounds_ohm", NAN, ret->r_bounds_ohm);
	ret->r_initial_ohm = number_or(sim, "r_initial_ohm", NAN);
	ret->comparator = (enum sim_comparator)word(comparator, "rule", comparators);
	pair(comparator, "bias_V", 0, ret->bias_V);
	ret->drawn = (enum sim_drawn)word(comparator, "drawn", drawn);
	ret->comparator_noise_V = number_or(sim, "comparator_noise_V", 0);
	ret->update = (enum sim_update)word(sim, "update", updates);
	ret->oscillators.period_s = number_or(oscillators, "period_s", NAN);
	ret->oscillators.spread = number_or(oscillators, "spread", NAN);
}

static int check_pairs(const struct rig_reading *in)
{
	const struct sim_config *sim = &in->config->sim;

	if (sim->bias_V[0] > sim->bias_V[1])
		return problem_set(in->p, PROBLEM_PARAMS, "/sim/comparator/bias_V",
				   "bias_V is [%g, %g]: the first must not be above the second",
				   sim->bias_V[0], sim->bias_V[1]);
	if (sim->r_bounds_ohm[0] >= sim->r_bounds_ohm[1])
		return problem_set(in->p, PROBLEM_PARAMS, "/sim/r_bounds_ohm",
				   "r_bounds_ohm is [%g, %g]: the first must be below the second",
				   sim->r_bounds_ohm[0], sim->r_bounds_ohm[1]);
	if (sim->rule == SIM_CONTINUOUS && isnan(sim->learning_rate))
		return problem_set(in->p, PROBLEM_PARAMS, "/sim",
				   "rule: continuous needs learning_rate, gamma in ohm^3/V^2");
	return 0;
}

int rig_file_sim(const struct rig_reading *in)
{
	static const char *const clocks[] = {"virtual", "real", NULL};
	static const char *const solvers[] = {"auto",       "static", "simplicial",
					      "supernodal", "pcg",    NULL};
	const json_t *sim = json_object_get(in->json, "sim");

	in->config->sim = (struct sim_config){
		.measure_noise_V = number_or(sim, "measure_noise_V", 0),
		.daq_bits = (int)number_or(sim, "daq_bits", 0),
		.r_tolerance = number_or(sim, "r_tolerance", 0),
		.twin_mismatch = number_or(sim, "twin_mismatch", 0),
		.twin_source_offset_V = number_or(sim, "twin_source_offset_V", 0),
		.clock = (enum sim_clock)word(sim, "clock", clocks),
		.solver = (enum sim_solver)word(sim, "solver", solvers),
		.pcg_tolerance = number_or(sim, "pcg_tolerance", NAN),
		.memory_B = number_or(sim, "memory_B", NAN),
		.seed = (uint64_t)json_integer_value(json_object_get(sim, "seed")),
	};
	read_rule(sim, &in->config->sim);
	if (check_pairs(in) < 0)
		return -1;
	return read_faults(in, json_object_get(sim, "faults"));
}
