/* protocol/task_schema.c - what a task may say, in a file and in run.submit. */
#include "config.h"

#include "protocol/files.h"
#include "protocol/schema_macros.h"
#include "protocol/values.h"

/* ---- data: examples in place, a table, or drawn ---- */

static const struct schema_member example_members[] = {
	{"source_V", &value_volts_list, true, .help = "Volts of the sources, in their order."},
	{"target_V", &value_volts_list, .help = "Desired volts of the targets, in their order."},
	{"class", &value_name, .help = "Class of this example."},
	{"learn", &value_bool, .fallback = "true",
	 .help = "false: shown and measured, never ticked (drift, noise floor)."},
	{"clamp", &value_bool, .fallback = "true", .help = "false: the clamped targets float."},
	{"wait_s", &value_seconds, .help = "Rest after this example, instead of the task's."},
	{"group", &value_count, .help = "Group that `schedule: group` switches on."},
	{0},
};
OBJECT(example);
LIST(examples, example);

EITHER(cell, &value_number, &value_text);
LIST(row, cell);
LIST(rows, row);
static const struct schema_member table_members[] = {
	{"columns", &value_names, true, .help = "Names of the columns."},
	{"rows", &rows, true, .help = "Rows, each as long as columns; numbers and words."},
	{0},
};
OBJECT(table);

LIST(matrix, value_numbers);
static const struct schema_member generate_members[] = {
	{"n", &value_number1, true, .help = "Number of examples."},
	{"uniform_V", &value_volts_range, true, .help = "Sources are drawn uniformly from here."},
	{"target", &matrix, true,
	 .help = "Targets as a linear map of the sources that are drawn: one row for each target."},
	{0},
};
OBJECT(generate);

static const struct schema_member each_members[] = {
	{"each", &value_number1, true, .help = "Show each example so many times before the next."},
	{0},
};
OBJECT(each);
WORDS(order_word, "cyclic", "shuffled", "random");
EITHER(order, &order_word, &each);

static const struct schema_member flags_members[] = {
	{"learn", &value_name, .help = "Column; false or 0: shown and measured, never ticked."},
	{"clamp", &value_name, .help = "Column; false or 0: the clamped targets float."},
	{"wait_s", &value_name, .help = "Column: rest after the example."},
	{"group", &value_name, .help = "Column: group that `schedule: group` switches on."},
	{0},
};
OBJECT(flags);

static const struct schema_member noise_members[] = {
	{"source_V", &value_volts_from_0, .fallback = "0",
	 .help = "Rms on the volts of each source that is not in fixed_V."},
	{"target_V", &value_volts_from_0, .fallback = "0", .help = "Rms on each target's volts."},
	{0},
};
OBJECT(noise);

static const struct schema_member batch_drawn_members[] = {
	{"probability", &value_fraction, .choice = SCHEMA_ONE,
	 .help = "Each example enters with this probability."},
	{"exactly", &value_number1, .choice = SCHEMA_ONE, .help = "So many examples, drawn."},
	{0},
};
OBJECT(batch_drawn);
WORDS(batch_word, "all");
EITHER(batch, &value_number1, &batch_word, &batch_drawn);

static const struct schema_member split_members[] = {
	{"per_class", &value_number1, .choice = SCHEMA_ONE, .help = "So many of each class train."},
	{"n", &value_number1, .choice = SCHEMA_ONE, .help = "So many train."},
	{"seed", &value_seed,
	 .help = "Of the draw; else the run's: each run then has its own split."},
	{0},
};
OBJECT(split);

static const struct schema_member train_members[] = {
	{"examples", &examples, .choice = SCHEMA_ONE, .help = "Examples in place."},
	{"csv", &value_name, .choice = SCHEMA_ONE,
	 .help = "A CSV file, relative to the task file; only in files: what travels is `table`."},
	{"table", &table, .choice = SCHEMA_ONE, .help = "The table itself."},
	{"generate", &generate, .choice = SCHEMA_ONE, .help = "Examples drawn by the run's seed."},
	{"source", &value_names, .help = "Columns of the sources, without those in fixed_V."},
	{"target", &value_names, .help = "Columns of the targets' desired volts."},
	{"class", &value_name, .help = "Column of the class."},
	{"scale_V", &value_volts_range,
	 .help = "Each source column's least and greatest value become these volts."},
	{"fixed_V", &value_node_volts, .help = "Sources that stay at these volts."},
	{"order", &order, .fallback = "\"cyclic\"", .help = "In which order examples are shown."},
	{"flags", &flags, .help = "Columns that say more about each example."},
	{"noise", &noise,
	 .help = "Gaussian, drawn at each step, anew where it would leave the limits; logged as applied."},
	{"batch", &batch, .fallback = "1", .help = "Examples summed before an update."},
	{"split", &split, .help = "Which examples train; the others are the test set."},
	{0},
};
OBJECT(train);

