/* daemon/db_value.c - a value of the database as JSON, whatever column it comes from. */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "daemon/db_value.h"
#include "daemon/store_schema.h"

#define NO_LIMIT_S 1e9 /* a program's own question, not one of many clients' */

static bool ends_in(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

enum db_array db_array_of(const char *column)
{
	if (strcmp(column, "updated") == 0)
		return DB_BITS;
	if (strcmp(column, "class_found") == 0)
		return DB_I4;
	return ends_in(column, "_V") || ends_in(column, "_ohm") ? DB_F8 : DB_U1;
}

size_t db_array_length(enum db_array type, int bytes)
{
	switch (type) {
	case DB_F8:
		return (size_t)bytes / 8;
	case DB_I4:
		return (size_t)bytes / 4;
	case DB_U1:
		return (size_t)bytes;
	case DB_BITS:
		return (size_t)bytes * 8;
	}
	return 0;
}

json_t *db_array_item(enum db_array type, const void *blob, int bytes, size_t i)
{
	const unsigned char *byte = blob;
	json_t *real;
	int32_t i4;
	double f8;

	if (i >= db_array_length(type, bytes))
		return json_null();
	switch (type) {
	case DB_F8:
		memcpy(&f8, byte + 8 * i, sizeof(f8));
		real = json_real(f8);
		return real ? real : json_null();
	case DB_I4:
		memcpy(&i4, byte + 4 * i, sizeof(i4));
		return json_integer(i4);
	case DB_U1:
		return json_integer(byte[i]);
	case DB_BITS:
		return json_integer(byte[i / 8] >> (i % 8) & 1);
	}
	return json_null();
}

static json_t *list_of(sqlite3_stmt *s, int i, const char *column)
{
	enum db_array type = db_array_of(column);
	const void *blob = sqlite3_column_blob(s, i);
	int bytes = sqlite3_column_bytes(s, i);
	json_t *list = json_array();

	for (size_t k = 0; k < db_array_length(type, bytes); k++)
		json_array_append_new(list, db_array_item(type, blob, bytes, k));
	return list;
}

static bool holds_json(const char *column)
{
	static const char *const names[] = {"tags", "old", "new", "values"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(column, names[i]) == 0)
			return true;
	return ends_in(column, "_json");
}

json_t *db_value(sqlite3_stmt *s, int i, const char *column)
{
	json_t *value = NULL;
	const char *text;
	size_t n;

	switch (sqlite3_column_type(s, i)) {
	case SQLITE_INTEGER:
		return json_integer(sqlite3_column_int64(s, i));
	case SQLITE_FLOAT:
		value = json_real(sqlite3_column_double(s, i));
		break;
	case SQLITE_TEXT:
		text = (const char *)sqlite3_column_text(s, i);
		n = (size_t)sqlite3_column_bytes(s, i);
		if (holds_json(column))
			value = json_loadb(text, n, JSON_DECODE_ANY, NULL);
		if (!value)
			value = json_stringn(text, n);
		break;
	case SQLITE_BLOB:
		value = list_of(s, i, column);
		break;
	}
	return value ? value : json_null();
}

/* ---- the file ---- */

static int64_t ask(struct history *h, const char *sql, int64_t fallback)
{
	sqlite3_stmt *s;
	int64_t value = fallback;

	if (sqlite3_prepare_v2(h->db, sql, -1, &s, NULL) != SQLITE_OK)
		return fallback;
	if (sqlite3_step(s) == SQLITE_ROW)
		value = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return value;
}

static int check(struct history *h, const char *file, struct problem *p)
{
	int64_t id = ask(h, "PRAGMA application_id", -1), version;

	if (id == -1)
		return problem_set(p, PROBLEM_STORAGE, "", "%s: %s", file, sqlite3_errmsg(h->db));
	if (id != STORE_APPLICATION_ID)
		return problem_set(p, PROBLEM_STORAGE, "",
				   "%s is no database of nudged (application_id %lld); those are "
				   "made by nudged --db FILE",
				   file, (long long)id);
	version = ask(h, "PRAGMA user_version", -1);
	if (version > (int64_t)store_schema_n_versions)
		return problem_set(p, PROBLEM_STORAGE, "",
				   "%s was written by a newer nudged (tables of version %lld; this "
				   "nudge-db knows up to %zu): use the nudge-db of that version",
				   file, (long long)version, store_schema_n_versions);
	return 0;
}

int db_open(const char *file, struct history **ret, struct problem *p)
{
	struct history *h;

	if (access(file, R_OK) < 0)
		return problem_set(p, PROBLEM_STORAGE, "", "%s: %m; name a database of nudged",
				   file);
	if (history_open(file, &h, p) < 0)
		return -1;
	history_deadline(h, NO_LIMIT_S);
	if (check(h, file, p) < 0) {
		history_close(h);
		return -1;
	}
	if (sqlite3_exec(h->db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK) {
		history_fail(h, p);
		history_close(h);
		return -1;
	}
	*ret = h;
	return 0;
}

int db_need_run(struct history *h, int64_t run, struct problem *p)
{
	const char *file = sqlite3_db_filename(h->db, "main");

	if (history_need_run(h, (uint64_t)run, p) == 0)
		return 0;
	if (p->code != PROBLEM_NOT_FOUND)
		return -1;
	problem_clear(p);
	return problem_set(p, PROBLEM_NOT_FOUND, "",
			   "%s has no run %lld; nudge-db runs %s lists those it has", file,
			   (long long)run, file);
}

json_t *db_columns(struct history *h, const char *table, struct problem *p)
{
	sqlite3_stmt *s =
		history_prepare(h, "SELECT name FROM pragma_table_info(?1) ORDER BY cid", p);
	json_t *columns = json_object();
	int r;

	if (!s) {
		json_decref(columns);
		return NULL;
	}
	sqlite3_bind_text(s, 1, table, -1, SQLITE_STATIC);
	while ((r = history_next(h, s, p)) > 0)
		json_object_set_new(columns, (const char *)sqlite3_column_text(s, 0), json_true());
	sqlite3_finalize(s);
	if (r == 0)
		return columns;
	json_decref(columns);
	return NULL;
}
