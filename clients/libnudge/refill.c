/* clients/libnudge/refill.c - what the stream did not bring: snapshots, missed steps, unknown descriptors. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/libnudge/watch_impl.h"

#define ASK_S    10.0 /* for state.snapshot and run.get */
#define FETCH_S  30.0 /* for a page of stream.fetch */
#define ATTEMPTS 40   /* to fetch steps that were made and are not stored yet */

/* ---- the queue towards the caller ---- */

static int no_memory(struct nudge_error *error)
{
	return error_set(error, NUDGE_INVALID, "no memory for a stream record");
}

static int queue_push(struct nudge_watch *w, struct item item, struct nudge_error *error)
{
	struct item *at = malloc(sizeof(*at));

	if (!at) {
		record_free(item.record);
		return no_memory(error);
	}
	*at = item;
	at->next = NULL;
	*w->last = at;
	w->last = &at->next;
	return 0;
}

int queue_record(struct nudge_watch *w, struct record *record, struct nudge_error *error)
{
	return record ? queue_push(w, (struct item){.record = record}, error) : no_memory(error);
}

int queue_made(struct nudge_watch *w, const char *topic, json_t *header, struct nudge_error *error)
{
	return queue_record(w, record_of_header(topic, header), error);
}

int queue_gap(struct nudge_watch *w, const char *topic, uint64_t after, uint64_t before,
	      struct nudge_error *error)
{
	return queue_made(w, topic,
			  json_pack("{s:s, s:s, s:I, s:I}", "kind", "gap", "topic", topic, "after",
				    (json_int_t)after, "before", (json_int_t)before),
			  error);
}

int queue_steps(struct nudge_watch *w, uint64_t run, uint64_t from, uint64_t to,
		struct nudge_error *error)
{
	return queue_push(w, (struct item){.run = run, .from = from, .to = to}, error);
}

/* Before all others; takes record over, also on failure. */
static int queue_put_first(struct nudge_watch *w, struct record *record, struct nudge_error *error)
{
	struct item *at = malloc(sizeof(*at));

	if (!at) {
		record_free(record);
		return no_memory(error);
	}
	*at = (struct item){.next = w->first, .record = record};
	if (!w->first)
		w->last = &at->next;
	w->first = at;
	return 0;
}

void queue_drop_first(struct nudge_watch *w)
{
	struct item *item = w->first;

	w->first = item->next;
	if (!w->first)
		w->last = &w->first;
	free(item);
}

/* ---- snapshots and tails ---- */

int refill_snapshot(struct nudge_watch *w, bool begin, struct nudge_error *error)
{
	struct nudge_record *reply;
	const char *boot;

	if (nudge_call_record(w->nudge, "state.snapshot", NULL, NULL, ASK_S, &reply, error) < 0)
		return -1;
	boot = json_string_value(json_object_get(reply->meta, "boot"));
	if (begin)
		gap_begin(w->gap, boot ? boot : "",
			  (uint64_t)json_integer_value(json_object_get(reply->header, "seq")));
	json_decref(w->snapshot);
	w->snapshot = json_incref(reply->header);
	nudge_record_free(reply);
	return 0;
}

int refill_reach(struct nudge_watch *w, uint64_t run, uint64_t step, struct nudge_error *error)
{
	uint64_t from = gap_reach(w->gap, run, step);

	return from < step ? queue_steps(w, run, from, step - 1, error) : 0;
}

int refill_all(struct nudge_watch *w, uint64_t run, struct nudge_error *error)
{
	json_t *status;
	json_int_t steps;

	if (nudge_call(w->nudge, "run.get", json_pack("{s:I}", "run", (json_int_t)run), ASK_S,
		       &status, error) < 0)
		return -1;
	steps = json_integer_value(json_object_get(status, "steps"));
	json_decref(status);
	return refill_reach(w, run, steps > 0 ? (uint64_t)steps : 0, error);
}

int refill_runs(struct nudge_watch *w, struct nudge_error *error)
{
	uint64_t run;

	for (size_t i = 0; gap_run(w->gap, i, &run); i++)
		if (refill_all(w, run, error) < 0)
			return -1;
	return 0;
}

int refill_boot(struct nudge_watch *w, struct nudge_error *error)
{
	if (refill_snapshot(w, true, error) < 0)
		return -1;
	if (queue_made(w, "state.",
		       json_pack("{s:s, s:O}", "kind", "boot", "snapshot", w->snapshot), error) < 0)
		return -1;
	return refill_runs(w, error);
}

