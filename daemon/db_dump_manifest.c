/* daemon/db_dump_manifest.c - the manifest of an exported run: what it is, where it comes from, which columns it has. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/db_dump_impl.h"
#include "daemon/store_schema.h"

static const char *const type_names[] = {"integer", "real", "text", "f8", "i4", "u1"};

const char *dump_type_name(enum dump_type type)
{
	return type_names[type];
}

/* ---- telling ---- */

static json_t *tell_column(const struct dump_column *c)
{
	char sum[20];

	snprintf(sum, sizeof(sum), "%016llx", (unsigned long long)c->sum);
	return json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:s}", "name", c->name, "type",
			 type_names[c->type], "unit", dump_unit(c->name), "null",
			 (json_int_t)c->n_null, "least", (json_int_t)c->least, "most",
			 (json_int_t)c->most, "sum", sum);
}

static json_t *tell_table(const struct dump_table *table)
{
	json_t *columns = json_array();

	for (size_t i = 0; i < table->n; i++)
		json_array_append_new(columns, tell_column(&table->columns[i]));
	return json_pack("{s:s, s:I, s:o}", "name", table->name, "rows", (json_int_t)table->rows,
			 "columns", columns);
}

/* The run's row for people: what it was, with which seed, program, rig and calibrations */
static const char provenance_sql[] =
	"SELECT run, uuid, name, task, kind, status, rig, backend, seed, version, boot,"
	" submitted_utc, started_utc, ended_utc, steps, edges, who, reason, note, star,"
	" tags AS \"tags:json\", log, task_json AS \"task_json:json\","
	" rig_json AS \"rig_json:json\", params_json AS \"params_json:json\","
	" descriptor_json AS \"descriptor:json\","
	" (SELECT json_group_array(json_object('kind', kind, 'time', time)) FROM calibrations"
	" WHERE " DUMP_IN_FORCE ") AS \"calibrations:json\" FROM runs WHERE run = ?1";

int dump_tell(struct dump *dump, struct problem *p)
{
	json_t *tables = json_array(), *run = NULL;
	sqlite3_stmt *s = history_prepare(dump->h, "PRAGMA user_version", p);
	int64_t version = 0;

	if (s && history_next(dump->h, s, p) > 0)
		version = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	for (size_t i = 0; i < dump->n; i++)
		json_array_append_new(tables, tell_table(&dump->tables[i]));
	if (history_one_row(dump->h, (uint64_t)dump->run, provenance_sql, &run, p) < 0) {
		json_decref(tables);
		return -1;
	}
	dump->manifest =
		json_pack("{s:s, s:i, s:s, s:I, s:o, s:o}", "format", DUMP_FORMAT, "format_version",
			  DUMP_FORMAT_VERSION, "program", PACKAGE_NAME " " PACKAGE_VERSION,
			  "tables_version", (json_int_t)version, "run", run, "tables", tables);
	return dump->manifest ? 0 : problem_set(p, PROBLEM_STORAGE, "", "no memory for a manifest");
}

/* ---- reading ---- */

static int odd(struct problem *p, const char *what)
{
	return problem_set(p, PROBLEM_STORAGE, "", "its manifest is damaged: %.80s", what);
}

static int read_column(const json_t *said, struct dump_column *ret, struct problem *p)
{
	const char *name, *type, *sum;
	json_int_t n_null, least, most;

	if (json_unpack((json_t *)said, "{s:s, s:s, s:I, s:I, s:I, s:s}", "name", &name, "type",
			&type, "null", &n_null, "least", &least, "most", &most, "sum", &sum) < 0 ||
	    strlen(name) >= sizeof(ret->name) || n_null < 0 || least < 0 || most < least ||
	    most > INT32_MAX)
		return odd(p, "a column");
	*ret = (struct dump_column){.n_null = n_null, .least = least, .most = most};
	strcpy(ret->name, name);
	ret->sum = strtoull(sum, NULL, 16);
	for (size_t i = 0; i < sizeof(type_names) / sizeof(type_names[0]); i++)
		if (strcmp(type, type_names[i]) == 0) {
			ret->type = (enum dump_type)i;
			return 0;
		}
	return odd(p, type);
}

static int read_table(const json_t *said, struct dump_table *ret, struct problem *p)
{
	json_t *columns, *column;
	const char *name;
	json_int_t rows;
	size_t i;

	if (json_unpack((json_t *)said, "{s:s, s:I, s:o}", "name", &name, "rows", &rows, "columns",
			&columns) < 0 ||
	    !dump_source(name) || rows < 0 || rows > INT64_MAX / INT32_MAX / 8 ||
	    json_array_size(columns) == 0)
		return odd(p, "a table");
	strcpy(ret->name, name);
	ret->rows = rows;
	ret->columns = calloc(json_array_size(columns), sizeof(*ret->columns));
	if (!ret->columns)
		return problem_set(p, PROBLEM_STORAGE, "", "no memory for columns");
	json_array_foreach(columns, i, column)
	{
		if (read_column(column, &ret->columns[i], p) < 0)
			return -1;
		ret->n++;
	}
	return 0;
}

int dump_of_manifest(json_t *manifest, struct dump *ret, struct problem *p)
{
	json_t *tables = json_object_get(manifest, "tables"), *table;
	const char *format = json_string_value(json_object_get(manifest, "format"));
	json_int_t version = json_integer_value(json_object_get(manifest, "format_version"));
	size_t i;

	*ret = (struct dump){0};
	if (!format || strcmp(format, DUMP_FORMAT) != 0)
		return problem_set(p, PROBLEM_STORAGE, "", "it is no run that nudged exported");
	if (version != DUMP_FORMAT_VERSION ||
	    json_integer_value(json_object_get(manifest, "tables_version")) >
		    (json_int_t)store_schema_n_versions)
		return problem_set(
			p, PROBLEM_STORAGE, "",
			"it was exported by a newer nudged: use the nudge-db of that one");
	if (json_array_size(tables) == 0 || json_array_size(tables) > DUMP_TABLES)
		return odd(p, "tables");
	json_array_foreach(tables, i, table)
	{
		ret->n++;
		if (read_table(table, &ret->tables[i], p) < 0)
			return -1;
	}
	if (strcmp(ret->tables[0].name, "runs") != 0 || ret->tables[0].rows != 1)
		return odd(p, "runs");
	ret->manifest = json_incref(manifest);
	ret->run = json_integer_value(json_object_get(json_object_get(manifest, "run"), "run"));
	return ret->run > 0 ? 0 : odd(p, "run");
}
