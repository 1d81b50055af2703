/* daemon/db_import_arrays.c - arrays to rows, whatever holds the arrays. */
#include "config.h"

#include <string.h>

#include "daemon/db_import_arrays.h"

struct reading {
	const struct import_arrays *how;
	void *self;
	struct fill *fill;
};

static int put_array(struct reading *r, size_t i, const struct dump_column *c, const char *bytes,
		     struct problem *p)
{
	const char *row;
	int64_t n = c->most;

	if (dump_has_lengths(c)) {
		row = r->how->next(r->self, i, IMPORT_LENGTHS, p);
		if (!row)
			return -1;
		memcpy(&n, row, sizeof(n));
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

static void put_scalar(struct reading *r, size_t i, enum dump_type type, const char *bytes)
{
	const char *text;
	int64_t integer;
	double real;
	size_t n;

	if (type == DUMP_TEXT) {
		text = r->how->text(r->self, i, bytes, &n);
		fill_text(r->fill, i, text, n);
	} else if (type == DUMP_INTEGER) {
		memcpy(&integer, bytes, sizeof(integer));
		fill_integer(r->fill, i, integer);
	} else {
		memcpy(&real, bytes, sizeof(real));
		fill_real(r->fill, i, real);
	}
}

static int put_value(struct reading *r, size_t i, const struct dump_column *c, struct problem *p)
{
	const char *bytes = r->how->next(r->self, i, IMPORT_VALUES, p), *null = NULL;

	if (!bytes)
		return -1;
	if (dump_is_array(c))
		return put_array(r, i, c, bytes, p);
	if (dump_has_mask(c) && !(null = r->how->next(r->self, i, IMPORT_MASK, p)))
		return -1;
	if (null && *null)
		fill_null(r->fill, i);
	else
		put_scalar(r, i, c->type, bytes);
	return 0;
}

static int open_column(struct reading *r, const struct dump_table *table, size_t i,
		       struct problem *p)
{
	const struct dump_column *c = &table->columns[i];

	if (r->how->open(r->self, table, i, IMPORT_VALUES, p) < 0)
		return -1;
	if (dump_has_mask(c) && r->how->open(r->self, table, i, IMPORT_MASK, p) < 0)
		return -1;
	return dump_has_lengths(c) ? r->how->open(r->self, table, i, IMPORT_LENGTHS, p) : 0;
}

static int read_table(struct reading *r, size_t number, struct problem *p)
{
	const struct dump_table *table = &fill_layout(r->fill)->tables[number];
	int e = 0;

	if (r->how->columns(r->self, table->n, p) < 0)
		return -1;
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
	for (size_t i = 0; i < table->n; i++)
		r->how->close(r->self, i);
	(void)r->how->columns(r->self, 0, NULL);
	return e;
}

int import_arrays(const struct import_arrays *how, void *self, const char *part, json_t *manifest,
		  struct problem *p)
{
	struct reading r = {how, self, NULL};
	int e;

	if (!manifest)
		return -1;
	e = fill_open(part, manifest, &r.fill, p);
	json_decref(manifest);
	for (size_t i = 0; e == 0 && i < fill_layout(r.fill)->n; i++)
		e = read_table(&r, i, p);
	if (e == 0)
		e = fill_end(r.fill, p);
	fill_close(r.fill);
	return e;
}
