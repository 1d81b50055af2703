/* daemon/db_hdf5_write.c - a run as HDF5: a group a table, a dataset a column, what they mean as attributes.
 *
 * A table is read once; of each column as many rows are kept as one chunk of its dataset has.
 */
#include "config.h"

#include <errno.h>
#include <hdf5.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/db_export.h"
#include "daemon/db_hdf5.h"

#define CHUNK_BYTES 65536
#define CHUNK_TEXTS 512 /* rows: each may be long */

enum part { VALUES, MASK, LENGTHS };

/* A dataset on its way: rows gathered until a chunk is full */
struct column {
	hid_t set, type;
	enum dump_type kind;
	enum part part;
	size_t source;        /* number of the column in the row */
	size_t row_bytes;     /* in memory */
	hsize_t width;        /* items a row; 0: one axis */
	hsize_t chunk, n, at; /* rows: of a chunk, gathered, written */
	char *rows;
};

struct writing {
	hid_t file, group, text;
	const char *part;
	size_t n;
	struct column *columns;
};

static int fail(const char *part, const char *doing, struct problem *p)
{
	return problem_set(p, PROBLEM_STORAGE, "", "%s: HDF5 cannot %s%s%s", part, doing,
			   errno ? ": " : "", errno ? strerror(errno) : "");
}

/* ---- attributes ---- */

static int put_attribute(struct writing *w, hid_t of, const char *name, const char *text)
{
	hid_t space = H5Screate(H5S_SCALAR);
	hid_t attribute = H5Acreate2(of, name, w->text, space, H5P_DEFAULT, H5P_DEFAULT);
	int r = attribute >= 0 && H5Awrite(attribute, w->text, &text) >= 0 ? 0 : -1;

	if (attribute >= 0)
		H5Aclose(attribute);
	H5Sclose(space);
	return r;
}

static int put_number(hid_t of, const char *name, json_int_t value)
{
	int64_t number = value;
	hid_t space = H5Screate(H5S_SCALAR);
	hid_t attribute = H5Acreate2(of, name, H5T_STD_I64LE, space, H5P_DEFAULT, H5P_DEFAULT);
	int r = attribute >= 0 && H5Awrite(attribute, H5T_NATIVE_INT64, &number) >= 0 ? 0 : -1;

	if (attribute >= 0)
		H5Aclose(attribute);
	H5Sclose(space);
	return r;
}

/* Members of the manifest's `run`: texts and whole numbers as they are, others as JSON. */
static int put_provenance(struct writing *w, const struct dump *dump, struct problem *p)
{
	const json_t *run = json_object_get(dump->manifest, "run");
	const char *name;
	json_t *value;
	char *json = json_dumps(dump->manifest, JSON_COMPACT);
	int r = json ? put_attribute(w, w->file, "manifest", json) : -1;

	free(json);
	json_object_foreach((json_t *)run, name, value)
	{
		if (r < 0 || json_is_null(value))
			continue;
		if (json_is_integer(value)) {
			r = put_number(w->file, name, json_integer_value(value));
		} else if (json_is_string(value)) {
			r = put_attribute(w, w->file, name, json_string_value(value));
		} else {
			json = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
			r = json ? put_attribute(w, w->file, name, json) : -1;
			free(json);
		}
	}
	return r < 0 ? fail(w->part, "write attributes", p) : 0;
}

/* ---- datasets ---- */

static hid_t type_of(const struct writing *w, const struct column *c)
{
	if (c->part == MASK)
		return H5T_STD_U8LE;
	if (c->part == LENGTHS)
		return H5T_STD_I64LE;
	switch (c->kind) {
	case DUMP_INTEGER:
		return H5T_STD_I64LE;
	case DUMP_REAL:
	case DUMP_F8:
		return H5T_IEEE_F64LE;
	case DUMP_I4:
		return H5T_STD_I32LE;
	case DUMP_U1:
		return H5T_STD_U8LE;
	case DUMP_TEXT:
		break;
	}
	return w->text;
}

static size_t item_bytes(const struct column *c)
{
	if (c->part == MASK)
		return 1;
	if (c->part == LENGTHS)
		return 8;
	return c->kind == DUMP_TEXT ? sizeof(char *) : dump_item_bytes(c->kind);
}

static hsize_t chunk_rows(const struct column *c, hsize_t rows)
{
	hsize_t n = c->row_bytes ? CHUNK_BYTES / c->row_bytes : 1;

	if (c->kind == DUMP_TEXT && c->part == VALUES)
		n = CHUNK_TEXTS;
	if (n > rows)
		n = rows;
	return n ? n : 1;
}

