/* clients/nudgectl/task_call.c - a task file, and calls whose params hold it. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/nudgectl/experiment.h"
#include "clients/nudgectl/task_call.h"

/* A task that is not here may be among those that were installed */
static void say_installed(const char *file)
{
	const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file, *folder;
	size_t n = 0;
	char *path;

	if (access(file, F_OK) == 0)
		return;
	folder = experiment_tasks(&n);
	if (!folder || asprintf(&path, "%.*s%s", (int)n, folder, name) < 0)
		return;
	if (name[0] && access(path, R_OK) == 0)
		fprintf(stderr, "nudgectl: there is a %s\n", path);
	free(path);
}

int task_read(const char *file, struct nudge_task **ret)
{
	struct nudge_error error = {0};
	int r;

	if (nudge_task_read(file, ret, &error) == 0)
		return EXIT_FINE;
	r = say_error(&error);
	say_installed(file);
	return r;
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
