/* daemon/db_hdf5_read.c - an exported run from HDF5.  The seal is looked at first: libhdf5 gets no file that was damaged. */
#include "config.h"

#include <hdf5.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/db_hdf5.h"
#include "daemon/db_import.h"

#define PIECE_BYTES 65536
#define PIECE_TEXTS 512

/* A dataset, read piece by piece */
struct array {
	hid_t set, type;
	size_t row_bytes;
	hsize_t width;
	int axes;
	bool text;
	char *rows;
	hsize_t piece, n, next, at,
		left; /* rows: at once, there, due, in the file before and behind */
};

struct column {
	struct array values, mask, lengths; /* rows NULL: there is none */
};

struct reading {
	hid_t file, text;
	struct fill *fill;
	struct column *columns;
};

/* ---- the seal ---- */

static int check_seal(const char *file, struct problem *p)
{
	FILE *f = fopen(file, "re");
	char text[SEAL_BYTES] = "", want[SEAL_BYTES] = "";
	unsigned long long sum;
	long long bytes;
	int r;

	if (!f)
		return problem_set(p, PROBLEM_STORAGE, "", "%s: %m", file);
	r = fread(text, sizeof(text), 1, f) == 1
		    ? db_hdf5_measure(f, file, &bytes, &sum, p)
		    : problem_set(p, PROBLEM_STORAGE, "", "the file was cut off");
	fclose(f);
	if (r < 0)
		return -1;
	if (memcmp(text, "nudged-run ", 11) != 0)
		return problem_set(p, PROBLEM_STORAGE, "",
				   "it is no run that nudged exported, or was written anew by "
				   "another program");
	snprintf(want, sizeof(want), SEAL_FORMAT, bytes, sum);
	if (memcmp(text, want, sizeof(want)) != 0)
		return problem_set(p, PROBLEM_STORAGE, "",
				   "the file is damaged, was cut off, or was changed since it was "
				   "exported");
	return 0;
}

/* ---- datasets ---- */

static int odd(const char *what, struct problem *p)
{
	return problem_set(p, PROBLEM_STORAGE, "", "%s is not as the manifest tells", what);
}

static void free_texts(struct array *a)
{
	for (hsize_t i = 0; a->text && i < a->n; i++)
		H5free_memory(((char **)a->rows)[i]);
	a->n = a->next = 0;
}

static void close_array(struct array *a)
{
	if (!a->rows)
		return;
	free_texts(a);
	free(a->rows);
	a->rows = NULL;
	H5Dclose(a->set);
}

static bool has_shape(const struct array *a, int64_t rows)
{
	hid_t space = H5Dget_space(a->set);
	hsize_t shape[2] = {0, 0};
	bool fine = space >= 0 && H5Sget_simple_extent_ndims(space) == a->axes &&
		    H5Sget_simple_extent_dims(space, shape, NULL) == a->axes &&
		    shape[0] == (hsize_t)rows && (a->axes == 1 || shape[1] == a->width);

	if (space >= 0)
		H5Sclose(space);
	return fine;
}

static int open_array(struct reading *r, const struct dump_table *table, const char *column,
		      const char *ending, struct array *a, struct problem *p)
{
	char name[160];

	snprintf(name, sizeof(name), "%s/%s%s", table->name, column, ending);
	a->set = H5Dopen2(r->file, name, H5P_DEFAULT);
	if (a->set < 0)
		return odd(name, p);
	a->piece = a->text ? PIECE_TEXTS : a->row_bytes ? PIECE_BYTES / a->row_bytes : 1;
	a->piece = a->piece ? a->piece : 1;
	a->left = (hsize_t)table->rows;
	a->rows = has_shape(a, table->rows) ? calloc(a->piece, a->row_bytes ? a->row_bytes : 1)
					    : NULL;
	if (a->rows)
		return 0;
	H5Dclose(a->set);
	return odd(name, p);
}

static int read_piece(struct array *a, struct problem *p)
{
	hsize_t n = a->left < a->piece ? a->left : a->piece;
	hsize_t from[2] = {a->at, 0}, many[2] = {n, a->width};
	hid_t space = H5Dget_space(a->set), memory = H5Screate_simple(a->axes, many, NULL);
	int r = 0;

	free_texts(a);
	if (n > 0 && a->row_bytes > 0 &&
	    (H5Sselect_hyperslab(space, H5S_SELECT_SET, from, NULL, many, NULL) < 0 ||
	     H5Dread(a->set, a->type, memory, space, H5P_DEFAULT, a->rows) < 0))
		r = problem_set(p, PROBLEM_STORAGE, "", "HDF5 cannot read it");
	else
		a->n = n;
	H5Sclose(memory);
	H5Sclose(space);
	a->at += n;
	a->left -= n;
	return r;
}

/* The next row; NULL and *p */
static const char *next_row(struct array *a, struct problem *p)
{
	if (a->next == a->n && read_piece(a, p) < 0)
		return NULL;
	if (a->next == a->n) {
		odd("a dataset", p);
		return NULL;
	}
	return a->rows + a->next++ * a->row_bytes;
}

static int open_column(struct reading *r, const struct dump_table *table, size_t i,
		       struct problem *p)
{
	const struct dump_column *c = &table->columns[i];
	hid_t types[] = {H5T_NATIVE_INT64,  H5T_NATIVE_DOUBLE, r->text,
			 H5T_NATIVE_DOUBLE, H5T_NATIVE_INT32,  H5T_NATIVE_UINT8};
	struct column *column = &r->columns[i];

