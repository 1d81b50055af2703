/* daemon/db_import_csv.c - an exported run from its directory of CSV files: run.json says which columns there are. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/db_csv.h"
#include "daemon/db_import.h"

#define BUFFER_BYTES 262144

/* The cells of the line at hand, taken one by one */
struct cells {
	const struct csv_cell *at, *end;
	char **bytes; /* of each column's array, until the row is put */
	const struct dump_table *table;
	long line;
};

static int odd(const struct cells *cells, const char *column, const struct csv_cell *cell,
	       struct problem *p)
{
	return problem_set(p, PROBLEM_STORAGE, "", "%s.csv, line %ld: \"%.40s\" is no %s",
			   cells->table->name, cells->line, cell ? cell->text : "", column);
}

static int read_integer(const char *text, int64_t least, int64_t most, int64_t *ret)
{
	long long value;
	char *end;

	errno = 0;
	value = strtoll(text, &end, 10);
	if (end == text || *end || errno || value < least || value > most)
		return -1;
	*ret = value;
	return 0;
}

static int read_real(const char *text, double *ret)
{
	uint64_t bits;
	char *end;

	if (strncmp(text, "nan(", 4) == 0) {
		bits = strtoull(text + 4, &end, 16);
		if (strcmp(end, ")") != 0)
			return -1;
		memcpy(ret, &bits, sizeof(bits));
		return 0;
	}
	if (strcmp(text, "nan") == 0 || strcmp(text, "-nan") == 0) {
		bits = UINT64_C(0x7ff8000000000000) | (uint64_t)(*text == '-') << 63;
		memcpy(ret, &bits, sizeof(bits));
		return 0;
	}
	*ret = strtod(text, &end); /* also the least ones, for which errno would be set */
	return end == text || *end ? -1 : 0;
}

static int read_item(enum dump_type type, const char *text, char *bytes)
{
	int64_t integer;
	int32_t small;
	double real;

	switch (type) {
	case DUMP_F8:
		if (read_real(text, &real) < 0)
			return -1;
		memcpy(bytes, &real, sizeof(real));
		return 0;
	case DUMP_I4:
		if (read_integer(text, INT32_MIN, INT32_MAX, &integer) < 0)
			return -1;
		small = (int32_t)integer;
		memcpy(bytes, &small, sizeof(small));
		return 0;
	case DUMP_U1:
		if (read_integer(text, 0, 255, &integer) < 0)
			return -1;
		*bytes = (char)integer;
		return 0;
	case DUMP_INTEGER:
	case DUMP_REAL:
	case DUMP_TEXT:
		break;
	}
	return -1;
}

static const struct csv_cell *take(struct cells *cells)
{
	return cells->at < cells->end ? cells->at++ : NULL;
}

static int put_array(struct fill *fill, struct cells *cells, size_t i, struct problem *p)
{
	const struct dump_column *c = &cells->table->columns[i];
	const struct csv_cell *first = cells->at, *cell;
	size_t item = dump_item_bytes(c->type);
	int64_t n = c->most;

	for (int64_t k = 0; k < c->most; k++)
		if (!take(cells))
			return odd(cells, c->name, NULL, p);
	if (dump_has_lengths(c)) {
		cell = take(cells);
		if (!cell || (cell->n && read_integer(cell->text, 0, c->most, &n) < 0))
			return odd(cells, c->name, cell, p);
		if (cell->n == 0) {
			fill_null(fill, i);
			return 0;
		}
	}
	for (int64_t k = 0; k < n; k++)
		if (read_item(c->type, first[k].text, cells->bytes[i] + (size_t)k * item) < 0)
			return odd(cells, c->name, &first[k], p);
	fill_blob(fill, i, cells->bytes[i], (size_t)n * item);
	return 0;
}

