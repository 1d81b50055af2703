/* tests/unit/test_daq_comedi.c - the comedi driver, seen from the library: lists, codes, directions, errors, calibration. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/daq.h"
#include "tests/check.h"
#include "tests/unit/fake_comedi.h"

static const struct daq_channel ao0 = {DAQ_AO, 0}, ao3 = {DAQ_AO, 3}, ai1 = {DAQ_AI, 1},
				ai5 = {DAQ_AI, 5}, dio2 = {DAQ_DIO, 2}, dio5 = {DAQ_DIO, 5},
				dio33 = {DAQ_DIO, 33}, do1 = {DAQ_DO, 1};

/* The clock at dio2, idle high; relays at dio5 and dio33; limits that the range of -10 to 10 V holds (4095 steps). */
struct bench {
	struct daq_config config;
	struct rig_limits limits;
	struct daq_wire wire[2][2];
	struct daq *daq;
	struct rig_error err;
};

static void set_up(struct bench *b)
{
	fake_comedi = (struct fake_comedi){0};
	*b = (struct bench){
		.config = {.driver = "comedi",
			   .device = "/dev/both",
			   .average = 2,
			   .discard = 1,
			   .clock = {.line = dio2, .idle_high = true, .active_falling = true}},
		.limits = {.min_V = -5, .max_V = 5},
		.wire = {{{.drive = ao0, .relay = dio5, .measure = ai1}, {.relay = dio33}},
			 {{.drive = ao3, .measure = ai5}}},
	};
	b->config.wire[0] = b->wire[0];
	b->config.wire[1] = b->wire[1];
}

static int open_bench(struct bench *b)
{
	return daq_open(&b->config, &b->limits, 2, -1, &b->daq, &b->err);
}

static void made(struct bench *b)
{
	set_up(b);
	assert_ok(open_bench(b));
	fake_comedi.n_events = 0;
}

static void assert_says(const struct bench *b, const char *words)
{
	if (!strstr(b->err.text, words))
		fail_msg("\"%s\" does not say \"%s\"", b->err.text, words);
}

/* ---- lines ---- */

static void levels_come_before_directions_and_no_edge_is_made(void **state)
{
	struct bench b;
	unsigned first_direction = 0;

	(void)state;
	set_up(&b);
	fake_comedi.pulled_up = true; /* the clock's input idles high before it is an output */
	assert_ok(open_bench(&b));
	while (fake_comedi.event[first_direction].what != FAKE_DIRECTION)
		first_direction++;
	/* one list with both groups of 32 lines: dio2 high, dio5 low; dio33 low */
	assert_int_equal(first_direction, 3);
	assert_int_equal(fake_comedi.event[0].what, FAKE_LIST);
	assert_int_equal(fake_comedi.event[0].n, 2);
	assert_int_equal(fake_comedi.event[1].data[0], 0x24);
	assert_int_equal(fake_comedi.event[1].data[1], 0x04);
	assert_int_equal(fake_comedi.event[2].channel, 32);
	assert_int_equal(fake_comedi.event[2].data[0], 0x02);
	assert_int_equal(fake_comedi.edges[2], 0);
	assert_true(fake_comedi.output[2] && fake_comedi.output[33]);
	daq_close(b.daq);
	assert_int_equal(fake_comedi.edges[2], 0);
	assert_int_equal(fake_comedi.n_open, 0);
}

static void opening_again_and_closing_write_nothing(void **state)
{
	struct bench b;

	(void)state;
	made(&b);
	daq_close(b.daq);
	assert_ok(open_bench(&b)); /* all lines are outputs already */
	assert_int_equal(fake_comedi.n_events, 0);
	fake_comedi.level[2] = false; /* as a program left it that was killed in a pulse */
	daq_close(b.daq);
	assert_ok(open_bench(&b));
	assert_int_equal(fake_comedi.n_events, 0);
	assert_int_equal(daq_clock_idle(b.daq, &b.err), -EIO);
	assert_says(&b, "dio2 is low");
	daq_close(b.daq);
}

