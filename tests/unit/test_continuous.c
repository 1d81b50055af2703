/* tests/unit/test_continuous.c - the continuous rule and batches against a dense reference, and how it is refused. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/rig.h"
#include "sim_backend/edges.h"
#include "sim_backend/random.h"
#include "tests/check.h"
#include "tests/unit/dense.h"

#define SEED  11u
#define N     143
#define NODES 64
#define MOST  5 /* examples */

static const uint32_t sources[] = {0, 20, 41}, targets[] = {11, 33};

struct bench {
	struct rig *rig;
	const struct network *net;
	double source_V[MOST][3], target_V[MOST][2];
	/* the last step's record */
	double free_V[2], clamped_V[2], target_free_V[2], clamp_V[2], r_ohm[N], mse_V2[MOST];
	uint8_t wiper[N], updated[(N + 7) / 8], raised[(N + 7) / 8];
};

static int try_open(struct bench *b, const struct sim_config *sim, struct rig_error *err)
{
	struct rig_config config = {
		.name = "continuous",
		.backend = "sim",
		.edge = {128, 781.25, 781.25, 63},
		.limits = {0, 5, INFINITY, INFINITY, INFINITY, INFINITY, 0.01, ""},
		.sim = *sim};
	struct network_error why;
	int r;

	assert_ok(network_shipped("own_64_143", &config.network, &why));
	r = rig_open(&config, &b->rig, err);
	network_free(config.network);
	return r;
}

static struct bench *bench_new(struct sim_config sim)
{
	struct bench *b = calloc(1, sizeof(*b));
	const struct rig_session session = {sources, 3, targets, 2, targets, 2, SEED, 0};
	struct rig_error err;

	if (try_open(b, &sim, &err) < 0)
		fail_msg("%s", err.text);
	assert_ok(rig_begin(b->rig, &session));
	b->net = rig_info(b->rig)->network;
	for (unsigned i = 0; i < MOST; i++)
		for (unsigned k = 0; k < 3; k++) {
			b->source_V[i][k] = 5 * random_uniform(SEED, RANDOM_GENERATE, i, k);
			if (k < 2)
				b->target_V[i][k] =
					1 + 3 * random_uniform(SEED, RANDOM_GENERATE, i, 10 + k);
		}
	return b;
}

static void bench_free(struct bench *b)
{
	rig_close(b->rig);
	free(b);
}

static struct sim_config continuous(double learning_rate)
{
	return (struct sim_config){.rule = SIM_CONTINUOUS,
				   .learning_rate = learning_rate,
				   .r_bounds_ohm = {NAN, NAN},
				   .r_initial_ohm = NAN};
}

static int step(struct bench *b, uint64_t step, size_t n_examples, double eta)
{
	const struct rig_request request = {.step = step,
					    .n_examples = n_examples,
					    .source_V = b->source_V[0],
					    .target_V = b->target_V[0],
					    .eta = eta,
					    .ticks = 1,
					    .clamp = true};
	struct rig_record record = {.free_V = b->free_V,
				    .clamped_V = b->clamped_V,
				    .target_free_V = b->target_free_V,
				    .clamp_V = b->clamp_V,
				    .wiper = b->wiper,
				    .updated = b->updated,
				    .raised = b->raised,
				    .r_ohm = b->r_ohm,
				    .batch_mse_V2 = b->mse_V2};

	return rig_step(b->rig, &request, &record);
}

/* ---- the reference: two dense solves an example ---- */

/* Drops of both states; the mean square of V_D - V_F. */
static double dense_drops(const struct bench *b, size_t example, const double *r_ohm, double eta,
			  double *free_V, double *clamped_V)
{
	double g[N], v[NODES] = {0}, c[NODES] = {0}, sum = 0;
	char held[NODES] = {0};

	for (size_t j = 0; j < N; j++)
		g[j] = 1 / r_ohm[j];
	for (int i = 0; i < 3; i++) {
		held[sources[i]] = 1;
		v[sources[i]] = c[sources[i]] = b->source_V[example][i];
	}
	assert_int_equal(dense_solve(b->net, g, held, v), 0);
	for (int i = 0; i < 2; i++) {
		double off = b->target_V[example][i] - v[targets[i]];

		held[targets[i]] = 1;
		c[targets[i]] = v[targets[i]] + eta * off;
		sum += off * off / 2;
	}
	assert_int_equal(dense_solve(b->net, g, held, c), 0);
	for (size_t j = 0; j < N; j++) {
		free_V[j] = v[b->net->a[j]] - v[b->net->b[j]];
		clamped_V[j] = c[b->net->a[j]] - c[b->net->b[j]];
	}
	return sum;
}

