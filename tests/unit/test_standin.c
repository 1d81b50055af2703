/* tests/unit/test_standin.c - a program that is linked with libcomedi, run with the stand-in, against the card's server. */
#include "config.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <comedi_errno.h>
#include <comedilib.h>

#include "sim_backend/benchd/card_wire.h"
#include "tests/check.h"
#include "tests/unit/card_bench.h"

struct lab {
	struct card_bench *bench;
	comedi_t *it;
};

static int set_up(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));

	assert_non_null(lab);
	lab->bench = card_bench_start();
	lab->it = comedi_open("/dev/comedi0");
	if (!lab->it)
		fail_msg("comedi_open: %s", comedi_strerror(comedi_errno()));
	*state = lab;
	return 0;
}

static int tear_down(void **state)
{
	struct lab *lab = *state;

	comedi_close(lab->it);
	card_bench_stop(lab->bench);
	free(lab);
	return 0;
}

static double output_V(struct lab *lab, unsigned ao)
{
	double volts = card_bench_hold(lab->bench)->output_V[ao];

	card_bench_go_on(lab->bench);
	return volts;
}

static void set_input(struct lab *lab, unsigned ai, double volts)
{
	card_bench_hold(lab->bench)->input_V[ai] = volts;
	card_bench_go_on(lab->bench);
}

static void forget(struct lab *lab)
{
	fake_world_forget(card_bench_hold(lab->bench));
	card_bench_go_on(lab->bench);
}

static struct world world_now(struct lab *lab)
{
	struct world copy = *card_bench_hold(lab->bench);

	card_bench_go_on(lab->bench);
	return copy;
}

/* ---- */

static void is_found_before_the_real_library(void **state)
{
	Dl_info info;

	(void)state;
	assert_int_not_equal(dladdr((void *)(uintptr_t)comedi_open, &info), 0);
	if (!strstr(info.dli_fname, "standin/.libs/libcomedi.so.0"))
		fail_msg("libcomedi is %s", info.dli_fname);
}

static void has_the_facts_of_a_card(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(comedi_get_n_subdevices(lab->it), 3);
	assert_string_equal(comedi_get_board_name(lab->it), "nudge-benchd");
	assert_int_equal(comedi_find_subdevice_by_type(lab->it, COMEDI_SUBD_AI, 0), 0);
	assert_int_equal(comedi_find_subdevice_by_type(lab->it, COMEDI_SUBD_AO, 0), 1);
	assert_int_equal(comedi_find_subdevice_by_type(lab->it, COMEDI_SUBD_DIO, 0), 2);
	assert_int_equal(comedi_find_subdevice_by_type(lab->it, COMEDI_SUBD_AI, 1), -1);
	assert_int_equal(comedi_get_n_channels(lab->it, 0), 64);
	assert_int_equal(comedi_get_n_channels(lab->it, 1), 32);
	assert_int_equal(comedi_get_n_channels(lab->it, 2), 64);
	assert_int_equal(comedi_get_maxdata(lab->it, 0, 63), 65535);
	assert_int_equal(comedi_get_maxdata(lab->it, 2, 0), 1);
	assert_int_equal(comedi_get_maxdata(lab->it, 1, 32), 0);
	assert_int_equal(comedi_errno(), EINVAL_CHAN);
	assert_int_equal(comedi_get_n_ranges(lab->it, 1, 0), 4);
	assert_int_equal(comedi_get_subdevice_type(lab->it, 3), -1);
	assert_int_equal(comedi_errno(), EINVAL_SUBD);
}

