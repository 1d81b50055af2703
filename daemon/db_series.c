/* daemon/db_series.c - nudge-db series: columns of the steps of a run. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/db_series.h"

#define MOST_COLUMNS 256

struct wanted {
	char name[64]; /* as asked for: "v_free_V[2]" */
	char column[64];
	bool indexed;
	size_t index;
	size_t width;   /* of a whole array, in the first row */
	json_t *values; /* for JSON */
};

struct series {
	struct history *h;
	const struct db_series *query;
	enum db_format format;
	size_t edges; /* bits of `updated` that mean something; 0: not known */
	size_t n;
	struct wanted wanted[MOST_COLUMNS];
};

static int no_column(const json_t *columns, const char *name, struct problem *p)
{
	char all[256] = "";
	const char *column;
	json_t *mark;

	json_object_foreach((json_t *)columns, column, mark)
	{
		size_t used = strlen(all);

		snprintf(all + used, sizeof(all) - used, "%s%s", used ? ", " : "", column);
	}
	return problem_set(p, PROBLEM_PARAMS, "", "steps have no column \"%s\"; they have %s", name,
			   all);
}

/* "v_free_V[2]" */
static int parse_one(const char *text, size_t n, const json_t *columns, struct wanted *ret,
		     struct problem *p)
{
	unsigned long index;
	char *bracket, *end;

	if (n == 0 || n >= sizeof(ret->name))
		return problem_set(p, PROBLEM_PARAMS, "",
				   "--columns: \"%.*s\" is no column; separate them by commas",
				   (int)(n < 80 ? n : 80), text);
	*ret = (struct wanted){0};
	memcpy(ret->name, text, n);
	memcpy(ret->column, text, n);
	bracket = strchr(ret->column, '[');
	if (bracket) {
		index = strtoul(bracket + 1, &end, 10);
		if (end == bracket + 1 || strcmp(end, "]") != 0)
			return problem_set(
				p, PROBLEM_PARAMS, "",
				"--columns: \"%s\": expected an index, as in v_free_V[0]",
				ret->name);
		*bracket = '\0';
		ret->indexed = true;
		ret->index = index;
	}
	return json_object_get(columns, ret->column) ? 0 : no_column(columns, ret->column, p);
}

static int parse(struct series *series, const json_t *columns, struct problem *p)
{
	const char *at = series->query->columns;

	for (;;) {
		size_t n = strcspn(at, ",");

		if (series->n == MOST_COLUMNS)
			return problem_set(p, PROBLEM_PARAMS, "", "--columns: more than %d",
					   MOST_COLUMNS);
		if (parse_one(at, n, columns, &series->wanted[series->n++], p) < 0)
			return -1;
		if (!at[n])
			return 0;
		at += n + 1;
	}
}

static sqlite3_stmt *select_steps(struct series *series, struct problem *p)
{
	char *sql = sqlite3_mprintf("SELECT ");
	sqlite3_stmt *s = NULL;

	for (size_t i = 0; i < series->n; i++)
		sql = sqlite3_mprintf("%z%s\"%w\"", sql, i ? ", " : "", series->wanted[i].column);
	sql = sqlite3_mprintf("%z FROM steps WHERE run = ?1 AND step BETWEEN ?2 AND ?3"
			      " AND step %% ?4 = 0 ORDER BY step",
			      sql);
	if (sql)
		s = history_prepare(series->h, sql, p);
	else
		problem_set(p, PROBLEM_STORAGE, "", "no memory for a question");
	sqlite3_free(sql);
	if (!s)
		return NULL;
	sqlite3_bind_int64(s, 1, series->query->run);
	sqlite3_bind_int64(s, 2, series->query->from);
	sqlite3_bind_int64(s, 3, series->query->to);
	sqlite3_bind_int64(s, 4, series->query->every);
	return s;
}

/* Of a row's blob: how many items a whole array has. */
static size_t length_of(const struct series *series, const struct wanted *w, sqlite3_stmt *s, int i)
{
	enum db_array type = db_array_of(w->column);
	size_t n = db_array_length(type, sqlite3_column_bytes(s, i));

	return type == DB_BITS && series->edges && series->edges < n ? series->edges : n;
}