/* gamma / R^2 sum (dV_C^2 - dV_F^2) */
static void dense_step(const struct bench *b, size_t n_examples, double rate, double eta,
		       double *r_ohm, double *mse_V2)
{
	double sum[N] = {0}, free_V[N], clamped_V[N];

	for (size_t i = 0; i < n_examples; i++) {
		mse_V2[i] = dense_drops(b, i, r_ohm, eta, free_V, clamped_V);
		for (size_t j = 0; j < N; j++)
			sum[j] += clamped_V[j] * clamped_V[j] - free_V[j] * free_V[j];
	}
	for (size_t j = 0; j < N; j++)
		r_ohm[j] =
			fmin(fmax(r_ohm[j] + rate / (r_ohm[j] * r_ohm[j]) * sum[j], 781.25), 1e5);
}

static void follow(size_t n_examples, double rate)
{
	struct bench *b = bench_new(continuous(rate));
	double want_ohm[N], want_V2[MOST], first_V2 = 0, moved = 0;

	for (size_t j = 0; j < N; j++)
		want_ohm[j] = 50e3;
	for (uint64_t i = 0; i < 200; i++) {
		dense_step(b, n_examples, rate, 0.2, want_ohm, want_V2);
		assert_ok(step(b, i, n_examples, 0.2));
		for (size_t k = 0; k < n_examples; k++)
			assert_close(b->mse_V2[k], want_V2[k], 1e-10);
		for (size_t j = 0; j < N; j++) {
			assert_close(b->r_ohm[j], want_ohm[j], 1e-9 * want_ohm[j]);
			moved = fmax(moved, fabs(want_ohm[j] / 50e3 - 1));
			assert_int_equal(b->wiper[j], 0);
		}
		for (size_t k = 0; i == 0 && k < n_examples; k++)
			first_V2 += want_V2[k];
	}
	for (size_t k = 0; k < n_examples; k++)
		first_V2 -= want_V2[k];
	assert_true(moved > 0.1); /* it was no idle walk, and it learnt */
	assert_true(first_V2 > 0);
	bench_free(b);
}

static void one_example_follows_equation_3_of_a_dense_reference(void **state)
{
	(void)state;
	follow(1, 4e12);
}

static void a_batch_follows_the_sum_of_its_examples(void **state)
{
	(void)state;
	follow(MOST, 3e12);
}

/* One output: as eta -> 0 the step is minus the gradient of its squared error, up to one factor for all edges.  The
 * gradient by central differences of dense solves. */
static void small_nudges_go_down_the_gradient(void **state)
{
	struct sim_config sim = continuous(1e14);
	const struct rig_session session = {sources, 3, targets, 1, targets, 1, SEED, 0};
	struct bench *b = bench_new(sim);
	double r_ohm[N], gradient[N], cosine, sum[3] = {0};

	(void)state;
	assert_ok(rig_begin(b->rig, &session));
	for (size_t j = 0; j < N; j++)
		r_ohm[j] = 2e4 + 6e4 * random_uniform(SEED, RANDOM_INITIAL, j, 0);
	assert_ok(rig_write_resistances(b->rig, r_ohm, N));
	for (size_t j = 0; j < N; j++) {
		double keep = r_ohm[j], off[2];

		for (int k = 0; k < 2; k++) {
			double v[NODES] = {0}, g[N];
			char held[NODES] = {0};

			r_ohm[j] = keep * (k ? 1 - 1e-5 : 1 + 1e-5);
			for (size_t i = 0; i < N; i++)
				g[i] = 1 / r_ohm[i];
			for (int i = 0; i < 3; i++) {
				held[sources[i]] = 1;
				v[sources[i]] = b->source_V[0][i];
			}
			assert_int_equal(dense_solve(b->net, g, held, v), 0);
			off[k] = pow(b->target_V[0][0] - v[targets[0]], 2);
		}
		r_ohm[j] = keep;
		gradient[j] = (off[0] - off[1]) / (2e-5 * keep);
	}
	assert_ok(step(b, 0, 1, 1e-3));
	for (size_t j = 0; j < N; j++) {
		double move = b->r_ohm[j] - r_ohm[j];

		sum[0] += move * gradient[j];
		sum[1] += move * move;
		sum[2] += gradient[j] * gradient[j];
	}
	cosine = sum[0] / sqrt(sum[1] * sum[2]);
	print_message("# cosine of step and gradient: %.9f\n", cosine);
	assert_true(cosine < -0.99999);
	bench_free(b);
}

