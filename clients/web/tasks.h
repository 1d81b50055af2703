/* clients/web/tasks.h - /api/tasks: a task's text as the JSON that run.submit takes; and those that come with the program. */
#ifndef CLIENTS_WEB_TASKS_H
#define CLIENTS_WEB_TASKS_H

#include <jansson.h>

#include "clients/web/http.h"

/* [{"name", "title"}, ...] of a directory, by name; new reference. */
json_t *tasks_shipped(const char *dir);

void tasks_answer(const char *dir, const struct http_request *request, struct http_answer *ret);

#endif