static int put_value(struct fill *fill, struct cells *cells, size_t i, struct problem *p)
{
	const struct dump_column *c = &cells->table->columns[i];
	const struct csv_cell *cell;
	int64_t integer;
	double real;

	if (dump_is_array(c))
		return put_array(fill, cells, i, p);
	cell = take(cells);
	if (!cell)
		return odd(cells, c->name, cell, p);
	if (cell->n == 0) {
		fill_null(fill, i);
	} else if (c->type == DUMP_TEXT) {
		size_t mark = cell->text[0] == '\\';

		fill_text(fill, i, cell->text + mark, cell->n - mark);
	} else if (c->type == DUMP_INTEGER) {
		if (read_integer(cell->text, INT64_MIN, INT64_MAX, &integer) < 0)
			return odd(cells, c->name, cell, p);
		fill_integer(fill, i, integer);
	} else {
		if (read_real(cell->text, &real) < 0)
			return odd(cells, c->name, cell, p);
		fill_real(fill, i, real);
	}
	return 0;
}

static int put_rows(struct fill *fill, struct cells *cells, struct csv_line *line,
		    struct problem *p)
{
	size_t n;
	int r;

	r = csv_line_next(line, true, &cells->at, &n, p); /* the names: the manifest has them */
	if (r <= 0)
		return r < 0 ? -1
			     : problem_set(p, PROBLEM_STORAGE, "", "%s.csv is empty",
					   cells->table->name);
	while ((r = csv_line_next(line, false, &cells->at, &n, p)) > 0) {
		cells->end = cells->at + n;
		cells->line = csv_line_number(line);
		for (size_t i = 0; i < cells->table->n && r > 0; i++)
			r = put_value(fill, cells, i, p) < 0 ? -1 : 1;
		if (r > 0 && cells->at != cells->end)
			r = problem_set(p, PROBLEM_STORAGE, "",
					"%s.csv, line %ld: %zu cells too many", cells->table->name,
					cells->line, (size_t)(cells->end - cells->at));
		if (r < 0 || fill_row(fill, p) < 0)
			return -1;
	}
	return r;
}

static int make_room(struct cells *cells, struct problem *p)
{
	cells->bytes = calloc(cells->table->n + 1, sizeof(*cells->bytes));
	for (size_t i = 0; cells->bytes && i < cells->table->n; i++) {
		const struct dump_column *c = &cells->table->columns[i];

		if (!dump_is_array(c))
			continue;
		cells->bytes[i] = malloc((size_t)c->most * dump_item_bytes(c->type) + 1);
		if (!cells->bytes[i])
			return problem_set(p, PROBLEM_STORAGE, "", "no memory for %s", c->name);
	}
	return cells->bytes ? 0 : problem_set(p, PROBLEM_STORAGE, "", "no memory for a row");
}

static int read_table(struct fill *fill, const char *directory, size_t number, struct problem *p)
{
	struct cells cells = {.table = &fill_layout(fill)->tables[number]};
	char *path = sqlite3_mprintf("%s/%s.csv", directory, cells.table->name);
	FILE *f = path ? fopen(path, "re") : NULL;
	struct csv_line *line = f ? csv_line_open(f, ',') : NULL;
	int r;

	if (f)
		setvbuf(f, NULL, _IOFBF, BUFFER_BYTES);
	r = line ? make_room(&cells, p) : problem_set(p, PROBLEM_STORAGE, "", "%s: %m", path);
	if (r == 0)
		r = fill_table(fill, number, p);
	if (r == 0)
		r = put_rows(fill, &cells, line, p);
	for (size_t i = 0; cells.bytes && i < cells.table->n; i++)
		free(cells.bytes[i]);
	free(cells.bytes);
	csv_line_close(line);
	if (f)
		fclose(f);
	sqlite3_free(path);
	return r;
}

int db_import_csv(const char *directory, const char *part, struct problem *p)
{
	char *path = sqlite3_mprintf("%s/run.json", directory);
	FILE *f = path ? fopen(path, "re") : NULL;
	json_t *manifest = f ? json_loadf(f, 0, NULL) : NULL;
	struct fill *fill = NULL;
	int r;

	if (!manifest)
		r = problem_set(p, PROBLEM_STORAGE, "",
				f ? "%s/run.json is damaged"
				  : "%s is no exported run: it has no run.json",
				directory);
	else
		r = fill_open(part, manifest, &fill, p);
	if (f)
		fclose(f);
	sqlite3_free(path);
	json_decref(manifest);
	for (size_t i = 0; r == 0 && i < fill_layout(fill)->n; i++)
		r = read_table(fill, directory, i, p);
	if (r == 0)
		r = fill_end(fill, p);
	fill_close(fill);
	return r;
}
