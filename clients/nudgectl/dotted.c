/* clients/nudgectl/dotted.c - values inside JSON by the path that people write. */
#include "config.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/dotted.h"
#include "protocol/problem.h"

#define STEP_BYTES 200

/* Takes the next step off the path: a name, or an index in brackets.  false: malformed. */
static bool next_step(const char **path, char step[STEP_BYTES])
{
	const char *at = *path;
	bool bracket = *at == '[';
	size_t n;

	if (*at == '.' || bracket)
		at++;
	n = strcspn(at, bracket ? "]" : ".[");
	if (n == 0 || n >= STEP_BYTES || (bracket && at[n] != ']'))
		return false;
	memcpy(step, at, n);
	step[n] = '\0';
	at += n + bracket;
	if (*at && *at != '.' && *at != '[')
		return false;
	*path = at;
	return true;
}

static bool is_index(const char *step, size_t *ret)
{
	for (const char *c = step; *c; c++)
		if (!isdigit((unsigned char)*c))
			return false;
	*ret = strtoul(step, NULL, 10);
	return true;
}

/* The value at this step; one that is missing is made if it can be.  NULL and why. */
static json_t *go(json_t *at, const char *path, const char *step, char *why, size_t why_size)
{
	json_t *next;
	size_t i;

	if (json_is_array(at)) {
		if (is_index(step, &i) && i < json_array_size(at))
			return json_array_get(at, i);
		snprintf(why, why_size, "%s: the list has %zu entries, and no \"%s\"", path,
			 json_array_size(at), step);
		return NULL;
	}
	if (!json_is_object(at)) {
		snprintf(why, why_size, "%s: what stands before \"%s\" is a value, not an object",
			 path, step);
		return NULL;
	}
	next = json_object_get(at, step);
	if (next)
		return next;
	if (json_object_set_new(at, step, json_object()) < 0)
		snprintf(why, why_size, "%s: a name that is not UTF-8", path);
	return json_object_get(at, step);
}

static int put(json_t *at, const char *path, const char *step, const json_t *value, char *why,
	       size_t why_size)
{
	if (json_is_object(at)) {
		if (json_object_set_new(at, step, json_deep_copy(value)) == 0)
			return 0;
		snprintf(why, why_size, "%s: a name that is not UTF-8", path);
		return -1;
	}
	if (!go(at, path, step, why, why_size))
		return -1;
	return json_array_set_new(at, strtoul(step, NULL, 10), json_deep_copy(value));
}

int dotted_set(json_t *root, const char *path, const json_t *value, char *why, size_t why_size)
{
	const char *rest = path;
	char step[STEP_BYTES];

	for (;;) {
		if (!next_step(&rest, step)) {
			snprintf(
				why, why_size,
				"%s: expected names between dots, as in params.p or schedule[0].at",
				path);
			return -1;
		}
		if (!*rest)
			return put(root, path, step, value, why, why_size);
		root = go(root, path, step, why, why_size);
		if (!root)
			return -1;
	}
}

const char *dotted_pointer(const char *path, char *pointer, size_t size)
{
	char step[STEP_BYTES];

	pointer[0] = '\0';
	while (*path && next_step(&path, step))
		problem_path_name(pointer, size, step);
	return pointer;
}

const char *dotted_last(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot ? dot + 1 : path;
}
