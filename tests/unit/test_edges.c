/* tests/unit/test_edges.c - the boards' rule: truth tables, ties, stops, biases, and who updates how often. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/rig.h"
#include "sim_backend/edges.h"
#include "sim_backend/random.h"
#include "tests/check.h"

#define SEED 3u
#define N    64 /* edges 2j - 2j+1, so that every drop can be chosen */

struct bench {
	struct edges *edges;
	double free_V[2 * N], change_V[2 * N];
	uint8_t up[N], updated[N];
};

static struct bench *bench_new(const struct sim_config *sim)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct rig_config config = {.edge = {128, 781.25, 781.25, 63}, .sim = *sim};
	uint32_t ends[N][2];
	struct network_error err;

	for (uint32_t j = 0; j < N; j++) {
		ends[j][0] = 2 * j;
		ends[j][1] = 2 * j + 1;
	}
	assert_ok(network_from_edges((const uint32_t(*)[2])ends, N, &config.network, &err));
	assert_ok(edges_new(&config, &b->edges));
	network_free(config.network);
	return b;
}

static void bench_free(struct bench *b)
{
	edges_free(b->edges);
	free(b);
}

static void set_drops(struct bench *b, size_t edge, double free_V, double clamped_V)
{
	b->free_V[2 * edge] = free_V;
	b->change_V[2 * edge] = clamped_V - free_V;
}

static void tick(struct bench *b, uint64_t step)
{
	struct rig_error err;
	const struct edges_draw draw = {.seed = SEED, .step = step};

	assert_ok(edges_tick(b->edges, b->free_V, b->change_V, &draw, &err));
	for (int j = 0; j < N; j++) {
		b->up[j] = edges_raised(b->edges)[j / 8] >> j % 8 & 1;
		b->updated[j] = edges_updated(b->edges)[j / 8] >> j % 8 & 1;
	}
}

/* Worked by hand from PHYSICS, equations 4 and 5.  Columns: free drop, clamped drop, up or not by eq10, by xor
 * with the sum in B, by xor with the clamped drop in B. */
static const struct {
	double free_V, clamped_V;
	uint8_t eq10, xor, xor_clamped;
} truth[] = {
	{1, 2, 1, 1, 1},
	{2, 1, 0, 0, 0},
	{-1, -2, 1, 1, 1},
	{-2, -1, 0, 0, 0},
	{1, -2, 1, 1, 1},
	{2, -1, 0, 0, 1},
	{-1, 2, 1, 1, 1},
	{-2, 1, 0, 0, 1},
	{0, 1, 1, 1, 1},
	{1, 0, 0, 0, 1},
	{0, -1, 1, 1, 1},
	{-1, 0, 0, 0, 0},
	{1, 1 + 1e-12, 1, 1, 1},
	{1, 1 - 1e-12, 0, 0, 0},
	/* ties of eq10 go down; the circuit's A is false at a tie, so it follows B */
	{1, 1, 0, 0, 0},
	{0, 0, 0, 1, 1},
	{-1, -1, 0, 1, 1},
};

static void check_truth(enum sim_comparator comparator)
{
	struct bench *b = bench_new(&(struct sim_config){.comparator = comparator});
	size_t n = sizeof(truth) / sizeof(truth[0]);

	for (size_t i = 0; i < n; i++)
		set_drops(b, i, truth[i].free_V, truth[i].clamped_V);
	tick(b, 0);
	for (size_t i = 0; i < n; i++) {
		uint8_t want[] = {truth[i].eq10, truth[i].xor, truth[i].xor_clamped};

		if (b->up[i] != want[comparator])
			fail_msg("rule %d: free %g V, clamped %g V went %s", (int)comparator,
				 truth[i].free_V, truth[i].clamped_V, b->up[i] ? "up" : "down");
		assert_int_equal(edges_wiper(b->edges)[i], b->up[i] ? 64 : 62);
	}
	bench_free(b);
}

static void equation_10_follows_its_truth_table(void **state)
{
	(void)state;
	check_truth(SIM_EQ10);
}

static void the_xor_circuit_follows_its_truth_table(void **state)
{
	(void)state;
	check_truth(SIM_XOR);
}

static void the_xor_circuit_of_equal_signs_follows_its_truth_table(void **state)
{
	(void)state;
	check_truth(SIM_XOR_CLAMPED);
}

static void random_drops(struct bench *b, uint64_t trial, double nudge)
{
	for (size_t j = 0; j < N; j++) {
		double free_V = random_normal(SEED, RANDOM_GENERATE, trial, j);
		set_drops(b, j, free_V,
			  free_V + nudge * random_normal(SEED, RANDOM_GENERATE, trial, N + j));
	}
}

