/* drivers/bench_safe.c - safe volts, and what is looked after while nothing else is done.
 *
 * Boards hold first, then outputs go to safe volts, bias and all, and the clock's line to its idle level; no clock edge is ever made here.
 */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "drivers/bench_impl.h"

/* ---- making safe ---- */

static void tell_unsafe(struct bench *b, const char *why)
{
	char text[300];

	snprintf(text, sizeof(text), "making safe: %s", why);
	bench_tell_output(b, false, text);
}

/* One by one: an output that fails keeps no other from safe volts. */
static int write_each(struct bench *b, struct rig_error *err)
{
	int first = 0;

	for (size_t i = 0; i < b->n_outputs && b->card; i++) {
		const struct daq_volt safe = {b->output[i].channel, b->config->safe_V};
		struct rig_error one;
		int r = daq_write(b->card, &safe, 1, &b->written_ns, &one);

		b->output[i].volts = r < 0 ? NAN : safe.volts;
		if (r < 0 && first == 0) {
			first = r;
			*err = one;
		}
	}
	b->changed_ns = b->written_ns;
	return first;
}

/* The ramp first, from wherever outputs are known to be; then, ramp or not, the last write of each. */
static int bring_down(struct bench *b, struct rig_error *err)
{
	int r = bench_card_need(b, err);

	if (r < 0)
		return r;
	r = bench_to_safe_volts(b, BENCH_HURRY, err);
	if (r == 0 && bench_is_at_safe_volts(b))
		return 0;
	r = bench_card_need(b, err);
	return r < 0 ? r : write_each(b, err);
}

/* Who was killed in a pulse left the line away from idle, and so may a card at power-on.  The way back is no clock edge
 * where the active one leads away from idle; where it is, the line stays, and that is told. */
int bench_rest_clock(struct bench *b, struct rig_error *err)
{
	const struct daq_clock *clock = &b->config->daq.clock;
	const struct daq_level idle = {clock->line, clock->idle_high};
	int r = daq_clock_idle(b->card, err);

	if (r == -EIO && clock->idle_high == clock->active_falling) {
		r = daq_set_lines(b->card, &idle, 1, err);
		if (r == 0)
			r = daq_clock_idle(b->card, err);
	}
	return bench_card_told(b, r, err);
}

static enum rig_safe look_at_outputs(struct bench *b)
{
	struct rig_error err;
	int r = bring_down(b, &err);

	if (r == 0)
		r = bench_read_back(b, &err);
	if (r == 0)
		r = bench_rest_clock(b, &err);
	if (r < 0) {
		tell_unsafe(b, err.text);
		return RIG_SAFE_UNKNOWN;
	}
	return b->reads_back ? RIG_SAFE_CONFIRMED : RIG_SAFE_COMMANDED;
}

enum rig_safe bench_make_safe(void *self)
{
	struct bench *b = self;
	enum rig_safe held = boards_hold(b->boards), outputs;

	b->live = b->armed = false;
	outputs = look_at_outputs(b);
	if (held == RIG_SAFE_UNKNOWN) /* each that failed has its own alarm */
		bench_note(b,
			   &(struct rig_note){
				   .kind = RIG_NOTE_DEVICE, .node = -1, .edge = -1, .board = -1},
			   "making safe: not all boards are known to hold");
	return held > outputs ? held : outputs;
}

/* ---- meanwhile ---- */

static int look_at_card(struct bench *b, struct rig_error *err)
{
	bool away = b->card == NULL;
	int r;

	bench_card_retry(b);
	if (!b->card)
		return bench_card_need(b, err);
	if (away && !bench_is_at_safe_volts(b))
		bench_make_safe(b); /* it came back with what it held before */
	r = bench_read_back(b, err);
	if (r < 0 || !b->session.begun || !b->live)
		return r;
	b->look++;
	r = bench_look(b, RIG_FREE, err);
	return r < 0 ? r : bench_look(b, RIG_CLAMPED, err);
}

/* Taps move at ticks alone, but who cuts an edge or comes back with other taps changes what flows. */
static int look_at_power(struct bench *b, struct rig_error *err)
{
	if (!b->live || !b->session.begun)
		return 0;
	for (size_t i = 0; i < b->n_outputs; i++)
		b->before_V[i] = b->output[i].volts;
	return bench_allow(b, b->before_V, b->session.clamped, err);
}

/* When the rig is in doubt it is made safe first, and explained afterwards. */
static int end_in_doubt(struct bench *b, int r, struct rig_error *err)
{
	static const char *const word[] = {[RIG_SAFE_CONFIRMED] = "confirmed",
					   [RIG_SAFE_COMMANDED] = "commanded",
					   [RIG_SAFE_UNKNOWN] = "unknown"};
	const struct rig_error why = *err;
	enum rig_safe safe;

	if (b->card && bench_is_at_safe_volts(b)) {
		b->live = false; /* the next drive asks the boards */
		return r;
	}
	safe = bench_make_safe(b);
	rig_fail(err, r, "made safe (%s): %.220s", word[safe], why.text);
	err->node = why.node;
	err->edge = why.edge;
	return r;
}

/* A board lost, or one that has no supply or other taps: nothing may drive chips that may have no supply.  One that failed
 * once is asked again first. */
static bool is_lost(const struct bench *b, int r)
{
	return r == -EHOSTDOWN || r == -ESTALE || r == -ERANGE || bench_board_down(b);
}

static int look_at_boards(struct bench *b, struct rig_error *err)
{
	int r = boards_idle(b->boards, err);

	if (r == 0)
		b->fed_ns = bench_now_ns(b);
	else
		b->taps_known = false;
	return r < 0 ? r : look_at_power(b, err);
}

int bench_idle(void *self, struct rig_error *err)
{
	struct bench *b = self;
	bool live = b->live;
	struct rig_error other;
	int first = look_at_boards(b, err), r;

	if (first < 0 && live && is_lost(b, first))
		first = end_in_doubt(b, -EHOSTDOWN, err);
	r = look_at_card(b, &other);
	if (r < 0 && live && first == 0)
		r = end_in_doubt(b, r, &other);
	if (first < 0 || r == 0)
		return first;
	*err = other;
	return r;
}
