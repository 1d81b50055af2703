/* drivers/daq.c - the use of a card: checks, true volts, and the clock's pulse. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "drivers/daq_impl.h"

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static int check_channel(const struct daq *daq, struct daq_channel c, enum daq_kind a,
			 enum daq_kind b, const char *what, struct rig_error *err)
{
	char name[16];

	if (c.kind != a && c.kind != b)
		return rig_fail(err, -EINVAL, "%s is not %s", daq_channel_name(c, name), what);
	return daq_has(daq, c) ? 0 : daq_refuse_channel(&daq->facts, c, err);
}

static int check_channels(const struct daq *daq, const struct daq_channel *c, size_t n,
			  enum daq_kind kind, const char *what, struct rig_error *err)
{
	for (size_t i = 0; i < n; i++) {
		int r = check_channel(daq, c[i], kind, kind, what, err);

		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- true volts ---- */

void daq_set_gains(struct daq *daq, const struct daq_gain *gain, size_t n)
{
	for (int kind = DAQ_AO; kind <= DAQ_AI; kind++)
		for (unsigned i = 0; i < daq->facts.n_channels[kind]; i++)
			daq->scale[kind][i] = (struct daq_scale){1, 0};
	for (size_t i = 0; i < n; i++) {
		struct daq_channel c = gain[i].channel;

		if ((c.kind == DAQ_AO || c.kind == DAQ_AI) && daq_has(daq, c))
			daq->scale[c.kind][c.number] =
				(struct daq_scale){gain[i].gain, gain[i].offset_V};
	}
}

double daq_true_V(const struct daq *daq, struct daq_channel channel, double nominal_V)
{
	const struct daq_scale *scale;

	if ((channel.kind != DAQ_AO && channel.kind != DAQ_AI) || !daq_has(daq, channel))
		return nominal_V;
	scale = &daq->scale[channel.kind][channel.number];
	return scale->gain * nominal_V + scale->offset_V;
}

static struct daq_range range_of(const struct daq *daq, enum daq_kind kind)
{
	return daq->facts.analogue[kind].range[daq->range[kind]];
}

double daq_resolution_V(const struct daq *daq, struct daq_channel channel)
{
	struct daq_range range;

	if ((channel.kind != DAQ_AO && channel.kind != DAQ_AI) || !daq_has(daq, channel))
		return NAN;
	range = range_of(daq, channel.kind);
	return daq->scale[channel.kind][channel.number].gain * (range.max_V - range.min_V) /
	       (exp2(daq->facts.analogue[channel.kind].bits) - 1);
}

const char *daq_name(const struct daq *daq)
{
	return daq->facts.name;
}

/* ---- outputs ---- */

/* The card rounds to its nearest code: if that one lies beyond a limit, the next is told, inside. */
static double inside(const struct daq *daq, const struct daq_scale *scale, struct daq_range range,
		     double nominal_V)
{
	/* infinite for an ideal card, which has no codes: no comparison holds then */
	double step_V = (range.max_V - range.min_V) / (exp2(daq->facts.analogue[DAQ_AO].bits) - 1);
	double code = rint((nominal_V - range.min_V) / step_V);
	double made_V = scale->gain * (range.min_V + code * step_V) + scale->offset_V;
	double rounding_V = 1e-6 * scale->gain * step_V;

	if (made_V < daq->limits->min_V - rounding_V)
		return range.min_V + (code + 1) * step_V;
	if (made_V > daq->limits->max_V + rounding_V)
		return range.min_V + (code - 1) * step_V;
	return nominal_V;
}

/* What the card is to be told.  Up to one step beyond an end of its range is that end: as near as it can be. */
static int nominal_of(const struct daq *daq, const struct daq_volt *volt, double *ret_V,
		      struct rig_error *err)
{
	const struct daq_scale *scale = &daq->scale[DAQ_AO][volt->channel.number];
	struct daq_range range = range_of(daq, DAQ_AO);
	double step_V = daq_resolution_V(daq, volt->channel);
	double nominal_V = (volt->volts - scale->offset_V) / scale->gain;
	char name[16];