static void finds_the_smallest_range_that_holds_the_limits(void **state)
{
	struct lab *lab = *state;
	comedi_range *range = comedi_get_range(lab->it, 1, 0, 3);

	assert_close(range->min, 0.0, 0);
	assert_close(range->max, 5.0, 0);
	assert_int_equal(comedi_find_range(lab->it, 1, 0, UNIT_volt, 0, 5), 3);
	assert_int_equal(comedi_find_range(lab->it, 1, 0, UNIT_volt, 0, 5.1), 1);
	assert_int_equal(comedi_find_range(lab->it, 1, 0, UNIT_volt, -1, 1), 2);
	assert_int_equal(comedi_find_range(lab->it, 1, 0, UNIT_volt, -6, 1), 0);
	assert_int_equal(comedi_find_range(lab->it, 1, 0, UNIT_volt, 0, 11), -1);
	assert_int_equal(comedi_find_range(lab->it, 1, 0, UNIT_mA, 0, 1), -1);
}

static void the_ends_of_a_range_are_not_numbers(void **state)
{
	struct lab *lab = *state;
	comedi_range *range = comedi_get_range(lab->it, 0, 0, 0);

	assert_true(isnan(comedi_to_phys(0, range, 65535)));
	assert_true(isnan(comedi_to_phys(65535, range, 65535)));
	assert_close(comedi_to_phys(1, range, 65535), -10 + 20 / 65535.0, 1e-15);
	comedi_set_global_oor_behavior(COMEDI_OOR_NUMBER);
	assert_close(comedi_to_phys(65535, range, 65535), 10.0, 0);
	assert_int_equal(comedi_set_global_oor_behavior(COMEDI_OOR_NAN), COMEDI_OOR_NUMBER);
}

static void codes_become_volts(void **state)
{
	/* worked by hand: min + code * span / 65535 */
	static const struct {
		unsigned code, range;
		double volts;
	} cases[] = {
		{0, 0, -10.0},         {65535, 0, 10.0}, {65535, 3, 5.0},
		{32768, 2, 7.6295e-5}, {13107, 1, 2.0},  {13107, 3, 1.0},
	};
	struct lab *lab = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		lsampl_t held;
		assert_int_equal(comedi_data_write(lab->it, 1, 7, cases[i].range, AREF_GROUND,
						   cases[i].code),
				 1);
		assert_close(output_V(lab, 7), cases[i].volts, 1e-9);
		assert_int_equal(comedi_data_read(lab->it, 1, 7, cases[i].range, 0, &held), 1);
		assert_int_equal(held, cases[i].code);
	}
	assert_int_equal(comedi_data_write(lab->it, 1, 7, 0, 0, 65536), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(comedi_data_write(lab->it, 1, 7, 4, 0, 1), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(comedi_data_write(lab->it, 0, 7, 0, 0, 1), -1);
	assert_int_equal(errno, EINVAL);
}

static void volts_become_the_nearest_code(void **state)
{
	static const struct {
		double volts;
		unsigned range, code;
	} cases[] = {
		{0.0, 0, 32768},
		{0.0, 3, 0},
		{-0.1, 3, 0},
		{5.0, 3, 65535},
		{7.0, 3, 65535},
		{1.0, 3, 13107},
		{1.0 + 3.7e-5, 3, 13107},
		{1.0 + 3.9e-5, 3, 13108},
		{-10, 0, 0},
		{NAN, 1, 65535},
	};
	struct lab *lab = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		lsampl_t code;
		set_input(lab, 63, cases[i].volts);
		assert_int_equal(comedi_data_read(lab->it, 0, 63, cases[i].range, 0, &code), 1);
		if (code != cases[i].code)
			fail_msg("%g V is code %u, not %u", cases[i].volts, code, cases[i].code);
	}
}

