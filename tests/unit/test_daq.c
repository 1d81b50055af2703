/* tests/unit/test_daq.c - the use of a card: limits, gains, one list a call, and the clock's edges. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tests/unit/fake_card.h"

/* ---- outputs ---- */

static void writes_all_outputs_in_one_list_in_order(void **state)
{
	const struct daq_volt volts[] = {{ao3, 5}, {ao0, 0}, {ao1, 2.5}};
	struct bench b;
	const struct record *record = &fake.record[1];
	int64_t before = now_ns(), done = 0;

	(void)state;
	made(&b);
	assert_ok(daq_write(b.daq, volts, 3, &done, &b.err));
	assert_int_equal(fake.n_records, 2);
	assert_int_equal(record->kind, 'w');
	assert_int_equal(record->n, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_true(daq_same(record->channel[i], volts[i].channel));
		assert_close(record->volts[i], volts[i].volts, 0);
	}
	assert_true(record->at_ns >= before && done >= record->at_ns && done <= now_ns());
	daq_close(b.daq);
}

static void refuses_volts_outside_the_limits_before_any_is_written(void **state)
{
	static const double wrong[] = {5.001, -0.001, NAN, INFINITY, -INFINITY};
	struct bench b;

	(void)state;
	made(&b);
	for (size_t i = 0; i < 5; i++) {
		struct daq_volt volts[] = {{ao0, 1}, {ao1, wrong[i]}};

		assert_int_equal(daq_write(b.daq, volts, 2, NULL, &b.err),
				 isfinite(wrong[i]) ? -ERANGE : -EINVAL);
		assert_says(&b, "ao1: ");
		assert_says(&b, "limits of 0 to 5 V, rig.yaml:9");
	}
	assert_int_equal(fake.n_records, 1);
	daq_close(b.daq);
}

static void refuses_to_write_what_is_no_output_of_the_card(void **state)
{
	const struct daq_channel wrong[] = {ao4, ai1, dio7, {DAQ_NONE, 0}};
	struct bench b;

	(void)state;
	made(&b);
	for (size_t i = 0; i < 4; i++) {
		struct daq_volt volt = {wrong[i], 1};

		assert_int_equal(daq_write(b.daq, &volt, 1, NULL, &b.err), -EINVAL);
	}
	assert_int_equal(fake.n_records, 1);
	daq_close(b.daq);
}

/* ---- gains: true = gain * nominal + offset ---- */

static void writes_nominal_volts_and_checks_true_ones(void **state)
{
	const struct daq_gain gains[] = {{ao0, 1.25, -0.5}};
	const struct daq_volt high = {ao0, 5}, beyond = {ao0, 5.2}, other = {ao1, 2};
	struct bench b;
	double back_V;

	(void)state;
	made(&b);
	daq_set_gains(b.daq, gains, 1);
	assert_ok(daq_write(b.daq, &high, 1, NULL, &b.err));
	assert_close(fake.record[1].volts[0], 4.4, 1e-12); /* (5 + 0.5) / 1.25 */
	assert_int_equal(daq_write(b.daq, &beyond, 1, NULL, &b.err), -ERANGE); /* nominal 4.56 */
	assert_ok(daq_write(b.daq, &other, 1, NULL, &b.err));
	assert_close(fake.record[2].volts[0], 2, 0);
	assert_ok(daq_read_back(b.daq, &ao0, 1, &back_V, &b.err));
	assert_close(back_V, 5, 1e-12);
	assert_close(daq_true_V(b.daq, ao0, 4.4), 5, 1e-12);
	assert_close(daq_true_V(b.daq, ao1, 4.4), 4.4, 0);
	daq_set_gains(b.daq, NULL, 0); /* replaces all */
	assert_close(daq_true_V(b.daq, ao0, 4.4), 4.4, 0);
	daq_close(b.daq);
}

