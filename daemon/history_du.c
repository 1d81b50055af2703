/* daemon/history_du.c - how much room runs take. */
#include "config.h"

#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "daemon/filter.h"
#include "daemon/history_du.h"
#include "daemon/history_impl.h"

static const char du_sql[] =
	"SELECT run, name, status, star, ended_utc, keep_every, steps, n_rows AS \"rows\","
	" CAST(n_rows * row_B AS INTEGER) + bins_B + tests_B + events_B + params_B + run_B AS total_B,"
	" CAST(n_rows * row_B AS INTEGER) AS steps_B, bins_B, tests_B, events_B, params_B, run_B,"
	" count(*) OVER () AS all_runs,"
	" sum(CAST(n_rows * row_B AS INTEGER) + bins_B + tests_B + events_B + params_B + run_B) OVER ()"
	"  AS all_B"
	" FROM (SELECT run, name, status, star, ended_utc, steps, " HISTORY_DU_ROWS ","
	"  (SELECT 100 * count(*) FROM step_bins b WHERE b.run = runs.run) AS bins_B,"
	"  (SELECT coalesce(sum(coalesce(length(outputs_V), 0) + coalesce(length(target_V), 0) +"
	"   coalesce(length(class_found), 0) + 110), 0) FROM tests t WHERE t.run = runs.run)"
	"   AS tests_B,"
	"  (SELECT coalesce(sum(coalesce(length(old), 0) + coalesce(length(new), 0) + 110), 0)"
	"   FROM events e WHERE e.run = runs.run) AS events_B,"
	"  (SELECT 130 * count(*) FROM params q WHERE q.run = runs.run) AS params_B,"
	"  length(task_json) + coalesce(length(rig_json), 0) + coalesce(length(params_json), 0) +"
	"   coalesce(length(descriptor_json), 0) + coalesce(length(edges_at_stop), 0) + 300 AS run_B"
	"  FROM runs WHERE (:run IS NULL OR run = :run) AND %s)"
	" ORDER BY total_B DESC, run LIMIT ifnull(:limit, -1)";

/* ---- the file ---- */

static int ask(struct history *h, const char *sql, int64_t *ret, struct problem *p)
{
	sqlite3_stmt *s = history_prepare(h, sql, p);
	int r = s ? history_next(h, s, p) : -1;

	*ret = r > 0 ? sqlite3_column_int64(s, 0) : 0;
	sqlite3_finalize(s);
	return r < 0 ? -1 : 0;
}

int history_gives_back(struct history *h, bool *ret, struct problem *p)
{
	int64_t mode;
	int r = ask(h, "PRAGMA auto_vacuum", &mode, p);

	*ret = mode != 0;
	return r;
}

static int add_file(struct history *h, json_t *result, struct problem *p)
{
	const char *file = sqlite3_db_filename(h->db, "main");
	int64_t pages, unused, page_B;
	struct statvfs fs;
	struct stat st;
	char log[4096];
	bool gives;

	if (ask(h, "PRAGMA page_count", &pages, p) < 0 ||
	    ask(h, "PRAGMA freelist_count", &unused, p) < 0 ||
	    ask(h, "PRAGMA page_size", &page_B, p) < 0 || history_gives_back(h, &gives, p) < 0)
		return -1;
	json_object_set_new(result, "file_B", json_integer(pages * page_B));
	json_object_set_new(result, "free_in_file_B", json_integer(unused * page_B));
	snprintf(log, sizeof(log), "%s-wal", file);
	json_object_set_new(result, "log_B", json_integer(stat(log, &st) == 0 ? st.st_size : 0));
	json_object_set_new(result, "disk_free_B",
			    statvfs(file, &fs) == 0
				    ? json_integer((json_int_t)(fs.f_bavail * fs.f_frsize))
				    : json_null());
	json_object_set_new(result, "gives_back", json_boolean(gives));
	return 0;
}

/* ---- runs ---- */

json_t *history_ask_runs(struct history *h, const char *format, const json_t *params,
			 struct problem *p)
{
	const char *where = json_string_value(json_object_get(params, "where"));
	struct filter *filter = NULL;
	sqlite3_stmt *s = NULL;
	json_t *rows = NULL;
	char *sql;

	if (where && filter_parse(where, &filter, p) < 0)
		return NULL;
	sql = sqlite3_mprintf(format, filter ? filter_sql(filter) : "1");
	s = sql ? history_prepare(h, sql, p) : NULL;
	sqlite3_free(sql);
	if (s) {
		history_bind_integer(s, ":run", json_object_get(params, "run"));
		history_bind_integer(s, ":limit", json_object_get(params, "limit"));
		if (filter && filter_bind(filter, s) != SQLITE_OK) {
			history_fail(h, p);
			sqlite3_finalize(s);
		} else {
			rows = history_rows(h, s, SIZE_MAX, NULL, p);
		}
	}
	filter_free(filter);
	return rows;
}

/* Of each row, and the same in each: taken out of all of them. */
static json_t *take_out(json_t *rows, const char *name)
{
	json_t *value = json_incref(json_object_get(json_array_get(rows, 0), name)), *row;
	size_t i;

	json_array_foreach(rows, i, row) json_object_del(row, name);
	return value ? value : json_integer(0);
}

int history_du(struct history *h, const json_t *params, json_t **ret, struct problem *p)
{
	uint64_t run = (uint64_t)json_integer_value(json_object_get(params, "run"));
	json_t *rows, *result;

	if (run && history_need_run(h, run, p) < 0)
		return -1;
	rows = history_ask_runs(h, du_sql, params, p);
	if (!rows)
		return -1;
	result = json_pack("{s:O, s:o, s:o}", "rows", rows, "runs", take_out(rows, "all_runs"),
			   "total_B", take_out(rows, "all_B"));
	json_decref(rows);
	if (add_file(h, result, p) < 0) {
		json_decref(result);
		return -1;
	}
	*ret = result;
	return 0;
}
