/* clients/web/call.c - /api/call: a method of nudged, let through or refused; and the lease that the page asks for. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "clients/web/answer.h"
#include "clients/web/call.h"
#include "protocol/methods.h"

#define CALL_S     60.0 /* the page may ask again under the same key */
#define VALUES_MAX 100000
#define RELEASE_S  2.0

void caller_init(struct caller *caller, struct pool *pool, bool operate)
{
	*caller = (struct caller){.pool = pool, .operate = operate};
	pthread_mutex_init(&caller->lock, NULL);
}

void caller_end(struct caller *caller)
{
	struct nudge_error error = {0};
	struct nudge_record *record;

	if (caller->lease[0] && pool_call(caller->pool, true, "lease.release",
					  json_pack("{s:s}", "lease", caller->lease), NULL,
					  RELEASE_S, &record, &error) == 0)
		nudge_record_free(record);
	nudge_error_clear(&error); /* without an answer the lease ends by itself */
	pthread_mutex_destroy(&caller->lock);
}

/* ---- the lease ---- */

static bool is_lease(const char *method)
{
	return !strncmp(method, "lease.", 6);
}

static void lease_get(struct caller *caller, char token[65])
{
	pthread_mutex_lock(&caller->lock);
	memcpy(token, caller->lease, 65);
	pthread_mutex_unlock(&caller->lock);
}

/* A lease was given or renewed: its token stays here.  Given back: there is none. */
static void lease_keep(struct caller *caller, const char *method, json_t *result)
{
	const char *token = json_string_value(json_object_get(result, "lease"));

	pthread_mutex_lock(&caller->lock);
	if (!strcmp(method, "lease.release"))
		caller->lease[0] = '\0';
	else if (token && strlen(token) < sizeof(caller->lease))
		snprintf(caller->lease, sizeof(caller->lease), "%s", token);
	pthread_mutex_unlock(&caller->lock);
	json_object_del(result, "lease");
}

/* ---- what a page asks for ---- */

/* false, and *ret says why not */
static bool may(const struct caller *caller, const char *name, struct http_answer *ret)
{
	const struct method *method = method_find(name);

	if (method && method->flags & METHOD_ADMIN) {
		answer_error(ret, 403, PROBLEM_FORBIDDEN, "forbidden",
			     "%s is an administrator's: nudgectl does it, the page does not", name);
		return false;
	}
	if (!caller->operate && (!method || method->flags & METHOD_CHANGES)) {
		answer_error(ret, 403, PROBLEM_FORBIDDEN, "forbidden",
			     "this page only looks on: %s goes through when nudge-web is started "
			     "with --operate",
			     name);
		return false;
	}
	return true;
}

static bool read_request(const struct http_request *request, json_t **ret,
			 struct http_answer *answer)
{
	json_error_t error;
	size_t n;
	const char *body = http_body(request, &n);
	json_t *json = json_loadb(body, n, JSON_REJECT_DUPLICATES, &error), *value;
	const char *name;
	bool good = json_is_object(json) && json_is_string(json_object_get(json, "method"));

	json_object_foreach(json, name, value)
	{
		if (strcmp(name, "method") && strcmp(name, "params") && strcmp(name, "key") &&
		    strcmp(name, "if_rev") && strcmp(name, "dry_run"))
			good = false;
		if (!strcmp(name, "params") && !json_is_object(value))
			good = false;
	}
	if (good) {
		*ret = json;
		return true;
	}
	answer_error(
		answer, 400, json ? PROBLEM_REQUEST : PROBLEM_PARSE, json ? "request" : "parse",
		"expected {\"method\":NAME, \"params\":{...}} and, if you like, key, if_rev or "
		"dry_run%s%s",
		json ? "" : ": ", json ? "" : error.text);
	json_decref(json);
	return false;
}

static json_t *meta_of(struct caller *caller, const json_t *request, const char *method)
{
	static const char *const names[] = {"key", "if_rev", "dry_run"};
	json_t *meta = json_object();
	char lease[65];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (json_object_get(request, names[i]))
			json_object_set(meta, names[i], json_object_get(request, names[i]));
	lease_get(caller, lease);
	if (lease[0] && !is_lease(method))
		json_object_set_new(meta, "lease", json_string(lease));
	return meta;
}

/* lease.renew and lease.release get the token that the page does not know */
static json_t *params_of(struct caller *caller, const json_t *request, const char *method)
{
	json_t *params = json_object_get(request, "params");
	char lease[65];

	params = params ? json_copy(params) : json_object();
	if (!strcmp(method, "lease.renew") || !strcmp(method, "lease.release")) {
		lease_get(caller, lease);
		json_object_set_new(params, "lease", json_string(lease[0] ? lease : "none"));
	}
	return params;
}

/* ---- the answer ---- */

static json_t *value(const struct nudge_array *array, size_t i, size_t j)
{
	double real;

	if (array->dtype[1] != 'f')
		return json_integer(nudge_array_integer(array, i, j));
	real = nudge_array_real(array, i, j);
	return isfinite(real) ? json_real(real) : json_null();
}

static json_t *values(const struct nudge_array *array)
{
	json_t *list = json_array();

	for (size_t i = 0; i < array->shape[0]; i++) {
		json_t *row = array->axes > 1 ? json_array() : list;

		for (size_t j = 0; j < array->shape[1]; j++)
			json_array_append_new(row, value(array, i, j));
		if (row != list)
			json_array_append_new(list, row);
	}
	return list;
}

json_t *call_result(const struct nudge_record *record)
{
	json_t *arrays = json_object_get(record->header, "arrays");
	size_t n = 0;

	for (size_t i = 0; i < record->n_arrays; i++)
		n += record->arrays[i].shape[0] * record->arrays[i].shape[1];
	if (n > VALUES_MAX)
		return NULL;
	for (size_t i = 0; i < record->n_arrays; i++)
		json_object_set_new(json_array_get(arrays, i), "values",
				    values(&record->arrays[i]));
	return json_incref(record->header);
}

static void pass_on(struct caller *caller, const char *method, json_t *params, json_t *meta,
		    struct http_answer *ret)
{
	const struct method *known = method_find(method);
	struct nudge_error error = {0};
	struct nudge_record *record;
	json_t *result;

	if (pool_call(caller->pool, known && known->flags & METHOD_IS_URGENT, method, params, meta,
		      CALL_S, &record, &error) < 0) {
		answer_nudge_error(ret, &error);
		return;
	}
	if (is_lease(method))
		lease_keep(caller, method, record->header);
	result = call_result(record);
	nudge_record_free(record);
	if (result)
		answer_result(ret, result);
	else
		answer_error(ret, 413, PROBLEM_PARAMS, "params",
			     "more than %d values: ask for fewer steps or max_points", VALUES_MAX);
}

void call_answer(struct caller *caller, const struct http_request *request, struct http_answer *ret)
{
	const char *method;
	json_t *json;

	if (!read_request(request, &json, ret))
		return;
	method = json_string_value(json_object_get(json, "method"));
	if (may(caller, method, ret))
		pass_on(caller, method, params_of(caller, json, method),
			meta_of(caller, json, method), ret);
	json_decref(json);
}
