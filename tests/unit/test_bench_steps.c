/* tests/unit/test_bench_steps.c - a bench in its steps: interlocks, measurements, ticks, taps, directions, settings. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "tests/unit/fake_bench.h"

static const uint32_t all[] = {0, 1, 2};

static void end(struct rig *rig)
{
	rig_close(rig);
	rig_config_free(fake.config);
}

static void drive(struct rig *rig, double a_V, double c_V)
{
	const double volts[] = {a_V, c_V};

	assert_ok(rig_drive(rig, RIG_FREE, volts, 2));
	assert_ok(rig_drive(rig, RIG_CLAMPED, volts, 2));
}

static struct rig *begun(void)
{
	struct rig *rig = fake_rig();

	assert_ok(fake_begin(rig));
	return rig;
}

/* ---- interlocks ---- */

/* 5 V over taps 0 and 0: 2 * 781.25 ohm in a row, 2.5 V over each, 8 mW. */
static void power_is_refused_by_the_solution_not_by_the_bound(void **state)
{
	static const double high[] = {5, 0}, clamp_V[] = {4.9};
	struct rig_config *config = fake_config();
	struct rig *rig;

	(void)state;
	config->limits.edge_power_W = 0.0079;
	fake.taps[0] = fake.taps[1] = 0;
	rig = fake_open(config);
	assert_ok(fake_begin(rig));
	assert_says(rig, rig_drive(rig, RIG_FREE, high, 2), -ERANGE,
		    "edge 0 would take 8 mW (2.500 V over 781.25 ohm, tap 0, free network), more "
		    "than the limit of 7.9 mW (rig.yaml:3)");
	assert_int_equal(rig_error(rig)->edge, 0);
	assert_close(rig_error(rig)->value, 0.008, 1e-9);
	assert_int_equal(fake_count(ACT_WRITE), 0);
	rig_close(rig);

	config->limits.edge_power_W =
		0.0081; /* the bound of 32 mW does not clear it; the solution does */
	rig = fake_open(config);
	assert_ok(fake_begin(rig));
	assert_ok(rig_drive(rig, RIG_FREE, high, 2));
	assert_says(rig, rig_clamp(rig, clamp_V, 1), -ERANGE,
		    "edge 1 would take 30.7 mW (4.900 V over 781.25 ohm, tap 0, clamped network)");
	assert_close(fake.held_V[1], 0, 0);
	end(rig);
}

/* 5 V over 1562.5 ohm: 3.2 mA out of node 0, in each network. */
static void current_of_a_driven_node_is_refused(void **state)
{
	static const double high[] = {5, 0};
	struct rig_config *config = fake_config();
	struct rig *rig;

	(void)state;
	config->limits.source_current_A = 0.0031;
	fake.taps[0] = fake.taps[1] = 0;
	rig = fake_open(config);
	assert_ok(fake_begin(rig));
	assert_says(rig, rig_drive(rig, RIG_FREE, high, 2), -ERANGE,
		    "node 0 at 5.000 V would draw 3.2 mA in the free network");
	assert_int_equal(rig_error(rig)->node, 0);
	end(rig);
}

/* Taps 1: 5 V over 1562.5 ohm each are 16 mW at most, whatever the clamp; after a tick one could be at tap 0. */
static void taps_older_than_a_tick_are_read_where_the_bound_needs_them(void **state)
{
	struct rig_config *config = fake_config();
	struct rig *rig;
	size_t n;

	(void)state;
	config->limits.edge_power_W = 0.02;
	fake.taps[0] = fake.taps[1] = 1;
	rig = fake_open(config);
	assert_ok(fake_begin(rig));
	n = fake_count(ACT_BOARDS_READ);
	drive(rig, 5, 0);
	assert_int_equal(fake_count(ACT_BOARDS_READ), n);
	assert_ok(rig_tick(rig));
	drive(rig, 4.9, 0); /* 24.01 V2 over 781.25 ohm are 31 mW: not cleared */
	assert_int_equal(fake_count(ACT_BOARDS_READ), n + 1);
	end(rig);
}

