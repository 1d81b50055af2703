/* tests/unit/test_daq_open.c - opening a card: its channels, its ranges, and no edge. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/fake_card.h"

/* ---- open and close ---- */

static void opening_and_closing_move_nothing_but_new_outputs(void **state)
{
	struct bench b;
	const struct record *record = fake.record;

	(void)state;
	made(&b);
	daq_close(b.daq);
	assert_false(fake.open);
	assert_int_equal(fake.n_records, 1);
	assert_int_equal(record->kind, 'p');
	assert_int_equal(record->n, 3);
	assert_true(daq_same(record->channel[0], dio7));
	assert_true(record->high[0]); /* the clock's idle level */
	assert_true(daq_same(record->channel[1], do1) && !record->high[1]);
	assert_true(daq_same(record->channel[2], dio39) && !record->high[2]);
}

static void a_clock_that_idles_low_is_prepared_low(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	b.config.clock.idle_high = false;
	assert_ok(open_bench(&b));
	assert_false(fake.record[0].high[0]);
	daq_close(b.daq);
}

static void refuses_a_card_without_a_channel_and_names_it(void **state)
{
	struct bench b;
	struct daq_channel *const where[] = {&b.wire[1][1].drive, &b.wire[0][1].measure,
					     &b.wire[1][0].relay, &b.config.bias,
					     &b.config.clock.line};
	const struct daq_channel what[] = {ao4, ai6, dio40, ao4, {DAQ_DO, 2}};
	const char *const words[] = {"ao4: fake on /dev/fake has 4 analogue outputs, ao0 to ao3",
				     "ai6: fake on /dev/fake has 6 analogue inputs, ai0 to ai5",
				     "dio40: fake on /dev/fake has 40 digital lines (dio), dio0",
				     "ao4: fake", "do2: fake on /dev/fake has 2"};

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		set_up(&b);
		*where[i] = what[i];
		assert_int_equal(open_bench(&b), -EINVAL);
		assert_says(&b, words[i]);
		assert_int_equal(fake.n_records, 0);
		assert_false(fake.open);
	}
}

static void refuses_an_unknown_driver_and_lists_those_it_has(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	strcpy(b.config.driver, "nidaq");
	assert_int_equal(daq_open(&b.config, &b.limits, 2, -1, &b.daq, &b.err), -EINVAL);
	assert_says(&b, "nidaq");
	assert_says(&b, "comedi, loopback");
}

static int fake_prepare_in_vain(void *self, const unsigned range[DAQ_KINDS],
				const struct daq_level *level, size_t n, struct rig_error *err)
{
	(void)self;
	(void)range;
	(void)level;
	(void)n;
	return rig_fail(err, -EIO, "prepared in vain");
}

static void a_card_that_cannot_be_opened_or_prepared_is_an_error(void **state)
{
	struct daq_driver stubborn = fake_driver;
	struct bench b;

	(void)state;
	set_up(&b);
	fake.fail = -ENODEV;
	assert_int_equal(open_bench(&b), -ENODEV);
	set_up(&b);
	stubborn.prepare = fake_prepare_in_vain;
	assert_int_equal(daq_open_with(&stubborn, &b.config, &b.limits, 2, -1, &b.daq, &b.err),
			 -EIO);
	assert_says(&b, "in vain");
	assert_false(fake.open); /* it was closed again */
}

/* ---- ranges ---- */

struct choice {
	double min_V, max_V;
	unsigned ao, ai;
};