/* One item, or all as a list */
static int value_of(const struct series *series, const struct wanted *w, sqlite3_stmt *s, int i,
		    json_t **ret, struct problem *p)
{
	bool blob = sqlite3_column_type(s, i) == SQLITE_BLOB;
	enum db_array type = db_array_of(w->column);
	const void *bytes;
	int n_bytes;
	size_t n;

	if (!blob && w->indexed && sqlite3_column_type(s, i) != SQLITE_NULL)
		return problem_set(p, PROBLEM_PARAMS, "",
				   "--columns: %s: %s is one number a step, not an array", w->name,
				   w->column);
	if (!blob) {
		*ret = db_value(s, i, w->column);
		return 0;
	}
	bytes = sqlite3_column_blob(s, i);
	n_bytes = sqlite3_column_bytes(s, i);
	n = length_of(series, w, s, i);
	if (w->indexed) {
		if (w->index >= n && n > 0)
			return problem_set(
				p, PROBLEM_PARAMS, "",
				"--columns: %s: %s has %zu values in run %lld, from 0 on", w->name,
				w->column, n, (long long)series->query->run);
		*ret = db_array_item(type, bytes, n_bytes, w->index);
		return 0;
	}
	*ret = json_array();
	for (size_t k = 0; k < n; k++)
		json_array_append_new(*ret, db_array_item(type, bytes, n_bytes, k));
	return 0;
}

/* ---- CSV, row by row ---- */

static void print_heads(struct series *series, sqlite3_stmt *s)
{
	for (size_t i = 0; i < series->n; i++) {
		struct wanted *w = &series->wanted[i];

		if (w->indexed || !s || sqlite3_column_type(s, (int)i) != SQLITE_BLOB) {
			printf("%s%s", i ? "," : "", w->name);
			continue;
		}
		w->width = length_of(series, w, s, (int)i);
		for (size_t k = 0; k < w->width; k++)
			printf("%s%s[%zu]", i || k ? "," : "", w->name, k);
	}
	putchar('\n');
}

/* A row whose array the run's log left out has empty cells there. */
static int print_line(const struct series *series, sqlite3_stmt *s, struct problem *p)
{
	for (size_t i = 0; i < series->n; i++) {
		const struct wanted *w = &series->wanted[i];
		json_t *value;

		if (value_of(series, w, s, (int)i, &value, p) < 0)
			return -1;
		if (i)
			putchar(',');
		if (!json_is_array(value))
			db_print_cell(value);
		for (size_t k = 0; k < w->width; k++) {
			if (k)
				putchar(',');
			db_print_cell(json_array_get(value, k));
		}
		json_decref(value);
	}
	putchar('\n');
	return 0;
}

static int print_csv(struct series *series, sqlite3_stmt *s, struct problem *p)
{
	bool heads = false;
	int r;

	while ((r = history_next(series->h, s, p)) > 0) {
		if (!heads)
			print_heads(series, s);
		heads = true;
		if (print_line(series, s, p) < 0)
			return -1;
	}
	if (r == 0 && !heads)
		print_heads(series, NULL);
	return r;
}

/* ---- JSON, column by column ---- */

static int print_json(struct series *series, sqlite3_stmt *s, struct problem *p)
{
	json_t *columns = json_object(), *value, *result;
	size_t n = 0;
	int r;

	for (size_t i = 0; i < series->n; i++) {
		series->wanted[i].values = json_array();
		json_object_set_new(columns, series->wanted[i].name, series->wanted[i].values);
	}
	while ((r = history_next(series->h, s, p)) > 0) {
		for (size_t i = 0; i < series->n && r > 0; i++) {
			r = value_of(series, &series->wanted[i], s, (int)i, &value, p) < 0 ? -1 : 1;
			if (r > 0)
				json_array_append_new(series->wanted[i].values, value);
		}
		if (r < 0)
			break;
		n++;
	}
	result = json_pack("{s:I, s:I, s:o}", "run", (json_int_t)series->query->run, "n",
			   (json_int_t)n, "columns", columns);
	if (r == 0) {
		json_dumpf(result, stdout, JSON_COMPACT);
		putchar('\n');
	}
	json_decref(result);
	return r;
}

static int print(struct series *series, struct problem *p)
{
	sqlite3_stmt *s = select_steps(series, p);
	int r;

	if (!s)
		return -1;
	r = series->format == DB_JSON ? print_json(series, s, p) : print_csv(series, s, p);
	sqlite3_finalize(s);
	return r;
}

int db_series(struct history *h, const struct db_series *query, enum db_format format,
	      struct problem *p)
{
	struct series *series = calloc(1, sizeof(*series));
	json_t *columns = NULL, *row = NULL;
	int r = -1;

	if (!series)
		return problem_set(p, PROBLEM_STORAGE, "", "no memory for a question");
	series->h = h;
	series->query = query;
	series->format = format;
	if (db_need_run(h, query->run, p) == 0 &&
	    history_one_row(h, (uint64_t)query->run, "SELECT edges FROM runs WHERE run = ?1", &row,
			    p) == 0 &&
	    (columns = db_columns(h, "steps", p)) && parse(series, columns, p) == 0) {
		series->edges = (size_t)json_integer_value(json_object_get(row, "edges"));
		r = print(series, p);
	}
	json_decref(row);
	json_decref(columns);
	free(series);
	return r;
}
