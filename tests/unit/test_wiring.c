/* tests/unit/test_wiring.c - which tasks fit which wires, and the fewest plugs to move until one does. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/wires.h"

#define NODES(name, sources_, targets_)                                                            \
	static const uint32_t name##_sources[] = sources_, name##_targets[] = targets_;            \
	static const struct wiring_nodes name = {                                                  \
		.sources = name##_sources,                                                         \
		.targets = name##_targets,                                                         \
		.n_sources = sizeof(name##_sources) / sizeof(uint32_t),                            \
		.n_targets = sizeof(name##_targets) / sizeof(uint32_t)}
#define LIST(...)                                                                                  \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}

NODES(two_in_one_out, LIST(0, 2), LIST(4));

static void refuses(const struct bench *b, const char *path, const char *text)
{
	struct wiring *w = wiring_of(b);
	struct wiring_misfit misfit = {{0}, {0}};

	assert_false(wiring_fits(w, &two_in_one_out, &misfit));
	assert_string_equal(misfit.path, path);
	if (!strstr(misfit.text, text))
		fail_msg("\"%s\" does not say \"%s\"", misfit.text, text);
	wiring_free(w);
}

static void fits(const struct bench *b)
{
	struct wiring *w = wiring_of(b);
	struct wiring_misfit misfit;

	if (!wiring_fits(w, &two_in_one_out, &misfit))
		fail_msg("%s: %s", misfit.path, misfit.text);
	wiring_free(w);
}

/* 0 and 2 driven in both networks, 4 clamped, all measured */
static struct bench good_bench(void)
{
	struct bench b = {0};

	put(&b, 0, WIRING_BOTH, 0, -1, -1);
	put(&b, 2, WIRING_BOTH, 1, -1, -1);
	put(&b, 4, WIRING_CLAMPED, 2, -1, -1);
	measure_all(&b);
	return b;
}

/* ---- what fits ---- */

static void takes_a_task_that_is_wired_for(void **state)
{
	struct bench b = good_bench();

	(void)state;
	fits(&b);
	/* an output for each network is as good */
	put(&b, 2, WIRING_CLAMPED, 7, -1, -1);
	fits(&b);
	/* a target on a relay that opens in the free network, and one more node that relays disconnect */
	put(&b, 4, WIRING_BOTH, 2, 5, 14);
	put(&b, 6, WIRING_BOTH, 4, 6, 15);
	fits(&b);
}

static void refuses_what_is_not_driven(void **state)
{
	struct bench b = good_bench();

	(void)state;
	memset(&b.wire[RIG_CLAMPED][2].drive, 0, sizeof(struct daq_channel));
	refuses(&b, "/sources/1", "source 2: no output drives it in the clamped network");
	b = good_bench();
	memset(&b.wire[RIG_CLAMPED][4].drive, 0, sizeof(struct daq_channel));
	refuses(&b, "/targets/0", "target 4: no output can clamp it");
}

static void refuses_a_target_that_is_held_in_the_free_network(void **state)
{
	struct bench b = good_bench();

	(void)state;
	put(&b, 4, WIRING_BOTH, 2, -1, -1);
	refuses(&b, "/targets/0", "target 4 is held by ao2 in the free network");
	/* one line for both networks opens neither alone */
	put(&b, 4, WIRING_BOTH, 2, 5, 5);
	refuses(&b, "/targets/0", "a relay of its own");
}

static void refuses_a_target_that_is_not_measured(void **state)
{
	struct bench b = good_bench();

	(void)state;
	memset(&b.wire[RIG_FREE][4].measure, 0, sizeof(struct daq_channel));
	refuses(&b, "/targets/0", "target 4 is not measured in the free network");
}

static void refuses_a_node_that_is_held_for_nothing(void **state)
{
	struct bench b = good_bench();

	(void)state;
	put(&b, 6, WIRING_CLAMPED, 4, -1, -1);
	refuses(&b, "/targets",
		"node 6 is held by ao4, but the task neither drives nor clamps it: unplug it, or "
		"give it a relay (`switch:`)");
}