/* As a step of the daemon: 2 outputs, then 18 inputs, each converted 5 times */
static void a_list_is_one_request_at_one_moment(void **state)
{
	struct lab *lab = *state;
	lsampl_t out[2] = {13107, 26214}, in[18][5];
	comedi_insn insns[20] = {0};
	comedi_insnlist list = {.n_insns = 20, .insns = insns};
	struct card_counts before, after;
	struct world world;

	for (unsigned i = 0; i < 2; i++)
		insns[i] = (comedi_insn){.insn = INSN_WRITE,
					 .n = 1,
					 .data = &out[i],
					 .subdev = 1,
					 .chanspec = CR_PACK(i, 3, AREF_GROUND)};
	for (unsigned i = 0; i < 18; i++) {
		insns[2 + i] = (comedi_insn){.insn = INSN_READ,
					     .n = 5,
					     .data = in[i],
					     .chanspec = CR_PACK(i, 3, AREF_GROUND)};
		set_input(lab, i, 0.2 * (i + 1));
	}
	card_bench_hold(lab->bench)->drift_V = 5.0 / 65535;
	card_bench_go_on(lab->bench);
	forget(lab);
	before = card_bench_counts(lab->bench);
	assert_int_equal(comedi_do_insnlist(lab->it, &list), 20);
	after = card_bench_counts(lab->bench);
	world = world_now(lab);
	assert_int_equal(after.requests - before.requests, 1);
	assert_int_equal(after.instructions - before.instructions, 20);
	assert_int_equal(after.conversions - before.conversions, 90);
	assert_int_equal(world.writes, 2);
	assert_int_equal(world.conversions, 90);
	assert_true(world.first_ns > 0 && world.first_ns == world.last_ns);
	assert_close(world.output_V[0], 1.0, 1e-12);
	assert_close(world.output_V[1], 2.0, 1e-12);
	for (unsigned i = 0; i < 18; i++)
		for (unsigned j = 0; j < 5; j++) /* each conversion one code higher */
			assert_int_equal(in[i][j], floor(0.2 * (i + 1) * 13107 + 5 * i + j + 0.5));
}

