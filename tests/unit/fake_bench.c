/* tests/unit/fake_bench.c - a card and boards that are not there. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim_backend/network.h"
#include "tests/unit/fake_bench.h"

struct fake_bench fake;

static void act(enum act_kind kind, unsigned number, double volts, bool high)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	assert_true(fake.n_acts < MOST_ACTS);
	fake.act[fake.n_acts++] =
		(struct act){kind, number, volts, high, t.tv_sec * INT64_C(1000000000) + t.tv_nsec};
}

/* ---- the card ---- */

static int card_open(const char *device, const char *digital, void **ret, struct daq_facts *facts,
		     struct rig_error *err)
{
	(void)digital;
	if (fake.no_card)
		return rig_fail(err, -ENODEV, "%s: no such device", device);
	*facts = (struct daq_facts){
		.name = "fake card",
		.n_channels = {[DAQ_AO] = OUTPUTS, [DAQ_AI] = INPUTS, [DAQ_DIO] = LINES},
		.analogue = {[DAQ_AO] = {.n = 1, .bits = 16, .range = {{-10, 10}}},
			     [DAQ_AI] = {.n = 1, .bits = 16, .range = {{-10, 10}}}},
		.reads_back = !fake.no_read_back,
	};
	*ret = &fake;
	return 0;
}

static void card_close(void *self)
{
	(void)self;
}

static void set_line(unsigned number, bool high)
{
	const struct daq_clock *clock = &fake.config->daq.clock;

	if (fake.line[number] == high)
		return;
	fake.line[number] = high;
	act(ACT_LINE, number, NAN, high);
	fake.clock_edges += number == clock->line.number && high != clock->active_falling;
}

static int card_set_lines(void *self, const struct daq_level *level, size_t n,
			  struct rig_error *err)
{
	(void)self;
	if (fake.write_error)
		return rig_fail(err, fake.write_error, "the fake card fails");
	for (size_t i = 0; i < n; i++)
		set_line(level[i].channel.number, level[i].high);
	return 0;
}

static int card_prepare(void *self, const unsigned range[DAQ_KINDS], const struct daq_level *level,
			size_t n, struct rig_error *err)
{
	(void)self;
	(void)range;
	(void)err;
	for (size_t i = 0; i < n; i++)
		fake.line[level[i].channel.number] = level[i].high;
	return 0;
}

static int card_write(void *self, const struct daq_volt *volts, size_t n, struct rig_error *err)
{
	(void)self;
	for (size_t i = 0; i < n; i++) {
		if (fake.write_error && (fake.stuck < 0 || volts[i].channel.number == fake.stuck))
			return rig_fail(err, fake.write_error, "the fake card fails");
		act(ACT_WRITE, volts[i].channel.number, volts[i].volts, false);
		fake.held_V[volts[i].channel.number] = volts[i].volts;
	}
	return 0;
}

static double output_V(unsigned number)
{
	return number == fake.stuck && !isnan(fake.stuck_V) ? fake.stuck_V : fake.held_V[number];
}

static double input_V(unsigned number)
{
	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < NODES; i++) {
			const struct daq_wire *wire = &fake.config->daq.wire[side][i];

			if (wire->measure.kind != DAQ_AI || wire->measure.number != number)
				continue;
			if (wire->drive.kind &&
			    (!wire->relay.kind || fake.line[wire->relay.number]))
				return output_V(wire->drive.number) + fake.apart_V[side][i];
			return fake.node_V[side][i];
		}
	return 0;
}

static int card_read(void *self, const struct daq_channel *inputs, size_t n, unsigned average,
		     unsigned discard, double *ret_V, struct rig_error *err)
{
	(void)self;
	(void)average;
	(void)discard;
	if (fake.read_error)
		return rig_fail(err, fake.read_error, "the fake card fails");
	act(ACT_READ, (unsigned)n, NAN, false);
	for (size_t i = 0; i < n; i++)
		ret_V[i] = input_V(inputs[i].number);
	return 0;
}

