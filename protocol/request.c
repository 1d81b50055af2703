/* protocol/request.c - one JSON-RPC 2.0 request, from bytes to checked values. */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/request.h"
#include "protocol/schema_macros.h"

#define ENVELOPE "a request is {\"jsonrpc\":\"2.0\",\"id\":...,\"method\":...,\"params\":{...}}"

static const struct schema token = {.type = SCHEMA_STRING, .min_items = 1, .max_items = 64};
static const struct schema flag = {.type = SCHEMA_BOOL};
static const struct schema text = {.type = SCHEMA_STRING, .min_items = 1, .max_items = 4096};
static const struct schema any = {.type = SCHEMA_ANY};
COUNT(rev, 0, 0x1p53);

static const struct schema_member meta_members[] = {
	{"lease", &token, .help = "The control lease's token."},
	{"key", &token, .help = "Sent twice with one key, a request acts once."},
	{"if_rev", &rev, .help = "Refuse when the parameters' revision is another."},
	{"dry_run", &flag, .fallback = "false", .help = "Check, act on nothing."},
	{0},
};
OBJECT(meta);

WORDS(version, "2.0");
static const struct schema_member envelope_members[] = {
	{"jsonrpc", &version, true, .help = "Always 2.0."},
	{"id", &any, .help = "Echoed."},
	{"method", &text, true, .help = "Its name."},
	{"params", &any, .fallback = "{}", .help = "By name."},
	{"meta", &meta, .fallback = "{}", .help = "About the request."},
	{0},
};
OBJECT(envelope);

/* Nesting, counted before the parser sees it. */
static size_t depth_of(const char *bytes, size_t n)
{
	size_t depth = 0, deepest = 0;
	bool in_string = false;

	for (size_t i = 0; i < n; i++) {
		char c = bytes[i];

		if (in_string && c == '\\')
			i++;
		else if (c == '"')
			in_string = !in_string;
		else if (!in_string && (c == '{' || c == '['))
			deepest = ++depth > deepest ? depth : deepest;
		else if (!in_string && (c == '}' || c == ']') && depth > 0)
			depth--;
	}
	return deepest;
}