static void refuses_a_line_that_must_be_high_and_low(void **state)
{
	struct bench b = good_bench();

	(void)state;
	put(&b, 2, WIRING_BOTH, 1, 9, 9);
	put(&b, 6, WIRING_CLAMPED, 4, 9, 9);
	refuses(&b, "/targets", "dio9 must connect node 2 and disconnect node 6");
	/* where both are disconnected, one line does */
	put(&b, 2, WIRING_BOTH, 1, -1, -1);
	put(&b, 7, WIRING_CLAMPED, 5, 9, 9);
	fits(&b);
}

/* ---- plans ---- */

static struct wiring_plan *plan_of(const struct wiring *w, const struct wiring_nodes *nodes)
{
	struct wiring_plan *plan = NULL;
	struct wiring_misfit misfit = {{0}, {0}};
	int e = wiring_plan(w, nodes, &plan, &misfit);

	if (e < 0)
		fail_msg("errno %d: %s", -e, misfit.text);
	return plan;
}

static void says(const struct wiring_plan *plan, size_t i, const char *text)
{
	char got[160];

	assert_true(i < plan->n);
	assert_string_equal(wiring_move_text(&plan->move[i], got, sizeof(got)), text);
}

static void nothing_moves_where_it_fits(void **state)
{
	struct bench b = good_bench();
	struct wiring *w = wiring_of(&b);
	struct wiring_plan *plan = plan_of(w, &two_in_one_out);

	(void)state;
	assert_int_equal(plan->n, 0);
	assert_memory_equal(plan->after->wire[0], w->wire[0], sizeof(b.wire[0]));
	assert_memory_equal(plan->after->wire[1], w->wire[1], sizeof(b.wire[1]));
	wiring_plan_free(plan);
	wiring_free(w);
}

static void one_plug_serves_two_ends(void **state)
{
	NODES(other, LIST(0, 6), LIST(4));
	struct bench b = good_bench();
	struct wiring *w = wiring_of(&b);
	struct wiring_plan *plan = plan_of(w, &other);

	(void)state;
	assert_int_equal(plan->n, 1);
	says(plan, 0, "move ao1 from node 2 to node 6, both networks");
	wiring_plan_free(plan);
	wiring_free(w);
}

/* Source and target change places: each output stays at its node, plugged in the other way. */
static void a_plug_may_stay_at_its_node(void **state)
{
	NODES(other, LIST(0, 4), LIST(2));
	struct bench b = good_bench();
	struct wiring *w = wiring_of(&b);
	struct wiring_plan *plan = plan_of(w, &other);

	(void)state;
	assert_int_equal(plan->n, 2);
	says(plan, 0, "move ao1 from node 2 (both networks) to node 2 (clamped network)");
	says(plan, 1, "move ao2 from node 4 (clamped network) to node 4 (both networks)");
	wiring_plan_free(plan);
	wiring_free(w);
}

static void what_is_left_over_is_unplugged_and_found_again(void **state)
{
	NODES(fewer, LIST(0), LIST(4));
	struct bench b = good_bench();
	struct wiring *w = wiring_of(&b);
	struct wiring_plan *plan = plan_of(w, &fewer), *back;

	(void)state;
	assert_int_equal(plan->n, 1);
	says(plan, 0, "unplug ao1 from node 2, both networks");
	assert_int_equal(plan->after->n_outputs, 3);
	back = plan_of(plan->after, &two_in_one_out);
	assert_int_equal(back->n, 1);
	says(back, 0, "plug ao1 into node 2, both networks");
	wiring_plan_free(back);
	wiring_plan_free(plan);
	wiring_free(w);
}

/* Behind an open relay an output does no harm: it stays while others must move anyway. */
static void a_relay_saves_a_move(void **state)
{
	NODES(other, LIST(0, 7), LIST(4));
	struct bench b = good_bench();
	struct wiring *w;
	struct wiring_plan *plan;

	(void)state;
	put(&b, 6, WIRING_BOTH, 4, 6, 15);
	w = wiring_of(&b);
	plan = plan_of(w, &other);
	assert_int_equal(plan->n, 1);
	says(plan, 0, "move ao1 from node 2 to node 7, both networks");
	wiring_plan_free(plan);
	wiring_free(w);
	/* and is taken where nothing else is at hand, its relays with it */
	put(&b, 2, WIRING_BOTH, 1, 7, 16);
	w = wiring_of(&b);
	plan = plan_of(w, &other);
	assert_int_equal(plan->n, 1);
	assert_true(plan->after->wire[RIG_FREE][7].relay.kind == DAQ_DIO);
	wiring_plan_free(plan);
	wiring_free(w);
}

