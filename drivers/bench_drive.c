/* drivers/bench_drive.c - outputs: where they are, how steeply they move, and when they may. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "drivers/bench_impl.h"

#define STAIR_S     0.001 /* the least time between two stairs */
#define MOST_STAIRS 20000
#define BRIEF_S     0.05 /* a slope so short is not broken off */

/* ---- staircases ---- */

static bool moves(const struct bench *b, size_t i, const double *wanted_V)
{
	return !isnan(wanted_V[i]) && b->output[i].volts != wanted_V[i];
}

/* The longest way that any output has; one whose volts are not known has none that we could divide. */
static double longest_way_V(const struct bench *b, const double *wanted_V, size_t *ret_moving)
{
	double most = 0;

	*ret_moving = 0;
	for (size_t i = 0; i < b->n_outputs; i++) {
		if (!moves(b, i, wanted_V))
			continue;
		(*ret_moving)++;
		most = fmax(most, fabs(wanted_V[i] - b->output[i].volts)); /* not for NAN */
	}
	return most;
}

static unsigned count_stairs(double way_V, double slew_V_per_s, double least_s, double *ret_stair_s)
{
	double duration_s = fmax(least_s, isfinite(slew_V_per_s) ? way_V / slew_V_per_s : 0);
	double n = ceil(duration_s / STAIR_S * (1 - 1e-12));

	n = fmin(fmax(n, 1), MOST_STAIRS);
	*ret_stair_s = duration_s / n;
	return (unsigned)n;
}

static bool on_this_way(const struct bench *b, size_t i, const double *wanted_V)
{
	return !isnan(wanted_V[i]) && b->from_V[i] != wanted_V[i];
}

/* After a failed write nobody knows where the outputs are: somebody must look before anything more is driven. */
static void lose_track(struct bench *b, const double *wanted_V)
{
	for (size_t i = 0; i < b->n_outputs; i++)
		if (on_this_way(b, i, wanted_V))
			b->output[i].volts = NAN;
	b->live = false;
}

static int write_stair(struct bench *b, const double *wanted_V, unsigned stair, unsigned n_stairs,
		       struct rig_error *err)
{
	size_t n = 0;
	int r;

	for (size_t i = 0; i < b->n_outputs; i++) {
		double from_V = b->from_V[i], to_V = wanted_V[i];

		if (!on_this_way(b, i, wanted_V))
			continue;
		if (stair < n_stairs && !isnan(from_V))
			to_V = from_V + (to_V - from_V) * stair / n_stairs;
		b->volts[n++] = (struct daq_volt){b->output[i].channel, to_V};
	}
	r = bench_card_told(b, daq_write(b->card, b->volts, n, &b->written_ns, err), err);
	if (r < 0 && r != -ERANGE && r != -EINVAL)
		lose_track(b, wanted_V);
	if (r < 0)
		return r;
	for (size_t i = 0, k = 0; i < b->n_outputs; i++)
		if (on_this_way(b, i, wanted_V))
			b->output[i].volts = b->volts[k++].volts;
	return 0;
}

static int climb(struct bench *b, const double *wanted_V, unsigned n_stairs, double stair_s,
		 enum bench_wait how, struct rig_error *err)
{
	bool brief = n_stairs * stair_s <= BRIEF_S;

