/* tests/unit/test_world_faults.c - what goes wrong in the bench that is not there, when, and for how long. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim_backend/benchd/control.h"
#include "tests/check.h"
#include "tests/unit/world_lab.h"

static int set_up(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));

	lab_load(lab);
	lab_begin(lab, 11);
	world_set_output(lab->world, BIAS, 0, lab->now_ns); /* all update */
	lab_drive(lab, 0, 5);
	lab_drive(lab, 8, 0);
	for (int side = RIG_FREE; side <= RIG_CLAMPED; side++) {
		lab_connect(lab, side, 0, true);
		lab_connect(lab, side, 8, true);
	}
	*state = lab;
	return 0;
}

static int tear_down(void **state)
{
	lab_end(*state);
	free(*state);
	return 0;
}

static struct world_fault fault(const char *what)
{
	return (struct world_fault){.what = what,
				    .board = -1,
				    .other = -1,
				    .edge = -1,
				    .node = -1,
				    .channel = -1,
				    .value = NAN};
}

static struct world_fault fault_of_board(const char *what, long board, unsigned count)
{
	struct world_fault f = fault(what);

	f.board = board;
	f.count = count;
	return f;
}

static struct world_fault fault_of_channel(const char *what, long channel, double value)
{
	struct world_fault f = fault(what);

	f.channel = channel;
	f.value = value;
	return f;
}

static uint16_t clock_of(struct lab *lab, size_t board)
{
	return lab_read(lab, board, BOARD_CLOCK + 1);
}

static bool any_fault(const struct lab *lab)
{
	struct world_fault f;
	bool on;

	return world_fault_at(lab->world, 0, &f, &on);
}

/* ---- ticks ---- */

static void a_missed_tick_is_not_counted_and_moves_nothing(void **state)
{
	struct lab *lab = *state;
	struct world_fault f = fault_of_board("missed_tick", 3, 1);
	uint8_t before[EDGES], after[EDGES];

	lab_fault(lab, &f);
	world_taps(lab->world, before);
	lab_tick(lab);
	world_taps(lab->world, after);
	assert_int_equal(clock_of(lab, 3), 0);
	assert_int_equal(clock_of(lab, 4), 1);
	assert_int_equal(after[3], before[3]);
	assert_int_equal(abs(after[4] - before[4]), 1);
	assert_false(any_fault(lab));
	lab_tick(lab);
	assert_int_equal(clock_of(lab, 3), 1);
}

static void a_double_tick_is_counted_twice_and_moves_twice(void **state)
{
	struct lab *lab = *state;
	struct world_fault f = fault_of_board("double_tick", 3, 1);
	uint8_t before[EDGES], after[EDGES];

	lab_drive(lab, 4, 3.5); /* so far from free that noise decides nothing */
	lab_connect(lab, RIG_CLAMPED, 4, true);
	lab_fault(lab, &f);
	world_taps(lab->world, before);
	lab_tick(lab);
	world_taps(lab->world, after);
	assert_int_equal(clock_of(lab, 3), 2);
	assert_int_equal(clock_of(lab, 4), 1);
	assert_int_equal(abs(after[3] - before[3]), 2);
	assert_int_equal(abs(after[4] - before[4]), 1);
	assert_int_equal(lab_read(lab, 3, BOARD_EDGE + BOARD_EDGE_UPDATED + 1), 2);
}

static void a_fault_waits_for_its_tick(void **state)
{
	struct lab *lab = *state;
	struct world_fault f = fault_of_board("missed_tick", 3, 2);

	f.after_ticks = 3;
	lab_fault(lab, &f);
	f = fault_of_board("power_cycle", 5, 0);
	f.after_ticks = 2;
	lab_fault(lab, &f);
	for (int k = 1; k <= 6; k++) {
		lab_tick(lab);
		/* ticks 4 and 5 are missed; the power goes after tick 2 */
		assert_int_equal(clock_of(lab, 3), k <= 3 ? k : k == 6 ? 4 : 3);
		assert_int_equal(lab_read(lab, 5, BOARD_BOOTS), k < 2 ? 1 : 2);
	}
	assert_false(any_fault(lab));
}

/* ---- edges ---- */

