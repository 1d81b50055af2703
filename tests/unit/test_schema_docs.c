/* tests/unit/test_schema_docs.c - docs/SCHEMA.md and a real database say the same, and its SQL works. */
#include "config.h"

#include "tests/unit/store_help.h"

#define MOST_BYTES 65536

static char *read_docs(void)
{
	const char *top = getenv("srcdir");
	char path[512], *text = calloc(1, MOST_BYTES);
	FILE *f;

	snprintf(path, sizeof(path), "%s/docs/SCHEMA.md", top ? top : ".");
	f = fopen(path, "r");
	if (!f)
		fail_msg("%s: cannot be read", path);
	assert_in_range(fread(text, 1, MOST_BYTES - 1, f), 1000, MOST_BYTES - 2);
	fclose(f);
	return text;
}

static sqlite3 *open_database(struct help *help)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2(help->file, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	return db;
}

/* "table.column TYPE" in lines, sorted: of the database. */
static char *real_columns(sqlite3 *db)
{
	sqlite3_stmt *s;
	char *text;

	assert_int_equal(
		sqlite3_prepare_v2(
			db,
			"SELECT group_concat(line, char(10)) FROM (SELECT t.name || '.' || c.name ||"
			" ' ' || CASE WHEN c.type IN ('', 'NUM', 'BLOB') AND t.type = 'view'"
			" THEN '' ELSE c.type END AS line"
			" FROM pragma_table_list AS t, pragma_table_info(t.name) AS c"
			" WHERE t.schema = 'main' AND t.name NOT LIKE 'sqlite%' ORDER BY 1)",
			-1, &s, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	text = strdup((const char *)sqlite3_column_text(s, 0));
	sqlite3_finalize(s);
	return text;
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The same of the text: the first table below each heading of one lower-case word. */
static char *written_columns(char *docs)
{
	char table[64] = "", *lines[256], *all = calloc(1, MOST_BYTES), *line;
	bool in_table = false;
	size_t n = 0;

	while ((line = strsep(&docs, "\n"))) {
		char column[64], type[16] = "";

		if (strncmp(line, "## ", 3) == 0)
			snprintf(table, sizeof(table), "%s", line + 3);
		if (line[0] != '|' || strchr(table, ' '))
			in_table = false;
		else if (strncmp(line, "| column |", 10) == 0)
			in_table = true;
		else if (in_table && line[1] == ' ' && sscanf(line, "| %63s |", column) == 1) {
			sscanf(line, "| %*s | %15[A-Z]", type);
			assert_in_range(n, 0, 255);
			assert_true(asprintf(&lines[n++], "%s.%s %s", table, column, type) > 0);
		}
	}
	qsort(lines, n, sizeof(lines[0]), compare_lines);
	for (size_t i = 0; i < n; i++) {
		strcat(strcat(all, i ? "\n" : ""), lines[i]);
		free(lines[i]);
	}
	return all;
}

static void every_column_is_explained_and_there(void **state)
{
	sqlite3 *db = open_database(*state);
	char *docs = read_docs(), *written = written_columns(docs), *real = real_columns(db);

	if (strcmp(written, real) != 0) {
		size_t i = 0;

		while (written[i] == real[i])
			i++;
		while (i > 0 && written[i - 1] != '\n')
			i--;
		fail_msg("docs/SCHEMA.md has \"%.*s\" where the database has \"%.*s\"",
			 (int)strcspn(written + i, "\n"), written + i, (int)strcspn(real + i, "\n"),
			 real + i);
	}
	free(docs);
	free(written);
	free(real);
	sqlite3_close(db);
}

static void every_example_runs(void **state)
{
	sqlite3 *db = open_database(*state);
	char *docs = read_docs(), *sql = strstr(docs, "```sql\n"), *end;
	int n = 0;

	assert_non_null(sql);
	sql += 7;
	end = strstr(sql, "```");
	assert_non_null(end);
	*end = '\0';
	while (sql < end) {
		const char *tail;
		sqlite3_stmt *s;

		if (sqlite3_prepare_v2(db, sql, -1, &s, &tail) != SQLITE_OK)
			fail_msg("%s: %s", sqlite3_errmsg(db), sql);
		n += s != NULL;
		sqlite3_finalize(s);
		sql = (char *)tail;
	}
	assert_in_range(n, 8, 100);
	free(docs);
	sqlite3_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_column_is_explained_and_there, help_setup,
						help_teardown),
		cmocka_unit_test_setup_teardown(every_example_runs, help_setup, help_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
