/* tests/unit/test_calibration.c - what a stored calibration makes of a setting of p, of gains and of noise. */
#include "config.h"

#include <string.h>

#include "daemon/calibration.h"
#include "tests/check.h"

static const struct rig_info bench = {
	.name = "bench16",
	.backend = "bench",
	.n_edges = 3,
	.bias = true,
	.bias_always_V = 0,
	.bias_never_V = 5,
};

static void take(struct calibration *k, const char *kind, const char *text)
{
	json_t *values = json_loads(text, 0, NULL);
	struct problem p = {0};

	assert_non_null(values);
	if (calibration_take(k, kind, values, &bench, &p) < 0)
		fail_msg("%s", p.message);
	json_decref(values);
}

static double volts(const struct calibration *k, double p)
{
	double bias_V = -1;

	assert_int_equal(calibration_bias(k, &bench, p, &bias_V, NULL), 0);
	return bias_V;
}

static void refuses_p_without_any_curve(void **state)
{
	const struct calibration none = {0};
	struct problem p = {0};
	double bias_V;

	(void)state;
	assert_int_equal(calibration_bias(&none, &bench, 0.5, &bias_V, &p), -1);
	assert_int_equal(p.code, PROBLEM_PARAMS);
	assert_non_null(strstr(p.message, "nudgectl calibrate p"));
	assert_close(volts(&none, 0), 5, 0);
	assert_close(volts(&none, 1), 0, 0);
}

static void takes_the_rig_files_curve_until_there_is_a_calibration(void **state)
{
	static const struct rig_bias_point points[] = {{0, 1}, {5, 0}};
	struct rig_info info = bench;
	struct calibration k = {0};
	double bias_V;

	(void)state;
	info.bias_point = points;
	info.n_bias = 2;
	assert_int_equal(calibration_bias(&k, &info, 0.3, &bias_V, NULL), 0);
	assert_close(bias_V, 3.5, 1e-12);
	take(&k, "p",
	     "{\"rig\":\"bench16\",\"curve\":[{\"bias_V\":1,\"p\":1.0},{\"bias_V\":3,\"p\":0.0}]}");
	assert_int_equal(calibration_bias(&k, &info, 0.3, &bias_V, NULL), 0);
	assert_close(bias_V, 2.4, 1e-12);
	calibration_clear(&k);
}

static void interpolates_a_curve_that_was_made_monotone(void **state)
{
	struct calibration k = {0};

	(void)state;
	/* 0.62 and 0.66 stand the wrong way round: both are 0.64 */
	take(&k, "p",
	     "{\"rig\":\"bench16\",\"curve\":["
	     "{\"bias_V\":3,\"p\":0.66,\"ticks\":100},{\"bias_V\":1,\"p\":0.8,\"ticks\":100},"
	     "{\"bias_V\":2,\"p\":0.62,\"ticks\":100},{\"bias_V\":4,\"p\":0.2,\"ticks\":100}]}");
	assert_close(volts(&k, 0.72), 1.5, 1e-9);
	assert_close(volts(&k, 0.42), 3.5, 1e-9);
	assert_close(volts(&k, 0.8), 1, 1e-9);
	assert_close(volts(&k, 0.2), 4, 1e-9);
	calibration_clear(&k);
}

static void refuses_p_outside_what_was_measured(void **state)
{
	struct calibration k = {0};
	struct problem p = {0};
	double bias_V;

	(void)state;
	take(&k, "p",
	     "{\"rig\":\"bench16\",\"curve\":[{\"bias_V\":1,\"p\":0.8},{\"bias_V\":4,\"p\":0.2}]}");
	assert_int_equal(calibration_bias(&k, &bench, 0.81, &bias_V, &p), -1);
	assert_non_null(strstr(p.message, "0.2 to 0.8"));
	assert_int_equal(calibration_bias(&k, &bench, 0.1, &bias_V, &p), -1);
	assert_close(volts(&k, 1), 0, 0);
	calibration_clear(&k);
}

static void knows_whose_calibration_it_is(void **state)
{
	json_t *values = json_pack("{s:s}", "rig", "another");
	struct calibration k = {0};
	struct problem p = {0};

	(void)state;
	assert_int_equal(calibration_take(&k, "p", values, &bench, &p), -1);
	assert_non_null(strstr(p.message, "another"));
	assert_null(k.curve);
	json_decref(values);
}

static void a_simulator_without_a_curve_goes_by_p(void **state)
{
	const struct calibration none = {0};
	struct rig_info info = bench;
	double bias_V = 1;

	(void)state;
	info.backend = "sim";
	assert_int_equal(calibration_bias(&none, &info, 0.5, &bias_V, NULL), 0);
	assert_true(isnan(bias_V));
	info.backend = "bench";
	info.bias = false;
	bias_V = 1;
	assert_int_equal(calibration_bias(&none, &info, 0.5, &bias_V, NULL), 0);
	assert_true(isnan(bias_V));
}

static void unknown_comparators_get_the_median_noise(void **state)
{
	struct calibration k = {0};

	(void)state;
	take(&k, "edges",
	     "{\"rig\":\"bench16\",\"edges\":[{\"noise_V\":0.002},{\"noise_V\":null},"
	     "{\"noise_V\":0.004}]}");
	assert_close(k.noise_V[0], 0.002, 0);
	assert_close(k.noise_V[1], 0.003, 1e-15);
	assert_close(k.noise_V[2], 0.004, 0);
	calibration_clear(&k);
}

static void gains_are_read_by_channel(void **state)
{
	struct calibration k = {0};

	(void)state;
	take(&k, "daq",
	     "{\"rig\":\"bench16\",\"gains\":[{\"channel\":\"ao3\",\"gain\":1.01,\"offset_V\":-0.02}]}");
	assert_int_equal(k.n_gain, 1);
	assert_int_equal(k.gain[0].channel.kind, DAQ_AO);
	assert_int_equal(k.gain[0].channel.number, 3);
	assert_close(k.gain[0].gain, 1.01, 0);
	assert_close(k.gain[0].offset_V, -0.02, 0);
	calibration_clear(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_p_without_any_curve),
		cmocka_unit_test(takes_the_rig_files_curve_until_there_is_a_calibration),
		cmocka_unit_test(interpolates_a_curve_that_was_made_monotone),
		cmocka_unit_test(refuses_p_outside_what_was_measured),
		cmocka_unit_test(knows_whose_calibration_it_is),
		cmocka_unit_test(a_simulator_without_a_curve_goes_by_p),
		cmocka_unit_test(unknown_comparators_get_the_median_noise),
		cmocka_unit_test(gains_are_read_by_channel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