static int card_read_back(void *self, const struct daq_channel *outputs, size_t n, double *ret_V,
			  struct rig_error *err)
{
	(void)self;
	(void)err;
	for (size_t i = 0; i < n; i++)
		ret_V[i] = output_V(outputs[i].number);
	return 0;
}

static int card_get_line(void *self, struct daq_channel line, bool *ret_high, struct rig_error *err)
{
	(void)self;
	(void)err;
	*ret_high = fake.line[line.number];
	return 0;
}

static const struct daq_driver fake_card = {
	.name = "fake",
	.open = card_open,
	.close = card_close,
	.prepare = card_prepare,
	.write = card_write,
	.read = card_read,
	.read_back = card_read_back,
	.set_lines = card_set_lines,
	.get_line = card_get_line,
};

/* in place of drivers/daq_list.c */
const struct daq_driver *daq_driver_find(const char *name)
{
	(void)name;
	return &fake_card;
}

const char *daq_driver_names(void)
{
	return "fake";
}

/* ---- the boards, in place of drivers/boards*.c ---- */

static struct rig_device board_row;

static int board_answer(struct rig_error *err)
{
	return fake.boards_error ? rig_fail(err, fake.boards_error, "board 1 (edge 0): fails") : 0;
}

int boards_open(const struct boards_config *config, size_t n_edges, int taps, struct boards **ret,
		struct rig_error *err)
{
	(void)config;
	(void)err;
	assert_int_equal(n_edges, EDGES);
	assert_int_equal(taps, 128);
	*ret = (struct boards *)&fake;
	return 0;
}

void boards_close(struct boards *b)
{
	(void)b;
}

size_t boards_count(const struct boards *b)
{
	(void)b;
	return 1;
}

const struct rig_device *boards_devices(const struct boards *b)
{
	(void)b;
	board_row = (struct rig_device){.name = "board 1", .state = fake.board_state};
	return &board_row;
}

bool boards_take_note(struct boards *b, struct rig_note *ret)
{
	(void)b;
	(void)ret;
	return false;
}

int boards_ready(struct boards *b, struct rig_error *err)
{
	(void)b;
	act(ACT_READY, 0, NAN, false);
	return board_answer(err);
}

int boards_read(struct boards *b, unsigned ticks, struct rig_edges *ret, bool *ret_mismatch,
		struct rig_error *err)
{
	(void)b;
	act(ACT_BOARDS_READ, ticks, NAN, false);
	if (board_answer(err) < 0)
		return fake.boards_error;
	memcpy(ret->wiper, fake.taps, EDGES);
	ret->updated[0] = fake.updated;
	ret->raised[0] = fake.raised;
	*ret_mismatch = fake.mismatch;
	return 0;
}

double boards_read_s(const struct boards *b)
{
	(void)b;
	return fake.read_s;
}

int boards_set_mode(struct boards *b, size_t edge, enum rig_edge_mode mode, struct rig_error *err)
{
	(void)b;
	act(ACT_MODE, (unsigned)edge, NAN, false);
	fake.mode[edge] = (uint8_t)mode;
	return board_answer(err);
}

int boards_write_taps(struct boards *b, const uint8_t *wiper, struct rig_error *err)
{
	(void)b;
	act(ACT_TAPS, 0, NAN, false);
	memcpy(fake.taps, wiper, EDGES);
	return board_answer(err);
}

int boards_home(struct boards *b, struct rig_error *err)
{
	(void)b;
	act(ACT_HOME, 0, NAN, false);
	memset(fake.taps, 63, EDGES);
	return board_answer(err);
}

int boards_set_capacitor(struct boards *b, unsigned index, struct rig_error *err)
{
	(void)b;
	act(ACT_CAPACITOR, index, NAN, false);
	return board_answer(err);
}

enum rig_safe boards_hold(struct boards *b)
{
	(void)b;
	act(ACT_HOLD, 0, NAN, false);
	fake.held = true;
	return fake.hold_gives;
}

int boards_release(struct boards *b, struct rig_error *err)
{
	(void)b;
	act(ACT_RELEASE, 0, NAN, false);
	fake.held = false;
	return board_answer(err);
}

bool boards_held(const struct boards *b)
{
	(void)b;
	return fake.held;
}