static void takes_the_gains_of_the_rig_file_when_it_opens(void **state)
{
	struct daq_gain gains[] = {{ai5, 0.99, 0.01}, {ao1, 1, 0.25}};
	const struct daq_volt volt = {ao1, 1};
	struct bench b;
	double V;

	(void)state;
	set_up(&b);
	b.config.gain = gains;
	b.config.n_gain = 2;
	assert_ok(open_bench(&b));
	assert_ok(daq_read(b.daq, &ai5, 1, &V, &b.err));
	assert_close(V, 0.505, 1e-12); /* 0.99 * 0.5 + 0.01 */
	assert_ok(daq_write(b.daq, &volt, 1, NULL, &b.err));
	assert_close(fake.record[2].volts[0], 0.75, 1e-12);
	daq_close(b.daq);
}

static void refuses_a_nominal_value_outside_the_cards_range(void **state)
{
	const struct daq_gain gains[] = {{ao0, 0.96, 0}, {ao1, 1, 0.001}};
	const struct daq_volt beyond = {ao0, 10}, at_end = {ao1, -10};
	struct bench b;

	(void)state;
	set_up(&b);
	b.limits.min_V = -10;
	b.limits.max_V = 10; /* the card has -10 to 10 V and no more */
	assert_ok(open_bench(&b));
	daq_set_gains(b.daq, gains, 2);
	assert_int_equal(daq_write(b.daq, &beyond, 1, NULL, &b.err), -ERANGE);
	assert_says(&b, "ao0: 10 V take a nominal 10.4167 V");
	assert_int_equal(fake.n_records, 1);
	/* less than a step beyond is the end itself: so that a calibrated output can still go there */
	assert_ok(daq_write(b.daq, &at_end, 1, NULL, &b.err));
	assert_close(fake.record[1].volts[0], -10, 0);
	daq_close(b.daq);
}

/* Of the fake card's 12 bits over -10 to 10 V. */
static double of_nearest_code(double nominal_V)
{
	return -10 + rint((nominal_V + 10) / 20 * 4095) * 20 / 4095;
}

/* Whatever is asked for, with whatever calibration: what the card makes of it is, by that calibration, what was asked for
 * within half a step, a whole one at the limits, and never beyond them; or it was not written. */
static void no_request_moves_an_output_beyond_the_limits(void **state)
{
	unsigned seed = (unsigned)now_ns(), written = 0, refused = 0;
	struct bench b;

	(void)state;
	print_message("# seed %u\n", seed);
	made(&b);
	for (int i = 0; i < 100000; i++) {
		struct daq_gain gain = {ao0, 0.9 + 0.2 * rand_r(&seed) / RAND_MAX,
					-0.2 + 0.4 * rand_r(&seed) / RAND_MAX};
		struct daq_volt volt = {ao0, -2 + 9.0 * rand_r(&seed) / RAND_MAX};
		double step_V = gain.gain * 20 / 4095, made_V;
		int r;

		/* the limits themselves, too */
		if (i % 10 < 2)
			volt.volts = i % 10 ? 5 : 0;

		fake.n_records = 0;
		fake.held_V[0] = NAN;
		daq_set_gains(b.daq, &gain, 1);
		r = daq_write(b.daq, &volt, 1, NULL, &b.err);
		assert_true(r == 0 || r == -ERANGE);
		assert_int_equal(r == 0, volt.volts >= 0 && volt.volts <= 5);
		assert_int_equal(r == 0, !isnan(fake.held_V[0]));
		written += r == 0;
		refused += r < 0;
		if (r < 0)
			continue;
		made_V = gain.gain * of_nearest_code(fake.held_V[0]) + gain.offset_V;
		assert_true(made_V >= 0 - 1e-6 * step_V && made_V <= 5 + 1e-6 * step_V);
		assert_close(made_V, volt.volts,
			     (volt.volts > step_V && volt.volts < 5 - step_V ? 0.5 : 1) * step_V +
				     1e-9);
	}
	assert_true(written > 40000 && refused > 30000);
	daq_close(b.daq);
}

/* ---- readings ---- */

