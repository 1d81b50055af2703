/* drivers/bench_wire.c - which channel is where: the wiring of a bench, what a session asks of it, and its relays. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/bench_impl.h"

static const char *const side_name[] = {[RIG_FREE] = "free", [RIG_CLAMPED] = "clamped"};

/* ---- index ---- */

static int output_of(struct bench *b, struct daq_channel channel)
{
	if (!channel.kind)
		return -1;
	for (size_t i = 0; i < b->n_outputs; i++)
		if (daq_same(b->output[i].channel, channel))
			return (int)i;
	b->output[b->n_outputs] = (struct bench_output){channel, NAN};
	return (int)b->n_outputs++;
}

/* Outputs that are plugged elsewhere keep what they were last written. */
void bench_index(struct bench *b)
{
	size_t n = bench_n_nodes(b);

	for (int side = 0; side < 2; side++) {
		b->n_inputs[side] = 0;
		for (uint32_t i = 0; i < n; i++) {
			const struct daq_wire *wire = &b->wire[side][i];

			b->node[side][i] = (struct bench_node){.output = output_of(b, wire->drive),
							       .connected = !wire->relay.kind};
			if (!wire->measure.kind)
				continue;
			b->input[side][b->n_inputs[side]] = wire->measure;
			b->input_node[side][b->n_inputs[side]++] = i;
		}
	}
	b->bias = output_of(b, b->config->daq.bias);
	b->relays_known = false;
}

bool bench_has_relay(const struct bench *b, enum rig_side side, uint32_t node)
{
	return b->wire[side][node].relay.kind != DAQ_NONE;
}

/* ---- what a session asks for ---- */

static bool among(const uint32_t *nodes, size_t n, uint32_t node)
{
	for (size_t i = 0; i < n; i++)
		if (nodes[i] == node)
			return true;
	return false;
}

static int about(struct rig_error *err, uint32_t node, int r)
{
	err->node = (long)node;
	return r;
}

static int check_source(const struct bench *b, uint32_t node, struct rig_error *err)
{
	for (int side = 0; side < 2; side++)
		if (!b->wire[side][node].drive.kind)
			return about(
				err, node,
				rig_fail(err, -EINVAL,
					 "source node %u has no output in the %s network: plug "
					 "one in, and name it under daq.drive",
					 node, side_name[side]));
	return 0;
}

static int check_target(const struct bench *b, uint32_t node, struct rig_error *err)
{
	const struct daq_wire *free_wire = &b->wire[RIG_FREE][node];
	const struct daq_wire *clamped_wire = &b->wire[RIG_CLAMPED][node];
	char name[16];

	if (!clamped_wire->drive.kind)
		return about(err, node,
			     rig_fail(err, -EINVAL,
				      "target node %u has no output in the clamped network: plug "
				      "one in, and name it under daq.drive",
				      node));
	if (free_wire->drive.kind && !free_wire->relay.kind)
		return about(err, node,
			     rig_fail(err, -EINVAL,
				      "target node %u is held by %s in the free network: unplug it "
				      "there, or give it a relay (daq.drive.%u.switch)",
				      node, daq_channel_name(free_wire->drive, name), node));
	if (free_wire->drive.kind && daq_same(free_wire->relay, clamped_wire->relay))
		return about(err, node,
			     rig_fail(err, -EINVAL,
				      "target node %u: relay %s switches both networks, but only "
				      "the clamped one may be held: give each its own",
				      node, daq_channel_name(free_wire->relay, name)));
	for (int side = 0; side < 2; side++)
		if (!b->wire[side][node].measure.kind)
			return about(err, node,
				     rig_fail(err, -EINVAL,
					      "target node %u has no input in the %s network: plug "
					      "one in, and name it under daq.measure",
					      node, side_name[side]));
	return 0;
}

/* An output cannot float: whatever the task calls such a node, it is held. */
static int check_other(const struct bench *b, uint32_t node, struct rig_error *err)
{
	for (int side = 0; side < 2; side++) {
		const struct daq_wire *wire = &b->wire[side][node];
		char name[16];

		if (!wire->drive.kind || wire->relay.kind)
			continue;
		return about(err, node,
			     rig_fail(err, -EINVAL,
				      "node %u is held by %s in the %s network, but is neither "
				      "source nor target: unplug it, or give it a relay "
				      "(daq.drive.%u.switch)",
				      node, daq_channel_name(wire->drive, name), side_name[side],
				      node));
	}
	return 0;
}