static void a_stuck_edge_is_counted_but_stays(void **state)
{
	struct lab *lab = *state;
	struct world_fault f = fault("stuck_edge");
	uint8_t taps[EDGES];
	double before_V[NODES], after_V[NODES];

	f.edge = 0;
	lab_fault(lab, &f);
	assert_ok(world_voltages(lab->world, RIG_FREE, lab->now_ns, before_V));
	lab_write(lab, 0, BOARD_EDGE + BOARD_EDGE_GO, 100);
	assert_ok(world_voltages(lab->world, RIG_FREE, lab->now_ns, after_V));
	world_taps(lab->world, taps);
	assert_int_equal(taps[0], 63);
	assert_int_equal(lab_read(lab, 0, BOARD_EDGE), 100);
	assert_close(after_V[1], before_V[1], 1e-12);
	world_clear_faults(lab->world, lab->now_ns);
	world_taps(lab->world, taps);
	assert_int_equal(taps[0], 100);
	assert_ok(world_voltages(lab->world, RIG_FREE, lab->now_ns, after_V));
	assert_true(fabs(after_V[1] - before_V[1]) > 0.01);
}

static void an_edge_against_its_comparator_goes_the_other_way(void **state)
{
	struct lab *lab = *state;
	struct world_fault f = fault("against");
	uint8_t taps[EDGES];

	lab_drive(lab, 4, 3.5); /* pushes all voltages up: edges at node 0 have a smaller drop */
	lab_connect(lab, RIG_CLAMPED, 4, true);
	f.edge = 0;
	lab_tick(lab);
	world_taps(lab->world, taps);
	assert_int_equal(taps[0], 62);
	lab_fault(lab, &f);
	lab_tick(lab);
	world_taps(lab->world, taps);
	assert_int_equal(taps[0], 63);
	assert_int_equal(lab_read(lab, 0, BOARD_STEP_EDGE),
			 63 | BOARD_WORD_UPDATED | BOARD_WORD_RAISED);
}

static void a_deaf_edge_sits_out(void **state)
{
	struct lab *lab = *state;
	struct world_fault f = fault("deaf_edge");

	f.edge = 7;
	lab_fault(lab, &f);
	lab_tick(lab);
	assert_int_equal(clock_of(lab, 7), 1);
	assert_int_equal(lab_read(lab, 7, BOARD_STEP_EDGE), 63);
}

/* ---- boards ---- */

static void a_board_without_power_says_so_and_comes_back_at_midscale(void **state)
{
	struct lab *lab = *state;
	struct world_fault f = fault_of_board("unpowered", 2, 0);

	lab_write(lab, 2, BOARD_EDGE + BOARD_EDGE_GO, 20);
	f.for_s = 2;
	lab_fault(lab, &f);
	assert_int_equal(world_due_ns(lab->world), lab->now_ns + 2000 * MS);
	lab_tick(lab);
	assert_int_equal(lab_read(lab, 2, BOARD_STATUS), BOARD_IS_UNPOWERED | BOARD_IS_CLOCKED);
	assert_int_equal(lab_read(lab, 2, BOARD_STEP_EDGE), 20);
	lab->now_ns += 2000 * MS;
	assert_int_equal(lab_read(lab, 2, BOARD_BOOTS), 2);
	assert_int_equal(lab_read(lab, 2, BOARD_STATUS), 0);
	assert_int_equal(lab_read(lab, 2, BOARD_EDGE), 63);
}

static void swapped_boards_answer_for_each_other(void **state)
{
	struct lab *lab = *state;
	struct world_fault f = fault_of_board("swapped", 2, 0);

	f.other = 9;
	lab_fault(lab, &f);
	assert_int_equal(world_board_address(lab->world, 2), 10);
	assert_int_equal(world_board_address(lab->world, 9), 3);
	assert_int_equal(world_board_address(lab->world, 4), 5);
	assert_int_equal(lab_read(lab, 2, BOARD_SERIAL + 1), 1003);
}

/* ---- the card and its wires ---- */

static void a_stuck_output_stays_where_it_was(void **state)
{
	struct lab *lab = *state;
	struct world_fault f = fault_of_channel("stuck_output", 0, NAN);

	lab_fault(lab, &f);
	lab_drive(lab, 0, 2);
	assert_close(world_output(lab->world, 0), 2, 0);
	assert_close(world_read_input(lab->world, 0, lab->now_ns), 5, 1e-12);
	world_clear_faults(lab->world, lab->now_ns);
	assert_close(world_read_input(lab->world, 0, lab->now_ns), 2, 1e-12);
}

/* Node 8 at 0 V, node 0 behind r: the rest of the network is one resistor R to it, by the current that 5 V draw. */
static void a_source_sags_by_its_resistance(void **state)
{
	struct lab *lab = *state;
	struct world_fault f = fault("sagging_source");
	double volts[NODES], current_A, sagged_V;

	assert_ok(world_voltages(lab->world, RIG_FREE, lab->now_ns, volts));
	current_A = (5 - volts[1] + 5 - volts[3]) / 50e3; /* edges 0 and 6 */
	f.node = 0;
	f.value = 10e3;
	lab_fault(lab, &f);
	sagged_V = 5 / (1 + current_A / 5 * 10e3);
	assert_close(world_read_input(lab->world, 0, lab->now_ns), sagged_V, 1e-9);
	assert_close(world_read_input(lab->world, 16, lab->now_ns), sagged_V, 1e-9);
	assert_ok(world_voltages(lab->world, RIG_FREE, lab->now_ns, volts));
	assert_close((5 - volts[0]) / 10e3, (2 * volts[0] - volts[1] - volts[3]) / 50e3, 1e-12);
}

