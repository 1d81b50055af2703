/* tests/unit/test_oscillators.c - a triangle wave for each edge against the bias: p by bias, and edges that decorrelate. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/rig.h"
#include "sim_backend/network.h"
#include "sim_backend/oscillators.h"
#include "sim_backend/random.h"
#include "tests/check.h"

#define N       16
#define PERIOD  0.0137
#define TAU_S   0.25
#define N_TICKS 20000u

static const uint32_t sources[] = {0, 2, 7}, targets[] = {3, 5};

static struct rig_config config_of(double spread, uint64_t seed)
{
	struct rig_config config = {
		.name = "oscillators",
		.backend = "sim",
		.edge = {128, 781.25, 781.25, 63},
		.limits = {0, 5, INFINITY, INFINITY, INFINITY, INFINITY, 0.01, ""},
		.bias_always_V = 0,
		.bias_never_V = 5,
		.sim = {.update = SIM_OSCILLATORS,
			.oscillators = {.period_s = PERIOD, .spread = spread},
			.seed = seed}};
	struct network_error why;

	assert_ok(network_shipped("king9_16", &config.network, &why));
	return config;
}

static struct rig *open_rig(double spread, uint64_t seed)
{
	const struct rig_session session = {sources, 3, targets, 2, targets, 2, 1, 0};
	struct rig_config config = config_of(spread, seed);
	struct rig_error err;
	struct rig *rig;

	assert_ok(rig_open(&config, &rig, &err));
	network_free(config.network);
	assert_ok(rig_begin(rig, &session));
	return rig;
}

/* n ticks, TAU_S apart, up to the jitter of the bench's DAQ; masks [n][2] of what updated, or NULL */
static void tick_on(struct rig *rig, unsigned n, double jitter_s, uint8_t (*masks)[2])
{
	static const double source_V[] = {5, 1, 0}, target_V[] = {2.9, 1.7};
	double free_V[2], clamped_V[2], target_free_V[2], clamp_V[2];
	uint8_t wiper[N], updated[2];
	struct rig_record record = {.free_V = free_V,
				    .clamped_V = clamped_V,
				    .target_free_V = target_free_V,
				    .clamp_V = clamp_V,
				    .wiper = wiper,
				    .updated = updated};
	struct rig_request request = {.n_examples = 1,
				      .source_V = source_V,
				      .target_V = target_V,
				      .eta = 0.2,
				      .ticks = 1,
				      .clamp = true};

	for (; request.step < n; request.step++) {
		assert_ok(rig_step(rig, &request, &record));
		if (masks)
			memcpy(masks[request.step], updated, 2);
		assert_ok(rig_settle(rig, TAU_S + jitter_s * random_normal(1, RANDOM_GENERATE,
									   request.step, 0)));
	}
}

static struct oscillators *new_oscillators(double spread, double always_V, double never_V)
{
	struct rig_config config = config_of(spread, 1);
	struct oscillators *o;

	config.bias_always_V = always_V;
	config.bias_never_V = never_V;
	assert_ok(oscillators_new(&config, N, &o));
	network_free(config.network);
	return o;
}

/* Sampled 1000 times a period: straight lines between 0 and 1, up and down, with the stated period. */
static void a_wave_is_a_triangle_with_a_period_of_its_own(void **state)
{
	struct oscillators *o = new_oscillators(0.1, 0, 5);
	double shortest = INFINITY, longest = 0;

	(void)state;
	for (size_t j = 0; j < N; j++) {
		int64_t step_ns = (int64_t)(PERIOD * 1e9 / 1000), low_ns = -1, period_ns = 0;
		double before = oscillators_wave(o, j, 0), slope = 0;

		for (int64_t t = step_ns; period_ns == 0; t += step_ns) {
			double now = oscillators_wave(o, j, t), change = now - before;

			assert_true(now >= 0 && now <= 1);
			assert_true(fabs(change) < 2.0 / 1000 / 0.9 + 1e-9);
			if (slope < 0 && change > 0 && low_ns >= 0)
				period_ns = t - low_ns;
			if (slope < 0 && change > 0 && low_ns < 0)
				low_ns = t;
			slope = change;
			before = now;
		}
		shortest = fmin(shortest, (double)period_ns * 1e-9);
		longest = fmax(longest, (double)period_ns * 1e-9);
	}
	assert_true(shortest > 0.898 * PERIOD && longest < 1.102 * PERIOD);
	assert_true(longest > 1.02 * shortest); /* each its own */
	oscillators_free(o);
}

static void a_bias_on_the_rails_updates_all_or_none_whichever_is_the_higher(void **state)
{
	static const double rails[][2] = {{0, 5}, {5, 0}};
	uint8_t who[N];

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct oscillators *o = new_oscillators(0.02, rails[i][0], rails[i][1]);

		assert_close(oscillators_level(o, 0.3, NAN), 0.7, 1e-15);
		assert_close(oscillators_level(o, 0.3, rails[i][0]), 0, 0);
		assert_close(oscillators_level(o, 0.3, rails[i][1]), 1, 0);
		assert_close(oscillators_level(o, 0.3, 0.8 * rails[i][0] + 0.2 * rails[i][1]), 0.2,
			     1e-15);
		for (int64_t t = 0; t < 100000000; t += 1234567) {
			oscillators_compare(o, 0, t, who);
			for (int j = 0; j < N; j++)
				assert_int_equal(who[j], 1);
			oscillators_compare(o, 1, t, who);
			for (int j = 0; j < N; j++)
				assert_int_equal(who[j], 0);
		}
		oscillators_free(o);
	}
}

