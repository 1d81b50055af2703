/* daemon/wiring_json.c - the wiring and its moves as JSON, for replies and events. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/wiring_json.h"

static json_t *channel_json(struct daq_channel channel)
{
	char name[16];

	return channel.kind ? json_string(daq_channel_name(channel, name)) : json_null();
}

static json_t *wire_json(const struct daq_wire *wire)
{
	return json_pack("{s:o, s:o, s:o}", "drive", channel_json(wire->drive), "switch",
			 channel_json(wire->relay), "measure", channel_json(wire->measure));
}

json_t *wiring_json(const struct wiring *wiring)
{
	json_t *list = json_array();

	for (size_t node = 0; node < wiring->n_nodes; node++) {
		const struct daq_wire *free_ = &wiring->wire[RIG_FREE][node];
		const struct daq_wire *clamped = &wiring->wire[RIG_CLAMPED][node];

		if (!free_->drive.kind && !free_->measure.kind && !clamped->drive.kind &&
		    !clamped->measure.kind)
			continue;
		json_array_append_new(list,
				      json_pack("{s:I, s:o, s:o}", "node", (json_int_t)node, "free",
						wire_json(free_), "clamped", wire_json(clamped)));
	}
	return list;
}

static bool is_there(const struct wiring *wiring, struct daq_channel channel)
{
	for (size_t i = 0; i < wiring->n_outputs; i++)
		if (wiring->output[i].channel.kind == channel.kind &&
		    wiring->output[i].channel.number == channel.number)
			return true;
	for (size_t i = 0; i < wiring->n_inputs; i++)
		if (wiring->input[i].kind == channel.kind &&
		    wiring->input[i].number == channel.number)
			return true;
	return channel.kind == DAQ_DIO || channel.kind == DAQ_DO;
}

static int read_channel(const struct wiring *wiring, const json_t *name, struct daq_channel *ret)
{
	*ret = (struct daq_channel){0};
	if (json_is_null(name))
		return 0;
	if (!json_is_string(name) || daq_channel_parse(json_string_value(name), ret) < 0 ||
	    !is_there(wiring, *ret))
		return -EINVAL;
	return 0;
}

static int read_node(const json_t *row, struct wiring *wiring)
{
	static const char *const sides[] = {[RIG_FREE] = "free", [RIG_CLAMPED] = "clamped"};
	json_int_t node = json_integer_value(json_object_get(row, "node"));

	if (node < 0 || (size_t)node >= wiring->n_nodes)
		return -EINVAL;
	for (int side = 0; side < 2; side++) {
		const json_t *json = json_object_get(row, sides[side]);
		struct daq_wire *wire = &wiring->wire[side][node];

		if (read_channel(wiring, json_object_get(json, "drive"), &wire->drive) < 0 ||
		    read_channel(wiring, json_object_get(json, "switch"), &wire->relay) < 0 ||
		    read_channel(wiring, json_object_get(json, "measure"), &wire->measure) < 0)
			return -EINVAL;
	}
	return 0;
}

int wiring_read(const json_t *list, struct wiring *wiring)
{
	if (!json_is_array(list))
		return -EINVAL;
	for (int side = 0; side < 2; side++)
		memset(wiring->wire[side], 0, wiring->n_nodes * sizeof(**wiring->wire));
	for (size_t i = 0; i < json_array_size(list); i++)
		if (read_node(json_array_get(list, i), wiring) < 0)
			return -EINVAL;
	return 0;
}

static json_t *node_json(long node)
{
	return node < 0 ? json_null() : json_integer(node);
}

static json_t *side_json(enum wiring_plug plug)
{
	switch (plug) {
	case WIRING_FREE:
		return json_string("free");
	case WIRING_CLAMPED:
		return json_string("clamped");
	case WIRING_BOTH:
		return json_string("both");
	case WIRING_NOWHERE:
		break;
	}
	return json_null();
}

json_t *wiring_moves_json(const struct wiring_plan *plan)
{
	json_t *list = json_array();

	for (size_t i = 0; i < plan->n; i++) {
		const struct wiring_move *move = &plan->move[i];
		char text[160];

		json_array_append_new(
			list, json_pack("{s:o, s:o, s:o, s:o, s:o, s:s}", "channel",
					channel_json(move->channel), "from", node_json(move->from),
					"from_side", side_json(move->from_plug), "to",
					node_json(move->to), "to_side", side_json(move->to_plug),
					"what", wiring_move_text(move, text, sizeof(text))));
	}
	return list;
}

const char *wiring_plugs(const struct wiring_plan *plan, char *ret, size_t size)
{
	snprintf(ret, size, "%zu plug%s to move", plan->n, plan->n == 1 ? "" : "s");
	return ret;
}
