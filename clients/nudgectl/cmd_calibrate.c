/* clients/nudgectl/cmd_calibrate.c - calibrations: made with progress, shown as a table and a curve, listed. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "clients/nudgectl/await.h"
#include "clients/nudgectl/chart.h"
#include "clients/nudgectl/command.h"
#include "clients/nudgectl/table.h"
#include "protocol/nearest.h"

/* ---- tables ---- */

static const struct table_column p_columns[] = {
	{"bias_V", "BIAS_V", TABLE_NUMBER},
	{"p", "P", TABLE_SHORT},
	{"low", "LOW", TABLE_SHORT},
	{"high", "HIGH", TABLE_SHORT},
	{"updated", "UPDATED", TABLE_NUMBER},
	{"ticks", "TICKS", TABLE_NUMBER},
	{0},
};

static const struct table_column relaxation_columns[] = {
	{"capacitance_F", "C_F", TABLE_NUMBER},      {"node", "NODE", TABLE_NUMBER},
	{"gamma_per_s", "GAMMA_PER_S", TABLE_SHORT}, {"error_per_s", "ERROR_PER_S", TABLE_SHORT},
	{"amplitude_V", "AMPLITUDE_V", TABLE_SHORT}, {"residual_V", "RESIDUAL_V", TABLE_SHORT},
	{"expected_per_s", "1/(R0 C)", TABLE_SHORT}, {0},
};

static const struct table_column edges_columns[] = {
	{"edge", "EDGE", TABLE_NUMBER},
	{"bias_V", "BIAS_V", TABLE_SHORT},
	{"bias_error_V", "ERROR_V", TABLE_SHORT},
	{"noise_V", "NOISE_V", TABLE_SHORT},
	{"noise_error_V", "ERROR_V", TABLE_SHORT},
	{"sign", "SIGN", TABLE_NUMBER},
	{"decisions", "DECISIONS", TABLE_NUMBER},
	{0},
};

static const struct table_column daq_columns[] = {
	{"output", "OUTPUT", TABLE_TEXT},
	{"input", "INPUT", TABLE_TEXT},
	{"gain", "GAIN", TABLE_NUMBER},
	{"gain_error", "ERROR", TABLE_SHORT},
	{"offset_V", "OFFSET_V", TABLE_SHORT},
	{"offset_error_V", "ERROR_V", TABLE_SHORT},
	{"residual_V", "RESIDUAL_V", TABLE_SHORT},
	{0},
};

static const struct table_column settle_columns[] = {
	{"node", "NODE", TABLE_NUMBER},
	{"side", "SIDE", TABLE_TEXT},
	{"channel", "CHANNEL", TABLE_TEXT},
	{"forwards_V", "FORWARDS_V", TABLE_TEXT},
	{"backwards_V", "BACKWARDS_V", TABLE_TEXT},
	{"spread_V", "SPREAD_V", TABLE_SHORT},
	{"settled", "SETTLED", TABLE_TEXT},
	{0},
};

static const struct table_column list_columns[] = {
	{"id", "ID", TABLE_NUMBER},
	{"kind", "KIND", TABLE_TEXT},
	{"t_utc", "TIME (UTC)", TABLE_TIME},
	{"run", "RUN", TABLE_NUMBER},
	{"rig", "RIG", TABLE_TEXT},
	{"who", "WHO", TABLE_TEXT},
	{"warnings", "WARNINGS", TABLE_NUMBER},
	{0},
};

/* ---- pictures ---- */

/* p over the bias, in mV: a curve's bins are whole numbers wide. */
static void draw_p(const struct context *c, const json_t *rows)
{
	struct curve *curve = malloc(sizeof(*curve));
	json_t *row;
	size_t i;
	char *text;

	if (!curve)
		return;
	curve_init(curve, false);
	json_array_foreach(rows, i, row)
		curve_add(curve, 1000 * json_number_value(json_object_get(row, "bias_V")),
			  json_number_value(json_object_get(row, "p")));
	text = chart_draw(&(struct chart){
		.curve = curve,
		.width = 60,
		.height = 12,
		.unicode = c->unicode,
		.y_max = 1,
		.x_unit = "mV",
		.title = "p over the bias voltage",
	});
	if (text)
		printf("\n%s", text);
	free(text);
	free(curve);
}

