/* daemon/replay_thread.c - the thread in place of the rig's: a recorded run, pass after pass. */
#include "config.h"

#include <string.h>
#include <sys/prctl.h>

#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/replay_impl.h"
#include "daemon/runner.h"

#define REST_S 1.0 /* between two passes, so that everybody sees the end of the one */

static const struct replay_item *next_item(const struct replay *r)
{
	return r->item < r->script.n ? &r->script.item[r->item] : NULL;
}

static bool play_row(struct replay *r, void *row)
{
	const struct record_head *head = record_head(row);
	int64_t at_ns = replay_clock_step(&r->clock, head->t_mono_ns);

	return replay_wait(r, at_ns, head->step) && replay_push(r, row);
}

/* When its end was found, days later, is no part of an interrupted run. */
static int64_t time_of(const struct replay *r, const struct replay_item *item)
{
	const char *status = json_string_value(json_object_get(r->row, "status"));
	bool found_later = item->turn == REPLAY_ENDS && status && !strcmp(status, "interrupted");

	return r->ring && !found_later ? item->t_utc_ns : REPLAY_NO_TIME;
}

/* What comes before the run's beginning comes at once. */
static int play_item(struct replay *r, const struct replay_item *item, void *row, struct problem *p)
{
	int64_t next_ns = row ? record_head(row)->t_mono_ns : 0;
	int64_t at_ns = replay_clock_item(&r->clock, time_of(r, item), row != NULL, next_ns);

	if (!replay_wait(r, at_ns, item->step) ||
	    (r->ring && item->turn != REPLAY_ENDS && !replay_fill(r, item->step)))
		return 1;
	r->item++;
	return replay_tell(r, item, p);
}

/* An item that comes before the row, or else the row.  0; 1: it is to end, or the run has ended; -1 and *p. */
static int play_next(struct replay *r, struct problem *p)
{
	const struct replay_item *item = next_item(r);
	void *row = NULL;

	if (replay_next_row(r, &row, p) < 0)
		return -1;
	if (!r->ring && (!item || item->kind != REPLAY_EVENT)) /* nobody kept its beginning */
		return replay_begin(r, NULL) ? 0 : 1;
	if (item && (!r->ring || !row || item->step <= record_head(row)->step))
		return play_item(r, item, row, p);
	if (row)
		return play_row(r, row) ? 0 : 1;
	return replay_end(r, NULL, NULL) ? 0 : 1;
}

static void rewind_all(struct replay *r)
{
	const json_t *t0 = json_object_get(r->row, "t0_mono_ns");
	const char *started = json_string_value(json_object_get(r->row, "started_utc"));
	int64_t utc_ns;

	r->item = 0;
	r->head = 0;
	r->n_rows = r->at_row = 0;
	r->read_upto = -1;
	r->has_newest = r->all_read = r->ended = false;
	json_decref(r->updates);
	r->updates = NULL;
	if (!started || !record_utc_read(started, &utc_ns))
		utc_ns = REPLAY_NO_TIME;
	replay_clock_begin(&r->clock, r->info.real_time, json_is_integer(t0),
			   json_integer_value(t0), utc_ns);
	r->begun_ns = clock_now_ns();
}

/* false: it is to end. */
static bool play(struct replay *r)
{
	struct problem p = {0};
	int e = 0;

	rewind_all(r);
	while (e == 0 && !r->ended)
		e = play_next(r, &p);
	if (e < 0) {
		log_line(LOG_ERROR_, "replay.broken", "run %llu cannot be read on: %s",
			 (unsigned long long)r->run, p.message);
		if (r->ring)
			replay_end(r, NULL, p.message);
	}
	problem_clear(&p);
	return e == 0 || (e < 0 && !r->quit);
}

void *replay_main(void *context)
{
	struct replay *r = context;
	bool going_on = true;

	prctl(PR_SET_NAME, "nudged-replay");
	prctl(PR_SET_TIMERSLACK, 1);
	history_deadline(r->history, 1e9);
	if (r->how->wait)
		going_on = replay_wait_for_word(r);
	if (going_on)
		going_on = play(r);
	while (going_on && r->how->loop && replay_rest(r, REST_S))
		going_on = play(r);
	replay_wait_for_end(r);
	ring_unref(r->ring);
	r->ring = NULL;
	report_send(r->reports, &(struct report){.kind = REPORT_GONE});
	return NULL;
}
