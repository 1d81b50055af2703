/* clients/nudgectl/wiring.c - nudgectl rig wiring: how the rig is wired, and what to plug elsewhere before a task. */
#include "config.h"

#include <stdio.h>

#include "clients/nudgectl/table.h"
#include "clients/nudgectl/task_call.h"
#include "clients/nudgectl/wiring.h"

static const struct table_column move_columns[] = {
	{"move", "MOVE", TABLE_NUMBER},
	{"what", "WHAT TO DO", TABLE_TEXT},
	{0},
};

static const struct table_column move_csv[] = {
	{"channel", NULL, TABLE_TEXT},   {"from", NULL, TABLE_NUMBER},
	{"from_side", NULL, TABLE_TEXT}, {"to", NULL, TABLE_NUMBER},
	{"to_side", NULL, TABLE_TEXT},   {0},
};

static int print_moves(const struct context *c, json_t *moves)
{
	json_t *move;
	size_t i;

	if (c->format == FORMAT_CSV)
		return table_print(c, move_csv, moves);
	if (json_array_size(moves) == 0) {
		puts("nothing to do");
		return EXIT_FINE;
	}
	json_array_foreach(moves, i, move)
		json_object_set_new(move, "move", json_integer((json_int_t)i + 1));
	return table_print(c, move_columns, moves);
}

static const struct table_column wire_columns[] = {
	{"node", "NODE", TABLE_NUMBER},           {"free_drive", "FREE", TABLE_TEXT},
	{"free_switch", "SWITCH", TABLE_TEXT},    {"free_measure", "INPUT", TABLE_TEXT},
	{"clamped_drive", "CLAMPED", TABLE_TEXT}, {"clamped_switch", "SWITCH", TABLE_TEXT},
	{"clamped_measure", "INPUT", TABLE_TEXT}, {0},
};

/* One flat row a node. */
static int print_wires(const struct context *c, json_t *wires)
{
	static const char *const sides[] = {"free", "clamped"};
	static const char *const parts[] = {"drive", "switch", "measure"};
	json_t *wire;
	size_t i;
	char name[32];

	json_array_foreach(wires, i, wire)
	{
		for (size_t k = 0; k < 6; k++) {
			json_t *side = json_object_get(wire, sides[k / 3]);

			snprintf(name, sizeof(name), "%s_%s", sides[k / 3], parts[k % 3]);
			json_object_set(wire, name, json_object_get(side, parts[k % 3]));
		}
	}
	return table_print(c, wire_columns, wires);
}

static int print(const struct context *c, const json_t *result, bool task)
{
	if (c->format == FORMAT_JSON) {
		say_json(result);
		return EXIT_FINE;
	}
	return task ? print_moves(c, json_object_get(result, "moves"))
		    : print_wires(c, json_object_get(result, "wires"));
}

int wiring_run(struct context *c, const struct arguments *a)
{
	struct nudge_task *task = NULL;
	json_t *params = json_object(), *result;
	int r = EXIT_FINE;

	if (a->n_words > 2)
		r = say_usage("rig wiring: one task file at most");
	if (r == EXIT_FINE && a->n_words == 2)
		r = task_read(a->words[1], &task);
	if (r == EXIT_FINE)
		r = context_connect(c);
	if (r != EXIT_FINE) {
		json_decref(params);
		nudge_task_free(task);
		return r;
	}
	r = task ? task_ask(c, "rig.wiring", task, params, &result)
		 : context_ask(c, "rig.wiring", params, &result);
	if (r == EXIT_FINE) {
		r = print(c, result, task);
		json_decref(result);
	}
	nudge_task_free(task);
	return r;
}
