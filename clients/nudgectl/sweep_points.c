/* clients/nudgectl/sweep_points.c - what a sweep goes through: points, seeds, their order and their names. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/dotted.h"
#include "clients/nudgectl/sweep.h"
#include "clients/nudgectl/sweep_points.h"

#define MOST_POINTS 1000000
#define MOST_TEXT   60  /* of a value in a name or tag */
#define MOST_NAME   200 /* value_name */

/* ---- points ---- */

static size_t size_of_grid(const json_t *grid)
{
	const char *path;
	json_t *values;
	size_t n = 1;

	json_object_foreach((json_t *)grid, path, values)
	{
		n *= json_array_size(values);
		if (n > MOST_POINTS)
			return n;
	}
	return n;
}

static void add_origin(json_t *origins, const char *path, const char *first, const char *second,
		       size_t index, bool index_last)
{
	char pointer[sizeof(((struct problem *)0)->path)] = "";

	problem_path_name(pointer, sizeof(pointer), first);
	if (!index_last)
		problem_path_index(pointer, sizeof(pointer), index);
	problem_path_name(pointer, sizeof(pointer), second);
	if (index_last)
		problem_path_index(pointer, sizeof(pointer), index);
	json_object_set_new(origins, path, json_string(pointer));
}

/* Point i of the product; the first path moves slowest. */
static void grid_point(const json_t *grid, size_t i, size_t n, json_t *point, json_t *origins)
{
	const char *path;
	json_t *values;

	json_object_foreach((json_t *)grid, path, values)
	{
		size_t k;

		n /= json_array_size(values);
		k = i / n % json_array_size(values);
		json_object_set(point, path, json_array_get(values, k));
		add_origin(origins, path, "grid", path, k, true);
	}
}

static void list_point(const json_t *entry, size_t i, json_t *point, json_t *origins)
{
	const char *path;
	json_t *value;

	json_object_foreach((json_t *)entry, path, value)
	{
		json_object_set(point, path, value);
		add_origin(origins, path, "list", path, i, false);
	}
}

int sweep_points(const json_t *sweep, json_t **ret_points, json_t **ret_origins, struct problem *p)
{
	const json_t *grid = json_object_get(sweep, "grid"), *list = json_object_get(sweep, "list");
	size_t n = list ? json_array_size(list) : size_of_grid(grid);

	if (n > MOST_POINTS)
		return problem_set(p, PROBLEM_PARAMS, "/grid", "grid: more than %d points",
				   MOST_POINTS);
	*ret_points = json_array();
	*ret_origins = json_array();
	for (size_t i = 0; i < n; i++) {
		json_t *point = json_object(), *origins = json_object();

		if (list)
			list_point(json_array_get(list, i), i, point, origins);
		else
			grid_point(grid, i, n, point, origins);
		json_array_append_new(*ret_points, point);
		json_array_append_new(*ret_origins, origins);
	}
	return 0;
}

/* ---- seeds and order ---- */

uint64_t *sweep_seeds(const json_t *seeds, size_t *ret_n)
{
	size_t n =
		json_is_array(seeds) ? json_array_size(seeds) : (size_t)json_integer_value(seeds);
	uint64_t *ret = calloc(n + 1, sizeof(*ret));

	for (size_t i = 0; i < n && ret; i++)
		ret[i] = json_is_array(seeds)
				 ? (uint64_t)json_number_value(json_array_get(seeds, i))
				 : i + 1;
	*ret_n = n;
	return ret;
}

/* splitmix64 (Steele, Lea and Flood 2014) */
static uint64_t next_bits(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

size_t *sweep_order(size_t n, uint64_t seed)
{
	size_t *order = calloc(n + 1, sizeof(*order));

	for (size_t i = 0; i < n && order; i++) {
		size_t k = (size_t)(next_bits(&seed) % (i + 1));

		order[i] = order[k];
		order[k] = i;
	}
	return order;
}

/* ---- names ---- */

/* The least number of digits that reads back as the same. */
static char *shortest(const json_t *value)
{
	static const size_t digits[] = {6, 9, 12, 15};

	for (size_t i = 0; i < sizeof(digits) / sizeof(digits[0]); i++) {
		char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY |
						       JSON_REAL_PRECISION(digits[i]));
		json_t *back = text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
		bool same = json_equal(back, value);

		json_decref(back);
		if (same || !text)
			return text;
		free(text);
	}
	return json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
}

char *sweep_value_text(const json_t *value, size_t i)
{
	char *text = json_is_string(value) ? strdup(json_string_value(value)) : shortest(value);

	if (!text || strlen(text) <= MOST_TEXT)
		return text;
	free(text);
	return asprintf(&text, "#%zu", i + 1) < 0 ? NULL : text;
}

json_t *sweep_group(const char *sweep)
{
	char name[MOST_NAME + 1 - (sizeof(SWEEP_GROUP) - 1)];

	problem_cut(name, sizeof(name), sweep);
	return json_sprintf(SWEEP_GROUP "%s", name);
}

json_t *sweep_point_tags(const char *sweep, const json_t *point, size_t i)
{
	json_t *tags = json_array(), *value;
	char tag[MOST_NAME + 1], short_path[131];
	const char *path;

	json_array_append_new(tags, sweep_group(sweep));
	json_object_foreach((json_t *)point, path, value)
	{
		char *text = sweep_value_text(value, i);

		problem_cut(short_path, sizeof(short_path), path);
		snprintf(tag, sizeof(tag), "%s=%s", short_path, text ? text : "?");
		json_array_append_new(tags, json_string(tag));
		free(text);
	}
	return tags;
}

json_t *sweep_tags_point(const json_t *tags)
{
	json_t *point = json_object(), *tag, *value;
	size_t i;

	json_array_foreach(tags, i, tag)
	{
		const char *text = json_string_value(tag);
		const char *equals = text ? strchr(text, '=') : NULL;

		if (!equals || !strncmp(text, SWEEP_GROUP, strlen(SWEEP_GROUP)))
			continue;
		value = json_loads(equals + 1, JSON_DECODE_ANY, NULL);
		if (!value)
			value = json_string(equals + 1);
		json_object_setn_new(point, text, (size_t)(equals - text), value);
	}
	return point;
}

char *sweep_cell_name(const char *sweep, const json_t *point, size_t i, uint64_t seed)
{
	char name[MOST_NAME + 1];
	const char *path;
	json_t *value;
	size_t n;

	problem_cut(name, 61, sweep);
	n = strlen(name);
	json_object_foreach((json_t *)point, path, value)
	{
		char *text = sweep_value_text(value, i);

		if (text && n + strlen(text) + strlen(dotted_last(path)) + 40 < sizeof(name))
			n += (size_t)snprintf(name + n, sizeof(name) - n, " %s=%s",
					      dotted_last(path), text);
		free(text);
	}
	snprintf(name + n, sizeof(name) - n, " seed=%llu", (unsigned long long)seed);
	return strdup(name);
}
