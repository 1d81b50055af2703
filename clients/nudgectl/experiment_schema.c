/* clients/nudgectl/experiment_schema.c - what an experiment's file may say. */
#include "config.h"

#include "clients/nudgectl/experiment.h"
#include "protocol/schema_macros.h"
#include "protocol/values.h"

static const struct schema_member no_members[] = {{0}};
static const struct schema object = {.type = SCHEMA_OBJECT, .members = no_members, .open = true};
EITHER(file_or_object, &value_name, &object);
LIST(files, value_name);
static const struct schema range = {
	.type = SCHEMA_LIST, .item = &value_number, .min_items = 2, .max_items = 2};
static const struct schema where = {.type = SCHEMA_MAP, .item = &value_number};
LIST(wheres, where);
static const struct schema lists = {.type = SCHEMA_MAP, .item = &value_numbers};
static const struct schema settings = {.type = SCHEMA_MAP, .item = &value_any};

/* ---- what is varied, what is drawn ---- */

static const struct schema_member axis_members[] = {
	{"set", &where, .help = "Members that take the value, times this factor."},
	{"with", &lists, .help = "Members that take the value at the same place of such a list."},
	{"drop", &value_names, .help = "Members that are taken out where the value is not 0."},
	{"unless", &value_number, .help = "This value leaves the members as they are."},
	{"values", &value_numbers, true, .help = "The values."},
	{"label", &value_name, .help = "What it is, for people."},
	{0},
};
OBJECT(axis);
static const struct schema vary = {.type = SCHEMA_MAP, .item = &axis, .max_items = AXES_MAX};

WORDS(draw_kind, "allostery", "regression", "teacher");
static const struct schema_member draw_members[] = {
	{"kind", &draw_kind, true, .help = "What is drawn by the seed."},
	{"nodes", &value_number1, true, .help = "Of the network."},
	{"sources", &value_number1, true, .help = "Nodes that are inputs."},
	{"grounds", &value_count, .fallback = "0", .help = "Further sources, at 0 V."},
	{"targets", &value_number1, true, .help = "Nodes that are outputs."},
	{"fixed_V", &value_node_volts,
	 .help = "These nodes are sources at these volts, not drawn."},
	{"source_uniform_V", &range, .choice = SCHEMA_UP_TO_ONE, .help = "Inputs, uniform."},
	{"source_normal_V", &value_number, .choice = SCHEMA_UP_TO_ONE, .help = "Inputs, rms."},
	{"target_span", &range, .help = "Targets, uniform on this part of the sources' span."},
	{"target_normal_V", &value_number, .help = "Targets, rms."},
	{"matrix", &range, .help = "Elements of the linear map that is to be learnt, uniform."},
	{"train", &value_number1, .fallback = "400", .help = "Training samples."},
	{"test", &value_count, .fallback = "20", .help = "Test samples."},
	{"teacher_r_ohm", &range, .help = "Resistances of the network that sets the task."},
	{"edges", &value_number1, .help = "Of the network; for a teacher."},
	{0},
};
OBJECT(draw);

/* ---- what is measured ---- */

WORDS(error, "mse", "equilibrium", "test");
WORDS(measure_kind, "steps_within", "orders_best", "orders_end", "scaled_end", "scaled_least",
      "scaled_at", "accuracy_first", "accuracy_end", "accuracy_best", "moves_per_edge",
      "travel_kohm", "mean_r_kohm", "pearson_mean", "pearson_most", "p_measured", "below",
      "rebound", "crossings_per_s", "swing", "distance", "alpha_over_gamma");
WORDS(unit, "steps", "steps_p", "s", "alpha_s");
static const struct schema_member measure_members[] = {
	{"kind", &measure_kind, true, .help = "How."},
	{"of", &error, .fallback = "\"mse\"", .help = "Of which error."},
	{"from", &value_count, .help = "From this step on."},
	{"to", &value_count, .help = "Before this step."},
	{"last", &value_fraction, .fallback = "0.1", .help = "This part of the steps, at the end."},
	{"value", &value_number, .help = "The threshold."},
	{"unit", &unit, .fallback = "\"steps\"", .help = "Of a time."},
	{"task", &value_count, .help = "Of which task of a series."},
	{"to_point", &where, .help = "distance: from the trial of the same seed here."},
	{"label", &value_name, .help = "What it is, with its unit, for people."},
	{0},
};
OBJECT(measure);
static const struct schema measures = {.type = SCHEMA_MAP, .item = &measure};

/* ---- what must come out ---- */

WORDS(statistic, "median", "mean", "geometric_mean", "least", "most", "share", "slope",
      "straightness", "collapse_rms", "collapse_most");
