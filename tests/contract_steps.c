/* tests/contract_steps.c - what any rig's whole steps and test sets do. */
#include "config.h"

#include <string.h>

#include "tests/contract_rig.h"

static void step_at_once(struct rig *rig, uint64_t step, bool clamp, struct trace *t)
{
	const struct rig_request request = {.n_examples = 1,
					    .step = step,
					    .source_V = source_V,
					    .target_V = target_V,
					    .eta = 0.2,
					    .settle_s = 1e-6,
					    .ticks = 2,
					    .clamp = clamp};
	struct rig_record record = {.free_V = t->free_V,
				    .clamped_V = t->clamped_V,
				    .target_free_V = t->target_free_V,
				    .clamp_V = t->clamp_V,
				    .wiper = t->wiper,
				    .updated = t->updated,
				    .raised = t->raised};

	assert_ok(rig_step(rig, &request, &record));
	assert_true(record.apply_ns <= record.free_ns && record.free_ns <= record.clamped_ns &&
		    record.clamped_ns <= record.tick_ns);
	t->flags = record.flags;
}

static void a_whole_step_is_a_step_by_hand_to_the_bit(void **state)
{
	struct rig *whole, *hand;
	struct trace a, b;

	if (is_there_once(state))
		return;
	whole = open_and_begin(state, 42);
	hand = open_and_begin(state, 42);
	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	for (uint64_t step = 0; rig_info(whole)->whole_step && step < 200; step++) {
		bool clamp = step % 10 != 7;

		step_at_once(whole, step, clamp, &a);
		step_by_hand(hand, step, clamp, &b);
		if (memcmp(&a, &b, sizeof(a)))
			fail_msg("step %lu differs", (unsigned long)step);
	}
	rig_close(whole);
	rig_close(hand);
}

static void the_same_seed_gives_the_same_taps_and_another_does_not(void **state)
{
	struct rig *one, *same, *other;
	struct trace a, b, c;
	bool differs = false;

	if (is_there_once(state))
		return;
	one = open_and_begin(state, 5);
	same = open_and_begin(state, 5);
	other = open_and_begin(state, 6);
	for (uint64_t step = 0; step < 100; step++) {
		step_by_hand(one, step, true, &a);
		step_by_hand(same, step, true, &b);
		step_by_hand(other, step, true, &c);
		assert_memory_equal(a.wiper, b.wiper, N_EDGES);
		differs |= memcmp(a.wiper, c.wiper, N_EDGES) != 0;
	}
	if (rig_of(state)->p < 1)
		assert_true(differs);
	rig_close(one);
	rig_close(same);
	rig_close(other);
}

static void a_set_is_evaluated_as_if_it_were_driven_and_measured(void **state)
{
	static const double set_V[] = {5, 1, 0, 0, 0, 5, 2, 2, 2};
	double tolerance = rig_of(state)->tolerance_V, at_once[9], one[3];
	uint8_t before[N_EDGES], after[N_EDGES];
	struct rig *rig = open_and_begin(state, 1);
	struct trace t;

	if (!rig_info(rig)->batch_evaluate) {
		rig_close(rig);
		return;
	}
	for (uint64_t step = 0; step < 20; step++)
		step_by_hand(rig, step, true, &t);
	read_wipers(rig, before);
	assert_ok(rig_evaluate(rig, 3, set_V, at_once));
	read_wipers(rig, after);
	assert_memory_equal(before, after, N_EDGES);
	assert_ok(rig_measure(rig, RIG_FREE, sources, 3, one)); /* what is driven stays */
	assert_close(one[0], source_V[0], tolerance);
	for (int i = 0; i < 3; i++) {
		assert_ok(rig_drive(rig, RIG_FREE, set_V + 3 * i, 3));
		assert_ok(rig_measure(rig, RIG_FREE, targets, 3, one));
		for (int k = 0; k < 3; k++)
			assert_close(at_once[3 * i + k], one[k], tolerance);
	}
	for (int k = 0; k < 3; k++)
		assert_close(at_once[6 + k], 2, tolerance); /* all sources at 2 V: all nodes are */
	rig_close(rig);
}

static void a_session_may_have_no_targets(void **state)
{
	const struct rig_session session = {.sources = sources,
					    .n_sources = 3,
					    .targets = NULL,
					    .n_targets = 0,
					    .measured = all_nodes,
					    .n_measured = N_NODES,
					    .seed = 1};
	const struct rig_request request = {
		.n_examples = 1, .source_V = source_V, .eta = 0.5, .ticks = 1, .clamp = true};
	double free_V[N_NODES], clamped_V[N_NODES];
	uint8_t wiper[N_EDGES], updated[N_MASK];
	struct rig_record record = {
		.free_V = free_V, .clamped_V = clamped_V, .wiper = wiper, .updated = updated};
	struct rig *rig = open_rig(rig_of(state));

	assert_ok(rig_begin(rig, &session));
	drive_both(rig);
	assert_ok(rig_clamp(rig, NULL, 0));
	assert_ok(rig_tick(rig));
	if (rig_info(rig)->whole_step)
		assert_ok(rig_step(rig, &request, &record));
	assert_ok(rig_measure(rig, RIG_FREE, all_nodes, N_NODES, free_V));
	assert_ok(rig_measure(rig, RIG_CLAMPED, all_nodes, N_NODES, clamped_V));
	for (int i = 0; i < N_NODES; i++)
		assert_close(clamped_V[i], free_V[i], rig_of(state)->tolerance_V + 0.05);
	rig_close(rig);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_whole_step_is_a_step_by_hand_to_the_bit),
	cmocka_unit_test(the_same_seed_gives_the_same_taps_and_another_does_not),
	cmocka_unit_test(a_set_is_evaluated_as_if_it_were_driven_and_measured),
	cmocka_unit_test(a_session_may_have_no_targets),
};

const struct contract_part contract_steps = {tests, sizeof(tests) / sizeof(tests[0])};
