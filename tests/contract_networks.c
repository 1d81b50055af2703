/* tests/contract_networks.c - what any rig's outputs, cuts and wipers do. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "sim_backend/network.h"
#include "tests/contract_rig.h"

/* ---- networks ---- */

static void a_clamp_holds_its_targets_until_it_is_let_go(void **state)
{
	double tolerance = rig_of(state)->tolerance_V, free_V[3], seen[3];
	struct rig *rig = open_and_begin(state, 1);

	drive_both(rig);
	assert_ok(rig_measure(rig, RIG_FREE, targets, 3, free_V));
	assert_ok(rig_clamp(rig, target_V, 3));
	assert_ok(rig_measure(rig, RIG_CLAMPED, targets, 3, seen));
	for (int i = 0; i < 3; i++)
		assert_close(seen[i], 3, tolerance);
	assert_ok(rig_measure(rig, RIG_FREE, targets, 3, seen));
	for (int i = 0; i < 3; i++)
		assert_close(seen[i], free_V[i], tolerance); /* the free network does not care */
	assert_ok(rig_clamp(rig, NULL, 0));
	assert_ok(rig_measure(rig, RIG_CLAMPED, targets, 3, seen));
	for (int i = 0; i < 3; i++)
		assert_close(seen[i], free_V[i], tolerance + 0.05); /* the twins differ a little */
	rig_close(rig);
}

static void edges_of_the_network(struct rig *rig, uint32_t node, size_t *ret, size_t *n)
{
	const struct network *net = rig_info(rig)->network;

	*n = 0;
	for (size_t j = 0; j < net->n_edges; j++)
		if (net->a[j] == node || net->b[j] == node)
			ret[(*n)++] = j;
}

/* Node 8 left with one edge carries no current: it has its neighbour's voltage.  With none it floats. */
static void a_cut_edge_carries_no_current(void **state)
{
	struct rig *rig = open_and_begin(state, 1);
	const struct network *net = rig_info(rig)->network;
	const uint32_t *floating;
	size_t edge[N_EDGES], n;
	uint32_t both[2] = {8, 0};
	double seen[2];
	struct rig_edges edges = {0};
	uint8_t mode[N_EDGES];

	drive_both(rig);
	edges_of_the_network(rig, 8, edge, &n);
	for (size_t i = 1; i < n; i++)
		assert_ok(rig_set_edge_mode(rig, edge[i], RIG_CUT));
	both[1] = net->a[edge[0]] == 8 ? net->b[edge[0]] : net->a[edge[0]];
	assert_ok(rig_measure(rig, RIG_FREE, both, 2, seen));
	assert_close(seen[0], seen[1], 2 * rig_of(state)->tolerance_V);
	assert_int_equal(rig_floating(rig, &floating), 0);

	assert_ok(rig_set_edge_mode(rig, edge[0], RIG_CUT));
	assert_int_equal(rig_floating(rig, &floating), 1);
	assert_int_equal(floating[0], 8);
	assert_ok(rig_measure(rig, RIG_FREE, both, 2, seen));
	assert_true(isnan(seen[0]) && isfinite(seen[1]));
	edges.mode = mode;
	assert_ok(rig_read_edges(rig, &edges));
	assert_int_equal(mode[edge[0]], RIG_CUT);

	assert_ok(rig_set_edge_mode(rig, edge[0], RIG_LEARN));
	assert_int_equal(rig_floating(rig, &floating), 0);
	rig_close(rig);
}

static void a_cut_that_lets_a_target_float_is_refused_and_undone(void **state)
{
	struct rig *rig = open_and_begin(state, 1);
	size_t edge[N_EDGES], n;
	uint8_t mode[N_EDGES];
	struct rig_edges edges = {.mode = mode};
	const struct rig_session again = {.sources = sources,
					  .n_sources = 3,
					  .targets = targets,
					  .n_targets = 3,
					  .measured = all_nodes,
					  .n_measured = N_NODES,
					  .seed = 1};

	edges_of_the_network(rig, 3, edge, &n);
	for (size_t i = 1; i < n; i++)
		assert_ok(rig_set_edge_mode(rig, edge[i], RIG_CUT));
	assert_says(rig, rig_set_edge_mode(rig, edge[0], RIG_CUT), -ENOTCONN, "target node 3");
	assert_int_equal(rig_error(rig)->edge, edge[0]);
	assert_ok(rig_read_edges(rig, &edges));
	assert_int_equal(mode[edge[0]], RIG_LEARN);
	drive_both(rig);
	assert_ok(rig_tick(rig)); /* the session goes on */
	assert_ok(rig_begin(rig, &again));
	rig_close(rig);
}

/* ---- edges ---- */

