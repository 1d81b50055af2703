/* tests/unit/test_bench.c - a bench on a card and boards that are not there: wiring, relays, slopes, safe volts. */
#include "config.h"

#include <errno.h>

#include "tests/unit/fake_bench.h"

static const double source_V[] = {4, 1}, clamp_V[] = {3};

static void drive(struct rig *rig)
{
	assert_ok(rig_drive(rig, RIG_FREE, source_V, 2));
	assert_ok(rig_drive(rig, RIG_CLAMPED, source_V, 2));
}

static void end(struct rig *rig)
{
	rig_close(rig);
	rig_config_free(fake.config);
}

static struct daq_wire *wire(struct rig_config *config, enum rig_side side, uint32_t node)
{
	return &config->daq.wire[side][node];
}

/* ---- life ---- */

static void says_what_it_is(void **state)
{
	struct rig *rig = fake_rig();
	const struct rig_info *info = rig_info(rig);
	const struct rig_device *device;

	(void)state;
	assert_string_equal(info->backend, "bench");
	assert_true(info->real_time && info->interlocks && info->bias && !info->whole_step);
	assert_false(info->targets_held); /* each has a relay */
	/* 2 * 1 ms settling, 6 samples of 10 us, 1 ms pulse, 1 ms until done */
	assert_close(info->min_step_s, 0.00406, 1e-12);
	assert_int_equal(rig_devices(rig, &device), 2);
	assert_string_equal(device[0].name, "card /dev/fake");
	assert_int_equal(device[0].state, RIG_DEVICE_UP);
	end(rig);
}

static void opening_and_closing_write_nothing_and_make_no_edge(void **state)
{
	struct rig *rig = fake_rig();

	(void)state;
	end(rig);
	assert_int_equal(fake.n_acts, 0);
	assert_int_equal(fake.clock_edges, 0);
}

static void a_card_that_is_away_comes_back_by_itself(void **state)
{
	struct rig_config *config = fake_config();
	const struct rig_device *device;
	struct rig_note note;
	struct rig *rig;
	int64_t deadline_ns;

	(void)state;
	fake.no_card = true;
	rig = fake_open(config);
	assert_says(rig, fake_begin(rig), -ENODEV, "card /dev/fake is away");
	rig_devices(rig, &device);
	assert_int_equal(device[0].state, RIG_DEVICE_DOWN);
	fake.no_card = false;
	deadline_ns = rig_now_ns(rig) + 5000000000;
	while (rig_idle(rig) == -ENODEV && rig_now_ns(rig) < deadline_ns)
		assert_ok(rig_settle(rig, 0.05));
	rig_devices(rig, &device);
	assert_int_equal(device[0].state, RIG_DEVICE_UP);
	assert_true(fake_note(rig, RIG_NOTE_DEVICE, &note) && note.alarm && !note.over);
	assert_true(fake_note(rig, RIG_NOTE_DEVICE, &note) && note.alarm && note.over);
	assert_false(fake_note(rig, RIG_NOTE_DEVICE, &note));
	assert_ok(fake_begin(rig));
	drive(rig);
	end(rig);
}

/* ---- wiring ---- */

static void a_session_that_the_wiring_cannot_serve_is_refused_with_node_and_cure(void **state)
{
	struct rig_config *config = fake_config();
	struct rig *rig;

	(void)state;
	wire(config, RIG_CLAMPED, 0)->drive = (struct daq_channel){DAQ_NONE, 0};
	rig = fake_open(config);
	assert_says(rig, fake_begin(rig), -EINVAL,
		    "source node 0 has no output in the clamped network: plug one in");
	end(rig);

	config = fake_config();
	wire(config, RIG_FREE, 1)->relay = (struct daq_channel){DAQ_NONE, 0};
	rig = fake_open(config);
	assert_says(rig, fake_begin(rig), -EINVAL,
		    "target node 1 is held by ao1 in the free network: unplug it there");
	assert_int_equal(rig_error(rig)->node, 1);
	end(rig);

	config = fake_config();
	wire(config, RIG_FREE, 1)->measure = (struct daq_channel){DAQ_NONE, 0};
	rig = fake_open(config);
	assert_says(rig, fake_begin(rig), -EINVAL,
		    "target node 1 has no input in the free network");
	end(rig);
}

