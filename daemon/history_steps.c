/* daemon/history_steps.c - steps as arrays: as they are, in bins for a plot, or as they were published. */
#include "config.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "daemon/history_query.h"
#include "protocol/record.h"

static int64_t integer_of(const json_t *params, const char *name, int64_t fallback)
{
	const json_t *value = json_object_get(params, name);

	if (json_is_integer(value))
		return json_integer_value(value);
	return json_is_real(value) ? (int64_t)json_real_value(value) : fallback;
}

/* What the descriptor says of this array; NULL: nothing. */
static const json_t *array_named(const struct steps_query *q, const char *name)
{
	const json_t *array;
	size_t i;

	json_array_foreach(q->arrays, i, array)
	{
		const char *its = json_string_value(json_object_get(array, "name"));

		if (its && strcmp(its, name) == 0)
			return array;
	}
	return NULL;
}

/* Taps and resistances may be left out of some rows: their width is known from the descriptor. */
static void know_width(const struct steps_query *q, struct column_values *values)
{
	const char *name = values->column.name;
	bool of_edges = strcmp(name, "wiper") == 0 || strcmp(name, "updated") == 0 ||
			strcmp(name, "r_ohm") == 0;
	const json_t *shape = json_object_get(array_named(q, name), "shape");

	if (!of_edges || !shape)
		return;
	values->fixed = true;
	values->width = (size_t)json_integer_value(json_array_get(shape, 1));
}

static int query_describe(struct history *h, struct steps_query *q, struct problem *p)
{
	json_t *row;

	if (history_one_row(h, q->run,
			    "SELECT descriptor_json AS \"d:json\" FROM runs WHERE run = ?1", &row,
			    p) < 0)
		return -1;
	q->arrays = json_incref(json_object_get(json_object_get(row, "d"), "arrays"));
	q->keep_every =
		json_integer_value(json_object_get(json_object_get(row, "d"), "keep_every"));
	q->thinned = json_is_true(json_object_get(json_object_get(row, "d"), "thinned"));
	if (q->keep_every < 1) /* of a run that was kept before there was a choice */
		q->keep_every = 1;
	json_decref(row);
	return 0;
}

static int query_add(struct steps_query *q, const char *name, struct problem *p)
{
	const struct column *column = column_find(name);
	char all[400];

	if (!column)
		return problem_set(p, PROBLEM_PARAMS, "/columns",
				   "steps have no column \"%.40s\"; they have %s", name,
				   column_names(all, sizeof(all)));
	for (size_t i = 0; i < q->n; i++)
		if (strcmp(q->values[i].column.name, name) == 0)
			return problem_set(p, PROBLEM_PARAMS, "/columns",
					   "column \"%s\" is asked for twice", name);
	q->values[q->n] = (struct column_values){.column = *column};
	know_width(q, &q->values[q->n++]);
	return 0;
}

static int query_init(struct history *h, const json_t *params, struct steps_query *q,
		      struct problem *p)
{
	const char *encoding = json_string_value(json_object_get(params, "encoding"));

	*q = (struct steps_query){
		.run = (uint64_t)integer_of(params, "run", 0),
		.from = integer_of(params, "from_step", integer_of(params, "from", 0)),
		.to = integer_of(params, "to_step", integer_of(params, "to", INT64_MAX)),
		.as_json = encoding && strcmp(encoding, "json") == 0,
		.next = -1,
	};
	if (q->from > q->to)
		return problem_set(p, PROBLEM_PARAMS,
				   json_object_get(params, "to_step") ? "/to_step" : "/to",
				   "the last step, %lld, is below the first, %lld",
				   (long long)q->to, (long long)q->from);
	return query_describe(h, q, p);
}

static int query_columns(const json_t *params, struct steps_query *q, struct problem *p)
{
	const json_t *columns = json_object_get(params, "columns"), *name;
	size_t i;

	if (!columns)
		return query_add(q, "step", p) < 0 || query_add(q, "mse_V2", p) < 0 ? -1 : 0;
	json_array_foreach(columns, i,
			   name) if (query_add(q, json_string_value(name), p) < 0) return -1;
	return 0;
}