static void each_learning_edge_that_updates_moves_by_one_and_no_other_does(void **state)
{
	struct rig *rig = open_and_begin(state, 1);
	uint8_t before[N_EDGES], wiper[N_EDGES], updated[N_MASK], raised[N_MASK];
	struct rig_edges edges = {.wiper = wiper, .updated = updated, .raised = raised};
	double clamp_V[] = {3, 3, 3};
	unsigned moved = 0;

	assert_ok(rig_set_edge_mode(rig, 4, RIG_HOLD));
	assert_ok(rig_set_edge_mode(rig, 9, RIG_CUT));
	drive_both(rig);
	assert_ok(rig_clamp(rig, clamp_V, 3));
	for (uint64_t step = 0; step < 40; step++) {
		read_wipers(rig, before);
		assert_ok(rig_mark_step(rig, step));
		assert_ok(rig_tick(rig));
		assert_ok(rig_read_edges(rig, &edges));
		for (int j = 0; j < N_EDGES; j++) {
			int u = updated[j / 8] >> j % 8 & 1, up = raised[j / 8] >> j % 8 & 1;

			assert_int_equal(wiper[j], before[j] + (u ? (up ? 1 : -1) : 0));
			moved += (unsigned)u;
		}
		assert_int_equal(wiper[4], 63);
		assert_int_equal(wiper[9], 63);
	}
	assert_true(moved > 40 * 14 * rig_of(state)->p * 0.8);
	rig_close(rig);
}

static void wipers_stop_at_their_ends(void **state)
{
	struct rig *rig = open_and_begin(state, 1);
	uint8_t wiper[N_EDGES], updated[N_MASK];
	struct rig_edges edges = {.wiper = wiper, .updated = updated};
	unsigned at_end = 0;

	for (int end = 0; end < 2; end++) {
		memset(wiper, end ? 127 : 0, N_EDGES);
		assert_ok(rig_write_edges(rig, wiper, N_EDGES));
		assert_ok(rig_set_update(rig, 1, 0));
		drive_both(rig);
		assert_ok(rig_clamp(rig, target_V, 3));
		assert_ok(rig_tick(rig));
		assert_ok(rig_read_edges(rig, &edges));
		assert_int_equal(updated[0] & updated[1], 0xFF);
		for (int j = 0; j < N_EDGES; j++) {
			at_end += wiper[j] == (end ? 127 : 0);
			assert_true(wiper[j] == (end ? 127 : 0) || wiper[j] == (end ? 126 : 1));
		}
	}
	assert_true(at_end > 0); /* some did want to go on */
	rig_close(rig);
}

static void wipers_are_read_as_written_and_homed(void **state)
{
	struct rig *rig = open_and_begin(state, 1);
	uint8_t wiper[N_EDGES], seen[N_EDGES];

	for (int j = 0; j < N_EDGES; j++)
		wiper[j] = (uint8_t)(8 * j);
	assert_ok(rig_write_edges(rig, wiper, N_EDGES));
	begin(rig, 2);
	read_wipers(rig, seen);
	assert_memory_equal(seen, wiper, N_EDGES);
	assert_ok(rig_home(rig));
	read_wipers(rig, seen);
	for (int j = 0; j < N_EDGES; j++)
		assert_int_equal(seen[j], 63);
	rig_close(rig);
}

static void making_safe_drives_safe_volts_and_moves_no_tap(void **state)
{
	struct rig *rig = open_and_begin(state, 1);
	uint8_t before[N_EDGES], after[N_EDGES];
	struct trace t;
	double seen[N_NODES];

	step_by_hand(rig, 0, true, &t);
	read_wipers(rig, before);
	rig_interrupt(rig); /* an abort comes this way */
	assert_int_equal(rig_make_safe(rig), RIG_SAFE_CONFIRMED);
	rig_clear_interrupt(rig);
	read_wipers(rig, after);
	assert_memory_equal(before, after, N_EDGES);
	assert_ok(rig_measure(rig, RIG_FREE, all_nodes, N_NODES, seen));
	for (int i = 0; i < N_NODES; i++)
		assert_close(seen[i], 0, rig_of(state)->tolerance_V);
	assert_ok(rig_measure(rig, RIG_CLAMPED, all_nodes, N_NODES, seen));
	for (int i = 0; i < N_NODES; i++)
		assert_close(seen[i], 0, rig_of(state)->tolerance_V);
	rig_close(rig);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(a_clamp_holds_its_targets_until_it_is_let_go),
	cmocka_unit_test(a_cut_edge_carries_no_current),
	cmocka_unit_test(a_cut_that_lets_a_target_float_is_refused_and_undone),
	cmocka_unit_test(each_learning_edge_that_updates_moves_by_one_and_no_other_does),
	cmocka_unit_test(wipers_stop_at_their_ends),
	cmocka_unit_test(wipers_are_read_as_written_and_homed),
	cmocka_unit_test(making_safe_drives_safe_volts_and_moves_no_tap),
};

const struct contract_part contract_networks = {tests, sizeof(tests) / sizeof(tests[0])};
