/* daemon/task_split.h - the examples of one run: drawn by its seed, shown in the task's order. */
#ifndef DAEMON_TASK_SPLIT_H
#define DAEMON_TASK_SPLIT_H

#include "daemon/task_impl.h"

struct data {
	uint64_t seed;
	struct examples train, test; /* test.n 0: no test set */
	size_t n_classes;
	double *class_source_V; /* [n_classes][n_sources] mean input of a class, training set */
	double *class_V; /* [n_classes][n_targets] desired outputs of a class; NAN until known */

	/* which examples are shown, and how far the present pass is */
	uint32_t *shown, *permutation;
	size_t n_shown, position;
	uint64_t epoch;
};

/* All draws are pure functions of the seed.  0, or -1 for lack of memory. */
int data_new(const struct task *task, uint64_t seed, struct data *ret);
void data_free(struct data *data); /* leaves it empty */

/* From now on only the examples of this group (-1: all); a new pass begins.  Returns how many. */
size_t data_show_group(struct data *data, int32_t group);

bool data_at_epoch_start(const struct data *data); /* the next example begins a pass */
size_t data_epoch_steps(const struct task *task, const struct data *data);
uint32_t data_next(const struct task *task, struct data *data, uint64_t step); /* row of train */
/* The rows of train that step sums before its update, into rows[]; [data_batch_most()] at the most.  Returns how many; 0: a
 * drawn batch came out empty, and rows[0] is what to show instead.  Each drawn batch is a pass. */
size_t data_batch(const struct task *task, struct data *data, uint64_t step, uint32_t *rows);
size_t data_batch_most(const struct task *task, const struct data *data);

#endif