/* ---- steps ---- */

#define LEFT_OUT "the run's log leaves them out, and the server has them no more"

static struct record *lost_steps(const struct item *item, uint64_t to, bool left_out,
				 const char *why)
{
	return record_of_header("", json_pack("{s:s, s:I, s:I, s:I, s:b, s:s}", "kind", "gap",
					      "run", (json_int_t)item->run, "from_step",
					      (json_int_t)item->from, "to_step", (json_int_t)to,
					      "left_out", left_out, "why", why));
}

/* A reply of stream.fetch, dressed as the record it once was */
static void dress(struct record *record, uint64_t run)
{
	snprintf(record->topic, sizeof(record->topic), "step.%08llu.", (unsigned long long)run);
	record->public.kind = "step";
	record->public.fetched = true;
	json_object_set_new(record->public.header, "kind", json_string("step"));
	json_object_set_new(record->public.header, "fetched", json_true());
}

static int give_up(struct nudge_watch *w, bool left_out, const char *why, struct record **ret,
		   struct nudge_error *error)
{
	*ret = lost_steps(w->first, w->first->to, left_out, why);
	queue_drop_first(w);
	return *ret ? 0 : no_memory(error);
}

int refill_fetch(struct nudge_watch *w, struct record **ret, struct nudge_error *error)
{
	struct item *item = w->first;
	struct nudge_error own = {0};
	struct nudge_record *page;
	bool left_out;
	int r;
	json_t *params = json_pack("{s:I, s:I, s:I}", "run", (json_int_t)item->run, "from_step",
				   (json_int_t)item->from, "to_step", (json_int_t)item->to);

	if (nudge_call_record(w->nudge, "stream.fetch", params, NULL, FETCH_S, &page, &own) < 0) {
		if (own.kind == NUDGE_REFUSED)
			r = give_up(w, false, own.message, ret, error);
		else /* the server is away: the item stays */
			r = error_set(error, own.kind, "%s", own.message);
		nudge_error_clear(&own);
		return r;
	}
	left_out = json_integer_value(json_object_get(page->header, "keep_every")) > 1;
	if (page->n == 0 || page->n_arrays == 0) {
		nudge_record_free(page);
		if (left_out)
			return give_up(w, true, LEFT_OUT, ret, error);
		*ret = NULL;
		return ++item->attempts < ATTEMPTS
			       ? 0
			       : give_up(w, false, "the server has them no more", ret, error);
	}
	dress((struct record *)page, item->run);
	*ret = (struct record *)page;
	if (page->step > item->from)
		*ret = lost_steps(item, page->step - 1, left_out, LEFT_OUT);
	item->from = page->step + page->n;
	item->attempts = 0;
	if (item->from > item->to)
		queue_drop_first(w);
	if (*ret == (struct record *)page)
		return 0;
	if (queue_put_first(w, (struct record *)page, error) < 0) {
		record_free(*ret);
		return -1;
	}
	return *ret ? 0 : no_memory(error);
}

/* ---- descriptors ---- */

json_t *descriptor_find(const struct nudge_watch *w, json_int_t desc)
{
	char key[24];

	snprintf(key, sizeof(key), "%lld", (long long)desc);
	return json_object_get(w->descriptors, key);
}

int descriptor_keep(struct nudge_watch *w, json_int_t desc, const json_t *arrays)
{
	json_t *copy = json_deep_copy(arrays), *array;
	char key[24];
	size_t i;

	json_array_foreach(copy, i, array)
		json_array_set_new(json_object_get(array, "shape"), 0, json_string("n"));
	snprintf(key, sizeof(key), "%lld", (long long)desc);
	return json_object_set_new(w->descriptors, key, copy);
}

bool descriptor_learn(struct nudge_watch *w, uint64_t run, uint64_t step, json_int_t desc)
{
	json_t *params = json_pack("{s:I, s:I, s:I}", "run", (json_int_t)run, "from_step",
				   (json_int_t)step, "to_step", (json_int_t)step);
	struct nudge_record *page;
	bool known = false;

	if (nudge_call_record(w->nudge, "stream.fetch", params, NULL, FETCH_S, &page, NULL) < 0)
		return false;
	if (page->n_arrays > 0)
		known = descriptor_keep(w, desc, json_object_get(page->header, "arrays")) == 0;
	nudge_record_free(page);
	return known;
}
