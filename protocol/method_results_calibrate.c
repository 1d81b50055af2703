/* protocol/method_results_calibrate.c - the results of calibrate.*. */
#include "config.h"

#include "protocol/method_schemas.h"
#include "protocol/schema_macros.h"
#include "protocol/values.h"

EITHER(maybe_run, &value_run, &value_null);
EITHER(maybe_count, &value_count, &value_null);
static const struct schema row = {.type = SCHEMA_MAP, .item = &value_any};
LIST_0(rows, row);
LIST_0(texts, value_text);
LIST_0(anything, value_any);
LIST_0(integers, value_count);

#define CALIBRATION                                                                                \
	{"run", &value_run, true, .help = "The run that it was."},                                 \
		{"rig", &value_name, true, .help = "Of this rig alone."},                          \
		{"settings", &row, true, .help = "The params, with defaults."},                    \
	{                                                                                          \
		"warnings", &texts, true, .help = "What people should look at."                    \
	}

static const struct schema_member calibrate_p_members[] = {
	CALIBRATION,
	{"curve", &rows, true,
	 .help = "By ascending bias_V: p of all edges, its 95 % interval (Wilson) low to high, updated of ticks, bias_read_V."},
	{"edges", &rows, true,
	 .help = "By edge: p, low and high at each point; empty of an edge that does not learn."},
	{0},
};

static const struct schema_member calibrate_relaxation_members[] = {
	CALIBRATION,
	{"capacitors", &rows, true,
	 .help = "By capacitance_F: gamma_per_s, the nodes' geometric mean; expected_per_s, 1 / (R0 C); r_ohm, 1 / (gamma C); nodes, each with gamma_per_s and error_per_s, null where it does not relax."},
	{"sources", &integers, true, .help = "The first one stepped."},
	{"taps", &integers, true, .help = "At which it was measured."},
	{0},
};

static const struct schema_member calibrate_edges_members[] = {
	CALIBRATION,
	{"edges", &rows, true,
	 .help = "By edge: bias_V, noise_V and their errors, null where the decisions do not tell; sign of the drop; computed: an end was not measured."},
	{"known", &value_count, true, .help = "Edges whose comparator is known."},
	{0},
};

static const struct schema_member calibrate_daq_members[] = {
	CALIBRATION,
	{"loops", &rows, true,
	 .help = "Input over output: gain, offset_V, their errors, residual_V rms, worst_V."},
	{"gains", &rows, true, .help = "In force from now on: channel, gain, offset_V."},
	{0},
};

static const struct schema_member calibrate_settle_members[] = {
	CALIBRATION,
	{"settle_s", &anything, true, .help = "The three waits."},
	{"channels", &rows, true,
	 .help = "By node and side: readings by wait, forwards_V and backwards_V; spread_V; settled: within discrepancy_V."},
	{0},
};

static const struct schema_member calibrate_list_members[] = {
	{"rows", &rows, true, .help = "Columns of `calibrations` without the values."},
	{"next", &maybe_count, true, .help = "For `after`; null: that was all."},
	{0},
};

static const struct schema_member calibrate_get_members[] = {
	{"id", &value_number1, true, .help = "Its number."},
	{"kind", &value_name, true, .help = "p, relaxation, edges, daq, settle."},
	{"t_utc", &value_utc, true, .help = "When it ended."},
	{"run", &maybe_run, true, .help = "The run that it was."},
	{"values", &row, true, .help = "As the reply had them."},
	{0},
};

#define RESULT(id, members_)                                                                       \
	const struct schema result_##id = {                                                        \
		.type = SCHEMA_OBJECT, .members = members_##_members, .open = true}

RESULT(CALIBRATE_P, calibrate_p);
RESULT(CALIBRATE_RELAXATION, calibrate_relaxation);
RESULT(CALIBRATE_EDGES, calibrate_edges);
RESULT(CALIBRATE_DAQ, calibrate_daq);
RESULT(CALIBRATE_SETTLE, calibrate_settle);
RESULT(CALIBRATE_LIST, calibrate_list);
RESULT(CALIBRATE_GET, calibrate_get);