/* ---- measurements ---- */

static void
a_driven_node_that_measures_otherwise_flags_the_step_and_alarms_after_three(void **state)
{
	struct rig *rig = begun();
	struct rig_note note;
	double volts[3];

	(void)state;
	fake.node_V[RIG_FREE][1] = 2.2;
	drive(rig, 4, 1);
	for (unsigned step = 0; step < 5; step++) {
		fake.apart_V[RIG_FREE][0] = step == 4 ? 0 : -0.05;
		assert_ok(rig_mark_step(rig, step));
		assert_ok(rig_measure(rig, RIG_FREE, all, 3, volts));
		assert_close(volts[1], 2.2, 1e-12);
		assert_int_equal(rig_step_flags(rig), step < 4 ? RIG_DISCREPANCY : 0);
		if (step == 1 || step == 3)
			assert_false(fake_note(rig, RIG_NOTE_DISCREPANCY, &note));
		else
			assert_true(fake_note(rig, RIG_NOTE_DISCREPANCY, &note));
		assert_int_equal(note.alarm, step >= 2);
		assert_int_equal(note.over, step == 4);
		assert_int_equal(note.node, 0);
	}
	end(rig);
}

static void a_node_without_an_input_reads_nan_and_outputs_settle_first(void **state)
{
	struct rig_config *config = fake_config();
	struct rig *rig;
	double volts[3];

	(void)state;
	config->daq.wire[RIG_FREE][2].measure.kind = DAQ_NONE;
	config->daq.settle_s = 0.02;
	rig = fake_open(config);
	assert_ok(fake_begin(rig));
	drive(rig, 4, 1);
	assert_ok(rig_measure(rig, RIG_FREE, all, 3, volts));
	assert_true(isnan(volts[2]) && volts[0] == 4);
	assert_true(fake.act[fake.n_acts - 1].at_ns - fake.act[fake.n_acts - 2].at_ns >= 20000000);
	rig_interrupt(rig);
	drive(rig, 3, 1);
	assert_int_equal(rig_measure(rig, RIG_FREE, all, 3, volts), -EINTR);
	end(rig);
}

/* ---- ticks and taps ---- */

static void a_tick_makes_one_edge_and_waits_until_it_is_done(void **state)
{
	struct rig *rig = begun();
	struct rig_edges edges = {0};
	uint8_t wiper[EDGES];
	int64_t before_ns;

	(void)state;
	drive(rig, 4, 1);
	before_ns = rig_now_ns(rig);
	assert_ok(rig_mark_step(rig, 0));
	assert_ok(rig_tick(rig));
	assert_true(rig_now_ns(rig) - before_ns >= 2000000);
	assert_int_equal(fake.clock_edges, 1);
	assert_ok(rig_tick(rig));
	edges.wiper = wiper;
	assert_ok(rig_read_edges(rig, &edges));
	assert_int_equal(fake.act[fake.n_acts - 1].kind, ACT_BOARDS_READ);
	assert_int_equal(fake.act[fake.n_acts - 1].number, 2); /* ticks told */
	end(rig);
}

