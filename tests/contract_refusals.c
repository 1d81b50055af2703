/* tests/contract_refusals.c - what any rig refuses, and how waits end. */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <sys/time.h>

#include "tests/contract_rig.h"

/* ---- what is refused ---- */

static void what_needs_a_session_is_refused_before_one(void **state)
{
	struct rig *rig = open_rig(rig_of(state));
	double volts[3];
	unsigned flags = 0;
	const struct rig_request request = {.n_examples = 1,
					    .source_V = source_V,
					    .target_V = target_V,
					    .eta = 1,
					    .clamp = true};
	struct rig_record record = {0};

	assert_says(rig, rig_drive(rig, RIG_FREE, source_V, 3), -EPERM, "rig_drive()");
	assert_says(rig, rig_clamp(rig, target_V, 3), -EPERM, "rig_clamp()");
	assert_says(rig, rig_measure(rig, RIG_FREE, targets, 3, volts), -EPERM, "rig_measure()");
	assert_says(rig, rig_tick(rig), -EPERM, "rig_tick()");
	assert_says(rig, rig_nudge(rig, 1, target_V, target_V, 3, volts, &flags), -EPERM,
		    "rig_nudge()");
	if (rig_info(rig)->whole_step)
		assert_says(rig, rig_step(rig, &request, &record), -EPERM, "rig_step()");
	if (rig_info(rig)->batch_evaluate)
		assert_says(rig, rig_evaluate(rig, 1, source_V, volts), -EPERM, "rig_evaluate()");
	rig_close(rig);
}

static void a_refused_voltage_is_named_and_leaves_the_output_alone(void **state)
{
	static const double above[] = {5, 5.001, 0}, below[] = {5, 1, -1e-9}, nan[] = {5, NAN, 0},
			    infinite[] = {-INFINITY, 1, 0};
	double tolerance = rig_of(state)->tolerance_V, seen[3];
	struct rig *rig = open_and_begin(state, 1);

	drive_both(rig);
	assert_says(rig, rig_drive(rig, RIG_FREE, above, 3), -ERANGE,
		    "node 2: 5.001 V is above the limit of 5 V (here.yaml:7)");
	assert_int_equal(rig_error(rig)->node, 2);
	assert_close(rig_error(rig)->value, 5.001, 0);
	assert_close(rig_error(rig)->max, 5, 0);
	assert_says(rig, rig_drive(rig, RIG_CLAMPED, below, 3), -ERANGE, "node 7");
	assert_says(rig, rig_drive(rig, RIG_FREE, nan, 3), -EINVAL, "node 2");
	assert_says(rig, rig_drive(rig, RIG_FREE, infinite, 3), -EINVAL, "node 0");
	assert_says(rig, rig_clamp(rig, above, 3), -ERANGE, "node 5");
	assert_ok(rig_measure(rig, RIG_FREE, sources, 3, seen));
	for (int i = 0; i < 3; i++)
		assert_close(seen[i], source_V[i], tolerance);
	rig_close(rig);
}

static void wrong_counts_nodes_edges_and_settings_are_refused(void **state)
{
	static const uint32_t no_node[] = {9};
	const struct rig_session lost = {.sources = no_node,
					 .n_sources = 1,
					 .targets = targets,
					 .n_targets = 3,
					 .measured = all_nodes,
					 .n_measured = N_NODES,
					 .seed = 1};
	struct rig *rig = open_and_begin(state, 1);
	uint8_t wiper[N_EDGES] = {0};
	double volts[3];
	unsigned flags = 0;

	assert_says(rig, rig_drive(rig, RIG_FREE, source_V, 2), -EINVAL, "2 source voltages");
	assert_says(rig, rig_clamp(rig, source_V, 2), -EINVAL, "2 clamp voltages");
	assert_says(rig, rig_measure(rig, RIG_FREE, no_node, 1, volts), -EINVAL, "node 9");
	assert_says(rig, rig_nudge(rig, 0, volts, target_V, 3, volts, &flags), -EINVAL, "eta");
	assert_says(rig, rig_nudge(rig, 1.5, volts, target_V, 3, volts, &flags), -EINVAL, "eta");
	assert_says(rig, rig_settle(rig, -1), -EINVAL, "-1 s");
	assert_says(rig, rig_settle(rig, NAN), -EINVAL, "nan s");
	assert_says(rig, rig_set_update(rig, 1.1, 0), -EINVAL, "p is 1.1");
	assert_says(rig, rig_set_update(rig, NAN, 0), -EINVAL, "p is nan");
	assert_says(rig, rig_set_capacitance(rig, 1e-6), -ERANGE, "1e-06 F");
	assert_says(rig, rig_set_edge_mode(rig, 16, RIG_HOLD), -EINVAL, "edge 16");
	assert_says(rig, rig_set_edge_mode(rig, 3, (enum rig_edge_mode)7), -EINVAL, "mode 7");
	assert_says(rig, rig_write_edges(rig, wiper, 15), -EINVAL, "15 taps");
	wiper[5] = 128;
	assert_says(rig, rig_write_edges(rig, wiper, N_EDGES), -EINVAL, "edge 5: tap 128");
	assert_ok(rig_set_capacitance(rig, 0));
	assert_says(rig, rig_begin(rig, &lost), -EINVAL, "source node 9");
	rig_close(rig);
}

