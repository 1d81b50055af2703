/* daemon/replay_tell.c - what happened between the steps of a recorded run, told as the rig's thread told it. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/log.h"
#include "daemon/replay_impl.h"
#include "daemon/runner.h"
#include "daemon/wiring_json.h"

static void send(struct replay *r, struct report *report)
{
	report->run = r->run;
	report->rows = r->head;
	report_send(r->reports, report);
}

void replay_state(struct replay *r, enum state state)
{
	if (state == r->state)
		return;
	r->state = state;
	send(r, &(struct report){.kind = REPORT_STATE, .state = state, .step = r->head});
}

static void send_event(struct replay *r, json_t *event)
{
	if (event)
		send(r, &(struct report){.kind = REPORT_EVENT, .step = r->head, .json = event});
}

/* ---- the edges, as the events tell of them ---- */

static void set_modes(struct replay *r, const json_t *edges, enum rig_edge_mode mode)
{
	for (size_t i = 0; i < json_array_size(edges); i++) {
		json_int_t edge = json_integer_value(json_array_get(edges, i));

		if (edge >= 0 && (size_t)edge < r->info.n_edges)
			r->mode[edge] = (uint8_t)mode;
	}
}

static void begin_edges(struct replay *r, const json_t *event)
{
	const json_t *out_of_use = json_object_get(event, "new");

	pthread_mutex_lock(&r->lock);
	memset(r->mode, RIG_LEARN, r->info.n_edges);
	set_modes(r, json_object_get(out_of_use, "hold"), RIG_HOLD);
	set_modes(r, json_object_get(out_of_use, "cut"), RIG_CUT);
	r->edges_known = false;
	pthread_mutex_unlock(&r->lock);
}

static void follow_edge(struct replay *r, const json_t *event)
{
	static const char *const modes[] = {
		[RIG_LEARN] = "learn", [RIG_HOLD] = "hold", [RIG_CUT] = "cut"};
	const char *kind = json_string_value(json_object_get(event, "event"));
	const char *what = json_string_value(json_object_get(event, "what"));
	size_t edge;

	if (!kind || !what || sscanf(what, "edge %zu", &edge) != 1 || edge >= r->info.n_edges)
		return;
	pthread_mutex_lock(&r->lock);
	for (int i = RIG_LEARN; i <= RIG_CUT; i++)
		if (strcmp(kind, modes[i]) == 0)
			r->mode[edge] = (uint8_t)i;
	pthread_mutex_unlock(&r->lock);
}

static void follow_plugs(struct replay *r, const json_t *event)
{
	const char *kind = json_string_value(json_object_get(event, "event"));
	const char *who = json_string_value(json_object_get(event, "who"));

	if (!kind || !who || strcmp(kind, "wiring") != 0 || strcmp(who, "operator") != 0)
		return;
	pthread_mutex_lock(&r->lock);
	if (r->wiring)
		(void)wiring_read(json_object_get(event, "new"), r->wiring);
	pthread_mutex_unlock(&r->lock);
}

/* ---- beginning and end ---- */

bool replay_begin(struct replay *r, json_t *event)
{
	r->ring = ring_new(r->run, &r->layout, r->ring_rows);
	if (!r->ring) {
		log_line(LOG_ERROR_, "replay.broken", "no memory for the run's records");
		json_decref(event);
		return false;
	}
	begin_edges(r, event);
	replay_state(r, STATE_RUNNING);
	send(r, &(struct report){.kind = REPORT_BEGIN,
				 .ring = ring_ref(r->ring),
				 .json = json_deep_copy(r->descriptor)});
	send_event(r, event);
	return true;
}

static void copy_member(json_t *to, const char *as, const json_t *from, const char *name)
{
	json_t *value = json_object_get(from, name);

	json_object_set_new(to, as, value ? json_deep_copy(value) : json_null());
}

/* As the runner makes them.  What was kept nowhere (safe, safe_ns, directions) is left out. */
static json_t *end_members(const struct replay *r, const json_t *event)
{
	static const char *const figures[] = {"steps",         "mse_first_V2",  "mse_last_V2",
					      "mse_min_V2",    "mse_final_V2",  "test_first_V2",
					      "test_best_V2",  "test_final_V2", "accuracy_best",
					      "accuracy_final"};
	json_t *json = event ? json_deep_copy(event) : json_object();

	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
		copy_member(json, figures[i], r->row, figures[i]);
	copy_member(json, "status", r->row, "status");
	copy_member(json, "reason", r->row, "reason");
	json_object_set_new(json, "updates", r->updates ? json_deep_copy(r->updates) : json_null());
	return json;
}

