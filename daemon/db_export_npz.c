/* daemon/db_export_npz.c - a run as NPZ: "TABLE/COLUMN.npy" an array, as numpy.load() reads them, and run.json, the manifest.
 *
 * Column by column: nothing but one row is in memory.
 */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/db_export.h"
#include "protocol/npy.h"
#include "protocol/zip.h"

#define BUFFER_BYTES 262144

static const char *const dtypes[] = {"<i8", "<f8", "|S", "<f8", "<i4", "|u1"};

struct writing {
	FILE *f;
	const char *part;
	struct zip *zip;
	const struct dump_column *column;
	size_t width; /* bytes of a row */
	char *row;
	enum { VALUES, MASK, LENGTHS } what;
};

static int into_file(void *to, const void *bytes, size_t n)
{
	return fwrite(bytes, 1, n, to) == n ? 0 : -1;
}

/* ---- rows ---- */

static void fill_value(const struct writing *w, sqlite3_stmt *s)
{
	int64_t integer = sqlite3_column_int64(s, 0);
	double real;

	switch (w->column->type) {
	case DUMP_INTEGER:
		memcpy(w->row, &integer, sizeof(integer));
		return;
	case DUMP_REAL:
		real = sqlite3_column_type(s, 0) == SQLITE_NULL ? (double)NAN
								: sqlite3_column_double(s, 0);
		memcpy(w->row, &real, sizeof(real));
		return;
	case DUMP_TEXT:
	case DUMP_U1:
	case DUMP_I4:
		memset(w->row, 0, w->width);
		break;
	case DUMP_F8: /* where a shorter array has nothing */
		for (size_t i = 0; i < w->width; i += sizeof(real)) {
			real = (double)NAN;
			memcpy(w->row + i, &real, sizeof(real));
		}
		break;
	}
	if (sqlite3_column_bytes(s, 0) > 0)
		memcpy(w->row,
		       w->column->type == DUMP_TEXT ? (const void *)sqlite3_column_text(s, 0)
						    : sqlite3_column_blob(s, 0),
		       (size_t)sqlite3_column_bytes(s, 0));
}

static int put_row(void *context, sqlite3_stmt *s, struct problem *p)
{
	struct writing *w = context;
	bool null = sqlite3_column_type(s, 0) == SQLITE_NULL;
	int64_t length;

	switch (w->what) {
	case VALUES:
		fill_value(w, s);
		break;
	case MASK:
		w->row[0] = null;
		break;
	case LENGTHS:
		length = null ? -1
			      : sqlite3_column_bytes(s, 0) /
					 (int64_t)dump_item_bytes(w->column->type);
		memcpy(w->row, &length, sizeof(length));
		break;
	}
	zip_add(w->zip, w->row, w->width);
	return ferror(w->f) ? problem_set(p, PROBLEM_STORAGE, "", "%s: %m", w->part) : 0;
}

/* ---- arrays ---- */

static int put_array(struct writing *w, const struct dump *dump, const struct dump_table *table,
		     size_t i, const char *ending, const char *dtype, int64_t columns,
		     struct problem *p)
{
	char name[160], head[NPY_HEAD_MOST];
	size_t n = npy_head(dtype, (uint64_t)table->rows, columns, head);
	int r;

	free(w->row);
	w->row = calloc(w->width + 1, 1);
	if (!w->row)
		return problem_set(p, PROBLEM_STORAGE, "", "no memory for a row of %zu bytes",
				   w->width);
	snprintf(name, sizeof(name), "%s/%s%s.npy", table->name, table->columns[i].name, ending);
	zip_entry(w->zip, name, n + (uint64_t)table->rows * w->width);
	zip_add(w->zip, head, n);
	r = dump_scan(dump, table, i, 1, put_row, w, p);
	zip_entry_end(w->zip);
	return r;
}

static int put_column(struct writing *w, const struct dump *dump, const struct dump_table *table,
		      size_t i, struct problem *p)
{
	const struct dump_column *c = &table->columns[i];
	char dtype[24];
	int r;

	snprintf(dtype, sizeof(dtype), "%s", dtypes[c->type]);
	w->column = c;
	w->what = VALUES;
	w->width = dump_item_bytes(c->type);
	if (dump_is_array(c))
		w->width *= (size_t)c->most;
	if (c->type == DUMP_TEXT) {
		w->width = c->most > 0 ? (size_t)c->most : 1;
		snprintf(dtype, sizeof(dtype), "|S%zu", w->width);
	}
	r = put_array(w, dump, table, i, "", dtype, dump_is_array(c) ? c->most : -1, p);
	if (r == 0 && dump_has_mask(c)) {
		w->what = MASK;
		w->width = 1;
		r = put_array(w, dump, table, i, ".null", "|b1", -1, p);
	}
	if (r == 0 && dump_has_lengths(c)) {
		w->what = LENGTHS;
		w->width = 8;
		r = put_array(w, dump, table, i, ".length", "<i8", -1, p);
	}
	return r;
}

static int put_manifest(struct writing *w, const struct dump *dump, struct problem *p)
{
	char *text = json_dumps(dump->manifest, JSON_INDENT(1));

	if (!text)
		return problem_set(p, PROBLEM_STORAGE, "", "no memory for a manifest");
	zip_entry(w->zip, "run.json", strlen(text));
	zip_add(w->zip, text, strlen(text));
	zip_entry_end(w->zip);
	free(text);
	return 0;
}

static int put_all(struct writing *w, const struct dump *dump, struct problem *p)
{
	if (put_manifest(w, dump, p) < 0)
		return -1;
	for (size_t i = 0; i < dump->n; i++)
		for (size_t k = 0; k < dump->tables[i].n; k++)
			if (put_column(w, dump, &dump->tables[i], k, p) < 0)
				return -1;
	return zip_end(w->zip) == 0 ? 0 : problem_set(p, PROBLEM_STORAGE, "", "%s: %m", w->part);
}

int db_export_npz(const struct dump *dump, const char *part, struct problem *p)
{
	struct writing w = {.f = fopen(part, "we"), .part = part};
	int r;

	if (!w.f)
		return problem_set(p, PROBLEM_STORAGE, "", "%s: %m", part);
	setvbuf(w.f, NULL, _IOFBF, BUFFER_BYTES);
	w.zip = zip_open(into_file, w.f);
	r = w.zip ? put_all(&w, dump, p)
		  : problem_set(p, PROBLEM_STORAGE, "", "no memory for an archive");
	if (fclose(w.f) == EOF && r == 0)
		r = problem_set(p, PROBLEM_STORAGE, "", "%s: %m", part);
	zip_free(w.zip);
	free(w.row);
	return r;
}
