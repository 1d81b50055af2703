/* daemon/history_replay.c - a recorded run as it is played again. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/history_replay.h"
#include "daemon/history_impl.h"
#include "protocol/reply.h"

/* ---- the run ---- */

#define RECORDED                                                                                   \
	"SELECT run, name, task, kind, status, rig, backend, started_utc, t0_mono_ns, steps,"      \
	" mse_first_V2, mse_last_V2, mse_min_V2, mse_final_V2, test_first_V2, test_best_V2,"       \
	" test_final_V2, accuracy_best, accuracy_final, edges, reason, who,"                       \
	" rig_json AS \"rig_json:json\", task_json AS \"task_json:json\","                         \
	" descriptor_json AS \"descriptor:json\","                                                 \
	" (SELECT max(run) FROM runs) AS last_run,"                                                \
	" (SELECT max(step) + 1 FROM steps s WHERE s.run = r.run) AS rows_end,"                    \
	" (SELECT length(source_V) / 8 FROM steps s WHERE s.run = r.run LIMIT 1) AS n_sources,"    \
	" (SELECT length(target_V) / 8 FROM steps s WHERE s.run = r.run LIMIT 1) AS n_targets"     \
	" FROM runs r WHERE run = ?1"

/* The newest that can be played; 0: none can. */
static int last_with_steps(struct history *h, uint64_t *ret, struct problem *p)
{
	sqlite3_stmt *s = history_prepare(h,
					  "SELECT max(run) FROM runs r WHERE EXISTS"
					  " (SELECT 1 FROM steps s WHERE s.run = r.run)",
					  p);
	int r = s ? history_next(h, s, p) : -1;

	*ret = r > 0 ? (uint64_t)sqlite3_column_int64(s, 0) : 0;
	sqlite3_finalize(s);
	if (r >= 0 && *ret == 0)
		return problem_set(p, PROBLEM_NOT_FOUND, "",
				   "%s has no run with steps: there is nothing to replay",
				   sqlite3_db_filename(h->db, "main"));
	return r < 0 ? -1 : 0;
}

int history_recorded(struct history *h, uint64_t run, json_t **ret, struct problem *p)
{
	json_t *row;

	if (!run && last_with_steps(h, &run, p) < 0)
		return -1;
	if (history_one_row(h, run, RECORDED, &row, p) < 0) {
		if (p->code == PROBLEM_NOT_FOUND)
			problem_set(p, PROBLEM_NOT_FOUND, "", "%s has no run %llu",
				    sqlite3_db_filename(h->db, "main"), (unsigned long long)run);
		return -1;
	}
	if (json_is_null(json_object_get(row, "rows_end"))) {
		problem_set(p, PROBLEM_NOT_FOUND, "",
			    "run %llu (%s, %s) of %s has no steps: there is nothing to replay",
			    (unsigned long long)run,
			    json_string_value(json_object_get(row, "kind")),
			    json_string_value(json_object_get(row, "status")),
			    sqlite3_db_filename(h->db, "main"));
		json_decref(row);
		return -1;
	}
	*ret = row;
	return 0;
}

/* ---- what happened ---- */

static int64_t utc_of(sqlite3_stmt *s, int i)
{
	const char *text = (const char *)sqlite3_column_text(s, i);
	int64_t ns;

	return text && record_utc_read(text, &ns) ? ns : REPLAY_NO_TIME;
}

/* Columns: key, step, time, and of events kind, who, what, new, rev. */
static int take_item(sqlite3_stmt *s, enum replay_kind kind, struct replay_items *list)
{
	bool event = kind == REPLAY_EVENT;
	const char *new_ = event ? (const char *)sqlite3_column_text(s, 6) : NULL;
	json_t *value = new_ ? json_loads(new_, JSON_DECODE_ANY, NULL) : NULL;
	const struct replay_item item = {
		.kind = kind,
		.turn = event ? replay_turn_of((const char *)sqlite3_column_text(s, 3),
					       (const char *)sqlite3_column_text(s, 4),
					       (const char *)sqlite3_column_text(s, 5), value)
			      : REPLAY_NO_TURN,
		.key = sqlite3_column_int64(s, 0),
		.step = sqlite3_column_type(s, 1) == SQLITE_NULL
				? UINT64_MAX
				: (uint64_t)sqlite3_column_int64(s, 1),
		.t_utc_ns = utc_of(s, 2),
		.rev = event ? (uint64_t)sqlite3_column_int64(s, 7) : 0,
	};

	json_decref(value);
	return replay_items_add(list, &item);
}

static int list(struct history *h, uint64_t run, const char *sql, enum replay_kind kind,
		struct replay_items *ret, struct problem *p)
{
	sqlite3_stmt *s = history_prepare(h, sql, p);
	int r = s ? 1 : -1;

