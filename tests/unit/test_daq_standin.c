/* tests/unit/test_daq_standin.c - the comedi driver with the stand-in library in front of the card's server: the whole way of
 * a value to the wire and back, requests and edges counted at the far end. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "drivers/daq.h"
#include "tests/check.h"
#include "tests/unit/card_bench.h"

static const struct daq_channel ao0 = {DAQ_AO, 0}, ao9 = {DAQ_AO, 9}, ai3 = {DAQ_AI, 3},
				ai24 = {DAQ_AI, 24}, dio0 = {DAQ_DIO, 0}, dio18 = {DAQ_DIO, 18};

/* A clock that idles high at dio0, a relay at dio18. */
struct lab {
	struct card_bench *bench;
	struct daq_config config;
	struct rig_limits limits;
	struct daq_wire wire[2][1];
	struct daq *daq;
	struct rig_error err;
};

static void start(struct lab *lab)
{
	*lab = (struct lab){
		.bench = card_bench_start(),
		.config = {.driver = "comedi",
			   .device = "/dev/comedi0",
			   .average = 3,
			   .discard = 2,
			   .clock = {.line = dio0,
				     .idle_high = true,
				     .active_falling = true,
				     .pulse_s = 0.001}},
		.limits = {.min_V = 0, .max_V = 5},
		.wire = {{{.drive = ao0, .relay = dio18, .measure = ai3}},
			 {{.drive = ao9, .measure = ai24}}},
	};
	lab->config.wire[0] = lab->wire[0];
	lab->config.wire[1] = lab->wire[1];
	card_bench_hold(lab->bench)->line[0] = true; /* pulled up while nobody drives it */
	card_bench_go_on(lab->bench);
}

static int open_card(struct lab *lab)
{
	return daq_open(&lab->config, &lab->limits, 1, -1, &lab->daq, &lab->err);
}

static void stop(struct lab *lab)
{
	daq_close(lab->daq);
	card_bench_stop(lab->bench);
}

static struct world world_now(struct lab *lab)
{
	struct world copy = *card_bench_hold(lab->bench);

	card_bench_go_on(lab->bench);
	return copy;
}

static void opening_pulsing_and_closing_make_just_the_pulses_edges(void **state)
{
	struct lab lab;

	(void)state;
	start(&lab);
	assert_ok(open_card(&lab));
	assert_int_equal(world_now(&lab).line_changes, 0);
	assert_int_equal(world_now(&lab).writes, 0);
	assert_ok(daq_clock_idle(lab.daq, &lab.err));
	for (unsigned i = 1; i <= 5; i++) {
		assert_ok(daq_pulse(lab.daq, NULL, &lab.err));
		assert_int_equal(world_now(&lab).line_changes, 2 * i);
		assert_true(world_now(&lab).line[0]);
	}
	daq_close(lab.daq);
	assert_ok(open_card(&lab));
	assert_int_equal(world_now(&lab).line_changes, 10);
	stop(&lab);
}

static void a_list_is_one_request_and_volts_arrive(void **state)
{
	const struct daq_volt volts[] = {{ao9, 5}, {ao0, 1.25}};
	const struct daq_channel outputs[] = {ao0, ao9}, inputs[] = {ai24, ai3};
	struct card_counts before, after;
	struct lab lab;
	double V[2];

	(void)state;
	start(&lab);
	assert_ok(open_card(&lab));
	before = card_bench_counts(lab.bench);
	assert_ok(daq_write(lab.daq, volts, 2, NULL, &lab.err));
	after = card_bench_counts(lab.bench);
	assert_int_equal(after.requests - before.requests, 1);
	assert_int_equal(after.instructions - before.instructions, 2);
	assert_close(world_now(&lab).output_V[0], 1.25, daq_resolution_V(lab.daq, ao0) / 2);
	assert_close(world_now(&lab).output_V[9], 5, daq_resolution_V(lab.daq, ao9) / 2);
	assert_ok(daq_read_back(lab.daq, outputs, 2, V, &lab.err));
	assert_close(V[0], 1.25, daq_resolution_V(lab.daq, ao0) / 2);
	assert_close(V[1], 5, daq_resolution_V(lab.daq, ao0) / 2);

	card_bench_hold(lab.bench)->input_V[24] =
		0; /* at an end of 0 .. 5 V: another range is used */
	card_bench_go_on(lab.bench);
	card_bench_hold(lab.bench)->input_V[3] = 3.3;
	card_bench_go_on(lab.bench);
	before = card_bench_counts(lab.bench);
	assert_ok(daq_read(lab.daq, inputs, 2, V, &lab.err));
	after = card_bench_counts(lab.bench);
	assert_int_equal(after.requests - before.requests, 1);
	assert_int_equal(after.conversions - before.conversions, 10); /* 2 x (3 + 2) */
	assert_close(V[0], 0, daq_resolution_V(lab.daq, ai3));
	assert_close(V[1], 3.3, daq_resolution_V(lab.daq, ai3));
	stop(&lab);
}

static void plug(struct lab *lab, bool present)
{
	card_bench_hold(lab->bench)->present = present;
	card_bench_go_on(lab->bench);
	card_bench_nudge(lab->bench);
}

static void an_unplugged_card_is_no_device_and_comes_back(void **state)
{
	const struct daq_volt volt = {ao0, 2};
	struct lab lab;
	double V;

	(void)state;
	start(&lab);
	assert_ok(open_card(&lab));
	plug(&lab, false);
	assert_int_equal(daq_write(lab.daq, &volt, 1, NULL, &lab.err), -ENODEV);
	assert_non_null(strstr(lab.err.text, "/dev/comedi0: writing outputs"));
	assert_int_equal(daq_read(lab.daq, &ai3, 1, &V, &lab.err), -ENODEV);
	assert_int_equal(daq_pulse(lab.daq, NULL, &lab.err), -ENODEV);
	daq_close(lab.daq);
	lab.daq = NULL;
	assert_int_equal(open_card(&lab), -ENODEV);
	plug(&lab, true);
	assert_ok(open_card(&lab));
	assert_ok(daq_write(lab.daq, &volt, 1, NULL, &lab.err));
	assert_close(world_now(&lab).output_V[0], 2, daq_resolution_V(lab.daq, ao0) / 2);
	stop(&lab);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opening_pulsing_and_closing_make_just_the_pulses_edges),
		cmocka_unit_test(a_list_is_one_request_and_volts_arrive),
		cmocka_unit_test(an_unplugged_card_is_no_device_and_comes_back),
	};

	(void)argc;
	card_bench_use_standin(argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