int bench_check_wiring(const struct bench *b, const struct rig_session *session,
		       struct rig_error *err)
{
	for (uint32_t node = 0; node < bench_n_nodes(b); node++) {
		int r = among(session->sources, session->n_sources, node)
				? check_source(b, node, err)
			: among(session->targets, session->n_targets, node)
				? check_target(b, node, err)
				: check_other(b, node, err);

		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- relays ---- */

static bool wants_connection(const struct bench *b, enum rig_side side, uint32_t node)
{
	const struct bench_session *s = &b->session;

	if (!s->begun)
		return false;
	if (among(s->sources, s->n_sources, node))
		return true;
	return side == RIG_CLAMPED && s->clamped && among(s->targets, s->n_targets, node);
}

static void keep_connections(struct bench *b)
{
	for (int side = 0; side < 2; side++)
		for (uint32_t i = 0; i < bench_n_nodes(b); i++)
			b->node[side][i].connected =
				!bench_has_relay(b, side, i) || wants_connection(b, side, i);
	b->relays_known = true;
}

int bench_set_relays(struct bench *b, struct rig_error *err)
{
	size_t n = 0;
	int r;

	for (int side = 0; side < 2; side++)
		for (uint32_t i = 0; i < bench_n_nodes(b); i++) {
			bool high = wants_connection(b, side, i);

			if (!bench_has_relay(b, side, i) ||
			    (b->relays_known && b->node[side][i].connected == high))
				continue;
			b->levels[n++] = (struct daq_level){b->wire[side][i].relay, high};
		}
	if (!n)
		return 0;
	r = bench_card_need(b, err);
	if (r == 0)
		r = bench_card_told(b, daq_set_lines(b->card, b->levels, n, err), err);
	if (r < 0) {
		b->relays_known = false;
		return r;
	}
	keep_connections(b);
	b->changed_ns = bench_now_ns(b) + (int64_t)(1e9 * b->config->daq.relay_s);
	return 0;
}

/* ---- plugged elsewhere ---- */

static bool is_wired_in(struct daq_wire *const wire[2], size_t n_nodes, struct daq_channel channel)
{
	for (size_t i = 0; i < 2 * n_nodes; i++) {
		const struct daq_wire *w = &wire[i / n_nodes][i % n_nodes];

		if (daq_same(w->drive, channel) || daq_same(w->measure, channel) ||
		    daq_same(w->relay, channel))
			return true;
	}
	return !channel.kind;
}

/* The card was opened for the rig file's channels, with its ranges: an operator moves these, and adds none. */
static int check_channel(const struct bench *b, uint32_t node, struct daq_channel channel,
			 struct rig_error *err)
{
	char name[16];

	if (is_wired_in(b->config->daq.wire, bench_n_nodes(b), channel))
		return 0;
	return about(err, node,
		     rig_fail(err, -EINVAL,
			      "node %u: %s is not a channel of the rig file's daq.drive or "
			      "daq.measure",
			      node, daq_channel_name(channel, name)));
}

/* One output may be plugged into a node of both networks; nothing else may be shared. */
static int check_shared(const struct rig_wiring *wiring, size_t n_nodes, struct rig_error *err)
{
	char name[16];

	for (size_t i = 0; i < 2 * n_nodes; i++)
		for (size_t k = i + 1; k < 2 * n_nodes; k++) {
			const struct daq_wire *a = &wiring->wire[i / n_nodes][i % n_nodes];
			const struct daq_wire *c = &wiring->wire[k / n_nodes][k % n_nodes];
			bool drive = a->drive.kind && daq_same(a->drive, c->drive) &&
				     i % n_nodes != k % n_nodes;
			bool measure = a->measure.kind && daq_same(a->measure, c->measure);

			if (drive || measure)
				return about(
					err, (uint32_t)(k % n_nodes),
					rig_fail(err, -EINVAL,
						 "%s cannot be plugged into node %zu and node %zu",
						 daq_channel_name(drive ? a->drive : a->measure,
								  name),
						 i % n_nodes, k % n_nodes));
		}
	return 0;
}

int bench_wire(void *self, const struct rig_wiring *wiring, struct rig_error *err)
{
	struct bench *b = self;
	size_t n = bench_n_nodes(b);
	int r = check_shared(wiring, n, err);

	for (size_t i = 0; r == 0 && i < 2 * n; i++) {
		const struct daq_wire *wire = &wiring->wire[i / n][i % n];
		uint32_t node = (uint32_t)(i % n);

		r = check_channel(b, node, wire->drive, err);
		if (r == 0)
			r = check_channel(b, node, wire->measure, err);
		if (r == 0)
			r = check_channel(b, node, wire->relay, err);
	}
	if (r < 0)
		return r;
	if (b->live && !bench_nodes_are_safe(b)) /* else it is told how it is, whatever is held */
		return rig_fail(err, -EPERM,
				"outputs are not at safe volts: make safe before anything is "
				"plugged elsewhere");
	b->session.begun = false;
	for (int side = 0; side < 2; side++)
		memmove(b->wire[side], wiring->wire[side], n * sizeof(struct daq_wire));
	bench_index(b);
	return 0;
}

int bench_wired(void *self, struct rig_wiring *ret)
{
	const struct bench *b = self;

	*ret = (struct rig_wiring){{b->wire[RIG_FREE], b->wire[RIG_CLAMPED]}};
	return 0;
}
