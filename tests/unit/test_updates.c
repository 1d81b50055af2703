/* tests/unit/test_updates.c - who updates on a tick: exactly a fraction, or by chance; and how often everybody did. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/rig.h"
#include "sim_backend/edges.h"
#include "sim_backend/updates.h"
#include "tests/check.h"

#define SEED 5u
#define N    40 /* edges 2j - 2j+1 */

static struct edges *new_edges(enum sim_update update)
{
	struct rig_config config = {.edge = {128, 781.25, 781.25, 63}, .sim = {.update = update}};
	struct network_error why;
	struct edges *edges;
	uint32_t ends[N][2];

	for (uint32_t j = 0; j < N; j++) {
		ends[j][0] = 2 * j;
		ends[j][1] = 2 * j + 1;
	}
	assert_ok(network_from_edges((const uint32_t(*)[2])ends, N, &config.network, &why));
	assert_ok(edges_new(&config, &edges));
	network_free(config.network);
	return edges;
}

/* Which of the N edges update on a tick; returns how many. */
static int tick(struct edges *edges, uint64_t step, uint32_t tick, uint8_t *ret)
{
	static const double volts[2 * N];
	const struct edges_draw draw = {.seed = SEED, .step = step, .tick = tick};
	struct rig_error err;
	int n = 0;

	assert_ok(edges_tick(edges, volts, volts, &draw, &err));
	for (int j = 0; j < N; j++)
		n += ret[j] = edges_updated(edges)[j / 8] >> j % 8 & 1;
	return n;
}

static void exactly_the_fraction_of_those_that_learn_updates(void **state)
{
	static const struct {
		double p;
		int want, want_of_31;
	} cases[] = {{0, 0, 0},      {0.01, 0, 0},   {0.5, 20, 16},
		     {0.66, 26, 20}, {0.99, 40, 31}, {1, 40, 31}};
	struct edges *edges = new_edges(SIM_FRACTION);
	uint8_t who[N];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		edges_set_update(edges, cases[i].p, NAN);
		for (size_t j = 0; j < 9; j++)
			edges_set_mode(edges, 4 * j, RIG_LEARN);
		for (uint64_t step = 0; step < 100; step++)
			assert_int_equal(tick(edges, step, 0, who), cases[i].want);
		for (size_t j = 0; j < 9; j++)
			edges_set_mode(edges, 4 * j, j % 2 ? RIG_HOLD : RIG_CUT);
		for (uint64_t step = 0; step < 100; step++) {
			assert_int_equal(tick(edges, step, 0, who), cases[i].want_of_31);
			for (size_t j = 0; j < 9; j++)
				assert_int_equal(who[4 * j], 0);
		}
	}
	edges_free(edges);
}

/* Sampling without replacement: each edge on k of n ticks, each pair together on k (k - 1) / (n (n - 1)). */
static void a_fraction_favours_no_edge_and_no_pair(void **state)
{
	struct edges *edges = new_edges(SIM_FRACTION);
	double n_ticks = 20000, single = 10.0 / 40, pair = 10.0 * 9 / (40 * 39);
	static unsigned of_edge[N], of_pair[N][N];
	uint8_t who[N];

	(void)state;
	edges_set_update(edges, 0.25, NAN);
	for (uint64_t step = 0; step < n_ticks; step++) {
		tick(edges, step, 0, who);
		for (int i = 0; i < N; i++)
			for (int j = 0; j < N; j++) {
				of_edge[j] += i == 0 && who[j];
				of_pair[i][j] += who[i] && who[j];
			}
	}
	for (int i = 0; i < N; i++) {
		assert_close(of_edge[i] / n_ticks, single,
			     5 * sqrt(single * (1 - single) / n_ticks));
		for (int j = 0; j < i; j++)
			assert_close(of_pair[i][j] / n_ticks, pair,
				     5 * sqrt(pair * (1 - pair) / n_ticks));
	}
	edges_free(edges);
}

static void a_draw_belongs_to_its_step_and_tick_in_whatever_order(void **state)
{
	static const enum sim_update kinds[] = {SIM_BERNOULLI, SIM_FRACTION};

	(void)state;
	for (int k = 0; k < 2; k++) {
		struct edges *forth = new_edges(kinds[k]), *back = new_edges(kinds[k]);
		static uint8_t a[60][N], b[60][N];
		unsigned alike = 0;

		edges_set_update(forth, 0.5, NAN);
		edges_set_update(back, 0.5, NAN);
		for (unsigned i = 0; i < 60; i++)
			tick(forth, i / 3, i % 3, a[i]);
		for (unsigned i = 60; i-- > 0;)
			tick(back, i / 3, i % 3, b[i]);
		assert_memory_equal(a, b, sizeof(a));
		for (unsigned i = 1; i < 60; i++)
			alike += !memcmp(a[0], a[i], N);
		assert_int_equal(alike, 0);
		edges_free(forth);
		edges_free(back);
	}
}

/* 777 ticks: bytes and words overflow on the way (64 bits, 255 counts), and it is read in between. */
static void counts_are_those_of_the_masks(void **state)
{
	struct edges *edges = new_edges(SIM_FRACTION);
	static uint64_t single[N], pair[N][N];
	struct rig_updates u;
	uint8_t who[N];

	(void)state;
	edges_set_update(edges, 0.3, NAN);
	for (uint64_t step = 0; step < 777; step++) {
		tick(edges, step, 0, who);
		for (int i = 0; i < N; i++)
			for (int j = 0; j < N; j++) {
				single[j] += i == 0 && who[j];
				pair[i][j] += who[i] && who[j];
			}
		if (step % 100 != 50 && step != 776)
			continue;
		edges_updates(edges, &u);
		assert_int_equal(u.ticks, step + 1);
		assert_memory_equal(u.updated, single, sizeof(single));
		assert_memory_equal(u.together, pair, sizeof(pair));
	}
	edges_begin(edges);
	edges_updates(edges, &u);
	assert_int_equal(u.ticks, 0);
	for (int j = 0; j < N; j++)
		assert_true(u.updated[j] == 0 && u.together[j * N + j] == 0);
	edges_free(edges);
}

static void by_chance_edges_are_counted_and_pairs_are_not(void **state)
{
	struct edges *edges = new_edges(SIM_BERNOULLI);
	uint64_t single[N] = {0};
	struct rig_updates u;
	uint8_t who[N];

	(void)state;
	for (uint64_t step = 0; step < 1000; step++) {
		edges_set_update(edges, step < 500 ? 1 : 0.2, NAN);
		tick(edges, step, 0, who);
		for (int j = 0; j < N; j++)
			single[j] += who[j];
	}
	edges_updates(edges, &u);
	assert_int_equal(u.ticks, 1000);
	assert_memory_equal(u.updated, single, sizeof(single));
	assert_null(u.together);
	edges_free(edges);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exactly_the_fraction_of_those_that_learn_updates),
		cmocka_unit_test(a_fraction_favours_no_edge_and_no_pair),
		cmocka_unit_test(a_draw_belongs_to_its_step_and_tick_in_whatever_order),
		cmocka_unit_test(counts_are_those_of_the_masks),
		cmocka_unit_test(by_chance_edges_are_counted_and_pairs_are_not),
	};

	print_message("seed %u\n", SEED);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