	if (s)
		sqlite3_bind_int64(s, 1, (sqlite3_int64)run);
	while (r > 0 && (r = history_next(h, s, p)) > 0)
		if (take_item(s, kind, ret) < 0)
			r = problem_set(p, PROBLEM_INTERNAL, "", "no memory for the run's events");
	sqlite3_finalize(s);
	return r;
}

int history_script(struct history *h, uint64_t run, struct replay_items *ret, struct problem *p)
{
	struct replay_items events = {0}, tests = {0}, params = {0};
	int r = list(h, run,
		     "SELECT id, step, time, kind, who, what, new,"
		     " iif(kind = 'param', json_extract(new, '$.rev'), NULL)"
		     " FROM events WHERE run = ?1 ORDER BY id",
		     REPLAY_EVENT, &events, p);

	if (r == 0)
		r = list(h, run,
			 "SELECT rowid, step, t_utc FROM tests WHERE run = ?1"
			 " ORDER BY step, t_utc, rowid",
			 REPLAY_TEST, &tests, p);
	if (r == 0)
		r = list(h, run,
			 "SELECT rev, from_step, t_utc FROM params WHERE run = ?1 ORDER BY rev",
			 REPLAY_PARAMS, &params, p);
	if (r == 0 && replay_script(&events, &tests, &params, ret) < 0)
		r = problem_set(p, PROBLEM_INTERNAL, "", "no memory for the run's events");
	replay_items_free(&events);
	replay_items_free(&tests);
	replay_items_free(&params);
	return r;
}

int history_event(struct history *h, int64_t id, json_t **ret, struct problem *p)
{
	return history_one_row(h, (uint64_t)id,
			       "SELECT kind AS event, run, coalesce(step, 0) AS step, who, what,"
			       " old AS \"old:json\", new AS \"new:json\", time AS recorded_utc"
			       " FROM events WHERE id = ?1",
			       ret, p);
}

static double real(sqlite3_stmt *s, int i)
{
	return sqlite3_column_type(s, i) == SQLITE_NULL ? NAN : sqlite3_column_double(s, i);
}

static int take_test(sqlite3_stmt *s, struct history_test *ret, struct problem *p)
{
	size_t bytes = (size_t)sqlite3_column_bytes(s, 6);

	*ret = (struct history_test){
		.header = json_pack("{s:s, s:s?}", "set", sqlite3_column_text(s, 0), "recorded_utc",
				    sqlite3_column_text(s, 3)),
		.outputs_V = malloc(bytes + 1),
		.n_examples = (size_t)sqlite3_column_int64(s, 4),
		.n_targets = (size_t)sqlite3_column_int64(s, 5),
	};
	if (!ret->header || !ret->outputs_V)
		return problem_set(p, PROBLEM_INTERNAL, "", "no memory for a test");
	if (bytes != ret->n_examples * ret->n_targets * sizeof(double))
		ret->n_examples = 0; /* its outputs were not kept */
	else if (bytes)
		memcpy(ret->outputs_V, sqlite3_column_blob(s, 6), bytes);
	reply_set_real(ret->header, "error_V2", real(s, 1));
	reply_set_real(ret->header, "accuracy", real(s, 2));
	if (sqlite3_column_type(s, 2) == SQLITE_NULL)
		json_object_del(ret->header, "invalid"); /* there is none, so none is wrong */
	return 0;
}

int history_test(struct history *h, int64_t rowid, struct history_test *ret, struct problem *p)
{
	sqlite3_stmt *s = history_prepare(h,
					  "SELECT \"set\", error_V2, accuracy, t_utc, examples,"
					  " targets, outputs_V FROM tests WHERE rowid = ?1",
					  p);
	int r;

	if (!s)
		return -1;
	sqlite3_bind_int64(s, 1, rowid);
	r = history_next(h, s, p);
	if (r > 0 && take_test(s, ret, p) < 0) {
		json_decref(ret->header);
		free(ret->outputs_V);
		r = -1;
	} else if (r == 0) {
		r = problem_set(p, PROBLEM_STORAGE, "", "a test is gone");
	}
	sqlite3_finalize(s);
	return r < 0 ? -1 : 0;
}

int history_params(struct history *h, uint64_t run, uint64_t rev, bool overdamped,
		   struct params *ret, struct problem *p)
{
	sqlite3_stmt *s = history_prepare(
		h,
		"SELECT eta, p, tau_s, capacitance_F, alpha_over_gamma, bias_V, rev FROM params"
		" WHERE CASE ?2 WHEN 0"
		"  THEN rev < (SELECT min(rev) FROM params WHERE run = ?1) ELSE rev = ?2 END"
		" ORDER BY rev DESC, run = ?1 DESC LIMIT 1",
		p);
	int r;