/* Reading takes 10 ms: of steps of 7 ms at most half is 3.5 ms, so that taps are read every third step. */
static void taps_are_read_as_often_as_the_wire_allows(void **state)
{
	struct rig *rig = begun();
	uint8_t wiper[EDGES] = {200, 200}, mode[EDGES];
	struct rig_edges edges = {.wiper = wiper};
	unsigned n_read = 0;

	(void)state;
	assert_ok(rig_set_step_time(rig, 0.007));
	for (unsigned step = 0; step < 9; step++) {
		wiper[0] = 200;
		assert_ok(rig_mark_step(rig, step));
		assert_ok(rig_tick(rig));
		assert_ok(rig_read_edges(rig, &edges));
		if (rig_step_flags(rig) & RIG_WIPER_UNREAD)
			assert_int_equal(wiper[0], 200);
		else
			assert_int_equal(wiper[0], 63);
		n_read += wiper[0] == 63;
	}
	assert_int_equal(n_read, 3);
	edges.now = true;
	assert_ok(rig_mark_step(rig, 9));
	assert_ok(rig_read_edges(rig, &edges));
	assert_int_equal(rig_step_flags(rig), 0);
	assert_ok(rig_mark_step(rig, 10)); /* no tick: they are where they were */
	edges.now = false;
	wiper[0] = 200;
	n_read = (unsigned)fake_count(ACT_BOARDS_READ);
	assert_ok(rig_read_edges(rig, &edges));
	assert_int_equal(rig_step_flags(rig), 0);
	assert_int_equal(wiper[0], 63);
	assert_int_equal(fake_count(ACT_BOARDS_READ), n_read);
	n_read = (unsigned)fake_count(ACT_BOARDS_READ);
	assert_ok(rig_read_edges(rig, &(struct rig_edges){.mode = mode})); /* not from the wire */
	assert_int_equal(fake_count(ACT_BOARDS_READ), n_read);
	end(rig);
}

static void a_mismatch_of_ticks_flags_the_step(void **state)
{
	struct rig *rig = begun();
	uint8_t wiper[EDGES];

	(void)state;
	assert_ok(rig_mark_step(rig, 0));
	fake.mismatch = true;
	assert_ok(rig_read_edges(rig, &(struct rig_edges){.wiper = wiper}));
	assert_int_equal(rig_step_flags(rig), RIG_TICK_MISMATCH);
	end(rig);
}

/* Edge 0: |dV_F| = 2, |dV_C| = 1.9, so that it ought to go down; edge 1: 1 and 1.1, up. */
static void a_step(struct rig *rig, uint64_t step, unsigned ticks)
{
	static const double clamp_V[] = {2.1};
	uint8_t wiper[EDGES];
	double volts[3];

	assert_ok(rig_mark_step(rig, step));
	assert_ok(rig_clamp(rig, NULL, 0));
	drive(rig, 4, 1);
	assert_ok(rig_measure(rig, RIG_FREE, all, 3, volts));
	assert_ok(rig_clamp(rig, clamp_V, 1));
	assert_ok(rig_measure(rig, RIG_CLAMPED, all, 3, volts));
	for (unsigned i = 0; i < ticks; i++)
		assert_ok(rig_tick(rig));
	assert_ok(rig_read_edges(rig, &(struct rig_edges){.wiper = wiper}));
}

static void an_edge_that_moves_against_its_own_comparison_is_told(void **state)
{
	struct rig *rig = begun();
	struct rig_directions d;
	struct rig_note note;

	(void)state;
	fake.node_V[RIG_FREE][1] = 2;
	fake.updated = 3;
	for (unsigned step = 0; step < 25; step++) {
		fake.raised = step % 4 ? 2 : 0; /* edge 1 goes down in each fourth step */
		a_step(rig, step, 1);
	}
	assert_ok(rig_directions(rig, &d));
	assert_int_equal(d.compared[0], 25);
	assert_int_equal(d.against[0], 0);
	assert_int_equal(d.compared[1], 25);
	assert_int_equal(d.against[1], 7);
	assert_true(fake_note(rig, RIG_NOTE_DIRECTION, &note));
	assert_int_equal(note.edge, 1);
	assert_true(note.alarm);
	assert_false(fake_note(rig, RIG_NOTE_DIRECTION, &note));
	a_step(rig, 25, 2); /* two ticks: the second saw other voltages */
	fake.updated = 0;
	a_step(rig, 26, 1);
	assert_int_equal(d.compared[0], 25);
	assert_ok(rig_set_noise(rig, (double[]){0.04, 0.03}, 2));
	fake.updated = 3;
	a_step(rig, 27, 1); /* 0.1 V are less than 3 * 0.04 V */
	assert_int_equal(d.compared[0], 25);
	assert_int_equal(d.compared[1], 26);
	assert_ok(rig_set_step_time(rig, 0.01)); /* read every other step: which tick was it? */
	a_step(rig, 28, 1);
	a_step(rig, 29, 1);
	assert_int_equal(d.compared[1], 26);
	assert_ok(fake_begin(rig)); /* counts anew */
	assert_true(fake_note(rig, RIG_NOTE_DIRECTION, &note) && note.over && note.alarm);
	assert_int_equal(note.edge, 1);
	assert_ok(rig_directions(rig, &d));
	assert_int_equal(d.compared[1], 0);
	end(rig);
}

