/* daemon/db_merge_rows.c - copies rows between two databases, columns by name, runs by their new numbers. */
#include "config.h"

#include <string.h>

#include "daemon/db_merge_impl.h"

/* A table's rows on their way: what is read here, what is written there. */
struct route {
	struct db_merge *m;
	const char *table;
	json_t *columns;    /* of the input: {name: true}; without the row's own number `id` */
	sqlite3_stmt *from; /* selects them in this order */
	sqlite3_stmt *into; /* inserts them */
	sqlite3_stmt *same; /* asks for an equal row; NULL: nobody wants to know */
	int run_column;     /* place of `run` among them; -1: none */
};

static void route_close(struct route *route)
{
	sqlite3_finalize(route->from);
	sqlite3_finalize(route->into);
	sqlite3_finalize(route->same);
	json_decref(route->columns);
}

static char *join(const json_t *columns, const char *format, const char *between)
{
	char *text = NULL;
	const char *name;
	json_t *mark;
	int i = 0;

	json_object_foreach((json_t *)columns, name, mark)
	{
		char *one = sqlite3_mprintf(format, name, i + 1);

		/* not an empty %z before another: SQLite 3.40 forgets to free it */
		text = i++ ? sqlite3_mprintf("%z%s%z", text, between, one) : one;
	}
	return text;
}

#define COLUMN_NAME   "\"%w\""
#define COLUMN_NUMBER "%.0s?%d" /* the name is not printed */

static int out_prepare(struct route *route, char *sql, sqlite3_stmt **ret, struct problem *p)
{
	int r = SQLITE_NOMEM;

	if (sql)
		r = sqlite3_prepare_v2(route->m->out, sql, -1, ret, NULL);
	sqlite3_free(sql);
	return r == SQLITE_OK ? 0 : db_merge_fail(route->m, p);
}

static int prepare_from(struct route *route, bool by_id, const char *where, struct problem *p)
{
	char *names = join(route->columns, COLUMN_NAME, ", ");
	char *sql = sqlite3_mprintf("SELECT %z FROM \"%w\" WHERE %s%s", names, route->table, where,
				    by_id ? " ORDER BY id" : "");

	if (!sql)
		return problem_set(p, PROBLEM_STORAGE, "", "no memory for a statement");
	route->from = history_prepare(route->m->in, sql, p);
	sqlite3_free(sql);
	return route->from ? 0 : -1;
}

static int prepare_into(struct route *route, struct problem *p)
{
	char *names = join(route->columns, COLUMN_NAME, ", ");
	char *numbers = join(route->columns, COLUMN_NUMBER, ", ");

	return out_prepare(route,
			   sqlite3_mprintf("INSERT INTO \"%w\" (%z) VALUES (%z)", route->table,
					   names, numbers),
			   &route->into, p);
}

/* besides: a column that may differ; NULL: none */
static int prepare_same(struct route *route, const char *besides, struct problem *p)
{
	char *sql = sqlite3_mprintf("SELECT 1 FROM \"%w\" WHERE TRUE", route->table);
	const char *name;
	json_t *mark;
	int i = 0;

	json_object_foreach(route->columns, name, mark)
	{
		i++;
		if (!besides || strcmp(name, besides) != 0)
			sql = sqlite3_mprintf("%z AND \"%w\" IS ?%d", sql, name, i);
	}
	return out_prepare(route, sql, &route->same, p);
}

/* where: which rows, with ?1 a run.  besides: as above, and then equal rows are looked for. */
static int route_open(struct db_merge *m, const char *table, const char *where, struct route *ret,
		      struct problem *p)
{
	bool by_id;
	const char *name;
	json_t *mark;
	int i = 0;

	*ret = (struct route){.m = m, .table = table, .run_column = -1};
	ret->columns = db_columns(m->in, table, p);
	if (!ret->columns)
		return -1;
	by_id = json_object_del(ret->columns, "id") == 0;
	json_object_foreach(ret->columns, name, mark)
	{
		if (strcmp(name, "run") == 0)
			ret->run_column = i;
		i++;
	}
	return prepare_from(ret, by_id, where, p) < 0 || prepare_into(ret, p) < 0 ? -1 : 0;
}

static void bind_row(sqlite3_stmt *into, const struct route *route, int64_t out_run)
{
	for (int i = 0; i < sqlite3_column_count(route->from); i++)
		sqlite3_bind_value(into, i + 1, sqlite3_column_value(route->from, i));
	if (route->run_column < 0)
		return;
	if (out_run > 0)
		sqlite3_bind_int64(into, route->run_column + 1, out_run);
	else
		sqlite3_bind_null(into, route->run_column + 1);
}

static int write_row(struct route *route, struct problem *p)
{
	int r = sqlite3_step(route->into);

	sqlite3_reset(route->into);
	return r == SQLITE_DONE ? 0 : db_merge_fail(route->m, p);
}

/* 1: there is a row like the one at hand; 0: no; -1 and *p */
static int is_there(struct route *route, int64_t out_run, struct problem *p)
{
	int r;

	bind_row(route->same, route, out_run);
	r = sqlite3_step(route->same);
	sqlite3_reset(route->same);
	if (r != SQLITE_ROW && r != SQLITE_DONE)
		return db_merge_fail(route->m, p);
	return r == SQLITE_ROW;
}