static void xor_equals_equation_10_for_any_signs_without_bias(void **state)
{
	struct bench * xor = bench_new(&(struct sim_config){.comparator = SIM_XOR});
	struct bench *eq10 = bench_new(&(struct sim_config){.comparator = SIM_EQ10});
	unsigned ups = 0;

	(void)state;
	for (uint64_t trial = 0; trial < 3000; trial++) {
		double nudge = pow(10, -(double)(trial % 7));

		random_drops(xor, trial, nudge);
		random_drops(eq10, trial, nudge);
		tick(xor, trial);
		tick(eq10, trial);
		for (int j = 0; j < N; j++)
			ups += xor->up[j];
		if (memcmp(xor->up, eq10->up, N))
			fail_msg("seed %u, trial %lu differs", SEED, (unsigned long)trial);
	}
	assert_true(ups > 3000 * N * 0.4 && ups < 3000 * N * 0.6);
	bench_free(xor);
	bench_free(eq10);
}

/* A fixed bias of 20 mV against clamped drops 10 mV smaller: eq10 always goes up; the xor circuit goes up on
 * positive drops and down on negative ones.  Against ones 30 mV smaller both go down on positive drops. */
static void a_bias_pushes_equation_10_up_and_the_circuit_by_the_sign_of_the_drop(void **state)
{
	static const double bias[] = {0.02, 0.02};
	static const struct {
		double free_V, clamped_V;
		uint8_t eq10, xor;
	} want[] = {{1, 0.99, 1, 1},   {1, 0.97, 0, 0},   {-1, -0.99, 1, 0},
		    {-1, -1.01, 1, 0}, {-1, -1.03, 1, 1}, {0, 0, 1, 0}};

	(void)state;
	for (int k = 0; k < 2; k++) {
		struct sim_config sim = {.comparator = k ? SIM_XOR : SIM_EQ10,
					 .bias_V = {bias[0], bias[1]}};
		struct bench *b = bench_new(&sim);

		for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
			set_drops(b, i, want[i].free_V, want[i].clamped_V);
		tick(b, 0);
		for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
			if (b->up[i] != (k ? want[i].xor : want[i].eq10))
				fail_msg("%s: free %g V, clamped %g V went %s", k ? "xor" : "eq10",
					 want[i].free_V, want[i].clamped_V,
					 b->up[i] ? "up" : "down");
		bench_free(b);
	}
}

/* sigma uniform on [0, 40 mV] against a clamped drop 10 mV smaller: up with probability 3/4 */
static void a_bias_is_drawn_anew_each_time_or_once_for_each_edge(void **state)
{
	struct sim_config sim = {.bias_V = {0, 0.04}, .drawn = SIM_DRAWN_EACH};
	int n_ticks = 2000, ups = 0, changed = 0;

	(void)state;
	for (int each = 1; each >= 0; each--) {
		struct bench *b;
		uint8_t first[N];

		sim.drawn = each ? SIM_DRAWN_EACH : SIM_DRAWN_EDGE;
		b = bench_new(&sim);
		for (size_t j = 0; j < N; j++)
			set_drops(b, j, 1, 0.99);
		ups = changed = 0;
		for (int i = 0; i < n_ticks; i++) {
			tick(b, (uint64_t)i);
			if (i == 0)
				memcpy(first, b->up, N);
			for (int j = 0; j < N; j++) {
				ups += b->up[j];
				changed += b->up[j] != first[j];
			}
		}
		if (each) {
			double n = (double)n_ticks * N;
			assert_close(ups / n, 0.75, 5 * sqrt(0.75 * 0.25 / n));
		} else {
			assert_int_equal(changed, 0);
			assert_close(ups / (double)n_ticks, 0.75 * N, 5 * sqrt(0.1875 * N));
		}
		bench_free(b);
	}
}

/* Noise of 3 mV against a clamped drop 3 mV smaller: up with probability 1 - Phi(1) = 0.158655 */
static void comparator_noise_is_gaussian_and_added_to_the_bias(void **state)
{
	struct bench *b = bench_new(&(struct sim_config){.comparator_noise_V = 0.003});
	double n = 4000.0 * N;
	int ups = 0;

	(void)state;
	for (size_t j = 0; j < N; j++)
		set_drops(b, j, 1, 0.997);
	for (uint64_t i = 0; i < 4000; i++) {
		tick(b, i);
		for (int j = 0; j < N; j++)
			ups += b->up[j];
	}
	assert_close(ups / n, 0.158655, 5 * sqrt(0.158655 * 0.841345 / n));
	bench_free(b);
}

static void wipers_stop_at_0_and_at_the_last_tap(void **state)
{
	struct bench *b = bench_new(&(struct sim_config){0});

	(void)state;
	for (size_t j = 0; j < N; j++)
		set_drops(b, j, 1, j % 2 ? 1.1 : 0.9);
	for (uint64_t i = 0; i < 200; i++)
		tick(b, i);
	for (size_t j = 0; j < N; j++) {
		assert_int_equal(edges_wiper(b->edges)[j], j % 2 ? 127 : 0);
		assert_int_equal(b->updated[j], 1);
		assert_close(1 / edges_free_g(b->edges)[j], j % 2 ? 100e3 : 781.25, 1e-9);
	}
	assert_ptr_equal(edges_free_g(b->edges), edges_clamped_g(b->edges));
	bench_free(b);
}

