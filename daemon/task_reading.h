/* daemon/task_reading.h - what the readers of a task's examples share. */
#ifndef DAEMON_TASK_READING_H
#define DAEMON_TASK_READING_H

#include "daemon/task_impl.h"

struct task_reading {
	struct task *task;
	const json_t *where; /* task.train or task.test */
	const char *path;    /* "/train", "/test" */
	struct task_set *set;
	struct problem *p;
};

/* Both return -1.  rest: what follows in->path in the culprit's pointer. */
int task_reading_refuse(const struct task_reading *in, const char *rest, const char *sentence);
int task_reading_no_memory(const struct task_reading *in);

/* The member of this set, or else of the training set: a test table has the same columns. */
const json_t *task_reading_said(const struct task_reading *in, const char *name);
/* The number of a class by its name; a new name gets the next number. */
int32_t task_reading_class(struct task *task, const json_t *value);
/* Of row i; NULL: not said. */
void task_reading_flags(struct examples *e, size_t i, const json_t *learn, const json_t *clamp,
			const json_t *wait_s, const json_t *group);
/* What fixed_V says of a source. */
const json_t *task_reading_fixed(const struct task_reading *in, uint32_t node);

/* task_table.c: {columns, rows} into in->set. */
int task_reading_table(const struct task_reading *in, const json_t *from);

#endif