/* Steps of eta = 1e-9 still have 6 digits: 1e9 times the step of 1e-9 equals 1e6 times that of 1e-6. */
static void a_tiny_nudge_keeps_its_digits(void **state)
{
	struct bench *a = bench_new(continuous(1e17)), *b = bench_new(continuous(1e20));

	(void)state;
	assert_ok(step(a, 0, 1, 1e-6));
	assert_ok(step(b, 0, 1, 1e-9));
	for (size_t j = 0; j < N; j++)
		assert_close(b->r_ohm[j] - 50e3, a->r_ohm[j] - 50e3,
			     1e-4 * fabs(a->r_ohm[j] - 50e3) + 1e-6);
	bench_free(a);
	bench_free(b);
}

/* ---- the stops, the starts and the refusals ---- */

static void r_starts_as_stated_and_stops_at_its_bounds(void **state)
{
	struct sim_config sim = continuous(1e13);
	double least = INFINITY, most = 0;
	struct bench *b;

	(void)state;
	sim.r_bounds_ohm[0] = 45e3;
	sim.r_bounds_ohm[1] = 52e3;
	sim.r_initial_ohm = 48e3;
	b = bench_new(sim);
	assert_true(rig_info(b->rig)->continuous && rig_info(b->rig)->batches);
	assert_ok(rig_read_edges(b->rig, &(struct rig_edges){.r_ohm = b->r_ohm}));
	for (size_t j = 0; j < N; j++)
		assert_close(b->r_ohm[j], 48e3, 0);
	for (uint64_t i = 0; i < 300; i++)
		assert_ok(step(b, i, MOST, 0.5));
	for (size_t j = 0; j < N; j++) {
		least = fmin(least, b->r_ohm[j]);
		most = fmax(most, b->r_ohm[j]);
	}
	assert_close(least, 45e3, 0);
	assert_close(most, 52e3, 0);
	assert_ok(rig_home(b->rig));
	assert_ok(rig_read_edges(b->rig, &(struct rig_edges){.r_ohm = b->r_ohm}));
	assert_close(b->r_ohm[7], 48e3, 0);
	bench_free(b);
}

static void assert_says(const struct bench *b, int got, int want, const char *words)
{
	if (got != want || !strstr(rig_error(b->rig)->text, words))
		fail_msg("%d, \"%s\"; wanted %d, \"%s\"", got, rig_error(b->rig)->text, want,
			 words);
}

static void an_unstable_rate_is_refused_with_a_better_one_and_moves_nothing(void **state)
{
	struct bench *b = bench_new(continuous(1e18));
	const char *advice;
	double rate, before[N];

	(void)state;
	for (size_t j = 0; j < N; j++)
		before[j] = 50e3;
	assert_says(b, step(b, 0, 1, 0.5), -EDOM,
		    "learning_rate 1e+18 is unstable here; try below");
	assert_says(b, -EDOM, -EDOM, "the continuous rule would move R = 50000 ohm by ");
	assert_true(rig_error(b->rig)->edge >= 0);
	assert_ok(rig_read_edges(b->rig, &(struct rig_edges){.r_ohm = b->r_ohm}));
	assert_memory_equal(b->r_ohm, before, sizeof(before));
	/* the advice is good, and 1.2 times as much is not */
	advice = strstr(rig_error(b->rig)->text, "try below ");
	rate = strtod(advice + strlen("try below "), NULL);
	bench_free(b);
	b = bench_new(continuous(rate));
	assert_ok(step(b, 0, 1, 0.5));
	bench_free(b);
	b = bench_new(continuous(1.2 * rate));
	assert_int_equal(step(b, 0, 1, 0.5), -EDOM);
	/* who sits out cannot be unstable */
	assert_ok(rig_set_update(b->rig, 0, NAN));
	assert_ok(step(b, 1, 1, 0.5));
	bench_free(b);
	b = bench_new(continuous(1e308));
	assert_says(b, step(b, 0, MOST, 1), -EDOM, "unstable here; try");
	bench_free(b);
}

