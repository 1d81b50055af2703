/* tests/unit/test_random.c - draws are pure, uniform, independent, and those that others publish. */
#include "config.h"

#include <stdlib.h>

#include "sim_backend/random.h"
#include "tests/check.h"

#define SEED 20221122u

/* Random123's known answers for philox2x64, 10 rounds: key and counters all zeros, all ones, digits of pi */
static void philox_gives_the_published_numbers(void **state)
{
	(void)state;
	assert_true(random_philox(0, 0, 0) == 0xca00a0459843d731u);
	assert_true(random_philox(UINT64_MAX, UINT64_MAX, UINT64_MAX) == 0x65b021d60cd8310fu);
	assert_true(random_philox(0xa4093822299f31d0u, 0x243f6a8885a308d3u, 0x13198a2e03707344u) ==
		    0x0a5e742c2997341cu);
}

static void a_draw_depends_on_all_it_is_drawn_for_and_on_nothing_else(void **state)
{
	uint64_t first = random_bits(1, RANDOM_UPDATE, 2, 3);

	(void)state;
	assert_true(random_bits(1, RANDOM_UPDATE, 2, 3) == first);
	assert_true(random_bits(2, RANDOM_UPDATE, 2, 3) != first);
	assert_true(random_bits(1, RANDOM_COMPARATOR, 2, 3) != first);
	assert_true(random_bits(1, RANDOM_UPDATE, 3, 3) != first);
	assert_true(random_bits(1, RANDOM_UPDATE, 2, 4) != first);
}

/* chi-square of 256 cells: 255 degrees of freedom, one in 1e6 is above 373 or below 158 */
static double chi_square(const unsigned *count, unsigned n)
{
	double expected = n / 256.0, sum = 0;

	for (int i = 0; i < 256; i++)
		sum += (count[i] - expected) * (count[i] - expected) / expected;
	return sum;
}

static void uniform_draws_fill_their_cells_evenly_over_steps_and_over_edges(void **state)
{
	unsigned by_step[256] = {0}, by_edge[256] = {0}, n = 1u << 18;

	(void)state;
	for (unsigned i = 0; i < n; i++) {
		double u = random_uniform(SEED, RANDOM_UPDATE, i, 0);

		assert_true(u >= 0 && u < 1);
		by_step[(int)(u * 256)]++;
		by_edge[(int)(random_uniform(SEED, RANDOM_UPDATE, 0, i) * 256)]++;
	}
	print_message("# seed %u: chi-square %.1f over steps, %.1f over edges\n", SEED,
		      chi_square(by_step, n), chi_square(by_edge, n));
	assert_close(chi_square(by_step, n), 265, 108);
	assert_close(chi_square(by_edge, n), 265, 108);
}

/* Correlation of n pairs of independent draws: rms 1 / sqrt(n); five of those are the bound. */
static void neighbouring_draws_are_not_correlated(void **state)
{
	int n = 1 << 18;
	double next_step = 0, next_edge = 0, next_stream = 0, next_seed = 0;

	(void)state;
	for (int i = 0; i < n; i++) {
		uint64_t a = (uint64_t)i;
		double x = random_normal(SEED, RANDOM_COMPARATOR, a, 5);

		next_step += x * random_normal(SEED, RANDOM_COMPARATOR, a + 1, 5);
		next_edge += x * random_normal(SEED, RANDOM_COMPARATOR, a, 6);
		next_stream += x * random_normal(SEED, RANDOM_BIAS, a, 5);
		next_seed += x * random_normal(SEED + 1, RANDOM_COMPARATOR, a, 5);
	}
	assert_close(next_step / n, 0, 5 / sqrt(n));
	assert_close(next_edge / n, 0, 5 / sqrt(n));
	assert_close(next_stream / n, 0, 5 / sqrt(n));
	assert_close(next_seed / n, 0, 5 / sqrt(n));
}

