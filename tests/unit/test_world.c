/* tests/unit/test_world.c - the bench that is not there: voltages, charge, clock edges, boards, what it counts. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim_backend/edges.h"
#include "tests/check.h"
#include "tests/unit/dense_rc.h"
#include "tests/unit/world_lab.h"

static int set_up(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));

	lab_load(lab);
	*state = lab;
	return 0;
}

static int tear_down(void **state)
{
	lab_end(*state);
	free(*state);
	return 0;
}

/* ---- voltages ---- */

static const uint8_t some_taps[EDGES] = {0,  127, 5,  63, 90, 12, 33, 71,
					 18, 44,  99, 1,  60, 27, 80, 110};

static void go_to(struct lab *lab, const uint8_t *taps)
{
	for (size_t j = 0; j < EDGES; j++)
		lab_write(lab, j, BOARD_EDGE + BOARD_EDGE_GO, taps[j]);
}

/* Sources 0, 2, 8 in both networks; 4 and 6 clamped. */
static void drive_some(struct lab *lab)
{
	static const double volts[NODES] = {5, 0, 1, 0, 3.2, 0, 2.1, 0, 0.25};

	for (unsigned i = 0; i < NODES; i++)
		lab_drive(lab, i, volts[i]);
	for (int side = RIG_FREE; side <= RIG_CLAMPED; side++) {
		lab_connect(lab, side, 0, true);
		lab_connect(lab, side, 2, true);
		lab_connect(lab, side, 8, true);
	}
	lab_connect(lab, RIG_CLAMPED, 4, true);
	lab_connect(lab, RIG_CLAMPED, 6, true);
}

static void expect(const struct lab *lab, int side, const double *g, double *ret_V)
{
	const char held[2][NODES] = {{1, 0, 1, 0, 0, 0, 0, 0, 1}, {1, 0, 1, 0, 1, 0, 1, 0, 1}};

	for (unsigned i = 0; i < NODES; i++)
		ret_V[i] = world_output(lab->world, i);
	assert_int_equal(dense_solve(lab->config->network, g, held[side], ret_V), 0);
}

static void volts_are_those_of_an_independent_solution(void **state)
{
	struct lab *lab = *state;
	double g[EDGES], want_V[NODES], got_V[NODES];

	lab_begin(lab, 1);
	go_to(lab, some_taps);
	drive_some(lab);
	lab_conductances(lab, some_taps, g);
	for (int side = RIG_FREE; side <= RIG_CLAMPED; side++) {
		expect(lab, side, g, want_V);
		assert_ok(world_voltages(lab->world, side, lab->now_ns, got_V));
		for (unsigned i = 0; i < NODES; i++) {
			assert_close(got_V[i], want_V[i], 1e-10);
			assert_close(world_read_input(lab->world, (side ? 16 : 0) + i, lab->now_ns),
				     want_V[i], 1e-10);
		}
	}
}

static void a_node_without_a_path_floats_and_reads_nothing(void **state)
{
	struct lab *lab = *state;
	double volts[NODES];

	lab_begin(lab, 1);
	assert_ok(world_voltages(lab->world, RIG_FREE, lab->now_ns, volts));
	assert_true(isnan(volts[4]));
	assert_close(world_read_input(lab->world, 4, lab->now_ns), 0, 0);
	assert_close(world_read_input(lab->world, 60, lab->now_ns), 0, 0); /* nothing plugged in */
	lab_drive(lab, 0, 2);
	lab_connect(lab, RIG_FREE, 0, true);
	assert_close(world_read_input(lab->world, 4, lab->now_ns), 2, 1e-12);
	assert_close(world_read_input(lab->world, 20, lab->now_ns), 0, 0); /* the other network */
	for (unsigned edge = 0; edge < EDGES; edge++) /* the edges of node 8: 5 and 11 */
		if (edge == 5 || edge == 11)
			lab_write(lab, edge, BOARD_EDGE + BOARD_EDGE_MODE, BOARD_CUT);
	assert_ok(world_voltages(lab->world, RIG_FREE, lab->now_ns, volts));
	assert_true(isnan(volts[8]));
	assert_close(volts[7], 2, 1e-12);
}

