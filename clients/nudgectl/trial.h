/* clients/nudgectl/trial.h - the trials of an experiment: a point of its grid with a seed, the runs that it needs, and
 * what was measured in them.
 *
 * A trial may need several runs, one after the other (struct procedure): a series of tasks on one network, cuts that
 * are chosen by what they would do, a teacher before its pupil.  trial_next() says which task on which rig comes next,
 * trial_take() looks at what it left.
 */
#ifndef CLIENTS_NUDGECTL_TRIAL_H
#define CLIENTS_NUDGECTL_TRIAL_H

#include "clients/nudgectl/experiment.h"
#include "clients/nudgectl/series.h"

struct curve { /* n points of n_lines lines with a common x */
	size_t n, n_lines;
	double *x, *y; /* [n], [n_lines][n] */
};

struct trial {
	double at[AXES_MAX]; /* value of each axis */
	uint64_t seed;
	json_t *root;     /* {rig, task, draw, ...}: everything of the trial, laid out */
	size_t stage;     /* of its procedure: runs made */
	json_t *measured; /* name: number; what could not be measured is missing */
	struct curve curve;
	double *end_r_ohm; /* of the last run, for distances; NULL: not needed */
	size_t n_edges;
	json_t *taps; /* after the last run; NULL: none */
	json_t *cuts; /* list of edges, in order; NULL: none */
	char *failed; /* why; NULL: it did not */
};

struct trials {
	const struct experiment *e;
	json_t *rig, **tasks; /* as in the files */
	size_t n_tasks;
	struct trial *list;
	size_t n;
};

/* 0, or -1: a file that the experiment names is wrong. */
int trials_new(const struct experiment *e, struct trials **ret, struct problem *p);
void trials_free(struct trials *t); /* accepts NULL */

/* The next run's task and rig, new references; false: the trial has made all its runs (or has failed). */
bool trial_next(const struct trials *all, struct trial *t, json_t **ret_task, json_t **ret_rig);

/* What that run left; measures after the runs that the procedure says. */
void trial_take(const struct trials *all, struct trial *t, const struct series *s);
void trial_fail(struct trial *t, const char *why);

/* After all trials: what needs two of them. */
void trials_distances(struct trials *all);

/* At these points of the grid ({axis: value, ...}; NULL: anywhere)? */
bool trial_is_at(const struct experiment *e, const struct trial *t, const json_t *where);
double trial_measured(const struct trial *t, const char *name); /* NAN: it was not */
double trial_axis(const struct experiment *e, const struct trial *t,
		  const char *axis); /* NAN: none */

#endif