	if (!s)
		return -1;
	sqlite3_bind_int64(s, 1, (sqlite3_int64)run);
	sqlite3_bind_int64(s, 2, (sqlite3_int64)rev);
	r = history_next(h, s, p);
	params_default(ret);
	if (r > 0)
		*ret = (struct params){
			.eta = sqlite3_column_double(s, 0),
			.p = sqlite3_column_double(s, 1),
			.tau_s = sqlite3_column_double(s, 2),
			.capacitance_F = sqlite3_column_double(s, 3),
			.alpha_per_s = overdamped ? real(s, 4) : NAN,
			.bias_V = real(s, 5),
			.rev = (uint64_t)sqlite3_column_int64(s, 6),
		};
	sqlite3_finalize(s);
	return r < 0 ? -1 : 0;
}

/* ---- steps ---- */

static const char steps_sql[] =
	"SELECT step, t_mono_ns, t_apply_ns, t_free_ns, t_clamped_ns, t_tick_ns, lateness_ns,"
	" example, rev, flags, mse_V2, mse_equilibrium_V2, source_V, target_V, clamp_V, v_free_V,"
	" v_clamped_V, wiper, updated, r_ohm FROM steps WHERE run = ?1 AND step > ?2"
	" ORDER BY step LIMIT ?3";
#define FIRST_ARRAY 12

/* Arrays of edges may be empty: not read at this step. */
static int take_array(sqlite3_stmt *s, int i, void *row, size_t offset, size_t bytes, bool of_edges,
		      struct problem *p)
{
	size_t n = (size_t)sqlite3_column_bytes(s, i);

	if (n == 0 && of_edges)
		return 0;
	if (n != bytes)
		return problem_set(p, PROBLEM_STORAGE, "",
				   "step %lld: %s has %zu bytes, and %zu by the run's descriptor",
				   (long long)sqlite3_column_int64(s, 0), sqlite3_column_name(s, i),
				   n, bytes);
	if (n)
		memcpy((char *)row + offset, sqlite3_column_blob(s, i), n);
	return 0;
}

static int take_row(sqlite3_stmt *s, const struct record_layout *l, void *row, struct problem *p)
{
	const struct {
		size_t offset, bytes;
		bool of_edges;
	} arrays[] = {
		{l->source_V, 8 * l->n_sources, false},   {l->target_V, 8 * l->n_targets, false},
		{l->clamp_V, 8 * l->n_targets, false},    {l->free_V, 8 * l->n_measured, false},
		{l->clamped_V, 8 * l->n_measured, false}, {l->wiper, l->n_wipers, true},
		{l->updated, l->mask_bytes, true},        {l->r_ohm, 8 * l->n_r_ohm, true},
	};

	memset(row, 0, l->row_bytes);
	*record_head(row) = (struct record_head){
		.step = (uint64_t)sqlite3_column_int64(s, 0),
		.t_mono_ns = sqlite3_column_int64(s, 1),
		.t_apply_ns = sqlite3_column_int64(s, 2),
		.t_free_ns = sqlite3_column_int64(s, 3),
		.t_clamped_ns = sqlite3_column_int64(s, 4),
		.t_tick_ns = sqlite3_column_int64(s, 5),
		.lateness_ns = sqlite3_column_int64(s, 6),
		.example = (uint32_t)sqlite3_column_int64(s, 7),
		.rev = (uint32_t)sqlite3_column_int64(s, 8),
		.flags = (uint32_t)sqlite3_column_int64(s, 9),
		.mse_V2 = real(s, 10),
		.mse_equilibrium_V2 = real(s, 11),
	};
	for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++)
		if (take_array(s, FIRST_ARRAY + (int)i, row, arrays[i].offset, arrays[i].bytes,
			       arrays[i].of_edges, p) < 0)
			return -1;
	return 0;
}

int history_made_steps(struct history *h, uint64_t run, int64_t after,
		       const struct record_layout *layout, void *rows, size_t max, size_t *ret_n,
		       struct problem *p)
{
	sqlite3_stmt *s = history_prepare(h, steps_sql, p);
	char *row = rows;
	int r = s ? 1 : -1;

	*ret_n = 0;
	if (s) {
		sqlite3_bind_int64(s, 1, (sqlite3_int64)run);
		sqlite3_bind_int64(s, 2, after);
		sqlite3_bind_int64(s, 3, (sqlite3_int64)max);
	}
	for (; r > 0 && (r = history_next(h, s, p)) > 0; row += layout->row_bytes)
		if (take_row(s, layout, row, p) < 0)
			r = -1;
		else
			++*ret_n;
	sqlite3_finalize(s);
	return r;
}