static void a_pulse_is_one_edge_there_and_one_back(void **state)
{
	struct bench b;

	(void)state;
	made(&b);
	assert_ok(daq_pulse(b.daq, NULL, &b.err));
	assert_int_equal(fake_comedi.n_events, 4);
	assert_int_equal(fake_comedi.event[1].data[0], 0x04);
	assert_int_equal(fake_comedi.event[1].data[1], 0x00);
	assert_int_equal(fake_comedi.event[3].data[0], 0x04);
	assert_int_equal(fake_comedi.event[3].data[1], 0x04);
	assert_ok(daq_clock_idle(b.daq, &b.err));
	assert_int_equal(fake_comedi.event[5].data[0], 0); /* a mask of 0 */
	daq_close(b.daq);
}

static void lines_of_another_device_are_looked_for_there(void **state)
{
	struct bench b;
	const struct daq_level high = {do1, true};

	(void)state;
	set_up(&b);
	strcpy(b.config.digital_device, "/dev/lines");
	assert_ok(open_bench(&b));
	assert_int_equal(fake_comedi.n_open, 2);
	fake_comedi.n_events = 0;
	assert_ok(daq_set_lines(b.daq, &high, 1, &b.err));
	assert_string_equal(fake_comedi.event[1].path, "/dev/lines");
	assert_int_equal(fake_comedi.event[1].subdevice, FAKE_DO);
	assert_int_equal(fake_comedi.event[1].data[0], 2);
	daq_close(b.daq);
	assert_int_equal(fake_comedi.n_open, 0);
	b.config.clock.line = (struct daq_channel){DAQ_DIO, 40};
	assert_int_equal(open_bench(&b), -EINVAL);
	assert_says(&b, "dio40: fake-lines on /dev/lines has 40");
	assert_int_equal(fake_comedi.n_open, 0);
}

/* ---- outputs and inputs ---- */

static void writes_codes_of_the_range_in_one_list(void **state)
{
	const struct daq_volt volts[] = {{ao3, -5}, {ao0, 2.5}};
	const struct daq_channel outputs[] = {ao0, ao3};
	struct bench b;
	double V[2];

	(void)state;
	made(&b);
	assert_ok(daq_write(b.daq, volts, 2, NULL, &b.err));
	assert_int_equal(fake_comedi.n_events, 3);
	assert_int_equal(fake_comedi.event[0].n, 2);
	assert_int_equal(fake_comedi.event[1].channel, 3);
	assert_int_equal(fake_comedi.event[1].range, 1);
	assert_int_equal(fake_comedi.event[1].data[0], 1024); /* 5 / 20 * 4095 = 1023.75 */
	assert_int_equal(fake_comedi.event[2].data[0], 2559); /* 12.5 / 20 * 4095 = 2559.4 */
	assert_ok(daq_read_back(b.daq, outputs, 2, V, &b.err));
	assert_int_equal(fake_comedi.event[3].n, 2);
	assert_close(V[0], 2559 * 20.0 / 4095 - 10, 1e-12);
	assert_close(V[1], 1024 * 20.0 / 4095 - 10, 1e-12);
	daq_close(b.daq);
}

static void discards_first_and_averages_the_rest(void **state)
{
	const struct daq_channel inputs[] = {ai5, ai1};
	struct bench b;
	double V[2];

	(void)state;
	made(&b);
	memcpy(fake_comedi.ai[5], (lsampl_t[]){0, 2000, 2003}, 3 * sizeof(lsampl_t));
	memcpy(fake_comedi.ai[1], (lsampl_t[]){4095, 100, 100}, 3 * sizeof(lsampl_t));
	assert_ok(daq_read(b.daq, inputs, 2, V, &b.err));
	assert_int_equal(fake_comedi.n_events, 3);
	assert_int_equal(fake_comedi.event[0].n, 2);
	assert_int_equal(fake_comedi.event[1].channel, 5);
	assert_int_equal(fake_comedi.event[1].n, 3);
	assert_close(V[0], 2001.5 * 20 / 4095 - 10, 1e-12);
	assert_close(V[1], 100 * 20.0 / 4095 - 10, 1e-12);
	daq_close(b.daq);
}

static void a_sample_at_an_end_of_the_range_is_a_fault(void **state)
{
	static const lsampl_t ends[] = {0, FAKE_MAXDATA};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const struct daq_channel inputs[] = {ai1, ai5};
		struct bench b;
		double V[2];

		made(&b);
		for (size_t k = 0; k < 3; k++)
			fake_comedi.ai[1][k] = fake_comedi.ai[5][k] = 2000;
		fake_comedi.ai[5][2] = ends[i]; /* one sample of those averaged */
		assert_int_equal(daq_read(b.daq, inputs, 2, V, &b.err), -EIO);
		assert_says(&b, "ai5: ");
		daq_close(b.daq);
	}
}

