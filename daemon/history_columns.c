/* daemon/history_columns.c - columns of the table steps, gathered into one array each. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/history_columns.h"

static const struct column columns[] = {
	{"step", NULL, COLUMN_I8},
	{"t_mono_ns", "ns", COLUMN_I8},
	{"t_apply_ns", "ns", COLUMN_I8},
	{"t_free_ns", "ns", COLUMN_I8},
	{"t_clamped_ns", "ns", COLUMN_I8},
	{"t_tick_ns", "ns", COLUMN_I8},
	{"lateness_ns", "ns", COLUMN_I8},
	{"example", NULL, COLUMN_U4},
	{"rev", NULL, COLUMN_U4},
	{"flags", NULL, COLUMN_U4},
	{"mse_V2", "V^2", COLUMN_F8},
	{"source_V", "V", COLUMN_F8_ARRAY},
	{"target_V", "V", COLUMN_F8_ARRAY},
	{"clamp_V", "V", COLUMN_F8_ARRAY},
	{"v_free_V", "V", COLUMN_F8_ARRAY},
	{"v_clamped_V", "V", COLUMN_F8_ARRAY},
	{"wiper", NULL, COLUMN_U1_ARRAY},
	{"updated", NULL, COLUMN_U1_ARRAY},
	{"mse_equilibrium_V2", "V^2", COLUMN_F8},
	{"r_ohm", "ohm", COLUMN_F8_ARRAY},
};
#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))

static const struct {
	const char *dtype;
	size_t bytes;
	int axes;
} types[] = {
	[COLUMN_I8] = {"<i8", 8, 1},       [COLUMN_U4] = {"<u4", 4, 1},
	[COLUMN_F8] = {"<f8", 8, 1},       [COLUMN_F8_ARRAY] = {"<f8", 8, 2},
	[COLUMN_U1_ARRAY] = {"<u1", 1, 2},
};

const struct column *column_find(const char *name)
{
	for (size_t i = 0; i < N_COLUMNS; i++)
		if (strcmp(columns[i].name, name) == 0)
			return &columns[i];
	return NULL;
}

const char *column_names(char *text, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < N_COLUMNS && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "",
					 columns[i].name);
	return text;
}

/* ---- gathering ---- */

size_t column_item_bytes(const struct column_values *values)
{
	return types[values->column.type].bytes;
}

static int add_bytes(struct column_values *values, const void *bytes, size_t n, struct problem *p)
{
	if (values->size + n > values->capacity) {
		size_t capacity = 2 * values->capacity + n + 4096;
		char *grown = realloc(values->bytes, capacity);

		if (!grown)
			return problem_set(p, PROBLEM_STORAGE, "", "no memory for %zu bytes",
					   capacity);
		values->bytes = grown;
		values->capacity = capacity;
	}
	if (n)
		memcpy(values->bytes + values->size, bytes, n);
	values->size += n;
	values->n++;
	return 0;
}

int column_add_integer(struct column_values *values, int64_t integer, struct problem *p)
{
	uint32_t small = (uint32_t)integer;

	values->width = 1;
	if (values->column.type == COLUMN_U4)
		return add_bytes(values, &small, sizeof(small), p);
	return add_bytes(values, &integer, sizeof(integer), p);
}

int column_add_real(struct column_values *values, double real, struct problem *p)
{
	values->width = 1;
	return add_bytes(values, &real, sizeof(real), p);
}

/* A row without its edges: the run's log leaves them out. */
static int add_zeros(struct column_values *values, struct problem *p)
{
	size_t n = values->width * column_item_bytes(values);
	void *zeros = calloc(n + 1, 1);
	int r = zeros ? add_bytes(values, zeros, n, p)
		      : problem_set(p, PROBLEM_STORAGE, "", "no memory for %zu bytes", n);

	free(zeros);
	return r;
}

