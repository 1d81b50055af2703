/* protocol/record.c - the step record: its row in memory, and its pages on the wire. */
#include "config.h"

#include <string.h>

#include "protocol/record.h"

static size_t align8(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

/* Bytes of one row on the wire. */
static size_t wire_bytes(const struct record_layout *layout)
{
	struct record_array arrays[RECORD_ARRAYS];
	size_t bytes = 0, n = record_arrays(layout, arrays);

	for (size_t i = 0; i < n; i++)
		bytes += arrays[i].width * arrays[i].item_bytes;
	return bytes;
}

void record_layout(const struct record_shape *shape, struct record_layout *ret)
{
	struct record_layout l = {.n_sources = shape->n_sources,
				  .n_targets = shape->n_targets,
				  .n_measured = shape->n_measured,
				  .n_edges = shape->n_edges,
				  .n_wipers = shape->continuous ? 0 : shape->n_edges,
				  .n_r_ohm = shape->continuous ? shape->n_edges : 0,
				  .equilibrium = shape->equilibrium,
				  .keep_every = shape->keep_every ? shape->keep_every : 1,
				  .wiper_every = shape->wiper_every ? shape->wiper_every : 1,
				  .mask_bytes = (shape->n_edges + 7) / 8};

	l.source_V = align8(sizeof(struct record_head));
	l.target_V = l.source_V + l.n_sources * sizeof(double);
	l.clamp_V = l.target_V + l.n_targets * sizeof(double);
	l.free_V = l.clamp_V + l.n_targets * sizeof(double);
	l.clamped_V = l.free_V + l.n_measured * sizeof(double);
	l.r_ohm = l.clamped_V + l.n_measured * sizeof(double);
	l.wiper = l.r_ohm + l.n_r_ohm * sizeof(double);
	l.updated = l.wiper + l.n_wipers;
	l.row_bytes = align8(l.updated + l.mask_bytes);
	l.page_rows = RECORD_MAX_BYTES / wire_bytes(&l);
	if (l.page_rows > RECORD_MAX_ROWS)
		l.page_rows = RECORD_MAX_ROWS;
	if (l.page_rows == 0)
		l.page_rows = 1;
	*ret = l;
}

size_t record_arrays(const struct record_layout *l, struct record_array ret[RECORD_ARRAYS])
{
	const struct record_array arrays[] = {
		{"t_mono_ns", "<i8", "ns", 1, 1, 8, offsetof(struct record_head, t_mono_ns), false},
		{"example", "<u4", NULL, 1, 1, 4, offsetof(struct record_head, example), false},
		{"rev", "<u4", NULL, 1, 1, 4, offsetof(struct record_head, rev), false},
		{"flags", "<u4", NULL, 1, 1, 4, offsetof(struct record_head, flags), false},
		{"mse_V2", "<f8", "V^2", 1, 1, 8, offsetof(struct record_head, mse_V2), false},
		{"v_free_V", "<f8", "V", l->n_measured, 2, 8, l->free_V, false},
		{"v_clamped_V", "<f8", "V", l->n_measured, 2, 8, l->clamped_V, false},
		{"wiper", "<u1", NULL, l->n_wipers, 2, 1, l->wiper, true},
		{"updated", "<u1", NULL, l->mask_bytes, 2, 1, l->updated, true},
	};
	const struct record_array equilibrium = {"mse_equilibrium_V2",
						 "<f8",
						 "V^2",
						 1,
						 1,
						 8,
						 offsetof(struct record_head, mse_equilibrium_V2),
						 false};
	const struct record_array r_ohm = {"r_ohm", "<f8", "ohm", l->n_r_ohm, 2, 8, l->r_ohm, true};
	size_t n = sizeof(arrays) / sizeof(arrays[0]);

	memcpy(ret, arrays, sizeof(arrays));
	if (l->equilibrium)
		ret[n++] = equilibrium;
	if (l->n_r_ohm)
		ret[n++] = r_ohm;
	return n;
}

/* ---- the descriptor ---- */

/* The edges of larger networks are not listed: they are all, in their order. */
#define MOST_LISTED 10000

static json_t *number_list(const uint32_t *numbers, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_integer(numbers ? numbers[i] : (json_int_t)i));
	return list;
}