static void a_rig_of_any_r_refuses_taps_and_r_out_of_range(void **state)
{
	struct bench *b = bench_new(continuous(1e13));
	double r_ohm[N];

	(void)state;
	for (size_t j = 0; j < N; j++)
		r_ohm[j] = 1000.0 * (double)(j % 90 + 1);
	assert_says(b, rig_write_edges(b->rig, b->wiper, N), -ENOTSUP, "no taps");
	assert_ok(rig_write_resistances(b->rig, r_ohm, N));
	r_ohm[8] = 1e5 + 1;
	assert_says(b, rig_write_resistances(b->rig, r_ohm, N), -ERANGE, "edge 8: 100001 ohm");
	r_ohm[8] = -4;
	assert_says(b, rig_write_resistances(b->rig, r_ohm, N), -EINVAL, "edge 8: -4 ohm");
	assert_ok(rig_read_edges(b->rig, &(struct rig_edges){.r_ohm = b->r_ohm}));
	assert_close(b->r_ohm[8], 9000, 0);
	bench_free(b);
}

static void senseless_settings_are_refused_by_their_key(void **state)
{
	struct rig_error err;
	struct sim_config good = continuous(1e13), sim;
	struct bench b;

	(void)state;
#define REFUSES(member, value, words)                                                              \
	do {                                                                                       \
		sim = good;                                                                        \
		sim.member = (value);                                                              \
		assert_int_equal(try_open(&b, &sim, &err), -EINVAL);                               \
		assert_non_null(strstr(err.text, words));                                          \
	} while (0)
	REFUSES(learning_rate, NAN, "sim.learning_rate");
	REFUSES(learning_rate, -1, "sim.learning_rate");
	REFUSES(learning_rate, INFINITY, "sim.learning_rate");
	REFUSES(r_bounds_ohm[0], 2e5, "sim.r_bounds_ohm");
	REFUSES(r_bounds_ohm[0], -1, "sim.r_bounds_ohm");
	REFUSES(r_bounds_ohm[1], INFINITY, "sim.r_bounds_ohm");
	REFUSES(r_initial_ohm, 2e5, "sim.r_initial_ohm");
	good.update = SIM_OSCILLATORS;
	good.oscillators.period_s = 0.01;
	REFUSES(oscillators.period_s, 0, "sim.oscillators.period_s");
	REFUSES(oscillators.spread, 1, "sim.oscillators.spread");
	REFUSES(seed, 1, "no wave");
#undef REFUSES
}

static void tolerances_are_factors_on_the_r_of_the_rule(void **state)
{
	struct rig_config config = {.edge = {128, 781.25, 781.25, 63}, .sim = continuous(1e13)};
	double first[2][N], r_ohm[N];
	struct network_error why;
	struct rig_error err;
	struct edges *edges;

	(void)state;
	config.sim.r_tolerance = 0.05;
	config.sim.twin_mismatch = 0.02;
	assert_ok(network_shipped("own_64_143", &config.network, &why));
	assert_ok(edges_new(&config, &edges));
	for (size_t j = 0; j < N; j++) {
		first[0][j] = edges_free_g(edges)[j] * 50e3;
		first[1][j] = edges_clamped_g(edges)[j] * 50e3;
		r_ohm[j] = 2e4 + 100 * (double)j;
	}
	assert_ok(edges_write_r(edges, r_ohm, &err));
	for (size_t j = 0; j < N; j++) {
		assert_close(edges_free_g(edges)[j] * r_ohm[j], first[0][j], 1e-12);
		assert_close(edges_clamped_g(edges)[j] * r_ohm[j], first[1][j], 1e-12);
		assert_true(first[0][j] != 1 && first[0][j] != first[1][j]);
	}
	edges_free(edges);
	network_free(config.network);
}

/* ---- batches of the discrete rule ---- */