/* Nodes of all capacitors as rows of their own. */
static json_t *flatten(const json_t *capacitors)
{
	json_t *rows = json_array(), *capacitor, *node;
	size_t i, j;

	json_array_foreach((json_t *)capacitors, i, capacitor)
	{
		json_array_foreach(json_object_get(capacitor, "nodes"), j, node)
		{
			json_t *row = json_copy(node);

			json_object_set(row, "capacitance_F",
					json_object_get(capacitor, "capacitance_F"));
			json_object_set(row, "expected_per_s",
					json_object_get(capacitor, "expected_per_s"));
			json_array_append_new(rows, row);
		}
	}
	return rows;
}

static void sum_up_relaxation(const json_t *capacitors)
{
	json_t *row;
	size_t i;

	json_array_foreach((json_t *)capacitors, i, row)
	{
		const json_t *gamma = json_object_get(row, "gamma_per_s");

		if (json_is_number(gamma))
			printf("%g F: gamma %.4g per s (geometric mean), as of %.4g ohm; 1/(R0 C) "
			       "is %.4g per s\n",
			       json_number_value(json_object_get(row, "capacitance_F")),
			       json_number_value(gamma),
			       json_number_value(json_object_get(row, "r_ohm")),
			       json_number_value(json_object_get(row, "expected_per_s")));
	}
}

/* ---- kinds ---- */

enum value { REAL, WHOLE, WORD, GRID };

static const struct kind {
	const char *name, *rows;
	const struct table_column *columns;
	struct {
		const char *option, *param;
		enum value value;
	} options[6];
} kinds[] = {
	{"p",
	 "curve",
	 p_columns,
	 {{"bias", "bias_V", GRID}, {"trials", "trials", WHOLE}, {"interval", "interval_s", REAL}}},
	{"relaxation",
	 "capacitors",
	 relaxation_columns,
	 {{"capacitance", "capacitance_F", REAL},
	  {"samples", "samples", WHOLE},
	  {"taps", "taps", WORD},
	  {"step", "step_V", REAL}}},
	{"edges",
	 "edges",
	 edges_columns,
	 {{"trials", "trials", WHOLE},
	  {"points", "points", WHOLE},
	  {"patterns", "patterns", WHOLE},
	  {"span", "span_V", REAL}}},
	{"daq",
	 "loops",
	 daq_columns,
	 {{"points", "points", WHOLE}, {"reference", "reference", WORD}, {"bits", "bits", WHOLE}}},
	{"settle",
	 "channels",
	 settle_columns,
	 {{"settle", "settle_s", REAL}, {"step", "step_V", REAL}}},
};
#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