static void a_channel_plugged_elsewhere_drives_there(void **state)
{
	struct lab *lab = *state;
	struct world_error err;
	const struct daq_channel ao = {DAQ_AO, 4}, ai = {DAQ_AI, 16}, line = {DAQ_DIO, 3};
	double volts[NODES];

	lab_begin(lab, 1);
	lab_drive(lab, 4, 3);
	lab_connect(lab, RIG_CLAMPED, 4, true);
	assert_ok(world_plug(lab->world, ao, RIG_CLAMPED, 6, lab->now_ns, &err));
	lab_drive(lab, 0, 1);
	lab_connect(lab, RIG_CLAMPED, 0, true);
	assert_ok(world_voltages(lab->world, RIG_CLAMPED, lab->now_ns, volts));
	assert_close(volts[6], 3, 1e-12);
	assert_true(volts[4] < 3);
	assert_ok(world_plug(lab->world, ai, RIG_CLAMPED, 6, lab->now_ns, &err));
	assert_close(world_read_input(lab->world, 16, lab->now_ns), 3, 1e-12);
	assert_int_equal(world_plug(lab->world, line, -1, 6, lab->now_ns, &err), -EINVAL);
	assert_int_equal(world_plug(lab->world, ao, -1, 9, lab->now_ns, &err), -EINVAL);
	assert_ok(world_loop(lab->world, 40, 4, lab->now_ns, &err));
	assert_close(world_read_input(lab->world, 40, lab->now_ns), 3, 0);
}

/* ---- charge ---- */

static void charge_relaxes_as_a_dense_eigendecomposition_says(void **state)
{
	struct lab *lab = *state;
	const char held[NODES] = {1, 0, 1, 0, 0, 0, 0, 0, 1};
	double g[EDGES], farad[EDGES], want_V[NODES],
		held_V[NODES] = {5, 0, 1, 0, 0, 0, 0, 0, 0.25};
	double got_V[NODES];

	lab_begin(lab, 1);
	go_to(lab, some_taps);
	lab_conductances(lab, some_taps, g);
	for (unsigned i = 0; i < 9; i += i == 2 ? 6 : 2)
		lab_connect(lab, RIG_FREE, i, true);
	for (size_t j = 0; j < EDGES; j++) {
		lab_write(lab, j, BOARD_CAPACITOR, 2);
		farad[j] = 22e-6;
	}
	assert_close(world_farad(lab->world), 22e-6, 0);
	memset(want_V, 0, sizeof(want_V));
	assert_ok(world_voltages(lab->world, RIG_FREE, lab->now_ns, got_V));
	for (unsigned i = 0; i < NODES; i++)
		if (held[i])
			lab_drive(lab, i, held_V[i]);
	dense_jump(lab->config->network, farad, held, held_V, want_V);
	for (int k = 0; k < 6; k++) {
		double pause_s = k == 0 ? 0 : 0.01 * k * k;

		if (k) /* looked at in between or not: the same */
			dense_relax(lab->config->network, g, farad, held, pause_s, want_V);
		lab->now_ns += llround(1e9 * pause_s);
		assert_ok(world_voltages(lab->world, RIG_FREE, lab->now_ns, got_V));
		for (unsigned i = 0; i < NODES; i++)
			assert_close(got_V[i], want_V[i], 1e-9);
	}
}

/* Not at once where there is charge; and what was held stays until it has flowed away. */
static void a_relay_that_opens_leaves_the_charge(void **state)
{
	struct lab *lab = *state;
	double before_V[NODES], at_once_V[NODES], later_V[NODES];

	lab_begin(lab, 1);
	go_to(lab, some_taps);
	drive_some(lab);
	for (size_t j = 0; j < EDGES; j++)
		lab_write(lab, j, BOARD_CAPACITOR, 1);
	lab->now_ns += 5000 * MS;
	assert_ok(world_voltages(lab->world, RIG_CLAMPED, lab->now_ns, before_V));
	assert_close(before_V[4], 3.2, 1e-9);
	lab_connect(lab, RIG_CLAMPED, 4, false);
	assert_ok(world_voltages(lab->world, RIG_CLAMPED, lab->now_ns, at_once_V));
	for (unsigned i = 0; i < NODES; i++)
		assert_close(at_once_V[i], before_V[i], 1e-9);
	lab->now_ns += 5000 * MS;
	assert_ok(world_voltages(lab->world, RIG_CLAMPED, lab->now_ns, later_V));
	assert_true(fabs(later_V[4] - 3.2) > 0.05);
}

/* ---- clock edges ---- */

