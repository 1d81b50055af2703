/* daemon/runner_twins.c - does the bench do what the physics says?  Checks, never commands. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/runner.h"
#include "protocol/reply.h"

/* ---- before a run: with eta 0 the twins agree ---- */

/* The first example in both networks, the clamped one held at what the free one does. */
static int show_twice(struct runner *r, double *free_V, double *clamped_V)
{
	const struct task *task = r->run->task;
	const double *source_V = r->run->data.train.source_V;
	struct rig *rig = r->rig;
	double *clamp_V = r->run->target_free_V;
	unsigned flags = 0;
	int e;

	if ((e = rig_mark_step(rig, 0)) < 0 ||
	    (e = rig_drive(rig, RIG_FREE, source_V, task->n_sources)) < 0 ||
	    (e = rig_drive(rig, RIG_CLAMPED, source_V, task->n_sources)) < 0 ||
	    (e = rig_measure(rig, RIG_FREE, task->measured, task->n_measured, free_V)) < 0 ||
	    (e = rig_nudge(rig, 1, free_V, free_V, task->n_targets, clamp_V, &flags)) < 0 ||
	    (e = rig_clamp(rig, clamp_V, task->n_targets)) < 0)
		return e;
	return rig_measure(rig, RIG_CLAMPED, task->measured, task->n_measured, clamped_V);
}

/* Measured to measured, so twice the noise of one reading; the worst node is named. */
static int judge(const struct runner *r, const double *free_V, const double *clamped_V,
		 char *reason)
{
	const struct task *task = r->run->task;
	const struct rig_limits *limits = &r->info->limits;
	double worst_V = 0;
	size_t worst = 0;

	for (size_t i = 0; i < task->n_measured; i++) {
		double apart_V = fabs(clamped_V[i] - free_V[i]);

		if (isfinite(apart_V) && apart_V > worst_V) {
			worst_V = apart_V;
			worst = i;
		}
	}
	if (worst_V <= limits->discrepancy_V)
		return 0;
	snprintf(
		reason, 256,
		"with eta 0 node %u is at %.4f V in the free and at %.4f V in the clamped network: "
		"%.3g V apart, more than discrepancy_V %g: a wire, a twin's wiper or an input "
		"differs",
		task->measured[worst], free_V[worst], clamped_V[worst], worst_V,
		limits->discrepancy_V);
	return -ECANCELED;
}

int runner_compare_twins(struct runner *r, char *reason)
{
	size_t n = r->run->task->n_measured;
	double *volts;
	int e;

	/* with capacitors the two are on their way, not at rest */
	if (r->params.capacitance_F > 0 || !isfinite(r->info->limits.discrepancy_V))
		return 0;
	volts = calloc(2 * n + 1, sizeof(*volts));
	if (!volts)
		return -ENOBUFS;
	e = show_twice(r, volts, volts + n);
	if (e == 0)
		e = judge(r, volts, volts + n, reason);
	free(volts);
	return e;
}

/* ---- of a run: did the edges move the way their own comparison says? ---- */

json_t *runner_directions(struct runner *r)
{
	struct rig_directions directions;
	uint64_t compared = 0, against = 0;
	json_t *edges;

	if (r->run->step == 0 || rig_directions(r->rig, &directions) < 0)
		return NULL;
	edges = json_array();
	for (size_t j = 0; j < r->info->n_edges; j++) {
		compared += directions.compared[j];
		against += directions.against[j];
		json_array_append_new(edges, json_pack("[I, I]", (json_int_t)directions.compared[j],
						       (json_int_t)directions.against[j]));
	}
	return json_pack("{s:I, s:I, s:o}", "compared", (json_int_t)compared, "against",
			 (json_int_t)against, "by_edge", edges);
}
