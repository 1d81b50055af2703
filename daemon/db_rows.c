/* daemon/db_rows.c - nudge-db runs, tests and events: rows of a table as they are. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "daemon/db_rows.h"

/* Left out unless they are asked for: blobs, and texts of many lines. */
static const char *const heavy[] = {"edges_at_stop", "task_json",       "rig_json",
				    "params_json",   "descriptor_json", "outputs_V",
				    "target_V",      "class_found",     NULL};
static const char *const brief[] = {
	"run",          "name",          "status",         "steps", "seed",   "mse_first_V2",
	"mse_final_V2", "test_final_V2", "accuracy_final", "tags",  "reason", NULL};

static bool listed(const char *const *names, const char *name)
{
	for (; *names; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

static bool wanted(const struct db_rows *query, const char *column)
{
	if (query->brief && strcmp(query->table, "runs") == 0)
		return listed(brief, column);
	return query->arrays || !listed(heavy, column);
}

/* "SELECT "run", ... FROM "runs" WHERE ... ORDER BY ..."; columns becomes what is selected. */
static char *sql_of(const struct db_rows *query, json_t *columns)
{
	bool events = strcmp(query->table, "events") == 0, first = true;
	char *sql = sqlite3_mprintf("SELECT ");
	const char *name;
	json_t *mark;
	void *next;

	json_object_foreach_safe(columns, next, name, mark)
	{
		if (!wanted(query, name)) {
			json_object_del(columns, name);
			continue;
		}
		sql = sqlite3_mprintf("%z%s\"%w\"", sql, first ? "" : ", ", name);
		first = false;
	}
	return sqlite3_mprintf("%z FROM \"%w\" WHERE (?1 = 0 OR run = ?1)%s ORDER BY %s", sql,
			       query->table, events ? " AND (?2 IS NULL OR kind = ?2)" : "",
			       events ? "id" : "1, 2");
}

/* Taps in a byte each, or resistances as doubles: eight times as long. */
static void set_edges(json_t *row, sqlite3_stmt *s, int i)
{
	int edges = (int)json_integer_value(json_object_get(row, "edges"));
	int bytes = sqlite3_column_bytes(s, i);
	json_t *list;

	for (int k = 0; edges == 0 && k < sqlite3_column_count(s); k++)
		if (strcmp(sqlite3_column_name(s, k), "edges") == 0)
			edges = sqlite3_column_int(s, k);
	if (edges == 0 || bytes != 8 * edges)
		return;
	list = json_array();
	for (int k = 0; k < edges; k++)
		json_array_append_new(
			list, db_array_item(DB_F8, sqlite3_column_blob(s, i), bytes, (size_t)k));
	json_object_set_new(row, "edges_at_stop", list);
}

static json_t *row_of(sqlite3_stmt *s)
{
	json_t *row = json_object();

	for (int i = 0; i < sqlite3_column_count(s); i++) {
		const char *name = sqlite3_column_name(s, i);

		json_object_set_new(row, name, db_value(s, i, name));
		if (strcmp(name, "edges_at_stop") == 0)
			set_edges(row, s, i);
	}
	return row;
}

static int gather(struct history *h, const struct db_rows *query, const char *sql, json_t *rows,
		  struct problem *p)
{
	sqlite3_stmt *s = history_prepare(h, sql, p);
	int r;

	if (!s)
		return -1;
	sqlite3_bind_int64(s, 1, query->run);
	if (query->kind)
		sqlite3_bind_text(s, 2, query->kind, -1, SQLITE_STATIC);
	while ((r = history_next(h, s, p)) > 0)
		json_array_append_new(rows, row_of(s));
	sqlite3_finalize(s);
	return r;
}

int db_rows(struct history *h, const struct db_rows *query, json_t **ret_columns, json_t **ret_rows,
	    struct problem *p)
{
	json_t *columns, *rows;
	char *sql;
	int r;

	if (query->run && db_need_run(h, query->run, p) < 0)
		return -1;
	columns = db_columns(h, query->table, p);
	if (!columns)
		return -1;
	sql = sql_of(query, columns);
	rows = json_array();
	r = sql ? gather(h, query, sql, rows, p)
		: problem_set(p, PROBLEM_STORAGE, "", "no memory for a question");
	sqlite3_free(sql);
	if (r < 0) {
		json_decref(columns);
		json_decref(rows);
		return -1;
	}
	*ret_columns = columns;
	*ret_rows = rows;
	return 0;
}
