/* daemon/history.c - a read-only connection with a deadline, and its rows as JSON. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/history_impl.h"

#define PROGRESS_OPERATIONS 1000 /* about 50 us */
#define BUSY_TIMEOUT_MS     1000
#define DEFAULT_LIMIT_S     10.0

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int past_deadline(void *context)
{
	const struct history *h = context;

	return now_s() > h->deadline_s;
}

char *history_uri(const char *file)
{
	char *text = sqlite3_mprintf("file:");

	for (; *file && text; file++)
		text = strchr("%?#", *file) ? sqlite3_mprintf("%z%%%02X", text, *file)
					    : sqlite3_mprintf("%z%c", text, *file);
	return text ? sqlite3_mprintf("%z?mode=ro", text) : NULL;
}

int history_open(const char *file, struct history **ret, struct problem *p)
{
	struct history *h = calloc(1, sizeof(*h));
	char *name =
		strncmp(file, "file:/", 6) == 0 ? sqlite3_mprintf("%s", file) : history_uri(file);
	int r = SQLITE_NOMEM;

	if (h && name)
		r = sqlite3_open_v2(name, &h->db,
				    SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX,
				    NULL);
	sqlite3_free(name);
	if (r != SQLITE_OK) {
		problem_set(p, PROBLEM_STORAGE, "", "%s: cannot open it for reading: %s", file,
			    h && h->db ? sqlite3_errmsg(h->db) : "no memory");
		history_close(h);
		return -1;
	}
	sqlite3_busy_timeout(h->db, BUSY_TIMEOUT_MS);
	sqlite3_progress_handler(h->db, PROGRESS_OPERATIONS, past_deadline, h);
	history_deadline(h, DEFAULT_LIMIT_S);
	*ret = h;
	return 0;
}

void history_close(struct history *h)
{
	if (!h)
		return;
	sqlite3_close(h->db);
	free(h);
}

void history_deadline(struct history *h, double seconds)
{
	h->limit_s = seconds;
	h->deadline_s = now_s() + seconds;
}

void history_interrupt(struct history *h)
{
	sqlite3_interrupt(h->db);
}

void history_frames_free(struct history_frames *frames)
{
	for (size_t i = 0; i < frames->n; i++)
		free(frames->frames[i].bytes);
	free(frames->frames);
	*frames = (struct history_frames){0};
}

/* ---- statements ---- */

int history_fail(struct history *h, struct problem *p)
{
	if ((sqlite3_errcode(h->db) & 0xff) == SQLITE_INTERRUPT)
		return problem_set(p, PROBLEM_STORAGE, "",
				   "the question took longer than %g s: ask for fewer rows",
				   h->limit_s);
	return problem_set(p, PROBLEM_STORAGE, "", "%s: %s", sqlite3_db_filename(h->db, "main"),
			   sqlite3_errmsg(h->db));
}

sqlite3_stmt *history_prepare(struct history *h, const char *sql, struct problem *p)
{
	sqlite3_stmt *s = NULL;

	if (sqlite3_prepare_v2(h->db, sql, -1, &s, NULL) != SQLITE_OK) {
		history_fail(h, p);
		return NULL;
	}
	return s;
}

int history_next(struct history *h, sqlite3_stmt *s, struct problem *p)
{
	switch (sqlite3_step(s)) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		return 0;
	default:
		return history_fail(h, p);
	}
}

void history_bind_integer(sqlite3_stmt *s, const char *name, const json_t *value)
{
	int i = sqlite3_bind_parameter_index(s, name);

	if (json_is_number(value))
		sqlite3_bind_int64(s, i, (sqlite3_int64)json_number_value(value));
	if (json_is_integer(value)) /* all of its 64 bits */
		sqlite3_bind_int64(s, i, json_integer_value(value));
}

void history_bind_text(sqlite3_stmt *s, const char *name, const json_t *value)
{
	if (json_is_string(value))
		sqlite3_bind_text(s, sqlite3_bind_parameter_index(s, name),
				  json_string_value(value), (int)json_string_length(value),
				  SQLITE_TRANSIENT);
}

/* ---- rows ---- */

static json_t *text_value(sqlite3_stmt *s, int i, bool is_json)
{
	const char *text = (const char *)sqlite3_column_text(s, i);
	size_t n = (size_t)sqlite3_column_bytes(s, i);
	json_t *value = NULL;

	if (is_json)
		value = json_loadb(text, n, JSON_DECODE_ANY, NULL);
	return value ? value : json_stringn(text, n);
}

static json_t *bytes_value(sqlite3_stmt *s, int i)
{
	const unsigned char *bytes = sqlite3_column_blob(s, i);
	int n = sqlite3_column_bytes(s, i);
	json_t *list = json_array();

	for (int k = 0; k < n; k++)
		json_array_append_new(list, json_integer(bytes[k]));
	return list;
}

static json_t *column_value(sqlite3_stmt *s, int i, bool is_json)
{
	switch (sqlite3_column_type(s, i)) {
	case SQLITE_INTEGER:
		return json_integer(sqlite3_column_int64(s, i));
	case SQLITE_FLOAT:
		return json_real(sqlite3_column_double(s, i)); /* NULL if infinite */
	case SQLITE_TEXT:
		return text_value(s, i, is_json);
	case SQLITE_BLOB:
		return bytes_value(s, i);
	default:
		return json_null();
	}
}

json_t *history_row(sqlite3_stmt *s)
{
	json_t *row = json_object();

	for (int i = 0; i < sqlite3_column_count(s); i++) {
		const char *name = sqlite3_column_name(s, i);
		size_t n = strcspn(name, ":");
		json_t *value = column_value(s, i, strcmp(name + n, ":json") == 0);

		json_object_setn_new(row, name, n, value ? value : json_null());
	}
	return row;
}

json_t *history_rows(struct history *h, sqlite3_stmt *s, size_t most, bool *ret_more,
		     struct problem *p)
{
	json_t *rows = json_array();
	bool more = false;
	int r;

	while ((r = history_next(h, s, p)) > 0) {
		more = json_array_size(rows) == most;
		if (more)
			break;
		json_array_append_new(rows, history_row(s));
	}
	sqlite3_finalize(s);
	if (r < 0) {
		json_decref(rows);
		return NULL;
	}
	if (ret_more)
		*ret_more = more;
	return rows;
}

int history_one_row(struct history *h, uint64_t run, const char *sql, json_t **ret,
		    struct problem *p)
{
	sqlite3_stmt *s = history_prepare(h, sql, p);
	int r;

	if (!s)
		return -1;
	sqlite3_bind_int64(s, 1, (sqlite3_int64)run);
	r = history_next(h, s, p);
	*ret = r > 0 ? history_row(s) : NULL;
	sqlite3_finalize(s);
	if (r == 0)
		return problem_set(p, PROBLEM_NOT_FOUND, "/run",
				   "run %llu is not in the database; see history.runs",
				   (unsigned long long)run);
	return r < 0 ? -1 : 0;
}

int history_need_run(struct history *h, uint64_t run, struct problem *p)
{
	json_t *row = NULL;
	int r = history_one_row(h, run, "SELECT 1 FROM runs WHERE run = ?1", &row, p);

	json_decref(row);
	return r;
}
