/* clients/web/download_npz.c - a run's steps as NPZ: an array a column, as numpy.load() reads them, and run.json.
 *
 * The rows are counted first: an array's head says how many there are.  Then column by column.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/web/download.h"
#include "clients/web/zip.h"

#define PAGE_STEPS  20000
#define COUNT_STEPS 1000000

struct npz {
	struct zip zip;
	uint64_t rows, first, last; /* there are, from this step to that */
	size_t column;              /* that is being written */
	uint64_t done;              /* rows of it */
};

/* How many rows there are, and their first and last step */
static int count_rows(struct download *d, struct npz *npz)
{
	json_t *columns = json_pack("[s]", "step");
	int r = 0;

	while (r == 0 && d->from <= d->last) {
		struct nudge_record *page;

		r = download_page(d, columns, COUNT_STEPS, &page);
		if (r < 0)
			break;
		if (page->n_arrays > 0 && page->arrays[0].shape[0] > 0) {
			const struct nudge_array *step = &page->arrays[0];

			if (npz->rows == 0)
				npz->first = (uint64_t)nudge_array_integer(step, 0, 0);
			npz->rows += step->shape[0];
			npz->last = (uint64_t)nudge_array_integer(step, step->shape[0] - 1, 0);
		}
		nudge_record_free(page);
	}
	json_decref(columns);
	return r;
}

/* The head of an .npy file, version 1.0 */
static void add_head(struct npz *npz, const struct nudge_array *array)
{
	char dictionary[256], head[10 + 320];
	int n, padded;

	if (array->axes > 1)
		n = snprintf(dictionary, sizeof(dictionary),
			     "{'descr': '%s', 'fortran_order': False, 'shape': (%llu, %zu), }",
			     array->item_bytes > 1 ? array->dtype : "|u1",
			     (unsigned long long)npz->rows, array->shape[1]);
	else
		n = snprintf(dictionary, sizeof(dictionary),
			     "{'descr': '%s', 'fortran_order': False, 'shape': (%llu,), }",
			     array->item_bytes > 1 ? array->dtype : "|u1",
			     (unsigned long long)npz->rows);
	padded = (10 + n + 1 + 63) / 64 * 64 - 10; /* data begin at a multiple of 64 */
	memcpy(head, "\x93NUMPY\x01", 7);
	head[7] = 0;
	head[8] = (char)(padded & 255);
	head[9] = (char)(padded >> 8);
	memset(head + 10, ' ', (size_t)padded);
	memcpy(head + 10, dictionary, (size_t)n);
	head[10 + padded - 1] = '\n';
	zip_add(&npz->zip, head, 10 + (size_t)padded);
}

static void add_run(struct download *d, struct npz *npz)
{
	struct text json = {0};

	text_json(&json, d->run);
	zip_entry(&npz->zip, "run.json");
	if (json.failed)
		d->text.failed = true;
	else
		zip_add(&npz->zip, json.bytes, json.n);
	zip_entry_end(&npz->zip);
	text_clear(&json);
}

static int add_page(struct download *d, struct npz *npz, const struct nudge_record *page)
{
	const struct nudge_array *array = page->n_arrays > 0 ? &page->arrays[0] : NULL;
	char name[64];
	size_t bytes;

	if (!array)
		return -1;
	if (npz->done == 0) {
		snprintf(name, sizeof(name), "%s.npy", array->name);
		zip_entry(&npz->zip, name);
		add_head(npz, array);
	}
	bytes = array->shape[0] * array->shape[1] * array->item_bytes;
	if (npz->zip.at + bytes > ZIP_MOST)
		return -1;
	zip_add(&npz->zip, array->bytes, bytes);
	npz->done += array->shape[0];
	if (d->from <= d->last)
		return 0;
	if (npz->done != npz->rows) /* the head has promised them */
		return -1;
	zip_entry_end(&npz->zip);
	npz->column++;
	npz->done = 0;
	d->from = npz->first;
	return 0;
}

static int npz_more(struct download *d)
{
	struct npz *npz = d->own;
	struct nudge_record *page;
	json_t *columns;
	int r;

	if (npz->rows == 0 || npz->column == json_array_size(d->columns)) {
		add_run(d, npz);
		zip_end(&npz->zip);
		d->ended = true;
		return 0;
	}
	columns = json_pack("[O]", json_array_get(d->columns, npz->column));
	r = download_page(d, columns, PAGE_STEPS, &page);
	json_decref(columns);
	if (r < 0)
		return -1;
	r = add_page(d, npz, page);
	nudge_record_free(page);
	return r;
}

static void npz_close(struct download *d)
{
	free(d->own);
}

int npz_begin(struct download *d)
{
	struct npz *npz = calloc(1, sizeof(*npz));

	if (!npz || count_rows(d, npz) < 0) {
		free(npz);
		return -1;
	}
	npz->zip.out = &d->text;
	d->from = npz->first;
	d->last = npz->last;
	d->own = npz;
	d->more = npz_more;
	d->close = npz_close;
	return 0;
}
