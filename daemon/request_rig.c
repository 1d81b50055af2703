/* daemon/request_rig.c - rig.*: what the rig is, what it reads, and what may be done to it by hand. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/bench_json.h"
#include "daemon/clock.h"
#include "daemon/request_handlers.h"
#include "protocol/reply.h"
#include "sim_backend/network.h"

static const char *const mode_names[] = {
	[RIG_LEARN] = "learn", [RIG_HOLD] = "hold", [RIG_CUT] = "cut"};

/* ---- rig.describe ---- */

static json_t *nodes_json(const struct network *net)
{
	json_t *nodes = json_array();

	for (size_t i = 0; i < net->n_nodes; i++) {
		json_t *node = json_pack("{s:I}", "node", (json_int_t)i);

		reply_set_real(node, "x", net->x[i]);
		reply_set_real(node, "y", net->y[i]);
		json_array_append_new(nodes, node);
	}
	return nodes;
}

static json_t *edges_json(struct server *server, const struct rig_info *info)
{
	uint8_t *wiper = calloc(info->n_edges, 1), *mode = calloc(info->n_edges, 1);
	double *r_ohm = calloc(info->n_edges, sizeof(double));
	json_t *edges = json_array();
	bool memory = wiper && mode && r_ohm;
	bool known = memory && rig_thread_edges(server->rig, wiper, mode, r_ohm);

	for (size_t i = 0; i < info->n_edges && memory; i++)
		json_array_append_new(
			edges,
			json_pack("{s:I, s:I, s:I, s:s, s:o, s:o}", "edge", (json_int_t)i, "a",
				  (json_int_t)info->network->a[i], "b",
				  (json_int_t)info->network->b[i], "mode", mode_names[mode[i]],
				  "tap",
				  info->continuous || !known ? json_null() : json_integer(wiper[i]),
				  "r_ohm",
				  known || info->continuous ? json_real(r_ohm[i]) : json_null()));
	free(wiper);
	free(mode);
	free(r_ohm);
	return edges;
}

/* "none" in the rig file is an infinity, and null here. */
static json_t *limits_json(const struct rig_limits *limits)
{
	const double volts[] = {limits->min_V, limits->max_V};
	json_t *all =
		json_pack("{s:o, s:s}", "volts", reply_reals(volts, 2), "where", limits->where);

	reply_set_real(all, "slew_V_per_s", limits->slew_V_per_s);
	reply_set_real(all, "edge_power_W", limits->edge_power_W);
	reply_set_real(all, "source_current_A", limits->source_current_A);
	reply_set_real(all, "discrepancy_V", limits->discrepancy_V);
	reply_set_real(all, "measure_slack_V", limits->measure_slack_V);
	json_object_del(all, "invalid");
	return all;
}

/* Only a rig with wires has channels and boards to tell. */
static void add_bench(struct server *server, json_t *result)
{
	struct wiring *wiring;

	if (rig_thread_wires(server->rig, &wiring) < 0 || !wiring)
		return;
	json_object_set_new(result, "channels", bench_channels(server->rig_json, wiring));
	json_object_set_new(result, "boards",
			    bench_boards(server->rig_json, rig_thread_info(server->rig)->n_edges));
	wiring_free(wiring);
}

void request_rig_describe(struct server *server, struct pending *pending)
{
	const struct rig_info *info = rig_thread_info(server->rig);
	json_t *result = json_pack(
		"{s:s, s:s, s:o, s:o, s:i, s:f, s:f, s:i, s:o, s:o, s:f, s:f, s:b, s:n}", "name",
		info->name, "backend", info->backend, "nodes", nodes_json(info->network), "edges",
		edges_json(server, info), "taps", info->edge.taps, "r_step_ohm",
		info->edge.r_step_ohm, "r_min_ohm", info->edge.r_min_ohm, "initial_tap",
		info->edge.initial_tap, "limits", limits_json(&info->limits), "capacitors_F",
		reply_reals(info->capacitance_F, info->n_capacitance), "r0_ohm", info->r0_ohm,
		"min_step_s", info->min_step_s, "real_time", info->real_time, "method");

	add_bench(server, result);
	server_reply(server, pending, result);
}

/* ---- rig.read ---- */

static const json_t *measured_nodes(const json_t *descriptor)
{
	const json_t *arrays = json_object_get(descriptor, "arrays"), *array;
	size_t i;

	json_array_foreach((json_t *)arrays, i,
			   array) if (strcmp(json_string_value(json_object_get(array, "name")),
					     "v_free_V") == 0) return json_object_get(array,
										      "nodes");
	return NULL;
}