/* The simulator's edges on voltages solved by other means, with the same draws. */
static void a_tick_moves_the_taps_as_the_simulators_edges_do(void **state)
{
	struct lab *lab = *state;
	struct edges *edges;
	struct rig_error err;
	uint64_t seed = (uint64_t)time(NULL);
	uint8_t taps[EDGES];
	double g[EDGES], free_V[NODES], clamped_V[NODES];

	print_message("# seed %llu\n", (unsigned long long)seed);
	lab->config->sim.comparator_noise_V = 0.01;
	lab_begin(lab, seed);
	drive_some(lab);
	world_set_output(lab->world, BIAS, 2.0, lab->now_ns); /* p = 0.6 */
	assert_ok(edges_new(lab->config, &edges));
	edges_set_update(edges, 0.6, NAN);
	for (uint64_t step = 0; step < 300; step++) {
		struct edges_draw draw = {.seed = seed, .step = step};

		lab_conductances(lab, edges_wiper(edges), g);
		expect(lab, RIG_FREE, g, free_V);
		expect(lab, RIG_CLAMPED, g, clamped_V);
		for (unsigned i = 0; i < NODES; i++)
			clamped_V[i] -= free_V[i];
		assert_ok(edges_tick(edges, free_V, clamped_V, &draw, &err));
		lab_tick(lab);
		world_taps(lab->world, taps);
		assert_memory_equal(taps, edges_wiper(edges), EDGES);
		for (size_t j = 0; j < EDGES; j++) {
			unsigned word = lab_read(lab, j, BOARD_STEP_EDGE);

			assert_int_equal(word & BOARD_WORD_TAP, taps[j]);
			assert_int_equal(!!(word & BOARD_WORD_UPDATED),
					 edges_updated(edges)[j / 8] >> j % 8 & 1);
			assert_int_equal(!!(word & BOARD_WORD_RAISED),
					 edges_raised(edges)[j / 8] >> j % 8 & 1);
		}
	}
	g[0] = 0;
	for (size_t j = 0; j < EDGES; j++)
		g[0] += taps[j] != 63;
	assert_true(g[0] > 8); /* it is no test of standing still */
	edges_free(edges);
}

static void only_an_active_edge_is_a_tick(void **state)
{
	struct lab *lab = *state;

	lab_begin(lab, 1);
	lab_tick(lab);
	world_set_line(lab->world, 0, true, lab->now_ns);
	world_set_line(lab->world, 5, true, lab->now_ns);
	assert_int_equal(lab_counts(lab).clock_edges, 1);
	assert_int_equal(lab_counts(lab).line_changes, 2);
	for (size_t i = 0; i < EDGES; i++)
		assert_int_equal(lab_read(lab, i, BOARD_CLOCK + 1), 1);
	assert_int_equal(lab_read(lab, 3, BOARD_STATUS), BOARD_IS_CLOCKED);
	lab->now_ns += 1001 * MS;
	assert_int_equal(lab_read(lab, 3, BOARD_STATUS), 0);
}

static unsigned updates(struct lab *lab, double bias_V, unsigned ticks)
{
	unsigned sum = 0;

	world_set_output(lab->world, BIAS, bias_V, lab->now_ns);
	for (size_t i = 0; i < EDGES; i++)
		lab_write(lab, i, BOARD_COMMAND, BOARD_RESET_COUNTERS);
	for (unsigned k = 0; k < ticks; k++)
		lab_tick(lab);
	for (size_t i = 0; i < EDGES; i++)
		sum += lab_read(lab, i, BOARD_EDGE + BOARD_EDGE_UPDATED + 1);
	return sum;
}

static void the_bias_voltage_says_how_many_update(void **state)
{
	struct lab *lab = *state;

	lab_begin(lab, 7);
	drive_some(lab);
	assert_int_equal(updates(lab, 0, 100), 1600);
	assert_int_equal(updates(lab, 5, 100), 0);
	assert_close(updates(lab, 3.5, 1000), 0.3 * 16000, 4 * sqrt(0.21 * 16000));
}

static void oscillators_are_compared_with_the_bias_voltage(void **state)
{
	struct lab *lab = *state;

	lab->config->sim.update = SIM_OSCILLATORS;
	lab->config->sim.oscillators.period_s = 0.0371;
	lab->config->sim.oscillators.spread = 0.1;
	lab_begin(lab, 7);
	drive_some(lab);
	assert_int_equal(updates(lab, 0, 100), 1600);
	assert_int_equal(updates(lab, 5, 100), 0);
	assert_close(updates(lab, 3.5, 2000), 0.3 * 32000, 1000);
}

/* ---- boards ---- */