/* An ideal triangle spends the share 1 - level of its time above a level. */
static void p_follows_the_bias_and_a_bias_given_rules(void **state)
{
	static const struct {
		double p, bias_V, want;
	} cases[] = {{0.1, NAN, 0.1}, {0.5, NAN, 0.5}, {0.9, NAN, 0.9}, {0.5, 1, 0.8},
		     {0.5, 4.5, 0.1}, {1, NAN, 1},     {0, NAN, 0},     {1, 5, 0}};
	unsigned n = 4000;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rig *rig = open_rig(0.02, 1);
		struct rig_updates updates;
		double sum = 0;

		assert_ok(rig_set_update(rig, cases[i].p, cases[i].bias_V));
		tick_on(rig, n, 0, NULL);
		assert_ok(rig_updates(rig, &updates));
		assert_int_equal(updates.ticks, n);
		for (int j = 0; j < N; j++)
			sum += (double)updates.updated[j] / n / N;
		assert_close(sum, cases[i].want, 0.01);
		rig_close(rig);
	}
}

struct correlation {
	double mean_abs, rms, most, p;
};

static struct correlation correlate(double spread, double jitter_s, uint64_t seed)
{
	struct rig *rig = open_rig(spread, seed);
	struct correlation found = {0};
	struct rig_updates u;
	unsigned pairs = 0;

	assert_ok(rig_set_update(rig, 0.5, NAN));
	tick_on(rig, N_TICKS, jitter_s, NULL);
	assert_ok(rig_updates(rig, &u));
	for (int i = 0; i < N; i++) {
		double a = (double)u.updated[i] / N_TICKS;

		found.p += a / N;
		for (int j = i + 1; j < N; j++, pairs++) {
			double b = (double)u.updated[j] / N_TICKS;
			double both = (double)u.together[i * N + j] / N_TICKS;
			double r = (both - a * b) / sqrt(a * (1 - a) * b * (1 - b));

			found.mean_abs += fabs(r);
			found.rms += r * r;
			found.most = fmax(found.most, fabs(r));
		}
	}
	assert_int_equal(pairs, 120);
	found.mean_abs /= pairs;
	found.rms = sqrt(found.rms / pairs);
	rig_close(rig);
	return found;
}

/* Means over 10 rigs, but for the largest. */
static struct correlation correlate_rigs(const char *what, double spread, double jitter_s)
{
	struct correlation all = {0};

	for (uint64_t seed = 1; seed <= 10; seed++) {
		struct correlation c = correlate(spread, jitter_s, seed);

		assert_close(c.p, 0.5, 0.01);
		all.mean_abs += c.mean_abs / 10;
		all.rms += c.rms / 10;
		all.most = fmax(all.most, c.most);
	}
	print_message("# %s, sim.seed 1 to 10: mean |r| %.4f, rms %.4f, largest pair %.3f\n", what,
		      all.mean_abs, all.rms, all.most);
	return all;
}

/* PHYSICS.md, row 7: 0.006 over 20,000 ticks and 120 pairs, the statistical floor of mean |r| being sqrt(2 / (pi n)) =
 * 0.0056.  Ticks that come exactly every tau are spread more evenly over the waves than chance would have it; those
 * of a DAQ that is 3 ms early or late are at the floor.  A model in numpy gives 0.0012 and 0.0048. */
static void edges_decorrelate_by_themselves(void **state)
{
	struct correlation even = correlate_rigs("spread 2 %, ticks every tau", 0.02, 0);
	struct correlation uneven = correlate_rigs("spread 2 %, ticks 3 ms off", 0.02, 0.003);

	(void)state;
	assert_true(even.mean_abs < 0.0025 && even.rms < 0.008);
	assert_close(uneven.mean_abs, 0.0048, 0.0008);
	assert_close(uneven.rms, 0.006, 0.001);
	assert_true(uneven.most < 0.05);
}

/* Equation 9: a spread of 0.1 % gave single pairs up to 0.15. */
static void periods_too_equal_leave_single_pairs_alike(void **state)
{
	struct correlation equal = correlate_rigs("spread 0.1 %, ticks every tau", 0.001, 0);

	(void)state;
	assert_true(equal.most > 0.1);
}

static void the_same_bits_twice_and_others_from_another_rig(void **state)
{
	static uint8_t first[500][2], second[500][2], other[500][2];
	struct rig *rig = open_rig(0.02, 1);
	const struct rig_session again = {sources, 3, targets, 2, targets, 2, 9, 0};

	(void)state;
	assert_ok(rig_set_update(rig, 0.4, NAN));
	tick_on(rig, 500, 0, first);
	/* another run's seed on the same rig: its oscillators are its own, and time begins anew */
	assert_ok(rig_begin(rig, &again));
	tick_on(rig, 500, 0, second);
	rig_close(rig);
	rig = open_rig(0.02, 2);
	assert_ok(rig_set_update(rig, 0.4, NAN));
	tick_on(rig, 500, 0, other);
	rig_close(rig);
	assert_memory_equal(first, second, sizeof(first));
	assert_true(memcmp(first, other, sizeof(first)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wave_is_a_triangle_with_a_period_of_its_own),
		cmocka_unit_test(a_bias_on_the_rails_updates_all_or_none_whichever_is_the_higher),
		cmocka_unit_test(p_follows_the_bias_and_a_bias_given_rules),
		cmocka_unit_test(edges_decorrelate_by_themselves),
		cmocka_unit_test(periods_too_equal_leave_single_pairs_alike),
		cmocka_unit_test(the_same_bits_twice_and_others_from_another_rig),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
