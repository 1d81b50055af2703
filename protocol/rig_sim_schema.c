/* protocol/rig_sim_schema.c - what a rig file may say of the simulator: its rule, its comparators, its faults. */
#include "config.h"

#include "protocol/rig_sim_schema.h"
#include "protocol/schema_macros.h"
#include "protocol/values.h"

WORDS(comparator_rule, "eq10", "xor", "xor_clamped");
WORDS(drawn, "each", "edge");
static const struct schema bias_range = {
	.type = SCHEMA_LIST, .item = &value_volts_from_0, .min_items = 2, .max_items = 2};
static const struct schema_member comparator_members[] = {
	{"rule", &comparator_rule, .fallback = "\"eq10\"",
	 .help = "Equation 10 of Wycoff 2022, or the circuit of Dillavou 2022."},
	{"bias_V", &bias_range, .fallback = "[0.0, 0.0]", .help = "Bias, uniform between these."},
	{"drawn", &drawn, .fallback = "\"each\"", .help = "At each comparison, or once an edge."},
	{0},
};
OBJECT(comparator);

/* The order of enum sim_fault_kind. */
WORDS(fault_what, "edge_stuck", "edge_deaf", "edge_cut", "tick_missed", "tick_double", "bias_drift",
      "daq_settling", "twin_resistor", "twin_source", "counters_apart", "wire_off", "source_sag");
static const struct schema_member fault_members[] = {
	{"at_step", &value_step, true, .help = "From before this step on."},
	{"steps", &value_number1, .help = "For so many steps; else to the end."},
	{"what", &fault_what, true,
	 .help = "edge_stuck, edge_deaf, edge_cut: this `edge`. tick_missed, tick_double: all edges, or this `edge`. bias_drift: `value` volts a step on every comparator. daq_settling: readings approach with a time constant of `value` s. twin_resistor: factor `value` on the clamped twin's R of `edge`. twin_source: `value` volts on the clamped network's source `node`. counters_apart: the clamped twin of `edge` is `value` taps off. wire_off: what drives `node` no longer reaches it. source_sag: what drives `node` has `value` ohm inside."},
	{"edge", &value_edge, .help = "Edge that has it."},
	{"node", &value_node, .help = "Node that has it."},
	{"value", &value_number, .help = "How much; see `what`."},
	{0},
};
OBJECT(fault);
LIST_0(faults, fault);

static const struct schema spread = {.type = SCHEMA_NUMBER, .max = 1, .below_max = true};
ABOVE_0(period, "s");
static const struct schema_member oscillators_members[] = {
	{"period_s", &period, .fallback = "0.0137", .help = "Mean period of the edges' waves."},
	{"spread", &spread, .fallback = "0.02",
	 .help = "Relative; periods are uniform within it. Below 0.01 single pairs of edges stay correlated."},
	{0},
};
OBJECT(oscillators);

WORDS(rule, "discrete", "continuous", "overdamped");
WORDS(update, "bernoulli", "fraction", "oscillators");
WORDS(solver, "auto", "static", "simplicial", "supernodal", "pcg");
WORDS(sim_clock, "virtual", "real");
COUNT(daq_bits, 0, 24);
ABOVE_0(learning_rate, NULL);
ABOVE_0(memory, "B");
static const struct schema tolerance = {
	.type = SCHEMA_NUMBER, .above_min = true, .max = 0.1, .below_max = true};
static const struct schema ohms_range = {
	.type = SCHEMA_LIST, .item = &value_ohms, .min_items = 2, .max_items = 2};
static const struct schema_member sim_members[] = {
	{"rule", &rule, .fallback = "\"discrete\"",
	 .help = "discrete: taps, by the comparators; continuous: equation 3 of Wycoff 2022; overdamped: equation 3 of Stern 2021, in time."},
	{"learning_rate", &learning_rate,
	 .help = "continuous: gamma in ohm^3/V^2, needed; overdamped: alpha at gamma = 1 until alpha_over_gamma is set."},
	{"clip", &value_bool, .fallback = "true",
	 .help = "overdamped: dg/dt is at least -g, as the published code has it; false: g only stays above 0."},
	{"tolerance", &tolerance, .fallback = "1e-6",
	 .help = "overdamped: of voltages and conductances, relative to the largest."},
	{"r_bounds_ohm", &ohms_range,
	 .help = "continuous: R stays within; else the range of the taps."},
	{"r_initial_ohm", &value_ohms,
	 .help = "continuous, overdamped: R of every edge to begin with; else that of initial_tap."},
	{"comparator", &comparator, .fallback = "{}", .help = "How an edge decides up or down."},
	{"comparator_noise_V", &value_volts_from_0, .fallback = "0.003", .help = "Rms."},
	{"measure_noise_V", &value_volts_from_0, .fallback = "0.0", .help = "Rms of each reading."},
	{"r_tolerance", &spread, .fallback = "0.0", .help = "Relative rms of R between edges."},
	{"twin_mismatch", &spread, .fallback = "0.0", .help = "Relative rms of R between twins."},
	{"twin_source_offset_V", &value_volts, .fallback = "0.0",
	 .help = "Sources of the clamped minus those of the free network."},
	{"update", &update, .fallback = "\"bernoulli\"",
	 .help = "How edges sit out a tick: each with probability 1 - p; exactly a fraction 1 - p of them; by oscillators against the bias voltage."},
	{"oscillators", &oscillators, .fallback = "{}", .help = "Of update: oscillators."},
	{"daq_bits", &daq_bits, .fallback = "16", .help = "Of a reading; 0: ideal."},
	{"clock", &sim_clock, .fallback = "\"virtual\"",
	 .help = "virtual: as fast as it goes; real: at tau_s."},
	{"solver", &solver, .fallback = "\"auto\"",
	 .help = "auto: by predicted cost; static: a list of operations; simplicial, supernodal: CHOLMOD; pcg: conjugate gradients."},
	{"pcg_tolerance", &tolerance, .fallback = "1e-12",
	 .help = "Relative residual at which the conjugate gradients stop."},
	{"memory_B", &memory,
	 .help = "A network that needs more is refused; else what the machine has free."},
	{"faults", &faults, .fallback = "[]", .help = "Faults to play."},
	{"seed", &value_seed, .fallback = "1", .help = "Of what is fixed in the rig."},
	{0},
};
const struct schema schema_rig_sim = {.type = SCHEMA_OBJECT, .members = sim_members};
