/* tests/unit/fake_card.c - a card that records every list that it is given, and a bench of two nodes on it. */
#include "config.h"

#include <string.h>
#include <time.h>

#include "tests/unit/fake_card.h"

struct fake fake;

int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static struct record *note(char kind, size_t n)
{
	struct record *record = &fake.record[fake.n_records++];

	assert_true(fake.n_records <= LISTS);
	assert_true(n <= 8);
	*record = (struct record){.kind = kind, .n = n, .at_ns = now_ns()};
	return record;
}

static int outcome(struct rig_error *err)
{
	if (fake.fail && fake.n_records > fake.fail_from)
		return rig_fail(err, fake.fail, "the fake card fails");
	return 0;
}

static int fake_open(const char *device, const char *digital, void **ret, struct daq_facts *facts,
		     struct rig_error *err)
{
	(void)device;
	(void)digital;
	if (fake.fail)
		return rig_fail(err, fake.fail, "no card");
	*facts = (struct daq_facts){
		.name = "fake on /dev/fake",
		.n_channels = {[DAQ_AO] = AOS, [DAQ_AI] = AIS, [DAQ_DIO] = DIOS, [DAQ_DO] = DOS},
		.analogue = {[DAQ_AO] = {.n = 4,
					 .bits = 12,
					 .range = {{-10, 10}, {0, 10}, {-5, 5}, {0, 5}}},
			     [DAQ_AI] = {.n = 3,
					 .bits = 16,
					 .range = {{NAN, NAN}, {-10, 10}, {-1, 1}}}},
		.reads_back = true,
	};
	fake.open = true;
	*ret = &fake;
	return 0;
}

static void fake_close(void *self)
{
	assert_ptr_equal(self, &fake);
	fake.open = false;
}

static void note_levels(char kind, const struct daq_level *level, size_t n)
{
	struct record *record = note(kind, n);

	for (size_t i = 0; i < n; i++) {
		record->channel[i] = level[i].channel;
		record->high[i] = level[i].high;
		fake.level[level[i].channel.kind == DAQ_DO][level[i].channel.number] =
			level[i].high;
	}
}

static int fake_prepare(void *self, const unsigned range[DAQ_KINDS], const struct daq_level *level,
			size_t n, struct rig_error *err)
{
	(void)self;
	memcpy(fake.range, range, sizeof(fake.range));
	note_levels('p', level, n);
	return outcome(err);
}

static int fake_write(void *self, const struct daq_volt *volts, size_t n, struct rig_error *err)
{
	struct record *record = note('w', n);

	(void)self;
	for (size_t i = 0; i < n; i++) {
		record->channel[i] = volts[i].channel;
		record->volts[i] = volts[i].volts;
		fake.held_V[volts[i].channel.number] = volts[i].volts;
	}
	return outcome(err);
}

/* Input k reads k / 10 V. */
static int fake_read(void *self, const struct daq_channel *inputs, size_t n, unsigned average,
		     unsigned discard, double *ret_V, struct rig_error *err)
{
	struct record *record = note('r', n);

	(void)self;
	fake.average = average;
	fake.discard = discard;
	for (size_t i = 0; i < n; i++) {
		record->channel[i] = inputs[i];
		ret_V[i] = i + 1 == fake.nan_at ? NAN : inputs[i].number / 10.0;
	}
	return outcome(err);
}

static int fake_read_back(void *self, const struct daq_channel *outputs, size_t n, double *ret_V,
			  struct rig_error *err)
{
	(void)self;
	note('b', n);
	for (size_t i = 0; i < n; i++)
		ret_V[i] = fake.held_V[outputs[i].number];
	return outcome(err);
}

static int fake_set_lines(void *self, const struct daq_level *level, size_t n,
			  struct rig_error *err)
{
	(void)self;
	note_levels('l', level, n);
	return outcome(err);
}

static int fake_get_line(void *self, struct daq_channel line, bool *ret_high, struct rig_error *err)
{
	(void)self;
	note('g', 1);
	*ret_high = fake.level[line.kind == DAQ_DO][line.number];
	return outcome(err);
}

const struct daq_driver fake_driver = {
	.name = "fake",
	.open = fake_open,
	.close = fake_close,
	.prepare = fake_prepare,
	.write = fake_write,
	.read = fake_read,
	.read_back = fake_read_back,
	.set_lines = fake_set_lines,
	.get_line = fake_get_line,
};

/* ---- a bench of two nodes ---- */

void set_up(struct bench *b)
{
	fake = (struct fake){0};
	*b = (struct bench){
		.config = {.average = 4,
			   .discard = 1,
			   .bias = ao3,
			   .clock = {.line = dio7,
				     .idle_high = true,
				     .active_falling = true,
				     .pulse_s = 0.004}},
		.limits = {.min_V = 0, .max_V = 5, .discrepancy_V = 0.02, .where = "rig.yaml:9"},
		.wire = {{{.drive = ao0, .relay = do1, .measure = ai1}, {.relay = dio39}},
			 {{.drive = ao1, .measure = ai5}}},
	};
	b->config.wire[0] = b->wire[0];
	b->config.wire[1] = b->wire[1];
}

int open_bench(struct bench *b)
{
	return daq_open_with(&fake_driver, &b->config, &b->limits, 2, -1, &b->daq, &b->err);
}

void made(struct bench *b)
{
	set_up(b);
	assert_ok(open_bench(b));
}

void assert_says(const struct bench *b, const char *words)
{
	if (!strstr(b->err.text, words))
		fail_msg("\"%s\" does not say \"%s\"", b->err.text, words);
}