/* ---- the test set ---- */

LIST(steps, value_step);
WORDS(set, "train", "test");
LIST(sets, set);
static const struct schema_member test_example_members[] = {
	{"source_V", &value_volts_list, true, .help = "Volts of the sources, in their order."},
	{"target_V", &value_volts_list, .help = "Desired volts of the targets, in their order."},
	{"class", &value_name, .help = "Class of this example."},
	{0},
};
OBJECT(test_example);
LIST(test_examples, test_example);

static const struct schema_member test_members[] = {
	{"examples", &test_examples, .choice = SCHEMA_UP_TO_ONE, .help = "Test examples in place."},
	{"csv", &value_name, .choice = SCHEMA_UP_TO_ONE,
	 .help = "A CSV file with the columns of the training set; only in files."},
	{"table", &table, .choice = SCHEMA_UP_TO_ONE, .help = "The table itself."},
	{"every", &value_number1, .help = "Test before each so many steps."},
	{"at", &steps, .help = "Test before these steps; before the first and at the end always."},
	{"log", &value_number1, .help = "Test at so many log-spaced steps."},
	{"on", &sets, .fallback = "[\"test\"]", .help = "Sets to evaluate."},
	{"repeat", &value_number1, .fallback = "1", .help = "Average of so many evaluations."},
	{"settle_s", &value_seconds, .help = "Wait before each reading; needed with a capacitor."},
	{0},
};
OBJECT(test);

/* ---- targets, update, start ---- */

static const struct schema_member volts_members[] = {
	{"on_V", &value_volts, true, .help = "Target of the example's own class."},
	{"off_V", &value_volts, true, .help = "The other targets."},
	{0},
};
OBJECT(volts);
static const struct schema_member one_hot_members[] = {
	{"one_hot", &volts, true, .help = "One target for each class, in order of appearance."},
	{0},
};
OBJECT(one_hot);
WORDS(targets_from_word, "given", "class_means");
EITHER(targets_from, &targets_from_word, &one_hot);

static const struct schema_member margin_members[] = {
	{"margin_V", &value_volts_from_0, true,
	 .help = "Right only if its own class is nearer by this."},
	{0},
};
OBJECT(margin);
static const struct schema_member misclassified_members[] = {
	{"misclassified", &margin, true, .help = "Learn where the class found is wrong or close."},
	{0},
};
OBJECT(misclassified);
WORDS(update_when_word, "always", "misclassified");
EITHER(update_when, &update_when_word, &misclassified);

LIST(ohms, value_ohms);
static const struct schema_member start_members[] = {
	{"checkpoint", &value_name, .choice = SCHEMA_ONE, .help = "Name of a checkpoint."},
	{"taps", &value_taps, .choice = SCHEMA_ONE, .help = "Tap of each edge."},
	{"r_ohm", &ohms, .choice = SCHEMA_ONE, .help = "Of each edge; the nearest tap is taken."},
	{0},
};
OBJECT(start);
WORDS(initial_word, "midscale", "keep", "random");
EITHER(initial, &initial_word, &start);

/* ---- what happens, and the end ---- */

static const struct schema_member action_members[] = {
	{"at", &value_step, true, .help = "Before this step."},
	{"target_V", &value_volts_list, .choice = SCHEMA_ONE, .help = "New desired volts."},
	{"cut", &value_edge, .choice = SCHEMA_ONE, .help = "Cuts this edge."},
	{"hold", &value_edge, .choice = SCHEMA_ONE, .help = "This edge learns no more."},
	{"learn", &value_edge, .choice = SCHEMA_ONE, .help = "This edge learns again."},
	{"set", &value_params, .choice = SCHEMA_ONE, .help = "Changes parameters."},
	{"group", &value_count, .choice = SCHEMA_ONE, .help = "Shows the examples of this group."},
	{0},
};
OBJECT(action);
LIST(schedule, action);

