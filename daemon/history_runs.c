/* daemon/history_runs.c - questions about one run, events, the queue and kept replies. */
#include "config.h"

#include "daemon/history_impl.h"

#define MOST_OF_A_RUN 10000 /* events, tests, parameter revisions in one reply */

#define EVENT_COLUMNS                                                                              \
	"id, time AS t_utc, run, step, kind, who, what, old AS \"old:json\", new AS \"new:json\""

static size_t limit_of(const json_t *params)
{
	const json_t *limit = json_object_get(params, "limit");

	return json_is_number(limit) ? (size_t)json_number_value(limit) : 100;
}

int history_page(struct history *h, sqlite3_stmt *s, const json_t *params, const char *member,
		 json_t **ret, struct problem *p)
{
	size_t limit = limit_of(params);
	json_t *rows, *next = NULL;
	bool more;

	sqlite3_bind_int64(s, sqlite3_bind_parameter_index(s, ":limit"), (sqlite3_int64)limit);
	rows = history_rows(h, s, limit, &more, p);
	if (!rows)
		return -1;
	if (more)
		next = json_object_get(json_array_get(rows, limit - 1), member);
	*ret = json_pack("{s:o, s:O?}", "rows", rows, "next", next);
	if (!next)
		json_object_set_new(*ret, "next", json_null());
	return 0;
}

int history_events(struct history *h, const json_t *params, json_t **ret, struct problem *p)
{
	const json_t *from = json_object_get(params, "from_utc");
	const json_t *to = json_object_get(params, "to_utc");
	sqlite3_stmt *s = history_prepare(
		h,
		"SELECT " EVENT_COLUMNS " FROM events WHERE (:run IS NULL OR run = :run)"
		" AND (:kind IS NULL OR kind = :kind)"
		" AND (:from_utc IS NULL OR time >= :from_utc)"
		" AND (:to_utc IS NULL OR time <= :to_utc)"
		" AND id > coalesce(:after, 0) ORDER BY id LIMIT :limit + 1",
		p);

	if (!s)
		return -1;
	history_bind_integer(s, ":run", json_object_get(params, "run"));
	history_bind_text(s, ":kind", json_object_get(params, "kind"));
	history_bind_text(s, ":from_utc", from ? from : json_object_get(params, "from"));
	history_bind_text(s, ":to_utc", to ? to : json_object_get(params, "to"));
	history_bind_integer(s, ":after", json_object_get(params, "after"));
	return history_page(h, s, params, "id", ret, p);
}

/* Over TCP `who` is "NAME from ADDRESS"; no name has a blank in it, but "tcp ADDRESS" and "uid N". */
#define AUDIT_COLUMNS                                                                              \
	"id, time AS t_utc, run, step, kind,"                                                      \
	" CASE instr(who, ' from ') WHEN 0 THEN who"                                               \
	"  ELSE substr(who, 1, instr(who, ' from ') - 1) END AS who,"                              \
	" CASE instr(who, ' from ') WHEN 0 THEN NULL"                                              \
	"  ELSE substr(who, instr(who, ' from ') + 6) END AS \"from\","                            \
	" what, old AS \"old:json\", new AS \"new:json\", request_id"

int history_audit(struct history *h, const json_t *params, json_t **ret, struct problem *p)
{
	sqlite3_stmt *s = history_prepare(
		h,
		"SELECT " AUDIT_COLUMNS " FROM audit WHERE (:run IS NULL OR run = :run)"
		" AND (:kind IS NULL OR kind = :kind)"
		" AND (:who IS NULL OR who = :who"
		"  OR substr(who, 1, length(:who) + 6) = :who || ' from ')"
		" AND (:from IS NULL OR time >= :from) AND (:to IS NULL OR time <= :to)"
		" AND id < coalesce(:after, 9223372036854775807) ORDER BY id DESC LIMIT :limit + 1",
		p);

	if (!s)
		return -1;
	history_bind_integer(s, ":run", json_object_get(params, "run"));
	history_bind_text(s, ":kind", json_object_get(params, "kind"));
	history_bind_text(s, ":who", json_object_get(params, "who"));
	history_bind_text(s, ":from", json_object_get(params, "from"));
	history_bind_text(s, ":to", json_object_get(params, "to"));
	history_bind_integer(s, ":after", json_object_get(params, "after"));
	return history_page(h, s, params, "id", ret, p);
}

/* ---- one run ---- */

/* Adds the rows of a question about one run (its parameter 1) under name. */
static int add_rows(struct history *h, uint64_t run, const char *name, const char *sql,
		    json_t *result, struct problem *p)
{
	sqlite3_stmt *s = history_prepare(h, sql, p);
	json_t *rows;
	bool more;

	if (!s)
		return -1;
	sqlite3_bind_int64(s, 1, (sqlite3_int64)run);
	rows = history_rows(h, s, MOST_OF_A_RUN, &more, p);
	if (!rows)
		return -1;
	json_object_set_new(result, name, rows);
	if (more)
		json_object_set_new(result, "cut", json_true());
	return 0;
}