static void inputs_are_noisy_wrong_slow_or_not_numbers(void **state)
{
	struct lab *lab = *state;
	struct world_fault f = fault_of_channel("noisy_input", 0, 0.25);
	double square = 0, mean = 0;

	lab_fault(lab, &f);
	for (int k = 0; k < 4000; k++) {
		double volts = world_read_input(lab->world, 0, lab->now_ns) - 5;

		mean += volts / 4000;
		square += volts * volts / 4000;
	}
	assert_close(mean, 0, 5 * 0.25 / sqrt(4000));
	assert_close(sqrt(square), 0.25, 0.02);
	assert_close(world_read_input(lab->world, 16, lab->now_ns), 5, 1e-12);
	world_clear_faults(lab->world, lab->now_ns);
	f = fault_of_channel("nan", 0, NAN);
	lab_fault(lab, &f);
	assert_true(isnan(world_read_input(lab->world, 0, lab->now_ns)));
	world_clear_faults(lab->world, lab->now_ns);
	f = fault_of_channel("ai_gain", 0, 1.01);
	lab_fault(lab, &f);
	f = fault_of_channel("ai_offset", 0, -0.02);
	lab_fault(lab, &f);
	f = fault_of_channel("ao_gain", 0, 0.98);
	lab_fault(lab, &f);
	assert_close(world_read_input(lab->world, 0, lab->now_ns), 5 * 0.98 * 1.01 - 0.02, 1e-12);
	assert_close(world_read_input(lab->world, 16, lab->now_ns), 5 * 0.98, 1e-12);
	world_clear_faults(lab->world, lab->now_ns);
	f = fault("multiplexer");
	f.value = 0.1;
	lab_fault(lab, &f);
	for (int k = 0; k < 2; k++)
		world_read_input(lab->world, 24, lab->now_ns); /* 0 V */
	assert_close(world_read_input(lab->world, 0, lab->now_ns), 4.5, 1e-12);
	assert_close(world_read_input(lab->world, 0, lab->now_ns), 5, 1e-12);
}

static void slow_inputs_approach_their_voltage(void **state)
{
	struct lab *lab = *state;
	struct world_fault f = fault("slow_inputs");

	f.value = 0.01;
	world_read_input(lab->world, 0, lab->now_ns);
	lab_fault(lab, &f);
	lab->now_ns += 100 * MS;
	assert_close(world_read_input(lab->world, 0, lab->now_ns), 5, 1e-3);
	lab_drive(lab, 0, 3);
	lab->now_ns += 10 * MS;
	assert_close(world_read_input(lab->world, 0, lab->now_ns), 3 + 2 * exp(-1), 1e-3);
}

static void an_unplugged_card_comes_back_in_time(void **state)
{
	struct lab *lab = *state;
	struct world_fault f = fault("unplugged");

	assert_true(world_card_present(lab->world, lab->now_ns));
	f.for_s = 1;
	lab_fault(lab, &f);
	assert_false(world_card_present(lab->world, lab->now_ns + 999 * MS));
	assert_true(world_card_present(lab->world, lab->now_ns + 1000 * MS));
}

/* ---- the wire, and what is refused ---- */

static void a_fault_of_the_wire_counts_requests(void **state)
{
	struct lab *lab = *state;
	struct world_fault f = fault_of_board("late", 4, 2);
	double late_s;

	f.value = 0.2;
	lab_fault(lab, &f);
	lab_tick(lab);
	assert_int_equal(world_wire_fault(lab->world, 5, lab->now_ns, &late_s), 0);
	for (int k = 0; k < 2; k++) {
		assert_int_equal(world_wire_fault(lab->world, 4, lab->now_ns, &late_s),
				 1u << WORLD_WIRE_LATE);
		assert_close(late_s, 0.2, 0);
	}
	assert_int_equal(world_wire_fault(lab->world, 4, lab->now_ns, &late_s), 0);
}