/* {node: volts} of a row's array; what is not finite is null and named in *floating. */
static json_t *volts_json(const json_t *nodes, const double *volts)
{
	json_t *map = json_object(), *node;
	size_t i;

	json_array_foreach((json_t *)nodes, i, node)
	{
		char name[24];

		snprintf(name, sizeof(name), "%lld", (long long)json_integer_value(node));
		json_object_set_new(map, name,
				    json_is_number(node) && volts[i] - volts[i] == 0
					    ? json_real(volts[i])
					    : json_null());
	}
	return map;
}

/* The last step's values: no output is touched while a run is active. */
static json_t *last_step(struct server *server)
{
	struct live *live = &server->live;
	const struct record_layout *layout = ring_layout(live->ring);
	void *row = (void *)live_row(live);
	const json_t *nodes = measured_nodes(live->descriptor);
	json_t *wiper = json_array();

	if (!row || json_array_size(nodes) != layout->n_measured) {
		json_decref(wiper);
		return NULL;
	}
	for (size_t i = 0; i < layout->n_wipers; i++)
		json_array_append_new(wiper, json_integer(record_bytes(row, layout->wiper)[i]));
	return json_pack("{s:o, s:o, s:o, s:f, s:I, s:I}", "free_V",
			 volts_json(nodes, record_reals(row, layout->free_V)), "clamped_V",
			 volts_json(nodes, record_reals(row, layout->clamped_V)), "wiper", wiper,
			 "capacitance_F", live->params.capacitance_F, "run",
			 (json_int_t)ring_run(live->ring), "step",
			 (json_int_t)record_head(row)->step);
}

void request_rig_read(struct server *server, struct pending *pending)
{
	struct rig_command command = {.kind = RIG_COMMAND_READ, .if_rev = -1};
	json_t *result;

	if (!server->live.run && !server->replay) {
		command.json = json_deep_copy(server_params(pending));
		server_command(server, pending, &command);
		return;
	}
	result = server->live.ring && (ring_run(server->live.ring) == server->live.run ||
				       server->replay) /* of which its last step is left */
			 ? last_step(server)
			 : NULL;
	if (result)
		server_reply(server, pending, result);
	else
		server_refuse_because(server, pending, PROBLEM_STATE, "",
				      "run %llu has made no step yet; ask again",
				      (unsigned long long)(server->live.run ? server->live.run
									    : server->replay->run));
}

/* ---- by hand ---- */

void request_rig_apply(struct server *server, struct pending *pending)
{
	const json_t *params = server_params(pending);
	double settle_s = json_number_value(json_object_get(params, "settle_s"));
	struct rig_command command = {.kind = RIG_COMMAND_APPLY, .if_rev = -1};

	if (server->live.run) {
		server_refuse_because(server, pending, PROBLEM_STATE, "",
				      "run %llu is active: rig.apply is for an idle rig; run.stop "
				      "ends the run",
				      (unsigned long long)server->live.run);
		return;
	}
	if (!pending->request.dry_run) {
		command.change = server_change(server, pending, 0, NULL, params);
		if (!command.change)
			return;
	}
	command.json = json_deep_copy(server_params(pending));
	pending->deadline_ns = clock_now_ns() + (int64_t)((settle_s + 30.0) * 1e9);
	server_command(server, pending, &command);
}

void request_rig_edge(struct server *server, struct pending *pending)
{
	const json_t *params = server_params(pending);
	const char *mode = json_string_value(json_object_get(params, "mode"));
	struct rig_command command = {.kind = RIG_COMMAND_EDGE, .if_rev = -1};
	const struct rig_info *info = rig_thread_info(server->rig);

	command.edge = (size_t)json_integer_value(json_object_get(params, "edge"));
	if (command.edge >= info->n_edges) {
		server_refuse_because(server, pending, PROBLEM_NOT_FOUND, "/edge",
				      "there is no edge %zu: the rig's are 0 to %zu", command.edge,
				      info->n_edges - 1);
		return;
	}
	for (int i = RIG_LEARN; i <= RIG_CUT; i++)
		if (strcmp(mode, mode_names[i]) == 0)
			command.mode = i;
	if (!pending->request.dry_run) {
		command.change = server_change(server, pending, server->live.run, NULL, params);
		if (!command.change)
			return;
	}
	server_command(server, pending, &command);
}

void request_rig_safe(struct server *server, struct pending *pending)
{
	struct rig_command command = {.kind = RIG_COMMAND_SAFE, .if_rev = -1};

	if (!pending->request.dry_run) {
		server_audit(server, pending, NULL, NULL);
		server_hold_queue(server, pending->who, "the rig was made safe");
	}
	server_command(server, pending, &command);
}