/* ---- settings ---- */

static void p_is_made_by_rails_or_the_rig_files_curve(void **state)
{
	struct rig_config *config = fake_config();
	struct rig *rig = fake_open(config);
	double bias_V;

	(void)state;
	assert_says(rig, rig_set_update(rig, 0.5, NAN), -ENOTSUP, "calibrate.p makes one");
	assert_ok(rig_set_update(rig, 0.5, 2.25));
	assert_ok(rig_bias(rig, &bias_V));
	assert_close(bias_V, 2.25, 0);
	rig_close(rig);

	config->bias = calloc(3, sizeof(*config->bias));
	config->bias[0] = (struct rig_bias_point){1, 0.9};
	config->bias[1] = (struct rig_bias_point){2, 0.5};
	config->bias[2] = (struct rig_bias_point){4, 0.1};
	config->n_bias = 3;
	rig = fake_open(config);
	assert_ok(rig_set_update(rig, 0.3, NAN)); /* half way between 2 V and 4 V */
	assert_close(fake.held_V[7], 3, 1e-12);
	assert_says(rig, rig_set_update(rig, 0.95, NAN), -ENOTSUP, "is not on the rig file's");
	assert_ok(rig_set_update(rig, 1, NAN));
	assert_close(fake.held_V[7], 0, 0);
	end(rig);
}

static void capacitors_are_switched_at_safe_volts_after_the_discharge_time(void **state)
{
	struct rig *rig = begun();
	size_t at, n;

	(void)state;
	drive(rig, 4, 1);
	n = fake.n_acts;
	assert_ok(rig_set_capacitance(rig, 2.2e-6));
	at = fake_first(ACT_CAPACITOR);
	assert_int_equal(fake.act[at].number, 1);
	assert_true(at > n && fake.act[at - 1].kind == ACT_WRITE && fake.act[at - 1].volts == 0);
	assert_true(fake.act[at].at_ns - fake.act[at - 1].at_ns >= 10000000);
	assert_close(fake.held_V[0], 4, 0); /* nodes keep their voltages */
	n = fake.n_acts;
	assert_ok(rig_set_capacitance(rig, 2.2e-6));
	assert_int_equal(fake.n_acts, n);
	end(rig);
}

static void homing_is_done_at_safe_volts(void **state)
{
	struct rig *rig = begun();

	(void)state;
	drive(rig, 4, 1);
	assert_ok(rig_home(rig));
	assert_close(fake.act[fake_first(ACT_HOME) - 1].volts, 0, 0);
	assert_close(fake.held_V[0], 4, 0);
	end(rig);
}

static void taps_that_would_draw_too_much_are_not_written(void **state)
{
	static const uint8_t low[] = {0, 0}, lower[] = {40, 40};
	struct rig_config *config = fake_config();
	struct rig *rig;

	(void)state;
	config->limits.edge_power_W = 0.005;
	rig = fake_open(config);
	assert_ok(fake_begin(rig));
	drive(rig, 5, 0);
	assert_says(rig, rig_write_edges(rig, low, 2), -ERANGE, "edge 0 would take 8 mW");
	assert_int_equal(fake_count(ACT_TAPS), 0);
	assert_ok(rig_write_edges(rig, lower, 2));
	end(rig);
}

