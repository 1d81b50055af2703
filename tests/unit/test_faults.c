/* tests/unit/test_faults.c - faults of boards, ticks and twins: what each does, and that it ends. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/faulty.h"

static unsigned bit(const uint8_t *mask, size_t edge)
{
	return mask[edge / 8] >> edge % 8 & 1u;
}

/* ---- one edge ---- */

static void a_stuck_wiper_stays_while_its_board_counts_on(void **state)
{
	struct rig *rig = open_with(fault_of(SIM_EDGE_STUCK, 5, 10, 3, -1, NAN));
	struct seen seen = {.wiper = {0}}, before;
	uint8_t real[N_EDGES], where = 0;
	double want_V[N_NODES];

	(void)state;
	for (uint64_t step = 0; step < 30; step++) {
		bool stuck = step >= 5 && step < 15;

		before = seen;
		make_step(rig, step, &seen);
		if (step == 0)
			continue;
		/* the voltages of this step come from the taps after the last one */
		memcpy(real, before.wiper, sizeof(real));
		if (step == 5)
			where = before.wiper[3];
		if (stuck)
			real[3] = where;
		healthy_V(real, -1, source_V, want_V);
		assert_same_V(seen.free_V, want_V);
		if (step == 14) { /* the count went elsewhere, and it shows */
			assert_int_not_equal(before.wiper[3], where);
			healthy_V(before.wiper, -1, source_V, want_V);
			assert_true(largest_gap_V(seen.free_V, want_V) > 1e-3);
		}
		assert_int_equal(abs(seen.wiper[3] - before.wiper[3]), 1);
		assert_int_equal(bit(seen.updated, 3), 1);
	}
	rig_close(rig);
}

static void a_stuck_resistor_stays_while_the_continuous_rule_goes_on(void **state)
{
	struct sim_fault faults[N_EDGES];
	struct sim_config sim = {.rule = SIM_CONTINUOUS,
				 .learning_rate = 3e12,
				 .r_bounds_ohm = {NAN, NAN},
				 .r_initial_ohm = NAN};
	struct rig *rig;
	struct seen first, seen;
	double r_ohm[N_EDGES];

	(void)state;
	for (long j = 0; j < N_EDGES; j++)
		faults[j] = fault_of(SIM_EDGE_STUCK, 0, 10, j, -1, NAN);
	rig = open_faulty(sim, faults, N_EDGES);
	make_step(rig, 0, &first);
	for (uint64_t step = 1; step < 10; step++) {
		make_step(rig, step, &seen);
		assert_memory_equal(seen.free_V, first.free_V, sizeof(seen.free_V));
	}
	assert_ok(rig_read_edges(rig, &(struct rig_edges){.r_ohm = r_ohm}));
	assert_true(fabs(r_ohm[4] - 50e3) > 10);
	make_step(rig, 10, &seen);
	assert_true(largest_gap_V(seen.free_V, first.free_V) > 1e-3);
	rig_close(rig);
}

static void a_deaf_edge_sits_every_tick_out(void **state)
{
	struct rig *rig = open_with(fault_of(SIM_EDGE_DEAF, 2, 3, 7, -1, NAN));
	struct seen seen, before = {.wiper = {0}};
	uint8_t mode[N_EDGES];

	(void)state;
	for (uint64_t step = 0; step < 8; step++) {
		bool deaf = step >= 2 && step < 5;

		make_step(rig, step, &seen);
		for (size_t j = 0; j < N_EDGES; j++)
			assert_int_equal(bit(seen.updated, j), j != 7 || !deaf);
		if (step)
			assert_int_equal(seen.wiper[7] != before.wiper[7], !deaf);
		before = seen;
	}
	assert_ok(rig_read_edges(rig, &(struct rig_edges){.mode = mode}));
	assert_int_equal(mode[7], RIG_LEARN);
	rig_close(rig);
}