/* 99.999 % of Wilson's interval: z = 4.417 */
static void assert_wilson(unsigned k, double n, double p)
{
	double z = 4.417, share = k / n, middle = (share + z * z / (2 * n)) / (1 + z * z / n);
	double half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n));

	if (p < middle - half || p > middle + half)
		fail_msg("%u of %.0f: %g to %g does not hold p = %g", k, n, middle - half,
			 middle + half, p);
}

static void each_edge_updates_with_probability_p_and_apart_from_the_others(void **state)
{
	static const double ps[] = {0.1, 0.5, 0.9};
	unsigned n_ticks = 20000;

	(void)state;
	for (int k = 0; k < 3; k++) {
		struct bench *b = bench_new(&(struct sim_config){0});
		unsigned all = 0, of_edge[N] = {0}, with_next = 0;

		edges_set_update(b->edges, ps[k], NAN);
		for (unsigned i = 0; i < n_ticks; i++) {
			tick(b, i);
			for (int j = 0; j < N; j++) {
				all += b->updated[j];
				of_edge[j] += b->updated[j];
				with_next += b->updated[j] && b->updated[(j + 1) % N];
			}
		}
		assert_wilson(all, (double)n_ticks * N, ps[k]);
		assert_wilson(with_next, (double)n_ticks * N, ps[k] * ps[k]);
		for (int j = 0; j < N; j++)
			assert_wilson(of_edge[j], n_ticks, ps[k]);
		bench_free(b);
	}
}

static void at_p_1_all_update_and_at_p_0_none(void **state)
{
	struct bench *b = bench_new(&(struct sim_config){0});

	(void)state;
	for (uint64_t i = 0; i < 50; i++) {
		edges_set_update(b->edges, i % 2 ? 1 : 0, NAN);
		tick(b, i);
		for (int j = 0; j < N; j++)
			assert_int_equal(b->updated[j], i % 2);
	}
	bench_free(b);
}

static void edges_on_hold_cut_or_floating_sit_out(void **state)
{
	struct bench *b = bench_new(&(struct sim_config){0});
	static const uint32_t floating[] = {6, 7};

	(void)state;
	edges_set_mode(b->edges, 1, RIG_HOLD);
	edges_set_mode(b->edges, 2, RIG_CUT);
	edges_set_floating(b->edges, floating, 2);
	set_drops(b, 3, NAN, NAN);
	tick(b, 0);
	for (int j = 0; j < N; j++) {
		assert_int_equal(b->updated[j], j < 1 || j > 3);
		assert_int_equal(edges_wiper(b->edges)[j], j < 1 || j > 3 ? 62 : 63);
		assert_int_equal(edges_cut(b->edges)[j], j == 2);
	}
	edges_set_mode(b->edges, 1, RIG_LEARN);
	edges_set_floating(b->edges, NULL, 0);
	tick(b, 1);
	assert_true(b->updated[1] && !b->updated[2] && b->updated[3]);
	bench_free(b);
}

static void tolerances_spread_r_and_mismatch_parts_the_twins(void **state)
{
	struct bench *b =
		bench_new(&(struct sim_config){.r_tolerance = 0.05, .twin_mismatch = 0.01});
	double sum = 0, sum_twin = 0;

	(void)state;
	for (size_t j = 0; j < N; j++) {
		double g = edges_free_g(b->edges)[j], twin = edges_clamped_g(b->edges)[j];

		sum += pow(1 / g / 50e3 - 1, 2);
		sum_twin += pow(g / twin - 1, 2);
	}
	/* the rms of N draws is itself uncertain by 1 / sqrt(2 N) */
	assert_close(sqrt(sum / N), 0.05, 0.05 * 4 / sqrt(2 * N));
	assert_close(sqrt(sum_twin / N), 0.01, 0.01 * 4 / sqrt(2 * N));
	bench_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equation_10_follows_its_truth_table),
		cmocka_unit_test(the_xor_circuit_follows_its_truth_table),
		cmocka_unit_test(the_xor_circuit_of_equal_signs_follows_its_truth_table),
		cmocka_unit_test(xor_equals_equation_10_for_any_signs_without_bias),
		cmocka_unit_test(
			a_bias_pushes_equation_10_up_and_the_circuit_by_the_sign_of_the_drop),
		cmocka_unit_test(a_bias_is_drawn_anew_each_time_or_once_for_each_edge),
		cmocka_unit_test(comparator_noise_is_gaussian_and_added_to_the_bias),
		cmocka_unit_test(wipers_stop_at_0_and_at_the_last_tap),
		cmocka_unit_test(each_edge_updates_with_probability_p_and_apart_from_the_others),
		cmocka_unit_test(at_p_1_all_update_and_at_p_0_none),
		cmocka_unit_test(edges_on_hold_cut_or_floating_sit_out),
		cmocka_unit_test(tolerances_spread_r_and_mismatch_parts_the_twins),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