static void a_cut_that_lets_a_target_float_is_refused_before_the_board_is_told(void **state)
{
	static const uint32_t sources[] = {0}, targets[] = {1};
	struct rig *rig = fake_rig();

	(void)state;
	assert_ok(rig_begin(rig, &(struct rig_session){.sources = sources,
						       .n_sources = 1,
						       .targets = targets,
						       .n_targets = 1}));
	assert_says(rig, rig_set_edge_mode(rig, 0, RIG_CUT), -ENOTCONN, "target node 1");
	assert_int_equal(rig_error(rig)->edge, 0);
	assert_int_equal(fake_count(ACT_MODE), 0);
	assert_ok(rig_set_edge_mode(rig, 1, RIG_CUT)); /* node 2 hangs in the air */
	assert_int_equal(rig_floating(rig, &(const uint32_t *){NULL}), 1);
	end(rig);
}

static void single_channels_are_for_calibrations_alone(void **state)
{
	static const struct daq_channel ao1 = {DAQ_AO, 1}, ai1 = {DAQ_AI, 1}, ao6 = {DAQ_AO, 6};
	const struct daq_gain gain = {{DAQ_AO, 1}, 0.5 + 0.25, 0.25};
	struct rig *rig = begun();
	double volts;

	(void)state;
	assert_says(rig, rig_channel_write(rig, ao1, 2), -EPERM, "make safe");
	drive(rig, 4, 1);
	assert_says(rig, rig_channel_write(rig, ao1, 2), -EPERM, "make safe");
	rig_make_safe(rig);
	assert_ok(rig_channel_write(rig, ao1, 2));
	assert_close(fake.held_V[1], 2, 0);
	assert_ok(rig_set_gains(rig, &gain, 1));
	assert_ok(rig_channel_write(rig, ao1, 3));
	assert_close(fake.held_V[1], 3, 1e-12); /* nominal: what the card is told */
	assert_ok(rig_channels_read(rig, &ai1, 1, 0.001, &volts));
	assert_says(rig, rig_channel_write(rig, ao6, 2), -EINVAL,
		    "ao6 is not an output of this rig");
	assert_says(rig, rig_channel_write(rig, ao1, 5.1), -ERANGE, "5.1 V");
	end(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(power_is_refused_by_the_solution_not_by_the_bound),
		cmocka_unit_test(current_of_a_driven_node_is_refused),
		cmocka_unit_test(taps_older_than_a_tick_are_read_where_the_bound_needs_them),
		cmocka_unit_test(
			a_driven_node_that_measures_otherwise_flags_the_step_and_alarms_after_three),
		cmocka_unit_test(a_node_without_an_input_reads_nan_and_outputs_settle_first),
		cmocka_unit_test(a_tick_makes_one_edge_and_waits_until_it_is_done),
		cmocka_unit_test(taps_are_read_as_often_as_the_wire_allows),
		cmocka_unit_test(a_mismatch_of_ticks_flags_the_step),
		cmocka_unit_test(an_edge_that_moves_against_its_own_comparison_is_told),
		cmocka_unit_test(p_is_made_by_rails_or_the_rig_files_curve),
		cmocka_unit_test(capacitors_are_switched_at_safe_volts_after_the_discharge_time),
		cmocka_unit_test(homing_is_done_at_safe_volts),
		cmocka_unit_test(taps_that_would_draw_too_much_are_not_written),
		cmocka_unit_test(
			a_cut_that_lets_a_target_float_is_refused_before_the_board_is_told),
		cmocka_unit_test(single_channels_are_for_calibrations_alone),
	};

	return cmocka_run_group_tests_name("bench steps", tests, NULL, NULL);
}