static void normal_draws_have_the_moments_and_tails_of_the_normal_distribution(void **state)
{
	int n = 1 << 20, beyond_2 = 0, beyond_4 = 0;
	double sum[5] = {0};

	(void)state;
	for (int i = 0; i < n; i++) {
		double x = random_normal(SEED, RANDOM_COMPARATOR, (uint64_t)i, 0);

		for (int k = 1; k <= 4; k++)
			sum[k] += pow(x, k);
		beyond_2 += fabs(x) > 2;
		beyond_4 += fabs(x) > 4;
	}
	/* the moments' own rms: 1, sqrt 2, sqrt 15, sqrt 96, over sqrt n */
	assert_close(sum[1] / n, 0, 5 / sqrt(n));
	assert_close(sum[2] / n, 1, 5 * sqrt(2) / sqrt(n));
	assert_close(sum[3] / n, 0, 5 * sqrt(15) / sqrt(n));
	assert_close(sum[4] / n, 3, 5 * sqrt(96) / sqrt(n));
	/* P(|x| > 2) = 0.0455003, P(|x| > 4) = 6.33425e-5 */
	assert_close(beyond_2, 0.0455003 * n, 5 * sqrt(0.0455003 * n));
	assert_close(beyond_4, 6.33425e-5 * n, 5 * sqrt(6.33425e-5 * n));
}

/* libm's error function says what share of the draws lies below each one */
static void the_normal_quantile_inverts_the_distribution_of_libm(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 100000; i++) {
		uint64_t cell = random_bits(SEED, RANDOM_COMPARATOR, i, 1) >> 12;
		double u = ((double)cell + 0.5) * 0x1p-52;
		double x = random_normal(SEED, RANDOM_COMPARATOR, i, 1);

		assert_close(0.5 * erfc(-x / M_SQRT2) / u, 1, 1e-13);
	}
}

static void below_n_is_unbiased_and_never_n(void **state)
{
	unsigned count[7] = {0}, n = 700000;

	(void)state;
	for (unsigned i = 0; i < n; i++) {
		uint64_t x = random_below(SEED, RANDOM_ORDER, i, 0, 7);

		assert_true(x < 7);
		count[x]++;
	}
	for (int i = 0; i < 7; i++)
		assert_close(count[i], n / 7.0, 5 * sqrt(n / 7.0));
	assert_true(random_below(SEED, RANDOM_ORDER, 0, 0, 1) == 0);
	/* half of all 64-bit draws are rejected at this n: the loop that draws again must end */
	assert_true(random_below(SEED, RANDOM_ORDER, 0, 0, (1ull << 63) + 1) <= 1ull << 63);
}

static void every_permutation_of_four_comes_up_equally_often(void **state)
{
	unsigned count[256] = {0}, n = 240000, kinds = 0;

	(void)state;
	for (unsigned i = 0; i < n; i++) {
		uint32_t order[4];

		random_permutation(SEED, RANDOM_ORDER, i, 4, order);
		count[order[0] + 4 * order[1] + 16 * order[2] + 64 * order[3]]++;
	}
	for (int i = 0; i < 256; i++) {
		if (!count[i])
			continue;
		kinds++;
		assert_close(count[i], n / 24.0, 5 * sqrt(n / 24.0));
	}
	assert_int_equal(kinds, 24);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(philox_gives_the_published_numbers),
		cmocka_unit_test(a_draw_depends_on_all_it_is_drawn_for_and_on_nothing_else),
		cmocka_unit_test(uniform_draws_fill_their_cells_evenly_over_steps_and_over_edges),
		cmocka_unit_test(neighbouring_draws_are_not_correlated),
		cmocka_unit_test(
			normal_draws_have_the_moments_and_tails_of_the_normal_distribution),
		cmocka_unit_test(the_normal_quantile_inverts_the_distribution_of_libm),
		cmocka_unit_test(below_n_is_unbiased_and_never_n),
		cmocka_unit_test(every_permutation_of_four_comes_up_equally_often),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
