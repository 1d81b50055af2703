/* clients/nudgectl/task_call.c - a task file, and calls whose params hold it. */
#include "config.h"

#include "clients/nudgectl/task_call.h"

int task_read(const char *file, struct nudge_task **ret)
{
	struct nudge_error error = {0};

	return nudge_task_read(file, ret, &error) < 0 ? say_error(&error) : EXIT_FINE;
}

int task_ask(struct context *c, const char *method, const struct nudge_task *task, json_t *params,
	     json_t **ret)
{
	struct nudge_error error = {0};

	json_object_set(params, "task", nudge_task_json(task));
	if (nudge_call(c->nudge, method, params, c->timeout_s, ret, &error) == 0)
		return EXIT_FINE;
	if (error.kind == NUDGE_REFUSED)
		nudge_task_locate(task, &error);
	return say_error(&error);
}
