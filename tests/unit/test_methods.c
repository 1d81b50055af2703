/* tests/unit/test_methods.c - the table of methods, and the OpenRPC document made from it. */
#include "config.h"

#include <string.h>

#include "protocol/methods.h"
#include "tests/check.h"

static void finds_each_method_by_its_name(void **state)
{
	(void)state;
	for (int i = 0; i < N_METHODS; i++) {
		const struct method *m = method_get((enum method_id)i);

		assert_int_equal(m->id, i);
		assert_ptr_equal(method_find(m->name), m);
	}
	assert_null(method_find("rig"));
	assert_null(method_find(""));
}

static void suggests_the_method_that_was_meant(void **state)
{
	(void)state;
	assert_string_equal(method_nearest("run.sumbit"), "run.submit");
	assert_string_equal(method_nearest("history.step"), "history.steps");
	assert_null(method_nearest("frobnicate"));
}

static void every_example_passes_its_own_schema(void **state)
{
	(void)state;
	for (int i = 0; i < N_METHODS; i++) {
		const struct method *m = method_get((enum method_id)i);
		json_t *example = json_loads(m->example, JSON_REJECT_DUPLICATES, NULL);
		struct problem p = {0};

		assert_non_null(example);
		if (schema_check(m->params, example, &p) < 0)
			fail_msg("%s: %s", m->name, p.message);
		assert_int_equal(schema_fill(m->params, example), 0);
		if (schema_check(m->params, example, &p) < 0)
			fail_msg("%s with defaults: %s", m->name, p.message);
		json_decref(example);
	}
}

static void every_method_says_what_it_does(void **state)
{
	(void)state;
	for (int i = 0; i < N_METHODS; i++) {
		const struct method *m = method_get((enum method_id)i);

		assert_true(strlen(m->help) > 10 && m->help[strlen(m->help) - 1] == '.');
		assert_int_equal(m->params->type, SCHEMA_OBJECT);
		assert_int_equal(m->result->type, SCHEMA_OBJECT);
		assert_true(m->result->open);
		assert_false(m->params->open);
	}
}

static void marks_what_protocol_md_says(void **state)
{
	static const struct {
		const char *name;
		unsigned flags;
	} marks[] = {
		{"param.set", METHOD_CHANGES | METHOD_LEASE},
		{"run.stop", METHOD_CHANGES},
		{"run.abort", METHOD_CHANGES | METHOD_IS_URGENT | METHOD_UNKEYED},
		{"rig.safe", METHOD_CHANGES | METHOD_IS_URGENT | METHOD_UNKEYED},
		{"server.ping", METHOD_IS_URGENT},
		{"lease.acquire", METHOD_CHANGES | METHOD_UNKEYED},
		{"queue.list", METHOD_READS},
	};
	size_t n_urgent = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		assert_int_equal(method_find(marks[i].name)->flags, marks[i].flags);
	for (int i = 0; i < N_METHODS; i++)
		n_urgent += (method_get((enum method_id)i)->flags & METHOD_IS_URGENT) != 0;
	assert_int_equal(n_urgent, 3);
}

static void takes_results_with_members_of_a_later_version(void **state)
{
	json_t *result = json_pack("{s:s,s:b}", "safe", "confirmed", "ramp_done", 1);
	struct problem p = {0};

	(void)state;
	if (schema_check(method_find("rig.safe")->result, result, &p) < 0)
		fail_msg("%s", p.message);
	json_object_set_new(result, "safe", json_string("perhaps"));
	assert_int_equal(schema_check(method_find("rig.safe")->result, result, &p), -1);
	assert_string_equal(p.path, "/safe");
	problem_clear(&p);
	json_decref(result);
}

static void describes_itself_as_openrpc(void **state)
{
	json_t *document = methods_openrpc("1.2.3"),
	       *methods = json_object_get(document, "methods");
	const json_t *set, *eta;

	(void)state;
	assert_int_equal(json_array_size(methods), N_METHODS);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(document, "info"), "version")),
		"1.2.3");
	set = json_array_get(methods, METHOD_PARAM_SET);
	assert_string_equal(json_string_value(json_object_get(set, "name")), "param.set");
	assert_true(json_is_true(json_object_get(set, "x-lease")));
	eta = json_array_get(json_object_get(set, "params"), 0);
	assert_string_equal(json_string_value(json_object_get(eta, "name")), "eta");
	assert_true(json_is_false(json_object_get(eta, "required")));
	assert_close(json_number_value(json_object_get(json_object_get(eta, "schema"), "maximum")),
		     1, 0);
	json_decref(document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_each_method_by_its_name),
		cmocka_unit_test(suggests_the_method_that_was_meant),
		cmocka_unit_test(every_example_passes_its_own_schema),
		cmocka_unit_test(every_method_says_what_it_does),
		cmocka_unit_test(marks_what_protocol_md_says),
		cmocka_unit_test(takes_results_with_members_of_a_later_version),
		cmocka_unit_test(describes_itself_as_openrpc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
