/* protocol/method_params.c - what every method takes, with an example each. */
#include "config.h"

#include "protocol/files.h"
#include "protocol/method_schemas.h"
#include "protocol/schema_macros.h"
#include "protocol/values.h"

#define RUN_IT    "The run."
#define RUN_OR    "The run meant; without it the one that is active."
#define FROM_STEP "First step."
#define TO_STEP   "Last step, included; without it the last there is."
#define ENCODING  "Payload frames behind the JSON frame, or lists inside it (at most 1e5 numbers)."

/* ---- nothing but a run, or nothing at all ---- */

static const struct schema_member nothing_members[] = {{0}};

static const struct schema_member run_members[] = {
	{"run", &value_run, true, .help = RUN_IT},
	{0},
};

static const struct schema_member maybe_run_members[] = {
	{"run", &value_run, .help = RUN_OR},
	{0},
};

/* ---- lease ---- */

static const struct schema ttl = {.type = SCHEMA_NUMBER, .unit = "s", .min = 1, .max = 86400};
static const struct schema token = {.type = SCHEMA_STRING, .min_items = 1, .max_items = 64};

static const struct schema_member acquire_members[] = {
	{"ttl_s", &ttl, .fallback = "30", .help = "The lease ends so long after its last renewal."},
	{"note", &value_text, .fallback = "\"\"", .help = "What for; others see it."},
	{"take_over", &value_bool, .fallback = "false", .help = "Take it from whoever holds it."},
	{0},
};

static const struct schema_member lease_members[] = {
	{"lease", &token, true, .help = "The lease's token."},
	{0},
};

/* ---- tasks, runs, the queue ---- */

static const struct schema_member check_members[] = {
	{"task", &schema_task, true, .help = "The task; tables in place of CSV files."},
	{0},
};

WORDS(at, "end", "front");
static const struct schema_member submit_members[] = {
	{"task", &schema_task, true, .help = "The task; tables in place of CSV files."},
	{"name", &value_name, .help = "Name of the run; else the task's."},
	{"seed", &value_seed, .help = "Of all draws; else the task's, else the run's number."},
	{"tags", &value_tags, .help = "Words to find the run by."},
	{"params", &value_params, .help = "Parameters from the first step on, over the task's."},
	{"at", &at, .fallback = "\"end\"", .help = "Where in the queue."},
	{"on_lease_loss", &value_lease_loss,
	 .help = "What becomes of the run when the lease that it is steered under expires; else the task's."},
	{0},
};

static const struct schema timeout = {.type = SCHEMA_NUMBER, .unit = "s", .max = 86400};
static const struct schema_member wait_members[] = {
	{"run", &value_run, true, .help = RUN_IT},
	{"timeout_s", &timeout, .fallback = "60", .help = "Longest wait."},
	{0},
};

static const struct schema_member annotate_members[] = {
	{"run", &value_run, true, .help = RUN_IT},
	{"note", &value_text, .help = "Replaces the note."},
	{"tags", &value_tags, .help = "Replace the tags."},
	{"add_tags", &value_tags, .help = "Tags that the run gets, beside those it has."},
	{"remove_tags", &value_tags, .help = "Tags that it loses."},
	{"star", &value_bool, .help = "Marks or unmarks the run."},
	{0},
};

static const struct schema_member move_members[] = {
	{"run", &value_run, true, .help = "A queued run."},
	{"position", &value_count, true,
	 .help = "0 is the next to start; beyond the last: the last."},
	{0},
};

/* ---- the rig ---- */

static const struct schema settle = {.type = SCHEMA_NUMBER, .unit = "s", .max = 3600};
static const struct schema_member read_rig_members[] = {
	{"settle_s", &settle, .fallback = "0", .help = "Waited before reading; not during a run."},
	{0},
};

static const struct schema_member apply_members[] = {
	{"source_V", &value_node_volts, true, .help = "Driven in both networks."},
	{"target_V", &value_node_volts, .help = "Driven in the clamped network alone."},
	{"settle_s", &settle, .fallback = "0", .help = "Waited before measuring."},
	{0},
};

static const struct schema_member wiring_members[] = {
	{"task", &schema_task, .help = "What to run; without it the reply has no moves."},
	{0},
};