/* The recording has no end: the run goes on, or nobody was there to write it. */
static void make_end(const struct replay *r, json_t *json, const char *reason)
{
	const char *why = reason ? reason : "the recording ends here";

	json_object_set_new(json, "event", json_string("run_end"));
	json_object_set_new(json, "run", json_integer((json_int_t)r->run));
	json_object_set_new(json, "step", json_integer((json_int_t)r->head));
	json_object_set_new(json, "who", json_string("nudged"));
	json_object_set_new(json, "what", json_string(why));
	json_object_set_new(json, "old", json_null());
	json_object_set_new(json, "new", json_string("interrupted"));
	json_object_set_new(json, "status", json_string("interrupted"));
	json_object_set_new(json, "reason", json_string(why));
}

bool replay_end(struct replay *r, json_t *event, const char *reason)
{
	bool going_on = replay_fill(r, reason ? r->head : r->steps);
	json_t *json = end_members(r, event);
	const char *status;

	if (!event)
		make_end(r, json, reason);
	json_decref(event);
	status = json_string_value(json_object_get(json, "new"));
	if (status && strcmp(status, "aborted") == 0)
		replay_state(r, STATE_ABORTING);
	if (status && strcmp(status, "failed") == 0)
		replay_state(r, STATE_FAULT);
	send(r, &(struct report){.kind = REPORT_END, .step = r->head, .json = json});
	replay_state(r, STATE_IDLE);
	ring_unref(r->ring);
	r->ring = NULL;
	r->ended = true;
	return going_on;
}

/* ---- the script's items ---- */

static int tell_params(struct replay *r, uint64_t rev, struct problem *p)
{
	struct report report = {.kind = REPORT_PARAMS, .step = r->head};

	if (history_params(r->history, r->run, rev, r->info.overdamped, &report.params, p) < 0)
		return -1;
	send(r, &report);
	return 0;
}

static int tell_test(struct replay *r, const struct replay_item *item, struct problem *p)
{
	struct history_test test;

	if (history_test(r->history, item->key, &test, p) < 0)
		return -1;
	send(r, &(struct report){.kind = REPORT_TEST,
				 .step = item->step,
				 .json = test.header,
				 .outputs_V = test.outputs_V,
				 .n_examples = test.n_examples,
				 .n_targets = test.n_targets});
	return 0;
}

static void turn_state(struct replay *r, enum replay_turn turn)
{
	switch (turn) {
	case REPLAY_PAUSES:
		replay_state(r, STATE_PAUSED);
		break;
	case REPLAY_RESUMES:
		replay_state(r, STATE_RUNNING);
		break;
	case REPLAY_STOPS:
		replay_state(r, STATE_STOPPING);
		break;
	case REPLAY_NO_TURN:
	case REPLAY_BEGINS:
	case REPLAY_ENDS:
		break;
	}
}

static void keep_updates(struct replay *r, const json_t *event)
{
	const char *kind = json_string_value(json_object_get(event, "event"));

	if (!kind || strcmp(kind, "updates") != 0)
		return;
	json_decref(r->updates);
	r->updates = json_deep_copy(json_object_get(event, "new"));
}

static int tell_event(struct replay *r, const struct replay_item *item, struct problem *p)
{
	json_t *event;

	if (history_event(r->history, item->key, &event, p) < 0)
		return -1;
	if (item->turn == REPLAY_BEGINS && !r->ring)
		return replay_begin(r, event) ? 0 : 1;
	if (item->turn == REPLAY_ENDS)
		return replay_end(r, event, NULL) ? 0 : 1;
	turn_state(r, item->turn);
	follow_edge(r, event);
	follow_plugs(r, event);
	keep_updates(r, event);
	send_event(r, event); /* which is the main thread's from here on */
	return item->rev ? tell_params(r, item->rev, p) : 0;
}

int replay_tell(struct replay *r, const struct replay_item *item, struct problem *p)
{
	switch (item->kind) {
	case REPLAY_EVENT:
		return tell_event(r, item, p);
	case REPLAY_TEST:
		return tell_test(r, item, p);
	case REPLAY_PARAMS:
		return tell_params(r, (uint64_t)item->key, p);
	}
	return 0;
}