static void a_whole_step_with_wrong_numbers_is_refused_and_moves_nothing(void **state)
{
	static const double high[] = {5, 1, 6}, nan[] = {3, NAN, 3};
	struct rig_request request = {.n_examples = 1,
				      .source_V = source_V,
				      .target_V = target_V,
				      .eta = 0.5,
				      .ticks = 1,
				      .clamp = true};
	struct rig *rig = open_and_begin(state, 1);
	uint8_t before[N_EDGES], after[N_EDGES];
	struct rig_record record = {0};

	if (!rig_info(rig)->whole_step) {
		rig_close(rig);
		return;
	}
	read_wipers(rig, before);
	request.source_V = high;
	assert_says(rig, rig_step(rig, &request, &record), -ERANGE, "node 7: 6 V");
	request.source_V = source_V;
	request.target_V = nan;
	assert_says(rig, rig_step(rig, &request, &record), -EINVAL, "target node 5");
	request.target_V = target_V;
	request.eta = NAN;
	assert_says(rig, rig_step(rig, &request, &record), -EINVAL, "eta");
	request.eta = 0.5;
	request.settle_s = INFINITY;
	assert_says(rig, rig_step(rig, &request, &record), -EINVAL, "inf s");
	read_wipers(rig, after);
	assert_memory_equal(before, after, N_EDGES);
	rig_close(rig);
}

static void a_nudge_a_little_outside_is_set_to_the_limit_and_flagged(void **state)
{
	static const double low[] = {-0.004, 1, 1}, to_low[] = {-0.004, 1, 1}, far[] = {1, 1, 5.02},
			    to_far[] = {1, 1, 5.02};
	struct rig *rig = open_and_begin(state, 1);
	double clamp_V[3];
	unsigned flags = 0;

	assert_ok(rig_nudge(rig, 0.25, target_V, source_V, 3, clamp_V, &flags));
	assert_close(clamp_V[0], 3 + 0.25 * (5 - 3), 1e-15);
	assert_close(clamp_V[2], 3 + 0.25 * (0 - 3), 1e-15);
	assert_int_equal(flags, 0);
	assert_ok(rig_nudge(rig, 0.5, low, to_low, 3, clamp_V, &flags));
	assert_close(clamp_V[0], 0, 0);
	assert_int_equal(flags, RIG_CLAMP_LIMITED);
	assert_says(rig, rig_nudge(rig, 0.5, far, to_far, 3, clamp_V, &flags), -ERANGE,
		    "node 4: 5.02 V");
	rig_close(rig);
}

/* ---- time ---- */

static void settling_takes_at_least_its_time_on_the_rigs_clock(void **state)
{
	struct rig *rig = open_and_begin(state, 1);
	int64_t start = rig_now_ns(rig);

	assert_ok(rig_settle(rig, 0.002));
	assert_true(rig_now_ns(rig) - start >= 2000000);
	assert_ok(rig_wait_until(rig, start)); /* past: at once */
	assert_ok(rig_idle(rig));
	rig_close(rig);
}

static void an_interrupt_ends_waits_and_steps_until_it_is_cleared(void **state)
{
	struct rig *rig = open_and_begin(state, 1);
	struct rig_record record = {0};
	const struct rig_request request = {.n_examples = 1,
					    .source_V = source_V,
					    .target_V = target_V,
					    .eta = 1,
					    .clamp = true};

	rig_interrupt(rig);
	rig_interrupt(rig);
	assert_int_equal(rig_settle(rig, 3600), -EINTR);
	assert_int_equal(rig_wait_until(rig, rig_now_ns(rig) + 3600000000000), -EINTR);
	if (rig_info(rig)->whole_step)
		assert_int_equal(rig_step(rig, &request, &record), -EINTR);
	drive_both(rig); /* outputs go on, or nothing could be made safe */
	rig_clear_interrupt(rig);
	assert_ok(rig_settle(rig, 1e-6));
	rig_close(rig);
}

static struct rig *interrupted_by_signal; /* a handler has no other way to know */

static void interrupt_from_signal(int number)
{
	(void)number;
	rig_interrupt(interrupted_by_signal);
}

static void an_interrupt_ends_a_wait_in_progress(void **state)
{
	const struct itimerval soon = {.it_value = {.tv_usec = 20000}};
	const struct sigaction action = {.sa_handler = interrupt_from_signal};
	struct rig *rig = open_and_begin(state, 1);

	if (rig_info(rig)->real_time) { /* a virtual wait is never in progress */
		interrupted_by_signal = rig;
		assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
		assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
		assert_int_equal(rig_settle(rig, 3600), -EINTR);
		signal(SIGALRM, SIG_DFL);
	}
	rig_close(rig);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(what_needs_a_session_is_refused_before_one),
	cmocka_unit_test(a_refused_voltage_is_named_and_leaves_the_output_alone),
	cmocka_unit_test(wrong_counts_nodes_edges_and_settings_are_refused),
	cmocka_unit_test(a_whole_step_with_wrong_numbers_is_refused_and_moves_nothing),
	cmocka_unit_test(a_nudge_a_little_outside_is_set_to_the_limit_and_flagged),
	cmocka_unit_test(settling_takes_at_least_its_time_on_the_rigs_clock),
	cmocka_unit_test(an_interrupt_ends_waits_and_steps_until_it_is_cleared),
	cmocka_unit_test(an_interrupt_ends_a_wait_in_progress),
};

const struct contract_part contract_refusals = {tests, sizeof(tests) / sizeof(tests[0])};