WORDS(mode, "learn", "hold", "cut");
static const struct schema_member edge_members[] = {
	{"edge", &value_edge, true, .help = "The edge."},
	{"mode", &mode, true, .help = "It learns, keeps its tap, or is disconnected."},
	{0},
};

/* ---- history ---- */

COUNT(limit, 1, 10000);
WORDS(status, "queued", "running", "paused", "done", "stopped", "aborted", "interrupted", "failed");
WORDS(kind, "allostery", "regression", "classification", "calibration");
static const struct schema_member where_mapping_members[] = {
	{"status", &status, .help = "Only runs with this status."},
	{"task", &value_name, .help = "Only runs of the task of this name."},
	{"kind", &kind, .help = "Only runs of this kind of task."},
	{"tag", &value_name, .help = "Only runs that have this tag."},
	{0},
};
OBJECT(where_mapping);
static const struct schema filter = {.type = SCHEMA_STRING, .min_items = 1, .max_items = 4096};
EITHER(where, &where_mapping, &filter);
static const struct schema_member runs_members[] = {
	{"where", &where,
	 .help = "Which runs: a filter as a text, or a mapping whose members may also stand beside it."},
	{"status", &status, .help = "Only runs with this status."},
	{"task", &value_name, .help = "Only runs of the task of this name."},
	{"kind", &kind, .help = "Only runs of this kind of task."},
	{"tag", &value_name, .help = "Only runs that have this tag."},
	{"order", &value_name, .fallback = "\"newest\"",
	 .help = "newest, oldest, or a field of the filter with or without asc, desc: which come first."},
	{"limit", &limit, .fallback = "100", .help = "At most so many rows."},
	{"after", &value_run, .help = "Go on behind this run: `next` of the reply before."},
	{0},
};

COUNT(points, 1, 100000);
WORDS(encoding, "arrays", "json");
static const struct schema_member steps_members[] = {
	{"run", &value_run, true, .help = RUN_IT},
	{"from", &value_step, .fallback = "0", .help = FROM_STEP},
	{"to", &value_step, .help = TO_STEP},
	{"from_step", &value_step, .help = "The same as `from`, and goes before it."},
	{"to_step", &value_step, .help = "The same as `to`, and goes before it."},
	{"columns", &value_names, .fallback = "[\"step\",\"mse_V2\"]",
	 .help = "Columns of the table `steps`."},
	{"max_points", &points,
	 .help = "More rows than this are binned: min, max, mean, first, last and count of each bin; over 65,536 steps a bin of 256 steps or more begins at a multiple of 256. A bin whose count is below `every` lacks steps; one without any is left out."},
	{"encoding", &encoding, .fallback = "\"arrays\"", .help = ENCODING},
	{0},
};

COUNT(thin_every, 2, 1000000000);
static const struct schema run_list = {
	.type = SCHEMA_LIST, .item = &value_run, .min_items = 1, .max_items = 1000};
static const struct schema days = {.type = SCHEMA_NUMBER, .unit = "d", .max = 36500};
static const struct schema_member du_members[] = {
	{"run", &value_run, .help = "Only this run."},
	{"where", &filter, .help = "Only runs of which this filter is true."},
	{"limit", &limit, .fallback = "100", .help = "At most so many rows."},
	{0},
};

static const struct schema_member retain_members[] = {
	{"runs", &run_list, .choice = SCHEMA_ONE, .help = "These runs, starred or not."},
	{"where", &filter, .choice = SCHEMA_ONE,
	 .help = "All runs of which this filter is true, but starred ones and those that have not ended."},
	{"keep_every", &thin_every, true, .help = "The steps that stay: those that this divides."},
	{"after_days", &days, .fallback = "0", .help = "Only runs that ended so many days ago."},
	{0},
};

static const struct schema_member events_members[] = {
	{"run", &value_run, .help = "Only events of this run."},
	{"kind", &value_name, .help = "Only events of this kind."},
	{"from", &value_utc, .help = "Only events from this time on."},
	{"to", &value_utc, .help = "Only events up to this time."},
	{"from_utc", &value_utc, .help = "The same as `from`, and goes before it."},
	{"to_utc", &value_utc, .help = "The same as `to`, and goes before it."},
	{"limit", &limit, .fallback = "100", .help = "At most so many rows."},
	{"after", &value_count, .help = "Go on behind this event: `next` of the reply before."},
	{0},
};

