/* daemon/db_export_csv.c - a run as CSV: a directory with a file a table, and the manifest.
 *
 * Two lines with # in front, then the names, then a line a row.  A NULL is an empty cell.  A text that is empty, or begins
 * with a backslash, has a backslash in front.  Reals have 17 digits, which give back the same bits; so does "-0"; a NaN is
 * "nan" or "-nan", or if it carries more than that "nan(0x...)".
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "daemon/db_export.h"

#define BUFFER_BYTES 262144

struct sheet {
	FILE *f;
	const struct dump_table *table;
	const char *path;
};

static void put_text(FILE *f, const char *text, size_t n)
{
	bool quoted = memchr(text, ',', n) || memchr(text, '"', n) || memchr(text, '\n', n) ||
		      memchr(text, '\r', n) || (n && (text[0] == '#' || text[0] == ' '));

	if (quoted)
		putc('"', f);
	if (n == 0 || text[0] == '\\')
		putc('\\', f);
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '"')
			putc('"', f);
		putc(text[i], f);
	}
	if (quoted)
		putc('"', f);
}

static void put_real(FILE *f, double real)
{
	uint64_t bits;

	if (!isnan(real)) {
		fprintf(f, "%.17g", real);
		return;
	}
	memcpy(&bits, &real, sizeof(bits));
	if ((bits & INT64_MAX) == UINT64_C(0x7ff8000000000000))
		fputs(bits >> 63 ? "-nan" : "nan", f);
	else
		fprintf(f, "nan(0x%016" PRIx64 ")", bits);
}

static void put_item(FILE *f, enum dump_type type, const char *bytes, int64_t i)
{
	double f8;
	int32_t i4;

	switch (type) {
	case DUMP_F8:
		memcpy(&f8, bytes + 8 * i, sizeof(f8));
		put_real(f, f8);
		break;
	case DUMP_I4:
		memcpy(&i4, bytes + 4 * i, sizeof(i4));
		fprintf(f, "%" PRId32, i4);
		break;
	case DUMP_U1:
		fprintf(f, "%d", (unsigned char)bytes[i]);
		break;
	case DUMP_INTEGER:
	case DUMP_REAL:
	case DUMP_TEXT:
		break;
	}
}

/* As many cells as the longest has; those that are not there are empty. */
static void put_array(FILE *f, const struct dump_column *c, sqlite3_stmt *row, int i)
{
	bool null = sqlite3_column_type(row, i) == SQLITE_NULL;
	const char *bytes = sqlite3_column_blob(row, i);
	int64_t n = sqlite3_column_bytes(row, i) / (int64_t)dump_item_bytes(c->type);

	for (int64_t k = 0; k < c->most; k++) {
		if (k)
			putc(',', f);
		if (k < n)
			put_item(f, c->type, bytes, k);
	}
	if (!dump_has_lengths(c))
		return;
	if (c->most)
		putc(',', f);
	if (!null)
		fprintf(f, "%" PRId64, n);
}

/* Of arrays that are all empty there is no cell. */
static bool has_cells(const struct dump_column *c)
{
	return !dump_is_array(c) || c->most > 0 || dump_has_lengths(c);
}

static int put_row(void *context, sqlite3_stmt *row, struct problem *p)
{
	struct sheet *sheet = context;
	bool any = false;

	for (size_t i = 0; i < sheet->table->n; i++) {
		const struct dump_column *c = &sheet->table->columns[i];

		if (!has_cells(c))
			continue;
		if (any)
			putc(',', sheet->f);
		any = true;
		if (dump_is_array(c))
			put_array(sheet->f, c, row, (int)i);
		else if (sqlite3_column_type(row, (int)i) == SQLITE_NULL)
			continue;
		else if (c->type == DUMP_TEXT)
			put_text(sheet->f, (const char *)sqlite3_column_text(row, (int)i),
				 (size_t)sqlite3_column_bytes(row, (int)i));
		else if (c->type == DUMP_INTEGER)
			fprintf(sheet->f, "%lld", (long long)sqlite3_column_int64(row, (int)i));
		else
			put_real(sheet->f, sqlite3_column_double(row, (int)i));
	}
	putc('\n', sheet->f);
	return ferror(sheet->f) ? problem_set(p, PROBLEM_STORAGE, "", "%s: %m", sheet->path) : 0;
}