/* What has no bytes has no chunks. */
static int create(struct writing *w, struct column *c, const char *name, hsize_t rows)
{
	hsize_t shape[2] = {rows, c->width}, chunk[2] = {c->chunk, c->width};
	int axes = c->part == VALUES && c->kind >= DUMP_F8 ? 2 : 1;
	hid_t space = H5Screate_simple(axes, shape, NULL);
	hid_t how = H5Pcreate(H5P_DATASET_CREATE), reach = H5Pcreate(H5P_DATASET_ACCESS);
	int r = space < 0 || how < 0 || reach < 0 ? -1 : 0;

	/* the same run, the same bytes: no times of day */
	if (r == 0)
		r = H5Pset_obj_track_times(how, false) < 0 ? -1 : 0;
	if (r == 0 && rows > 0 && (axes == 1 || c->width > 0))
		r = H5Pset_chunk(how, axes, chunk) < 0 ? -1 : 0;
	if (r == 0) /* chunks are written whole and once */
		r = H5Pset_chunk_cache(reach, 11, 2 * CHUNK_BYTES, 1.0) < 0 ? -1 : 0;
	if (r == 0)
		c->set = H5Dcreate2(w->group, name, c->type, space, H5P_DEFAULT, how, reach);
	H5Pclose(reach);
	H5Pclose(how);
	H5Sclose(space);
	return r == 0 && c->set >= 0 ? 0 : -1;
}

static int open_column(struct writing *w, const struct dump_table *table, size_t i, enum part part,
		       struct problem *p)
{
	static const char *const endings[] = {"", ".null", ".length"};
	const struct dump_column *its = &table->columns[i];
	struct column *c = &w->columns[w->n++];
	char name[80];
	int r;

	*c = (struct column){.set = -1, .kind = its->type, .part = part, .source = i};
	if (part == VALUES && dump_is_array(its))
		c->width = (hsize_t)its->most;
	c->type = type_of(w, c);
	c->row_bytes = item_bytes(c) * (part == VALUES && dump_is_array(its) ? c->width : 1);
	c->chunk = chunk_rows(c, (hsize_t)table->rows);
	c->rows = calloc(c->chunk, c->row_bytes ? c->row_bytes : 1);
	if (!c->rows)
		return problem_set(p, PROBLEM_STORAGE, "", "no memory for rows of %zu bytes",
				   c->row_bytes);
	snprintf(name, sizeof(name), "%s%s", its->name, endings[part]);
	r = create(w, c, name, (hsize_t)table->rows);
	if (r == 0 && part == VALUES && *dump_unit(its->name))
		r = put_attribute(w, c->set, "unit", dump_unit(its->name));
	return r < 0 ? fail(w->part, "make a dataset", p) : 0;
}

static int flush(struct writing *w, struct column *c, struct problem *p)
{
	hsize_t from[2] = {c->at, 0}, many[2] = {c->n, c->width};
	hid_t space = H5Dget_space(c->set), memory;
	int axes = H5Sget_simple_extent_ndims(space);
	bool text = c->part == VALUES && c->kind == DUMP_TEXT;
	int r = 0;

	if (c->n > 0 && c->row_bytes > 0) {
		memory = H5Screate_simple(axes, many, NULL);
		if (H5Sselect_hyperslab(space, H5S_SELECT_SET, from, NULL, many, NULL) < 0 ||
		    H5Dwrite(c->set, c->type, memory, space, H5P_DEFAULT, c->rows) < 0)
			r = fail(w->part, "write", p);
		H5Sclose(memory);
	}
	H5Sclose(space);
	for (hsize_t i = 0; text && i < c->n; i++)
		free(((char **)c->rows)[i]);
	c->at += c->n;
	c->n = 0;
	return r;
}

static void close_columns(struct writing *w)
{
	for (size_t i = 0; i < w->n; i++) {
		struct column *c = &w->columns[i];

		for (hsize_t k = 0;
		     c->rows && c->part == VALUES && c->kind == DUMP_TEXT && k < c->n; k++)
			free(((char **)c->rows)[k]);
		free(c->rows);
		if (c->set >= 0)
			H5Dclose(c->set);
	}
	free(w->columns);
	w->columns = NULL;
	w->n = 0;
}

/* ---- rows ---- */

static int put_text(char **at, sqlite3_stmt *row, int i, struct problem *p)
{
	const char *text = (const char *)sqlite3_column_text(row, i);

	*at = strdup(text ? text : "");
	return *at ? 0 : problem_set(p, PROBLEM_STORAGE, "", "no memory for a text");
}

static void put_bytes(const struct column *c, char *at, sqlite3_stmt *row, int i)
{
	double real = (double)NAN;

	memset(at, 0, c->row_bytes);
	for (size_t k = 0; c->kind == DUMP_F8 && k < c->row_bytes; k += sizeof(real))
		memcpy(at + k, &real, sizeof(real));
	if (sqlite3_column_bytes(row, i) > 0)
		memcpy(at, sqlite3_column_blob(row, i), (size_t)sqlite3_column_bytes(row, i));
}

