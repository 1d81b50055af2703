/* tests/unit/test_wiring.c - which tasks fit which wires, and the fewest plugs to move until one does. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/wiring.h"
#include "sim_backend/random.h"
#include "tests/check.h"

#define N 12 /* nodes */

/* A small bench, made by hand: "0: both ao0; 4: clamped ao1 dio3; ..." is put by put(). */
struct bench {
	struct daq_wire wire[2][N];
};

static void put(struct bench *b, size_t node, enum wiring_plug plug, int output, int relay_free,
		int relay_clamped)
{
	const int relay[2] = {relay_free, relay_clamped};

	for (int side = 0; side < 2; side++) {
		if (!(plug & 1 << side))
			continue;
		b->wire[side][node].drive = (struct daq_channel){DAQ_AO, (unsigned)output};
		b->wire[side][node].relay =
			relay[side] < 0 ? (struct daq_channel){0}
					: (struct daq_channel){DAQ_DIO, (unsigned)relay[side]};
	}
}

/* ai0 .. in the free network, ai100 .. in the clamped one */
static void measure(struct bench *b, size_t node)
{
	b->wire[RIG_FREE][node].measure = (struct daq_channel){DAQ_AI, (unsigned)node};
	b->wire[RIG_CLAMPED][node].measure = (struct daq_channel){DAQ_AI, 100 + (unsigned)node};
}

static void measure_all(struct bench *b)
{
	for (size_t node = 0; node < N; node++)
		measure(b, node);
}

static struct wiring *wiring_of(const struct bench *b)
{
	const struct daq_wire *const wire[2] = {b->wire[0], b->wire[1]};
	struct wiring *w;

	assert_ok(wiring_new(N, wire, &w));
	return w;
}

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

/* ---- at random ---- */

#define CASES 2000

struct draw {
	uint64_t seed, n;
};

static size_t below(struct draw *d, size_t n)
{
	return (size_t)random_below(d->seed, RANDOM_INITIAL, d->n++, 0, n);
}

static void shuffle(struct draw *d, uint32_t *nodes)
{
	for (size_t i = 0; i < N; i++)
		nodes[i] = (uint32_t)i;
	for (size_t i = N - 1; i > 0; i--) {
		size_t k = below(d, i + 1);
		uint32_t node = nodes[i];

		nodes[i] = nodes[k];
		nodes[k] = node;
	}
}

/* Outputs of every kind, with and without relays, some lines shared; inputs at random. */
static struct bench random_bench(struct draw *d)
{
	struct bench b = {0};
	int output = 0;

	for (size_t node = 0; node < N; node++) {
		int line = below(d, 2) ? -1 : (int)below(d, 24), other = line;

		if (line >= 0 && below(d, 2))
			other = (int)below(d, 24);
		switch (below(d, 5)) {
		case 0:
			put(&b, node, WIRING_BOTH, output++, line, other);
			break;
		case 1:
			put(&b, node, WIRING_CLAMPED, output++, line, line);
			break;
		case 2:
			put(&b, node, WIRING_FREE, output++, line, line);
			break;
		case 3:
			put(&b, node, WIRING_FREE, output++, line, line);
			put(&b, node, WIRING_CLAMPED, output++, other, other);
			break;
		}
		if (below(d, 4))
			measure(&b, node);
		if (!below(d, 4))
			b.wire[below(d, 2)][node].measure = (struct daq_channel){0};
	}
	return b;
}

static void no_channel_is_in_two_places(const struct wiring *w)
{
	for (size_t i = 0; i < 2 * N; i++)
		for (size_t k = 0; k < i; k++) {
			const struct daq_wire *a = &w->wire[i % 2][i / 2];
			const struct daq_wire *b = &w->wire[k % 2][k / 2];

			assert_false(a->measure.kind && b->measure.kind &&
				     a->measure.number == b->measure.number);
			assert_false(i / 2 != k / 2 && a->drive.kind && b->drive.kind &&
				     a->drive.number == b->drive.number);
		}
}

/* Where an output is plugged in, worked out anew from the wires. */
static void place_of(const struct wiring *w, struct daq_channel output, long *ret_node, int *ret)
{
	*ret_node = -1;
	*ret = 0;
	for (size_t i = 0; i < 2 * N; i++) {
		const struct daq_wire *wire = &w->wire[i % 2][i / 2];

		if (!wire->drive.kind || wire->drive.number != output.number)
			continue;
		*ret_node = (long)(i / 2);
		*ret |= 1 << i % 2;
	}
}