static void an_output_at_an_end_of_its_range_reads_back(void **state)
{
	const struct daq_volt volts[] = {{ao0, -10}, {ao3, 10}};
	const struct daq_channel outputs[] = {ao0, ao3};
	struct bench b;
	double V[2];

	(void)state;
	set_up(&b);
	b.limits = (struct rig_limits){.min_V = -10, .max_V = 10};
	assert_ok(open_bench(&b));
	assert_ok(daq_write(b.daq, volts, 2, NULL, &b.err));
	assert_int_equal(fake_comedi.ao[0], 0);
	assert_int_equal(fake_comedi.ao[3], FAKE_MAXDATA);
	assert_ok(daq_read_back(b.daq, outputs, 2, V, &b.err));
	assert_close(V[0], -10, 0);
	assert_close(V[1], 10, 0);
	daq_close(b.daq);
}

static void counts_only_channels_with_the_ranges_of_the_first(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	fake_comedi.specific = true;
	assert_int_equal(open_bench(&b), -EINVAL);
	assert_says(&b, "ai5: fake-6 on /dev/both has 4 analogue inputs, ai0 to ai3");
	assert_int_equal(fake_comedi.n_open, 0);
}

static void a_card_whose_outputs_cannot_be_read_says_so(void **state)
{
	struct bench b;
	double V;

	(void)state;
	set_up(&b);
	fake_comedi.mute = true;
	assert_ok(open_bench(&b));
	assert_int_equal(daq_read_back(b.daq, &ao0, 1, &V, &b.err), -ENOTSUP);
	daq_close(b.daq);
}

/* ---- errors ---- */

static void comedis_errors_become_ours(void **state)
{
	static const struct {
		int comedi, ours;
	} all[] = {{ENODEV, -ENODEV},       {EBADF, -ENODEV},  {EIO, -ENODEV},
		   {ENXIO, -ENODEV},        {EACCES, -EACCES}, {EPERM, -EACCES},
		   {ETIMEDOUT, -ETIMEDOUT}, {EINVAL, -EINVAL}, {0x1002, -EIO}};
	const struct daq_volt volt = {ao0, 1};
	struct bench b;
	double V;

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		made(&b);
		fake_comedi.error = all[i].comedi;
		assert_int_equal(daq_write(b.daq, &volt, 1, NULL, &b.err), all[i].ours);
		assert_says(&b, "/dev/both: writing outputs");
		assert_int_equal(daq_read(b.daq, &ai1, 1, &V, &b.err), all[i].ours);
		assert_int_equal(daq_pulse(b.daq, NULL, &b.err), all[i].ours);
		daq_close(b.daq);
	}
	set_up(&b);
	fake_comedi.error = EACCES;
	assert_int_equal(open_bench(&b), -EACCES);
	assert_says(&b, "iocard");
	set_up(&b);
	strcpy(b.config.device, "/dev/none");
	assert_int_equal(open_bench(&b), -ENODEV);
	assert_says(&b, "/dev/none");
}

static void half_a_list_is_an_error(void **state)
{
	const struct daq_volt volts[] = {{ao0, 1}, {ao3, 1}};
	struct bench b;

	(void)state;
	made(&b);
	fake_comedi.most = 1;
	assert_int_equal(daq_write(b.daq, volts, 2, NULL, &b.err), -EIO);
	assert_says(&b, "only 1 of 2");
	daq_close(b.daq);
}

/* ---- soft calibration: inputs 0.5 V + 4.9 mV (code - 100); outputs code = 2040 + 200 volts ---- */