static void put_names(FILE *f, const struct dump_table *table)
{
	bool any = false;

	for (size_t i = 0; i < table->n; i++) {
		const struct dump_column *c = &table->columns[i];

		if (!dump_is_array(c)) {
			fprintf(f, "%s%s", any ? "," : "", c->name);
			any = true;
			continue;
		}
		for (int64_t k = 0; k < c->most; k++, any = true)
			fprintf(f, "%s%s[%" PRId64 "]", any ? "," : "", c->name, k);
		if (dump_has_lengths(c)) {
			fprintf(f, "%s%s.length", any ? "," : "", c->name);
			any = true;
		}
	}
	putc('\n', f);
}

static void put_head(FILE *f, const struct dump *dump, const struct dump_table *table)
{
	const json_t *run = json_object_get(dump->manifest, "run");
	bool any = false;

	fprintf(f, "# " PACKAGE_NAME " run %lld %s, %s: %lld rows\n", (long long)dump->run,
		json_string_value(json_object_get(run, "uuid")), table->name,
		(long long)table->rows);
	fputs("# units:", f);
	for (size_t i = 0; i < table->n; i++) {
		const char *unit = dump_unit(table->columns[i].name);

		if (!*unit)
			continue;
		fprintf(f, "%s %s %s", any ? ";" : "", table->columns[i].name, unit);
		any = true;
	}
	fputs(any ? "\n" : " none\n", f);
}

static int close_file(FILE *f, const char *path, bool fine, struct problem *p)
{
	int failed = ferror(f);

	if (fclose(f) == EOF || failed)
		return fine ? problem_set(p, PROBLEM_STORAGE, "", "%s: %m", path) : -1;
	return fine ? 0 : -1;
}

static int write_table(const struct dump *dump, const struct dump_table *table, const char *path,
		       struct problem *p)
{
	struct sheet sheet = {.f = fopen(path, "wxe"), .table = table, .path = path};
	int r;

	if (!sheet.f)
		return problem_set(p, PROBLEM_STORAGE, "", "%s: %m", path);
	setvbuf(sheet.f, NULL, _IOFBF, BUFFER_BYTES);
	put_head(sheet.f, dump, table);
	put_names(sheet.f, table);
	r = dump_scan(dump, table, 0, table->n, put_row, &sheet, p);
	return close_file(sheet.f, path, r == 0, p);
}

static int write_manifest(const struct dump *dump, const char *path, struct problem *p)
{
	FILE *f = fopen(path, "wxe");
	int r;

	if (!f)
		return problem_set(p, PROBLEM_STORAGE, "", "%s: %m", path);
	r = json_dumpf(dump->manifest, f, JSON_INDENT(1));
	putc('\n', f);
	if (r < 0)
		problem_set(p, PROBLEM_STORAGE, "", "%s: %m", path);
	return close_file(f, path, r == 0, p);
}

int db_export_csv(const struct dump *dump, const char *part, struct problem *p)
{
	char *path = NULL;
	int r = 0;

	for (size_t i = 0; i < dump->n && r == 0; i++) {
		path = sqlite3_mprintf("%s/%s.csv", part, dump->tables[i].name);
		r = path ? write_table(dump, &dump->tables[i], path, p)
			 : problem_set(p, PROBLEM_STORAGE, "", "no memory for a name");
		sqlite3_free(path);
	}
	if (r < 0)
		return -1;
	path = sqlite3_mprintf("%s/run.json", part);
	r = path ? write_manifest(dump, path, p)
		 : problem_set(p, PROBLEM_STORAGE, "", "no memory for a name");
	sqlite3_free(path);
	return r;
}