static void taps_of_a_batch_follow_the_sum_of_sizes(void **state)
{
	struct bench *b = bench_new((struct sim_config){.rule = SIM_DISCRETE});
	uint8_t want[N];
	double r_ohm[N];

	(void)state;
	for (size_t j = 0; j < N; j++)
		want[j] = (uint8_t)random_below(SEED, RANDOM_INITIAL, j, 0, 128);
	assert_ok(rig_write_edges(b->rig, want, N));
	for (uint64_t i = 0; i < 100; i++) {
		double sum[N] = {0}, free_V[N], clamped_V[N], closest = INFINITY;

		for (size_t j = 0; j < N; j++)
			r_ohm[j] = 781.25 * (want[j] + 1);
		for (size_t k = 0; k < MOST; k++) {
			dense_drops(b, k, r_ohm, 0.3, free_V, clamped_V);
			for (size_t j = 0; j < N; j++)
				sum[j] += fabs(clamped_V[j]) - fabs(free_V[j]);
		}
		for (size_t j = 0; j < N; j++) {
			closest = fmin(closest, fabs(sum[j]));
			if (sum[j] > 0)
				want[j] = want[j] < 127 ? want[j] + 1 : 127;
			else
				want[j] = want[j] > 0 ? want[j] - 1 : 0;
		}
		if (closest < 1e-9) {
			print_message("# step %lu: a sum is as close as %.2g V\n", (unsigned long)i,
				      closest);
			assert_true(i > 20);
			break;
		}
		assert_ok(step(b, i, MOST, 0.3));
		assert_memory_equal(b->wiper, want, N);
	}
	bench_free(b);
}

static void a_bias_counts_once_for_each_example_of_a_batch(void **state)
{
	struct rig_config config = {.edge = {128, 781.25, 781.25, 63},
				    .sim = {.bias_V = {0.01, 0.01}}};
	static const uint32_t ends[][2] = {{0, 1}, {2, 3}};
	/* |dV_C| - |dV_F|: -25 mV and -5 mV, and -25 and +4 mV, against 3 sigma = 30 mV */
	static const double free_V[4] = {1, 0, 1, 0}, change_V[3][4] = {{-0.025, 0, -0.025, 0},
									{-0.005, 0, 0.004, 0},
									{-0.001, 0, 0, 0}};
	const struct edges_draw draw = {0};
	struct network_error why;
	struct rig_error err;
	struct edges *edges;

	(void)state;
	assert_ok(network_from_edges(ends, 2, &config.network, &why));
	assert_ok(edges_new(&config, &edges));
	edges_sum_clear(edges);
	for (int i = 0; i < 3; i++)
		edges_sum(edges, free_V, change_V[i]);
	assert_ok(edges_tick_sum(edges, &draw, &err));
	assert_int_equal(edges_wiper(edges)[0], 62); /* -31 + 30 mV */
	assert_int_equal(edges_wiper(edges)[1], 64); /* -21 + 30 mV */
	edges_free(edges);
	network_free(config.network);
}

static void the_circuits_comparators_know_no_batches(void **state)
{
	struct bench *b = bench_new((struct sim_config){.comparator = SIM_XOR});

	(void)state;
	assert_false(rig_info(b->rig)->batches);
	assert_says(b, step(b, 0, 2, 0.2), -ENOTSUP, "several examples");
	assert_ok(step(b, 0, 1, 0.2));
	bench_free(b);
}

static void the_same_bits_twice(void **state)
{
	struct sim_config sim = continuous(3e13);
	double first[N];

	(void)state;
	sim.update = SIM_FRACTION;
	sim.measure_noise_V = 1e-3;
	for (int k = 0; k < 2; k++) {
		struct bench *b = bench_new(sim);

		assert_ok(rig_set_update(b->rig, 0.4, NAN));
		for (uint64_t i = 0; i < 50; i++)
			assert_ok(step(b, i, 3, 0.2));
		if (k)
			assert_memory_equal(first, b->r_ohm, sizeof(first));
		memcpy(first, b->r_ohm, sizeof(first));
		bench_free(b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_example_follows_equation_3_of_a_dense_reference),
		cmocka_unit_test(a_batch_follows_the_sum_of_its_examples),
		cmocka_unit_test(small_nudges_go_down_the_gradient),
		cmocka_unit_test(a_tiny_nudge_keeps_its_digits),
		cmocka_unit_test(r_starts_as_stated_and_stops_at_its_bounds),
		cmocka_unit_test(an_unstable_rate_is_refused_with_a_better_one_and_moves_nothing),
		cmocka_unit_test(a_rig_of_any_r_refuses_taps_and_r_out_of_range),
		cmocka_unit_test(senseless_settings_are_refused_by_their_key),
		cmocka_unit_test(tolerances_are_factors_on_the_r_of_the_rule),
		cmocka_unit_test(taps_of_a_batch_follow_the_sum_of_sizes),
		cmocka_unit_test(a_bias_counts_once_for_each_example_of_a_batch),
		cmocka_unit_test(the_circuits_comparators_know_no_batches),
		cmocka_unit_test(the_same_bits_twice),
	};

	print_message("seed %u\n", SEED);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