static int copy_of_run(struct route *route, const struct db_merge_run *run, struct problem *p)
{
	int r;

	sqlite3_reset(route->from);
	sqlite3_bind_int64(route->from, 1, run->in);
	while ((r = history_next(route->m->in, route->from, p)) > 0) {
		bind_row(route->into, route, run->out);
		if (write_row(route, p) < 0)
			return -1;
	}
	return r;
}

/* ---- runs and what is theirs ---- */

/* The record's description names the run, too. */
static int renumber_descriptor(struct db_merge *m, const struct db_merge_run *run,
			       struct problem *p)
{
	sqlite3_stmt *s;
	int r;

	if (sqlite3_prepare_v2(m->out,
			       "UPDATE runs SET descriptor_json ="
			       " json_replace(descriptor_json, '$.desc', ?1, '$.run', ?1)"
			       " WHERE run = ?1 AND descriptor_json IS NOT NULL",
			       -1, &s, NULL) != SQLITE_OK)
		return db_merge_fail(m, p);
	sqlite3_bind_int64(s, 1, run->out);
	r = sqlite3_step(s);
	sqlite3_finalize(s);
	return r == SQLITE_DONE ? 0 : db_merge_fail(m, p);
}

int db_merge_run_row(struct db_merge *m, const struct db_merge_run *run, struct problem *p)
{
	struct route route;
	int r = route_open(m, "runs", "run = ?1", &route, p);

	if (r == 0)
		r = copy_of_run(&route, run, p);
	route_close(&route);
	return r == 0 && run->in != run->out ? renumber_descriptor(m, run, p) : r;
}

static int copy_table(struct db_merge *m, const char *table, struct problem *p)
{
	struct route route;
	int r = route_open(m, table, "run = ?1", &route, p);

	for (size_t i = 0; i < m->n_runs && r == 0; i++)
		if (m->runs[i].added)
			r = copy_of_run(&route, &m->runs[i], p);
	route_close(&route);
	return r;
}

int db_merge_of_runs(struct db_merge *m, struct problem *p)
{
	/* checkpoints and calibrations name a run, and outlive it */
	sqlite3_stmt *s = history_prepare(
		m->in,
		"SELECT name FROM sqlite_schema AS t WHERE type = 'table' AND name NOT IN"
		" ('runs', 'checkpoints', 'calibrations') AND EXISTS (SELECT 1 FROM"
		" pragma_table_info(t.name) AS c WHERE c.name = 'run') ORDER BY name",
		p);
	int r;

	if (!s)
		return -1;
	while ((r = history_next(m->in, s, p)) > 0)
		if (copy_table(m, (const char *)sqlite3_column_text(s, 0), p) < 0) {
			r = -1;
			break;
		}
	sqlite3_finalize(s);
	return r;
}

/* ---- what is nobody's ---- */

static int64_t out_run_of(const struct db_merge *m, int64_t in)
{
	for (size_t i = 0; i < m->n_runs; i++)
		if (m->runs[i].in == in)
			return m->runs[i].out;
	return 0;
}

/* A checkpoint's name that nobody has: "NAME", "NAME 2", ... into the row to be written. */
static int free_name(struct route *route, struct problem *p)
{
	char *name = sqlite3_mprintf("%s", sqlite3_column_text(route->from, 0));
	sqlite3_stmt *s = NULL;
	int r = SQLITE_NOMEM;

	if (name && sqlite3_prepare_v2(route->m->out, "SELECT 1 FROM checkpoints WHERE name = ?1",
				       -1, &s, NULL) == SQLITE_OK)
		for (int i = 2; name; i++) {
			sqlite3_reset(s);
			sqlite3_bind_text(s, 1, name, -1, SQLITE_TRANSIENT);
			r = sqlite3_step(s);
			if (r != SQLITE_ROW)
				break;
			sqlite3_free(name);
			name = sqlite3_mprintf("%s %d", sqlite3_column_text(route->from, 0), i);
		}
	sqlite3_finalize(s);
	if (r == SQLITE_DONE)
		sqlite3_bind_text(route->into, 1, name, -1, SQLITE_TRANSIENT);
	sqlite3_free(name);
	return r == SQLITE_DONE ? 0 : db_merge_fail(route->m, p);
}

/* Rows that are not there yet.  besides: a column that is no part of what they are, the first one. */
static int copy_new(struct db_merge *m, const char *table, const char *where, const char *besides,
		    struct problem *p)
{
	struct route route;
	int r = route_open(m, table, where, &route, p);

	if (r == 0)
		r = prepare_same(&route, besides, p);
	if (r == 0)
		while ((r = history_next(m->in, route.from, p)) > 0) {
			int64_t run = route.run_column < 0
					      ? 0
					      : sqlite3_column_int64(route.from, route.run_column);

			run = run > 0 ? out_run_of(m, run) : 0;
			r = is_there(&route, run, p);
			if (r > 0)
				continue;
			bind_row(route.into, &route, run);
			if (r < 0 || (besides && free_name(&route, p) < 0) ||
			    write_row(&route, p) < 0) {
				r = -1;
				break;
			}
		}
	route_close(&route);
	return r;
}

int db_merge_others(struct db_merge *m, struct problem *p)
{
	static const struct {
		const char *table, *where, *besides;
	} others[] = {
		{"events", "run IS NULL", NULL},
		{"audit", "run IS NULL", NULL},
		{"calibrations", "TRUE", NULL},
		{"checkpoints", "TRUE", "name"},
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (copy_new(m, others[i].table, others[i].where, others[i].besides, p) < 0)
			return -1;
	return 0;
}