static void a_node_that_an_output_holds_must_be_source_or_target(void **state)
{
	static const uint32_t sources[] = {0}, targets[] = {1};
	struct rig_config *config = fake_config();
	struct rig *rig;

	(void)state;
	wire(config, RIG_FREE, 2)->relay = (struct daq_channel){DAQ_NONE, 0};
	rig = fake_open(config);
	assert_says(rig,
		    rig_begin(rig, &(struct rig_session){.sources = sources,
							 .n_sources = 1,
							 .targets = targets,
							 .n_targets = 1}),
		    -EINVAL, "node 2 is held by ao2 in the free network");
	end(rig);
}

static void relays_are_set_by_role_and_a_clamp_closes_them(void **state)
{
	struct rig *rig = fake_rig();

	(void)state;
	assert_ok(fake_begin(rig));
	assert_true(fake.line[1] && fake.line[3] && fake.line[4] && fake.line[6]); /* sources */
	assert_false(fake.line[2] || fake.line[5]);
	drive(rig);
	assert_ok(rig_clamp(rig, clamp_V, 1));
	assert_true(fake.line[5] && !fake.line[2]);
	assert_int_equal(fake.act[fake.n_acts - 1].kind, ACT_LINE); /* after its output was there */
	assert_close(fake.held_V[1], 3, 0);
	assert_ok(rig_clamp(rig, NULL, 0));
	assert_false(fake.line[5]);
	end(rig);
}

static void plugs_move_at_safe_volts_among_the_channels_of_the_rig_file(void **state)
{
	struct rig_config *config = fake_config();
	struct daq_wire moved[2][NODES];
	struct rig_wiring now;
	struct rig *rig;

	(void)state;
	config->daq.patch = true;
	fake.held_V[0] = 2; /* left by somebody who was killed: plugs are told as they are */
	rig = fake_open(config);
	assert_ok(rig_wired(rig, &now));
	for (int side = 0; side < 2; side++)
		for (int i = 0; i < NODES; i++)
			moved[side][i] = now.wire[side][(i + 1) % NODES];
	assert_ok(rig_wire(rig, &(struct rig_wiring){{moved[0], moved[1]}}));
	assert_ok(fake_begin(rig));
	assert_ok(rig_drive(rig, RIG_FREE, source_V, 2)); /* node 0 by ao1, node 2 by ao0 */
	assert_close(fake.held_V[1], 4, 0);
	assert_close(fake.held_V[0], 1, 0);
	assert_says(rig, rig_wire(rig, &now), -EPERM, "make safe before");
	rig_make_safe(rig);
	assert_ok(rig_set_update(rig, 0, NAN)); /* the bias drives no node */
	moved[0][0].drive = (struct daq_channel){DAQ_AO, 6};
	assert_says(rig, rig_wire(rig, &(struct rig_wiring){{moved[0], moved[1]}}), -EINVAL,
		    "node 0: ao6 is not a channel of the rig file");
	assert_ok(rig_wire(rig, &now));
	moved[0][0] = moved[0][1];
	assert_says(rig, rig_wire(rig, &(struct rig_wiring){{moved[0], moved[1]}}), -EINVAL,
		    "cannot be plugged into node 0 and node 1");
	end(rig);
}

/* ---- outputs ---- */

static void nothing_leaves_safe_volts_before_the_boards_answered_and_were_released(void **state)
{
	struct rig *rig = fake_rig();

	(void)state;
	assert_ok(fake_begin(rig));
	fake.boards_error = -EHOSTDOWN;
	assert_says(rig, rig_drive(rig, RIG_FREE, source_V, 2), -EHOSTDOWN, "board 1");
	assert_int_equal(fake_count(ACT_WRITE), 0);
	fake.boards_error = 0;
	drive(rig);
	assert_true(fake_first(ACT_READY) < fake_first(ACT_RELEASE));
	assert_true(fake_first(ACT_RELEASE) < fake_first(ACT_WRITE));
	end(rig);
}

/* 1000 V/s: 4 V take 4 ms, and no two writes of an output are steeper. */
static void a_slope_is_kept_by_a_staircase(void **state)
{
	double before_V[OUTPUTS] = {0};
	int64_t before_ns[OUTPUTS] = {0}, start_ns;
	struct rig *rig = fake_rig();
	unsigned stairs = 0;

	(void)state;
	assert_ok(fake_begin(rig));
	start_ns = rig_now_ns(rig);
	drive(rig);
	assert_true(rig_now_ns(rig) - start_ns >= 3000000);
	for (size_t i = 0; i < fake.n_acts; i++) {
		const struct act *a = &fake.act[i];

		if (a->kind != ACT_WRITE)
			continue;
		if (before_ns[a->number])
			assert_true(fabs(a->volts - before_V[a->number]) <=
				    1000e-9 * (double)(a->at_ns - before_ns[a->number]));
		else
			assert_true(fabs(a->volts) <= 1 + 1e-12);
		before_V[a->number] = a->volts;
		before_ns[a->number] = a->at_ns;
		stairs += a->number == 0;
	}
	assert_int_equal(stairs, 4);
	assert_close(fake.held_V[0], 4, 0);
	assert_close(fake.held_V[2], 1, 0);
	end(rig);
}

