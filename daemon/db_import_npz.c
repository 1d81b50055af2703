/* daemon/db_import_npz.c - an exported run from NPZ: the manifest says which arrays there are, and each must be just so. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/db_import.h"
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
	struct array values, mask, lengths; /* rows NULL: there is none */
};

struct reading {
	int fd;
	struct unzip_entry *entries;
	size_t n;
	struct fill *fill;
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

static int open_column(struct reading *r, const struct dump_table *table, size_t i,
		       struct problem *p)
{
	static const char *const dtypes[] = {"<i8", "<f8", "|S", "<f8", "<i4", "|u1"};
	const struct dump_column *c = &table->columns[i];
	struct column *column = &r->columns[i];
	size_t width = dump_item_bytes(c->type) * (dump_is_array(c) ? (size_t)c->most : 1);
	char dtype[24];

	snprintf(dtype, sizeof(dtype), "%s", dtypes[c->type]);
	if (c->type == DUMP_TEXT) {
		width = c->most > 0 ? (size_t)c->most : 1;
		snprintf(dtype, sizeof(dtype), "|S%zu", width);
	}
	if (open_array(r, table, c->name, "", dtype, dump_is_array(c) ? c->most : -1, width,
		       &column->values, p) < 0)
		return -1;
	if (dump_has_mask(c) &&
	    open_array(r, table, c->name, ".null", "|b1", -1, 1, &column->mask, p) < 0)
		return -1;
	return dump_has_lengths(c)
		       ? open_array(r, table, c->name, ".length", "<i8", -1, 8, &column->lengths, p)
		       : 0;
}

static void close_columns(struct reading *r, size_t n)
{
	for (size_t i = 0; r->columns && i < n; i++) {
		free(r->columns[i].values.rows);
		free(r->columns[i].mask.rows);
		free(r->columns[i].lengths.rows);
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
		at = next_row(r, &r->columns[i].lengths, p);
		if (!at)
			return -1;
		memcpy(&n, at, sizeof(n));
		if (n < -1 || n > c->most)
			return problem_set(p, PROBLEM_STORAGE, "", "%s.length is out of range",
					   c->name);
	}
	if (n < 0)
		fill_null(r->fill, i);
	else
		fill_blob(r->fill, i, bytes, (size_t)n * dump_item_bytes(c->type));
	return 0;
}

static int put_value(struct reading *r, size_t i, const struct dump_column *c, struct problem *p)
{
	const char *bytes = next_row(r, &r->columns[i].values, p), *null = NULL;
	int64_t integer;
	double real;

	if (!bytes)
		return -1;
	if (dump_is_array(c))
		return put_array(r, i, c, bytes, p);
	if (r->columns[i].mask.rows && !(null = next_row(r, &r->columns[i].mask, p)))
		return -1;
	if (null && *null) {
		fill_null(r->fill, i);
	} else if (c->type == DUMP_TEXT) {
		fill_text(r->fill, i, bytes, strnlen(bytes, r->columns[i].values.width));
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

int db_import_npz(const char *file, const char *part, struct problem *p)
{
	struct reading r = {.fd = open(file, O_RDONLY | O_CLOEXEC)};
	int e;

	if (r.fd < 0)
		return problem_set(p, PROBLEM_STORAGE, "", "%s: %m", file);
	e = unzip_list(r.fd, &r.entries, &r.n, p);
	if (e == 0)
		e = read_all(&r, part, p);
	fill_close(r.fill);
	free(r.entries);
	close(r.fd);
	return e;
}