static void a_power_cycle_forgets_all_but_how_often(void **state)
{
	struct lab *lab = *state;
	uint8_t taps[EDGES];

	lab_begin(lab, 1);
	go_to(lab, some_taps);
	lab_tick(lab);
	lab_write(lab, 4, BOARD_WATCHDOG_MS, 100);
	lab_write(lab, 4, BOARD_CAPACITOR, 3);
	lab_fault(lab, &(struct world_fault){.what = "power_cycle", .board = 4});
	world_taps(lab->world, taps);
	assert_int_equal(taps[4], 63);
	assert_true(abs(taps[5] - some_taps[5]) <= 1);
	assert_int_equal(lab_read(lab, 4, BOARD_BOOTS), 2);
	assert_int_equal(lab_read(lab, 5, BOARD_BOOTS), 1);
	assert_int_equal(lab_read(lab, 4, BOARD_CLOCK + 1), 0);
	assert_int_equal(lab_read(lab, 4, BOARD_EDGE + BOARD_EDGE_MODE), BOARD_HOLD);
	assert_int_equal(lab_read(lab, 4, BOARD_WATCHDOG_MS), 0);
	assert_int_equal(lab_read(lab, 4, BOARD_CAPACITOR), 0);
	assert_int_equal(lab_read(lab, 4, BOARD_SERIAL + 1), 1005);
}

static void a_watchdog_holds_the_edges_and_keeps_the_capacitors(void **state)
{
	struct lab *lab = *state;

	lab_begin(lab, 1);
	drive_some(lab);
	world_set_output(lab->world, BIAS, 0, lab->now_ns);
	for (size_t i = 0; i < EDGES; i++)
		lab_write(lab, i, BOARD_CAPACITOR, 1);
	lab_write(lab, 2, BOARD_WATCHDOG_MS, 100);
	lab->now_ns += 100 * MS;
	world_board_heard(lab->world, 2, lab->now_ns); /* just in time */
	lab->now_ns += 101 * MS;
	world_board_heard(lab->world, 2, lab->now_ns); /* too late */
	assert_int_equal(lab_read(lab, 2, BOARD_STATUS), BOARD_IS_TRIPPED);
	lab_tick(lab);
	assert_int_equal(lab_read(lab, 2, BOARD_EDGE + BOARD_EDGE_LAST) & BOARD_LAST_UPDATED, 0);
	assert_int_equal(lab_read(lab, 3, BOARD_EDGE + BOARD_EDGE_LAST) & BOARD_LAST_UPDATED, 1);
	assert_int_equal(lab_read(lab, 2, BOARD_CLOCK + 1), 1);
	assert_int_equal(lab_read(lab, 2, BOARD_EDGE + BOARD_EDGE_MODE), BOARD_LEARN);
	assert_close(world_farad(lab->world), 2.2e-6, 0);
	lab_write(lab, 2, BOARD_COMMAND, BOARD_CLEAR_WATCHDOG);
	lab_tick(lab);
	assert_int_equal(lab_read(lab, 2, BOARD_EDGE + BOARD_EDGE_LAST) & BOARD_LAST_UPDATED, 1);
}

static void a_board_of_several_edges_has_a_word_for_each(void **state)
{
	struct lab *lab = *state;
	uint16_t words[8];

	lab->config->boards.edges_per_board = 6;
	lab->config->boards.n_boards = 3; /* 6, 6 and 4 edges */
	lab_begin(lab, 1);
	assert_int_equal(lab_read(lab, 2, BOARD_EDGES), 4);
	lab_write(lab, 2, BOARD_EDGE + 16 + BOARD_EDGE_GO, 12); /* edge 13 */
	assert_int_equal(world_board_read(lab->world, 2, BOARD_STEP, 7, lab->now_ns, words), 0);
	assert_int_equal(words[4], 12);
	assert_int_equal(world_board_read(lab->world, 2, BOARD_STEP, 8, lab->now_ns, words), 2);
	assert_int_equal(world_board_read(lab->world, 2, BOARD_EDGE + 64, 1, lab->now_ns, words),
			 2);
}