static void a_source_with_two_outputs_lends_one(void **state)
{
	NODES(two, LIST(0), LIST(4));
	struct bench b = {0};
	struct wiring *w;
	struct wiring_plan *plan;

	(void)state;
	put(&b, 0, WIRING_FREE, 0, -1, -1);
	put(&b, 0, WIRING_CLAMPED, 1, -1, -1);
	measure_all(&b);
	w = wiring_of(&b);
	plan = plan_of(w, &two);
	assert_int_equal(plan->n, 2);
	says(plan, 0, "move ao1 from node 0 (clamped network) to node 0 (both networks)");
	says(plan, 1, "move ao0 from node 0 (free network) to node 4 (clamped network)");
	wiring_plan_free(plan);
	wiring_free(w);
}

static void inputs_come_from_where_they_are_missed_least(void **state)
{
	static const uint32_t source = 0, target = 4, measured[] = {4, 1};
	const struct wiring_nodes nodes = {&source, &target, measured, 1, 1, 2};
	struct bench b = {0};
	struct wiring *w;
	struct wiring_plan *plan;

	(void)state;
	put(&b, 0, WIRING_BOTH, 0, -1, -1);
	put(&b, 4, WIRING_CLAMPED, 1, -1, -1);
	measure(&b, 0);
	measure(&b, 1);
	measure(&b, 3);
	w = wiring_of(&b);
	plan = plan_of(w, &nodes);
	assert_int_equal(plan->n, 2);
	says(plan, 0, "move ai3 from node 3 to node 4, free network");
	says(plan, 1, "move ai103 from node 3 to node 4, clamped network");
	wiring_plan_free(plan);
	wiring_free(w);
}

static void says_how_many_channels_are_missing(void **state)
{
	NODES(many, LIST(0, 2), LIST(4, 5));
	NODES(two, LIST(0), LIST(4, 5));
	struct bench b = good_bench();
	struct wiring *w = wiring_of(&b);
	struct wiring_plan *plan;
	struct wiring_misfit misfit;

	(void)state;
	assert_int_equal(wiring_plan(w, &many, &plan, &misfit), -ENOSPC);
	assert_string_equal(misfit.text, "2 sources and 2 targets need 4 outputs, and there are 3");
	wiring_free(w);
	for (size_t node = 0; node < N; node++)
		for (int side = 0; side < 2; side++)
			if (node != 4)
				b.wire[side][node].measure = (struct daq_channel){0};
	w = wiring_of(&b);
	assert_int_equal(wiring_plan(w, &two, &plan, &misfit), -ENOSPC);
	assert_string_equal(misfit.text,
			    "2 targets need 4 inputs, one in each network, and there are 2");
	wiring_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_a_task_that_is_wired_for),
		cmocka_unit_test(refuses_what_is_not_driven),
		cmocka_unit_test(refuses_a_target_that_is_held_in_the_free_network),
		cmocka_unit_test(refuses_a_target_that_is_not_measured),
		cmocka_unit_test(refuses_a_node_that_is_held_for_nothing),
		cmocka_unit_test(refuses_a_line_that_must_be_high_and_low),
		cmocka_unit_test(nothing_moves_where_it_fits),
		cmocka_unit_test(one_plug_serves_two_ends),
		cmocka_unit_test(a_plug_may_stay_at_its_node),
		cmocka_unit_test(what_is_left_over_is_unplugged_and_found_again),
		cmocka_unit_test(a_relay_saves_a_move),
		cmocka_unit_test(a_source_with_two_outputs_lends_one),
		cmocka_unit_test(inputs_come_from_where_they_are_missed_least),
		cmocka_unit_test(says_how_many_channels_are_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