static int read_json(const char *bytes, size_t n, json_t **ret, struct problem *p)
{
	json_error_t error;

	if (n > REQUEST_MAX_BYTES)
		return problem_set(p, PROBLEM_REQUEST, "",
				   "the request has %zu bytes; at most %u are taken", n,
				   REQUEST_MAX_BYTES);
	if (depth_of(bytes, n) > REQUEST_MAX_DEPTH)
		return problem_set(p, PROBLEM_REQUEST, "", "the request nests more than %d deep",
				   REQUEST_MAX_DEPTH);
	*ret = json_loadb(bytes, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (*ret)
		return 0;
	return problem_set(p,
			   json_error_code(&error) == json_error_duplicate_key ? PROBLEM_REQUEST
									       : PROBLEM_PARSE,
			   "", "the request is no JSON at byte %d: %s", error.position, error.text);
}

static int check_id(const json_t *id, struct problem *p)
{
	bool integral = json_is_real(id) && json_real_value(id) == floor(json_real_value(id));

	if (!id)
		return problem_set(p, PROBLEM_REQUEST, "",
				   "\"id\" is missing: every request is answered; " ENVELOPE);
	if (!json_is_string(id) && !json_is_integer(id) && !integral)
		return problem_set(p, PROBLEM_REQUEST, "/id", "id must be a string or an integer");
	return 0;
}

/* The envelope and meta; r->id as soon as it is good. */
static int check_envelope(struct request *r, struct problem *p)
{
	json_t *id;

	if (json_is_array(r->whole))
		return problem_set(p, PROBLEM_REQUEST, "",
				   "batches are not taken: send one request a message");
	if (!json_is_object(r->whole))
		return problem_set(p, PROBLEM_REQUEST, "", ENVELOPE);
	id = json_object_get(r->whole, "id");
	if (check_id(id, p) < 0)
		return -1;
	json_decref(r->id);
	r->id = json_incref(id);
	if (schema_check(&envelope, r->whole, p) < 0) {
		if (p)
			p->code = PROBLEM_REQUEST;
		return -1;
	}
	if (schema_fill(&envelope, r->whole) < 0)
		return problem_set(p, PROBLEM_INTERNAL, "", "no memory");
	return 0;
}

static int find_method(struct request *r, struct problem *p)
{
	const char *name = json_string_value(json_object_get(r->whole, "method"));
	const char *near;
	char quoted[64];

	r->method = method_find(name);
	if (r->method)
		return 0;
	near = method_nearest(name);
	problem_cut(quoted, sizeof(quoted), name);
	if (near)
		return problem_set(p, PROBLEM_METHOD, "/method",
				   "unknown method \"%s\"; did you mean \"%s\"?", quoted, near);
	return problem_set(p, PROBLEM_METHOD, "/method",
			   "unknown method \"%s\"; rpc.discover lists all", quoted);
}

/* The daemon opens no file that a request names. */
static int refuse_csv(const json_t *task, const char *set, struct problem *p)
{
	char path[64] = "/task";

	if (!json_object_get(json_object_get(task, set), "csv"))
		return 0;
	problem_path_name(path, sizeof(path), set);
	problem_path_name(path, sizeof(path), "csv");
	return problem_set(p, PROBLEM_PARAMS, path,
			   "task.%s.csv names a file; send `table: {columns, rows}` in its place, "
			   "as nudgectl does",
			   set);
}

static int check_params(struct request *r, struct problem *p)
{
	const json_t *task;

	r->params = json_object_get(r->whole, "params");
	if (!json_is_object(r->params))
		return problem_set(p, PROBLEM_PARAMS, "", "params must be an object, by name");
	if (schema_check(r->method->params, r->params, p) < 0)
		return -1;
	task = json_object_get(r->params, "task");
	if (refuse_csv(task, "train", p) < 0 || refuse_csv(task, "test", p) < 0)
		return -1;
	if (schema_fill(r->method->params, r->params) < 0)
		return problem_set(p, PROBLEM_INTERNAL, "", "no memory");
	return 0;
}

static void take_meta(struct request *r)
{
	const json_t *from = json_object_get(r->whole, "meta");
	const json_t *if_rev = json_object_get(from, "if_rev");

	r->lease = json_string_value(json_object_get(from, "lease"));
	r->key = json_string_value(json_object_get(from, "key"));
	r->if_rev = if_rev ? json_integer_value(if_rev) : -1;
	r->dry_run = json_is_true(json_object_get(from, "dry_run"));
}

int request_parse(const void *bytes, size_t n, struct request *ret, struct problem *p)
{
	*ret = (struct request){.id = json_null(), .if_rev = -1};
	if (read_json(bytes, n, &ret->whole, p) < 0 || check_envelope(ret, p) < 0)
		return -1;
	take_meta(ret);
	if (find_method(ret, p) < 0)
		return -1;
	return check_params(ret, p);
}

void request_clear(struct request *r)
{
	json_decref(r->id);
	json_decref(r->whole);
	*r = (struct request){0};
}

/* FNV-1a */
static uint64_t hash_text(uint64_t hash, const char *from)
{
	for (; *from; from++)
		hash = (hash ^ (unsigned char)*from) * 0x100000001B3u;
	return hash;
}

unsigned long long request_hash(const struct request *r)
{
	char *params = json_dumps(r->params, JSON_SORT_KEYS | JSON_COMPACT);
	uint64_t hash = hash_text(0xCBF29CE484222325u, r->method->name);

	hash = hash_text(hash_text(hash, " "), params ? params : "");
	free(params);
	return hash;
}

char *request_name(const struct request *request)
{
	return request->key ? strdup(request->key)
			    : json_dumps(request->id, JSON_ENCODE_ANY | JSON_COMPACT);
}
