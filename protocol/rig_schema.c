/* protocol/rig_schema.c - what a rig file may say. */
#include "config.h"

#include "protocol/files.h"
#include "protocol/rig_sim_schema.h"
#include "protocol/schema_macros.h"
#include "protocol/values.h"

/* ---- the network and its edges ---- */

static const struct schema ends = {
	.type = SCHEMA_LIST, .item = &value_node, .min_items = 2, .max_items = 2};
LIST(edges, ends);
static const struct schema_member network_members[] = {
	{"file", &value_name, .choice = SCHEMA_ONE,
	 .help = "CSV rows `node,id,x,y` and `edge,id,a,b`, relative to the rig file; or one that is built in: `king9_16`, `square:NxM`, `torus:NxM`, `cubic:N`, `disordered:N,z` (`disordered:N,z,seed`)."},
	{"edges", &edges, .choice = SCHEMA_ONE, .help = "Both nodes of each edge, in place."},
	{0},
};
OBJECT(network);

COUNT(n_taps, 2, 256);
static const struct schema_member edge_members[] = {
	{"taps", &n_taps, .fallback = "128", .help = "Number of taps."},
	{"r_step_ohm", &value_ohms, .fallback = "781.25", .help = "From a tap to the next."},
	{"r_min_ohm", &value_ohms, .fallback = "781.25", .help = "At tap 0."},
	{"initial_tap", &value_tap, .fallback = "63", .help = "After power-on and homing."},
	{0},
};
OBJECT(edge);

/* ---- limits: each must be said, `none` too ---- */

WORDS(none, "none");
EITHER(limit_volts, &value_volts_range, &none);
ABOVE_0(slew, "V/s");
EITHER(limit_slew, &slew, &none);
ABOVE_0(power, "W");
EITHER(limit_power, &power, &none);
ABOVE_0(current, "A");
EITHER(limit_current, &current, &none);
ABOVE_0(discrepancy, "V");
EITHER(limit_discrepancy, &discrepancy, &none);
static const struct schema_member limits_members[] = {
	{"volts", &limit_volts, true, .help = "Least and greatest commanded voltage."},
	{"slew_V_per_s", &limit_slew, true, .help = "Kept by a staircase."},
	{"edge_power_W", &limit_power, true, .help = "Of one resistor."},
	{"source_current_A", &limit_current, true, .help = "Out of one driven node, one network."},
	{"discrepancy_V", &limit_discrepancy, true, .help = "Measured minus commanded."},
	{"measure_slack_V", &value_volts_from_0, true,
	 .help = "A clamp so little outside the volts is set to the limit, and flagged."},
	{0},
};
OBJECT(limits);

/* ---- capacitors, bias, safety ---- */

LIST(capacitors, value_farads);
static const struct schema_member relaxation_members[] = {
	{"r0_ohm", &value_ohms, .fallback = "10000", .help = "gamma = 1 / (R0 C)."},
	{"discharge_s", &value_seconds, .fallback = "0.1",
	 .help = "Bench: at safe volts for so long before capacitors are switched."},
	{"bipolar", &value_bool, .fallback = "false",
	 .help = "Bench: the capacitors bear either sign; without it none is switched on."},
	{0},
};
OBJECT(relaxation);

WORDS(calibration, "calibration");
static const struct schema curve_point = {
	.type = SCHEMA_LIST, .item = &value_number, .min_items = 2, .max_items = 2};
LIST(curve_points, curve_point);
EITHER(curve, &calibration, &curve_points);
static const struct schema_member bias_members[] = {
	{"curve", &curve, .fallback = "\"calibration\"",
	 .help = "p to volts: by the stored calibration, or rows [volts, p]."},
	{"always_V", &value_volts, true, .help = "Bias at which every edge updates."},
	{"never_V", &value_volts, true, .help = "Bias at which none does."},
	{0},
};
OBJECT(bias);

static const struct schema_member safe_members[] = {
	{"volts", &value_volts, .fallback = "0.0", .help = "Every output's safe value."},
	{"ramp_s", &value_seconds, .fallback = "0.1", .help = "Time to get there."},
	{0},
};
OBJECT(safe);

/* ---- the bench: card and boards ---- */

static const struct schema_member switch_sides_members[] = {
	{"free", &value_name, true, .help = "Line of the free network's relay."},
	{"clamped", &value_name, true, .help = "Line of the clamped network's relay."},
	{0},
};
OBJECT(switch_sides);
EITHER(switches, &value_name, &switch_sides);
static const struct schema_member drive_members[] = {
	{"both", &value_name, .help = "Output that drives the node in both networks."},
	{"free", &value_name, .help = "Output of the free network's node."},
	{"clamped", &value_name, .help = "Output of the clamped network's node."},
	{"switch", &switches,
	 .help = "Line of the relay that connects it when high: one for both networks, or one for each."},
	{0},
};
OBJECT(drive);
static const struct schema drives = {
	.type = SCHEMA_MAP, .key = SCHEMA_KEY_NODE, .item = &drive, .min_items = 1};

static const struct schema_member measure_members[] = {
	{"free", &value_name, .help = "Input of the free network's node."},
	{"clamped", &value_name, .help = "Input of the clamped network's node."},
	{0},
};
OBJECT(measure);
static const struct schema measures = {
	.type = SCHEMA_MAP, .key = SCHEMA_KEY_NODE, .item = &measure, .min_items = 1};

