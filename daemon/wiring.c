/* daemon/wiring.c - the wires as they are, and whether a task can be run on them. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/wiring.h"

static const char *const side_names[] = {[RIG_FREE] = "free", [RIG_CLAMPED] = "clamped"};

static bool same(struct daq_channel a, struct daq_channel b)
{
	return a.kind && a.kind == b.kind && a.number == b.number;
}

/* ---- life ---- */

void wiring_free(struct wiring *wiring)
{
	if (!wiring)
		return;
	free(wiring->wire[0]);
	free(wiring->wire[1]);
	free(wiring->output);
	free(wiring->input);
	free(wiring);
}

static struct wiring *allocate(size_t n_nodes)
{
	struct wiring *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->n_nodes = n_nodes;
	w->wire[0] = calloc(n_nodes + 1, sizeof(**w->wire));
	w->wire[1] = calloc(n_nodes + 1, sizeof(**w->wire));
	w->output = calloc(2 * n_nodes + 1, sizeof(*w->output));
	w->input = calloc(2 * n_nodes + 1, sizeof(*w->input));
	if (w->wire[0] && w->wire[1] && w->output && w->input)
		return w;
	wiring_free(w);
	return NULL;
}

static void add_output(struct wiring *w, int side, const struct daq_wire *wire)
{
	struct wiring_lead *lead = w->output;

	if (!wire->drive.kind)
		return;
	while (lead < w->output + w->n_outputs && !same(lead->channel, wire->drive))
		lead++;
	if (lead == w->output + w->n_outputs)
		w->n_outputs++;
	lead->channel = wire->drive;
	lead->relay[side] = wire->relay;
}

void wiring_plug(struct wiring *wiring, const struct daq_wire *const wire[2])
{
	for (int side = 0; side < 2; side++)
		memcpy(wiring->wire[side], wire[side], wiring->n_nodes * sizeof(**wire));
}

int wiring_new(size_t n_nodes, const struct daq_wire *const wire[2], struct wiring **ret)
{
	struct wiring *w = allocate(n_nodes);

	if (!w)
		return -ENOMEM;
	wiring_plug(w, wire);
	for (size_t node = 0; node < n_nodes; node++)
		for (int side = 0; side < 2; side++) {
			add_output(w, side, &wire[side][node]);
			if (wire[side][node].measure.kind)
				w->input[w->n_inputs++] = wire[side][node].measure;
		}
	*ret = w;
	return 0;
}

int wiring_copy(const struct wiring *wiring, struct wiring **ret)
{
	struct wiring *w = allocate(wiring->n_nodes);

	if (!w)
		return -ENOMEM;
	wiring_plug(w, (const struct daq_wire *const *)wiring->wire);
	memcpy(w->output, wiring->output, wiring->n_outputs * sizeof(*w->output));
	memcpy(w->input, wiring->input, wiring->n_inputs * sizeof(*w->input));
	w->n_outputs = wiring->n_outputs;
	w->n_inputs = wiring->n_inputs;
	*ret = w;
	return 0;
}

/* ---- does it fit? ---- */

/* Where the task wants a node driven. */
static enum wiring_plug wanted(const struct wiring_nodes *nodes, size_t node)
{
	for (size_t i = 0; i < nodes->n_sources; i++)
		if (nodes->sources[i] == node)
			return WIRING_BOTH;
	for (size_t i = 0; i < nodes->n_targets; i++)
		if (nodes->targets[i] == node)
			return WIRING_CLAMPED;
	return WIRING_NOWHERE;
}

static bool source_fits(const struct wiring *w, uint32_t node, struct wiring_misfit *ret)
{
	for (int side = 0; side < 2; side++) {
		if (w->wire[side][node].drive.kind)
			continue;
		snprintf(ret->text, sizeof(ret->text),
			 "source %u: no output drives it in the %s network; wire one (`drive: {%u: "
			 "{both: ...}}`)",
			 node, side_names[side], node);
		return false;
	}
	return true;
}

