/* daemon/bench_json.c - what a bench is made of, for rig.describe: channels of the card, and boards. */
#include "config.h"

#include "daemon/bench_json.h"
#include "daemon/rig_file.h"
#include "daemon/wiring_json.h"

json_t *bench_channels(const json_t *rig_json, const struct wiring *wiring)
{
	const json_t *daq = json_object_get(rig_json, "daq");
	const json_t *clock = json_object_get(daq, "clock");

	return json_pack("{s:o, s:s?, s:s?}", "nodes", wiring_json(wiring), "bias",
			 json_string_value(json_object_get(daq, "bias")), "clock",
			 json_string_value(json_object_get(clock, "line")));
}

json_t *bench_boards(const json_t *rig_json, size_t n_edges)
{
	const json_t *boards = json_object_get(rig_json, "boards");
	const json_t *device = json_object_get(boards, "device");
	json_t *rows = json_array();
	size_t per = (size_t)json_integer_value(json_object_get(boards, "edges_per_board"));
	bool many = json_is_array(device) && json_array_size(device) > 1;
	uint8_t address[247];
	size_t n;

	if (rig_file_addresses(json_object_get(boards, "addresses"), address, &n) < 0)
		return rows;
	for (size_t i = 0; i < n && i < 247 && i * per < n_edges; i++) {
		size_t left = n_edges - i * per;
		const json_t *of =
			json_is_array(device) ? json_array_get(device, many ? i : 0) : device;

		json_array_append_new(rows,
				      json_pack("{s:i, s:s?, s:I, s:I}", "address", (int)address[i],
						"device", json_string_value(of), "first_edge",
						(json_int_t)(i * per), "n_edges",
						(json_int_t)(left < per ? left : per)));
	}
	return rows;
}