int boards_reset_counts(struct boards *b, struct rig_error *err)
{
	(void)b;
	return board_answer(err);
}

int boards_counts(struct boards *b, uint64_t *ret_updated, uint64_t *ret_raised,
		  struct rig_error *err)
{
	(void)b;
	ret_updated[0] = 7;
	ret_updated[1] = 5;
	ret_raised[0] = ret_raised[1] = 3;
	return board_answer(err);
}

int boards_idle(struct boards *b, struct rig_error *err)
{
	(void)b;
	act(ACT_FEED, 0, NAN, false);
	return board_answer(err);
}

/* ---- the rig ---- */

struct rig_config *fake_config(void)
{
	static const uint32_t ends[EDGES][2] = {{0, 1}, {1, 2}};
	struct rig_config *config = calloc(1, sizeof(*config));
	struct network_error why;

	fake = (struct fake_bench){.stuck = -1,
				   .stuck_V = NAN,
				   .read_s = 0.01,
				   .held = true,
				   .taps = {63, 63},
				   .config = config};
	*config = (struct rig_config){
		.name = "fake",
		.backend = "bench",
		.edge = {128, 781.25, 781.25, 63},
		.limits = {0, 5, 1000, 0.03, 0.02, 0.02, 0.01, "rig.yaml:3"},
		.r0_ohm = 1e4,
		.bias_always_V = 0,
		.bias_never_V = 5,
		.safe_ramp_s = 0.004,
		.discharge_s = 0.01,
		.bipolar = true,
		.daq = {.driver = "fake",
			.device = "/dev/fake",
			.settle_s = 0.001,
			.average = 1,
			.bias = {DAQ_AO, 7},
			.relay_s = 0.002,
			.clock = {{DAQ_DIO, 0}, true, true, 0.001, 0.001}},
		.boards = {.watchdog_s = 2, .noise_V = 0.01},
	};
	assert_ok(network_from_edges(ends, EDGES, &config->network, &why));
	config->capacitance_F = calloc(2, sizeof(double));
	config->capacitance_F[1] = 2.2e-6;
	config->n_capacitance = 2;
	for (int side = 0; side < 2; side++) {
		struct daq_wire *wire = config->daq.wire[side] = calloc(NODES, sizeof(*wire));

		for (unsigned i = 0; i < NODES; i++) {
			wire[i].measure = (struct daq_channel){DAQ_AI, (unsigned)side * NODES + i};
			wire[i].drive = (struct daq_channel){DAQ_AO, i};
			wire[i].relay =
				(struct daq_channel){DAQ_DIO, 1 + (unsigned)side * NODES + i};
		}
	}
	return config;
}

struct rig *fake_open(struct rig_config *config)
{
	struct rig_error err;
	struct rig *rig;

	if (rig_open(config, &rig, &err) < 0)
		fail_msg("%s", err.text);
	return rig;
}

struct rig *fake_rig(void)
{
	return fake_open(fake_config());
}

int fake_begin(struct rig *rig)
{
	static const uint32_t sources[] = {0, 2}, targets[] = {1}, measured[] = {1, 0, 2};

	return rig_begin(rig, &(struct rig_session){.sources = sources,
						    .n_sources = 2,
						    .targets = targets,
						    .n_targets = 1,
						    .measured = measured,
						    .n_measured = 3});
}

size_t fake_count(enum act_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < fake.n_acts; i++)
		n += fake.act[i].kind == kind;
	return n;
}

size_t fake_first(enum act_kind kind)
{
	for (size_t i = 0; i < fake.n_acts; i++)
		if (fake.act[i].kind == kind)
			return i;
	return MOST_ACTS;
}

void assert_says(struct rig *rig, int got, int want, const char *words)
{
	const char *text = rig_error(rig)->text;

	if (got != want || !strstr(text, words))
		fail_msg("%d, \"%s\"; wanted %d, \"%s\"", got, text, want, words);
}

bool fake_note(struct rig *rig, enum rig_note_kind kind, struct rig_note *ret)
{
	while (rig_take_note(rig, ret))
		if (ret->kind == kind)
			return true;
	return false;
}