static void the_same_voltages_are_not_written_twice(void **state)
{
	struct rig *rig = fake_rig();
	size_t n;

	(void)state;
	assert_ok(fake_begin(rig));
	drive(rig);
	n = fake_count(ACT_WRITE);
	drive(rig);
	assert_int_equal(fake_count(ACT_WRITE), n);
	end(rig);
}

static void an_output_that_reads_back_otherwise_is_a_fault(void **state)
{
	struct rig *rig = fake_rig();
	struct rig_note note;

	(void)state;
	assert_ok(fake_begin(rig));
	fake.stuck = 2;
	fake.stuck_V = 0.5;
	assert_says(rig, rig_drive(rig, RIG_FREE, source_V, 2), -EIO,
		    "ao2 reads back 0.5000 V, but 1.0000 V were written");
	assert_true(fake_note(rig, RIG_NOTE_OUTPUT, &note) && note.alarm);
	assert_int_equal(rig_make_safe(rig), RIG_SAFE_UNKNOWN);
	assert_close(fake.held_V[0], 0, 0);
	fake.stuck = -1;
	assert_int_equal(rig_make_safe(rig), RIG_SAFE_CONFIRMED);
	end(rig);
}

/* ---- safe ---- */

static void going_safe_holds_the_boards_then_ramps_and_makes_no_edge(void **state)
{
	struct rig *rig = fake_rig();
	size_t hold = MOST_ACTS, last = 0, n;

	(void)state;
	assert_ok(rig_set_update(rig, 0, NAN));
	assert_close(fake.held_V[7], 5, 0); /* bias at its rail never_V */
	assert_ok(fake_begin(rig));
	drive(rig);
	n = fake.n_acts;
	assert_int_equal(rig_make_safe(rig), RIG_SAFE_CONFIRMED);
	for (size_t i = n; i < fake.n_acts; i++) {
		if (fake.act[i].kind == ACT_HOLD && hold == MOST_ACTS)
			hold = i;
		assert_true(fake.act[i].kind != ACT_WRITE || hold < i);
		last = fake.act[i].kind == ACT_WRITE ? i : last;
	}
	assert_true(fake.act[last].at_ns - fake.act[hold].at_ns >= 4000000); /* ramp_s */
	for (int i = 0; i < OUTPUTS; i++)
		assert_close(fake.held_V[i], 0, 0);
	assert_int_equal(fake.clock_edges, 0);
	drive(rig); /* asks the boards anew, and brings the bias back */
	assert_int_equal(fake_count(ACT_READY), 3);
	assert_close(fake.held_V[7], 5, 0);
	end(rig);
}

static void a_clock_left_in_a_pulse_rests_again_without_an_edge(void **state)
{
	struct rig *rig = fake_rig();

	(void)state;
	assert_ok(fake_begin(rig));
	fake.line[0] = false; /* whoever was here before was killed in its pulse */
	assert_int_equal(rig_make_safe(rig), RIG_SAFE_CONFIRMED);
	assert_true(fake.line[0]);
	fake.line[0] = false;
	drive(rig); /* else the next tick would be none */
	assert_true(fake.line[0]);
	assert_int_equal(fake.clock_edges, 0);
	end(rig);
}

static void safe_is_as_sure_as_what_can_be_read_back(void **state)
{
	struct rig_config *config = fake_config();
	struct rig *rig;

	(void)state;
	fake.no_read_back = true;
	rig = fake_open(config);
	assert_int_equal(rig_make_safe(rig), RIG_SAFE_COMMANDED);
	fake.hold_gives = RIG_SAFE_UNKNOWN;
	assert_int_equal(rig_make_safe(rig), RIG_SAFE_UNKNOWN);
	end(rig);
	fake_config();
	fake.no_card = true;
	rig = fake_open(fake.config);
	assert_int_equal(rig_make_safe(rig), RIG_SAFE_UNKNOWN);
	end(rig);
}

