/* protocol/values.c - the schemas of values that methods and files have in common. */
#include "config.h"

#include <math.h>

#include "protocol/values.h"

#define MAX_INDEX 999999999 /* nodes, edges: nine digits, as in a node map's keys */
#define MAX_WHOLE 0x1p53

const struct schema value_any = {.type = SCHEMA_ANY};
const struct schema value_bool = {.type = SCHEMA_BOOL};
const struct schema value_null = {.type = SCHEMA_NULL};
const struct schema value_text = {.type = SCHEMA_STRING, .max_items = 4096};
const struct schema value_name = {.type = SCHEMA_STRING, .min_items = 1, .max_items = 200};
const struct schema value_names = {.type = SCHEMA_LIST, .item = &value_name, .min_items = 1};
const struct schema value_tags = {.type = SCHEMA_LIST, .item = &value_name, .max_items = 100};
const struct schema value_number = {.type = SCHEMA_NUMBER};
const struct schema value_numbers = {.type = SCHEMA_LIST, .item = &value_number, .min_items = 1};
const struct schema value_count = {.type = SCHEMA_INTEGER, .max = MAX_WHOLE};
const struct schema value_number1 = {.type = SCHEMA_INTEGER, .min = 1, .max = MAX_WHOLE};
const struct schema value_run = {.type = SCHEMA_INTEGER, .min = 1, .max = MAX_WHOLE};
const struct schema value_step = {.type = SCHEMA_INTEGER, .max = MAX_WHOLE};
const struct schema value_node = {.type = SCHEMA_INTEGER, .max = MAX_INDEX};
const struct schema value_nodes = {.type = SCHEMA_LIST, .item = &value_node, .min_items = 1};
const struct schema value_edge = {.type = SCHEMA_INTEGER, .max = MAX_INDEX};
const struct schema value_volts = {.type = SCHEMA_NUMBER, .unit = "V"};
const struct schema value_volts_list = {.type = SCHEMA_LIST, .item = &value_volts, .min_items = 1};
const struct schema value_volts_from_0 = {.type = SCHEMA_NUMBER, .unit = "V", .max = INFINITY};
const struct schema value_node_volts = {
	.type = SCHEMA_MAP, .key = SCHEMA_KEY_NODE, .item = &value_volts, .min_items = 1};
const struct schema value_volts_range = {
	.type = SCHEMA_LIST, .item = &value_volts, .min_items = 2, .max_items = 2};
const struct schema value_seconds = {.type = SCHEMA_NUMBER, .unit = "s", .max = 604800};
const struct schema value_ohms = {
	.type = SCHEMA_NUMBER, .unit = "ohm", .above_min = true, .max = INFINITY};
const struct schema value_farads = {.type = SCHEMA_NUMBER, .unit = "F", .max = 1};
const struct schema value_fraction = {.type = SCHEMA_NUMBER, .max = 1};
const struct schema value_mse_V2 = {.type = SCHEMA_NUMBER, .unit = "V^2", .max = INFINITY};
const struct schema value_tap = {.type = SCHEMA_INTEGER, .max = 255};
const struct schema value_taps = {.type = SCHEMA_LIST, .item = &value_tap, .min_items = 1};
const struct schema value_seed = {.type = SCHEMA_INTEGER, .max = MAX_WHOLE};
const struct schema value_utc = {.type = SCHEMA_STRING, .min_items = 20, .max_items = 27};

static const char *const lease_loss_words[] = {"continue", "pause", "safe", NULL};
const struct schema value_lease_loss = {.type = SCHEMA_WORD, .words = lease_loss_words};

static const struct schema eta = {.type = SCHEMA_NUMBER, .above_min = true, .max = 1};
static const struct schema tau_s = {
	.type = SCHEMA_NUMBER, .unit = "s", .above_min = true, .max = 604800};
static const struct schema rate = {
	.type = SCHEMA_NUMBER, .unit = "1/s", .above_min = true, .max = INFINITY};
static const struct schema ratio = {.type = SCHEMA_NUMBER, .above_min = true, .max = INFINITY};

#define ETA   "Nudge: the clamped voltage is V_F + eta (V_D - V_F)."
#define P     "Probability that an edge updates at a tick."
#define TAU   "Step period; alpha = 1 / tau_s."
#define C     "Capacitor in parallel with each edge, one of the rig's bank; 0 is none."
#define GAMMA "Relaxation rate 1 / (R0 C) of the edges; in a change it chooses the capacitor."
#define RATIO "Learning rate over relaxation rate, R0 C / tau; in a change it moves tau_s."

const struct schema_member params_members[] = {
	{"eta", &eta, .help = ETA},
	{"p", &value_fraction, .help = P},
	{"tau_s", &tau_s, .help = TAU},
	{"capacitance_F", &value_farads, .help = C},
	{"relaxation_rate_per_s", &rate, .help = GAMMA},
	{"alpha_over_gamma", &ratio, .help = RATIO},
	{"nearest", &value_bool,
	 .help = "With relaxation_rate_per_s: take the nearest capacitor of the bank."},
	{0},
};
const struct schema value_params = {.type = SCHEMA_OBJECT, .members = params_members};

static const struct schema *const rate_or_null[] = {&rate, &value_null, NULL};
static const struct schema rate_now = {.type = SCHEMA_EITHER, .options = rate_or_null};
static const struct schema *const ratio_or_null[] = {&ratio, &value_null, NULL};
static const struct schema ratio_now = {.type = SCHEMA_EITHER, .options = ratio_or_null};

static const struct schema *const bias_or_null[] = {&value_volts, &value_null, NULL};
static const struct schema bias_now = {.type = SCHEMA_EITHER, .options = bias_or_null};

const struct schema_member params_now_members[] = {
	{"eta", &eta, true, .help = ETA},
	{"p", &value_fraction, true, .help = P},
	{"tau_s", &tau_s, true, .help = TAU},
	{"capacitance_F", &value_farads, true, .help = C},
	{"relaxation_rate_per_s", &rate_now, true, .help = "1 / (R0 C); null without a capacitor."},
	{"alpha_over_gamma", &ratio_now, true, .help = "R0 C / tau; null without a capacitor."},
	{"bias_V", &bias_now, true,
	 .help = "The bias voltage that makes p, read back where it can be; null: none, or not set yet."},
	{"rev", &value_count, true, .help = "Grows by one with each change."},
	{0},
};
const struct schema value_params_now = {.type = SCHEMA_OBJECT, .members = params_now_members};
