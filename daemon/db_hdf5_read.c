/* daemon/db_hdf5_read.c - an exported run from HDF5.  The seal is looked at first: libhdf5 gets no file that was damaged. */
#include "config.h"

#include <hdf5.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/db_hdf5.h"
#include "daemon/db_import_arrays.h"

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
	struct array arrays[IMPORT_ARRAYS]; /* rows NULL: it is not open */
};

struct reading {
	hid_t file, text;
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

static int hdf5_open(void *self, const struct dump_table *table, size_t column,
		     enum import_array which, struct problem *p)
{
	struct reading *r = self;
	const struct dump_column *c = &table->columns[column];
	hid_t types[] = {H5T_NATIVE_INT64,  H5T_NATIVE_DOUBLE, r->text,
			 H5T_NATIVE_DOUBLE, H5T_NATIVE_INT32,  H5T_NATIVE_UINT8};
	struct array *array = &r->columns[column].arrays[which];

	if (which == IMPORT_MASK) {
		*array = (struct array){.type = H5T_NATIVE_UINT8, .axes = 1, .row_bytes = 1};
		return open_array(r, table, c->name, ".null", array, p);
	}
	if (which == IMPORT_LENGTHS) {
		*array = (struct array){.type = H5T_NATIVE_INT64, .axes = 1, .row_bytes = 8};
		return open_array(r, table, c->name, ".length", array, p);
	}
	*array = (struct array){.type = types[c->type],
				.axes = dump_is_array(c) ? 2 : 1,
				.text = c->type == DUMP_TEXT,
				.width = dump_is_array(c) ? (hsize_t)c->most : 0};
	array->row_bytes = c->type == DUMP_TEXT ? sizeof(char *) : dump_item_bytes(c->type);
	if (dump_is_array(c))
		array->row_bytes *= array->width;
	return open_array(r, table, c->name, "", array, p);
}

static const char *hdf5_next(void *self, size_t column, enum import_array which, struct problem *p)
{
	struct reading *r = self;

	return next_row(&r->columns[column].arrays[which], p);
}

static const char *hdf5_text(void *self, size_t column, const char *row, size_t *ret_n)
{
	const char *text;

	(void)self;
	(void)column;
	memcpy(&text, row, sizeof(text));
	*ret_n = text ? strlen(text) : 0;
	return text ? text : "";
}

static void hdf5_close(void *self, size_t column)
{
	struct reading *r = self;

	for (int i = 0; i < IMPORT_ARRAYS; i++)
		close_array(&r->columns[column].arrays[i]);
}

static int hdf5_columns(void *self, size_t n, struct problem *p)
{
	struct reading *r = self;

	free(r->columns);
	r->columns = n ? calloc(n, sizeof(*r->columns)) : NULL;
	return n && !r->columns ? problem_set(p, PROBLEM_STORAGE, "", "no memory for columns") : 0;
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

int db_import_hdf5(const char *file, const char *part, struct problem *p)
{
	static const struct import_arrays how = {hdf5_open, hdf5_next, hdf5_text, hdf5_close,
						 hdf5_columns};
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
	e = import_arrays(&how, &r, part, read_manifest(&r, p), p);
	H5Tclose(r.text);
	H5Fclose(r.file);
	return e;
}