static const struct kind *find_kind(const char *name)
{
	for (size_t i = 0; name && i < N_KINDS; i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	return NULL;
}

static int unknown(const char *name)
{
	for (size_t i = 0; i < N_KINDS; i++)
		if (nearest_distance(name, kinds[i].name) != (size_t)-1)
			return say_usage("calibrate: unknown kind \"%s\"; did you mean %s?", name,
					 kinds[i].name);
	return say_usage("calibrate: unknown kind \"%s\"; nudgectl calibrate --help lists them",
			 name);
}

static int print_result(const struct context *c, const struct kind *kind, const json_t *values)
{
	json_t *rows = json_object_get(values, kind->rows), *warning;
	bool relaxation = kind->columns == relaxation_columns;
	size_t i;
	int r;

	if (c->format == FORMAT_JSON) {
		say_json(values);
		return EXIT_FINE;
	}
	rows = relaxation ? flatten(rows) : json_incref(rows);
	r = table_print(c, kind->columns, rows);
	if (c->format == FORMAT_TABLE && relaxation)
		sum_up_relaxation(json_object_get(values, kind->rows));
	if (c->format == FORMAT_TABLE && kind->columns == p_columns)
		draw_p(c, rows);
	json_decref(rows);
	json_array_foreach(json_object_get(values, "warnings"), i, warning)
		fprintf(stderr, "nudgectl: warning: %s\n", json_string_value(warning));
	return r;
}

/* ---- options and words to params ---- */

/* "21", or "0,1.5,3" */
static json_t *read_grid(const char *text)
{
	unsigned long long whole;
	json_t *list;

	if (options_number(text, 100000, &whole))
		return json_integer((json_int_t)whole);
	list = json_array();
	while (text) {
		char part[32];
		size_t n = strcspn(text, ",");
		double volts;

		snprintf(part, sizeof(part), "%.*s", (int)(n < sizeof(part) ? n : 0), text);
		if (!options_real(part, -INFINITY, INFINITY, &volts)) {
			json_decref(list);
			return NULL;
		}
		json_array_append_new(list, json_real(volts));
		text = text[n] ? text + n + 1 : NULL;
	}
	return list;
}

static json_t *read_value(enum value value, const char *text)
{
	unsigned long long whole;
	double real;

	switch (value) {
	case REAL:
		return options_real(text, -INFINITY, INFINITY, &real) ? json_real(real) : NULL;
	case WHOLE:
		return options_number(text, INT32_MAX, &whole) ? json_integer((json_int_t)whole)
							       : NULL;
	case WORD:
		return json_string(text);
	case GRID:
		break;
	}
	return read_grid(text);
}

static int read_options(const struct kind *kind, const struct arguments *a, json_t *params)
{
	size_t known = 0;

	for (size_t i = 0; i < 6 && kind->options[i].option; i++) {
		const char *text = options_value(a, kind->options[i].option);
		json_t *value;

		if (!text)
			continue;
		known++;
		value = read_value(kind->options[i].value, text);
		if (!value)
			return say_usage("calibrate: --%s %s: expected a number",
					 kind->options[i].option, text);
		json_object_set_new(params, kind->options[i].param, value);
	}
	for (size_t i = 0; i < a->n_options; i++) {
		bool mine = false;

		for (size_t j = 0; j < 6 && kind->options[j].option; j++)
			mine |= !strcmp(a->options[i].spec->name, kind->options[j].option);
		if (!mine && a->options[i].spec->value && strcmp(a->options[i].spec->name, "to") &&
		    strcmp(a->options[i].spec->name, "timeout"))
			return say_usage("calibrate %s takes no --%s", kind->name,
					 a->options[i].spec->name);
	}
	return EXIT_FINE;
}

/* "ao0=ai0" ... */
static int read_loops(const struct arguments *a, json_t *params)
{
	json_t *loops = json_array();

	for (size_t i = 1; i < a->n_words; i++) {
		const char *sign = strpbrk(a->words[i], "=:");

		if (!sign) {
			json_decref(loops);
			return say_usage("calibrate daq: \"%s\": expected OUTPUT=INPUT, as in "
					 "ao0=ai0",
					 a->words[i]);
		}
		json_array_append_new(loops, json_pack("[s%, s]", a->words[i],
						       (size_t)(sign - a->words[i]), sign + 1));
	}
	json_object_set_new(params, "channels", loops);
	return a->n_words > 1 ? EXIT_FINE
			      : say_usage("calibrate daq: which loops?  As in nudgectl calibrate "
					  "daq ao0=ai0 ao1=ai1");
}

/* ---- the command ---- */

static int list(struct context *c, const struct arguments *a)
{
	const char *kind = a->n_words > 1 ? a->words[1] : NULL;
	json_t *params = json_object(), *result;
	int r;

	if (kind && !find_kind(kind)) {
		json_decref(params);
		return unknown(kind);
	}
	if (kind)
		json_object_set_new(params, "kind", json_string(kind));
	r = context_ask(c, "calibrate.list", params, &result);
	if (r != EXIT_FINE)
		return r;
	r = table_print(c, list_columns, json_object_get(result, "rows"));
	json_decref(result);
	return r;
}

static int show(struct context *c, const struct arguments *a)
{
	unsigned long long id;
	const struct kind *kind;
	json_t *result;
	int r;

	if (a->n_words < 2 || !options_number(a->words[1], INT64_MAX, &id))
		return say_usage(
			"calibrate show: expected an ID; nudgectl calibrate list has them");
	r = context_ask(c, "calibrate.get", json_pack("{s:I}", "id", (json_int_t)id), &result);
	if (r != EXIT_FINE)
		return r;
	kind = find_kind(json_string_value(json_object_get(result, "kind")));
	if (kind)
		r = print_result(c, kind, json_object_get(result, "values"));
	else
		say_json(result);
	json_decref(result);
	return r;
}

static int make(struct context *c, const struct kind *kind, const struct arguments *a)
{
	json_t *params = json_object(), *result;
	char method[40];
	int r = read_options(kind, a, params);

	if (r == EXIT_FINE && kind->columns == daq_columns)
		r = read_loops(a, params);
	else if (r == EXIT_FINE && a->n_words > 1)
		r = say_usage("calibrate %s takes no words", kind->name);
	if (r != EXIT_FINE) {
		json_decref(params);
		return r;
	}
	snprintf(method, sizeof(method), "calibrate.%s", kind->name);
	r = await_calibration(c, method, params, &result);
	if (r != EXIT_FINE)
		return r;
	r = print_result(c, kind, result);
	json_decref(result);
	return r;
}

static int run_calibrate(struct context *c, const struct arguments *a)
{
	const struct kind *kind = find_kind(a->words[0]);

	if (!strcmp(a->words[0], "list"))
		return list(c, a);
	if (!strcmp(a->words[0], "show"))
		return show(c, a);
	return kind ? make(c, kind, a) : unknown(a->words[0]);
}

static const struct option_spec calibrate_options[] = {
	{"bias", 0, "N|V,V,...", "p: so many bias voltages from rail to rail, or these; 21."},
	{"trials", 0, "N", "p: ticks at each voltage, 400; edges: at each point, 10."},
	{"interval", 0, "SECONDS", "p: mean time between ticks; 0.02."},
	{"capacitance", 0, "F", "relaxation: this capacitor of the bank; else all."},
	{"samples", 0, "N", "relaxation: readings of a transient; 40."},
	{"taps", 0, "spread|present", "relaxation: drawn taps, or those that are there."},
	{"step", 0, "VOLTS", "relaxation, settle: what the sources step to."},
	{"points", 0, "N", "edges: pushes, 21; daq: voltages, 11."},
	{"patterns", 0, "N", "edges: ways to share a push among the targets; 4."},
	{"span", 0, "VOLTS", "edges: the largest push; 0.05."},
	{"reference", 0, "SIDE", "daq: input or output, the side that is believed; input."},
	{"bits", 0, "N", "daq: of the card; 16."},
	{"settle", 0, "SECONDS", "settle: the wait that is examined; else the rig file's."},
	{0},
};

const struct command commands_calibrate[] = {
	{
		.name = "calibrate",
		.topic = TOPIC_STEERING,
		.synopsis = "p | relaxation | edges | daq OUTPUT=INPUT... | settle | list [KIND] | "
			    "show ID",
		.summary = "Measure the rig itself; it works by the result from then on.",
		.methods = "calibrate.p calibrate.relaxation calibrate.edges calibrate.daq "
			   "calibrate.settle calibrate.list calibrate.get",
		.text = "p: bias voltage to the probability of an update.  relaxation: gamma of each "
			"node.\nedges: bias and noise of each comparator.  daq: gain and offset of "
			"looped channels.\nsettle: is settle_s long enough?  Each is a run; Ctrl-C "
			"aborts it, and taps and\nsettings are put back.",
		.examples =
			"calibrate p\ncalibrate p --bias 41 --trials 1000\n"
			"calibrate relaxation --capacitance 2.2e-5\ncalibrate edges --json\n"
			"calibrate daq ao0=ai0 ao1=ai1\ncalibrate list\ncalibrate show 3 --csv\n",
		.options = calibrate_options,
		.min_words = 1,
		.max_words = 64,
		.run = run_calibrate,
	},
	{0},
};
