/* drivers/daq_loopback.c - a card that is not there, for teaching: each input reads what the output of its number holds.
 *
 * It is the smallest driver that is whole; docs/ADDING-A-DRIVER.md walks through it.  A driver moves nominal volts and
 * levels.  Limits, gains, ranges and the clock's pulse are daq.c's, so nothing of that is here.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "drivers/daq.h"

enum { CHANNELS = 16, LINES = 32, BITS = 16 };

static const double full_V = 10; /* the one range: -10 .. 10 V */

struct loopback {
	double held_V[CHANNELS]; /* what each output holds, a whole number of steps */
	bool high[LINES];
};

/* Says what the card has.  Nothing is moved: whoever opens a real card must leave it as it was found. */
static int loopback_open(const char *device, const char *digital, void **ret,
			 struct daq_facts *facts, struct rig_error *err)
{
	struct loopback *card = calloc(1, sizeof(*card));

	(void)device; /* a real driver opens these, and says -ENODEV with the device's name */
	(void)digital;
	if (!card)
		return rig_fail(err, -ENOMEM, "out of memory");
	*facts = (struct daq_facts){
		.name = "loopback",
		.n_channels = {[DAQ_AO] = CHANNELS, [DAQ_AI] = CHANNELS, [DAQ_DIO] = LINES},
		.analogue = {[DAQ_AO] = {.n = 1, .bits = BITS, .range = {{-full_V, full_V}}},
			     [DAQ_AI] = {.n = 1, .bits = BITS, .range = {{-full_V, full_V}}}},
		.reads_back = true,
	};
	*ret = card;
	return 0;
}

static void loopback_close(void *self)
{
	free(self);
}

/* All lines of this card can be outputs at once.  They are given their level before anybody could see another. */
static int loopback_prepare(void *self, const unsigned range[DAQ_KINDS],
			    const struct daq_level *level, size_t n, struct rig_error *err)
{
	struct loopback *card = self;

	(void)range; /* it has only one */
	(void)err;
	for (size_t i = 0; i < n; i++)
		card->high[level[i].channel.number] = level[i].high;
	return 0;
}

/* A converter knows steps, not volts: 65535 of them from end to end. */
static double nearest_step_V(double volts)
{
	double step_V = 2 * full_V / ((1 << BITS) - 1);

	return rint((volts + full_V) / step_V) * step_V - full_V;
}

static int loopback_write(void *self, const struct daq_volt *volts, size_t n, struct rig_error *err)
{
	struct loopback *card = self;

	(void)err;
	for (size_t i = 0; i < n; i++)
		card->held_V[volts[i].channel.number] = nearest_step_V(volts[i].volts);
	return 0;
}

/* Every sample is the same here.  A real card takes discard + average of each channel and returns the mean of the last
 * `average`; NAN where an input is beyond its range: daq.c makes a fault of it that names the channel. */
static int loopback_read(void *self, const struct daq_channel *inputs, size_t n, unsigned average,
			 unsigned discard, double *ret_V, struct rig_error *err)
{
	const struct loopback *card = self;

	(void)average;
	(void)discard;
	(void)err;
	for (size_t i = 0; i < n; i++)
		ret_V[i] = card->held_V[inputs[i].number];
	return 0;
}

static int loopback_read_back(void *self, const struct daq_channel *outputs, size_t n,
			      double *ret_V, struct rig_error *err)
{
	return loopback_read(self, outputs, n, 1, 0, ret_V, err);
}

static int loopback_set_lines(void *self, const struct daq_level *level, size_t n,
			      struct rig_error *err)
{
	struct loopback *card = self;

	(void)err;
	for (size_t i = 0; i < n; i++)
		card->high[level[i].channel.number] = level[i].high;
	return 0;
}

static int loopback_get_line(void *self, struct daq_channel line, bool *ret_high,
			     struct rig_error *err)
{
	const struct loopback *card = self;

	(void)err;
	*ret_high = card->high[line.number];
	return 0;
}

const struct daq_driver daq_loopback = {
	.name = "loopback", /* the rig file's daq.driver */
	.open = loopback_open,
	.close = loopback_close,
	.prepare = loopback_prepare,
	.write = loopback_write,
	.read = loopback_read,
	.read_back = loopback_read_back,
	.set_lines = loopback_set_lines,
	.get_line = loopback_get_line,
};
