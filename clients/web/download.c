/* clients/web/download.c - /api/download: the steps of a run as a file, page by page.
 *
 * As much is asked for at a time as a reply may hold; nothing else of the run is in memory.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/web/answer.h"
#include "clients/web/api.h"
#include "clients/web/download.h"
#include "protocol/problem.h"

#define PAGE_S 30.0

const json_t *download_descriptor(const struct download *d)
{
	return json_object_get(d->run, "descriptor");
}

const json_t *download_array(const struct download *d, const char *name)
{
	json_t *array;
	size_t i;

	json_array_foreach(json_object_get(download_descriptor(d), "arrays"), i, array)
	{
		const char *here = json_string_value(json_object_get(array, "name"));

		if (here && !strcmp(here, name))
			return array;
	}
	return NULL;
}

/* Those of the table steps (docs/SCHEMA.md); some a run may not have */
static json_t *choose_columns(const struct download *d)
{
	static const char *const always[] = {
		"step",        "t_mono_ns",   "t_apply_ns", "t_free_ns", "t_clamped_ns",
		"t_tick_ns",   "lateness_ns", "example",    "rev",       "flags",
		"mse_V2",      "source_V",    "target_V",   "clamp_V",   "v_free_V",
		"v_clamped_V", "wiper",       "updated"};
	static const char *const maybe[] = {"mse_equilibrium_V2", "r_ohm"};
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		json_array_append_new(list, json_string(always[i]));
	for (size_t i = 0; i < sizeof(maybe) / sizeof(maybe[0]); i++)
		if (download_array(d, maybe[i]))
			json_array_append_new(list, json_string(maybe[i]));
	return list;
}

int download_page(struct download *d, json_t *columns, uint64_t most, struct nudge_record **ret)
{
	struct nudge_error error = {0};
	uint64_t to = d->last - d->from < most ? d->last : d->from + most - 1;
	json_t *next;
	json_t *params =
		json_pack("{s:O, s:I, s:I, s:O}", "run", json_object_get(d->run, "run"), "from",
			  (json_int_t)d->from, "to", (json_int_t)to, "columns", columns);

	if (pool_call(d->pool, false, "history.steps", params, NULL, PAGE_S, ret, &error) < 0) {
		fprintf(stderr, "nudge-web: a download: %s\n", error.message);
		nudge_error_clear(&error);
		return -1;
	}
	next = json_object_get((*ret)->header, "next");
	d->from = json_is_integer(next) ? (uint64_t)json_integer_value(next) : to + 1;
	return 0;
}

/* ---- the answer ---- */

static ssize_t download_read(void *source, char *bytes, size_t n)
{
	struct download *d = source;
	size_t here;

	while (d->at == d->text.n) {
		if (d->ended)
			return -1;
		d->at = d->text.n = 0;
		/* a connection that breaks off is how a browser learns that something is missing */
		if (d->more(d) < 0 || d->text.failed)
			return HTTP_BROKEN;
	}
	here = d->text.n - d->at < n ? d->text.n - d->at : n;
	memcpy(bytes, d->text.bytes + d->at, here);
	d->at += here;
	return (ssize_t)here;
}

static void download_close(void *source)
{
	struct download *d = source;

	if (d->close)
		d->close(d);
	json_decref(d->columns);
	json_decref(d->run);
	text_clear(&d->text);
	free(d);
}

/* Takes run over.  The file has the steps that the run had when it was asked for. */
static void begin(struct pool *pool, json_t *run, bool npz, struct http_answer *ret)
{
	struct download *d = calloc(1, sizeof(*d));
	json_int_t steps = json_integer_value(json_object_get(run, "steps"));
	char name[128];

	if (!d) {
		json_decref(run);
		answer_text(ret, 500, "no memory\n");
		return;
	}
	d->pool = pool;
	d->run = run;
	d->last = steps > 0 ? (uint64_t)steps - 1 : 0;
	d->columns = choose_columns(d);
	csv_begin(d);
	if (npz && npz_begin(d) < 0) {
		download_close(d);
		answer_error(ret, 503, PROBLEM_INTERNAL, "unreachable",
			     "the run's steps cannot be counted now");
		return;
	}
	snprintf(name, sizeof(name), "attachment; filename=\"run-%lld.%s\"",
		 (long long)json_integer_value(json_object_get(run, "run")), npz ? "npz" : "csv");
	http_add_header(ret, "Content-Disposition", name);
	ret->status = 200;
	ret->type = npz ? "application/zip" : "text/csv; charset=utf-8";
	ret->read = download_read;
	ret->close = download_close;
	ret->source = d;
}

void download_answer(struct pool *pool, const struct http_request *request, struct http_answer *ret)
{
	const char *format = http_query(request, "format");
	bool npz = format && !strcmp(format, "npz");
	struct nudge_error error = {0};
	json_t *params, *run;

	if (format && !npz && strcmp(format, "csv")) {
		answer_error(ret, 400, PROBLEM_PARAMS, "params",
			     "format=%.20s: expected csv or npz", format);
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
	if (json_is_object(json_object_get(run, "descriptor"))) {
		begin(pool, run, npz, ret);
		return;
	}
	json_decref(run);
	answer_error(ret, 404, PROBLEM_NOT_FOUND, "not_found",
		     "this run has not begun: it has no steps");
}
