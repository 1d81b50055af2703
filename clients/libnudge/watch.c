/* clients/libnudge/watch.c - a watch: subscriptions that stand, a snapshot, then record after record. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uuid/uuid.h>

#include "clients/libnudge/admission.h"
#include "clients/libnudge/watch_impl.h"

#define SILENCE_S 5.0  /* five heartbeats */
#define AGAIN_S   0.05 /* between attempts to fetch what is not stored yet */

/* ---- subscriptions ---- */

static int subscribe(struct nudge_watch *w, struct nudge_error *error)
{
	char nonce[37];
	uuid_t uuid;
	int r = 0;

	uuid_generate(uuid);
	uuid_unparse_lower(uuid, nonce);
	snprintf(w->welcome_topic, sizeof(w->welcome_topic), "welcome.%s.", nonce);
	for (size_t i = 0; i < w->n_topics && r == 0; i++)
		r = wire_subscribe(w->wire, w->topics[i]);
	if (r == 0)
		r = wire_subscribe(w->wire, "hb.");
	if (r == 0)
		r = wire_subscribe(w->wire, "desc.");
	if (r == 0) /* run_end says how many steps there were */
		r = wire_subscribe(w->wire, "event.");
	if (r == 0) /* the last: its answer proves that the others stand */
		r = wire_subscribe(w->wire, w->welcome_topic);
	if (r < 0)
		return error_set(error, NUDGE_INVALID, "cannot subscribe: %s", strerror(-r));
	return 0;
}

/* Until the welcome; what comes before it the snapshot will tell, but for descriptors */
static int await_welcome(struct nudge_watch *w, double timeout_s, struct nudge_error *error)
{
	double deadline_s = wire_now_s() + timeout_s;

	while (!w->welcome) {
		struct frames frames;
		struct record *record;
		int r = wire_receive(w->wire, deadline_s, &frames);

		if (r == -EINTR)
			continue;
		if (r == -EACCES ||
		    (r == -ETIMEDOUT && wire_entry(w->wire, NULL) != WIRE_ENTRY_OPEN))
			return admission_explain(w->nudge, w->wire, w->nudge->address.stream, NULL,
						 error);
		if (r < 0)
			return error_set(error, NUDGE_TIMED_OUT,
					 "%s: no word on the stream in %g s",
					 w->nudge->address.stream, timeout_s);
		if (record_parse(&frames, &record, error) < 0)
			return -1;
		w->welcome = !strcmp(record->topic, w->welcome_topic);
		if (!strcmp(record->public.kind, "desc"))
			r = follow_desc(w, record, error);
		else
			record_free(record);
		if (r < 0)
			return r;
	}
	w->heard_s = wire_now_s();
	return 0;
}

static int add_topic(struct nudge_watch *w, const char *topic, struct nudge_error *error)
{
	char **list = realloc(w->topics, (w->n_topics + 1) * sizeof(*list));
	char *copy = strdup(topic);

	if (list)
		w->topics = list;
	if (!list || !copy) {
		free(copy);
		return error_set(error, NUDGE_INVALID, "no memory for a watch");
	}
	list[w->n_topics++] = copy;
	return 0;
}

/* A run that is under way is followed from where the snapshot says it is */
static void begin_at_snapshot(struct nudge_watch *w)
{
	json_int_t run = json_integer_value(json_object_get(w->snapshot, "run"));
	json_int_t step = json_integer_value(json_object_get(w->snapshot, "step"));

	if (run > 0 && step > 0)
		gap_expect(w->gap, (uint64_t)run, (uint64_t)step);
}

int nudge_watch_open(struct nudge *n, const char *const *topics, double timeout_s,
		     struct nudge_watch **ret, struct nudge_error *error)
{
	struct nudge_watch *w = calloc(1, sizeof(*w));
	int r = 0;

