/* clients/libnudge/task.c - task files: YAML and the CSV files they name, checked, with places for errors. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/libnudge/internal.h"
#include "protocol/csv.h"
#include "protocol/files.h"
#include "protocol/yaml.h"

struct nudge_task {
	char *file;
	json_t *json;
	struct yaml_places *places;
};

static int invalid(struct problem *p, struct nudge_error *error)
{
	error_set(error, NUDGE_INVALID, "%s", p->message);
	if (error)
		snprintf(error->path, sizeof(error->path), "%s", p->path);
	problem_clear(p);
	return -1;
}

int nudge_task_read(const char *file, struct nudge_task **ret, struct nudge_error *error)
{
	struct nudge_task *task = calloc(1, sizeof(*task));
	struct problem p = {0};

	if (!task || !(task->file = strdup(file))) {
		nudge_task_free(task);
		return error_set(error, NUDGE_INVALID, "%s: %s", file, strerror(ENOMEM));
	}
	if (yaml_read_checked(file, &schema_task, &task->json, &task->places, &p) < 0) {
		nudge_task_free(task);
		return invalid(&p, error);
	}
	if (csv_inline(task->json, file, &p) < 0) {
		yaml_locate(file, task->places, &p);
		nudge_task_free(task);
		return invalid(&p, error);
	}
	*ret = task;
	return 0;
}

void nudge_task_free(struct nudge_task *task)
{
	if (!task)
		return;
	free(task->file);
	json_decref(task->json);
	yaml_places_free(task->places);
	free(task);
}

json_t *nudge_task_json(const struct nudge_task *task)
{
	return task->json;
}

void nudge_task_locate(const struct nudge_task *task, struct nudge_error *error)
{
	const size_t prefix = strlen("/task");
	char message[sizeof(error->message)];
	int line, column;

	if (strncmp(error->path, "/task", prefix) ||
	    (error->path[prefix] && error->path[prefix] != '/') ||
	    !yaml_place(task->places, error->path + prefix, &line, &column))
		return;
	snprintf(message, sizeof(message), "%s", error->message);
	/* a long file name may push the end of a long sentence out: both stay readable */
	if (snprintf(error->message, sizeof(error->message), "%s:%d:%d: %s", task->file, line,
		     column, message) >= (int)sizeof(error->message))
		strcpy(error->message + sizeof(error->message) - 4, "...");
}