static void a_silent_cut_opens_an_edge_that_still_reads_learn(void **state)
{
	struct rig *rig = open_with(fault_of(SIM_EDGE_CUT, 3, 4, 5, -1, NAN));
	struct seen seen, before = {.wiper = {0}};
	uint8_t mode[N_EDGES];
	double want_V[N_NODES];

	(void)state;
	for (uint64_t step = 0; step < 10; step++) {
		bool cut = step >= 3 && step < 7;

		make_step(rig, step, &seen);
		if (step == 0) {
			before = seen;
			continue;
		}
		healthy_V(before.wiper, cut ? 5 : -1, source_V, want_V);
		assert_same_V(seen.free_V, want_V);
		assert_ok(rig_read_edges(rig, &(struct rig_edges){.mode = mode}));
		assert_int_equal(mode[5], RIG_LEARN);
		assert_int_equal(bit(seen.updated, 5), 1); /* its board goes on */
		before = seen;
	}
	rig_close(rig);
}

static void a_silent_cut_of_the_last_way_to_a_target_fails_the_step_by_name(void **state)
{
	struct sim_fault cuts[N_EDGES];
	const struct network *net;
	struct seen seen;
	struct rig *rig = open_healthy();
	size_t n = 0;

	(void)state;
	net = rig_info(rig)->network;
	for (uint32_t j = 0; j < N_EDGES; j++)
		if (net->a[j] == 5 || net->b[j] == 5)
			cuts[n++] = fault_of(SIM_EDGE_CUT, 1, 0, (long)j, -1, NAN);
	rig_close(rig);
	rig = open_faulty((struct sim_config){0}, cuts, n);
	make_step(rig, 0, &seen);
	assert_int_equal(try_step(rig, 1, 1, true, &seen), -ENOTCONN);
	assert_non_null(strstr(rig_error(rig)->text, "target node 5"));
	rig_close(rig);
}

/* ---- the clock ---- */

static void a_missed_tick_moves_nothing_or_all_but_one_edge(void **state)
{
	static const long edges[] = {-1, 9};

	(void)state;
	for (int k = 0; k < 2; k++) {
		struct rig *rig = open_with(fault_of(SIM_TICK_MISSED, 4, 1, edges[k], -1, NAN));
		struct seen seen, before = {.wiper = {0}};

		for (uint64_t step = 0; step < 7; step++) {
			make_step(rig, step, &seen);
			for (size_t j = 0; j < N_EDGES && step > 0; j++) {
				bool missed = step == 4 && (k == 0 || j == 9);

				assert_int_equal(bit(seen.updated, j), !missed);
				assert_int_equal(seen.wiper[j] != before.wiper[j], !missed);
			}
			before = seen;
		}
		rig_close(rig);
	}
}

static void a_double_tick_is_two_ticks(void **state)
{
	struct rig *rig = open_with(fault_of(SIM_TICK_DOUBLE, 2, 3, -1, -1, NAN));
	struct rig *healthy = open_healthy();
	struct seen seen, want;

	(void)state;
	for (uint64_t step = 0; step < 10; step++) {
		make_step(rig, step, &seen);
		assert_ok(try_step(healthy, step, step >= 2 && step < 5 ? 2 : 1, true, &want));
		assert_memory_equal(seen.wiper, want.wiper, sizeof(want.wiper));
		assert_memory_equal(seen.raised, want.raised, sizeof(want.raised));
		assert_memory_equal(seen.free_V, want.free_V, sizeof(want.free_V));
	}
	rig_close(rig);
	rig_close(healthy);
}

/* The second time it looks at the voltages after the first move: up and down again, or two taps. */
static void a_double_tick_of_one_edge_leaves_the_others_at_one(void **state)
{
	struct rig *rig = open_with(fault_of(SIM_TICK_DOUBLE, 1, 0, 4, -1, NAN));
	struct seen seen, before = {.wiper = {0}};
	unsigned twice = 0;

	(void)state;
	for (uint64_t step = 0; step < 20; step++) {
		make_step(rig, step, &seen);
		for (size_t j = 0; j < N_EDGES && step > 0; j++) {
			int moved = abs(seen.wiper[j] - before.wiper[j]);

			if (j != 4)
				assert_int_equal(moved, 1);
			else
				assert_true(moved == 2 || moved == 0);
			twice += j == 4 && moved == 2;
			assert_int_equal(bit(seen.updated, j), 1);
		}
		before = seen;
	}
	assert_true(twice > 0);
	rig_close(rig);
}