	column->values = (struct array){.type = types[c->type],
					.axes = dump_is_array(c) ? 2 : 1,
					.text = c->type == DUMP_TEXT,
					.width = dump_is_array(c) ? (hsize_t)c->most : 0};
	column->values.row_bytes = c->type == DUMP_TEXT ? sizeof(char *) : dump_item_bytes(c->type);
	if (dump_is_array(c))
		column->values.row_bytes *= column->values.width;
	column->mask = (struct array){.type = H5T_NATIVE_UINT8, .axes = 1, .row_bytes = 1};
	column->lengths = (struct array){.type = H5T_NATIVE_INT64, .axes = 1, .row_bytes = 8};
	if (open_array(r, table, c->name, "", &column->values, p) < 0)
		return -1;
	if (dump_has_mask(c) && open_array(r, table, c->name, ".null", &column->mask, p) < 0)
		return -1;
	return dump_has_lengths(c) ? open_array(r, table, c->name, ".length", &column->lengths, p)
				   : 0;
}

static void close_columns(struct reading *r, size_t n)
{
	for (size_t i = 0; r->columns && i < n; i++) {
		close_array(&r->columns[i].values);
		close_array(&r->columns[i].mask);
		close_array(&r->columns[i].lengths);
	}
	free(r->columns);
	r->columns = NULL;
}

/* ---- rows ---- */

static int put_array(struct reading *r, size_t i, const struct dump_column *c, const char *bytes,
		     struct problem *p)
{
	const char *at;
	int64_t n = c->most;

	if (r->columns[i].lengths.rows) {
		at = next_row(&r->columns[i].lengths, p);
		if (!at)
			return -1;
		memcpy(&n, at, sizeof(n));
		if (n < -1 || n > c->most)
			return odd(c->name, p);
	}
	if (n < 0)
		fill_null(r->fill, i);
	else
		fill_blob(r->fill, i, bytes, (size_t)n * dump_item_bytes(c->type));
	return 0;
}

static int put_value(struct reading *r, size_t i, const struct dump_column *c, struct problem *p)
{
	const char *bytes = next_row(&r->columns[i].values, p), *null = NULL, *text;
	int64_t integer;
	double real;

	if (!bytes)
		return -1;
	if (dump_is_array(c))
		return put_array(r, i, c, bytes, p);
	if (r->columns[i].mask.rows && !(null = next_row(&r->columns[i].mask, p)))
		return -1;
	if (null && *null) {
		fill_null(r->fill, i);
	} else if (c->type == DUMP_TEXT) {
		memcpy(&text, bytes, sizeof(text));
		fill_text(r->fill, i, text ? text : "", text ? strlen(text) : 0);
	} else if (c->type == DUMP_INTEGER) {
		memcpy(&integer, bytes, sizeof(integer));
		fill_integer(r->fill, i, integer);
	} else {
		memcpy(&real, bytes, sizeof(real));
		fill_real(r->fill, i, real);
	}
	return 0;
}

static int read_table(struct reading *r, size_t number, struct problem *p)
{
	const struct dump_table *table = &fill_layout(r->fill)->tables[number];
	int e = 0;

	r->columns = calloc(table->n, sizeof(*r->columns));
	if (!r->columns)
		return problem_set(p, PROBLEM_STORAGE, "", "no memory for columns");
	for (size_t i = 0; i < table->n && e == 0; i++)
		e = open_column(r, table, i, p);
	if (e == 0)
		e = fill_table(r->fill, number, p);
	for (int64_t row = 0; row < table->rows && e == 0; row++) {
		for (size_t i = 0; i < table->n && e == 0; i++)
			e = put_value(r, i, &table->columns[i], p);
		if (e == 0)
			e = fill_row(r->fill, p);
	}
	close_columns(r, table->n);
	return e;
}

/* ---- the file ---- */

static json_t *read_manifest(const struct reading *r, struct problem *p)
{
	hid_t attribute = H5Aopen(r->file, "manifest", H5P_DEFAULT);
	json_t *manifest = NULL;
	char *text = NULL;

	if (attribute >= 0 && H5Aread(attribute, r->text, &text) >= 0 && text)
		manifest = json_loads(text, 0, NULL);
	if (attribute >= 0)
		H5Aclose(attribute);
	H5free_memory(text);
	if (!manifest)
		odd("the attribute manifest", p);
	return manifest;
}

static int read_all(struct reading *r, const char *part, struct problem *p)
{
	json_t *manifest = read_manifest(r, p);
	int e;

	if (!manifest)
		return -1;
	e = fill_open(part, manifest, &r->fill, p);
	json_decref(manifest);
	if (e < 0)
		return -1;
	for (size_t i = 0; i < fill_layout(r->fill)->n && e == 0; i++)
		e = read_table(r, i, p);
	return e == 0 ? fill_end(r->fill, p) : -1;
}

int db_import_hdf5(const char *file, const char *part, struct problem *p)
{
	struct reading r = {0};
	int e;

	if (check_seal(file, p) < 0)
		return -1;
	H5dont_atexit();
	H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* we say it ourselves */
	r.file = H5Fopen(file, H5F_ACC_RDONLY, H5P_DEFAULT);
	if (r.file < 0)
		return problem_set(p, PROBLEM_STORAGE, "", "HDF5 cannot open it");
	r.text = H5Tcopy(H5T_C_S1);
	H5Tset_size(r.text, H5T_VARIABLE);
	H5Tset_cset(r.text, H5T_CSET_UTF8);
	e = read_all(&r, part, p);
	fill_close(r.fill);
	H5Tclose(r.text);
	H5Fclose(r.file);
	return e;
}
