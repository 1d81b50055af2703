/* daemon/history_retain.c - which rows would go if runs were thinned, and which runs are left alone. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "daemon/history_du.h"
#include "daemon/history_impl.h"
#include "daemon/store_schema.h"

#define MOST_EVERY 1000000000000000.0 /* of periods that are combined */

static json_int_t common_divisor(json_int_t a, json_int_t b)
{
	while (b) {
		json_int_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

struct plan {
	struct history *h;
	const json_t *params;
	json_t *forks;                   /* {"RUN": "[step, ...]"}: where others began in it */
	sqlite3_stmt *by_bins, *by_rows; /* how many rows would go */
	json_t *result;
};

/* ?1 run, ?2 every, ?3 rows in all bins, ?4 where others began.  Rows of whole bins that are neither multiples of ?2 nor
 * needed. */
#define NEEDED STORE_KEPT_ENDS " UNION SELECT value FROM json_each(?4)"
static const char by_rows_sql[] =
	"SELECT count(*) FROM steps WHERE run = ?1 AND step % ?2 <> 0"
	" AND step < (SELECT (max(step) + 1) / 256 * 256 FROM steps WHERE run = ?1)"
	" AND step NOT IN (" NEEDED ") AND ?3 IS NULL";
/* All of them, but the multiples of ?2 below the last bin's end, and what is needed and no multiple. */
static const char by_bins_sql[] =
	"WITH e (step) AS (SELECT 256 * (max(bin) + 1) FROM step_bins WHERE run = ?1)"
	" SELECT ?3 - (e.step + ?2 - 1) / ?2 - (SELECT count(*) FROM (" NEEDED ") k"
	" WHERE k.step % ?2 <> 0 AND k.step < e.step AND EXISTS"
	" (SELECT 1 FROM steps s WHERE s.run = ?1 AND s.step = k.step)) FROM e";

static const char forks_sql[] =
	"SELECT json_extract(new, '$.run') AS run, json_group_array(json_extract(new, '$.step')) AS at"
	" FROM audit WHERE what = 'run.fork' AND json_extract(new, '$.step') IS NOT NULL"
	" AND json_extract(new, '$.run') IS NOT NULL GROUP BY 1";

static const char runs_sql[] =
	"SELECT run, name, status, star, log, julianday('now') - julianday(ended_utc) AS age_d,"
	" iif(" HISTORY_DU_ALL_BINS ", (SELECT sum(count) " HISTORY_DU_BINS "), NULL) AS bin_rows,"
	" " HISTORY_DU_ROWS " FROM runs WHERE (:run IS NULL OR run = :run) AND %s ORDER BY run";

static int find_forks(struct plan *plan, struct problem *p)
{
	sqlite3_stmt *s = history_prepare(plan->h, forks_sql, p);
	int r = s ? 1 : -1;

	plan->forks = json_object();
	while (r > 0 && (r = history_next(plan->h, s, p)) > 0)
		json_object_set_new(plan->forks, (const char *)sqlite3_column_text(s, 0),
				    json_string((const char *)sqlite3_column_text(s, 1)));
	sqlite3_finalize(s);
	return r;
}

static int count_going(struct plan *plan, json_int_t run, json_int_t every, const json_t *bin_rows,
		       int64_t *ret, struct problem *p)
{
	sqlite3_stmt *s = json_is_integer(bin_rows) ? plan->by_bins : plan->by_rows;
	const char *forks;
	char key[24];
	int r;

	snprintf(key, sizeof(key), "%lld", (long long)run);
	forks = json_string_value(json_object_get(plan->forks, key));
	sqlite3_bind_int64(s, 1, run);
	sqlite3_bind_int64(s, 2, every);
	history_bind_integer(s, "?3", bin_rows);
	sqlite3_bind_text(s, 4, forks ? forks : "[]", -1, SQLITE_STATIC);
	r = history_next(plan->h, s, p);
	*ret = r > 0 ? sqlite3_column_int64(s, 0) : 0;
	sqlite3_reset(s);
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

static void leave_alone(const struct plan *plan, const json_t *row, const char *why)
{
	json_array_append_new(json_object_get(plan->result, "left_alone"),
			      json_pack("{s:O, s:O, s:s}", "run", json_object_get(row, "run"),
					"name", json_object_get(row, "name"), "why", why));
}

static void add_to(json_t *result, const char *name, int64_t n)
{
	json_object_set_new(result, name,
			    json_integer(json_integer_value(json_object_get(result, name)) + n));
}

static int plan_run(struct plan *plan, const json_t *row, bool named, struct problem *p)
{
	json_int_t every = json_integer_value(json_object_get(plan->params, "keep_every"));
	json_int_t had = json_integer_value(json_object_get(row, "keep_every"));
	json_int_t run = json_integer_value(json_object_get(row, "run"));
	double row_B = json_number_value(json_object_get(row, "row_B"));
	double after_days = json_number_value(json_object_get(plan->params, "after_days"));
	const json_t *age = json_object_get(row, "age_d");
	const char *why;
	int64_t going, bytes;

	why = unfit(row, after_days, named,
		    json_is_number(age) ? json_number_value(age) : INFINITY);
	had = had < 1 ? 1 : had;
	every *= had / common_divisor(every, had);
	if (!why && (double)every > MOST_EVERY)
		why = "of its rows and these no step is common";
	if (why) {
		leave_alone(plan, row, why);
		return 0;
	}
	if (count_going(plan, run, every, json_object_get(row, "bin_rows"), &going, p) < 0)
		return -1;
	if (going == 0) {
		leave_alone(plan, row, "nothing would go");
		return 0;
	}
	bytes = (int64_t)(row_B * (double)going);
	json_array_append_new(
		json_object_get(plan->result, "runs"),
		json_pack("{s:I, s:O, s:I, s:I, s:O, s:I, s:I, s:o}", "run", run, "name",
			  json_object_get(row, "name"), "keep_every", every, "kept_every", had,
			  "rows", json_object_get(row, "n_rows"), "rows_to_go", (json_int_t)going,
			  "bytes_to_go", (json_int_t)bytes, "log",
			  new_log(json_string_value(json_object_get(row, "log")), every)));
	add_to(plan->result, "rows_to_go", going);
	add_to(plan->result, "bytes_to_go", bytes);
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

static int plan_named(struct plan *plan, struct problem *p)
{
	json_t *runs = json_object_get(plan->params, "runs"), *run, *one, *rows;
	int r = 0;
	size_t i;

	json_array_foreach(runs, i, run)
	{
		for (size_t k = 0; k < i; k++)
			if (json_equal(json_array_get(runs, k), run))
				return problem_set(p, PROBLEM_PARAMS, "/runs",
						   "run %lld is named twice",
						   (long long)json_integer_value(run));
		if (history_need_run(plan->h, (uint64_t)json_integer_value(run), p) < 0)
			return -1;
		one = json_pack("{s:O}", "run", run);
		rows = history_ask_runs(plan->h, runs_sql, one, p);
		json_decref(one);
		r = rows ? refuse_unended(json_array_get(rows, 0), p) : -1;
		if (r == 0)
			r = plan_run(plan, json_array_get(rows, 0), true, p);
		json_decref(rows);
		if (r < 0)
			return r;
	}
	return 0;
}

static int plan_chosen(struct plan *plan, struct problem *p)
{
	json_t *rows = history_ask_runs(plan->h, runs_sql, plan->params, p), *row;
	int r = rows ? 0 : -1;
	size_t i;

	json_array_foreach(rows, i, row) if (r == 0) r = plan_run(plan, row, false, p);
	json_decref(rows);
	return r;
}

static int make_plan(struct plan *plan, struct problem *p)
{
	bool gives;

	plan->by_bins = history_prepare(plan->h, by_bins_sql, p);
	plan->by_rows = plan->by_bins ? history_prepare(plan->h, by_rows_sql, p) : NULL;
	if (!plan->by_rows || find_forks(plan, p) < 0 ||
	    (json_object_get(plan->params, "runs") ? plan_named(plan, p) : plan_chosen(plan, p)) <
		    0 ||
	    history_gives_back(plan->h, &gives, p) < 0)
		return -1;
	json_object_set_new(plan->result, "gives_back", json_boolean(gives));
	return 0;
}

int history_retain(struct history *h, const json_t *params, json_t **ret, struct problem *p)
{
	struct plan plan = {
		.h = h,
		.params = params,
		.result = json_pack("{s:[], s:[], s:i, s:i}", "runs", "left_alone", "rows_to_go", 0,
				    "bytes_to_go", 0),
	};
	int r = make_plan(&plan, p);

	sqlite3_finalize(plan.by_bins);
	sqlite3_finalize(plan.by_rows);
	json_decref(plan.forks);
	if (r < 0)
		json_decref(plan.result);
	else
		*ret = plan.result;
	return r;
}