	if (!(nominal_V >= range.min_V - step_V && nominal_V <= range.max_V + step_V))
		return rig_fail(err, -ERANGE,
				"%s: %.6g V take a nominal %.6g V (gain %.6g, offset %.6g V), "
				"outside the card's range of %g to %g V",
				daq_channel_name(volt->channel, name), volt->volts, nominal_V,
				scale->gain, scale->offset_V, range.min_V, range.max_V);
	nominal_V = inside(daq, scale, range, nominal_V);
	*ret_V = fmin(fmax(nominal_V, range.min_V), range.max_V);
	return 0;
}

static int check_volt(const struct daq *daq, const struct daq_volt *volt, struct rig_error *err)
{
	const struct rig_limits *limits = daq->limits;
	char name[16];
	int r = check_channel(daq, volt->channel, DAQ_AO, DAQ_AO, "an analogue output", err);

	if (r < 0 || rig_within(limits, volt->volts))
		return r;
	r = rig_fail(err, isfinite(volt->volts) ? -ERANGE : -EINVAL,
		     "%s: %.6g V is outside the limits of %g to %g V%s%s",
		     daq_channel_name(volt->channel, name), volt->volts, limits->min_V,
		     limits->max_V, limits->where[0] ? ", " : "", limits->where);
	err->value = volt->volts;
	err->min = limits->min_V;
	err->max = limits->max_V;
	return r;
}

int daq_write(struct daq *daq, const struct daq_volt *volts, size_t n, int64_t *ret_ns,
	      struct rig_error *err)
{
	int r = 0;

	if (n > daq->facts.n_channels[DAQ_AO])
		return rig_fail(err, -EINVAL, "%zu values for the %u outputs of %s", n,
				daq->facts.n_channels[DAQ_AO], daq->facts.name);
	for (size_t i = 0; i < n && r == 0; i++) {
		daq->nominal[i].channel = volts[i].channel;
		r = check_volt(daq, &volts[i], err);
		if (r == 0)
			r = nominal_of(daq, &volts[i], &daq->nominal[i].volts, err);
	}
	if (r == 0 && n)
		r = daq->driver->write(daq->self, daq->nominal, n, err);
	if (r == 0 && ret_ns)
		*ret_ns = now_ns();
	return r;
}

/* ---- readings ---- */

static int make_room(struct daq *daq, size_t n, struct rig_error *err)
{
	double *more;

	if (n <= daq->n_reading)
		return 0;
	more = realloc(daq->reading_V, n * sizeof(*more));
	if (!more)
		return rig_fail(err, -ENOMEM, "out of memory for %zu readings", n);
	daq->reading_V = more;
	daq->n_reading = n;
	return 0;
}

/* From daq->reading_V to true volts; all or nothing. */
static int take_readings(const struct daq *daq, const struct daq_channel *c, size_t n,
			 double *ret_V, struct rig_error *err)
{
	char name[16];

	for (size_t i = 0; i < n; i++) {
		struct daq_range range = range_of(daq, c[i].kind);

		if (!isfinite(daq->reading_V[i]))
			return rig_fail(err, -EIO,
					"%s: the reading of %s is not a number: its input is at or "
					"beyond an end of the range of %g to %g V, or broken",
					daq_channel_name(c[i], name), daq->facts.name, range.min_V,
					range.max_V);
	}
	for (size_t i = 0; i < n; i++)
		ret_V[i] = daq_true_V(daq, c[i], daq->reading_V[i]);
	return 0;
}

int daq_read(struct daq *daq, const struct daq_channel *inputs, size_t n, double *ret_V,
	     struct rig_error *err)
{
	unsigned average = daq->config->average ? daq->config->average : 1;
	int r = check_channels(daq, inputs, n, DAQ_AI, "an analogue input", err);

	if (r == 0)
		r = make_room(daq, n, err);
	if (r == 0 && n)
		r = daq->driver->read(daq->self, inputs, n, average, daq->config->discard,
				      daq->reading_V, err);
	return r < 0 ? r : take_readings(daq, inputs, n, ret_V, err);
}