static const struct schema_member finding_members[] = {
	{"what", &value_text, true, .help = "In words."},
	{"of", &value_name, .help = "The measure."},
	{"by", &statistic, .fallback = "\"median\"", .help = "Over the seeds."},
	{"where", &where, .help = "At these points of the grid."},
	{"over", &where, .help = "Divided by the same at these points."},
	{"along", &value_name, .help = "slope: log-log, along this axis or measure."},
	{"one_minus", &value_bool, .fallback = "false", .help = "slope: along 1 - this axis."},
	{"within", &range, .help = "slope: of points whose x is in here."},
	{"at_most", &value_number, .choice = SCHEMA_UP_TO_ONE,
	 .help = "share: of values up to this."},
	{"at_least", &value_number, .choice = SCHEMA_UP_TO_ONE,
	 .help = "share: of values from this on."},
	{"per_seed", &value_bool, .fallback = "false",
	 .help = "The statistic of what each seed gives."},
	{"reference", &value_any, .help = "What it should be, as a number or in words."},
	{"holds", &range, .help = "It does when the value is in here."},
	{"each", &range, .help = "... and that of each seed in here."},
	{"otherwise", &value_text,
	 .help = "The reservation, when it does not hold; else: not reproduced."},
	{0},
};
OBJECT(finding);
static const struct schema findings = {.type = SCHEMA_MAP, .item = &finding};

WORDS(verdict, "reproduced", "not reproduced", "holds with reservations", "reported");
static const struct schema_member expect_members[] = {
	{"verdict", &verdict, true, .help = "What honest physics gives."},
	{"reason", &value_text, .help = "Why, where it is not `reproduced`."},
	{0},
};
OBJECT(expect);

/* ---- the picture ---- */

WORDS(figure_kind, "curves", "points");
WORDS(curve_by, "median", "mean", "geometric_mean", "first");
static const struct schema_member figure_members[] = {
	{"kind", &figure_kind, true,
	 .help = "Curves over a run, or a point for each trial's measure."},
	{"y", &value_name, true, .help = "curves: which series; points: which measure."},
	{"x", &value_name,
	 .help = "curves: step, step_p, epoch, t_s; points: an axis or a measure."},
	{"one_minus", &value_bool, .fallback = "false", .help = "points: x is 1 minus it."},
	{"each", &value_name, .help = "A line for each value of this axis."},
	{"where", &where, .help = "Only these points of the grid."},
	{"by", &curve_by, .fallback = "\"median\"", .help = "Over the seeds."},
	{"per_epoch", &value_number1, .fallback = "1", .help = "Steps an epoch."},
	{"points", &value_number1, .fallback = "200", .help = "Of a curve."},
	{"log_x", &value_bool, .fallback = "false", .help = "Axis in decades."},
	{"log_y", &value_bool, .fallback = "false", .help = "Axis in decades."},
	{"x_label", &value_text, true, .help = "Of the axis."},
	{"y_label", &value_text, true, .help = "Of the axis."},
	{"edges", &value_taps, .help = "taps: of these edges."},
	{"lines", &object, .help = "Name: power law's exponent, drawn as a guide."},
	{0},
};
OBJECT(figure);

WORDS(procedure, "each", "series", "cutting", "teacher");
static const struct schema_member experiment_members[] = {
	{"experiment", &value_name, true, .help = "Its name."},
	{"row", &value_number1, true, .help = "In the list of all."},
	{"title", &value_text, true, .help = "In a few words."},
	{"paper", &value_text, true, .help = "Paper and figure."},
	{"claim", &value_text, true, .help = "What the paper says."},
	{"reference", &value_text, true, .help = "What an independent implementation gave."},
	{"setting", &value_text, true, .help = "The setting in words."},
	{"about", &value_text, .help = "Remarks for docs/EXPERIMENTS.md."},
	{"open", &value_text, true, .help = "What the paper leaves open."},
	{"expect", &expect, true, .help = "The verdict that is to be expected."},
	{"data_of", &value_name, .help = "Uses the trials of this experiment."},
	{"procedure", &procedure, .fallback = "\"each\"", .help = "How a trial's runs are made."},
	{"rig", &file_or_object, .help = "A rig file, or what it would say."},
	{"task", &file_or_object, .help = "A task file, or what it would say."},
	{"tasks", &files, .help = "Of a series: one after the other on one network."},
	{"cut_every", &value_number1, .help = "cutting: steps between two cuts."},
	{"cuts", &value_number1, .help = "cutting: how many."},
	{"edge_list", &value_any, .help = "cutting: [[a, b], ...], to keep the graph connected."},
	{"set", &settings,
	 .help = "Members of rig, task or draw that are other than in the files."},
	{"draw", &draw, .help = "What is drawn by the seed."},
	{"steps_times_p", &value_number1, .help = "Steps are this over p."},
	{"tests", &value_number1, .help = "Evenly spaced tests of the test set."},
	{"keep_steps", &value_number1, .help = "About so many steps are logged, evenly spaced."},
	{"vary", &vary, .help = "The grid."},
	{"only", &wheres,
	 .help = "Of the grid only these points, each with any value of the axes not named."},
	{"seeds", &value_number1, .fallback = "20", .help = "1, 2, ..."},
	{"measures", &measures, .help = "What is measured in each trial."},
	{"findings", &findings, true, .help = "What must come out."},
	{"figure", &figure, true, .help = "The picture."},
	{"quick", &object, .help = "What is other with --quick."},
	{0},
};
const struct schema schema_experiment = {.type = SCHEMA_OBJECT, .members = experiment_members};
