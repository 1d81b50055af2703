/* tests/unit/test_params.c - the parameters of learning: ranges, ratios, and changes made whole or not at all. */
#include "config.h"

#include <string.h>

#include "daemon/params.h"
#include "protocol/yaml.h"
#include "tests/check.h"

static const double bank_F[] = {0, 2.2e-6, 22e-6};

static const struct rig_info info = {
	.name = "bench16",
	.capacitance_F = bank_F,
	.n_capacitance = 3,
	.r0_ohm = 10000,
	.min_step_s = 0.01,
};

static int apply(struct params *params, const char *yaml, struct problem *p)
{
	json_t *change;
	int r;

	if (yaml_parse("test", yaml, strlen(yaml), &change, NULL, p) < 0)
		fail_msg("%s", p->message);
	r = params_apply(params, change, &info, p);
	json_decref(change);
	return r;
}

static void expect_refusal(const char *yaml, int code, const char *path, const char *words)
{
	struct params params, before;
	struct problem p = {0};

	params_default(&params);
	before = params;
	if (apply(&params, yaml, &p) == 0)
		fail_msg("%s was taken", yaml);
	assert_int_equal(p.code, code);
	assert_string_equal(p.path, path);
	if (!strstr(p.message, words))
		fail_msg("\"%s\" does not say \"%s\"", p.message, words);
	assert_memory_equal(&params, &before, sizeof(params));
	problem_clear(&p);
}

static void refuses_what_is_out_of_range(void **state)
{
	(void)state;
	expect_refusal("{eta: 0}", PROBLEM_PARAMS, "/eta", "above 0");
	expect_refusal("{eta: 1.5}", PROBLEM_PARAMS, "/eta", "1.5");
	expect_refusal("{p: -0.1}", PROBLEM_PARAMS, "/p", "-0.1");
	expect_refusal("{tau_s: 0}", PROBLEM_PARAMS, "/tau_s", "above 0");
	expect_refusal("{tau_s: 0.001}", PROBLEM_LIMIT, "/tau_s", "0.01 s");
}

static void a_bad_member_spoils_the_whole_change(void **state)
{
	(void)state;
	expect_refusal("{eta: 0.1, p: 7}", PROBLEM_PARAMS, "/p", "7");
}

static void takes_a_capacitor_of_the_bank_alone(void **state)
{
	struct params params;
	struct problem p = {0};

	(void)state;
	expect_refusal("{capacitance_F: 3.0e-6}", PROBLEM_PARAMS, "/capacitance_F", "2.2e-06");
	params_default(&params);
	assert_ok(apply(&params, "{capacitance_F: 3.0e-6, nearest: true}", &p));
	assert_close(params.capacitance_F, 2.2e-6, 0);
}

/* gamma = 1 / (R0 C): 2.2 uF and 10 kohm make 0.022 s */
static void a_relaxation_rate_chooses_the_capacitor(void **state)
{
	struct params params;
	struct problem p = {0};

	(void)state;
	params_default(&params);
	assert_true(isnan(params_relaxation_rate_per_s(&params, info.r0_ohm)));
	assert_ok(apply(&params, "{relaxation_rate_per_s: 45.454545454545454}", &p));
	assert_close(params.capacitance_F, 2.2e-6, 0);
	assert_close(params_relaxation_rate_per_s(&params, info.r0_ohm), 1 / 0.022, 1e-9);
	assert_close(params.tau_s, 0.25, 0);
}

/* alpha/gamma = R0 C / tau */
static void a_ratio_moves_tau_and_leaves_the_capacitor(void **state)
{
	struct params params;
	struct problem p = {0};

	(void)state;
	params_default(&params);
	assert_ok(apply(&params, "{capacitance_F: 22.0e-6, alpha_over_gamma: 0.5}", &p));
	assert_close(params.tau_s, 0.44, 1e-12);
	assert_close(params_alpha_over_gamma(&params, info.r0_ohm), 0.5, 1e-12);
}

static void refuses_settings_that_disagree(void **state)
{
	(void)state;
	expect_refusal("{alpha_over_gamma: 1}", PROBLEM_PARAMS, "/alpha_over_gamma",
		       "without a capacitor");
	expect_refusal("{capacitance_F: 22.0e-6, alpha_over_gamma: 0.5, tau_s: 1}", PROBLEM_PARAMS,
		       "/alpha_over_gamma", "0.44");
	expect_refusal("{capacitance_F: 22.0e-6, relaxation_rate_per_s: 45.454545454545454}",
		       PROBLEM_PARAMS, "/relaxation_rate_per_s", "2.2e-06");
}

static void tells_what_there_is_and_null_for_what_there_is_not(void **state)
{
	struct params params;
	json_t *json;

	(void)state;
	params_default(&params);
	params.rev = 12;
	json = params_json(&params, info.r0_ohm);
	assert_int_equal(json_object_size(json), 8);
	assert_close(json_number_value(json_object_get(json, "eta")), 0.5, 0);
	assert_int_equal(json_integer_value(json_object_get(json, "rev")), 12);
	assert_true(json_is_null(json_object_get(json, "alpha_over_gamma")));
	assert_true(json_is_null(json_object_get(json, "bias_V")));
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_what_is_out_of_range),
		cmocka_unit_test(a_bad_member_spoils_the_whole_change),
		cmocka_unit_test(takes_a_capacitor_of_the_bank_alone),
		cmocka_unit_test(a_relaxation_rate_chooses_the_capacitor),
		cmocka_unit_test(a_ratio_moves_tau_and_leaves_the_capacitor),
		cmocka_unit_test(refuses_settings_that_disagree),
		cmocka_unit_test(tells_what_there_is_and_null_for_what_there_is_not),
	};

	return cmocka_run_group_tests_name("params", tests, NULL, NULL);
}