static const struct schema accuracy = {.type = SCHEMA_NUMBER, .above_min = true, .max = 1};
ABOVE_0(mse, "V^2");
ABOVE_0(seconds, "s");
static const struct schema scaled = {
	.type = SCHEMA_NUMBER, .above_min = true, .max = 1, .below_max = true};
static const struct schema_member stop_members[] = {
	{"steps", &value_number1, .help = "After so many steps."},
	{"mse_below_V2", &mse, .help = "When a step's mse_V2 is below this."},
	{"scaled_below", &scaled,
	 .help = "When mse_V2 (at equilibrium where voltages relax) is below this fraction of the first step's."},
	{"seconds", &seconds, .help = "After this time on the rig's clock."},
	{"accuracy", &accuracy, .help = "When the test accuracy reaches this."},
	{"for_tests", &value_number1, .fallback = "1", .help = "... in so many tests in a row."},
	{0},
};
OBJECT(stop);

/* ---- what is kept ---- */

static const struct schema log_nodes = {.type = SCHEMA_LIST, .item = &value_node, .min_items = 1};
WORDS(log_voltages_word, "all", "targets");
EITHER(log_voltages, &log_voltages_word, &log_nodes);
ABOVE_0(budget, "B");
static const struct schema_member log_parts_members[] = {
	{"steps", &value_name, .fallback = "\"all\"",
	 .help = "`every 10`: the steps that 10 divides are kept, the others only published. all: each."},
	{"wipers", &value_name, .fallback = "\"all\"",
	 .help = "wiper, updated and r_ohm: `every 100`: of steps that 100 divides; all; none. The end is kept in the run's row."},
	{"voltages", &log_voltages, .fallback = "\"all\"",
	 .help = "Nodes whose voltages are measured, kept and published: all; targets; or targets and these."},
	{"budget_B", &budget,
	 .help = "The run pauses when its rows would take more on disk; it may be resumed for as much again."},
	{0},
};
OBJECT(log_parts);
EITHER(log_of, &log_parts, &value_name);

COUNT(ticks, 1, 1000);
WORDS(kind, "allostery", "regression", "classification");
static const struct schema_member task_members[] = {
	{"task", &value_name, true, .help = "Name of the task."},
	{"kind", &kind, true, .help = "What is learnt."},
	{"sources", &value_nodes, true, .help = "Nodes driven in both networks."},
	{"targets", &value_nodes, true,
	 .help = "Nodes measured in the free and clamped in the clamped network."},
	{"train", &train, true, .help = "The training set and how it is shown."},
	{"test", &test, .help = "The test set, and when it is evaluated."},
	{"targets_from", &targets_from, .fallback = "\"given\"",
	 .help = "Where desired volts come from; class_means: anew at each epoch's start."},
	{"update_when", &update_when, .fallback = "\"always\"", .help = "Which steps learn."},
	{"initial", &initial, .fallback = "\"midscale\"", .help = "Taps to begin with."},
	{"params", &value_params, .help = "Parameters from the first step on."},
	{"ticks", &ticks, .fallback = "1", .help = "Clock edges a step."},
	{"wait_s", &value_seconds, .fallback = "0", .help = "Rest after a step."},
	{"schedule", &schedule, .help = "What happens before which step; one action an entry."},
	{"stop", &stop, .help = "The run ends when one of these holds; without: by run.stop."},
	{"log", &log_of,
	 .help = "What is kept of each step; `every 10` stands for {steps: every 10}."},
	{"on_lease_loss", &value_lease_loss,
	 .help = "What an expired lease of who steers does to the run: continue (also without this); pause; safe: outputs to safe volts, then a pause."},
	{"keep_modes", &value_bool, .fallback = "false",
	 .help = "Edges that the schedule cut or held stay so after the run."},
	{"seed", &value_seed, .help = "Of all draws; else run.submit's, else the run's number."},
	{0},
};
const struct schema schema_task = {.type = SCHEMA_OBJECT, .members = task_members};