static void a_broadcast_hold_leaves_a_cut_edge_cut(void **state)
{
	struct lab *lab = *state;
	const uint16_t hold = BOARD_HOLD;
	const uint16_t at = BOARD_EDGE + BOARD_EDGE_MODE;

	lab_begin(lab, 1);
	lab_write(lab, 1, at, BOARD_CUT);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(world_board_broadcast(lab->world, i, at, 1, lab->now_ns, &hold),
				 0);
	assert_int_equal(lab_read(lab, 0, at), BOARD_HOLD);
	assert_int_equal(lab_read(lab, 1, at), BOARD_CUT);
	lab_write(lab, 1, at, BOARD_HOLD);
	assert_int_equal(lab_read(lab, 1, at), BOARD_HOLD);
}

/* ---- what it counts ---- */

static void writes_beyond_a_limit_are_counted(void **state)
{
	struct lab *lab = *state;
	struct world_counts counts;

	lab_begin(lab, 1);
	lab->now_ns += 1000 * MS;
	lab_drive(lab, 0, 1.9); /* 1000 V/s: 2 ms of it */
	lab->now_ns += MS;
	lab_drive(lab, 0, 2.9);
	counts = lab_counts(lab);
	assert_int_equal(counts.writes, 2);
	assert_int_equal(counts.too_steep, 0);
	lab->now_ns += MS;
	lab_drive(lab, 0, 4.0);
	assert_int_equal(lab_counts(lab).too_steep, 1);
	assert_int_equal(lab_counts(lab).beyond_limits, 0);
	lab->now_ns += 2 * MS;
	lab_drive(lab, 0, 5.1);
	lab->now_ns += 2 * MS;
	lab_drive(lab, 1, -0.1);
	counts = lab_counts(lab);
	assert_int_equal(counts.beyond_limits, 2);
	assert_close(counts.least_V, -0.1, 0);
	assert_close(counts.most_V, 5.1, 0);
	world_clear_counts(lab->world);
	assert_int_equal(lab_counts(lab).writes, 0);
	assert_close(lab_counts(lab).most_V, 5.1, 0);
}

static void live_switches_and_unready_boards_are_counted(void **state)
{
	struct lab *lab = *state;

	lab_begin(lab, 1);
	world_set_output(lab->world, BIAS, 5, lab->now_ns); /* drives no node */
	lab_write(lab, 0, BOARD_CAPACITOR, 1);
	assert_int_equal(lab_counts(lab).live_switches, 0);
	lab_drive(lab, 0, 1);
	assert_int_equal(lab_counts(lab).live_unready, 0);
	lab_write(lab, 0, BOARD_CAPACITOR, 1); /* nothing is switched */
	assert_int_equal(lab_counts(lab).live_switches, 0);
	lab_write(lab, 0, BOARD_CAPACITOR, 2);
	assert_int_equal(lab_counts(lab).live_switches, 1);
	lab_drive(lab, 0, 0);
	lab_fault(lab, &(struct world_fault){.what = "silence", .board = 2});
	lab_drive(lab, 0, 1);
	lab_drive(lab, 1, 1); /* was live before */
	assert_int_equal(lab_counts(lab).live_unready, 1);
}

static void refuses_a_rig_that_its_boards_cannot_carry(void **state)
{
	struct lab *lab = *state;
	struct world_error err;

	lab->config->boards.n_boards = 15;
	assert_int_equal(world_new(lab->config, 1, 0, &lab->world, &err), -EINVAL);
	assert_non_null(strstr(err.text, "15 boards"));
}

#define IN_A_LAB(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_LAB(volts_are_those_of_an_independent_solution),
		IN_A_LAB(a_node_without_a_path_floats_and_reads_nothing),
		IN_A_LAB(a_channel_plugged_elsewhere_drives_there),
		IN_A_LAB(charge_relaxes_as_a_dense_eigendecomposition_says),
		IN_A_LAB(a_relay_that_opens_leaves_the_charge),
		IN_A_LAB(a_tick_moves_the_taps_as_the_simulators_edges_do),
		IN_A_LAB(only_an_active_edge_is_a_tick),
		IN_A_LAB(the_bias_voltage_says_how_many_update),
		IN_A_LAB(oscillators_are_compared_with_the_bias_voltage),
		IN_A_LAB(a_power_cycle_forgets_all_but_how_often),
		IN_A_LAB(a_watchdog_holds_the_edges_and_keeps_the_capacitors),
		IN_A_LAB(a_board_of_several_edges_has_a_word_for_each),
		IN_A_LAB(a_broadcast_hold_leaves_a_cut_edge_cut),
		IN_A_LAB(writes_beyond_a_limit_are_counted),
		IN_A_LAB(live_switches_and_unready_boards_are_counted),
		IN_A_LAB(refuses_a_rig_that_its_boards_cannot_carry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
