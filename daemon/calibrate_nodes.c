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
	free(nodes->volts);
	memset(nodes, 0, sizeof(*nodes));
}

static int allocate(struct calibrate_nodes *nodes, size_t n)
{
	free(nodes->sources);
	free(nodes->targets);
	free(nodes->measured);
	nodes->sources = calloc(n + 1, sizeof(uint32_t));
	nodes->targets = calloc(n + 1, sizeof(uint32_t));
	nodes->measured = calloc(n + 1, sizeof(uint32_t));
	nodes->n_sources = nodes->n_targets = nodes->n_measured = 0;
	return nodes->sources && nodes->targets && nodes->measured ? 0 : -ENOBUFS;
}

static bool is_wired(struct daq_channel channel)
{
	return channel.kind != DAQ_NONE;
}

/* One output for both networks makes a source, one for the clamped network alone a target. */
static void by_wires(struct calibrate_nodes *nodes, const struct rig_wiring *wiring, size_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct daq_wire *free_ = &wiring->wire[RIG_FREE][i];
		const struct daq_wire *clamped = &wiring->wire[RIG_CLAMPED][i];

		if (is_wired(free_->measure) && is_wired(clamped->measure))
			nodes->measured[nodes->n_measured++] = i;
		if (!is_wired(clamped->drive))
			continue;
		if (is_wired(free_->drive))
			nodes->sources[nodes->n_sources++] = i;
		else
			nodes->targets[nodes->n_targets++] = i;
	}
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
	if (e == 0) {
		by_wires(nodes, &wiring, n);
		return 0;
	}
	if (e != -ENOTSUP)
		return e;
	nodes->sources[nodes->n_sources++] = 0;
	for (uint32_t i = 0; i < n; i++)
		nodes->measured[nodes->n_measured++] = i;
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