	if (!w)
		return error_set(error, NUDGE_INVALID, "no memory for a watch");
	w->nudge = n;
	w->last = &w->first;
	w->gap = gap_new();
	w->descriptors = json_object();
	w->wire = wire_subscriber(n->context, n->address.stream, &n->keys);
	if (!w->gap || !w->descriptors || !w->wire)
		r = error_set(error, NUDGE_INVALID, "%s: %s", n->address.stream, strerror(errno));
	for (size_t i = 0; r == 0 && topics[i]; i++)
		r = add_topic(w, topics[i], error);
	if (r == 0)
		r = subscribe(w, error);
	if (r == 0)
		r = await_welcome(w, timeout_s, error);
	if (r == 0)
		r = refill_snapshot(w, true, error);
	if (r < 0) {
		nudge_watch_close(w);
		return -1;
	}
	begin_at_snapshot(w);
	*ret = w;
	return 0;
}

void nudge_watch_close(struct nudge_watch *w)
{
	if (!w)
		return;
	while (w->first) {
		record_free(w->first->record);
		queue_drop_first(w);
	}
	wire_close(w->wire);
	for (size_t i = 0; i < w->n_topics; i++)
		free(w->topics[i]);
	free(w->topics);
	gap_free(w->gap);
	json_decref(w->descriptors);
	json_decref(w->snapshot);
	free(w);
}

const json_t *nudge_watch_snapshot(const struct nudge_watch *w)
{
	return w->snapshot;
}

int nudge_watch_run(struct nudge_watch *w, uint64_t run, uint64_t from_step,
		    struct nudge_error *error)
{
	char topic[32];
	int r;

	snprintf(topic, sizeof(topic), "step.%08llu.", (unsigned long long)run);
	if (add_topic(w, topic, error) < 0)
		return -1;
	r = wire_subscribe(w->wire, topic);
	if (r < 0)
		return error_set(error, NUDGE_INVALID, "cannot subscribe to %s: %s", topic,
				 strerror(-r));
	gap_expect(w->gap, run, from_step);
	/* no need to wait until it stands: the steps are numbered, and the heartbeat tells the last */
	return refill_all(w, run, error);
}

/* ---- what the caller gets ---- */

static int silent(struct nudge_watch *w, struct nudge_error *error)
{
	double silence_s = wire_now_s() - w->heard_s;

	if (silence_s < SILENCE_S)
		return 0;
	w->heard_s = wire_now_s();
	if (wire_entry(w->wire, NULL) != WIRE_ENTRY_OPEN)
		return admission_explain(w->nudge, w->wire, w->nudge->address.stream, NULL, error);
	return error_number(error, NUDGE_UNREACHABLE, ENOTCONN, "%s: no heartbeat for %.0f s",
			    w->nudge->address.text, silence_s);
}

/* The first of the queue: 1; 0: it is being waited for; -1 and *error */
static int take_first(struct nudge_watch *w, struct nudge_record **ret, struct nudge_error *error)
{
	struct record *record = w->first->record;

	if (record)
		queue_drop_first(w);
	else if (refill_fetch(w, &record, error) < 0)
		return -1;
	if (!record)
		return 0;
	*ret = &record->public;
	return 1;
}

/* One step of waiting: for news, or for steps that the server made and has not stored yet */
static int wait_once(struct nudge_watch *w, double deadline_s, struct nudge_error *error)
{
	double until_s = wire_now_s() + (w->first ? AGAIN_S : nudge_lease_due_s(w->nudge));

	if (nudge_lease_keep(w->nudge, error) < 0)
		return -1;
	return follow_next(w, until_s < deadline_s ? until_s : deadline_s, error);
}

int nudge_watch_next(struct nudge_watch *w, double timeout_s, struct nudge_record **ret,
		     struct nudge_error *error)
{
	double deadline_s = wire_now_s() + timeout_s;

	for (;;) {
		int r = w->first ? take_first(w, ret, error) : 0;

		if (r != 0)
			return r;
		r = wait_once(w, deadline_s, error);
		if (r == -EINTR)
			return 0;
		if ((r < 0 && r != -ETIMEDOUT) || silent(w, error) < 0)
			return -1;
		if (r == -ETIMEDOUT && wire_now_s() >= deadline_s)
			return 0;
	}
}
