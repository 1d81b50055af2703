/* daemon/evaluate.h - free responses to a set of examples: test errors, class means, classes found. */
#ifndef DAEMON_EVALUATE_H
#define DAEMON_EVALUATE_H

#include "daemon/task_split.h"

struct evaluation {
	double *outputs_V;      /* [n][n_targets] */
	int32_t *class_found;   /* [n]; used by classifications alone */
	double *class_output_V; /* [n_classes][n_targets] mean output of a class, now */
	double *once_V;         /* [n][n_targets] one of several repeats */
	double error_V2;        /* mean over examples and targets of (V_D - V_F)^2 */
	double accuracy;        /* NAN: not a classification */
};

/* Room for the larger of the two sets.  0, or -1 for lack of memory. */
int evaluation_new(const struct task *task, const struct data *data, struct evaluation *ret);
void evaluation_free(struct evaluation *e);

/* Shows each example of the set and reads the free targets; moves no wiper.  An example is classified right if
 * the mean output of its own class is the nearest (L2).  0 or -errno of the rig. */
int evaluate(struct rig *rig, const struct task *task, const struct data *data,
	     const struct examples *set, struct evaluation *e);

/* Dillavou 2022, appendix A: the desired outputs of a class become the present free response to its mean input.
 * Writes data->class_V and the targets of both sets.  0 or -errno of the rig. */
int evaluate_class_means(struct rig *rig, const struct task *task, struct data *data,
			 struct evaluation *e);

/* Of rows [n_classes][n_targets] the one nearest to output_V; *ret_margin_V: how much farther the next one is
 * than `own` (negative: another one is nearer).  -1: no class has a mean. */
int32_t evaluate_nearest(const double *class_V, size_t n_classes, size_t n_targets,
			 const double *output_V, int32_t own, double *ret_margin_V);

#endif