int daq_read_back(struct daq *daq, const struct daq_channel *outputs, size_t n, double *ret_V,
		  struct rig_error *err)
{
	int r = check_channels(daq, outputs, n, DAQ_AO, "an analogue output", err);

	if (r == 0 && (!daq->driver->read_back || !daq->facts.reads_back))
		r = rig_fail(err, -ENOTSUP, "%s cannot tell what its outputs hold",
			     daq->facts.name);
	if (r == 0)
		r = make_room(daq, n, err);
	if (r == 0 && n)
		r = daq->driver->read_back(daq->self, outputs, n, daq->reading_V, err);
	return r < 0 ? r : take_readings(daq, outputs, n, ret_V, err);
}

/* ---- lines ---- */

int daq_set_lines(struct daq *daq, const struct daq_level *levels, size_t n, struct rig_error *err)
{
	for (size_t i = 0; i < n; i++) {
		int r = check_channel(daq, levels[i].channel, DAQ_DIO, DAQ_DO, "a digital line",
				      err);

		if (r < 0)
			return r;
	}
	return n ? daq->driver->set_lines(daq->self, levels, n, err) : 0;
}

int daq_get_line(struct daq *daq, struct daq_channel line, bool *ret_high, struct rig_error *err)
{
	int r = check_channel(daq, line, DAQ_DIO, DAQ_DO, "a digital line", err);

	return r < 0 ? r : daq->driver->get_line(daq->self, line, ret_high, err);
}

/* ---- the clock ---- */

static int set_clock(struct daq *daq, bool high, int64_t *ret_ns, struct rig_error *err)
{
	const struct daq_level level = {daq->config->clock.line, high};
	int r = daq_set_lines(daq, &level, 1, err);

	*ret_ns = now_ns();
	return r;
}

/* Whole, whatever arrives: a pulse cut short is one that a board's debouncer may not see. */
static void hold_until(int64_t when_ns)
{
	struct timespec t = {when_ns / 1000000000, when_ns % 1000000000};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

int daq_pulse(struct daq *daq, int64_t *ret_ns, struct rig_error *err)
{
	const struct daq_clock *clock = &daq->config->clock;
	bool leads =
		clock->idle_high == clock->active_falling; /* away from idle is the active edge */
	int64_t away_ns, back_ns;
	int r = set_clock(daq, !clock->idle_high, &away_ns, err);

	if (r < 0)
		return r;
	daq->pulses += leads;
	hold_until(away_ns + (int64_t)(clock->pulse_s * 1e9));
	r = set_clock(daq, clock->idle_high, &back_ns, err);
	if (r < 0) /* once more: the next pulse would make no edge */
		r = set_clock(daq, clock->idle_high, &back_ns, err);
	if (r < 0)
		return r;
	daq->pulses += !leads;
	if (ret_ns)
		*ret_ns = leads ? away_ns : back_ns;
	return 0;
}

uint64_t daq_pulses(const struct daq *daq)
{
	return daq->pulses;
}

int daq_clock_idle(struct daq *daq, struct rig_error *err)
{
	const struct daq_clock *clock = &daq->config->clock;
	bool high;
	char name[16];
	int r = daq_get_line(daq, clock->line, &high, err);

	if (r < 0 || high == clock->idle_high)
		return r;
	return rig_fail(err, -EIO, "the clock line %s is %s, not at its idle level",
			daq_channel_name(clock->line, name), high ? "high" : "low");
}

/* ---- waiting ---- */

int daq_wait_until(struct daq *daq, int64_t when_ns, struct rig_error *err)
{
	struct pollfd wake = {.fd = daq->wake_fd, .events = POLLIN};
	int64_t left_ns;

	while ((left_ns = when_ns - now_ns()) > 0) {
		struct timespec t = {left_ns / 1000000000, left_ns % 1000000000};

		if (ppoll(&wake, 1, &t, NULL) > 0)
			return rig_fail(err, -EINTR, "interrupted");
	}
	return 0;
}
