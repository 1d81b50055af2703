/* tests/unit/test_schema.c - what schemas take, what they refuse, and in which words. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/files.h"
#include "protocol/methods.h"
#include "protocol/nearest.h"
#include "protocol/schema_macros.h"
#include "protocol/values.h"
#include "tests/check.h"

#define SMALL_TASK                                                                                 \
	"'task':'t','kind':'allostery','sources':[0,2],'targets':[1],"                             \
	"'train':{'examples':[{'source_V':[5,0],'target_V':[3]}]}"
#define LIMITS                                                                                     \
	"'limits':{'volts':[0,5],'slew_V_per_s':'none','edge_power_W':'none',"                     \
	"'source_current_A':0.004,'discrepancy_V':'none','measure_slack_V':0.01}"
#define SMALL_RIG "'rig':'r','backend':'sim','network':{'edges':[[0,1],[1,2]]}," LIMITS

/* JSON with ' for ". */
static json_t *json(const char *text)
{
	char *copy = strdup(text);
	json_t *value;

	for (char *c = copy; *c; c++)
		if (*c == '\'')
			*c = '"';
	value = json_loads(copy, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
	free(copy);
	assert_non_null(value);
	return value;
}

static void takes(const struct schema *schema, const char *text)
{
	json_t *value = json(text);
	struct problem p = {0};

	if (schema_check(schema, value, &p) < 0)
		fail_msg("%s: %s", text, p.message);
	json_decref(value);
}

static void refuses(const struct schema *schema, const char *text, const char *path,
		    const char *message)
{
	json_t *value = json(text);
	struct problem p = {0};

	if (schema_check(schema, value, &p) == 0)
		fail_msg("%s was taken", text);
	assert_int_equal(p.code, PROBLEM_PARAMS);
	assert_string_equal(p.path, path);
	assert_string_equal(p.message, message);
	problem_clear(&p);
	json_decref(value);
}

static void refuses_a_number_out_of_range(void **state)
{
	(void)state;
	takes(&value_params, "{'eta':1,'p':0,'tau_s':1e-6,'capacitance_F':0}");
	refuses(&value_params, "{'eta':1.5}", "/eta",
		"eta is 1.5; it must be above 0 and at most 1");
	refuses(&value_params, "{'eta':0}", "/eta", "eta is 0; it must be above 0 and at most 1");
	refuses(&value_params, "{'p':-0.1}", "/p", "p is -0.1; it must be from 0 to 1");
	refuses(&value_params, "{'tau_s':0}", "/tau_s",
		"tau_s is 0 s; it must be above 0 and at most 604800");
	refuses(&value_params, "{'alpha_over_gamma':-1}", "/alpha_over_gamma",
		"alpha_over_gamma is -1; it must be above 0");
	refuses(&schema_task, "{" SMALL_TASK ",'params':{'eta':1.5}}", "/params/eta",
		"params.eta is 1.5; it must be above 0 and at most 1");
}

static void puts_value_and_bounds_into_the_data(void **state)
{
	json_t *value = json("{'eta':1.5}");
	struct problem p = {0};

	(void)state;
	assert_int_equal(schema_check(&value_params, value, &p), -1);
	assert_close(json_number_value(json_object_get(p.data, "value")), 1.5, 0);
	assert_close(json_number_value(json_object_get(p.data, "min")), 0, 0);
	assert_close(json_number_value(json_object_get(p.data, "max")), 1, 0);
	problem_clear(&p);
	json_decref(value);
}

static void suggests_the_name_that_was_meant(void **state)
{
	(void)state;
	refuses(&value_params, "{'tau':1}", "/tau",
		"unknown member \"tau\"; did you mean \"tau_s\"?");
	refuses(&value_params, "{'etta':1}", "/etta",
		"unknown member \"etta\"; did you mean \"eta\"?");
	refuses(&schema_task, "{" SMALL_TASK ",'shedule':[]}", "/shedule",
		"unknown member \"shedule\"; did you mean \"schedule\"?");
	refuses(&schema_task, "{" SMALL_TASK ",'test':{'evry':5}}", "/test/evry",
		"test: unknown member \"evry\"; did you mean \"every\"?");
	refuses(&schema_config, "{'log_level':'notcie'}", "/log_level",
		"log_level is \"notcie\"; it must be error, warning, notice, info or debug; "
		"did you mean \"notice\"?");
}

static void says_what_was_found_and_what_is_expected(void **state)
{
	(void)state;
	refuses(&value_params, "{'eta':'0.5'}", "/eta",
		"eta is the string \"0.5\"; it must be a number above 0 and at most 1");
	refuses(&value_params, "{'nearest':1}", "/nearest",
		"nearest is the number 1; it must be true or false");
	refuses(&value_params, "{'eta':null}", "/eta",
		"eta is null; it must be a number above 0 and at most 1");
	refuses(&schema_task, "{" SMALL_TASK ",'initial':7}", "/initial",
		"initial is the number 7; it must be midscale, keep or random or a mapping with "
		"checkpoint, taps, r_ohm");
	refuses(&schema_task, "[]", "",
		"the whole is a list; it must be a mapping with task, kind, sources, targets, train, "
		"test, targets_from, update_when, initial, params, ticks, wait_s, schedule, stop, "
		"log, on_lease_loss, keep_modes, seed");
	refuses(method_find("run.get")->params, "{}", "",
		"\"run\" is missing; it must be an integer from 1 to 2^53");
}

static void takes_an_integral_real_for_an_integer_and_no_other(void **state)
{
	json_t *value = json("{'run':5.0}");

	(void)state;
	takes(method_find("run.get")->params, "{'run':5.0}");
	assert_int_equal(schema_fill(method_find("run.get")->params, value), 0);
	assert_true(json_is_integer(json_object_get(value, "run")));
	assert_int_equal(json_integer_value(json_object_get(value, "run")), 5);
	json_decref(value);
	refuses(method_find("run.get")->params, "{'run':5.5}", "/run",
		"run is the number 5.5; it must be an integer from 1 to 2^53");
	refuses(method_find("run.get")->params, "{'run':1e300}", "/run",
		"run is the number 1e+300; it must be an integer from 1 to 2^53");
}

static void wants_one_of_what_excludes_each_other(void **state)
{
	(void)state;
	takes(&schema_task, "{" SMALL_TASK ",'schedule':[{'at':3,'cut':5}]}");
	refuses(&schema_task, "{" SMALL_TASK ",'schedule':[{'at':3,'cut':5},{'at':4}]}",
		"/schedule/1",
		"schedule[1]: none of target_V, cut, hold, learn, set, group is given; exactly one is "
		"wanted");
	refuses(&schema_task, "{" SMALL_TASK ",'schedule':[{'at':3,'cut':5,'hold':1}]}",
		"/schedule/0",
		"schedule[0]: more than one of target_V, cut, hold, learn, set, group is given; exactly "
		"one is wanted");
	refuses(&schema_task,
		"{" SMALL_TASK ",'test':{'csv':'a','table':{'columns':['a'],"
		"'rows':[[1]]}}}",
		"/test",
		"test: more than one of examples, csv, table is given; at most one is wanted");
	takes(&schema_task, "{" SMALL_TASK ",'test':{'every':5}}");
}

static void checks_the_keys_of_a_node_map(void **state)
{
	const struct schema *apply = method_find("rig.apply")->params;

	(void)state;
	takes(apply, "{'source_V':{'0':5,'12':0.5}}");
	for (size_t i = 0; i < 6; i++) {
		static const char *const bad[] = {"01", "-1", "a", "1 ", "1.0", "1234567890"};
		char text[64], path[32], message[128];

		snprintf(text, sizeof(text), "{'source_V':{'%s':5}}", bad[i]);
		snprintf(path, sizeof(path), "/source_V/%s", bad[i]);
		snprintf(message, sizeof(message),
			 "source_V: \"%s\" is no node; a node is a number such as 0 or 12", bad[i]);
		refuses(apply, text, path, message);
	}
	refuses(apply, "{'source_V':{}}", "/source_V",
		"source_V has 0 members; it must have at least 1");
	refuses(apply, "{'source_V':{'3':'x'}}", "/source_V/3",
		"source_V[3] is the string \"x\"; it must be a number, in V");
}

static void checks_sizes(void **state)
{
	(void)state;
	refuses(&schema_task,
		"{'task':'','kind':'allostery','sources':[0],'targets':[1],"
		"'train':{'examples':[{'source_V':[1]}]}}",
		"/task", "task has 0 bytes; it must have 1 to 200");
	refuses(&schema_rig,
		"{'rig':'r','backend':'sim','network':{'edges':[[0,1],[1]]}," LIMITS "}",
		"/network/edges/1", "network.edges[1] has 1 items; it must have 2");
}

static void takes_the_words_and_mappings_of_the_task_file(void **state)
{
	static const char *const good[] = {
		"'initial':'keep'",
		"'initial':{'checkpoint':'warm'}",
		"'initial':{'taps':[0,127]}",
		"'initial':{'r_ohm':[50000]}",
		"'targets_from':{'one_hot':{'on_V':4,'off_V':1}}",
		"'update_when':{'misclassified':{'margin_V':0.1}}",
		"'update_when':'misclassified'",
		"'test':{'every':1,'at':[1,2],'log':50,'on':['train','test'],'repeat':2}",
		"'stop':{'steps':600,'mse_below_V2':1e-4,'seconds':3600,'accuracy':1.0,'for_tests':3}",
		"'schedule':[{'at':0,'set':{'p':0.5}},{'at':1,'group':2},{'at':2,'target_V':[1.5]}]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char text[512];

		snprintf(text, sizeof(text), "{" SMALL_TASK ",%s}", good[i]);
		takes(&schema_task, text);
	}
}

static void refuses_a_rig_that_leaves_a_limit_unsaid(void **state)
{
	(void)state;
	takes(&schema_rig, "{" SMALL_RIG "}");
	refuses(&schema_rig,
		"{'rig':'r','backend':'sim','network':{'file':'n.csv'},'limits':{'volts':[0,5]}}",
		"/limits",
		"limits: \"slew_V_per_s\" is missing; it must be a number above 0, in V/s or none");
}

/* What the table gives as a default must itself be valid; walks everything below s. */
static size_t check_defaults(const struct schema *s)
{
	size_t n = 0;

	if (s->type == SCHEMA_LIST || s->type == SCHEMA_MAP)
		return check_defaults(s->item);
	for (size_t i = 0; s->type == SCHEMA_EITHER && s->options[i]; i++)
		n += check_defaults(s->options[i]);
	if (s->type != SCHEMA_OBJECT)
		return n;
	for (const struct schema_member *m = s->members; m->name; m++) {
		n += check_defaults(m->schema);
		assert_non_null(m->help);
		assert_false(m->required && m->fallback);
		if (!m->fallback)
			continue;
		takes(m->schema, m->fallback);
		n++;
	}
	return n;
}

static void every_default_is_valid(void **state)
{
	size_t n = 0;

	(void)state;
	for (int i = 0; i < N_METHODS; i++)
		n += check_defaults(method_get((enum method_id)i)->params);
	n += check_defaults(&schema_task) + check_defaults(&schema_rig);
	n += check_defaults(&schema_config);
	assert_true(n > 60);
}

static void fills_defaults_deep_and_twice_the_same(void **state)
{
	json_t *value = json("{" SMALL_RIG ",'sim':{'daq_bits':12.0}}"), *once;
	json_t *sim = json_object_get(value, "sim");

	(void)state;
	assert_int_equal(schema_fill(&schema_rig, value), 0);
	assert_int_equal(json_integer_value(json_object_get(sim, "daq_bits")), 12);
	assert_close(json_number_value(json_object_get(sim, "comparator_noise_V")), 0.003, 0);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(sim, "comparator"), "rule")),
		"eq10");
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(value, "edge"), "taps")), 128);
	assert_null(json_object_get(value, "daq"));
	once = json_deep_copy(value);
	assert_int_equal(schema_fill(&schema_rig, value), 0);
	assert_true(json_equal(once, value));
	json_decref(once);
	json_decref(value);
}

