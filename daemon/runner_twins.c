/* daemon/runner_twins.c - does the bench do what the physics says?  Checks, never commands. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/runner.h"
#include "protocol/reply.h"

/* ---- before a run: with eta 0 the twins agree ---- */

#define LONGEST_REST 200  /* of R0 C: edges at 100 kohm take ten for one relaxation time */
#define STILL        0.05 /* of discrepancy_V: a smaller change in R0 C is rest */
#define TOLERANCE_V  0.02 /* where the rig file has none */

/* What two networks show: [n_measured] each. */
struct shown {
	double *free_V, *clamped_V;
};

/* The clamped network is held at what the free one does. */
static int show_once(struct runner *r, double wait_s, struct shown *now)
{
	const struct task *task = r->run->task;
	struct rig *rig = r->rig;
	double *clamp_V = r->run->target_free_V;
	unsigned flags = 0;
	int e;

	if ((e = rig_measure(rig, RIG_FREE, task->measured, task->n_measured, now->free_V)) < 0 ||
	    (e = rig_nudge(rig, 1, now->free_V, now->free_V, task->n_targets, clamp_V, &flags)) <
		    0 ||
	    (e = rig_clamp(rig, clamp_V, task->n_targets)) < 0 ||
	    (e = runner_settle(r, wait_s)) < 0)
		return e;
	return rig_measure(rig, RIG_CLAMPED, task->measured, task->n_measured, now->clamped_V);
}

static double furthest(const double *a, const double *b, size_t n)
{
	double most = 0;

	for (size_t i = 0; i < n; i++)
		if (fabs(a[i] - b[i]) > most) /* nodes without an input compare with nothing */
			most = fabs(a[i] - b[i]);
	return most;
}

/* The first example in both networks until nothing moves any more: with capacitors, too, a run begins at rest, as the
 * simulator's does. */
static int show_twice(struct runner *r, struct shown *now, struct shown *before)
{
	const struct task *task = r->run->task;
	const double *source_V = r->run->data.train.source_V;
	double unit_s = r->info->r0_ohm * r->params.capacitance_F;
	double still_V = STILL * fmin(r->info->limits.discrepancy_V, TOLERANCE_V);
	int e;

	if ((e = rig_mark_step(r->rig, 0)) < 0 ||
	    (e = rig_drive(r->rig, RIG_FREE, source_V, task->n_sources)) < 0 ||
	    (e = rig_drive(r->rig, RIG_CLAMPED, source_V, task->n_sources)) < 0 ||
	    (e = show_once(r, unit_s, now)) < 0)
		return e;
	for (int i = 0; unit_s > 0 && i < LONGEST_REST; i++) {
		struct shown old = *now;

		*now = *before;
		*before = old;
		e = show_once(r, unit_s, now);
		if (e < 0 ||
		    (furthest(now->free_V, before->free_V, task->n_measured) < still_V &&
		     furthest(now->clamped_V, before->clamped_V, task->n_measured) < still_V))
			break;
	}
	return e;
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
	if (worst_V <= limits->discrepancy_V) /* infinite: none */
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
	double *volts = calloc(4 * n + 1, sizeof(*volts));
	struct shown now = {volts, volts + n}, before = {volts + 2 * n, volts + 3 * n};
	int e;

	if (!volts)
		return -ENOBUFS;
	e = show_twice(r, &now, &before);
	if (e == 0)
		e = judge(r, now.free_V, now.clamped_V, reason);
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
