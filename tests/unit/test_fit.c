/* tests/unit/test_fit.c - the calibrations' fits against data whose truth is known. */
#include "config.h"

#include <errno.h>
#include <math.h>

#include "daemon/fit.h"
#include "sim_backend/random.h"
#include "tests/check.h"

#define SEEDS 200

static double normal(uint64_t seed, uint64_t a, uint64_t b)
{
	return random_normal(seed, RANDOM_GENERATE, a, b);
}

/* Table of Newcombe (1998), Statistics in Medicine 17, 857: method 3. */
static void wilson_intervals_are_those_of_the_literature(void **state)
{
	static const struct {
		uint64_t hits, n;
		double low, high;
	} known[] = {{81, 263, 0.2553, 0.3662},
		     {15, 148, 0.0624, 0.1605},
		     {0, 20, 0, 0.1611},
		     {1, 29, 0.0061, 0.1718},
		     {0, 0, 0, 1}};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		double low, high;

		fit_wilson(known[i].hits, known[i].n, &low, &high);
		assert_true(fabs(low - known[i].low) < 6e-5);
		assert_true(fabs(high - known[i].high) < 6e-5);
	}
}

static void wilson_intervals_cover_the_truth(void **state)
{
	unsigned covered = 0, asked = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		for (int k = 1; k < 10; k++) {
			uint64_t hits = 0;
			double low, high, p = k / 10.0;

			for (uint64_t i = 0; i < 400; i++)
				hits += random_uniform(seed, RANDOM_GENERATE, (uint64_t)k, i) < p;
			fit_wilson(hits, 400, &low, &high);
			covered += low <= p && p <= high;
			asked++;
		}
	/* 95 % of 1800: 1710 +- 9.2 */
	assert_in_range(covered, 1710 - 46, 1710 + 46);
	assert_int_equal(asked, 1800);
}

static void violators_are_pooled(void **state)
{
	double y[] = {1, 3, 2, 4, 3.5, 5}, same[] = {1, 1, 1, 1, 1, 1};
	double falling[] = {0.9, 1.0, 0.4, 0.5, 0}, weight[] = {1, 3, 1, 1, 1};
	static const double want[] = {1, 2.5, 2.5, 3.75, 3.75, 5};
	static const double want_falling[] = {0.975, 0.975, 0.45, 0.45, 0};

	(void)state;
	assert_int_equal(fit_isotonic(y, same, 6, 0), 0);
	assert_int_equal(fit_isotonic(falling, weight, 5, 1), 0);
	for (int i = 0; i < 6; i++)
		assert_true(fabs(y[i] - want[i]) < 1e-12);
	for (int i = 0; i < 5; i++)
		assert_true(fabs(falling[i] - want_falling[i]) < 1e-12);
}

static void a_line_comes_with_honest_errors(void **state)
{
	unsigned gain_in = 0, offset_in = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct fit_line line;
		double x[11], y[11];

		for (uint64_t i = 0; i < 11; i++) {
			x[i] = 0.5 * (double)i;
			y[i] = 1.01 * x[i] - 0.02 + 0.001 * normal(seed, 1, i);
		}
		assert_int_equal(fit_line(x, y, 11, &line), 0);
		gain_in += fabs(line.gain - 1.01) < 2.262 * line.gain_error; /* t, 9 degrees */
		offset_in += fabs(line.offset + 0.02) < 2.262 * line.offset_error;
	}
	assert_in_range(gain_in, 177, 200); /* 190 +- 3.1 */
	assert_in_range(offset_in, 177, 200);
}

static void a_line_through_one_place_is_refused(void **state)
{
	double x[] = {1, 1, 1}, y[] = {1, 2, 3};
	struct fit_line line;

	(void)state;
	assert_int_equal(fit_line(x, y, 3, &line), -EDOM);
	assert_int_equal(fit_line(x, y, 1, &line), -EDOM);
}

static void make_transient(uint64_t seed, double rate, double noise, double *t, double *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		t[i] = 0.02 / rate * pow(400, (double)i / (double)(n - 1));
		v[i] = 2.5 - 0.8 * exp(-rate * t[i]) + noise * normal(seed, 2, i);
	}
}

static void relaxation_rates_are_found_with_their_errors(void **state)
{
	static const double rates[] = {0.009, 1.3, 45, 4545};
	unsigned covered = 0, asked = 0;
	double t[40], v[40];

	(void)state;
	for (size_t k = 0; k < 4; k++)
		for (uint64_t seed = 1; seed <= SEEDS; seed++) {
			struct fit_exponential fit;

			make_transient(seed + 1000 * k, rates[k], 0.004, t, v, 40);
			assert_int_equal(fit_exponential(t, v, 40, &fit), 0);
			covered += fabs(fit.rate - rates[k]) < 2.026 * fit.rate_error; /* t, 37 */
			asked++;
			assert_true(fabs(fit.rate / rates[k] - 1) < 0.15);
			assert_true(fabs(fit.v_inf - 2.5) < 0.01);
		}
	assert_int_equal(asked, 800);
	assert_in_range(covered, 760 - 36,
			760 + 30); /* 760 +- 6.2; the curve is not quite linear */
}

