/* protocol/sweep_schema.c - what a sweep file may say: which task, on which rig, over which values and seeds. */
#include "config.h"

#include "protocol/files.h"
#include "protocol/schema_macros.h"
#include "protocol/values.h"

static const struct schema in_place = {.type = SCHEMA_MAP, .item = &value_any};
EITHER(file_or_object, &value_name, &in_place);

LIST(seed_list, value_seed);
COUNT(seed_count, 1, 1000000);
EITHER(seeds, &seed_count, &seed_list);

LIST(any_list, value_any);
static const struct schema grid = {.type = SCHEMA_MAP, .item = &any_list, .min_items = 1};
static const struct schema point = {.type = SCHEMA_MAP, .item = &value_any, .min_items = 1};
LIST(points, point);

WORDS(figure, "mse_first_V2", "mse_last_V2", "mse_min_V2", "mse_final_V2", "test_first_V2",
      "test_best_V2", "test_final_V2", "accuracy_best", "accuracy_final", "steps");
LIST(figures, figure);

static const struct schema_member sweep_members[] = {
	{"sweep", &value_name, true, .help = "Name of the sweep; its runs get the tag group:NAME."},
	{"task", &file_or_object, true,
	 .help = "The task: a file, relative to this one, or as it would stand there."},
	{"rig", &file_or_object, .fallback = "\"sim:king9_16\"",
	 .help = "The rig: sim:NAME, a file relative to this one, or as it would stand there."},
	{"seeds", &seeds, .fallback = "1", .help = "Each point is run with these, or with 1 to N."},
	{"grid", &grid, .choice = SCHEMA_UP_TO_ONE,
	 .help = "Every combination of these values: {params.p: [0.5, 1], rig.sim.rule: [discrete, "
		 "continuous], task: [a.yaml, b.yaml]}; a path begins in the task, or with rig."},
	{"list", &points, .choice = SCHEMA_UP_TO_ONE,
	 .help = "These points alone: [{params.p: 0.5, params.eta: 1}, ...]."},
	{"order_seed", &value_seed, .fallback = "0",
	 .help = "Of the order in which the cells are run."},
	{"figures", &figures,
	 .help = "Columns of `runs` to be summed up; else mse_final_V2, and what the tests gave."},
	{0},
};
const struct schema schema_sweep = {.type = SCHEMA_OBJECT, .members = sweep_members};