static void takes_the_smallest_range_that_holds_the_limits(void **state)
{
	/* outputs: 0 is -10..10, 1 is 0..10, 2 is -5..5, 3 is 0..5; inputs: 1 is -10..10, 2 is -1..1 */
	static const struct choice choices[] = {
		{0.5, 4.5, 3, 1}, {-0.9, 0.9, 2, 2}, {-4.5, 4.5, 2, 1}, {0, 4.8, 2, 1},
		{0, 5, 0, 1},     {1, 9, 1, 1},      {-10, 10, 0, 1},   {-9, 2, 0, 1}};

	(void)state;
	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
		struct bench b;

		set_up(&b);
		b.limits.min_V = choices[i].min_V;
		b.limits.max_V = choices[i].max_V;
		assert_ok(open_bench(&b));
		assert_int_equal(fake.range[DAQ_AO], choices[i].ao);
		assert_int_equal(fake.range[DAQ_AI], choices[i].ai);
		daq_close(b.daq);
	}
}

static void refuses_limits_that_no_range_holds(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	b.limits.max_V = 10.5;
	assert_int_equal(open_bench(&b), -ERANGE);
	assert_says(&b, "analogue outputs holds the limits of 0 to 10.5 V, rig.yaml:9; it has -10 "
			"to 10 V, 0 to 10 V");
	set_up(&b);
	b.limits.max_V = INFINITY;
	assert_int_equal(open_bench(&b), -ERANGE);
}

static void the_resolution_is_that_of_the_range_in_use(void **state)
{
	struct bench b;

	(void)state;
	made(&b); /* 12 bits on -10..10, 16 on -10..10 */
	assert_close(daq_resolution_V(b.daq, ao0), 20.0 / 4095, 1e-12);
	assert_close(daq_resolution_V(b.daq, ai1), 20.0 / 65535, 1e-12);
	assert_true(isnan(daq_resolution_V(b.daq, dio7)));
	daq_close(b.daq);
}

/* ---- the card for teaching ---- */

static void the_loopback_card_reads_what_was_written_to_its_16_bits(void **state)
{
	const struct daq_volt volts[] = {{ao1, 1.5}, {ao0, -2}};
	const struct daq_channel inputs[] = {ai1, {DAQ_AI, 0}};
	const struct daq_level high = {dio7, true};
	struct bench b;
	bool is_high = false;
	double V[2];

	(void)state;
	set_up(&b);
	strcpy(b.config.driver, "loopback");
	b.wire[0][0].relay = (struct daq_channel){0};
	b.wire[0][1].relay = (struct daq_channel){0};
	b.limits.min_V = -5;
	assert_ok(daq_open(&b.config, &b.limits, 2, -1, &b.daq, &b.err));
	assert_string_equal(daq_name(b.daq), "loopback");
	assert_ok(daq_clock_idle(b.daq, &b.err));
	assert_ok(daq_write(b.daq, volts, 2, NULL, &b.err));
	assert_ok(daq_read(b.daq, inputs, 2, V, &b.err));
	assert_close(V[0], 37683 * 20.0 / 65535 - 10, 1e-12); /* 11.5 / 20 * 65535 is 37682.6 */
	assert_close(V[1], -2, 1e-12);
	assert_ok(daq_read_back(b.daq, &ao1, 1, V, &b.err));
	assert_close(V[0], 1.5, 20.0 / 65535 / 2);
	assert_ok(daq_set_lines(b.daq, &high, 1, &b.err));
	assert_ok(daq_get_line(b.daq, dio7, &is_high, &b.err));
	assert_true(is_high);
	daq_close(b.daq);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opening_and_closing_move_nothing_but_new_outputs),
		cmocka_unit_test(a_clock_that_idles_low_is_prepared_low),
		cmocka_unit_test(refuses_a_card_without_a_channel_and_names_it),
		cmocka_unit_test(refuses_an_unknown_driver_and_lists_those_it_has),
		cmocka_unit_test(a_card_that_cannot_be_opened_or_prepared_is_an_error),
		cmocka_unit_test(takes_the_smallest_range_that_holds_the_limits),
		cmocka_unit_test(refuses_limits_that_no_range_holds),
		cmocka_unit_test(the_resolution_is_that_of_the_range_in_use),
		cmocka_unit_test(the_loopback_card_reads_what_was_written_to_its_16_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