static void leaves_out_the_parameters_that_a_task_does_not_name(void **state)
{
	json_t *value = json("{" SMALL_TASK ",'params':{'eta':0.2}}");

	(void)state;
	assert_int_equal(schema_fill(&schema_task, value), 0);
	assert_int_equal(json_object_size(json_object_get(value, "params")), 1);
	json_decref(value);
}

static void writes_json_schema(void **state)
{
	json_t *schema = schema_to_json(&value_params);
	json_t *eta = json_object_get(json_object_get(schema, "properties"), "eta");

	(void)state;
	assert_true(json_is_false(json_object_get(schema, "additionalProperties")));
	assert_close(json_number_value(json_object_get(eta, "exclusiveMinimum")), 0, 0);
	assert_close(json_number_value(json_object_get(eta, "maximum")), 1, 0);
	json_decref(schema);
}

static void measures_how_far_words_are_apart(void **state)
{
	char lengthy[NEAREST_MAX_BYTES + 2];

	(void)state;
	assert_int_equal(nearest_distance("eta", "eta"), 0);
	assert_int_equal(nearest_distance("etta", "eta"), 1);
	assert_int_equal(nearest_distance("setle_s", "settle_s"), 1);
	assert_int_equal(nearest_distance("tragets", "targets"), 1);
	assert_int_equal(nearest_distance("capacitance", "capacitance_F"), 1);
	assert_true(nearest_distance("banana", "eta") == (size_t)-1);
	assert_true(nearest_distance("", "eta") == (size_t)-1);
	memset(lengthy, 'a', sizeof(lengthy) - 1);
	lengthy[sizeof(lengthy) - 1] = '\0';
	assert_true(nearest_distance(lengthy, lengthy) == (size_t)-1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_a_number_out_of_range),
		cmocka_unit_test(puts_value_and_bounds_into_the_data),
		cmocka_unit_test(suggests_the_name_that_was_meant),
		cmocka_unit_test(says_what_was_found_and_what_is_expected),
		cmocka_unit_test(takes_an_integral_real_for_an_integer_and_no_other),
		cmocka_unit_test(wants_one_of_what_excludes_each_other),
		cmocka_unit_test(checks_the_keys_of_a_node_map),
		cmocka_unit_test(checks_sizes),
		cmocka_unit_test(takes_the_words_and_mappings_of_the_task_file),
		cmocka_unit_test(refuses_a_rig_that_leaves_a_limit_unsaid),
		cmocka_unit_test(every_default_is_valid),
		cmocka_unit_test(fills_defaults_deep_and_twice_the_same),
		cmocka_unit_test(leaves_out_the_parameters_that_a_task_does_not_name),
		cmocka_unit_test(writes_json_schema),
		cmocka_unit_test(measures_how_far_words_are_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