static int put_value(const struct column *c, char *at, sqlite3_stmt *row, struct problem *p)
{
	int i = (int)c->source;
	bool null = sqlite3_column_type(row, i) == SQLITE_NULL;
	int64_t integer;
	double real;

	if (c->part == MASK) {
		*at = null;
		return 0;
	}
	if (c->part == LENGTHS || c->kind == DUMP_INTEGER) {
		integer = c->part != LENGTHS ? sqlite3_column_int64(row, i)
			  : null             ? -1
				 : sqlite3_column_bytes(row, i) / (int64_t)dump_item_bytes(c->kind);
		memcpy(at, &integer, sizeof(integer));
		return 0;
	}
	if (c->kind == DUMP_TEXT)
		return put_text((char **)at, row, i, p);
	if (c->kind != DUMP_REAL) {
		put_bytes(c, at, row, i);
		return 0;
	}
	real = null ? (double)NAN : sqlite3_column_double(row, i);
	memcpy(at, &real, sizeof(real));
	return 0;
}

static int put_row(void *context, sqlite3_stmt *row, struct problem *p)
{
	struct writing *w = context;

	for (size_t i = 0; i < w->n; i++) {
		struct column *c = &w->columns[i];

		if (put_value(c, c->rows + c->n * c->row_bytes, row, p) < 0)
			return -1;
		if (++c->n == c->chunk && flush(w, c, p) < 0)
			return -1;
	}
	return 0;
}

static int open_columns(struct writing *w, const struct dump_table *table, struct problem *p)
{
	w->columns = calloc(2 * table->n, sizeof(*w->columns));
	if (!w->columns)
		return problem_set(p, PROBLEM_STORAGE, "", "no memory for columns");
	for (size_t i = 0; i < table->n; i++) {
		if (open_column(w, table, i, VALUES, p) < 0 ||
		    (dump_has_mask(&table->columns[i]) && open_column(w, table, i, MASK, p) < 0) ||
		    (dump_has_lengths(&table->columns[i]) &&
		     open_column(w, table, i, LENGTHS, p) < 0))
			return -1;
	}
	return 0;
}

static int put_table(struct writing *w, const struct dump *dump, const struct dump_table *table,
		     struct problem *p)
{
	int r;

	w->group = H5Gcreate2(w->file, table->name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
	if (w->group < 0)
		return fail(w->part, "make a group", p);
	r = open_columns(w, table, p);
	if (r == 0)
		r = dump_scan(dump, table, 0, table->n, put_row, w, p);
	for (size_t i = 0; i < w->n && r == 0; i++)
		r = flush(w, &w->columns[i], p);
	close_columns(w);
	H5Gclose(w->group);
	return r;
}

/* ---- the file ---- */

static hid_t create_file(const char *part)
{
	hid_t how = H5Pcreate(H5P_FILE_CREATE), reach = H5Pcreate(H5P_FILE_ACCESS), file = -1;

	if (H5Pset_userblock(how, SEAL_BYTES) >= 0 &&
	    H5Pset_libver_bounds(reach, H5F_LIBVER_EARLIEST, H5F_LIBVER_V18) >= 0)
		file = H5Fcreate(part, H5F_ACC_TRUNC, how, reach);
	H5Pclose(reach);
	H5Pclose(how);
	return file;
}

static int seal(const char *part, struct problem *p)
{
	FILE *f = fopen(part, "r+e");
	char text[SEAL_BYTES] = "";
	unsigned long long sum;
	long long bytes;
	int r;

	if (!f)
		return problem_set(p, PROBLEM_STORAGE, "", "%s: %m", part);
	r = db_hdf5_measure(f, part, &bytes, &sum, p);
	if (r == 0) {
		snprintf(text, sizeof(text), SEAL_FORMAT, bytes, sum);
		rewind(f);
		if (fwrite(text, sizeof(text), 1, f) != 1)
			r = problem_set(p, PROBLEM_STORAGE, "", "%s: %m", part);
	}
	if (fclose(f) == EOF && r == 0)
		r = problem_set(p, PROBLEM_STORAGE, "", "%s: %m", part);
	return r;
}

int db_export_hdf5(const struct dump *dump, const char *part, struct problem *p)
{
	struct writing w = {.part = part};
	int r;

	H5dont_atexit(); /* of a file that could not be written it would try again, and fall over it */
	H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* we say it ourselves */
	errno = 0;
	w.file = create_file(part);
	if (w.file < 0)
		return fail(part, "make the file", p);
	w.text = H5Tcopy(H5T_C_S1);
	H5Tset_size(w.text, H5T_VARIABLE);
	H5Tset_cset(w.text, H5T_CSET_UTF8);
	r = put_provenance(&w, dump, p);
	for (size_t i = 0; i < dump->n && r == 0; i++)
		r = put_table(&w, dump, &dump->tables[i], p);
	H5Tclose(w.text);
	if (H5Fclose(w.file) < 0 && r == 0)
		r = fail(part, "write", p);
	return r == 0 ? seal(part, p) : -1;
}