static void a_list_may_be_long(void **state)
{
	enum { N = 400, EACH = 150 };
	static lsampl_t data[N][EACH];
	static comedi_insn insns[N];
	struct lab *lab = *state;
	comedi_insnlist list = {.n_insns = N, .insns = insns};

	for (unsigned i = 0; i < N; i++)
		insns[i] = (comedi_insn){.insn = INSN_READ,
					 .n = EACH,
					 .data = data[i],
					 .chanspec = CR_PACK(i % 64, 3, 0)};
	set_input(lab, (N - 1) % 64, 1.0);
	assert_int_equal(comedi_do_insnlist(lab->it, &list), N);
	assert_int_equal(data[N - 1][EACH - 1], 13107);
	insns[0].n = 65536;
	assert_int_equal(comedi_do_insnlist(lab->it, &list), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(comedi_data_read_n(lab->it, 0, (N - 1) % 64, 3, 0, data[0], EACH), 0);
	assert_int_equal(data[0][EACH - 1], 13107);
}

static void what_comes_before_a_bad_instruction_is_done(void **state)
{
	struct lab *lab = *state;
	lsampl_t one = 13107, two = 26214, three = 1;
	comedi_insn insns[] = {
		{.insn = INSN_WRITE,
		 .n = 1,
		 .data = &one,
		 .subdev = 1,
		 .chanspec = CR_PACK(0, 3, 0)},
		{.insn = INSN_WRITE,
		 .n = 1,
		 .data = &three,
		 .subdev = 1,
		 .chanspec = CR_PACK(99, 3, 0)},
		{.insn = INSN_WRITE,
		 .n = 1,
		 .data = &two,
		 .subdev = 1,
		 .chanspec = CR_PACK(1, 3, 0)},
	};
	comedi_insnlist list = {.n_insns = 3, .insns = insns};

	assert_int_equal(comedi_do_insnlist(lab->it, &list), -1);
	assert_int_equal(comedi_errno(), EINVAL);
	assert_close(output_V(lab, 0), 1.0, 1e-12);
	assert_close(output_V(lab, 1), 0.0, 0);
}

static void a_line_becomes_an_output_without_an_edge(void **state)
{
	struct lab *lab = *state;
	unsigned bit, direction;

	card_bench_hold(lab->bench)->line[5] = true; /* a clock that idles high */
	card_bench_go_on(lab->bench);
	forget(lab);
	assert_int_equal(comedi_dio_get_config(lab->it, 2, 5, &direction), 0);
	assert_int_equal(direction, COMEDI_INPUT);
	assert_int_equal(comedi_dio_read(lab->it, 2, 5, &bit), 1);
	assert_int_equal(bit, 1);
	assert_int_equal(comedi_dio_write(lab->it, 2, 5, 0), 1); /* an input: kept, not driven */
	assert_int_equal(comedi_dio_write(lab->it, 2, 5, 1), 1);
	assert_int_equal(comedi_dio_config(lab->it, 2, 5, COMEDI_OUTPUT), 0);
	assert_int_equal(comedi_dio_get_config(lab->it, 2, 5, &direction), 0);
	assert_int_equal(direction, COMEDI_OUTPUT);
	assert_int_equal(world_now(lab).line_changes, 0);
	assert_int_equal(comedi_dio_write(lab->it, 2, 5, 0), 1);
	assert_int_equal(world_now(lab).line_changes, 1);
	assert_int_equal(comedi_dio_read(lab->it, 2, 5, &bit), 1);
	assert_int_equal(bit, 0);
	assert_int_equal(comedi_dio_config(lab->it, 2, 5, COMEDI_OPENDRAIN), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(comedi_dio_config(lab->it, 1, 5, COMEDI_OUTPUT), -1);
	assert_int_equal(comedi_errno(), EINVAL_SUBD);
}

static void an_output_drives_the_level_last_written(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(comedi_dio_write(lab->it, 2, 6, 1), 1);
	assert_false(world_now(lab).line[6]);
	assert_int_equal(comedi_dio_config(lab->it, 2, 6, COMEDI_OUTPUT), 0);
	assert_true(world_now(lab).line[6]);
}

/* A card keeps what it holds when the process that wrote it is gone */
static void outputs_and_lines_outlive_the_program(void **state)
{
	struct lab *lab = *state;
	unsigned direction;
	lsampl_t held;

	assert_int_equal(comedi_data_write(lab->it, 1, 3, 3, 0, 26214), 1);
	assert_int_equal(comedi_dio_write(lab->it, 2, 6, 1), 1);
	assert_int_equal(comedi_dio_config(lab->it, 2, 6, COMEDI_OUTPUT), 0);
	forget(lab);
	assert_int_equal(comedi_close(lab->it), 0);
	lab->it = comedi_open("/dev/comedi0");
	assert_non_null(lab->it);
	assert_int_equal(comedi_data_read(lab->it, 1, 3, 3, 0, &held), 1);
	assert_int_equal(held, 26214);
	assert_int_equal(comedi_dio_get_config(lab->it, 2, 6, &direction), 0);
	assert_int_equal(direction, COMEDI_OUTPUT);
	assert_close(output_V(lab, 3), 2.0, 1e-12);
	assert_true(world_now(lab).line[6]);
	assert_int_equal(world_now(lab).writes + world_now(lab).line_calls, 0);
}

static void bits_are_set_together(void **state)
{
	struct lab *lab = *state;
	unsigned bits = 0x50000005;

	for (unsigned i = 30; i < 64; i++)
		assert_int_equal(comedi_dio_config(lab->it, 2, i, COMEDI_OUTPUT), 0);
	forget(lab);
	assert_int_equal(comedi_dio_bitfield2(lab->it, 2, 0xf000000f, &bits, 32), 0);
	assert_int_equal(bits, 0x50000005);
	assert_int_equal(world_now(lab).line_changes, 4);
	assert_true(world_now(lab).line[32] && world_now(lab).line[34] && world_now(lab).line[60] &&
		    world_now(lab).line[62]);
	bits = 0;
	assert_int_equal(comedi_dio_bitfield2(lab->it, 2, 0, &bits, 60), 0); /* only reads */
	assert_int_equal(bits, 5);
	assert_int_equal(world_now(lab).line_changes, 4);
	assert_int_equal(comedi_dio_bitfield2(lab->it, 2, 0, &bits, 64), -1);
	assert_int_equal(errno, EINVAL);
}

static void a_wait_takes_its_time(void **state)
{
	struct lab *lab = *state;
	lsampl_t value = 1, wait_ns = 90000, clock[2] = {0};
	comedi_insn insns[] = {
		{.insn = INSN_WRITE, .n = 1, .data = &value, .subdev = 1},
		{.insn = INSN_WAIT, .n = 1, .data = &wait_ns},
		{.insn = INSN_WRITE, .n = 1, .data = &value, .subdev = 1},
		{.insn = INSN_GTOD, .n = 2, .data = clock},
	};
	comedi_insnlist list = {.n_insns = 4, .insns = insns};
	struct world world;

	forget(lab);
	assert_int_equal(comedi_do_insnlist(lab->it, &list), 4);
	world = world_now(lab);
	assert_true(world.last_ns - world.first_ns >= 90000);
	assert_true(clock[0] > 1600000000u && clock[1] < 1000000u);
	wait_ns = 100000; /* the kernel refuses it */
	assert_int_equal(comedi_do_insnlist(lab->it, &list), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(comedi_data_read_delayed(lab->it, 0, 0, 0, 0, &value, 1000), 3);
}

static void a_locked_subdevice_is_for_one_program(void **state)
{
	struct lab *lab = *state;
	comedi_t *other = comedi_open("/dev/comedi0");
	lsampl_t value;

	assert_non_null(other);
	assert_int_equal(comedi_lock(lab->it, 1), 0);
	assert_int_equal(comedi_data_write(other, 1, 0, 0, 0, 1), -1);
	assert_int_equal(errno, EACCES);
	assert_int_equal(comedi_unlock(other, 1), -1);
	assert_int_equal(comedi_data_read(other, 0, 0, 0, 0, &value), 1);
	assert_int_equal(comedi_data_write(lab->it, 1, 0, 0, 0, 1), 1);
	assert_int_equal(comedi_close(lab->it), 0); /* takes its locks with it */
	card_bench_nudge(lab->bench);
	assert_int_equal(comedi_data_write(other, 1, 0, 0, 0, 1), 1);
	lab->it = other;
}

static void unplug(struct lab *lab, bool present)
{
	card_bench_hold(lab->bench)->present = present;
	card_bench_go_on(lab->bench);
}

static void an_unplugged_card_is_no_device(void **state)
{
	struct lab *lab = *state;
	lsampl_t value;
	unsigned direction;
	comedi_t *again;

	assert_int_equal(comedi_dio_config(lab->it, 2, 5, COMEDI_OUTPUT), 0);
	unplug(lab, false);
	assert_int_equal(comedi_data_read(lab->it, 0, 0, 0, 0, &value), -1);
	assert_int_equal(errno, ENODEV);
	assert_int_equal(comedi_errno(), ENODEV);
	assert_null(comedi_open("/dev/comedi0"));
	assert_int_equal(errno, ENODEV);
	unplug(lab, true);
	assert_int_equal(comedi_data_read(lab->it, 0, 0, 0, 0, &value), -1); /* the old handle */
	assert_int_equal(errno, ENODEV);
	again = comedi_open("/dev/comedi0");
	assert_non_null(again);
	assert_int_equal(comedi_data_read(again, 0, 0, 0, 0, &value), 1);
	assert_int_equal(comedi_dio_get_config(again, 2, 5, &direction), 0);
	assert_int_equal(direction, COMEDI_INPUT);
	comedi_close(again);
}

static void a_card_that_was_away_is_opened_anew(void **state)
{
	struct lab *lab = *state;
	lsampl_t value;

	unplug(lab, false);
	card_bench_nudge(lab->bench);
	unplug(lab, true);
	card_bench_nudge(lab->bench);
	assert_int_equal(comedi_data_read(lab->it, 0, 0, 0, 0, &value), -1);
	assert_int_equal(errno, ENODEV);
}

static void without_a_server_there_is_no_device(void **state)
{
	struct lab *lab = *state;

	setenv(CARD_WIRE_VARIABLE, "/tmp/no/such/socket", 1);
	assert_null(comedi_open("/dev/comedi0"));
	assert_int_equal(errno, ENOENT);
	assert_int_equal(comedi_errno(), ENOENT);
	unsetenv(CARD_WIRE_VARIABLE);
	assert_null(comedi_open("/dev/comedi0"));
	assert_int_equal(errno, ENOENT);
	setenv(CARD_WIRE_VARIABLE, card_bench_path(lab->bench), 1);
	assert_int_equal(comedi_close(NULL), -1);
	assert_int_equal(comedi_errno(), EBAD_CT);
}

static void what_it_cannot_do_fails_by_name(void **state)
{
	struct lab *lab = *state;
	comedi_cmd command = {0};
	comedi_polynomial_t line;
	char *path = comedi_get_default_calibration_path(lab->it);

	assert_int_equal(comedi_command(lab->it, &command), -1);
	assert_int_equal(errno, EIO); /* as a real card without commands */
	assert_int_equal(comedi_arm(lab->it, 0, 0), -1);
	assert_int_equal(errno, ENOSYS);
	assert_int_equal(comedi_errno(), ENOSYS);
	assert_string_equal(path, "/var/lib/comedi/calibrations/nudge_benchd_nudge-benchd_comedi0");
	assert_null(comedi_parse_calibration_file(path));
	assert_int_equal(errno, ENOENT);
	free(path);
	comedi_cleanup_calibration(NULL);
	assert_int_equal(comedi_get_hardcal_converter(lab->it, 0, 0, 3, COMEDI_TO_PHYSICAL, &line),
			 0);
	assert_close(comedi_to_physical(13107, &line), 1.0, 1e-12);
	assert_int_equal(
		comedi_get_hardcal_converter(lab->it, 1, 0, 3, COMEDI_FROM_PHYSICAL, &line), 0);
	assert_int_equal(comedi_from_physical(1.0, &line), 13107);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
/* A program that comedi's own people wrote and Debian built; it loads no library with a sanitizer */
static void comedi_board_info_reads_the_card(void **state)
{
	FILE *pipe = popen("comedi_board_info -v /dev/comedi0 2>&1", "r");
	char text[4096] = "";

	(void)state;
	assert_non_null(pipe);
	text[fread(text, 1, sizeof(text) - 1, pipe)] = '\0';
	if (pclose(pipe) != 0)
		fail_msg("comedi_board_info: %s", text);
	assert_non_null(strstr(text, "board name: nudge-benchd"));
	assert_non_null(strstr(text, "type: 1 (analog input)"));
	assert_non_null(strstr(text, "all chans: [-10 V,10 V] [0 V,10 V] [-5 V,5 V] [0 V,5 V]"));
	assert_non_null(strstr(text, "type: 5 (digital I/O)"));
}
#endif

#define ON_A_CARD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_found_before_the_real_library),
		ON_A_CARD(has_the_facts_of_a_card),
		ON_A_CARD(finds_the_smallest_range_that_holds_the_limits),
		ON_A_CARD(the_ends_of_a_range_are_not_numbers),
		ON_A_CARD(codes_become_volts),
		ON_A_CARD(volts_become_the_nearest_code),
		ON_A_CARD(a_list_is_one_request_at_one_moment),
		ON_A_CARD(a_list_may_be_long),
		ON_A_CARD(what_comes_before_a_bad_instruction_is_done),
		ON_A_CARD(a_line_becomes_an_output_without_an_edge),
		ON_A_CARD(an_output_drives_the_level_last_written),
		ON_A_CARD(outputs_and_lines_outlive_the_program),
		ON_A_CARD(bits_are_set_together),
		ON_A_CARD(a_wait_takes_its_time),
		ON_A_CARD(a_locked_subdevice_is_for_one_program),
		ON_A_CARD(an_unplugged_card_is_no_device),
		ON_A_CARD(a_card_that_was_away_is_opened_anew),
		ON_A_CARD(without_a_server_there_is_no_device),
		ON_A_CARD(what_it_cannot_do_fails_by_name),
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
		ON_A_CARD(comedi_board_info_reads_the_card),
#endif
	};
	(void)argc;
	card_bench_use_standin(argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
