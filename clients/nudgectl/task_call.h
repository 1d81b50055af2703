/* clients/nudgectl/task_call.h - a task file, and calls whose params hold it. */
#ifndef CLIENTS_NUDGECTL_TASK_CALL_H
#define CLIENTS_NUDGECTL_TASK_CALL_H

#include "clients/nudgectl/context.h"

/* Each returns an enum exit_code; what is not FINE has been said on standard error. */
int task_read(const char *file, struct nudge_task **ret); /* nudge_task_free() */
/* What is refused in the task is said with the file's line.  Takes params over; connected before. */
int task_ask(struct context *c, const char *method, const struct nudge_task *task, json_t *params,
	     json_t **ret);

#endif
