/* clients/libnudge/follow.c - every record in its chain: what is new, what is missing before it, what to do about it. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/libnudge/watch_impl.h"

static bool wanted(const struct nudge_watch *w, const char *topic)
{
	for (size_t i = 0; i < w->n_topics; i++)
		if (!strncmp(topic, w->topics[i], strlen(w->topics[i])))
			return true;
	return false;
}

static bool wants_steps(const struct nudge_watch *w, uint64_t run)
{
	char topic[32];

	snprintf(topic, sizeof(topic), "step.%08llu.", (unsigned long long)run);
	return wanted(w, topic);
}

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

/* Topics that are made for the moment: a hole in them is no loss */
static bool is_transient(const char *topic)
{
	return begins(topic, "latest.") || begins(topic, "log.") || begins(topic, "hb.") ||
	       begins(topic, "welcome.") || begins(topic, "desc.");
}

/* ---- what comes ---- */

static int give(struct nudge_watch *w, struct record *record, struct nudge_error *error)
{
	if (wanted(w, record->topic))
		return queue_record(w, record, error);
	record_free(record);
	return 0;
}

int follow_desc(struct nudge_watch *w, struct record *record, struct nudge_error *error)
{
	const json_t *header = record->public.header;

	if (descriptor_keep(w, json_integer_value(json_object_get(header, "desc")),
			    json_object_get(header, "arrays")) < 0) {
		record_free(record);
		return error_set(error, NUDGE_INVALID, "a descriptor that is not one");
	}
	return give(w, record, error);
}

/* A page of steps in its place among the others: what is missing before it is queued first */
static int take_steps(struct nudge_watch *w, struct record *record, struct nudge_error *error)
{
	const struct nudge_record *page = &record->public;
	json_int_t desc = json_integer_value(json_object_get(page->header, "desc"));
	bool live = begins(record->topic, "latest."), known = descriptor_find(w, desc);
	uint64_t from = 0, skip = 0;
	int r = 0;

	if (!known)
		known = descriptor_learn(w, page->run, page->step, desc);
	if (!live) {
		switch (gap_steps(w->gap, page->run, page->step, page->n, &from, &skip)) {
		case GAP_OLD:
			record_free(record);
			return 0;
		case GAP_HOLE:
			r = queue_steps(w, page->run, from, page->step - 1, error);
			break;
		case GAP_NEXT:
		case GAP_BOOT:
			break;
		}
	}
	if (r == 0 && known)
		r = record_describe(record, descriptor_find(w, desc), error);
	if (r == 0 && !known && !live) /* not readable as it came: the same rows by fetching */
		r = queue_steps(w, page->run, page->step + skip, page->step + page->n - 1, error);
	if (r < 0 || !known) {
		record_free(record);
		return r;
	}
	record_skip(record, skip);
	return give(w, record, error);
}

static int take_test(struct nudge_watch *w, struct record *record, struct nudge_error *error)
{
	json_t *arrays = json_object_get(record->public.header, "arrays");

	if (arrays && record_describe(record, arrays, error) < 0) {
		record_free(record);
		return -1;
	}
	return give(w, record, error);
}

/* A run's end says how many steps it made: the last page may have been lost */
static int take_event(struct nudge_watch *w, struct record *record, struct nudge_error *error)
{
	const char *event = json_string_value(json_object_get(record->public.header, "event"));
	uint64_t run = record->public.run;

	if (event && !strcmp(event, "run_end")) {
		if (wants_steps(w, run) && refill_reach(w, run, record->public.step, error) < 0) {
			record_free(record);
			return -1;
		}
		gap_forget(w->gap, run);
	}
	return give(w, record, error);
}

/* Records of a topic are missing between after and before.  Steps have their own chain, their numbers */
static int tell_hole(struct nudge_watch *w, const char *topic, uint64_t after, uint64_t before,
		     struct nudge_error *error)
{
	json_t *whole;

	if (is_transient(topic) || begins(topic, "step."))
		return 0;
	if (begins(topic, "event.") && refill_runs(w, error) < 0) /* an end may be among them */
		return -1;
	if (!wanted(w, topic))
		return 0;
	if (!begins(topic, "state."))
		return queue_gap(w, topic, after, before, error);
	/* other topics' records up to its seq are still on their way: they count */
	if (refill_snapshot(w, false, error) < 0)
		return -1;
	whole = json_copy(w->snapshot);
	json_object_set_new(whole, "kind", json_string("state"));
	return queue_made(w, "state.", whole, error);
}

/* The heartbeat names each topic's last seq: shows the holes that no later record would show */
static int take_heartbeat(struct nudge_watch *w, struct record *record, struct nudge_error *error)
{
	json_t *last = json_object_get(record->public.header, "last"), *value;
	const char *topic;
	int r = 0;

	json_object_foreach(last, topic, value)
	{
		uint64_t after, seq = (uint64_t)json_integer_value(value);

		if (is_transient(topic) || !gap_tail(w->gap, topic, seq, &after))
			continue;
		if (!begins(topic, "step."))
			r = tell_hole(w, topic, after, seq + 1, error);
		else if (wanted(w, topic))
			r = refill_all(w, strtoull(topic + strlen("step."), NULL, 10), error);
		if (r < 0)
			break;
	}
	if (r < 0) {
		record_free(record);
		return r;
	}
	return give(w, record, error);
}

static int take(struct nudge_watch *w, struct record *record, struct nudge_error *error)
{
	static const struct {
		const char *kind;
		int (*take)(struct nudge_watch *, struct record *, struct nudge_error *);
	} kinds[] = {
		{"step", take_steps},  {"desc", follow_desc},  {"test", take_test},
		{"event", take_event}, {"hb", take_heartbeat},
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(record->public.kind, kinds[i].kind))
			return kinds[i].take(w, record, error);
	return give(w, record, error);
}

static enum gap_verdict place(struct nudge_watch *w, const struct record *record,
			      uint64_t *ret_after)
{
	const json_t *header = record->public.header;
	const char *boot = json_string_value(json_object_get(header, "boot"));
	uint64_t prev = (uint64_t)json_integer_value(json_object_get(header, "prev"));

	return gap_record(w->gap, record->topic, boot ? boot : "", record->public.seq, prev,
			  ret_after);
}

/* Places a record in the chain of its topic, then gives it to its kind */
static int follow(struct nudge_watch *w, struct record *record, struct nudge_error *error)
{
	uint64_t after = 0;
	enum gap_verdict verdict = place(w, record, &after);
	int r = 0;

	if (verdict == GAP_BOOT) {
		r = refill_boot(w, error);
		verdict = r < 0 ? GAP_OLD : place(w, record, &after);
	}
	if (verdict == GAP_HOLE)
		r = tell_hole(w, record->topic, after, record->public.seq, error);
	if (r < 0 || verdict == GAP_OLD || verdict == GAP_BOOT) {
		record_free(record);
		return r;
	}
	return take(w, record, error);
}

/* One message off the wire: 0, -ETIMEDOUT, -EINTR, or -1 and *error */
int follow_next(struct nudge_watch *w, double deadline_s, struct nudge_error *error)
{
	struct frames frames;
	struct record *record;
	int r = wire_receive(w->wire, deadline_s, &frames);

	if (r == -ETIMEDOUT || r == -EINTR)
		return r;
	if (r < 0)
		return error_set(error, NUDGE_INVALID, "%s: %s", w->nudge->address.stream,
				 strerror(-r));
	w->heard_s = wire_now_s();
	if (record_parse(&frames, &record, error) < 0)
		return -1;
	return follow(w, record, error);
}
