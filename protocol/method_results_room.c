/* protocol/method_results_room.c - the results of history.du and history.retain. */
#include "config.h"

#include "protocol/method_schemas.h"
#include "protocol/schema_macros.h"
#include "protocol/values.h"

EITHER(maybe_count, &value_count, &value_null);
static const struct schema row = {.type = SCHEMA_MAP, .item = &value_any};
LIST_0(rows, row);

static const struct schema_member du_members[] = {
	{"rows", &rows, true,
	 .help = "Of each run, the largest first: run, name, status, star, ended_utc, keep_every, steps, rows, and about how many bytes in all and by table: steps_B, bins_B, tests_B, events_B, params_B, run_B."},
	{"runs", &value_count, true, .help = "How many there are in all."},
	{"total_B", &value_count, true, .help = "Of all of these, about."},
	{"file_B", &value_count, true, .help = "Length of the database file."},
	{"free_in_file_B", &value_count, true, .help = "Of it not in use: rows to come go there."},
	{"log_B", &value_count, true, .help = "Length of its write-ahead log."},
	{"disk_free_B", &maybe_count, true, .help = "Room on its disk."},
	{"gives_back", &value_bool, true,
	 .help = "Room that rows leave goes back to the disk; false: it stays in the file until nudge-db vacuum."},
	{0},
};

static const struct schema_member retain_members[] = {
	{"runs", &rows, true,
	 .help = "Those that are thinned: run, name, keep_every, rows, rows_to_go, bytes_to_go."},
	{"left_alone", &rows, true, .help = "Those that are not: run, name and why."},
	{"rows_to_go", &value_count, true, .help = "In all."},
	{"bytes_to_go", &value_count, true, .help = "In all, about."},
	{"gives_back", &value_bool, true, .help = "As in history.du."},
	{0},
};

const struct schema result_HISTORY_DU = {
	.type = SCHEMA_OBJECT, .members = du_members, .open = true};
const struct schema result_HISTORY_RETAIN = {
	.type = SCHEMA_OBJECT, .members = retain_members, .open = true};
