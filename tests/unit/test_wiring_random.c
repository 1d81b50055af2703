/* tests/unit/test_wiring_random.c - plans for wirings and tasks at random: carried out, the task fits, and no plan is
 * shorter.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "sim_backend/random.h"
#include "tests/unit/wires.h"

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

static int wanted(const struct wiring_nodes *nodes, size_t node)
{
	for (size_t i = 0; i < nodes->n_sources; i++)
		if (nodes->sources[i] == node)
			return WIRING_BOTH;
	for (size_t i = 0; i < nodes->n_targets; i++)
		if (nodes->targets[i] == node)
			return WIRING_CLAMPED;
	return WIRING_NOWHERE;
}

/* Of a bench without relays, worked out on paper.  An output that holds a node against the task moves; to every node
 * without what it needs one is moved; the same move may do both.  Where outputs are short, a source that has one for
 * each network gives one away, and the other is plugged into both: one move more. */
static size_t fewest(const struct wiring *w, const struct wiring_nodes *nodes)
{
	size_t lacking = 0, wrong = 0, doubled = 0, parts = nodes->n_sources + nodes->n_targets;
	size_t most;

	for (size_t node = 0; node < N; node++) {
		const struct daq_wire *free_ = &w->wire[RIG_FREE][node];
		const struct daq_wire *clamped = &w->wire[RIG_CLAMPED][node];
		int have = (free_->drive.kind ? WIRING_FREE : 0) |
			   (clamped->drive.kind ? WIRING_CLAMPED : 0);
		bool two = have == WIRING_BOTH && free_->drive.number != clamped->drive.number;
		int want = wanted(nodes, node);

		doubled += want == WIRING_BOTH && two;
		if (have == want)
			continue;
		if (want == WIRING_CLAMPED && two) {
			wrong++; /* the free one; the other clamps */
			continue;
		}
		wrong += two ? 2 : have != 0;
		lacking += want != 0;
	}
	most = lacking > wrong ? lacking : wrong;
	return w->n_outputs - doubled < parts ? most + parts - (w->n_outputs - doubled) : most;
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
	size_t planned = 0, short_of = 0, counted = 0;

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
			assert_int_equal(moves_are_the_difference(w, plan), fewest(w, &nodes));
			counted++;
		} else {
			moves_are_the_difference(w, plan);
		}
		planned++;
		wiring_plan_free(plan);
		wiring_free(w);
	}
	printf("# %zu planned, %zu short of channels; the moves of %zu counted\n", planned,
	       short_of, counted);
	assert_true(planned >= 200 && short_of > 0 && counted >= 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_plan_makes_its_task_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
