/* tests/unit/test_measure.c - measures on series made by hand, statistics, and slopes. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/measure.h"
#include "clients/nudgectl/series_read.h"
#include "clients/nudgectl/spread.h"
#include "tests/check.h"

#define N 10

/* Ten steps of two targets and two edges; errors halve */
static struct series by_hand(void)
{
	static double step[N], t_s[N], mse_V2[N], v_V[2 * N], target_V[2 * N], r_ohm[2 * N];
	static uint8_t updated[2 * N];
	static double test_step[] = {0, 5, 10}, test_error_V2[] = {8, 2, 1},
		      accuracy[] = {0.5, 0.9, 0.8};
	struct series s = {.n = N,
			   .n_targets = 2,
			   .n_edges = 2,
			   .step = step,
			   .t_s = t_s,
			   .mse_V2 = mse_V2,
			   .v_V = v_V,
			   .target_V = target_V,
			   .r_ohm = r_ohm,
			   .updated = updated,
			   .n_tests = 3,
			   .test_step = test_step,
			   .test_error_V2 = test_error_V2,
			   .accuracy = accuracy,
			   .steps = N,
			   .mse_first_V2 = 4,
			   .mse_min_V2 = 0.001,
			   .mse_final_V2 = 0.04,
			   .p = 0.5,
			   .alpha_over_gamma = 3};

	for (int i = 0; i < N; i++) {
		step[i] = i;
		t_s[i] = 0.5 * i;
		mse_V2[i] = 4 * pow(0.5, i);
		v_V[2 * i] = 3 + (i % 2 ? -0.1 : 0.1) * (N - i);
		v_V[2 * i + 1] = 0;
		target_V[2 * i] = 3;
		target_V[2 * i + 1] = 0;
		r_ohm[2 * i] = 1000 * (i % 2);
		r_ohm[2 * i + 1] = 3000;
		updated[2 * i] = i % 2;
		updated[2 * i + 1] = i % 4 == 1;
	}
	return s;
}

static double of(const char *what, const struct series *s)
{
	json_t *json = json_loads(what, 0, NULL);
	double value;

	assert_non_null(json);
	value = measure(json, s);
	json_decref(json);
	return value;
}

static void near(double got, double want)
{
	if (!(fabs(got - want) < 1e-9))
		fail_msg("got %.12g, want %.12g", got, want);
}

static void errors_are_measured_over_the_first(void **state)
{
	struct series s = by_hand();

	(void)state;
	near(of("{\"kind\": \"orders_best\"}", &s),
	     log10(4 / 0.001)); /* of all steps, whatever was logged */
	near(of("{\"kind\": \"orders_end\"}", &s), 2);
	near(of("{\"kind\": \"scaled_end\"}", &s), 0.01);
	near(of("{\"kind\": \"scaled_least\", \"from\": 2, \"to\": 5}", &s), 0.0625);
	near(of("{\"kind\": \"scaled_at\", \"from\": 3}", &s), 0.125);
	near(of("{\"kind\": \"orders_best\", \"of\": \"test\"}", &s), log10(8));
	near(of("{\"kind\": \"scaled_end\", \"of\": \"test\", \"last\": 0.6}", &s), 1.5 / 8);
	assert_true(isnan(of("{\"kind\": \"scaled_end\", \"of\": \"equilibrium\"}", &s)));
}

static void times_are_found_in_each_unit(void **state)
{
	struct series s = by_hand();

	(void)state;
	near(of("{\"kind\": \"below\", \"value\": 0.1}", &s), 4);
	near(of("{\"kind\": \"below\", \"value\": 0.1, \"unit\": \"steps_p\"}", &s), 2);
	near(of("{\"kind\": \"below\", \"value\": 0.1, \"unit\": \"s\"}", &s),
	     0.5 * log(10) / log(2));
	near(of("{\"kind\": \"below\", \"value\": 0.1, \"unit\": \"alpha_s\"}", &s),
	     1.5 * log(10) / log(2));
	assert_true(isnan(of("{\"kind\": \"below\", \"value\": 1e-6}", &s)));
	near(of("{\"kind\": \"steps_within\", \"value\": 0.35}", &s), 7);
	near(of("{\"kind\": \"steps_within\", \"value\": 0.35, \"from\": 5}", &s), 2);
	assert_true(isnan(of("{\"kind\": \"steps_within\", \"value\": 0.35, \"to\": 7}", &s)));
}

static void accuracies_are_first_last_and_best(void **state)
{
	struct series s = by_hand();

	(void)state;
	near(of("{\"kind\": \"accuracy_first\"}", &s), 0.5);
	near(of("{\"kind\": \"accuracy_end\"}", &s), 0.8);
	near(of("{\"kind\": \"accuracy_best\"}", &s), 0.9);
}

