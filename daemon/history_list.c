/* daemon/history_list.c - which runs: chosen by a filter, in an order, page by page. */
#include "config.h"

#include <string.h>

#include "daemon/filter.h"
#include "daemon/history_impl.h"

/* A member of params, or else of its `where`. */
static const json_t *wanted(const json_t *params, const char *name)
{
	const json_t *value = json_object_get(params, name);

	return value ? value : json_object_get(json_object_get(params, "where"), name);
}

/* Runs come by what they are ordered by, those without a value last, and by their number among equals: so a page goes on
 * exactly behind a run, also if there are others with its value. */
static char *page_sql(const struct filter *filter, const struct filter_order *order)
{
	const char *by = order->sql, *way = order->descending ? "DESC" : "ASC";
	char beyond = order->descending ? '<' : '>';

	return sqlite3_mprintf(
		"SELECT " HISTORY_RUN_COLUMNS " FROM runs"
		" WHERE (:status IS NULL OR status = :status)"
		" AND (:task IS NULL OR task = :task) AND (:kind IS NULL OR kind = :kind)"
		" AND (:tag IS NULL OR EXISTS (SELECT 1 FROM json_each(tags) t WHERE t.value = :tag))"
		" AND %s"
		" AND (:after IS NULL OR (:value IS NOT NULL AND %s IS NULL) OR %s %c :value"
		"  OR (%s IS :value AND run %c :after))"
		" ORDER BY %s IS NULL, %s %s, run %s LIMIT :limit + 1",
		filter ? filter_sql(filter) : "1", by, by, beyond, by, beyond, by, by, way, way);
}

/* By number alone its index does it all. */
static char *numbered_sql(const struct filter *filter, const struct filter_order *order)
{
	char beyond = order->descending ? '<' : '>';

	return sqlite3_mprintf(
		"SELECT " HISTORY_RUN_COLUMNS " FROM runs"
		" WHERE run %c coalesce(:after, %s) AND (:status IS NULL OR status = :status)"
		" AND (:task IS NULL OR task = :task) AND (:kind IS NULL OR kind = :kind)"
		" AND (:tag IS NULL OR EXISTS (SELECT 1 FROM json_each(tags) t WHERE t.value = :tag))"
		" AND %s ORDER BY run %s LIMIT :limit + 1",
		beyond, order->descending ? "9223372036854775807" : "0",
		filter ? filter_sql(filter) : "1", order->descending ? "DESC" : "ASC");
}

/* What the run that the page goes on behind has in the field of the order. */
static int bind_place(struct history *h, sqlite3_stmt *s, const struct filter_order *order,
		      const json_t *after, struct problem *p)
{
	char *sql = sqlite3_mprintf("SELECT %s FROM runs WHERE run = ?1", order->sql);
	sqlite3_stmt *place = sql ? history_prepare(h, sql, p) : NULL;
	int r;

	sqlite3_free(sql);
	if (!place)
		return -1;
	sqlite3_bind_int64(place, 1, (sqlite3_int64)json_number_value(after));
	r = history_next(h, place, p);
	if (r > 0)
		sqlite3_bind_value(s, sqlite3_bind_parameter_index(s, ":value"),
				   sqlite3_column_value(place, 0));
	sqlite3_finalize(place);
	if (r == 0)
		return problem_set(p, PROBLEM_NOT_FOUND, "/after",
				   "there is no run %lld to go on behind",
				   (long long)json_number_value(after));
	return r < 0 ? -1 : 0;
}

static int bind(struct history *h, sqlite3_stmt *s, const json_t *params,
		const struct filter *filter, const struct filter_order *order, struct problem *p)
{
	const json_t *after = json_object_get(params, "after");

	history_bind_text(s, ":status", wanted(params, "status"));
	history_bind_text(s, ":task", wanted(params, "task"));
	history_bind_text(s, ":kind", wanted(params, "kind"));
	history_bind_text(s, ":tag", wanted(params, "tag"));
	history_bind_integer(s, ":after", after);
	if (filter && filter_bind(filter, s) != SQLITE_OK)
		return history_fail(h, p);
	if (after && strcmp(order->sql, "run") != 0)
		return bind_place(h, s, order, after, p);
	return 0;
}

static int list(struct history *h, const json_t *params, const struct filter *filter,
		const struct filter_order *order, json_t **ret, struct problem *p)
{
	char *sql = strcmp(order->sql, "run") == 0 ? numbered_sql(filter, order)
						   : page_sql(filter, order);
	sqlite3_stmt *s = sql ? history_prepare(h, sql, p) : NULL;

	sqlite3_free(sql);
	if (!s)
		return -1;
	if (bind(h, s, params, filter, order, p) < 0) {
		sqlite3_finalize(s);
		return -1;
	}
	return history_page(h, s, params, "run", ret, p);
}

int history_runs(struct history *h, const json_t *params, json_t **ret, struct problem *p)
{
	const char *by = json_string_value(json_object_get(params, "order"));
	const char *where = json_string_value(json_object_get(params, "where"));
	struct filter_order order;
	struct filter *filter = NULL;
	int r;

	if (filter_order(by ? by : "newest", &order, p) < 0 ||
	    (where && filter_parse(where, &filter, p) < 0))
		return -1;
	r = list(h, params, filter, &order, ret, p);
	filter_free(filter);
	return r;
}