static void query_clear(struct steps_query *q)
{
	for (size_t i = 0; i < q->n; i++)
		column_clear(&q->values[i]);
	json_decref(q->arrays);
}

/* step, mse_V2 and the columns, in the order of steps. */
static sqlite3_stmt *select_steps(struct history *h, const struct steps_query *q, struct problem *p)
{
	char sql[600] = "SELECT step, mse_V2";
	size_t used = strlen(sql);
	sqlite3_stmt *s;

	/* the names are those of our own table of columns: nobody else's text gets here */
	for (size_t i = 0; i < q->n; i++)
		used += (size_t)snprintf(sql + used, sizeof(sql) - used, ", %s",
					 q->values[i].column.name);
	snprintf(sql + used, sizeof(sql) - used,
		 " FROM steps WHERE run = ?1 AND step BETWEEN ?2 AND ?3 ORDER BY step");
	s = history_prepare(h, sql, p);
	if (s) {
		sqlite3_bind_int64(s, 1, (sqlite3_int64)q->run);
		sqlite3_bind_int64(s, 2, q->from);
		sqlite3_bind_int64(s, 3, q->to);
	}
	return s;
}

/* Is there no room for another row like those so far? */
bool steps_query_full(const struct steps_query *q)
{
	size_t bytes = 0, numbers = 0, rows = q->values[0].n;

	if (rows == 0)
		return false;
	for (size_t i = 0; i < q->n; i++) {
		numbers += q->values[i].width;
		bytes += q->values[i].width * column_item_bytes(&q->values[i]);
	}
	return q->as_json ? (rows + 1) * numbers > HISTORY_MAX_NUMBERS
			  : (rows + 1) * bytes > HISTORY_MAX_BYTES;
}

/* Every row from q->from on that fits. */
static int gather(struct history *h, struct steps_query *q, struct problem *p)
{
	sqlite3_stmt *s = select_steps(h, q, p);
	int64_t before = -1;
	int r;

	if (!s)
		return -1;
	while ((r = history_next(h, s, p)) > 0) {
		int64_t step = sqlite3_column_int64(s, 0);

		if (steps_query_full(q) || (q->consecutive && before >= 0 && step != before + 1)) {
			q->next = step;
			break;
		}
		if (before < 0)
			q->from = step;
		before = q->last = step;
		for (size_t i = 0; i < q->n && r > 0; i++)
			if (column_add(&q->values[i], s, (int)i + 2, p) < 0)
				r = -1;
		if (r < 0)
			break;
	}
	sqlite3_finalize(s);
	return r < 0 ? -1 : 0;
}

static int give(struct steps_query *q, json_t *result, json_t **ret, struct history_frames *frames,
		struct problem *p)
{
	json_t *next = q->next < 0 ? json_null() : json_integer(q->next);

	json_object_set_new(result, "next", next);
	if (columns_give(q->values, q->n, q->as_json, result, frames, p) < 0) {
		json_decref(result);
		return -1;
	}
	*ret = result;
	return 0;
}

/* ---- the range ---- */

/* The first and last step there are in the range; false: none. */
static int find_range(struct history *h, struct steps_query *q, bool *ret_any, struct problem *p)
{
	sqlite3_stmt *s = history_prepare(
		h,
		"SELECT (SELECT min(step) FROM steps WHERE run = ?1 AND step BETWEEN ?2 AND ?3),"
		" (SELECT max(step) FROM steps WHERE run = ?1 AND step BETWEEN ?2 AND ?3)",
		p);
	int r;

	if (!s)
		return -1;
	sqlite3_bind_int64(s, 1, (sqlite3_int64)q->run);
	sqlite3_bind_int64(s, 2, q->from);
	sqlite3_bind_int64(s, 3, q->to);
	r = history_next(h, s, p);
	*ret_any = r > 0 && sqlite3_column_type(s, 0) != SQLITE_NULL;
	if (*ret_any) {
		q->from = sqlite3_column_int64(s, 0);
		q->to = sqlite3_column_int64(s, 1);
	}
	sqlite3_finalize(s);
	return r < 0 ? -1 : 0;
}