static const struct schema_member fetch_members[] = {
	{"run", &value_run, true, .help = RUN_IT},
	{"from_step", &value_step, true, .help = FROM_STEP},
	{"to_step", &value_step, .help = TO_STEP},
	{"encoding", &encoding, .fallback = "\"arrays\"", .help = ENCODING},
	{0},
};

/* ---- keys and the audit ---- */

static const struct schema key_text = {.type = SCHEMA_STRING, .min_items = 40, .max_items = 40};
static const struct schema key_name = {.type = SCHEMA_STRING, .min_items = 1, .max_items = 32};
WORDS(role, "observer", "operator", "admin");
static const struct schema_member key_add_members[] = {
	{"public_key", &key_text, true, .help = "40 characters of Z85."},
	{"name", &key_name, true, .help = "Whose it is: letters, digits and . _ @ -"},
	{"role", &role, true, .help = "What it may do."},
	{0},
};

static const struct schema_member key_revoke_members[] = {
	{"name", &key_name, true, .help = "Whose key."},
	{0},
};

static const struct schema_member audit_members[] = {
	{"run", &value_run, .help = "Only changes of this run."},
	{"who", &value_name, .help = "Only what this person or key did."},
	{"kind", &value_name, .help = "Only changes of this kind: param, run, key, handshake, ..."},
	{"from", &value_utc, .help = "Only changes from this time on."},
	{"to", &value_utc, .help = "Only changes up to this time."},
	{"limit", &limit, .fallback = "100", .help = "At most so many rows."},
	{"after", &value_count, .help = "Go on behind this row: `next` of the reply before."},
	{0},
};

/* ---- calibrations ---- */

COUNT(bias_points, 2, 1000);
static const struct schema bias_list = {
	.type = SCHEMA_LIST, .item = &value_volts, .min_items = 2, .max_items = 1000};
EITHER(bias_grid, &bias_points, &bias_list);
COUNT(trials, 1, 1000000);
static const struct schema interval = {
	.type = SCHEMA_NUMBER, .unit = "s", .above_min = true, .max = 60};
static const struct schema_member calibrate_p_members[] = {
	{"bias_V", &bias_grid, .fallback = "21",
	 .help = "Bias voltages, or how many, evenly from rail to rail."},
	{"trials", &trials, .fallback = "400", .help = "Ticks at each of them."},
	{"interval_s", &interval, .fallback = "0.02",
	 .help = "Mean time between ticks; each is drawn from half to one and a half of it."},
	{0},
};

static const struct schema capacitor = {
	.type = SCHEMA_NUMBER, .unit = "F", .above_min = true, .max = 1};
COUNT(samples, 5, 1000);
WORDS(which_taps, "spread", "present");
static const struct schema_member calibrate_relaxation_members[] = {
	{"capacitance_F", &capacitor, .help = "One of the bank; without it each that is not 0."},
	{"samples", &samples, .fallback = "40",
	 .help = "Readings of a transient, at times of equal ratio."},
	{"taps", &which_taps, .fallback = "\"spread\"",
	 .help = "Taps drawn for the measurement, or those that are there: equal ones do not relax."},
	{"step_V", &value_volts,
	 .help = "What the first source steps to; the middle of the limits."},
	{0},
};

COUNT(few_trials, 1, 10000);
COUNT(line_points, 3, 1001);
COUNT(patterns, 1, 100);
static const struct schema span = {
	.type = SCHEMA_NUMBER, .unit = "V", .above_min = true, .max = INFINITY};
static const struct schema_member calibrate_edges_members[] = {
	{"trials", &few_trials, .fallback = "10", .help = "Ticks at each point."},
	{"points", &line_points, .fallback = "21", .help = "Pushes from -span_V to span_V."},
	{"patterns", &patterns, .fallback = "4",
	 .help = "Ways to share the push among the targets; the first pushes all alike."},
	{"span_V", &span, .fallback = "0.05", .help = "The largest push on a target."},
	{0},
};

static const struct schema channel_pair = {
	.type = SCHEMA_LIST, .item = &value_name, .min_items = 2, .max_items = 2};
