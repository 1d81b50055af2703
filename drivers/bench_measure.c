/* drivers/bench_measure.c - inputs of a bench, held against what was commanded; and single channels, for calibration. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/bench_impl.h"

#define STEPS_TO_ALARM 3u

static const char *const side_name[] = {[RIG_FREE] = "free", [RIG_CLAMPED] = "clamped"};

/* ---- measured minus commanded ---- */

static void tell(struct bench *b, enum rig_side side, uint32_t node, bool alarm, bool over,
		 double got_V, double want_V)
{
	const struct rig_note note = {.kind = RIG_NOTE_DISCREPANCY,
				      .alarm = alarm,
				      .over = over,
				      .node = (long)node,
				      .edge = -1,
				      .board = -1};
	const struct rig_limits *limits = &b->config->limits;

	if (over)
		bench_note(b, &note, "node %u (%s network) is again where it was commanded: %.4f V",
			   node, side_name[side], got_V);
	else
		bench_note(b, &note,
			   "node %u (%s network) measures %.4f V, but %.4f V were commanded: %.1f "
			   "mV apart, more than discrepancy_V of %g mV%s",
			   node, side_name[side], got_V, want_V, 1e3 * (got_V - want_V),
			   1e3 * limits->discrepancy_V, alarm ? ", three steps in a row" : "");
}

static void compare(struct bench *b, enum rig_side side, uint32_t node, double got_V)
{
	struct bench_node *n = &b->node[side][node];
	double want_V = n->output < 0 || !n->connected ? NAN : b->output[n->output].volts;

	if (isnan(want_V))
		return;
	if (fabs(got_V - want_V) <= b->config->limits.discrepancy_V) {
		if (n->streak && n->bad_at != b->look) {
			tell(b, side, node, n->streak >= STEPS_TO_ALARM, true, got_V, want_V);
			n->streak = 0;
		}
		return;
	}
	b->flags |= RIG_DISCREPANCY;
	if (n->streak && n->bad_at == b->look)
		return;
	n->streak = n->streak && n->bad_at == b->look - 1 ? n->streak + 1 : 1;
	n->bad_at = b->look;
	if (n->streak == 1 || n->streak == STEPS_TO_ALARM)
		tell(b, side, node, n->streak == STEPS_TO_ALARM, false, got_V, want_V);
}

/* ---- a side at once ---- */

static int read_side(struct bench *b, enum rig_side side, struct rig_error *err)
{
	size_t n = b->n_inputs[side];
	int r = bench_card_need(b, err);

	if (r == 0 && n)
		r = bench_card_told(b, daq_read(b->card, b->input[side], n, b->reading_V, err),
				    err);
	return r;
}

static void take_readings(struct bench *b, enum rig_side side)
{
	const uint32_t *floating;
	size_t n_floating = circuit_floating(b->session.circuits.of[RIG_FREE], &floating);

	for (size_t i = 0; i < bench_n_nodes(b); i++)
		b->seen_V[side][i] = NAN;
	for (size_t i = 0; i < b->n_inputs[side]; i++) {
		b->seen_V[side][b->input_node[side][i]] = b->reading_V[i];
		compare(b, side, b->input_node[side][i], b->reading_V[i]);
	}
	for (size_t i = 0; i < n_floating; i++) /* a reading of such a node means nothing */
		b->seen_V[side][floating[i]] = NAN;
}

int bench_measure(void *self, enum rig_side side, const uint32_t *nodes, size_t n, double *ret_V,
		  struct rig_error *err)
{
	struct bench *b = self;
	int r = bench_wait_until(b, b->changed_ns + (int64_t)ceil(1e9 * b->config->daq.settle_s),
				 err);

	if (r == 0)
		r = read_side(b, side, err);
	if (r < 0)
		return r;
	take_readings(b, side);
	b->seen[side] = true;
	for (size_t i = 0; i < n; i++)
		ret_V[i] = b->seen_V[side][nodes[i]];
	return 0;
}

int bench_look(struct bench *b, enum rig_side side, struct rig_error *err)
{
	int64_t settled_ns = b->changed_ns + (int64_t)ceil(1e9 * b->config->daq.settle_s);
	int r;

	if (bench_now_ns(b) < settled_ns)
		return 0; /* somebody is at work: the next look will do */
	r = read_side(b, side, err);
	for (size_t i = 0; r == 0 && i < b->n_inputs[side]; i++)
		compare(b, side, b->input_node[side][i], b->reading_V[i]);
	return r;
}

/* ---- single channels ---- */

static int find_output(const struct bench *b, struct daq_channel channel)
{
	for (size_t i = 0; i < b->n_outputs; i++)
		if (daq_same(b->output[i].channel, channel))
			return (int)i;
	return -1;
}

int bench_channel_write(void *self, struct daq_channel output, double volts, struct rig_error *err)
{
	struct bench *b = self;
	int i = find_output(b, output), r;
	char name[16];

	if (b->armed)
		return rig_fail(err, -EPERM,
				"a session drives the outputs: make safe before a single channel "
				"is written");
	if (i < 0)
		return rig_fail(err, -EINVAL, "%s is not an output of this rig",
				daq_channel_name(output, name));
	r = bench_card_need(b, err);
	if (r == 0 && volts != b->config->safe_V)
		r = boards_ready(b->boards, err);
	if (r < 0)
		return r;
	for (size_t k = 0; k < b->n_outputs; k++)
		b->wanted_V[k] = NAN;
	b->wanted_V[i] = daq_true_V(b->card, output, volts);
	return bench_move(b, b->wanted_V, 0, BENCH_INTERRUPTIBLE, err);
}

int bench_channels_read(void *self, const struct daq_channel *inputs, size_t n, double settle_s,
			double *ret_V, struct rig_error *err)
{
	struct bench *b = self;
	int r = bench_wait_until(b, bench_now_ns(b) + (int64_t)ceil(1e9 * settle_s), err);

	if (r == 0)
		r = bench_card_need(b, err);
	return r < 0 ? r : bench_card_told(b, daq_read(b->card, inputs, n, ret_V, err), err);
}

/* What is held on the outputs stays; what it is in true volts is another matter from now on. */
int bench_set_gains(void *self, const struct daq_gain *gain, size_t n, struct rig_error *err)
{
	struct bench *b = self;
	struct daq_config *daq = &b->config->daq;
	struct daq_gain *copy = calloc(n + 1, sizeof(*copy));

	if (!copy)
		return rig_fail(err, -ENOMEM, "out of memory for %zu gains", n);
	if (n)
		memcpy(copy, gain, n * sizeof(*copy));
	free(daq->gain);
	daq->gain = copy;
	daq->n_gain = n;
	if (!b->card)
		return 0; /* it gets them when it comes back */
	daq_set_gains(b->card, gain, n);
	return b->reads_back ? bench_learn_outputs(b, err) : 0;
}