static void refuses_faults_that_name_nothing(void **state)
{
	struct lab *lab = *state;
	struct world_error err;
	struct world_fault f = fault("flood");

	assert_int_equal(world_fault(lab->world, &f, 0, &err), -EINVAL);
	assert_non_null(strstr(err.text, "flood"));
	f = fault("swapped");
	assert_int_equal(world_fault(lab->world, &f, 0, &err), -EINVAL);
	f = fault_of_channel("noisy_input", 64, 1);
	assert_int_equal(world_fault(lab->world, &f, 0, &err), -EINVAL);
	f = fault_of_channel("noisy_input", 1, NAN);
	assert_int_equal(world_fault(lab->world, &f, 0, &err), -EINVAL);
	f = fault_of_board("silence", 16, 0);
	assert_int_equal(world_fault(lab->world, &f, 0, &err), -EINVAL);
	f = fault_of_board("silence", 1, 0);
	for (int k = 0; k < 64; k++)
		lab_fault(lab, &f);
	assert_int_equal(world_fault(lab->world, &f, lab->now_ns, &err), -ENOSPC);
}

static void the_control_socket_speaks_json(void **state)
{
	static const struct {
		const char *line, *part;
	} cases[] = {
		{"{\"do\":\"fault\",\"what\":\"silence\",\"board\":3,\"count\":5}",
		 "{\"ok\":true}"},
		{"{\"do\":\"state\"}", "\"what\":\"silence\""},
		{"{\"do\":\"state\"}", "\"board\":3"},
		{"{\"do\":\"state\"}", "\"capacitance_F\":0.0"},
		{"{\"do\":\"counts\"}", "\"beyond_limits\":0"},
		{"{\"do\":\"clear\"}", "{\"ok\":true}"},
		{"{\"do\":\"state\"}", "\"faults\":[]"},
		{"{\"do\":\"fault\",\"what\":\"silence\",\"at_tick\":-1}", "\"ok\":false"},
		{"{\"do\":\"fault\",\"what\":\"silence\",\"do\":\"state\"}", "\"ok\":false"},
		{"{\"do\":\"plug\"}", "-: only ao and ai channels are plugged"},
		{"", "\"ok\":false"},
	};
	struct lab *lab = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *answer = control_answer(lab->world, cases[i].line, lab->now_ns);

		if (!answer || !strstr(answer, cases[i].part))
			fail_msg("%s: %s", cases[i].line, answer);
		free(answer);
	}
}

/* sim.faults of a rig file go by clock edges. */
static void faults_of_the_rig_file_come_at_their_tick(void **state)
{
	struct lab *lab = *state;
	struct sim_fault *planned = calloc(2, sizeof(*planned));

	world_free(lab->world);
	planned[0] =
		(struct sim_fault){.at_step = 2, .steps = 1, .kind = SIM_TICK_MISSED, .edge = 3};
	planned[1] =
		(struct sim_fault){.at_step = 3, .kind = SIM_SOURCE_SAG, .node = 0, .value = 1e4};
	free(lab->config->sim.fault);
	lab->config->sim.fault = planned;
	lab->config->sim.n_faults = 2;
	lab_begin(lab, 1);
	lab_drive(lab, 0, 5);
	lab_connect(lab, RIG_FREE, 0, true);
	lab_connect(lab, RIG_FREE, 8, true);
	for (int k = 0; k < 4; k++) {
		double volts = world_read_input(lab->world, 0, lab->now_ns);

		assert_true(k < 3 ? volts == 5 : volts < 4.9);
		lab_tick(lab);
	}
	assert_int_equal(clock_of(lab, 3), 3);
	assert_int_equal(clock_of(lab, 4), 4);
}

#define IN_A_LAB(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_A_LAB(a_missed_tick_is_not_counted_and_moves_nothing),
		IN_A_LAB(a_double_tick_is_counted_twice_and_moves_twice),
		IN_A_LAB(a_fault_waits_for_its_tick),
		IN_A_LAB(a_stuck_edge_is_counted_but_stays),
		IN_A_LAB(an_edge_against_its_comparator_goes_the_other_way),
		IN_A_LAB(a_deaf_edge_sits_out),
		IN_A_LAB(a_board_without_power_says_so_and_comes_back_at_midscale),
		IN_A_LAB(swapped_boards_answer_for_each_other),
		IN_A_LAB(a_stuck_output_stays_where_it_was),
		IN_A_LAB(a_source_sags_by_its_resistance),
		IN_A_LAB(inputs_are_noisy_wrong_slow_or_not_numbers),
		IN_A_LAB(slow_inputs_approach_their_voltage),
		IN_A_LAB(an_unplugged_card_comes_back_in_time),
		IN_A_LAB(a_fault_of_the_wire_counts_requests),
		IN_A_LAB(refuses_faults_that_name_nothing),
		IN_A_LAB(the_control_socket_speaks_json),
		IN_A_LAB(faults_of_the_rig_file_come_at_their_tick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