static void reads_all_inputs_in_one_list_in_order(void **state)
{
	const struct daq_channel inputs[] = {ai5, ai1, ai5};
	struct bench b;
	double V[3];

	(void)state;
	made(&b);
	assert_ok(daq_read(b.daq, inputs, 3, V, &b.err));
	assert_int_equal(fake.n_records, 2);
	assert_int_equal(fake.record[1].n, 3);
	assert_true(daq_same(fake.record[1].channel[1], ai1));
	assert_int_equal(fake.average, 4);
	assert_int_equal(fake.discard, 1);
	assert_close(V[0], 0.5, 0);
	assert_close(V[1], 0.1, 0);
	daq_close(b.daq);
}

static void a_reading_that_is_no_number_is_a_fault_and_names_its_channel(void **state)
{
	const struct daq_channel inputs[] = {ai1, ai5};
	struct bench b;
	double V[2] = {7, 8};

	(void)state;
	made(&b);
	fake.nan_at = 2;
	assert_int_equal(daq_read(b.daq, inputs, 2, V, &b.err), -EIO);
	assert_says(&b, "ai5: ");
	assert_says(&b, "range of -10 to 10 V");
	assert_close(V[0], 7, 0); /* nothing is returned */
	assert_close(V[1], 8, 0);
	daq_close(b.daq);
}

static void a_card_that_fails_is_told_on(void **state)
{
	const struct daq_volt volt = {ao0, 1};
	struct bench b;
	double V;
	bool high;

	(void)state;
	made(&b);
	fake.fail = -ENODEV;
	assert_int_equal(daq_write(b.daq, &volt, 1, NULL, &b.err), -ENODEV);
	assert_int_equal(daq_read(b.daq, &ai1, 1, &V, &b.err), -ENODEV);
	assert_int_equal(daq_read_back(b.daq, &ao0, 1, &V, &b.err), -ENODEV);
	assert_int_equal(daq_get_line(b.daq, dio7, &high, &b.err), -ENODEV);
	assert_int_equal(daq_pulse(b.daq, NULL, &b.err), -ENODEV);
	assert_int_equal(daq_pulses(b.daq), 0);
	daq_close(b.daq);
}

static void a_card_without_read_back_says_so(void **state)
{
	struct daq_driver mute = fake_driver;
	struct bench b;
	double V;

	(void)state;
	set_up(&b);
	mute.read_back = NULL;
	assert_ok(daq_open_with(&mute, &b.config, &b.limits, 2, -1, &b.daq, &b.err));
	assert_int_equal(daq_read_back(b.daq, &ao0, 1, &V, &b.err), -ENOTSUP);
	daq_close(b.daq);
}

/* ---- the clock ---- */

struct clocked {
	bool idle_high, active_falling, first;
};

static void a_pulse_is_two_edges_and_stamps_the_active_one(void **state)
{
	static const struct clocked all[] = {{true, true, true},
					     {false, false, true},
					     {true, false, false},
					     {false, true, false}};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const struct record *away = &fake.record[1], *back = &fake.record[2];
		int64_t active_ns = 0, begun, ended;
		struct bench b;

		set_up(&b);
		b.config.clock.idle_high = all[i].idle_high;
		b.config.clock.active_falling = all[i].active_falling;
		assert_ok(open_bench(&b));
		begun = now_ns();
		assert_ok(daq_pulse(b.daq, &active_ns, &b.err));
		ended = now_ns();
		assert_int_equal(fake.n_records, 3);
		assert_true(daq_same(away->channel[0], dio7) && daq_same(back->channel[0], dio7));
		assert_true(away->high[0] != all[i].idle_high);
		assert_true(back->high[0] == all[i].idle_high);
		assert_true(back->at_ns - away->at_ns >= 4000000);
		assert_true(active_ns >= begun && active_ns <= ended);
		if (all[i].first)
			assert_true(active_ns >= away->at_ns && active_ns < back->at_ns);
		else
			assert_true(active_ns >= back->at_ns);
		assert_int_equal(daq_pulses(b.daq), 1);
		assert_ok(daq_clock_idle(b.daq, &b.err));
		daq_close(b.daq);
	}
}