static const struct schema loops = {
	.type = SCHEMA_LIST, .item = &channel_pair, .min_items = 1, .max_items = 256};
WORDS(reference, "input", "output");
COUNT(bits, 4, 32);
static const struct schema_member calibrate_daq_members[] = {
	{"channels", &loops, true, .help = "Loops: [output, input]."},
	{"points", &line_points, .fallback = "11", .help = "Voltages over the limits."},
	{"reference", &reference, .fallback = "\"input\"",
	 .help = "The side that is believed: the other one gets the gain and the offset."},
	{"bits", &bits, .fallback = "16",
	 .help = "Of the card: an LSB is the limits' range over 2^bits."},
	{0},
};

static const struct schema_member calibrate_settle_members[] = {
	{"settle_s", &interval, .help = "The wait that is examined; else that of the rig file."},
	{"step_V", &value_volts, .help = "What the sources step to; the middle of the limits."},
	{0},
};

WORDS(calibration_kind, "p", "relaxation", "edges", "daq", "settle");
static const struct schema_member calibrate_list_members[] = {
	{"kind", &calibration_kind, .help = "Only calibrations of this kind."},
	{"limit", &limit, .fallback = "100", .help = "At most so many rows."},
	{"after", &value_count, .help = "Go on behind this one: `next` of the reply before."},
	{0},
};

static const struct schema_member calibrate_get_members[] = {
	{"id", &value_number1, true, .help = "As calibrate.list has it."},
	{0},
};

static const struct schema_member ack_members[] = {
	{"name", &value_name, true, .help = "The alarm, as alarm.list names it."},
	{0},
};

COUNT(fork_steps, 1, 1000000000000);
static const struct schema_member fork_members[] = {
	{"run", &value_run, true, .help = "The run to start from."},
	{"step", &value_step, true, .help = "Its step whose edge states are taken."},
	{"params", &value_params, .help = "Parameters from the first step on, over that step's."},
	{"steps", &fork_steps, .help = "In place of the task's stop: steps."},
	{0},
};

static const struct schema_member save_members[] = {
	{"name", &value_name, true, .help = "A new name."},
	{"taps", &value_taps, .help = "These instead of the present ones."},
	{0},
};

static const struct schema_member checkpoint_members[] = {
	{"name", &value_name, true, .help = "As checkpoint.list has it."},
	{0},
};

/* ---- by method ---- */

#define PARAMS(id, members_, example)                                                              \
	const struct schema params_##id = {.type = SCHEMA_OBJECT, .members = members_##_members};  \
	const char example_##id[] = example

#define EXAMPLE_TASK                                                                               \
	"\"task\":{\"task\":\"divider\",\"kind\":\"allostery\",\"sources\":[0,2],\"targets\":[1]," \
	"\"train\":{\"examples\":[{\"source_V\":[5,0],\"target_V\":[3]}]},\"stop\":{\"steps\":100}}"

PARAMS(SERVER_HELLO, nothing, "{}");
PARAMS(SERVER_PING, nothing, "{}");
PARAMS(RPC_DISCOVER, nothing, "{}");
PARAMS(STATE_SNAPSHOT, nothing, "{}");
PARAMS(LEASE_ACQUIRE, acquire, "{\"ttl_s\":30,\"note\":\"tuning eta\"}");
PARAMS(LEASE_RENEW, lease, "{\"lease\":\"7f3c21d0a4\"}");
PARAMS(LEASE_RELEASE, lease, "{\"lease\":\"7f3c21d0a4\"}");
PARAMS(PARAM_GET, nothing, "{}");
PARAMS(PARAM_SET, params, "{\"eta\":0.2,\"p\":0.8}");
PARAMS(TASK_CHECK, check, "{" EXAMPLE_TASK "}");
PARAMS(RUN_SUBMIT, submit,
       "{" EXAMPLE_TASK ",\"seed\":7,\"tags\":[\"first\"],"
       "\"params\":{\"eta\":0.5},\"at\":\"end\"}");