static bool target_fits(const struct wiring *w, uint32_t node, struct wiring_misfit *ret)
{
	const struct daq_wire *free_ = &w->wire[RIG_FREE][node];
	const struct daq_wire *clamped = &w->wire[RIG_CLAMPED][node];
	char name[16];

	if (!clamped->drive.kind) {
		snprintf(ret->text, sizeof(ret->text),
			 "target %u: no output can clamp it; wire one (`drive: {%u: {clamped: "
			 "...}}`)",
			 node, node);
		return false;
	}
	if (free_->drive.kind && (!free_->relay.kind || same(free_->relay, clamped->relay))) {
		snprintf(ret->text, sizeof(ret->text),
			 "target %u is held by %s in the free network: unplug it there, or give it "
			 "a relay of its own (`switch: {free: ..., clamped: ...}`)",
			 node, daq_channel_name(free_->drive, name));
		return false;
	}
	for (int side = 0; side < 2; side++) {
		if (w->wire[side][node].measure.kind)
			continue;
		snprintf(ret->text, sizeof(ret->text),
			 "target %u is not measured in the %s network; wire an input (`measure: "
			 "{%u: {%s: ...}}`)",
			 node, side_names[side], node, side_names[side]);
		return false;
	}
	return true;
}

static bool nobody_is_held(const struct wiring *w, const struct wiring_nodes *nodes,
			   struct wiring_misfit *ret)
{
	for (size_t i = 0; i < 2 * w->n_nodes; i++) {
		const struct daq_wire *wire = &w->wire[i % 2][i / 2];
		char name[16];

		if (!wire->drive.kind || wire->relay.kind || wanted(nodes, i / 2))
			continue;
		snprintf(ret->path, sizeof(ret->path), "/targets");
		snprintf(ret->text, sizeof(ret->text),
			 "node %zu is held by %s, but the task neither drives nor clamps it: "
			 "unplug it, or give it a relay (`switch:`)",
			 i / 2, daq_channel_name(wire->drive, name));
		return false;
	}
	return true;
}

/* A line that switches several relays must not be wanted high and low. */
static bool relays_agree(const struct wiring *w, const struct wiring_nodes *nodes,
			 struct wiring_misfit *ret)
{
	for (size_t i = 0; i < 2 * w->n_nodes; i++)
		for (size_t k = 0; k < 2 * w->n_nodes; k++) {
			const struct daq_wire *on = &w->wire[i % 2][i / 2];
			const struct daq_wire *off = &w->wire[k % 2][k / 2];
			char name[16];

			if (!same(on->relay, off->relay) || !(wanted(nodes, i / 2) & 1 << i % 2) ||
			    (wanted(nodes, k / 2) & 1 << k % 2))
				continue;
			snprintf(ret->path, sizeof(ret->path), "/targets");
			snprintf(ret->text, sizeof(ret->text),
				 "%s must connect node %zu and disconnect node %zu: give them a "
				 "line each (`switch:`)",
				 daq_channel_name(on->relay, name), i / 2, k / 2);
			return false;
		}
	return true;
}

bool wiring_fits(const struct wiring *wiring, const struct wiring_nodes *nodes,
		 struct wiring_misfit *ret)
{
	for (size_t i = 0; i < nodes->n_sources; i++) {
		snprintf(ret->path, sizeof(ret->path), "/sources/%zu", i);
		if (!source_fits(wiring, nodes->sources[i], ret))
			return false;
	}
	for (size_t i = 0; i < nodes->n_targets; i++) {
		snprintf(ret->path, sizeof(ret->path), "/targets/%zu", i);
		if (!target_fits(wiring, nodes->targets[i], ret))
			return false;
	}
	return nobody_is_held(wiring, nodes, ret) && relays_agree(wiring, nodes, ret);
}