static void an_interrupt_ends_a_wait_but_shortens_no_pulse(void **state)
{
	const uint64_t one = 1;
	struct bench b;
	int wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	(void)state;
	set_up(&b);
	assert_ok(daq_open_with(&fake_driver, &b.config, &b.limits, 2, wake_fd, &b.daq, &b.err));
	assert_ok(daq_wait_until(b.daq, now_ns() - 5, &b.err));
	assert_ok(daq_wait_until(b.daq, now_ns() + 2000000, &b.err));
	assert_int_equal(write(wake_fd, &one, sizeof(one)), sizeof(one));
	assert_int_equal(daq_wait_until(b.daq, now_ns() + 3600 * INT64_C(1000000000), &b.err),
			 -EINTR);
	assert_ok(daq_pulse(b.daq, NULL, &b.err));
	assert_true(fake.record[2].at_ns - fake.record[1].at_ns >= 4000000);
	daq_close(b.daq);
	close(wake_fd);
}

static void a_pulse_whose_end_fails_is_an_error_and_was_an_edge(void **state)
{
	struct bench b;

	(void)state;
	made(&b);
	fake.fail = -EIO;
	fake.fail_from = 2; /* prepare, away: well; back, back again: not */
	assert_int_equal(daq_pulse(b.daq, NULL, &b.err), -EIO);
	assert_int_equal(fake.n_records, 4);
	assert_int_equal(daq_pulses(b.daq), 1);
	daq_close(b.daq);
}

static void a_clock_line_away_from_idle_is_noticed(void **state)
{
	const struct daq_level low = {dio7, false};
	struct bench b;

	(void)state;
	made(&b);
	assert_ok(daq_clock_idle(b.daq, &b.err));
	assert_ok(daq_set_lines(b.daq, &low, 1, &b.err));
	assert_int_equal(daq_clock_idle(b.daq, &b.err), -EIO);
	assert_says(&b, "the clock line dio7 is low");
	daq_close(b.daq);
}

static void sets_lines_in_one_list(void **state)
{
	const struct daq_level levels[] = {{do1, true}, {dio39, true}}, wrong = {dio40, true},
			       no_line = {ao0, true};
	struct bench b;
	bool high = false;

	(void)state;
	made(&b);
	assert_ok(daq_set_lines(b.daq, levels, 2, &b.err));
	assert_int_equal(fake.n_records, 2);
	assert_int_equal(fake.record[1].n, 2);
	assert_ok(daq_get_line(b.daq, dio39, &high, &b.err));
	assert_true(high);
	assert_int_equal(daq_set_lines(b.daq, &wrong, 1, &b.err), -EINVAL);
	assert_says(&b, "dio40");
	assert_int_equal(daq_set_lines(b.daq, &no_line, 1, &b.err), -EINVAL);
	daq_close(b.daq);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_all_outputs_in_one_list_in_order),
		cmocka_unit_test(refuses_volts_outside_the_limits_before_any_is_written),
		cmocka_unit_test(refuses_to_write_what_is_no_output_of_the_card),
		cmocka_unit_test(writes_nominal_volts_and_checks_true_ones),
		cmocka_unit_test(takes_the_gains_of_the_rig_file_when_it_opens),
		cmocka_unit_test(refuses_a_nominal_value_outside_the_cards_range),
		cmocka_unit_test(no_request_moves_an_output_beyond_the_limits),
		cmocka_unit_test(reads_all_inputs_in_one_list_in_order),
		cmocka_unit_test(a_reading_that_is_no_number_is_a_fault_and_names_its_channel),
		cmocka_unit_test(a_card_that_fails_is_told_on),
		cmocka_unit_test(a_card_without_read_back_says_so),
		cmocka_unit_test(a_pulse_is_two_edges_and_stamps_the_active_one),
		cmocka_unit_test(an_interrupt_ends_a_wait_but_shortens_no_pulse),
		cmocka_unit_test(a_pulse_whose_end_fails_is_an_error_and_was_an_edge),
		cmocka_unit_test(a_clock_line_away_from_idle_is_noticed),
		cmocka_unit_test(sets_lines_in_one_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
