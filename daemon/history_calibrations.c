/* daemon/history_calibrations.c - questions about calibrations: which there are, and which are in force. */
#include "config.h"

#include "daemon/history_impl.h"

#define COLUMNS                                                                                    \
	"id, kind, time AS t_utc, run, who, json_extract(\"values\", '$.rig') AS rig,"             \
	" json_array_length(\"values\", '$.warnings') AS warnings"
#define VALUES "\"values\" AS \"values:json\""

int history_calibrations(struct history *h, const json_t *params, json_t **ret, struct problem *p)
{
	const json_t *limit = json_object_get(params, "limit");
	size_t most = json_is_number(limit) ? (size_t)json_number_value(limit) : 100;
	sqlite3_stmt *s = history_prepare(
		h,
		"SELECT " COLUMNS " FROM calibrations WHERE (:kind IS NULL OR kind = :kind)"
		" AND id < coalesce(:after, 9223372036854775807) ORDER BY id DESC LIMIT :limit + 1",
		p);
	json_t *rows, *next = NULL;
	bool more;

	if (!s)
		return -1;
	history_bind_text(s, ":kind", json_object_get(params, "kind"));
	history_bind_integer(s, ":after", json_object_get(params, "after"));
	sqlite3_bind_int64(s, sqlite3_bind_parameter_index(s, ":limit"), (sqlite3_int64)most);
	rows = history_rows(h, s, most, &more, p);
	if (!rows)
		return -1;
	if (more)
		next = json_object_get(json_array_get(rows, most - 1), "id");
	*ret = json_pack("{s:o}", "rows", rows);
	json_object_set_new(*ret, "next", next ? json_incref(next) : json_null());
	return 0;
}

int history_calibration(struct history *h, uint64_t id, json_t **ret, struct problem *p)
{
	sqlite3_stmt *s = history_prepare(
		h, "SELECT " COLUMNS ", " VALUES " FROM calibrations WHERE id = ?1", p);
	int r;

	if (!s)
		return -1;
	sqlite3_bind_int64(s, 1, (sqlite3_int64)id);
	r = history_next(h, s, p);
	if (r > 0)
		*ret = history_row(s);
	sqlite3_finalize(s);
	if (r == 0)
		return problem_set(p, PROBLEM_NOT_FOUND, "/id",
				   "there is no calibration %llu; see calibrate.list",
				   (unsigned long long)id);
	return r < 0 ? -1 : 0;
}

/* By their time: one that was imported or merged has the latest number and is older. */
int history_in_force(struct history *h, const char *rig, json_t **ret, struct problem *p)
{
	sqlite3_stmt *s = history_prepare(
		h,
		"SELECT id, kind, time AS t_utc, julianday('now') - julianday(time) AS age_d, run,"
		" " VALUES " FROM calibrations WHERE id IN"
		" (SELECT first_value(id) OVER (PARTITION BY kind ORDER BY time DESC, id DESC)"
		" FROM calibrations WHERE json_extract(\"values\", '$.rig') = ?1) ORDER BY id",
		p);

	if (!s)
		return -1;
	sqlite3_bind_text(s, 1, rig, -1, SQLITE_TRANSIENT);
	*ret = history_rows(h, s, SIZE_MAX, NULL, p);
	return *ret ? 0 : -1;
}
