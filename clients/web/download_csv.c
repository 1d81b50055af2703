/* clients/web/download_csv.c - a run's steps as CSV: a line a step, a column a value. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "clients/web/download.h"

#define PAGE_STEPS 2000

/* The number of node or edge that column j of an array stands for; j where nobody says */
static json_int_t number_of(const struct download *d, const char *name, size_t j)
{
	const json_t *descriptor = download_descriptor(d);
	static const char *const lists[][2] = {
		{"source_V", "sources"}, {"target_V", "targets"}, {"clamp_V", "targets"}};
	const json_t *array = download_array(d, name), *list = NULL;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (!strcmp(name, lists[i][0]))
			list = json_object_get(descriptor, lists[i][1]);
	if (array && json_is_array(json_object_get(array, "nodes")))
		list = json_object_get(array, "nodes");
	if (array && json_is_array(json_object_get(array, "edges")))
		list = json_object_get(array, "edges");
	return j < json_array_size(list) ? json_integer_value(json_array_get(list, j))
					 : (json_int_t)j;
}

/* The mask's bytes are shown as one digit an edge: docs/SCHEMA.md */
static bool is_mask(const char *name)
{
	return !strcmp(name, "updated");
}

static size_t edges_of(const struct download *d, const struct nudge_array *mask)
{
	const json_t *array = download_array(d, "wiper");
	size_t n = json_array_size(array ? json_object_get(array, "edges") : NULL);
	json_int_t wide;

	if (n)
		return n;
	array = download_array(d, "r_ohm");
	wide = json_integer_value(
		json_array_get(array ? json_object_get(array, "shape") : NULL, 1));
	return wide > 0 ? (size_t)wide : mask->shape[1] * 8;
}

static size_t wide(const struct download *d, const struct nudge_array *array)
{
	size_t edges;

	if (!is_mask(array->name) || array->shape[1] == 0)
		return array->shape[1];
	edges = edges_of(d, array);
	return edges < array->shape[1] * 8 ? edges : array->shape[1] * 8;
}

static void add_names(struct download *d, const struct nudge_record *page)
{
	for (size_t k = 0; k < page->n_arrays; k++) {
		const struct nudge_array *array = &page->arrays[k];
		const char *comma = k ? "," : "";

		if (array->axes == 1)
			text_format(&d->text, "%s%s", comma, array->name);
		for (size_t j = 0; array->axes > 1 && j < wide(d, array); j++)
			text_format(&d->text, "%s%s[%lld]", comma, array->name,
				    (long long)(is_mask(array->name)
							? (json_int_t)j
							: number_of(d, array->name, j)));
	}
	text_put(&d->text, "\r\n");
}

static void add_value(struct text *text, const struct nudge_array *array, size_t i, size_t j)
{
	double real;

	if (is_mask(array->name)) {
		int64_t byte = nudge_array_integer(array, i, j / 8);

		text_put(text, byte >> j % 8 & 1 ? "1" : "0");
	} else if (array->dtype[1] != 'f') {
		text_format(text, "%lld", (long long)nudge_array_integer(array, i, j));
	} else {
		real = nudge_array_real(array, i, j);
		if (isfinite(real)) /* empty: there is none */
			text_format(text, "%.17g", real);
	}
}

static void add_line(struct download *d, const struct nudge_record *page, size_t i)
{
	for (size_t k = 0; k < page->n_arrays; k++) {
		const struct nudge_array *array = &page->arrays[k];

		for (size_t j = 0; j < wide(d, array); j++) {
			if (k || j)
				text_put(&d->text, ",");
			add_value(&d->text, array, i, j);
		}
	}
	text_put(&d->text, "\r\n");
}

static int csv_more(struct download *d)
{
	struct nudge_record *page;

	if (download_page(d, d->columns, PAGE_STEPS, &page) < 0)
		return -1;
	if (!d->own)
		add_names(d, page);
	d->own = d; /* the names stand there */
	for (size_t i = 0; page->n_arrays > 0 && i < page->arrays[0].shape[0]; i++)
		add_line(d, page, i);
	nudge_record_free(page);
	d->ended = d->from > d->last;
	return 0;
}

void csv_begin(struct download *d)
{
	d->more = csv_more;
}