json_t *record_descriptor(const struct record_layout *layout, uint64_t desc, uint64_t run,
			  const uint32_t *measured, const uint32_t *targets,
			  const uint32_t *sources)
{
	struct record_array arrays[RECORD_ARRAYS];
	size_t n = record_arrays(layout, arrays);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		const struct record_array *a = &arrays[i];
		json_t *item = json_pack("{s:s,s:s,s:[s],s:s?}", "name", a->name, "dtype", a->dtype,
					 "shape", "n", "unit", a->unit);

		if (a->axes == 2)
			json_array_append_new(json_object_get(item, "shape"),
					      json_integer((json_int_t)a->width));
		if (a->axes == 2 && !a->of_edges)
			json_object_set_new(item, "nodes",
					    number_list(measured, layout->n_measured));
		if (a->of_edges && layout->n_edges <= MOST_LISTED)
			json_object_set_new(item, "edges",
					    number_list(NULL, a->width ? layout->n_edges : 0));
		json_array_append_new(list, item);
	}
	return json_pack("{s:I,s:I,s:o,s:o,s:o,s:o,s:I,s:I}", "desc", (json_int_t)desc, "run",
			 (json_int_t)run, "arrays", list, "measured",
			 number_list(measured, layout->n_measured), "targets",
			 number_list(targets, layout->n_targets), "sources",
			 number_list(sources, layout->n_sources), "keep_every",
			 (json_int_t)layout->keep_every, "wiper_every",
			 (json_int_t)(layout->wiper_every == UINT64_MAX ? 0 : layout->wiper_every));
}

/* ---- pages ---- */

void record_gather(const struct record_array *array, const void *rows, size_t row_stride, size_t n,
		   void *out)
{
	const char *from = (const char *)rows + array->offset;
	size_t bytes = array->width * array->item_bytes;
	char *to = out;

	for (size_t i = 0; i < n; i++, from += row_stride, to += bytes) {
		const struct record_head *head =
			(const void *)((const char *)rows + i * row_stride);

		if (array->of_edges && head->flags & RECORD_WIPER_UNREAD)
			memset(to, 0, bytes);
		else
			memcpy(to, from, bytes);
	}
}

/* Text that grows in a fixed buffer; at NULL once it did not fit. */
struct pen {
	char *at, *end;
};

static void put_text(struct pen *pen, const char *text)
{
	size_t n = strlen(text);

	if (!pen->at || (size_t)(pen->end - pen->at) <= n) {
		pen->at = NULL;
		return;
	}
	memcpy(pen->at, text, n + 1);
	pen->at += n;
}

static void put_number(struct pen *pen, const char *name, uint64_t value)
{
	char digits[24], *first = digits + sizeof(digits) - 1;

	*first = '\0';
	do {
		*--first = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	put_text(pen, name);
	put_text(pen, first);
}

size_t record_header(const struct record_page *page, char *text, size_t size)
{
	struct pen pen = {text, text + size};
	char utc[32];

	put_number(&pen, "{\"v\":", PROTOCOL_VERSION);
	put_text(&pen, ",\"kind\":\"step\",\"boot\":\"");
	put_text(&pen, page->boot);
	put_text(&pen, "\"");
	if (page->seq > 0) {
		put_number(&pen, ",\"seq\":", page->seq);
		put_number(&pen, ",\"prev\":", page->prev);
		put_number(&pen, ",\"durable_seq\":", page->durable_seq);
	}
	put_number(&pen, ",\"run\":", page->run);
	put_number(&pen, ",\"step\":", page->step);
	put_number(&pen, ",\"n\":", page->n);
	if (page->left_out)
		put_text(&pen, ",\"kept\":false");
	put_number(&pen, ",\"desc\":", page->desc);
	put_text(&pen, ",\"t_utc\":\"");
	put_text(&pen, record_utc(page->t_utc_ns, utc, sizeof(utc)));
	put_text(&pen, "\"}");
	return pen.at ? (size_t)(pen.at - text) : 0;
}