/* Not clamped, every comparison is a tie that sigma decides: -2.5 mV and 1 mV a step more from step 4 on is above 0
 * from step 6 on.  Noise does not hide the drift, it rides on it. */
static void a_drifting_bias_grows_step_by_step(void **state)
{
	static const double noises[] = {0, 1e-6};

	(void)state;
	for (int k = 0; k < 2; k++) {
		struct sim_fault drift = fault_of(SIM_BIAS_DRIFT, 4, 6, -1, -1, 1e-3);
		struct rig *rig = open_faulty((struct sim_config){.bias_V = {-2.5e-3, -2.5e-3},
								  .comparator_noise_V = noises[k]},
					      &drift, 1);
		struct seen seen;

		for (uint64_t step = 0; step < 14; step++) {
			assert_ok(try_step(rig, step, 1, false, &seen));
			for (size_t j = 0; j < N_EDGES; j++)
				assert_int_equal(bit(seen.raised, j), step >= 6 && step < 10);
		}
		rig_close(rig);
	}
}

/* ---- twins ---- */

/* At 50 kohm, half of it in the clamped twin is what tap 31 would be. */
static void the_clamped_twin_has_another_resistor(void **state)
{
	struct rig *rig = open_with(fault_of(SIM_TWIN_RESISTOR, 2, 3, 6, -1, 0.5));
	uint8_t home[N_EDGES], apart[N_EDGES];
	double home_V[N_NODES], apart_V[N_NODES];
	struct seen seen;

	(void)state;
	memset(home, 63, sizeof(home));
	memcpy(apart, home, sizeof(apart));
	apart[6] = 31;
	healthy_V(home, -1, source_V, home_V);
	healthy_V(apart, -1, source_V, apart_V);
	assert_true(largest_gap_V(home_V, apart_V) > 0.01);
	for (uint64_t step = 0; step < 8; step++) {
		assert_ok(try_step(rig, step, 0, false, &seen));
		assert_same_V(seen.free_V, home_V);
		assert_same_V(seen.clamped_V, step >= 2 && step < 5 ? apart_V : home_V);
	}
	rig_close(rig);
}

static void counters_out_of_step_stop_at_the_end_stops(void **state)
{
	static const struct {
		double value;
		uint8_t tap;
	} cases[] = {{-5, 58}, {7, 70}, {-100, 0}, {100, 127}};
	uint8_t home[N_EDGES], apart[N_EDGES];
	double home_V[N_NODES], apart_V[N_NODES];

	(void)state;
	memset(home, 63, sizeof(home));
	healthy_V(home, -1, source_V, home_V);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rig *rig =
			open_with(fault_of(SIM_COUNTERS_APART, 1, 2, 6, -1, cases[i].value));
		struct seen seen;

		memcpy(apart, home, sizeof(apart));
		apart[6] = cases[i].tap;
		healthy_V(apart, -1, source_V, apart_V);
		for (uint64_t step = 0; step < 5; step++) {
			assert_ok(try_step(rig, step, 0, false, &seen));
			assert_same_V(seen.free_V, home_V);
			assert_same_V(seen.clamped_V, step >= 1 && step < 3 ? apart_V : home_V);
			assert_int_equal(seen.wiper[6], 63);
		}
		rig_close(rig);
	}
}

/* ---- all of them ---- */

static void a_new_session_has_them_anew_and_the_same_bits(void **state)
{
	struct sim_fault faults[] = {fault_of(SIM_EDGE_STUCK, 1, 5, 2, -1, NAN),
				     fault_of(SIM_TWIN_RESISTOR, 2, 0, 2, -1, 1.1),
				     fault_of(SIM_TICK_DOUBLE, 3, 1, 8, -1, NAN),
				     fault_of(SIM_SOURCE_SAG, 4, 3, -1, 0, 5e3),
				     fault_of(SIM_EDGE_CUT, 5, 2, 11, -1, NAN)};
	struct rig *rig = open_faulty((struct sim_config){.comparator_noise_V = 3e-3}, faults, 5);
	struct seen first[12], second[12];

	(void)state;
	assert_ok(rig_set_update(rig, 0.7, NAN));
	for (uint64_t step = 0; step < 12; step++)
		make_step(rig, step, &first[step]);
	begin_rig(rig);
	assert_ok(rig_home(rig));
	for (uint64_t step = 0; step < 12; step++)
		make_step(rig, step, &second[step]);
	for (int i = 0; i < 12; i++) {
		assert_memory_equal(first[i].wiper, second[i].wiper, N_EDGES);
		assert_memory_equal(first[i].clamped_V, second[i].clamped_V, sizeof(double) * 9);
	}
	rig_close(rig);
}