static void an_exact_relaxation_is_found_exactly(void **state)
{
	struct fit_exponential fit;
	double t[40], v[40];

	(void)state;
	make_transient(1, 12.5, 0, t, v, 40);
	assert_int_equal(fit_exponential(t, v, 40, &fit), 0);
	assert_true(fabs(fit.rate - 12.5) < 1e-5);
	assert_true(fabs(fit.amplitude + 0.8) < 1e-6);
}

static void what_does_not_relax_has_no_rate(void **state)
{
	struct fit_exponential fit;
	double t[40], v[40];
	unsigned refused = 0;

	(void)state;
	make_transient(1, 12.5, 0, t, v, 40);
	for (int i = 0; i < 40; i++)
		v[i] = 2.5;
	assert_int_equal(fit_exponential(t, v, 40, &fit), -EDOM);
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		for (uint64_t i = 0; i < 40; i++)
			v[i] = 2.5 + 0.004 * normal(seed, 3, i);
		refused += fit_exponential(t, v, 40, &fit) == -EDOM;
	}
	assert_in_range(refused, 192, 200); /* noise alone */
	assert_int_equal(fit_exponential(t, v, 4, &fit), -EDOM);
}

#define POINTS 41

static void decide(uint64_t seed, double bias, double noise, const double *x, uint32_t *ups,
		   uint32_t *n)
{
	for (uint64_t i = 0; i < POINTS; i++) {
		n[i] = 20;
		ups[i] = 0;
		for (uint64_t j = 0; j < n[i]; j++)
			ups[i] += x[i] + bias + noise * normal(seed, 10 + i, j) > 0;
	}
}

static void comparators_are_found_with_their_errors(void **state)
{
	static const double truth[][2] = {{0.012, 0.003}, {-0.02, 0.006}, {0, 0.01}};
	unsigned bias_in = 0, noise_in = 0, asked = 0;
	uint32_t ups[POINTS], n[POINTS];
	double x[POINTS];

	(void)state;
	for (int i = 0; i < POINTS; i++)
		x[i] = -0.05 + 0.1 * i / (POINTS - 1);
	for (size_t k = 0; k < 3; k++)
		for (uint64_t seed = 1; seed <= SEEDS; seed++) {
			struct fit_comparator fit;

			decide(seed + 1000 * k, truth[k][0], truth[k][1], x, ups, n);
			assert_int_equal(fit_comparator(x, ups, n, POINTS, &fit), 0);
			bias_in += fabs(fit.bias - truth[k][0]) < 1.96 * fit.bias_error;
			noise_in += fabs(fit.noise - truth[k][1]) < 1.96 * fit.noise_error;
			asked++;
			assert_true(fabs(fit.bias - truth[k][0]) < 0.7 * truth[k][1]);
		}
	assert_int_equal(asked, 600);
	assert_in_range(bias_in, 570 - 27, 600);  /* 570 +- 5.3 */
	assert_in_range(noise_in, 570 - 45, 600); /* the errors are for many decisions */
}

static void a_comparator_that_never_changes_its_mind_is_unknown(void **state)
{
	uint32_t ups[POINTS] = {0}, n[POINTS];
	struct fit_comparator fit;
	double x[POINTS];

	(void)state;
	for (int i = 0; i < POINTS; i++) {
		x[i] = -0.05 + 0.1 * i / (POINTS - 1);
		n[i] = 20;
	}
	assert_int_equal(fit_comparator(x, ups, n, POINTS, &fit), -EDOM); /* never up */
	for (int i = 21; i < POINTS; i++)
		ups[i] = n[i]; /* a threshold without a trace of noise */
	assert_int_equal(fit_comparator(x, ups, n, POINTS, &fit), -EDOM);
	for (int i = 0; i < POINTS; i++)
		ups[i] = 10 + (uint32_t)(i % 2); /* a coin */
	assert_int_equal(fit_comparator(x, ups, n, POINTS, &fit), -EDOM);
	for (int i = 0; i < POINTS; i++)
		ups[i] = x[i] > 0 ? 1 : 19; /* the wrong way round */
	assert_int_equal(fit_comparator(x, ups, n, POINTS, &fit), -EDOM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wilson_intervals_are_those_of_the_literature),
		cmocka_unit_test(wilson_intervals_cover_the_truth),
		cmocka_unit_test(violators_are_pooled),
		cmocka_unit_test(a_line_comes_with_honest_errors),
		cmocka_unit_test(a_line_through_one_place_is_refused),
		cmocka_unit_test(relaxation_rates_are_found_with_their_errors),
		cmocka_unit_test(an_exact_relaxation_is_found_exactly),
		cmocka_unit_test(what_does_not_relax_has_no_rate),
		cmocka_unit_test(comparators_are_found_with_their_errors),
		cmocka_unit_test(a_comparator_that_never_changes_its_mind_is_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