WORDS(idle, "high", "low");
WORDS(active, "falling", "rising");
static const struct schema_member clock_line_members[] = {
	{"line", &value_name, true, .help = "Digital line of the global clock."},
	{"idle", &idle, .fallback = "\"high\"", .help = "Its level between ticks."},
	{"active", &active, .fallback = "\"falling\"",
	 .help = "The edge at which the boards step."},
	{"pulse_s", &value_seconds, .fallback = "0.01", .help = "Length of the pulse."},
	{"done_s", &value_seconds, .fallback = "0.01",
	 .help = "Debouncer, latch and move, waited before anything is read."},
	{0},
};
OBJECT(clock_line);

WORDS(daq_driver, "comedi", "loopback");
static const struct schema gain_pair = {
	.type = SCHEMA_LIST, .item = &value_number, .min_items = 2, .max_items = 2};
static const struct schema gains = {.type = SCHEMA_MAP, .item = &gain_pair};
COUNT(average, 1, 100000);
COUNT(discard, 0, 1000);
static const struct schema_member daq_members[] = {
	{"driver", &daq_driver, true, .help = "Driver of the card."},
	{"device", &value_name, true, .help = "Its device file."},
	{"digital_device", &value_name,
	 .help = "Device of the digital lines, where it is another."},
	{"settle_s", &value_seconds, .fallback = "0.001", .help = "Wait before a measurement."},
	{"average", &average, .fallback = "1", .help = "Samples averaged to a reading."},
	{"discard", &discard, .fallback = "1", .help = "Samples dropped after a channel change."},
	{"drive", &drives, true, .help = "Outputs, by node."},
	{"measure", &measures, true, .help = "Inputs, by node."},
	{"patch", &value_bool, .fallback = "false",
	 .help = "An operator can plug outputs and inputs into other nodes, and is asked to."},
	{"relay_s", &value_seconds, .fallback = "0.01", .help = "Time for a relay to switch."},
	{"gain", &gains, .fallback = "{}",
	 .help = "By channel [gain, offset_V]: true volts are gain * nominal + offset. A stored calibration goes before it."},
	{"bias", &value_name, .help = "Output of the global bias voltage."},
	{"clock", &clock_line, true, .help = "The clock line."},
	{0},
};
OBJECT(daq);

WORDS(boards_driver, "modbus-rtu", "modbus-tcp");
COUNT(address, 1, 247);
LIST(address_list, address);
EITHER(addresses, &value_name, &address_list);
COUNT(baud, 1200, 4000000);
COUNT(edges_per_board, 1, 16);
COUNT(tries, 1, 10);
COUNT(read_every, 0, 100000);
LIST(device_list, value_name);
EITHER(devices, &value_name, &device_list);
COUNT(serial, 0, 4294967295);
LIST(serial_list, serial);
static const struct schema_member boards_members[] = {
	{"driver", &boards_driver, true, .help = "RTU or TCP."},
	{"device", &devices, true,
	 .help = "Serial device; or HOST:PORT, one for all boards or a list with one for each."},
	{"baud", &baud, .fallback = "115200", .help = "Speed of the serial line."},
	{"addresses", &addresses, true, .help = "\"1-16\", or a list of addresses."},
	{"edges_per_board", &edges_per_board, .fallback = "1", .help = "Twin edges of a board."},
	{"serials", &serial_list,
	 .help = "Serial number of each board, in the order of the addresses; 0: any."},
	{"reply_timeout_s", &value_seconds, .fallback = "0.1", .help = "Wait for a reply."},
	{"tries", &tries, .fallback = "3", .help = "Before a board counts as lost."},
	{"watchdog_s", &value_seconds, .fallback = "2",
	 .help = "Boards hold after such a silence; 0: off."},
	{"read_every", &read_every, .fallback = "0",
	 .help = "Steps between two readings of the taps; 0: as often as the wire allows."},
	{"noise_V", &value_volts_from_0, .fallback = "0.003",
	 .help = "rms noise of a comparator, until it is calibrated."},
	{0},
};
OBJECT(boards);

WORDS(backend, "bench", "sim");
WORDS(on_fault, "pause", "fail");
static const struct schema_member rig_members[] = {
	{"rig", &value_name, true, .help = "Name of the rig."},
	{"backend", &backend, true, .help = "A real bench, or a simulated one."},
	{"network", &network, true, .help = "Which edges connect which nodes."},
	{"edge", &edge, .fallback = "{}", .help = "The variable resistor of an edge."},
	{"limits", &limits, true, .help = "What is refused; `none` must be written out."},
	{"capacitors_F", &capacitors, .fallback = "[0]", .help = "The bank; 0: none switched on."},
	{"relaxation", &relaxation, .fallback = "{}", .help = "What a relaxation rate means."},
	{"bias", &bias, .help = "How p becomes the global bias voltage."},
	{"safe", &safe, .fallback = "{}", .help = "Where the outputs go when in doubt."},
	{"daq", &daq, .help = "The card; only for backend: bench."},
	{"boards", &boards, .help = "The edge boards; only for backend: bench."},
	{"on_fault", &on_fault, .fallback = "\"pause\"",
	 .help = "Bench: what a run does when a device is lost, made safe in either case."},
	{"sim", &schema_rig_sim,
	 .help = "The simulator; with backend: bench, what nudge-benchd plays."},
	{0},
};
const struct schema schema_rig = {.type = SCHEMA_OBJECT, .members = rig_members};
