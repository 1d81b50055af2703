/* daemon/history_du.c - how much room runs take, and what thinning them would free. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "daemon/filter.h"
#include "daemon/history_impl.h"
#include "daemon/store_schema.h"

#define MOST_EVERY 1000000000000000.0 /* of periods that are combined */

/* A run whose bins are all there is counted by them: of 10^7 rows that takes milliseconds, and by its rows seconds. */
#define BINS_OF_RUN "FROM step_bins b WHERE b.run = runs.run AND size = 256"
#define ALL_BINS                                                                                   \
	"json_extract(descriptor_json, '$.thinned') IS NULL"                                       \
	" AND (SELECT count(*) > 0 AND count(*) = max(bin) + 1 " BINS_OF_RUN ")"

/* Of the runs that a filter leaves over; :run is one of them or NULL.  Rows of a run are alike: the first few say how long they
 * are, with some for the numbers and the index. */
#define EACH_RUN                                                                                   \
	"SELECT run, name, status, star, ended_utc, steps, log,"                                   \
	" coalesce(json_extract(descriptor_json, '$.keep_every'), 1) AS keep_every,"               \
	" iif(" ALL_BINS ", (SELECT sum(count) " BINS_OF_RUN "), NULL) AS bin_rows,"               \
	" iif(" ALL_BINS ", (SELECT sum(count) " BINS_OF_RUN ") +"                                 \
	"  (SELECT count(*) FROM steps WHERE steps.run = runs.run"                                 \
	"   AND step >= (SELECT 256 * (max(bin) + 1) " BINS_OF_RUN ")),"                           \
	"  (SELECT count(*) FROM steps WHERE steps.run = runs.run)) AS n_rows,"                    \
	" coalesce((SELECT avg(length(source_V) + length(target_V) + length(clamp_V) +"            \
	"  length(v_free_V) + length(v_clamped_V) + length(wiper) + length(updated) +"             \
	"  coalesce(length(r_ohm), 0) + 110) FROM"                                                 \
	"  (SELECT * FROM steps WHERE steps.run = runs.run ORDER BY step LIMIT 8)), 0) AS row_B,"  \
	" (SELECT 100 * count(*) FROM step_bins b WHERE b.run = runs.run) AS bins_B,"              \
	" (SELECT coalesce(sum(coalesce(length(outputs_V), 0) + coalesce(length(target_V), 0) +"   \
	"  coalesce(length(class_found), 0) + 110), 0) FROM tests t WHERE t.run = runs.run)"       \
	"  AS tests_B,"                                                                            \
	" (SELECT coalesce(sum(coalesce(length(old), 0) + coalesce(length(new), 0) + 110), 0)"     \
	"  FROM events e WHERE e.run = runs.run) AS events_B,"                                     \
	" (SELECT 130 * count(*) FROM params q WHERE q.run = runs.run) AS params_B,"               \
	" length(task_json) + coalesce(length(rig_json), 0) + coalesce(length(params_json), 0) +"  \
	"  coalesce(length(descriptor_json), 0) + coalesce(length(edges_at_stop), 0) + 300"        \
	"  AS run_B"                                                                               \
	" FROM runs WHERE (:run IS NULL OR run = :run) AND "

static const char du_sql[] =
	"SELECT run, name, status, star, ended_utc, keep_every, steps, n_rows AS \"rows\","
	" CAST(n_rows * row_B AS INTEGER) + bins_B + tests_B + events_B + params_B + run_B AS total_B,"
	" CAST(n_rows * row_B AS INTEGER) AS steps_B, bins_B, tests_B, events_B, params_B, run_B,"
	" count(*) OVER () AS all_runs,"
	" sum(CAST(n_rows * row_B AS INTEGER) + bins_B + tests_B + events_B + params_B + run_B) OVER ()"
	"  AS all_B"
	" FROM (" EACH_RUN "%s) ORDER BY total_B DESC, run LIMIT ifnull(:limit, -1)";

static const char retain_sql[] = EACH_RUN "%s ORDER BY run";

/* ---- the file ---- */

static int ask(struct history *h, const char *sql, int64_t *ret, struct problem *p)
{
	sqlite3_stmt *s = history_prepare(h, sql, p);
	int r = s ? history_next(h, s, p) : -1;

	*ret = r > 0 ? sqlite3_column_int64(s, 0) : 0;
	sqlite3_finalize(s);
	return r < 0 ? -1 : 0;
}