static int add_array(struct column_values *values, sqlite3_stmt *s, int i, struct problem *p)
{
	const void *blob = sqlite3_column_blob(s, i);
	size_t n = (size_t)sqlite3_column_bytes(s, i);

	if (values->fixed && n == 0)
		return add_zeros(values, p);
	if (values->n == 0)
		values->width = n / column_item_bytes(values);
	if (n != values->width * column_item_bytes(values))
		return problem_set(p, PROBLEM_STORAGE, "",
				   "%s has %zu bytes in one step and %zu in another of this run",
				   values->column.name, values->width * column_item_bytes(values),
				   n);
	return add_bytes(values, blob, n, p);
}

int column_add(struct column_values *values, sqlite3_stmt *s, int i, struct problem *p)
{
	switch (values->column.type) {
	case COLUMN_I8:
	case COLUMN_U4:
		return column_add_integer(values, sqlite3_column_int64(s, i), p);
	case COLUMN_F8:
		return column_add_real(values,
				       sqlite3_column_type(s, i) == SQLITE_NULL
					       ? NAN
					       : sqlite3_column_double(s, i),
				       p);
	case COLUMN_F8_ARRAY:
	case COLUMN_U1_ARRAY:
		return add_array(values, s, i, p);
	}
	return 0;
}

void column_clear(struct column_values *values)
{
	free(values->bytes);
	values->bytes = NULL;
}

/* ---- giving ---- */

static json_t *number(const struct column_values *values, size_t i)
{
	const char *at = values->bytes + i * column_item_bytes(values);
	int64_t i8;
	uint32_t u4;
	double f8;
	json_t *real;

	switch (values->column.type) {
	case COLUMN_I8:
		memcpy(&i8, at, sizeof(i8));
		return json_integer(i8);
	case COLUMN_U4:
		memcpy(&u4, at, sizeof(u4));
		return json_integer(u4);
	case COLUMN_U1_ARRAY:
		return json_integer((unsigned char)*at);
	case COLUMN_F8:
	case COLUMN_F8_ARRAY:
		break;
	}
	memcpy(&f8, at, sizeof(f8));
	real = json_real(f8);
	return real ? real : json_null(); /* not finite */
}

static json_t *value_list(const struct column_values *values)
{
	bool nested = types[values->column.type].axes == 2;
	json_t *list = json_array();

	for (size_t row = 0; row < values->n; row++) {
		json_t *into = nested ? json_array() : list;

		for (size_t i = 0; i < values->width; i++)
			json_array_append_new(into, number(values, row * values->width + i));
		if (nested)
			json_array_append_new(list, into);
	}
	return list;
}

static json_t *describe(const struct column_values *values)
{
	json_t *shape = json_pack("[I]", (json_int_t)values->n);

	if (types[values->column.type].axes == 2)
		json_array_append_new(shape, json_integer((json_int_t)values->width));
	return json_pack("{s:s, s:s, s:o, s:s?}", "name", values->column.name, "dtype",
			 types[values->column.type].dtype, "shape", shape, "unit",
			 values->column.unit);
}

int columns_give(struct column_values *values, size_t n, bool as_json, json_t *result,
		 struct history_frames *frames, struct problem *p)
{
	json_t *arrays = json_array();

	json_object_set_new(result, "arrays", arrays);
	for (size_t i = 0; i < n; i++) {
		json_t *array = describe(&values[i]);

		if (as_json)
			json_object_set_new(array, "values", value_list(&values[i]));
		json_array_append_new(arrays, array);
	}
	if (as_json)
		return 0;
	frames->frames = calloc(n, sizeof(*frames->frames));
	if (!frames->frames)
		return problem_set(p, PROBLEM_STORAGE, "", "no memory for %zu arrays", n);
	frames->n = n;
	for (size_t i = 0; i < n; i++) {
		frames->frames[i].bytes = values[i].bytes;
		frames->frames[i].size = values[i].size;
		values[i].bytes = NULL;
	}
	return 0;
}