static void a_fault_that_does_not_say_what_it_needs_is_refused(void **state)
{
	static const struct {
		struct sim_fault fault;
		enum sim_rule rule;
		int want;
		const char *words;
	} cases[] = {
		{{0, 0, SIM_EDGE_STUCK, -1, -1, NAN}, SIM_DISCRETE, -EINVAL, "edge_stuck: edge -1"},
		{{0, 0, SIM_EDGE_CUT, 16, -1, NAN},
		 SIM_DISCRETE,
		 -EINVAL,
		 "edge 16 is not 0 to 15"},
		{{0, 0, SIM_TICK_MISSED, 16, -1, NAN}, SIM_DISCRETE, -EINVAL, "edge 16"},
		{{0, 0, SIM_WIRE_OFF, -1, 9, NAN}, SIM_DISCRETE, -EINVAL, "node 9 is not 0 to 8"},
		{{0, 0, SIM_BIAS_DRIFT, -1, -1, NAN}, SIM_DISCRETE, -EINVAL, "needs a value"},
		{{0, 0, SIM_TWIN_RESISTOR, 1, -1, 0}, SIM_DISCRETE, -EINVAL, "not above 0"},
		{{0, 0, SIM_DAQ_SETTLING, -1, -1, -1}, SIM_DISCRETE, -EINVAL, "not above 0"},
		{{0, 0, SIM_COUNTERS_APART, 1, -1, 0.5}, SIM_DISCRETE, -EINVAL, "number of taps"},
		{{0, 0, SIM_COUNTERS_APART, 1, -1, 2}, SIM_CONTINUOUS, -ENOTSUP, "continuous"},
		{{0, 0, SIM_BIAS_DRIFT, -1, -1, 1}, SIM_CONTINUOUS, -ENOTSUP, "continuous"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sim_fault fault = cases[i].fault;
		struct sim_config sim = {.rule = cases[i].rule,
					 .learning_rate = 1e12,
					 .r_bounds_ohm = {NAN, NAN},
					 .r_initial_ohm = NAN,
					 .fault = &fault,
					 .n_faults = 1};
		struct rig_error err;
		struct rig *rig;
		int r = try_faulty(&sim, &rig, &err);

		if (r != cases[i].want || !strstr(err.text, cases[i].words))
			fail_msg("%d, \"%s\"; wanted \"%s\"", r, r < 0 ? err.text : "",
				 cases[i].words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stuck_wiper_stays_while_its_board_counts_on),
		cmocka_unit_test(a_stuck_resistor_stays_while_the_continuous_rule_goes_on),
		cmocka_unit_test(a_deaf_edge_sits_every_tick_out),
		cmocka_unit_test(a_silent_cut_opens_an_edge_that_still_reads_learn),
		cmocka_unit_test(a_silent_cut_of_the_last_way_to_a_target_fails_the_step_by_name),
		cmocka_unit_test(a_missed_tick_moves_nothing_or_all_but_one_edge),
		cmocka_unit_test(a_double_tick_is_two_ticks),
		cmocka_unit_test(a_double_tick_of_one_edge_leaves_the_others_at_one),
		cmocka_unit_test(a_drifting_bias_grows_step_by_step),
		cmocka_unit_test(the_clamped_twin_has_another_resistor),
		cmocka_unit_test(counters_out_of_step_stop_at_the_end_stops),
		cmocka_unit_test(a_new_session_has_them_anew_and_the_same_bits),
		cmocka_unit_test(a_fault_that_does_not_say_what_it_needs_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
