/* clients/web/api.c - what a page reads: /api/about, /api/steps, /api/runs. */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clients/web/answer.h"
#include "clients/web/api.h"
#include "clients/web/tasks.h"
#include "protocol/problem.h"

void api_about(struct pool *pool, const struct web_options *options, struct http_answer *ret)
{
	struct nudge_error error = {0};
	json_t *hello;

	if (pool_ask(pool, "server.hello", NULL, &hello, &error) < 0) {
		answer_nudge_error(ret, &error);
		return;
	}
	answer_json(ret, 200,
		    json_pack("{s:o, s:b, s:s, s:o}", "server", hello, "operate", options->operate,
			      "version", PACKAGE_VERSION, "shipped_tasks",
			      tasks_shipped(options->tasks)));
}

bool api_number(const struct http_request *request, const char *name, json_t *params,
		const char *member, struct http_answer *ret)
{
	const char *text = http_query(request, name);
	unsigned long long value;
	char *end;

	if (!text || !*text)
		return true;
	errno = 0;
	value = isdigit((unsigned char)text[0]) ? strtoull(text, &end, 10) : 0;
	if (isdigit((unsigned char)text[0]) && !*end && !errno && value <= INT64_MAX) {
		json_object_set_new(params, member, json_integer((json_int_t)value));
		return true;
	}
	answer_error(ret, 400, PROBLEM_PARAMS, "params", "%s=%.60s: expected a whole number", name,
		     text);
	return false;
}

/* Takes over params */
static void give(struct pool *pool, const char *method, json_t *params, struct http_answer *ret)
{
	struct nudge_error error = {0};
	json_t *result;

	if (pool_ask(pool, method, params, &result, &error) < 0)
		answer_nudge_error(ret, &error);
	else
		answer_result(ret, result);
}

static json_t *words(const char *text)
{
	json_t *list = json_array();

	while (*text) {
		size_t n = strcspn(text, ",");

		if (n)
			json_array_append_new(list, json_stringn(text, n));
		text += n + (text[n] == ',');
	}
	return list;
}

void api_steps(struct pool *pool, const struct http_request *request, struct http_answer *ret)
{
	const char *columns = http_query(request, "columns");
	json_t *params = json_pack("{s:s}", "encoding", "json");

	if (!api_number(request, "run", params, "run", ret) ||
	    !api_number(request, "from", params, "from", ret) ||
	    !api_number(request, "to", params, "to", ret) ||
	    !api_number(request, "points", params, "max_points", ret)) {
		json_decref(params);
		return;
	}
	if (columns && *columns)
		json_object_set_new(params, "columns", words(columns));
	give(pool, "history.steps", params, ret);
}

void api_runs(struct pool *pool, const struct http_request *request, struct http_answer *ret)
{
	static const char *const texts[] = {"order", "status", "task", "kind", "tag"};
	const char *where = http_query(request, "where"), *text;
	json_t *params = json_object(), *object = where ? json_loads(where, 0, NULL) : NULL;

	if (json_is_object(object))
		json_object_set(params, "where", object);
	else if (where && *where)
		json_object_set_new(params, "where", json_string(where));
	json_decref(object);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		text = http_query(request, texts[i]);
		if (text && *text)
			json_object_set_new(params, texts[i], json_string(text));
	}
	text = http_query(request, "after");
	if (!api_number(request, "limit", params, "limit", ret) ||
	    (text && isdigit((unsigned char)text[0]) &&
	     !api_number(request, "after", params, "after", ret))) {
		json_decref(params);
		return;
	}
	/* a cursor that is no number is the daemon's matter */
	if (text && *text && !json_object_get(params, "after"))
		json_object_set_new(params, "after", json_string(text));
	give(pool, "history.runs", params, ret);
}