/* Every channel that is elsewhere afterwards is a move, and no other is; returns the outputs' number. */
static size_t moves_are_the_difference(const struct wiring *before, const struct wiring_plan *plan)
{
	size_t n_outputs = 0, n_listed = 0;

	for (size_t i = 0; i < before->n_outputs; i++) {
		long from, to;
		int from_plug, to_plug;

		place_of(before, before->output[i].channel, &from, &from_plug);
		place_of(plan->after, before->output[i].channel, &to, &to_plug);
		n_outputs += from != to || from_plug != to_plug;
	}
	for (size_t i = 0; i < plan->n; i++)
		n_listed += plan->move[i].channel.kind == DAQ_AO;
	assert_int_equal(n_outputs, n_listed);
	return n_outputs;
}

/* No plan of outputs can be shorter: every output without a relay that holds a node against the task moves, and to
 * every node without what it needs one is moved.  Only for benches without relays, where this is easy to say. */
static size_t fewest(const struct wiring *w, const struct wiring_nodes *nodes)
{
	size_t lacking = 0, wrong = 0;

	for (size_t node = 0; node < N; node++) {
		int want = 0, have = 0;
		size_t leads;

		for (size_t i = 0; i < nodes->n_sources; i++)
			want = nodes->sources[i] == node ? WIRING_BOTH : want;
		for (size_t i = 0; i < nodes->n_targets; i++)
			want = nodes->targets[i] == node ? WIRING_CLAMPED : want;
		for (int side = 0; side < 2; side++)
			have |= w->wire[side][node].drive.kind ? 1 << side : 0;
		leads = have == WIRING_BOTH && w->wire[0][node].drive.number !=
						       w->wire[1][node].drive.number
				? 2
				: have != 0;
		if (have == want)
			continue;
		if (leads == 2 && want == WIRING_CLAMPED) {
			wrong++; /* the free one */
			continue;
		}
		wrong += leads;
		lacking += want != 0;
	}
	return lacking > wrong ? lacking : wrong;
}

static void drop_relays(struct bench *b)
{
	for (size_t i = 0; i < 2 * N; i++)
		b->wire[i % 2][i / 2].relay = (struct daq_channel){0};
}

static void every_plan_makes_its_task_fit(void **state)
{
	const char *said = getenv("WIRING_SEED");
	struct draw d = {.seed = said ? strtoull(said, NULL, 10) : (uint64_t)time(NULL)};
	size_t planned = 0, short_of = 0, at_least = 0, as_few = 0;

	(void)state;
	printf("# seed %llu (WIRING_SEED)\n", (unsigned long long)d.seed);
	for (size_t i = 0; i < CASES; i++) {
		struct bench b = random_bench(&d);
		uint32_t order[N];
		size_t n_sources = 1 + below(&d, 6), n_targets = 1 + below(&d, 6);
		const struct wiring_nodes nodes = {order,     order + n_sources, order,
						   n_sources, n_targets,         below(&d, N)};
		bool bare = below(&d, 2);
		struct wiring_misfit misfit;
		struct wiring_plan *plan;
		struct wiring *w;
		int e;

		shuffle(&d, order);
		if (bare)
			drop_relays(&b);
		w = wiring_of(&b);
		e = wiring_plan(w, &nodes, &plan, &misfit);
		if (e == -ENOSPC) {
			assert_true(w->n_outputs < n_sources + n_targets ||
				    w->n_inputs < 2 * n_targets);
			short_of++;
			wiring_free(w);
			continue;
		}
		assert_ok(e);
		if (!wiring_fits(plan->after, &nodes, &misfit))
			fail_msg("case %zu: %s", i, misfit.text);
		no_channel_is_in_two_places(plan->after);
		if (bare) {
			size_t moves = moves_are_the_difference(w, plan);

			assert_true(moves >= fewest(w, &nodes));
			as_few += moves == fewest(w, &nodes);
			at_least++;
		} else {
			moves_are_the_difference(w, plan);
		}
		planned++;
		wiring_plan_free(plan);
		wiring_free(w);
	}
	printf("# %zu planned, %zu short of channels; %zu of %zu as short as can be\n", planned,
	       short_of, as_few, at_least);
	assert_true(planned >= 200);
	/* the others have to split a source with two outputs, which the bound does not count */
	assert_true(as_few * 10 >= at_least * 9);
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
		cmocka_unit_test(every_plan_makes_its_task_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
