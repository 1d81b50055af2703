/* daemon/calibrate_nodes.c - which nodes a calibration drives and measures, by the rig's wires. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/calibrate.h"

void calibrate_nodes_clear(struct calibrate_nodes *nodes)
{
	free(nodes->sources);
	free(nodes->targets);
	free(nodes->measured);
	free(nodes->may);
	free(nodes->volts);
	memset(nodes, 0, sizeof(*nodes));
}

static int allocate(struct calibrate_nodes *nodes, size_t n)
{
	nodes->sources = calloc(n + 1, sizeof(uint32_t));
	nodes->targets = calloc(n + 1, sizeof(uint32_t));
	nodes->measured = calloc(n + 1, sizeof(uint32_t));
	nodes->may = calloc(n + 1, 1);
	return nodes->sources && nodes->targets && nodes->measured && nodes->may ? 0 : -ENOBUFS;
}

static bool is_wired(struct daq_channel channel)
{
	return channel.kind != DAQ_NONE;
}

static uint8_t may_be(const struct daq_wire *free_, const struct daq_wire *clamped)
{
	bool free_floats = !is_wired(free_->drive) || is_wired(free_->relay);
	uint8_t may = 0;

	if (!is_wired(clamped->drive))
		return 0;
	if (is_wired(free_->drive))
		may |= CALIBRATE_SOURCE;
	if (free_floats)
		may |= CALIBRATE_TARGET;
	if (!is_wired(clamped->relay))
		may |= CALIBRATE_HELD;
	return may;
}

static void by_wires(struct calibrate_nodes *nodes, const struct rig_wiring *wiring, size_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct daq_wire *free_ = &wiring->wire[RIG_FREE][i];
		const struct daq_wire *clamped = &wiring->wire[RIG_CLAMPED][i];

		nodes->may[i] = may_be(free_, clamped);
		if (is_wired(free_->measure) && is_wired(clamped->measure))
			nodes->measured[nodes->n_measured++] = i;
	}
}

static void without_wires(struct calibrate_nodes *nodes, size_t n)
{
	memset(nodes->may, CALIBRATE_SOURCE | CALIBRATE_TARGET, n);
	for (uint32_t i = 0; i < n; i++)
		nodes->measured[nodes->n_measured++] = i;
}

static void choose_fewest(struct calibrate_nodes *nodes, size_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (nodes->may[i] & CALIBRATE_HELD) {
			if (nodes->may[i] & CALIBRATE_SOURCE)
				nodes->sources[nodes->n_sources++] = i;
			else
				nodes->targets[nodes->n_targets++] = i;
		}
	for (uint32_t i = 0; i < n && nodes->n_sources == 0; i++)
		if (nodes->may[i] & CALIBRATE_SOURCE)
			nodes->sources[nodes->n_sources++] = i;
}

int calibrate_nodes_wired(struct runner *r, struct calibrate *c)
{
	struct calibrate_nodes *nodes = &c->nodes;
	size_t n = r->info->n_nodes;
	struct rig_wiring wiring;
	int e = allocate(nodes, n);

	if (e < 0)
		return e;
	e = rig_wired(r->rig, &wiring);
	if (e == 0)
		by_wires(nodes, &wiring, n);
	else if (e == -ENOTSUP)
		without_wires(nodes, n);
	else
		return e;
	choose_fewest(nodes, n);
	return 0;
}

int calibrate_nodes_begin(struct runner *r, struct calibrate *c)
{
	const struct calibrate_nodes *nodes = &c->nodes;
	const struct rig_session session = {
		.sources = nodes->sources,
		.n_sources = nodes->n_sources,
		.targets = nodes->targets,
		.n_targets = nodes->n_targets,
		.measured = nodes->measured,
		.n_measured = nodes->n_measured,
		.seed = c->seed,
	};
	int e = rig_begin(r->rig, &session);

	r->begun = e == 0;
	return e;
}

int calibrate_drive(struct runner *r, struct calibrate *c, const double *volts)
{
	int e = rig_drive(r->rig, RIG_FREE, volts, c->nodes.n_sources);

	if (e == 0)
		e = rig_drive(r->rig, RIG_CLAMPED, volts, c->nodes.n_sources);
	return e < 0 ? e : rig_clamp(r->rig, NULL, 0);
}

int calibrate_drive_safe(struct runner *r, struct calibrate *c)
{
	for (size_t i = 0; i < c->nodes.n_sources; i++)
		c->nodes.volts[i] = calibrate_safe_V(r);
	return calibrate_drive(r, c, c->nodes.volts);
}
