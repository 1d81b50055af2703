/* protocol/method_results.c - the main members of every method's result. */
#include "config.h"

#include "protocol/method_schemas.h"
#include "protocol/schema_macros.h"
#include "protocol/values.h"

/* What a later version may add, an older client must be able to skip. */
#define OPEN(name)                                                                                 \
	static const struct schema name = {                                                        \
		.type = SCHEMA_OBJECT, .members = name##_members, .open = true}

/* ---- parts ---- */

WORDS(state, "idle", "running", "paused", "stopping", "aborting", "fault");
WORDS(status, "queued", "running", "paused", "done", "stopped", "aborted", "interrupted", "failed");
WORDS(safe_word, "confirmed", "commanded", "unknown");
WORDS(mode, "learn", "hold", "cut");
EITHER(maybe_run, &value_run, &value_null);
EITHER(maybe_count, &value_count, &value_null);
EITHER(maybe_text, &value_text, &value_null);
EITHER(maybe_seed, &value_seed, &value_null);
EITHER(maybe_mse, &value_mse_V2, &value_null);
EITHER(maybe_fraction, &value_fraction, &value_null);
EITHER(maybe_number, &value_number, &value_null);
EITHER(maybe_volts, &value_volts, &value_null);
static const struct schema watts = {.type = SCHEMA_NUMBER, .unit = "W"};
EITHER(maybe_watts, &watts, &value_null);
static const struct schema amperes = {.type = SCHEMA_NUMBER, .unit = "A"};
EITHER(maybe_amperes, &amperes, &value_null);
static const struct schema volts_by_node = {
	.type = SCHEMA_MAP, .key = SCHEMA_KEY_NODE, .item = &maybe_volts};
static const struct schema row = {.type = SCHEMA_MAP, .item = &value_any};
EITHER(maybe_row, &row, &value_null);
LIST_0(rows, row);
LIST_0(powers, maybe_watts);
static const struct schema currents = {
	.type = SCHEMA_MAP, .key = SCHEMA_KEY_NODE, .item = &maybe_amperes};
LIST_0(names, value_name);
LIST_0(anything, value_any);
LIST_0(integers, value_count);

/* ---- results, and what they hold ---- */

static const struct schema_member nothing_members[] = {{0}};

static const struct schema_member endpoints_members[] = {
	{"control", &value_name, true, .help = "Every request."},
	{"urgent", &value_name, true, .help = "run.abort, rig.safe, server.ping."},
	{"stream", &value_name, true, .help = "Measurements, events, heartbeat."},
	{0},
};
OPEN(endpoints);

EITHER(maybe_speed, &value_number, &value_null);
static const struct schema_member replay_members[] = {
	{"run", &value_run, true, .help = "The run that is played again."},
	{"speed", &maybe_speed, true, .help = "Times the recorded pace; null: as fast as it goes."},
	{"loop", &value_bool, true, .help = "It begins again when it has ended."},
	{"pass", &value_count, true, .help = "How often it has begun."},
	{0},
};
OPEN(replay);

static const struct schema_member hello_members[] = {
	{"name", &value_name, true, .help = "nudged."},
	{"version", &value_name, true, .help = "Of the program."},
	{"protocol", &value_number1, true, .help = "Of this interface."},
	{"boot", &value_name, true, .help = "Changes with every start."},
	{"backend", &value_name, true, .help = "sim, bench or replay."},
	{"rig", &value_name, true, .help = "Name of the rig."},
	{"database", &maybe_text, .help = "Its file, for people on its machine; null: over TCP."},
	{"role", &value_name, true, .help = "What you may do: observer, operator or admin."},
	{"who", &value_name, true, .help = "Who you are: a user of this machine, or a key's name."},
	{"database", &value_name, false,
	 .help = "Path of the database on the daemon's machine, for those who are there."},
	{"endpoints", &endpoints, true, .help = "Where to connect."},
	{"replay", &replay, false, .help = "Of a replay: which run, how fast."},
	{0},
};

static const struct schema_member ping_members[] = {
	{"t_utc", &value_utc, true, .help = "The time."},
	{0},
};

static const struct schema_member discover_members[] = {
	{"openrpc", &value_name, true, .help = "Version of OpenRPC."},
	{"info", &row, true, .help = "Title and version."},
	{"methods", &rows, true, .help = "The methods."},
	{0},
};

static const struct schema_member holder_members[] = {
	{"holder", &value_name, true, .help = "Who holds it."},
	{"note", &value_text, true, .help = "What for."},
	{"since_utc", &value_utc, true, .help = "Since when."},
	{"expires_utc", &value_utc, true, .help = "When it ends if not renewed."},
	{0},
};
OPEN(holder);
EITHER(maybe_holder, &holder, &value_null);
EITHER(maybe_lease_loss, &value_lease_loss, &value_null);

static const struct schema_member snapshot_members[] = {
	{"state", &state, true, .help = "The state."},
	{"run", &maybe_run, true, .help = "The active run."},
	{"step", &maybe_count, true, .help = "Steps made."},
	{"steps_total", &maybe_count, true, .help = "Steps it will make, if that is known."},
	{"params", &value_params_now, true, .help = "The parameters."},
	{"rev", &value_count, true, .help = "Their revision."},
	{"queue_length", &value_count, true, .help = "Queued runs."},
	{"queue_held", &value_bool, true, .help = "No further run starts."},
	{"devices", &anything, true, .help = "Devices of the rig."},
	{"alarms", &anything, true, .help = "What is wrong."},
	{"lease", &maybe_holder, true, .help = "Who steers."},
	{"on_lease_loss", &maybe_lease_loss, true,
	 .help = "What an expired lease does to the active run; null: none is."},
	{"retaining", &maybe_row,
	 .help = "What history.retain is at: run, keep_every, doing (steps, room), done and of (steps), deleted, runs_left; null: nothing."},
	{"seq", &value_count, true, .help = "The last record published."},
	{"durable_seq", &value_count, true, .help = "Every kept record up to it is on disk."},
	{"replay", &replay, false, .help = "Of a replay: which run, how fast, and the pass."},
	{0},
};

static const struct schema_member lease_members[] = {
	{"lease", &value_name, true, .help = "The token; send it as meta.lease."},
	{"holder", &value_name, true, .help = "You."},
	{"note", &value_text, true, .help = "What for."},
	{"since_utc", &value_utc, true, .help = "Since when."},
	{"expires_utc", &value_utc, true, .help = "When it ends if not renewed."},
	{0},
};

static const struct schema_member param_set_members[] = {
	{"params", &value_params_now, true, .help = "As they are from effective_step on."},
	{"rev", &value_count, true, .help = "Their revision."},
	{"effective_step", &maybe_count, true,
	 .help = "The first step made with them; null: between runs."},
	{0},
};

static const struct schema_member prediction_members[] = {
	{"example", &value_count, true, .help = "Which example."},
	{"free_V", &volts_by_node, true, .help = "By node."},
	{"clamped_V", &volts_by_node, true, .help = "By node."},
	{0},
};
OPEN(prediction);
LIST_0(predictions, prediction);

WORDS(plug_side, "free", "clamped", "both");
EITHER(maybe_side, &plug_side, &value_null);
EITHER(maybe_node, &value_node, &value_null);
static const struct schema_member move_members[] = {
	{"channel", &value_name, true, .help = "Of the card, as ao3."},
	{"from", &maybe_node, true, .help = "The node where it is plugged in; null: nowhere."},
	{"from_side", &maybe_side, true, .help = "Of which network."},
	{"to", &maybe_node, true, .help = "The node where it belongs; null: nowhere."},
	{"to_side", &maybe_side, true, .help = "Of which network."},
	{"what", &value_name, true, .help = "The same in words."},
	{0},
};
OPEN(move);
LIST_0(moves, move);

static const struct schema_member wire_members[] = {
	{"drive", &maybe_text, true, .help = "The output."},
	{"switch", &maybe_text, true, .help = "The line of the relay that connects it."},
	{"measure", &maybe_text, true, .help = "The input."},
	{0},
};
OPEN(wire);
static const struct schema_member wires_members[] = {
	{"node", &value_node, true, .help = "Its number; nodes without a wire are left out."},
	{"free", &wire, true, .help = "In the free network; null: no such wire."},
	{"clamped", &wire, true, .help = "In the clamped network."},
	{0},
};
OPEN(wires);
LIST_0(wire_rows, wires);

static const struct schema_member wiring_members[] = {
	{"patch", &value_bool, true, .help = "An operator can plug nodes elsewhere."},
	{"wires", &wire_rows, true, .help = "As it is plugged now, by node."},
	{"moves", &moves, true,
	 .help = "What to plug elsewhere before the task; empty: it fits as it is."},
	{0},
};

static const struct schema_member check_members[] = {
	{"task", &row, true, .help = "The task with its defaults."},
	{"warnings", &names, true, .help = "What is legal and strange."},
	{"predicted", &predictions, true, .help = "Voltages at the taps to begin with."},
	{"edge_power_W", &powers, true, .help = "The largest of each edge."},
	{"source_current_A", &currents, true, .help = "The largest of each source, by node."},
	{"wiring", &moves, .help = "What to plug elsewhere before it runs; where there are wires."},
	{0},
};

static const struct schema_member submit_members[] = {
	{"run", &value_run, true, .help = "Its number."},
	{"uuid", &value_name, true, .help = "Its name for ever."},
	{"position", &value_count, true, .help = "In the queue; 0 is the next to start."},
	{"seed", &value_seed, true, .help = "Of all its draws."},
	{0},
};

WORDS(level, "ok", "warning", "error");
EITHER(maybe_code, &value_number, &value_null);
static const struct schema_member item_members[] = {
	{"item", &value_name, true,
	 .help = "task, limits, parameters, p, calibration, devices, watchdog, disk, database, edges, wiring, alarms, lease, queue, duration."},
	{"ok", &value_bool, true, .help = "Nothing to be looked at."},
	{"level", &level, true, .help = "With an error the run is refused."},
	{"what", &value_text, true, .help = "What was found."},
	{"cure", &maybe_text, true, .help = "What to do about it."},
	{"code", &maybe_code, true, .help = "Of an error: with which run.submit refuses it."},
	{0},
};
OPEN(item);
LIST_0(items, item);
static const struct schema_member preflight_members[] = {
	{"ready", &value_bool, true, .help = "No item is an error."},
	{"items", &items, true, .help = "What was looked at."},
	{0},
};

static const struct schema_member run_members[] = {
	{"run", &value_run, true, .help = "Its number."},
	{"name", &value_name, true, .help = "Its name."},
	{"kind", &value_name, true, .help = "Of task."},
	{"status", &status, true, .help = "What became of it."},
	{"reason", &maybe_text, true, .help = "Why."},
	{"seed", &maybe_seed, true, .help = "Of all draws."},
	{"steps", &value_count, true, .help = "Steps made."},
	{"steps_total", &maybe_count, true, .help = "Steps to make, if that is known."},
	{"mse_V2", &maybe_mse, true, .help = "Of the last step."},
	{"scaled_error", &maybe_number, true, .help = "Error over that before the first update."},
	{"mse_first_V2", &maybe_mse, true, .help = "Of the first step."},
	{"mse_last_V2", &maybe_mse, true, .help = "Of the last step."},
	{"mse_min_V2", &maybe_mse, true, .help = "The least."},
	{"mse_final_V2", &maybe_mse, true, .help = "Mean of the last tenth."},
	{"test_first_V2", &maybe_mse, true, .help = "Test error before the first update."},
	{"test_best_V2", &maybe_mse, true, .help = "The least test error."},
	{"test_final_V2", &maybe_mse, true, .help = "Test error at the end."},
	{"accuracy_best", &maybe_fraction, true, .help = "The greatest test accuracy."},
	{"accuracy_final", &maybe_fraction, true, .help = "Test accuracy at the end."},
	{"on_lease_loss", &value_lease_loss, true,
	 .help = "What becomes of it when the lease that it is steered under expires."},
	{"started_utc", &maybe_text, true, .help = "When it began."},
	{"ended_utc", &maybe_text, true, .help = "When it ended."},
	{"position", &maybe_count, true, .help = "In the queue."},
	{0},
};

static const struct schema_member moved_members[] = {
	{"run", &value_run, true, .help = "The run."},
	{"state", &state, true, .help = "The state."},
	{"step", &value_count, true, .help = "Steps made."},
	{0},
};

static const struct schema_member queued_members[] = {
	{"run", &value_run, true, .help = "The run."},
	{"name", &value_name, true, .help = "Its name."},
	{"position", &value_count, true, .help = "0 is the next to start."},
	{0},
};
OPEN(queued);
LIST_0(queue_rows, queued);

static const struct schema_member queue_members[] = {
	{"held", &value_bool, true, .help = "No further run starts."},
	{"runs", &queue_rows, true, .help = "In order."},
	{0},
};

static const struct schema_member node_members[] = {
	{"node", &value_node, true, .help = "Its number."},
	{"x", &maybe_number, true, .help = "For pictures."},
	{"y", &maybe_number, true, .help = "For pictures."},
	{0},
};
OPEN(node);
LIST_0(nodes, node);

static const struct schema_member edge_row_members[] = {
	{"edge", &value_edge, true, .help = "Its number."},
	{"a", &value_node, true, .help = "One end."},
	{"b", &value_node, true, .help = "The other end."},
	{"mode", &mode, true, .help = "What it does."},
	{"tap", &maybe_count, true, .help = "Where its wiper is; null: unknown."},
	{"r_ohm", &maybe_number, true, .help = "Its resistance."},
	{0},
};
OPEN(edge_row);
LIST_0(edge_rows, edge_row);

static const struct schema_member channels_members[] = {
	{"nodes", &wire_rows, true, .help = "As it is plugged now, by node."},
	{"bias", &maybe_text, true, .help = "The output of the global bias voltage."},
	{"clock", &maybe_text, true, .help = "The line of the clock."},
	{0},
};
OPEN(channels);
static const struct schema_member board_members[] = {
	{"address", &value_count, true, .help = "On its line."},
	{"device", &value_name, true, .help = "The line, or HOST:PORT."},
	{"first_edge", &value_edge, true, .help = "It carries this edge,"},
	{"n_edges", &value_count, true, .help = "and so many in all."},
	{0},
};
OPEN(board);
LIST_0(board_rows, board);

static const struct schema_member describe_members[] = {
	{"name", &value_name, true, .help = "Of the rig."},
	{"backend", &value_name, true, .help = "sim or bench."},
	{"nodes", &nodes, true, .help = "By number."},
	{"edges", &edge_rows, true, .help = "By number."},
	{"taps", &value_count, true, .help = "Taps of an edge."},
	{"r_step_ohm", &value_ohms, true, .help = "From a tap to the next."},
	{"r_min_ohm", &value_ohms, true, .help = "At tap 0."},
	{"initial_tap", &value_tap, true, .help = "After homing."},
	{"r0_ohm", &value_ohms, true, .help = "A relaxation rate is 1 / (R0 C)."},
	{"min_step_s", &value_seconds, true, .help = "No step is shorter."},
	{"real_time", &value_bool, true, .help = "Waits take real seconds."},
	{"limits", &row, true, .help = "What is refused; null: none."},
	{"capacitors_F", &value_numbers, true, .help = "The bank."},
	{"method", &maybe_text, true, .help = "How circuits are solved."},
	{"channels", &channels, .help = "Of a bench: what is wired to the card."},
	{"boards", &board_rows, .help = "Of a bench: who carries which edges."},
	{0},
};

static const struct schema_member voltages_members[] = {
	{"free_V", &volts_by_node, true, .help = "By node."},
	{"clamped_V", &volts_by_node, true, .help = "By node."},
	{"wiper", &integers, true, .help = "Tap by edge; empty where edges have none."},
	{"r_ohm", &value_any, .help = "R by edge, where edges have no taps."},
	{"capacitance_F", &value_farads, true, .help = "Switched on."},
	{"invalid", &names, .help = "Members that hold null for NaN."},
	{"floating", &integers, .help = "Nodes with no path to a source."},
	{0},
};

static const struct schema_member edge_members[] = {
	{"edge", &value_edge, true, .help = "The edge."},
	{"mode", &mode, true, .help = "What it does now."},
	{0},
};

static const struct schema_member safe_members[] = {
	{"safe", &safe_word, true, .help = "Outputs read back, written, or no answer."},
	{0},
};

static const struct schema_member runs_members[] = {
	{"rows", &rows, true, .help = "Columns of the view `runs`."},
	{"next", &maybe_run, true, .help = "For `after`; null: that was all."},
	{0},
};

static const struct schema_member run_record_members[] = {
	{"run", &value_run, true,
	 .help = "Its number; the other columns of `runs` stand beside it."},
	{"status", &status, true, .help = "What became of it."},
	{"task_json", &row, true, .help = "The task, defaults filled in."},
	{"rig_json", &row, true, .help = "The rig file, defaults filled in."},
	{"params_json", &maybe_row, true, .help = "Params of run.submit."},
	{"descriptor", &maybe_row, true, .help = "Of its step records; null: not begun."},
	{"params", &rows, true, .help = "Revisions of the parameters."},
	{"tests", &rows, true, .help = "Evaluations, without their outputs."},
	{"events", &rows, true, .help = "What happened."},
	{"calibrations", &rows, true, .help = "Those that were in force."},
	{"cut", &value_bool, .help = "A list was too long: history.events has the rest."},
	{0},
};

static const struct schema_member array_members[] = {
	{"name", &value_name, true, .help = "Of the column."},
	{"dtype", &value_name, true, .help = "As numpy writes it: <f8."},
	{"shape", &integers, true, .help = "Leading axis: rows."},
	{"unit", &maybe_text, true, .help = "Of the values."},
	{"values", &anything, .help = "With encoding json; else there is a payload frame."},
	{0},
};
OPEN(array);
LIST_0(arrays, array);

static const struct schema_member step_arrays_members[] = {
	{"run", &value_run, true, .help = "The run."},
	{"n", &value_count, true, .help = "Rows, or bins."},
	{"every", &value_number1, true, .help = "Steps a bin; 1: each row is a step."},
	{"arrays", &arrays, true,
	 .help = "The columns; of a bin min, max, mean, first, last, count."},
	{"others", &value_text, .help = "What the arrays of a bin hold that are no scalars."},
	{"keep_every", &value_number1, .help = "The run has rows of steps that this divides."},
	{"left_out", &value_count,
	 .help = "Steps between the first and the last of the reply that it does not hold."},
	{"next", &maybe_count, true, .help = "Step to go on from; null: that was all."},
	{0},
};

static const struct schema_member events_members[] = {
	{"rows", &rows, true, .help = "Columns of the table `events`."},
	{"next", &maybe_count, true, .help = "For `after`; null: that was all."},
	{0},
};

static const struct schema_member audit_members[] = {
	{"rows", &rows, true,
	 .help = "Columns of the table `audit`; `from` is null for somebody on this machine."},
	{"next", &maybe_count, true, .help = "For `after`; null: that was all."},
	{0},
};

static const struct schema_member keys_members[] = {
	{"rows", &rows, true, .help = "public_key, name and role of each."},
	{"file", &value_text, true, .help = "Where they are kept."},
	{0},
};

static const struct schema_member key_members[] = {
	{"public_key", &value_name, true, .help = "The key."},
	{"name", &value_name, true, .help = "Whose it is."},
	{"role", &value_name, true, .help = "What it may, or might, do."},
	{0},
};

static const struct schema_member fetch_members[] = {
	{"run", &value_run, true, .help = "The run."},
	{"step", &value_step, true, .help = "Of the first row."},
	{"n", &value_count, true, .help = "Rows."},
	{"desc", &value_count, true, .help = "Number of the descriptor."},
	{"arrays", &arrays, true, .help = "As in the descriptor."},
	{"keep_every", &value_count, true,
	 .help = "The run's log keeps the steps that this divides; the others are in its ring alone."},
	{"next", &maybe_count, true, .help = "Step to go on from; null: that was all."},
	{0},
};

/* ---- alarms ---- */

WORDS(severity, "notice", "warning", "critical");
static const struct schema_member alarm_members[] = {
	{"alarm", &value_name, true, .help = "Its name, for alarm.ack."},
	{"severity", &severity, true, .help = "How bad it is."},
	{"text", &value_text, true, .help = "What is wrong, and the cure."},
	{"since_utc", &value_utc, true, .help = "Since when."},
	{"acknowledged_by", &maybe_text, true, .help = "Who has seen it; null: nobody."},
	{"acknowledged_utc", &maybe_text, true, .help = "When."},
	{0},
};
OPEN(alarm);
LIST_0(alarms, alarm);
static const struct schema_member alarm_list_members[] = {
	{"alarms", &alarms, true, .help = "The oldest first."},
	{0},
};

static const struct schema_member checkpoint_members[] = {
	{"name", &value_name, true, .help = "Of the checkpoint."},
	{"taps", &integers, .help = "Tap by edge, where edges have taps."},
	{"r_ohm", &anything, .help = "R by edge, where they have none."},
	{0},
};
static const struct schema_member checkpoints_members[] = {
	{"rows", &rows, true, .help = "Columns of the table `checkpoints` without the values."},
	{0},
};

/* ---- by method ---- */

#define RESULT(id, members_)                                                                       \
	const struct schema result_##id = {                                                        \
		.type = SCHEMA_OBJECT, .members = members_##_members, .open = true}

RESULT(SERVER_HELLO, hello);
RESULT(SERVER_PING, ping);
RESULT(RPC_DISCOVER, discover);
RESULT(STATE_SNAPSHOT, snapshot);
RESULT(LEASE_ACQUIRE, lease);
RESULT(LEASE_RENEW, lease);
RESULT(LEASE_RELEASE, nothing);
RESULT(PARAM_GET, params_now);
RESULT(PARAM_SET, param_set);
RESULT(TASK_CHECK, check);
RESULT(RUN_SUBMIT, submit);
RESULT(RUN_CHECK, preflight);
RESULT(RUN_GET, run);
RESULT(RUN_WAIT, run);
RESULT(RUN_PAUSE, moved);
RESULT(RUN_RESUME, moved);
RESULT(RUN_STOP, moved);
RESULT(RUN_ABORT, moved);
RESULT(RUN_ANNOTATE, nothing);
RESULT(QUEUE_LIST, queue);
RESULT(QUEUE_MOVE, queue);
RESULT(QUEUE_REMOVE, queue);
RESULT(QUEUE_CLEAR, queue);
RESULT(QUEUE_HOLD, queue);
RESULT(QUEUE_RELEASE, queue);
RESULT(RIG_DESCRIBE, describe);
RESULT(RIG_READ, voltages);
RESULT(RIG_APPLY, voltages);
RESULT(RIG_EDGE, edge);
RESULT(RIG_SAFE, safe);
RESULT(RIG_WIRING, wiring);
RESULT(HISTORY_RUNS, runs);
RESULT(HISTORY_RUN, run_record);
RESULT(HISTORY_STEPS, step_arrays);
RESULT(HISTORY_EVENTS, events);
RESULT(AUDIT_LIST, audit);
RESULT(KEY_ADD, key);
RESULT(KEY_LIST, keys);
RESULT(KEY_REVOKE, key);
RESULT(STREAM_FETCH, fetch);
RESULT(ALARM_LIST, alarm_list);
RESULT(ALARM_ACK, alarm);
RESULT(RUN_FORK, submit);
RESULT(CHECKPOINT_SAVE, checkpoint);
RESULT(CHECKPOINT_LIST, checkpoints);
RESULT(CHECKPOINT_RESTORE, checkpoint);
RESULT(CHECKPOINT_DELETE, nothing);