static void edges_move_travel_and_have_a_mean(void **state)
{
	struct series s = by_hand();

	(void)state;
	near(of("{\"kind\": \"moves_per_edge\", \"last\": 0.5}", &s),
	     2.5); /* one of two moves at each of five steps */
	near(of("{\"kind\": \"travel_kohm\", \"last\": 0.5}", &s), 0.5);
	near(of("{\"kind\": \"mean_r_kohm\", \"last\": 1}", &s), 1.75);
	near(of("{\"kind\": \"p_measured\"}", &s), 0.4);
}

/* n 10, n_a 5, n_b 3, n_ab 3: (10 * 3 - 5 * 3) / sqrt(5 * 5 * 3 * 7) */
static void pearson_is_that_of_two_masks(void **state)
{
	struct series s = by_hand();

	(void)state;
	near(measure_pearson(s.updated, s.updated + 1, N, 2), 15 / sqrt(525));
	near(of("{\"kind\": \"pearson_mean\"}", &s), 15 / sqrt(525));
}

/* The error changes its sign at each step of 0.5 s: a period is 1 s */
static void a_frequency_is_half_the_rate_of_crossings(void **state)
{
	double t_s[2000], v_V[2000], target_V[2000];
	struct series s = by_hand(), wave = {.n = 2000,
					     .n_targets = 1,
					     .t_s = t_s,
					     .v_V = v_V,
					     .target_V = target_V};

	(void)state;
	assert_true(fabs(of("{\"kind\": \"crossings_per_s\"}", &s) - 1) < 0.05);
	for (int i = 0; i < 2000; i++) {
		t_s[i] = 0.01 * i;
		target_V[i] = 1;
		v_V[i] = 1 + exp(-0.1 * t_s[i]) * cos(2 * M_PI * 0.7 * t_s[i] + 0.3);
	}
	assert_true(fabs(of("{\"kind\": \"crossings_per_s\", \"value\": 0.01}", &wave) - 0.7) <
		    1e-3);
}

static void statistics_know_what_is_missing(void **state)
{
	double odd[] = {3, 1, 2}, hole[] = {1, NAN, 4, 2}, none[] = {NAN, NAN, 1};

	(void)state;
	near(spread_median(odd, 3), 2);
	near(spread_median(hole, 4), 3);
	assert_true(isinf(spread_median(none, 3)));
	near(spread_mean(hole, 4), 7.0 / 3);
	near(spread_geometric_mean(hole, 4), 2);
	near(spread_least(hole, 4), 1);
	near(spread_most(hole, 4), 4);
	assert_int_equal(spread_present(hole, 4), 3);
}

static void a_power_law_has_its_exponent_and_is_straight(void **state)
{
	double x[] = {0.01, 0.1, 1, 10}, y[4], bent[] = {1, 10, 10, 1};

	(void)state;
	for (int i = 0; i < 4; i++)
		y[i] = 3 * pow(x[i], -0.5);
	near(spread_slope(x, y, 4), -0.5);
	near(spread_straightness(x, y, 4), 1);
	assert_true(spread_straightness(x, bent, 4) < 0.1);
	y[1] = NAN;
	near(spread_slope(x, y, 4), -0.5);
	assert_true(isnan(spread_slope(x, y, 1)));
}

static void a_table_of_steps_becomes_arrays(void **state)
{
	char csv[] =
		"step,t_free_ns,mse_V2,v_free_V[0],v_free_V[1],v_free_V[2],target_V[0],wiper[0],wiper[1],updated[0],updated[1]\n"
		"0,1000000000,0.5,1.5,2.5,3.5,3,63,0,1,0\n"
		"10,2000000000,,1.75,2,3,3,64,127,0,1\n";
	struct series_want want = {
		.volts = true, .edges = true, .r_min_ohm = 781.25, .r_step_ohm = 781.25};
	struct series *s = calloc(1, sizeof(*s));
	FILE *file = fmemopen(csv, sizeof(csv) - 1, "r");
	char why[200];

	(void)state;
	assert_int_equal(series_parse(file, &want, s, why, sizeof(why)), 0);
	fclose(file);
	assert_int_equal(s->n, 2);
	assert_int_equal(s->n_targets, 1);
	assert_int_equal(s->n_edges, 2);
	near(s->step[1], 10);
	near(s->t_s[1], 2);
	assert_true(isnan(s->mse_V2[1]));
	near(s->v_V[1], 1.75);
	near(s->target_V[0], 3);
	near(s->r_ohm[0], 50000);
	near(s->r_ohm[3], 100000);
	assert_int_equal(s->updated[0], 1);
	assert_int_equal(s->updated[3], 1);
	assert_null(s->equilibrium_V2);
	series_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_are_measured_over_the_first),
		cmocka_unit_test(times_are_found_in_each_unit),
		cmocka_unit_test(accuracies_are_first_last_and_best),
		cmocka_unit_test(edges_move_travel_and_have_a_mean),
		cmocka_unit_test(pearson_is_that_of_two_masks),
		cmocka_unit_test(a_frequency_is_half_the_rate_of_crossings),
		cmocka_unit_test(statistics_know_what_is_missing),
		cmocka_unit_test(a_power_law_has_its_exponent_and_is_straight),
		cmocka_unit_test(a_table_of_steps_becomes_arrays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