int history_run(struct history *h, uint64_t run, json_t **ret, struct problem *p)
{
	json_t *result;

	if (history_one_row(h, run,
			    "SELECT " HISTORY_RUN_COLUMNS
			    ", edges_at_stop, task_json AS \"task_json:json\", rig_json AS"
			    " \"rig_json:json\", params_json AS \"params_json:json\","
			    " descriptor_json AS \"descriptor:json\" FROM runs WHERE run = ?1",
			    &result, p) < 0)
		return -1;
	if (add_rows(
		    h, run, "params",
		    "SELECT rev, from_step, t_utc, eta, p, tau_s, capacitance_F,"
		    " relaxation_rate_per_s, alpha_over_gamma, bias_V, who FROM params WHERE run = ?1"
		    " ORDER BY rev",
		    result, p) < 0 ||
	    add_rows(h, run, "tests",
		     "SELECT step, \"set\", t_utc, error_V2, accuracy, examples FROM tests"
		     " WHERE run = ?1 ORDER BY step, \"set\"",
		     result, p) < 0 ||
	    add_rows(h, run, "events",
		     "SELECT " EVENT_COLUMNS " FROM events WHERE run = ?1 ORDER BY id", result,
		     p) < 0 ||
	    add_rows(h, run, "calibrations",
		     "SELECT c.id, c.kind, c.time AS t_utc, c.run, c.\"values\" AS \"values:json\""
		     " FROM calibrations c WHERE c.id IN (SELECT max(d.id) FROM calibrations d,"
		     " runs r WHERE r.run = ?1 AND d.time <= coalesce(r.started_utc,"
		     " r.submitted_utc) AND coalesce(json_extract(d.\"values\", '$.rig'), r.rig)"
		     " IS r.rig GROUP BY d.kind)",
		     result, p) < 0) {
		json_decref(result);
		return -1;
	}
	*ret = result;
	return 0;
}

/* The run's own figures; of one that goes on, what its rows say so far. */
static const char run_status_sql[] =
	"WITH last (step, mse) AS (SELECT step, mse_V2 FROM steps WHERE run = ?1"
	"  ORDER BY step DESC LIMIT 1),"
	" first (mse) AS (SELECT mse_V2 FROM steps WHERE run = ?1 ORDER BY step LIMIT 1),"
	" tested (newest_V2, oldest_V2) AS (SELECT"
	"  (SELECT error_V2 FROM tests WHERE run = ?1 AND \"set\" = 'test'"
	"   ORDER BY step DESC LIMIT 1),"
	"  (SELECT error_V2 FROM tests WHERE run = ?1 AND \"set\" = 'test'"
	"   ORDER BY step LIMIT 1)),"
	" r AS (SELECT *, coalesce(mse_first_V2, (SELECT mse FROM first)) AS first_V2,"
	"  iif(ended_utc IS NULL, coalesce((SELECT mse FROM last), mse_last_V2), mse_last_V2)"
	"   AS now_V2 FROM runs WHERE run = ?1)"
	" SELECT run, name, kind, status, reason, seed,"
	"  max(steps, coalesce((SELECT step + 1 FROM last), 0)) AS steps,"
	"  json_extract(task_json, '$.stop.steps') AS steps_total, now_V2 AS mse_V2,"
	"  iif(coalesce(test_first_V2, tested.oldest_V2) > 0,"
	"   coalesce(tested.newest_V2, test_final_V2) / coalesce(test_first_V2, tested.oldest_V2),"
	"   now_V2 / nullif(first_V2, 0)) AS scaled_error,"
	"  first_V2 AS mse_first_V2, now_V2 AS mse_last_V2, mse_min_V2, mse_final_V2,"
	"  coalesce(test_first_V2, tested.oldest_V2) AS test_first_V2, test_best_V2,"
	"  coalesce(test_final_V2, tested.newest_V2) AS test_final_V2,"
	"  accuracy_best, accuracy_final,"
	"  coalesce(json_extract(task_json, '$.on_lease_loss'), 'continue') AS on_lease_loss,"
	"  started_utc, ended_utc,"
	"  iif(status = 'queued', (SELECT count(*) FROM runs q WHERE q.status = 'queued'"
	"   AND (q.place, q.run) < (r.place, r.run)), NULL) AS position"
	" FROM r, tested";

int history_run_status(struct history *h, uint64_t run, json_t **ret, struct problem *p)
{
	return history_one_row(h, run, run_status_sql, ret, p);
}

/* ---- what the daemon itself asks ---- */

int history_queued(struct history *h, json_t **ret, struct problem *p)
{
	sqlite3_stmt *s = history_prepare(
		h,
		"SELECT run, uuid, name, seed, task_json AS \"task:json\","
		" params_json AS \"params:json\", who, place FROM runs WHERE status = 'queued'"
		" ORDER BY place, run",
		p);
	json_t *rows = s ? history_rows(h, s, SIZE_MAX, NULL, p) : NULL;

	if (!rows)
		return -1;
	*ret = rows;
	return 0;
}

int history_reply(struct history *h, const char *key, json_t **ret, struct problem *p)
{
	sqlite3_stmt *s = history_prepare(
		h,
		"SELECT method, hash, result AS \"result:json\" FROM replies WHERE key = ?1"
		" AND t_utc >= strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-7 days')",
		p);
	int r;

	if (!s)
		return -1;
	sqlite3_bind_text(s, 1, key, -1, SQLITE_TRANSIENT);
	r = history_next(h, s, p);
	if (r >= 0)
		*ret = r > 0 ? history_row(s) : NULL;
	sqlite3_finalize(s);
	return r < 0 ? -1 : 0;
}