	for (unsigned stair = 1; stair <= n_stairs; stair++) {
		int64_t due_ns = b->written_ns + (int64_t)ceil(1e9 * stair_s);
		int r = 0;

		if (how == BENCH_HURRY || brief)
			bench_sleep_until(due_ns);
		else
			r = bench_wait_until(b, due_ns, err);
		if (r == 0)
			r = write_stair(b, wanted_V, stair, n_stairs, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int bench_move(struct bench *b, const double *wanted_V, double least_s, enum bench_wait how,
	       struct rig_error *err)
{
	double stair_s, way_V;
	int64_t begun_ns;
	unsigned n_stairs;
	size_t moving;
	int r = bench_card_need(b, err);

	if (r < 0)
		return r;
	way_V = longest_way_V(b, wanted_V, &moving);
	if (!moving)
		return 0;
	for (size_t i = 0; i < b->n_outputs; i++)
		b->from_V[i] = b->output[i].volts;
	n_stairs = count_stairs(way_V, b->config->limits.slew_V_per_s, least_s, &stair_s);
	begun_ns = bench_now_ns(b);
	r = climb(b, wanted_V, n_stairs, stair_s, how, err);
	if (n_stairs > 1) {
		b->slopes++;
		b->slope_s += 1e-9 * (double)(bench_now_ns(b) - begun_ns);
	}
	if (b->changed_ns < b->written_ns)
		b->changed_ns = b->written_ns;
	return r < 0 ? r : bench_read_back(b, err);
}

/* ---- read back ---- */

static int read_all_back(struct bench *b, struct rig_error *err)
{
	for (size_t i = 0; i < b->n_outputs; i++)
		b->channels[i] = b->output[i].channel;
	return bench_card_told(b, daq_read_back(b->card, b->channels, b->n_outputs, b->back_V, err),
			       err);
}

static double tolerance_V(const struct bench *b, size_t i)
{
	double discrepancy_V = b->config->limits.discrepancy_V;
	double two_V = 2 * daq_resolution_V(b->card, b->output[i].channel);

	return isfinite(discrepancy_V) ? fmax(discrepancy_V, two_V) : two_V;
}

static bool all_known(const struct bench *b)
{
	for (size_t i = 0; i < b->n_outputs; i++)
		if (isnan(b->output[i].volts))
			return false;
	return true;
}

void bench_tell_output(struct bench *b, bool over, const char *text)
{
	const struct rig_note note = {.kind = RIG_NOTE_OUTPUT,
				      .alarm = true,
				      .over = over,
				      .node = -1,
				      .edge = -1,
				      .board = -1};

	if (over && !b->output_alarm)
		return;
	b->output_alarm = !over;
	bench_note(b, &note, "%s", text);
}

int bench_read_back(struct bench *b, struct rig_error *err)
{
	char name[16];
	int r;

	if (!b->reads_back || !b->n_outputs)
		return 0;
	r = read_all_back(b, err);
	for (size_t i = 0; r == 0 && i < b->n_outputs; i++) {
		const struct bench_output *o = &b->output[i];

		if (isnan(o->volts) || fabs(b->back_V[i] - o->volts) <= tolerance_V(b, i))
			continue;
		r = rig_fail(err, -EIO, "%s: %s reads back %.4f V, but %.4f V were written",
			     b->device.row.name, daq_channel_name(o->channel, name), b->back_V[i],
			     o->volts);
		bench_tell_output(b, false, err->text);
		b->output[i].volts = NAN; /* the next way to safe volts begins with a write */
		b->live = false;
	}
	if (r == 0 && all_known(b))
		bench_tell_output(b, true, "every output reads back as written again");
	return r;
}

/* A limit reads back up to a code beyond itself, once there are gains; where the card stands must be a place to go back to. */
static double to_limit(const struct bench *b, struct daq_channel channel, double volts)
{
	const struct rig_limits *limits = &b->config->limits;
	double near_V = fmin(fmax(volts, limits->min_V), limits->max_V);

	return fabs(volts - near_V) <= daq_resolution_V(b->card, channel) ? near_V : volts;
}

int bench_learn_outputs(struct bench *b, struct rig_error *err)
{
	int r;

	b->reads_back = false;
	if (!b->n_outputs)
		return 0;
	r = read_all_back(b, err);
	if (r < 0)
		return r == -ENOTSUP ? 0 : r;
	b->reads_back = true;
	for (size_t i = 0; i < b->n_outputs; i++)
		b->output[i].volts = to_limit(b, b->output[i].channel, b->back_V[i]);
	return 0;
}

/* ---- safe volts and away from them ---- */

/* Read back, they may be off by a code. */
static bool is_safe(const struct bench *b, size_t i)
{
	double slack_V = b->card ? daq_resolution_V(b->card, b->output[i].channel) : 0;

	return fabs(b->output[i].volts - b->config->safe_V) <= slack_V;
}

bool bench_is_at_safe_volts(const struct bench *b)
{
	for (size_t i = 0; i < b->n_outputs; i++)
		if (!is_safe(b, i))
			return false;
	return true;
}

/* The bias drives no node. */
bool bench_nodes_are_safe(const struct bench *b)
{
	for (size_t i = 0; i < b->n_outputs; i++)
		if ((int)i != b->bias && !is_safe(b, i))
			return false;
	return true;
}

int bench_to_safe_volts(struct bench *b, enum bench_wait how, struct rig_error *err)
{
	if (b->card && bench_is_at_safe_volts(b))
		return 0;
	for (size_t i = 0; i < b->n_outputs; i++)
		b->wanted_V[i] = b->config->safe_V;
	return bench_move(b, b->wanted_V, b->config->safe_ramp_s, how, err);
}

int bench_leave(struct bench *b, struct rig_error *err)
{
	for (size_t i = 0; i < b->n_outputs; i++)
		b->before_V[i] = b->output[i].volts;
	return bench_to_safe_volts(b, BENCH_INTERRUPTIBLE, err);
}

int bench_return(struct bench *b, struct rig_error *err)
{
	int r = 0;

	if (b->session.begun && b->live)
		r = bench_allow(b, b->before_V, b->session.clamped, err);
	return r < 0 ? r : bench_move(b, b->before_V, 0, BENCH_INTERRUPTIBLE, err);
}

/* An output in an unknown state is brought to a known one first. */
static int know_outputs(struct bench *b, struct rig_error *err)
{
	for (size_t i = 0; i < b->n_outputs; i++)
		b->wanted_V[i] = isnan(b->output[i].volts) ? b->config->safe_V : NAN;
	return all_known(b) ? 0 : bench_move(b, b->wanted_V, 0, BENCH_INTERRUPTIBLE, err);
}

static int restore_bias(struct bench *b, struct rig_error *err)
{
	if (b->bias < 0 || isnan(b->bias_V))
		return 0;
	for (size_t i = 0; i < b->n_outputs; i++)
		b->wanted_V[i] = NAN;
	b->wanted_V[b->bias] = b->bias_V;
	return bench_move(b, b->wanted_V, 0, BENCH_INTERRUPTIBLE, err);
}

int bench_wake(struct bench *b, struct rig_error *err)
{
	int r = bench_card_need(b, err);

	if (r < 0 || b->live)
		return r;
	r = know_outputs(b, err);
	if (r == 0)
		r = bench_rest_clock(b, err);
	if (r == 0)
		r = boards_ready(b->boards, err);
	if (r == 0)
		r = boards_release(b->boards, err);
	if (r < 0) {
		b->taps_known = false;
		return r;
	}
	b->fed_ns = bench_now_ns(b);
	r = bench_set_relays(b, err);
	if (r == 0)
		r = restore_bias(b, err);
	b->live = r == 0;
	b->armed |= b->live;
	return r;
}

/* ---- drive and clamp ---- */

static void start_from_here(struct bench *b)
{
	for (size_t i = 0; i < b->n_outputs; i++)
		b->wanted_V[i] = b->output[i].volts;
}

static void want(struct bench *b, enum rig_side side, const uint32_t *nodes, const double *volts,
		 size_t n)
{
	for (size_t i = 0; i < n; i++)
		b->wanted_V[b->node[side][nodes[i]].output] = volts[i];
}

int bench_drive(void *self, enum rig_side side, const double *volts, struct rig_error *err)
{
	struct bench *b = self;
	const struct bench_session *s = &b->session;
	int r = bench_wake(b, err);

	if (r < 0)
		return r;
	start_from_here(b);
	want(b, side, s->sources, volts, s->n_sources);
	r = bench_allow(b, b->wanted_V, s->clamped, err);
	return r < 0 ? r : bench_move(b, b->wanted_V, 0, BENCH_INTERRUPTIBLE, err);
}

static int let_go(struct bench *b, struct rig_error *err)
{
	b->session.clamped = false;
	return bench_set_relays(b, err);
}

/* A relay closes on an output that is already where it is to hold the node. */
int bench_clamp(void *self, const double *volts, size_t n, struct rig_error *err)
{
	struct bench *b = self;
	struct bench_session *s = &b->session;
	int r;

	if (n == 0)
		return let_go(b, err);
	r = bench_wake(b, err);
	if (r < 0)
		return r;
	start_from_here(b);
	want(b, RIG_CLAMPED, s->targets, volts, n);
	r = bench_allow(b, b->wanted_V, true, err);
	if (r == 0 && !s->clamped && s->n_switched && s->n_switched < s->n_targets)
		r = bench_allow(b, b->wanted_V, false, err);
	if (r == 0)
		r = bench_move(b, b->wanted_V, 0, BENCH_INTERRUPTIBLE, err);
	if (r < 0)
		return r;
	s->clamped = true;
	return bench_set_relays(b, err);
}
