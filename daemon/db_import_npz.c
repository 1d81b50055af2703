/* daemon/db_import_npz.c - an exported run from NPZ: the manifest says which arrays there are, and each must be just so. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/db_import_arrays.h"
#include "daemon/db_unzip.h"
#include "protocol/npy.h"

#define MANIFEST_MOST 268435456
#define BUFFER_BYTES  65536

/* An array, read row by row */
struct array {
	uint64_t at;  /* of the next bytes in the file */
	size_t width; /* bytes of a row */
	char *rows;
	size_t n, next; /* rows in the buffer, and which is due */
	int64_t left;   /* rows in the file behind them */
};

struct column {
	struct array arrays[IMPORT_ARRAYS]; /* rows NULL: it is not open */
};

struct reading {
	int fd;
	struct unzip_entry *entries;
	size_t n;
	struct column *columns;
};

static const struct unzip_entry *find(const struct reading *r, const char *name, struct problem *p)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->entries[i].name, name) == 0)
			return &r->entries[i];
	problem_set(p, PROBLEM_STORAGE, "", "it has no %s", name);
	return NULL;
}

static json_t *read_manifest(struct reading *r, struct problem *p)
{
	const struct unzip_entry *e = find(r, "run.json", p);
	json_t *manifest = NULL;
	char *text;

	if (!e)
		return NULL;
	text = e->size <= MANIFEST_MOST ? malloc(e->size + 1) : NULL;
	if (!text)
		problem_set(p, PROBLEM_STORAGE, "", "run.json is too long");
	else if (unzip_read(r->fd, e->at, text, e->size, p) == 0) {
		manifest = json_loadb(text, e->size, 0, NULL);
		if (!manifest)
			problem_set(p, PROBLEM_STORAGE, "", "run.json is damaged");
	}
	free(text);
	return manifest;
}

/* ---- arrays ---- */

static int open_array(struct reading *r, const struct dump_table *table, const char *column,
		      const char *ending, const char *dtype, int64_t columns, size_t width,
		      struct array *ret, struct problem *p)
{
	char name[160], want[NPY_HEAD_MOST], have[NPY_HEAD_MOST];
	size_t n = npy_head(dtype, (uint64_t)table->rows, columns, want);
	const struct unzip_entry *e;

	snprintf(name, sizeof(name), "%s/%s%s.npy", table->name, column, ending);
	e = find(r, name, p);
	if (!e)
		return -1;
	if (e->size != n + (uint64_t)table->rows * width)
		return problem_set(p, PROBLEM_STORAGE, "", "%s has not the size it should have",
				   name);
	if (unzip_read(r->fd, e->at, have, n, p) < 0)
		return -1;
	if (memcmp(want, have, n) != 0)
		return problem_set(p, PROBLEM_STORAGE, "", "%s: expected %s of %lld rows", name,
				   dtype, (long long)table->rows);
	*ret = (struct array){.at = e->at + n, .width = width, .left = table->rows};
	ret->rows = malloc(width > BUFFER_BYTES ? width : BUFFER_BYTES);
	return ret->rows ? 0 : problem_set(p, PROBLEM_STORAGE, "", "no memory for %s", name);
}

/* The next row; NULL and *p */
static const char *next_row(struct reading *r, struct array *a, struct problem *p)
{
	if (a->next == a->n) {
		size_t n = a->width && a->width < BUFFER_BYTES ? BUFFER_BYTES / a->width : 1;

		if ((int64_t)n > a->left)
			n = (size_t)a->left;
		if (unzip_read(r->fd, a->at, a->rows, n * a->width, p) < 0)
			return NULL;
		a->at += n * a->width;
		a->left -= (int64_t)n;
		a->n = n;
		a->next = 0;
	}
	return a->rows + a->next++ * a->width;
}

static int npz_open(void *self, const struct dump_table *table, size_t column,
		    enum import_array which, struct problem *p)
{
	static const char *const dtypes[] = {"<i8", "<f8", "|S", "<f8", "<i4", "|u1"};
	struct reading *r = self;
	const struct dump_column *c = &table->columns[column];
	struct array *array = &r->columns[column].arrays[which];
	size_t width = dump_item_bytes(c->type) * (dump_is_array(c) ? (size_t)c->most : 1);
	char dtype[24];

	if (which == IMPORT_MASK)
		return open_array(r, table, c->name, ".null", "|b1", -1, 1, array, p);
	if (which == IMPORT_LENGTHS)
		return open_array(r, table, c->name, ".length", "<i8", -1, 8, array, p);
	snprintf(dtype, sizeof(dtype), "%s", dtypes[c->type]);
	if (c->type == DUMP_TEXT) {
		width = c->most > 0 ? (size_t)c->most : 1;
		snprintf(dtype, sizeof(dtype), "|S%zu", width);
	}
	return open_array(r, table, c->name, "", dtype, dump_is_array(c) ? c->most : -1, width,
			  array, p);
}

static const char *npz_next(void *self, size_t column, enum import_array which, struct problem *p)
{
	struct reading *r = self;

	return next_row(r, &r->columns[column].arrays[which], p);
}

static const char *npz_text(void *self, size_t column, const char *row, size_t *ret_n)
{
	const struct reading *r = self;

	*ret_n = strnlen(row, r->columns[column].arrays[IMPORT_VALUES].width);
	return row;
}

static void npz_close(void *self, size_t column)
{
	struct reading *r = self;

	for (int i = 0; i < IMPORT_ARRAYS; i++)
		free(r->columns[column].arrays[i].rows);
}

static int npz_columns(void *self, size_t n, struct problem *p)
{
	struct reading *r = self;

	free(r->columns);
	r->columns = n ? calloc(n, sizeof(*r->columns)) : NULL;
	return n && !r->columns ? problem_set(p, PROBLEM_STORAGE, "", "no memory for columns") : 0;
}

int db_import_npz(const char *file, const char *part, struct problem *p)
{
	static const struct import_arrays how = {npz_open, npz_next, npz_text, npz_close,
						 npz_columns};
	struct reading r = {.fd = open(file, O_RDONLY | O_CLOEXEC)};
	int e;

	if (r.fd < 0)
		return problem_set(p, PROBLEM_STORAGE, "", "%s: %m", file);
	e = unzip_list(r.fd, &r.entries, &r.n, p);
	if (e == 0)
		e = import_arrays(&how, &r, part, read_manifest(&r, p), p);
	free(r.entries);
	close(r.fd);
	return e;
}
