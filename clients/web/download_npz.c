/* clients/web/download_npz.c - a run's steps as NPZ: an array a column, as numpy.load() reads them, and run.json.
 *
 * The rows are counted first: an array's head says how many there are.  Then column by column.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/web/download.h"
#include "protocol/npy.h"
#include "protocol/zip.h"

#define PAGE_STEPS  20000
#define COUNT_STEPS 1000000

struct npz {
	struct zip *zip;
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

/* Begins the entry of the column that this array is a part of */
static void begin_array(struct npz *npz, const struct nudge_array *array)
{
	int64_t columns = array->axes > 1 ? (int64_t)array->shape[1] : -1;
	char name[64], head[NPY_HEAD_MOST];
	size_t n = npy_head(array->item_bytes > 1 ? array->dtype : "|u1", npz->rows, columns, head);

	snprintf(name, sizeof(name), "%s.npy", array->name);
	zip_entry(npz->zip, name,
		  n + npz->rows * (columns < 0 ? 1 : array->shape[1]) * array->item_bytes);
	zip_add(npz->zip, head, n);
}

static void add_run(struct download *d, struct npz *npz)
{
	struct text json = {0};

	text_json(&json, d->run);
	zip_entry(npz->zip, "run.json", json.n);
	if (json.failed)
		d->text.failed = true;
	else
		zip_add(npz->zip, json.bytes, json.n);
	zip_entry_end(npz->zip);
	text_clear(&json);
}

static int add_page(struct download *d, struct npz *npz, const struct nudge_record *page)
{
	const struct nudge_array *array = page->n_arrays > 0 ? &page->arrays[0] : NULL;

	if (!array)
		return -1;
	if (npz->done == 0)
		begin_array(npz, array);
	zip_add(npz->zip, array->bytes, array->shape[0] * array->shape[1] * array->item_bytes);
	npz->done += array->shape[0];
	if (d->from <= d->last)
		return 0;
	if (npz->done != npz->rows) /* the head has promised them */
		return -1;
	zip_entry_end(npz->zip);
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
		d->ended = true;
		return zip_end(npz->zip);
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
	struct npz *npz = d->own;

	zip_free(npz ? npz->zip : NULL);
	free(npz);
}

/* What is to be sent grows in the text, which is emptied as it goes */
static int into_text(void *to, const void *bytes, size_t n)
{
	struct text *text = to;

	text_add(text, bytes, n);
	return text->failed ? -1 : 0;
}

int npz_begin(struct download *d)
{
	struct npz *npz = calloc(1, sizeof(*npz));

	if (npz)
		npz->zip = zip_open(into_text, &d->text);
	if (!npz || !npz->zip || count_rows(d, npz) < 0) {
		zip_free(npz ? npz->zip : NULL);
		free(npz);
		return -1;
	}
	d->from = npz->first;
	d->last = npz->last;
	d->own = npz;
	d->more = npz_more;
	d->close = npz_close;
	return 0;
}