static const char calibration[] =
	"{ driver_name => \"fake_driver\", board_name => \"fake-6\", calibrations => [\n"
	"{ subdevice => 0, channels => [], ranges => [1], arefs => [],\n"
	"  softcal_to_phys => { expansion_origin => 100, coefficients => [0.5, 0.0049], },\n"
	"  softcal_from_phys => { expansion_origin => 0, coefficients => [0, 204], }, },\n"
	"{ subdevice => 1, channels => [], ranges => [1], arefs => [],\n"
	"  softcal_to_phys => { expansion_origin => 2040, coefficients => [0, 0.005], },\n"
	"  softcal_from_phys => { expansion_origin => 0, coefficients => [2040, 200], }, }, ], }\n";

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void a_card_calibrated_in_software_is_read_by_its_file(void **state)
{
	const struct daq_volt volts[] = {{ao0, 2}, {ao3, -4.999}};
	char path[] = "/tmp/nudged-calibration-XXXXXX";
	int fd = mkstemp(path);
	struct bench b;
	double V;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	write_file(path, calibration);
	set_up(&b);
	fake_comedi.flags = SDF_SOFT_CALIBRATED;
	fake_comedi.calibration = path;
	assert_ok(open_bench(&b));
	fake_comedi.n_events = 0;
	assert_ok(daq_write(b.daq, volts, 2, NULL, &b.err));
	assert_int_equal(fake_comedi.event[1].data[0], 2440); /* 2040 + 200 * 2 */
	assert_int_equal(fake_comedi.event[2].data[0], 1040); /* 2040 - 999.8 */
	assert_ok(daq_read_back(b.daq, &ao0, 1, &V, &b.err));
	assert_close(V, 2, 1e-12);
	for (size_t k = 0; k < 3; k++)
		fake_comedi.ai[1][k] = 300;
	assert_ok(daq_read(b.daq, &ai1, 1, &V, &b.err));
	assert_close(V, 0.5 + 200 * 0.0049, 1e-12);
	fake_comedi.ai[1][1] = FAKE_MAXDATA;
	assert_int_equal(daq_read(b.daq, &ai1, 1, &V, &b.err), -EIO);
	daq_close(b.daq);

	write_file(path, "no calibration");
	assert_int_equal(open_bench(&b), -EINVAL);
	assert_says(&b, path);
	unlink(path);
	assert_ok(open_bench(&b)); /* a card that was never calibrated is used as its ranges say */
	fake_comedi.n_events = 0;
	assert_ok(daq_write(b.daq, volts, 1, NULL, &b.err));
	assert_int_equal(fake_comedi.event[1].data[0], 2457); /* 12 / 20 * 4095 */
	daq_close(b.daq);
}

static void a_probe_writes_nothing_and_tells_all(void **state)
{
	static const char *const words[] = {
		"# fake-6 on /dev/both\n",
		"subdevice 0: analogue input, 6 channels, maxdata 4095; ranges [0, 5] V, [-10, 10] "
		"V, [0, 20] mA; ground",
		"# ao0 to ao3: 12 bits; 0 to 5 V, -10 to 10 V; read back\n",
		"# ai0 to ai5: 12 bits; 0 to 5 V, -10 to 10 V\n",
		"# dio0 to dio39: digital lines\n",
		"edges: [[0, 1], [1, 2], [2, 0]]",
		"2: {free: ai2, clamped: ai5}",
		"bias: ao3\n"};
	struct rig_error err;
	char *text;

	(void)state;
	fake_comedi = (struct fake_comedi){0};
	assert_ok(rig_probe("comedi", "/dev/both", &text, &err));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strstr(text, words[i]))
			fail_msg("\"%s\" is not in %s", words[i], text);
	assert_int_equal(fake_comedi.n_events, 0);
	assert_int_equal(fake_comedi.n_open, 0);
	free(text);
	assert_ok(rig_probe("comedi", "/dev/lines", &text, &err));
	assert_non_null(strstr(text, "# No rig file"));
	free(text);
	assert_int_equal(rig_probe("comedi", "/dev/none", &text, &err), -ENODEV);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels_come_before_directions_and_no_edge_is_made),
		cmocka_unit_test(opening_again_and_closing_write_nothing),
		cmocka_unit_test(a_pulse_is_one_edge_there_and_one_back),
		cmocka_unit_test(lines_of_another_device_are_looked_for_there),
		cmocka_unit_test(writes_codes_of_the_range_in_one_list),
		cmocka_unit_test(discards_first_and_averages_the_rest),
		cmocka_unit_test(a_sample_at_an_end_of_the_range_is_a_fault),
		cmocka_unit_test(an_output_at_an_end_of_its_range_reads_back),
		cmocka_unit_test(counts_only_channels_with_the_ranges_of_the_first),
		cmocka_unit_test(a_card_whose_outputs_cannot_be_read_says_so),
		cmocka_unit_test(comedis_errors_become_ours),
		cmocka_unit_test(half_a_list_is_an_error),
		cmocka_unit_test(a_card_calibrated_in_software_is_read_by_its_file),
		cmocka_unit_test(a_probe_writes_nothing_and_tells_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