PARAMS(RUN_CHECK, submit, "{" EXAMPLE_TASK ",\"params\":{\"p\":0.5}}");
PARAMS(RUN_GET, run, "{\"run\":42}");
PARAMS(RUN_WAIT, wait, "{\"run\":42,\"timeout_s\":600}");
PARAMS(RUN_PAUSE, maybe_run, "{}");
PARAMS(RUN_RESUME, maybe_run, "{}");
PARAMS(RUN_STOP, maybe_run, "{\"run\":42}");
PARAMS(RUN_ABORT, maybe_run, "{}");
PARAMS(RUN_ANNOTATE, annotate, "{\"run\":42,\"note\":\"fan was off\",\"star\":true}");
PARAMS(QUEUE_LIST, nothing, "{}");
PARAMS(QUEUE_MOVE, move, "{\"run\":43,\"position\":0}");
PARAMS(QUEUE_REMOVE, run, "{\"run\":43}");
PARAMS(QUEUE_CLEAR, nothing, "{}");
PARAMS(QUEUE_HOLD, nothing, "{}");
PARAMS(QUEUE_RELEASE, nothing, "{}");
PARAMS(RIG_DESCRIBE, nothing, "{}");
PARAMS(RIG_READ, read_rig, "{\"settle_s\":0.01}");
PARAMS(RIG_APPLY, apply, "{\"source_V\":{\"0\":5.0,\"2\":0.0},\"target_V\":{\"1\":3.0}}");
PARAMS(RIG_EDGE, edge, "{\"edge\":5,\"mode\":\"cut\"}");
PARAMS(RIG_SAFE, nothing, "{}");
PARAMS(RIG_WIRING, wiring, "{" EXAMPLE_TASK "}");
PARAMS(HISTORY_RUNS, runs,
       "{\"where\":\"p < 0.5 and tag = 'paper'\",\"order\":\"mse_final_V2\",\"limit\":20}");
PARAMS(HISTORY_RUN, run, "{\"run\":42}");
PARAMS(HISTORY_STEPS, steps, "{\"run\":42,\"columns\":[\"step\",\"mse_V2\"],\"max_points\":1000}");
PARAMS(HISTORY_DU, du, "{\"limit\":10}");
PARAMS(HISTORY_RETAIN, retain,
       "{\"where\":\"tag = 'draft'\",\"keep_every\":100,\"after_days\":30}");
PARAMS(HISTORY_EVENTS, events, "{\"run\":42}");
PARAMS(STREAM_FETCH, fetch, "{\"run\":42,\"from_step\":1203,\"to_step\":1290}");
PARAMS(ALARM_LIST, nothing, "{}");
PARAMS(ALARM_ACK, ack, "{\"name\":\"disk\"}");
PARAMS(RUN_FORK, fork, "{\"run\":42,\"step\":1200,\"steps\":500}");
PARAMS(CHECKPOINT_SAVE, save, "{\"name\":\"before cuts\"}");
PARAMS(CHECKPOINT_LIST, nothing, "{}");
PARAMS(CHECKPOINT_RESTORE, checkpoint, "{\"name\":\"before cuts\"}");
PARAMS(CHECKPOINT_DELETE, checkpoint, "{\"name\":\"before cuts\"}");
PARAMS(CALIBRATE_P, calibrate_p, "{\"bias_V\":21,\"trials\":400}");
PARAMS(CALIBRATE_RELAXATION, calibrate_relaxation, "{\"capacitance_F\":2.2e-5}");
PARAMS(CALIBRATE_EDGES, calibrate_edges, "{\"trials\":10}");
PARAMS(CALIBRATE_DAQ, calibrate_daq, "{\"channels\":[[\"ao0\",\"ai0\"]]}");
PARAMS(CALIBRATE_SETTLE, calibrate_settle, "{}");
PARAMS(CALIBRATE_LIST, calibrate_list, "{\"kind\":\"p\"}");
PARAMS(CALIBRATE_GET, calibrate_get, "{\"id\":3}");
PARAMS(KEY_ADD, key_add,
       "{\"public_key\":\"Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID\",\"name\":\"ann\","
       "\"role\":\"operator\"}");
PARAMS(KEY_LIST, nothing, "{}");
PARAMS(KEY_REVOKE, key_revoke, "{\"name\":\"ann\"}");
PARAMS(AUDIT_LIST, audit, "{\"who\":\"ann\",\"limit\":20}");
