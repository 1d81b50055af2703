/* sim_backend/benchd/control_state.c - the world as JSON. */
#include "config.h"

#include <math.h>
#include <stdlib.h>

#include "drivers/board_registers.h"
#include "drivers/rig.h"
#include "sim_backend/benchd/control_state.h"
#include "sim_backend/network.h"

json_t *control_counts(const struct world *w)
{
	struct world_counts counts;

	world_counts(w, &counts);
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:f}", "clock_edges",
			 (json_int_t)counts.clock_edges, "line_changes",
			 (json_int_t)counts.line_changes, "writes", (json_int_t)counts.writes,
			 "beyond_limits", (json_int_t)counts.beyond_limits, "too_steep",
			 (json_int_t)counts.too_steep, "live_switches",
			 (json_int_t)counts.live_switches, "live_unready",
			 (json_int_t)counts.live_unready, "least_V", counts.least_V, "most_V",
			 counts.most_V);
}

/* ---- edges and nodes ---- */

static void put_edges(const struct world *w, json_t *state)
{
	size_t n = world_edges(w);
	uint8_t *taps = calloc(n + 1, 1);
	json_t *where = json_array(), *counted = json_array(), *modes = json_array();
	json_t *updated = json_array(), *raised = json_array();

	if (taps)
		world_taps(w, taps);
	for (size_t j = 0; taps && j < n; j++) {
		struct world_edge edge;

		world_edge(w, j, &edge);
		json_array_append_new(where, json_integer(taps[j]));
		json_array_append_new(counted, json_integer(edge.tap));
		json_array_append_new(modes, json_integer(edge.mode));
		json_array_append_new(updated, json_boolean(edge.last & BOARD_LAST_UPDATED));
		json_array_append_new(raised, json_boolean(edge.last & BOARD_LAST_RAISED));
	}
	free(taps);
	json_object_set_new(state, "taps", where);
	json_object_set_new(state, "counted_taps", counted);
	json_object_set_new(state, "modes", modes);
	json_object_set_new(state, "updated", updated);
	json_object_set_new(state, "raised", raised);
}

static void put_volts(struct world *w, int side, const char *name, int64_t now_ns, json_t *state)
{
	size_t n = world_config(w)->network->n_nodes;
	double *volts = calloc(n + 1, sizeof(*volts));
	json_t *list = json_array();

	if (volts)
		world_voltages(w, side, now_ns, volts);
	for (size_t i = 0; volts && i < n; i++)
		json_array_append_new(list, isnan(volts[i]) ? json_null() : json_real(volts[i]));
	free(volts);
	json_object_set_new(state, name, list);
}

/* ---- the card ---- */

static void put_card(const struct world *w, json_t *state)
{
	const struct rig_config *config = world_config(w);
	json_t *outputs = json_array(), *lines = json_array();

	for (unsigned i = 0; i < WORLD_AO; i++)
		json_array_append_new(outputs, json_real(world_output(w, i)));
	for (unsigned i = 0; i < WORLD_DIO; i++)
		json_array_append_new(lines, json_integer(world_line(w, i)));
	json_object_set_new(state, "outputs_V", outputs);
	json_object_set_new(state, "lines", lines);
	if (config->daq.bias.kind == DAQ_AO)
		json_object_set_new(state, "bias_V",
				    json_real(world_output(w, config->daq.bias.number)));
}

/* ---- boards and faults ---- */

static json_t *board_as_json(struct world *w, size_t board, int64_t now_ns)
{
	uint16_t at[BOARD_SERIAL + 2];

	world_board_read(w, board, 0, BOARD_SERIAL + 2, now_ns, at);
	return json_pack("{s:i, s:I, s:i, s:i, s:I, s:i, s:i}", "address",
			 (int)world_board_address(w, board), "serial",
			 (json_int_t)(at[BOARD_SERIAL] << 16 | at[BOARD_SERIAL + 1]), "boots",
			 (int)at[BOARD_BOOTS], "status", (int)at[BOARD_STATUS], "clock",
			 (json_int_t)at[BOARD_CLOCK] << 16 | at[BOARD_CLOCK + 1], "capacitor",
			 (int)at[BOARD_CAPACITOR], "watchdog_ms", (int)at[BOARD_WATCHDOG_MS]);
}

static void put_index(json_t *object, const char *name, long value)
{
	if (value >= 0)
		json_object_set_new(object, name, json_integer(value));
}

static void put_board(const struct world *w, json_t *object, const char *name, long board)
{
	if (board >= 0)
		put_index(object, name, world_config(w)->boards.address[board]);
}

static json_t *fault_as_json(const struct world *w, const struct world_fault *fault, bool on)
{
	json_t *object = json_pack("{s:s, s:b, s:i, s:f, s:i}", "what", fault->what, "on", on,
				   "count", (int)fault->count, "for_s", fault->for_s, "after_ticks",
				   (int)fault->after_ticks);

	put_board(w, object, "board", fault->board);
	put_board(w, object, "other", fault->other);
	put_index(object, "edge", fault->edge);
	put_index(object, "node", fault->node);
	put_index(object, "channel", fault->channel);
	if (!isnan(fault->value))
		json_object_set_new(object, "value", json_real(fault->value));
	return object;
}

json_t *control_state(struct world *w, int64_t now_ns)
{
	json_t *state, *boards = json_array(), *faults = json_array();
	struct world_fault fault;
	bool on;

	world_advance(w, now_ns);
	state = json_pack("{s:b, s:I, s:f}", "ok", 1, "ticks", (json_int_t)world_ticks(w),
			  "capacitance_F", world_farad(w));
	put_edges(w, state);
	put_volts(w, RIG_FREE, "free_V", now_ns, state);
	put_volts(w, RIG_CLAMPED, "clamped_V", now_ns, state);
	put_card(w, state);
	for (size_t i = 0; i < world_boards(w); i++)
		json_array_append_new(boards, board_as_json(w, i, now_ns));
	for (size_t i = 0; world_fault_at(w, i, &fault, &on); i++)
		json_array_append_new(faults, fault_as_json(w, &fault, on));
	json_object_set_new(state, "counts", control_counts(w));
	json_object_set_new(state, "boards", boards);
	json_object_set_new(state, "faults", faults);
	return state;
}
