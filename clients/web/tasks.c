/* clients/web/tasks.c - a task's text as the JSON that run.submit takes; no file that a browser names is opened. */
#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/libnudge/nudge.h"
#include "clients/web/answer.h"
#include "clients/web/tasks.h"
#include "protocol/csv.h"
#include "protocol/files.h"
#include "protocol/yaml.h"

#define NAMES "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

/* ---- those that come with the program ---- */

static int is_yaml(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot && !strcmp(dot, ".yaml") &&
	       strspn(entry->d_name, NAMES) == (size_t)(dot - entry->d_name);
}

/* NULL: it is no task, but a rig, a sweep, ... */
static json_t *shipped(const char *dir, const char *file)
{
	char path[4096];
	const char *title;
	json_t *task, *ret = NULL;

	if (snprintf(path, sizeof(path), "%s/%s", dir, file) >= (int)sizeof(path) ||
	    yaml_read_checked(path, &schema_task, &task, NULL, NULL) < 0)
		return NULL;
	title = json_string_value(json_object_get(task, "task"));
	ret = json_pack("{s:s%, s:s}", "name", file, (size_t)(strrchr(file, '.') - file), "title",
			title ? title : file);
	json_decref(task);
	return ret;
}

json_t *tasks_shipped(const char *dir)
{
	struct dirent **entries = NULL;
	json_t *list = json_array();
	int n = scandir(dir, &entries, is_yaml, alphasort);

	for (int i = 0; i < n; i++) {
		json_t *task = shipped(dir, entries[i]->d_name);

		if (task)
			json_array_append_new(list, task);
		free(entries[i]);
	}
	free(entries);
	return list;
}

static void give_shipped(const char *dir, const char *name, struct http_answer *ret)
{
	struct nudge_error error = {0};
	struct nudge_task *task;
	char path[4096];

	if (!*name || name[strspn(name, NAMES)] ||
	    snprintf(path, sizeof(path), "%s/%s.yaml", dir, name) >= (int)sizeof(path)) {
		answer_error(ret, 404, PROBLEM_NOT_FOUND, "not_found",
			     "\"%.60s\" is no task of those that come with the program", name);
		return;
	}
	if (nudge_task_read(path, &task, &error) < 0) {
		answer_error(ret, 404, PROBLEM_NOT_FOUND, "not_found", "%s", error.message);
		nudge_error_clear(&error);
		return;
	}
	answer_result(ret, json_incref(nudge_task_json(task)));
	nudge_task_free(task);
}

/* ---- a text ---- */

/* `csv: FILE` of a set becomes the table of that name which came along */
static int inline_set(json_t *set, const char *at, const json_t *tables, struct problem *p)
{
	const char *file = json_string_value(json_object_get(set, "csv"));
	const json_t *text = file ? json_object_get(tables, file) : NULL;
	json_t *table = NULL;

	if (!file)
		return 0;
	if (!json_is_string(text))
		return problem_set(
			p, PROBLEM_PARAMS, at,
			"the task reads %.120s: choose that file along with it, or write "
			"its table into the task",
			file);
	if (csv_parse(file, json_string_value(text), json_string_length(text), &table, p) < 0) {
		if (p)
			problem_cut(p->path, sizeof(p->path), at);
		return -1;
	}
	json_object_del(set, "csv");
	return json_object_set_new(set, "table", table);
}

static int read_text(const char *name, const char *text, size_t n, const json_t *tables,
		     json_t **ret, struct problem *p)
{
	struct yaml_places *places = NULL;
	json_t *task = NULL;
	int r;

	if (yaml_parse(name, text, n, &task, &places, p) < 0)
		return -1;
	r = schema_check(&schema_task, task, p);
	if (r == 0 && schema_fill(&schema_task, task) < 0)
		r = problem_set(p, PROBLEM_INTERNAL, "", "no memory");
	if (r == 0)
		r = inline_set(json_object_get(task, "train"), "/train/csv", tables, p);
	if (r == 0)
		r = inline_set(json_object_get(task, "test"), "/test/csv", tables, p);
	if (r < 0)
		yaml_locate(name, places, p);
	yaml_places_free(places);
	if (r < 0)
		json_decref(task);
	else
		*ret = task;
	return r;
}

static void give_text(const char *name, const char *text, size_t n, const json_t *tables,
		      struct http_answer *ret)
{
	struct problem p = {0};
	json_t *task;

	if (read_text(name, text, n, tables, &task, &p) == 0) {
		answer_result(ret, task);
		return;
	}
	answer_json(ret, 422,
		    json_pack("{s:{s:i, s:s, s:{s:s, s:s}}}", "error", "code", p.code, "message",
			      p.message, "data", "kind", problem_kind(p.code), "path", p.path));
	problem_clear(&p);
}

/* {"shipped":NAME} or {"yaml":TEXT, "name":FILE, "tables":{FILE: TEXT}} */
static void give_json(const char *dir, const json_t *body, struct http_answer *ret)
{
	const json_t *text = json_object_get(body, "yaml");
	const char *name = json_string_value(json_object_get(body, "name"));
	const char *known = json_string_value(json_object_get(body, "shipped"));

	if (known)
		give_shipped(dir, known, ret);
	else if (json_is_string(text))
		give_text(name ? name : "task", json_string_value(text), json_string_length(text),
			  json_object_get(body, "tables"), ret);
	else
		answer_error(
			ret, 400, PROBLEM_REQUEST, "request",
			"expected {\"shipped\":NAME} or {\"yaml\":TEXT} with, if you like, name "
			"and tables {FILE: TEXT}");
}

void tasks_answer(const char *dir, const struct http_request *request, struct http_answer *ret)
{
	const char *type = http_header(request, "Content-Type");
	json_error_t error;
	size_t n;
	const char *body = http_body(request, &n);
	json_t *json;

	if (!type || strncmp(type, "application/json", strlen("application/json"))) {
		give_text("task", body, n, NULL, ret);
		return;
	}
	json = json_loadb(body, n, JSON_REJECT_DUPLICATES, &error);
	if (json)
		give_json(dir, json, ret);
	else
		answer_error(ret, 400, PROBLEM_PARSE, "parse", "this is no JSON: %s", error.text);
	json_decref(json);
}