static int gives_back(struct history *h, bool *ret, struct problem *p)
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
	    ask(h, "PRAGMA page_size", &page_B, p) < 0 || gives_back(h, &gives, p) < 0)
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

/* The rows of a question about the runs that params choose. */
static json_t *ask_runs(struct history *h, const char *format, const json_t *params,
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
	rows = ask_runs(h, du_sql, params, p);
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

/* ---- thinning ---- */

static json_int_t common_divisor(json_int_t a, json_int_t b)
{
	while (b) {
		json_int_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* Rows of whole bins that are neither multiples of `every` nor needed; bin_rows: in all bins, null: they must be counted. */
static int count_going(struct history *h, json_int_t run, json_int_t every, const json_t *bin_rows,
		       int64_t *ret, struct problem *p)
{
	static const char by_rows[] =
		"SELECT count(*) FROM steps WHERE run = ?1 AND step % ?2 <> 0"
		" AND step < (SELECT (max(step) + 1) / 256 * 256 FROM steps WHERE run = ?1)"
		" AND step NOT IN (" STORE_KEPT_STEPS ") AND ?3 IS NULL";
	/* all of them, but the multiples of ?2 below the last bin's end, and what is needed and no multiple */
	static const char by_bins[] =
		"WITH e (step) AS (SELECT 256 * (max(bin) + 1) FROM step_bins WHERE run = ?1)"
		" SELECT ?3 - (e.step + ?2 - 1) / ?2 - (SELECT count(*) FROM (" STORE_KEPT_STEPS
		") k WHERE k.step % ?2 <> 0 AND k.step < e.step AND EXISTS"
		" (SELECT 1 FROM steps s WHERE s.run = ?1 AND s.step = k.step)) FROM e";
	sqlite3_stmt *s = history_prepare(h, json_is_integer(bin_rows) ? by_bins : by_rows, p);
	int r;

	if (!s)
		return -1;
	sqlite3_bind_int64(s, 1, run);
	sqlite3_bind_int64(s, 2, every);
	history_bind_integer(s, "?3", bin_rows);
	r = history_next(h, s, p);
	*ret = r > 0 ? sqlite3_column_int64(s, 0) : 0;
	sqlite3_finalize(s);
	return r < 0 ? -1 : 0;
}

/* "wipers: every 100; thinned: every 1000": what it kept, and what was left of that. */
static json_t *new_log(const char *log, json_int_t every)
{
	const char *old = log ? strstr(log, "thinned: every ") : NULL;
	int n = log ? (int)(old ? old - log : (long)strlen(log)) : 0;

	while (n > 0 && (log[n - 1] == ' ' || log[n - 1] == ';'))
		n--;
	return json_sprintf("%.*s%sthinned: every %lld", n, log ? log : "", n ? "; " : "",
			    (long long)every);
}

/* Why it cannot be thinned; NULL: it can. */
static const char *unfit(const json_t *row, double after_days, bool named, double age_d)
{
	const char *status = json_string_value(json_object_get(row, "status"));

	if (!strcmp(status, "running") || !strcmp(status, "paused"))
		return "it has not ended: its rows stay until then";
	if (!strcmp(status, "queued"))
		return "it has not begun";
	if (json_integer_value(json_object_get(row, "n_rows")) == 0)
		return "it has no rows";
	if (!named && json_integer_value(json_object_get(row, "star")))
		return "it is starred: name it by its number if it is meant";
	return age_d < after_days ? "it ended too short ago" : NULL;
}

static int age_days(struct history *h, const json_t *row, double *ret, struct problem *p)
{
	sqlite3_stmt *s = history_prepare(h, "SELECT julianday('now') - julianday(?1)", p);
	int r;

	if (!s)
		return -1;
	history_bind_text(s, "?1", json_object_get(row, "ended_utc"));
	r = history_next(h, s, p);
	*ret = r > 0 && sqlite3_column_type(s, 0) != SQLITE_NULL ? sqlite3_column_double(s, 0)
								 : INFINITY;
	sqlite3_finalize(s);
	return r < 0 ? -1 : 0;
}

static void leave_alone(json_t *plan, const json_t *row, const char *why)
{
	json_array_append_new(json_object_get(plan, "left_alone"),
			      json_pack("{s:O, s:O, s:s}", "run", json_object_get(row, "run"),
					"name", json_object_get(row, "name"), "why", why));
}

static void add_to(json_t *plan, const char *name, int64_t n)
{
	json_object_set_new(plan, name,
			    json_integer(json_integer_value(json_object_get(plan, name)) + n));
}

static int plan_run(struct history *h, const json_t *params, const json_t *row, bool named,
		    json_t *plan, struct problem *p)
{
	json_int_t every = json_integer_value(json_object_get(params, "keep_every"));
	json_int_t had = json_integer_value(json_object_get(row, "keep_every"));
	json_int_t run = json_integer_value(json_object_get(row, "run"));
	double row_B = json_number_value(json_object_get(row, "row_B")), age_d;
	const char *why;
	int64_t going, bytes;

	if (age_days(h, row, &age_d, p) < 0)
		return -1;
	why = unfit(row, json_number_value(json_object_get(params, "after_days")), named, age_d);
	had = had < 1 ? 1 : had;
	every *= had / common_divisor(every, had);
	if (!why && (double)every > MOST_EVERY)
		why = "of its rows and these no step is common";
	if (why) {
		leave_alone(plan, row, why);
		return 0;
	}
	if (count_going(h, run, every, json_object_get(row, "bin_rows"), &going, p) < 0)
		return -1;
	if (going == 0) {
		leave_alone(plan, row, "nothing would go");
		return 0;
	}
	bytes = (int64_t)(row_B * (double)going);
	json_array_append_new(
		json_object_get(plan, "runs"),
		json_pack("{s:I, s:O, s:I, s:I, s:O, s:I, s:I, s:o}", "run", run, "name",
			  json_object_get(row, "name"), "keep_every", every, "kept_every", had,
			  "rows", json_object_get(row, "n_rows"), "rows_to_go", (json_int_t)going,
			  "bytes_to_go", (json_int_t)bytes, "log",
			  new_log(json_string_value(json_object_get(row, "log")), every)));
	add_to(plan, "rows_to_go", going);
	add_to(plan, "bytes_to_go", bytes);
	return 0;
}

/* A run that is named and has not ended is a mistake, and nothing is thinned. */
static int refuse_unended(const json_t *row, struct problem *p)
{
	const char *status = json_string_value(json_object_get(row, "status"));
	long long run = json_integer_value(json_object_get(row, "run"));

	if (!strcmp(status, "running") || !strcmp(status, "paused") || !strcmp(status, "queued"))
		return problem_set(p, PROBLEM_STATE, "/runs",
				   "run %lld is %s: only runs that have ended can be thinned", run,
				   status);
	return 0;
}

static int plan_named(struct history *h, const json_t *params, json_t *plan, struct problem *p)
{
	json_t *runs = json_object_get(params, "runs"), *run, *one, *rows;
	int r = 0;
	size_t i;

	json_array_foreach(runs, i, run)
	{
		for (size_t k = 0; k < i; k++)
			if (json_equal(json_array_get(runs, k), run))
				return problem_set(p, PROBLEM_PARAMS, "/runs",
						   "run %lld is named twice",
						   (long long)json_integer_value(run));
		if (history_need_run(h, (uint64_t)json_integer_value(run), p) < 0)
			return -1;
		one = json_pack("{s:O}", "run", run);
		rows = ask_runs(h, retain_sql, one, p);
		json_decref(one);
		r = rows ? refuse_unended(json_array_get(rows, 0), p) : -1;
		if (r == 0)
			r = plan_run(h, params, json_array_get(rows, 0), true, plan, p);
		json_decref(rows);
		if (r < 0)
			return r;
	}
	return 0;
}

static int plan_chosen(struct history *h, const json_t *params, json_t *plan, struct problem *p)
{
	json_t *rows = ask_runs(h, retain_sql, params, p), *row;
	int r = rows ? 0 : -1;
	size_t i;

	json_array_foreach(rows, i, row) if (r == 0) r = plan_run(h, params, row, false, plan, p);
	json_decref(rows);
	return r;
}

int history_retain(struct history *h, const json_t *params, json_t **ret, struct problem *p)
{
	json_t *plan = json_pack("{s:[], s:[], s:i, s:i}", "runs", "left_alone", "rows_to_go", 0,
				 "bytes_to_go", 0);
	bool gives = false;
	int r = json_object_get(params, "runs") ? plan_named(h, params, plan, p)
						: plan_chosen(h, params, plan, p);

	if (r == 0)
		r = gives_back(h, &gives, p);
	if (r < 0) {
		json_decref(plan);
		return -1;
	}
	json_object_set_new(plan, "gives_back", json_boolean(gives));
	*ret = plan;
	return 0;
}
