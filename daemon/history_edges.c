/* daemon/history_edges.c - questions about edge states: those of checkpoints, and those of a run's step. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/history_impl.h"

#define NO_TAPS 16 /* a row's flag: the boards were not read at this step */

/* {"taps": [...]} or {"r_ohm": [...]}; NULL: the blob is not of so many edges. */
static json_t *edges_json(const void *blob, size_t n_bytes, size_t n_edges)
{
	bool taps = n_bytes == n_edges;
	json_t *list;

	if (n_edges == 0 || (!taps && n_bytes != n_edges * sizeof(double)))
		return NULL;
	list = json_array();
	for (size_t i = 0; i < n_edges; i++) {
		double ohm;

		if (!taps)
			memcpy(&ohm, (const char *)blob + i * sizeof(ohm), sizeof(ohm));
		json_array_append_new(list, taps ? json_integer(((const uint8_t *)blob)[i])
						 : json_real(ohm));
	}
	return json_pack("{s:o}", taps ? "taps" : "r_ohm", list);
}

int history_checkpoints(struct history *h, json_t **ret, struct problem *p)
{
	sqlite3_stmt *s = history_prepare(
		h, "SELECT name, time AS t_utc, run, step, who FROM checkpoints ORDER BY time", p);
	json_t *rows = s ? history_rows(h, s, SIZE_MAX, NULL, p) : NULL;

	if (!rows)
		return -1;
	*ret = json_pack("{s:o}", "rows", rows);
	return 0;
}

int history_checkpoint(struct history *h, const char *name, size_t n_edges, json_t **ret,
		       struct problem *p)
{
	sqlite3_stmt *s =
		history_prepare(h, "SELECT \"values\" FROM checkpoints WHERE name = ?1", p);
	size_t n_bytes = 0;
	json_t *edges = NULL;
	int r;

	if (!s)
		return -1;
	sqlite3_bind_text(s, 1, name, -1, SQLITE_TRANSIENT);
	r = history_next(h, s, p);
	if (r > 0) {
		n_bytes = (size_t)sqlite3_column_bytes(s, 0);
		edges = edges_json(sqlite3_column_blob(s, 0), n_bytes, n_edges);
	}
	sqlite3_finalize(s);
	if (r < 0)
		return -1;
	if (r == 0)
		return problem_set(p, PROBLEM_NOT_FOUND, "/name",
				   "there is no checkpoint \"%s\"; checkpoint.list has those that "
				   "are",
				   name);
	if (!edges)
		return problem_set(
			p, PROBLEM_PARAMS, "/name",
			"checkpoint \"%s\" is of another rig: it has %zu bytes, and this "
			"rig %zu edges",
			name, n_bytes, n_edges);
	*ret = edges;
	return 0;
}

/* ---- of a step ---- */

/* The step nearest to this one whose row has edge states; -1: none has. */
static long long nearest(struct history *h, uint64_t run, uint64_t step, struct problem *p)
{
	sqlite3_stmt *s = history_prepare(h,
					  "SELECT step FROM steps WHERE run = ?1 AND NOT flags & ?3"
					  " AND (length(wiper) OR length(r_ohm))"
					  " ORDER BY abs(step - ?2) LIMIT 1",
					  p);
	long long found = -1;

	if (!s)
		return -1;
	sqlite3_bind_int64(s, 1, (sqlite3_int64)run);
	sqlite3_bind_int64(s, 2, (sqlite3_int64)step);
	sqlite3_bind_int(s, 3, NO_TAPS);
	if (history_next(h, s, p) > 0)
		found = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return found;
}

static int no_edges(struct history *h, uint64_t run, uint64_t step, struct problem *p)
{
	long long near;

	if (history_need_run(h, run, p) < 0)
		return -1;
	near = nearest(h, run, step, p);
	if (p->code)
		return -1;
	if (near < 0)
		return problem_set(p, PROBLEM_NOT_FOUND, "/step",
				   "run %llu has no step with edge states in the database",
				   (unsigned long long)run);
	problem_set(p, PROBLEM_NOT_FOUND, "/step",
		    "run %llu has no edge states of step %llu; the nearest that has is step %lld",
		    (unsigned long long)run, (unsigned long long)step, near);
	problem_add(p, "nearest_step", json_integer(near));
	return -1;
}

int history_edges(struct history *h, uint64_t run, uint64_t step, size_t n_edges, json_t **ret,
		  struct problem *p)
{
	sqlite3_stmt *s = history_prepare(
		h,
		"SELECT CASE WHEN length(r_ohm) THEN r_ohm ELSE wiper END FROM steps"
		" WHERE run = ?1 AND step = ?2 AND NOT flags & ?3",
		p);
	json_t *edges = NULL;
	int r;

	if (!s)
		return -1;
	sqlite3_bind_int64(s, 1, (sqlite3_int64)run);
	sqlite3_bind_int64(s, 2, (sqlite3_int64)step);
	sqlite3_bind_int(s, 3, NO_TAPS);
	r = history_next(h, s, p);
	if (r > 0)
		edges = edges_json(sqlite3_column_blob(s, 0), (size_t)sqlite3_column_bytes(s, 0),
				   n_edges);
	sqlite3_finalize(s);
	if (r < 0)
		return -1;
	if (!edges)
		return no_edges(h, run, step, p);
	*ret = edges;
	return 0;
}

/* Those that were in force at the step. */
static void set_params(struct history *h, uint64_t run, uint64_t step, json_t *task,
		       struct problem *p)
{
	sqlite3_stmt *s = history_prepare(h,
					  "SELECT eta, p, tau_s, capacitance_F FROM params"
					  " WHERE run = ?1 AND from_step <= ?2"
					  " ORDER BY rev DESC LIMIT 1",
					  p);

	if (!s)
		return;
	sqlite3_bind_int64(s, 1, (sqlite3_int64)run);
	sqlite3_bind_int64(s, 2, (sqlite3_int64)step);
	if (history_next(h, s, p) > 0)
		json_object_set_new(task, "params", history_row(s));
	sqlite3_finalize(s);
}

int history_fork(struct history *h, uint64_t run, uint64_t step, const struct rig_info *info,
		 json_t **ret, struct problem *p)
{
	json_t *edges, *row = NULL, *task;

	if (history_edges(h, run, step, info->n_edges, &edges, p) < 0)
		return -1;
	if (history_one_row(h, run, "SELECT task_json AS \"task:json\" FROM runs WHERE run = ?1",
			    &row, p) < 0) {
		json_decref(edges);
		return -1;
	}
	task = json_incref(json_object_get(row, "task"));
	json_decref(row);
	json_object_set_new(task, "initial", edges);
	if (!info->overdamped) /* its rows have no alpha */
		set_params(h, run, step, task, p);
	*ret = task;
	return 0;
}
