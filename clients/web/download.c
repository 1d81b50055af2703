/* clients/web/download.c - /api/download: the steps of a run as CSV, page by page.
 *
 * As much is asked for at a time as a reply may hold; nothing else of the run is in memory.
 */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/web/answer.h"
#include "clients/web/api.h"
#include "clients/web/download.h"
#include "clients/web/text.h"
#include "protocol/problem.h"

#define PAGE_STEPS 2000
#define PAGE_S     30.0

struct download {
	struct pool *pool;
	uint64_t run, from, last; /* the next step to be asked for; the last there is */
	json_t *columns;          /* the names of those that the run has */
	json_t *descriptor;
	bool named, ended;
	struct text text;
	size_t at;
};

/* Those of the table steps (docs/SCHEMA.md), but for what a descriptor may leave out */
static const char *const always[] = {
	"step",        "t_mono_ns", "t_apply_ns", "t_free_ns",   "t_clamped_ns", "t_tick_ns",
	"lateness_ns", "example",   "rev",        "flags",       "mse_V2",       "source_V",
	"target_V",    "clamp_V",   "v_free_V",   "v_clamped_V", "wiper",        "updated",
};

static const json_t *array_of(const json_t *descriptor, const char *name)
{
	json_t *array;
	size_t i;

	json_array_foreach(json_object_get(descriptor, "arrays"), i, array)
	{
		const char *here = json_string_value(json_object_get(array, "name"));

		if (here && !strcmp(here, name))
			return array;
	}
	return NULL;
}

static json_t *choose_columns(const json_t *descriptor)
{
	static const char *const maybe[] = {"mse_equilibrium_V2", "r_ohm"};
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		json_array_append_new(list, json_string(always[i]));
	for (size_t i = 0; i < sizeof(maybe) / sizeof(maybe[0]); i++)
		if (array_of(descriptor, maybe[i]))
			json_array_append_new(list, json_string(maybe[i]));
	return list;
}

/* ---- the lines ---- */

/* The number of node or edge that column j of an array stands for; j where nobody says */
static json_int_t number_of(const json_t *descriptor, const char *name, size_t j)
{
	static const char *const lists[][2] = {
		{"source_V", "sources"}, {"target_V", "targets"}, {"clamp_V", "targets"}};
	const json_t *array = array_of(descriptor, name), *list = NULL;

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
	const json_t *array = array_of(d->descriptor, "wiper");
	size_t n = json_array_size(array ? json_object_get(array, "edges") : NULL);
	json_int_t wide;

	if (n)
		return n;
	array = array_of(d->descriptor, "r_ohm");
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
				    (long long)(is_mask(array->name) ? (json_int_t)j
								     : number_of(d->descriptor,
										 array->name, j)));
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

/* ---- page by page ---- */

static int next_page(struct download *d)
{
	struct nudge_error error = {0};
	struct nudge_record *page;
	json_t *next;
	json_t *params = json_pack("{s:I, s:I, s:I, s:O}", "run", (json_int_t)d->run, "from",
				   (json_int_t)d->from, "to",
				   (json_int_t)(d->from + PAGE_STEPS - 1), "columns", d->columns);

	if (pool_call(d->pool, false, "history.steps", params, NULL, PAGE_S, &page, &error) < 0) {
		fprintf(stderr, "nudge-web: download of run %llu: %s\n", (unsigned long long)d->run,
			error.message);
		nudge_error_clear(&error);
		return -1;
	}
	if (!d->named)
		add_names(d, page);
	d->named = true;
	if (page->n_arrays > 0)
		for (size_t i = 0; i < page->arrays[0].shape[0]; i++)
			add_line(d, page, i);
	next = json_object_get(page->header, "next");
	d->from = json_is_integer(next) ? (uint64_t)json_integer_value(next) : d->from + PAGE_STEPS;
	nudge_record_free(page);
	return d->text.failed ? -1 : 0;
}

static ssize_t download_read(void *source, char *bytes, size_t n)
{
	struct download *d = source;
	size_t here;

	while (d->at == d->text.n) {
		d->at = 0;
		d->text.n = 0;
		/* a connection that ends in mid-file is how a browser learns that something is missing */
		if (d->ended || next_page(d) < 0)
			return d->ended ? -1 : HTTP_BROKEN;
		d->ended = d->from > d->last;
	}
	here = d->text.n - d->at < n ? d->text.n - d->at : n;
	memcpy(bytes, d->text.bytes + d->at, here);
	d->at += here;
	return (ssize_t)here;
}

static void download_close(void *source)
{
	struct download *d = source;

	json_decref(d->columns);
	json_decref(d->descriptor);
	text_clear(&d->text);
	free(d);
}

/* What the file is called, and where the run's steps end: those it had when it was asked for */
static void begin(struct pool *pool, const json_t *run, struct http_answer *ret)
{
	struct download *d = calloc(1, sizeof(*d));
	json_int_t steps = json_integer_value(json_object_get(run, "steps"));
	char name[128];

	if (!d) {
		answer_text(ret, 500, "no memory\n");
		return;
	}
	d->pool = pool;
	d->run = (uint64_t)json_integer_value(json_object_get(run, "run"));
	d->last = steps > 0 ? (uint64_t)steps - 1 : 0;
	d->descriptor = json_incref(json_object_get(run, "descriptor"));
	d->columns = choose_columns(d->descriptor);
	snprintf(name, sizeof(name), "attachment; filename=\"run-%llu.csv\"",
		 (unsigned long long)d->run);
	http_add_header(ret, "Content-Disposition", name);
	ret->status = 200;
	ret->type = "text/csv; charset=utf-8";
	ret->read = download_read;
	ret->close = download_close;
	ret->source = d;
}

void download_answer(struct pool *pool, const struct http_request *request, struct http_answer *ret)
{
	const char *format = http_query(request, "format");
	struct nudge_error error = {0};
	json_t *params, *run;

	if (format && strcmp(format, "csv")) {
		answer_error(ret, 400, PROBLEM_PARAMS, "params", "format=%.20s: expected csv",
			     format);
		return;
	}
	params = json_object();
	if (!api_number(request, "run", params, "run", ret)) {
		json_decref(params);
		return;
	}
	if (pool_ask(pool, "history.run", params, &run, &error) < 0) {
		answer_nudge_error(ret, &error);
		return;
	}
	if (json_is_object(json_object_get(run, "descriptor")))
		begin(pool, run, ret);
	else
		answer_error(ret, 404, PROBLEM_NOT_FOUND, "not_found",
			     "this run has not begun: it has no steps");
	json_decref(run);
}