/* ---- the two questions ---- */

/* Steps from the first to the last of the reply of which it holds nothing; every: of a bin. */
static json_int_t left_out(const struct steps_query *q, int64_t every)
{
	size_t n = q->n ? q->values[0].n : 0;
	const int64_t *first = (const int64_t *)(const void *)q->values[0].bytes,
		      *count = (const int64_t *)(const void *)q->values[1].bytes;
	json_int_t held = 0;

	if (n == 0)
		return 0;
	if (every == 1)
		return q->last - q->from + 1 - (json_int_t)n;
	for (size_t i = 0; i < n; i++)
		held += count[i];
	return (q->next < 0 ? q->to + 1 : q->next) - first[0] - held;
}

int history_steps(struct history *h, const json_t *params, json_t **ret,
		  struct history_frames *frames, struct problem *p)
{
	int64_t max_points = integer_of(params, "max_points", 0), every = 1, n;
	struct steps_query q;
	bool any = false;
	json_t *result;
	int r;

	if (query_init(h, params, &q, p) < 0)
		return -1;
	if (query_columns(params, &q, p) < 0 || find_range(h, &q, &any, p) < 0) {
		query_clear(&q);
		return -1;
	}
	if (any && max_points > 0)
		every = steps_query_every(&q, max_points);
	if (every > 1) {
		r = steps_query_bins(h, &q, every, p);
	} else {
		r = any ? gather(h, &q, p) : 0;
	}
	if (r == 0) {
		n = q.n ? (int64_t)q.values[0].n : 0;
		result = json_pack("{s:I, s:I, s:I, s:I, s:I}", "run", (json_int_t)q.run, "n",
				   (json_int_t)n, "every", (json_int_t)every, "keep_every",
				   q.keep_every, "left_out", left_out(&q, every));
		if (every > 1 && q.n > N_BIN_ARRAYS)
			json_object_set_new(
				result, "others",
				json_string(q.thinned ? "the value at the first step from "
							"each bin's beginning on that has "
							"a row"
						      : "the value at each bin's first step"));
		r = give(&q, result, ret, frames, p);
	}
	query_clear(&q);
	return r;
}

int history_fetch(struct history *h, const json_t *params, json_t **ret,
		  struct history_frames *frames, struct problem *p)
{
	/* of a run that was kept before descriptors were */
	static const char *const plain[] = {"t_mono_ns", "example",     "rev",   "flags",  "mse_V2",
					    "v_free_V",  "v_clamped_V", "wiper", "updated"};
	struct steps_query q;
	int r = 0;

	if (query_init(h, params, &q, p) < 0)
		return -1;
	q.consecutive = true;
	for (size_t i = 0; r == 0 && i < json_array_size(q.arrays); i++)
		r = query_add(
			&q, json_string_value(json_object_get(json_array_get(q.arrays, i), "name")),
			p);
	for (size_t i = 0; r == 0 && !q.arrays && i < sizeof(plain) / sizeof(plain[0]); i++)
		r = query_add(&q, plain[i], p);
	if (r == 0)
		r = gather(h, &q, p);
	if (r == 0)
		r = give(&q,
			 json_pack("{s:I, s:I, s:I, s:I, s:I}", "run", (json_int_t)q.run, "step",
				   (json_int_t)q.from, "n", (json_int_t)(q.n ? q.values[0].n : 0),
				   "desc", (json_int_t)q.run, "keep_every", q.keep_every),
			 ret, frames, p);
	query_clear(&q);
	return r;
}