static void one_output_that_fails_keeps_no_other_from_safe_volts(void **state)
{
	struct rig *rig = fake_rig();

	(void)state;
	assert_ok(fake_begin(rig));
	drive(rig);
	fake.write_error = -EIO;
	fake.stuck = 0;
	assert_int_equal(rig_make_safe(rig), RIG_SAFE_UNKNOWN);
	assert_close(fake.held_V[2], 0, 0);
	end(rig);
}

static void a_card_that_cannot_read_can_still_be_made_safe(void **state)
{
	static const uint32_t node[] = {0};
	struct rig *rig = fake_rig();
	const struct rig_device *device;
	double volts;

	(void)state;
	assert_ok(fake_begin(rig));
	drive(rig);
	fake.read_error = -EIO;
	for (int i = 0; i < 3; i++)
		assert_says(rig, rig_measure(rig, RIG_FREE, node, 1, &volts), -EIO, "fails");
	rig_devices(rig, &device);
	assert_int_equal(device[0].state, RIG_DEVICE_DEGRADED);
	assert_int_equal(device[0].failures, 3);
	assert_int_equal(rig_make_safe(rig), RIG_SAFE_CONFIRMED);
	assert_close(fake.held_V[0], 0, 0);
	end(rig);
}

static void a_board_lost_while_idle_makes_safe_at_once(void **state)
{
	struct rig *rig = fake_rig();

	(void)state;
	assert_ok(fake_begin(rig));
	drive(rig);
	assert_ok(rig_idle(rig));
	fake.boards_error = -ETIMEDOUT;
	fake.board_state = RIG_DEVICE_DEGRADED; /* once: it is asked again */
	assert_int_equal(rig_idle(rig), -ETIMEDOUT);
	assert_close(fake.held_V[0], 4, 0);
	fake.board_state = RIG_DEVICE_DOWN;
	assert_says(rig, rig_idle(rig), -EHOSTDOWN, "made safe (confirmed): board 1");
	assert_close(fake.held_V[0], 0, 0);
	end(rig);
}

static void an_output_that_goes_astray_while_idle_makes_safe(void **state)
{
	struct rig *rig = fake_rig();

	(void)state;
	assert_ok(fake_begin(rig));
	drive(rig);
	fake.stuck = 2;
	fake.stuck_V = 2.5;
	assert_says(rig, rig_idle(rig), -EIO, "ao2 reads back 2.5");
	assert_close(fake.held_V[0], 0, 0);
	end(rig);
}

static void a_long_wait_feeds_the_boards(void **state)
{
	struct rig_config *config = fake_config();
	struct rig *rig;

	(void)state;
	config->boards.watchdog_s = 0.15;
	fake.read_s = 0.001;
	rig = fake_open(config);
	assert_ok(fake_begin(rig));
	drive(rig);
	assert_ok(rig_settle(rig, 0.3));
	assert_in_range(fake_count(ACT_FEED), 4, 6); /* each 0.05 s, none at the very end */
	end(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_it_is),
		cmocka_unit_test(opening_and_closing_write_nothing_and_make_no_edge),
		cmocka_unit_test(a_card_that_is_away_comes_back_by_itself),
		cmocka_unit_test(
			a_session_that_the_wiring_cannot_serve_is_refused_with_node_and_cure),
		cmocka_unit_test(a_node_that_an_output_holds_must_be_source_or_target),
		cmocka_unit_test(relays_are_set_by_role_and_a_clamp_closes_them),
		cmocka_unit_test(plugs_move_at_safe_volts_among_the_channels_of_the_rig_file),
		cmocka_unit_test(
			nothing_leaves_safe_volts_before_the_boards_answered_and_were_released),
		cmocka_unit_test(a_slope_is_kept_by_a_staircase),
		cmocka_unit_test(the_same_voltages_are_not_written_twice),
		cmocka_unit_test(an_output_that_reads_back_otherwise_is_a_fault),
		cmocka_unit_test(going_safe_holds_the_boards_then_ramps_and_makes_no_edge),
		cmocka_unit_test(a_clock_left_in_a_pulse_rests_again_without_an_edge),
		cmocka_unit_test(safe_is_as_sure_as_what_can_be_read_back),
		cmocka_unit_test(one_output_that_fails_keeps_no_other_from_safe_volts),
		cmocka_unit_test(a_card_that_cannot_read_can_still_be_made_safe),
		cmocka_unit_test(a_board_lost_while_idle_makes_safe_at_once),
		cmocka_unit_test(an_output_that_goes_astray_while_idle_makes_safe),
		cmocka_unit_test(a_long_wait_feeds_the_boards),
	};

	return cmocka_run_group_tests_name("bench", tests, NULL, NULL);
}
