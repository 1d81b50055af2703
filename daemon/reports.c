/* daemon/reports.c - what the rig's thread, the store and the readers say, put where it belongs. */
#include "config.h"

#include <stdio.h>
#include <unistd.h>

#include "daemon/door.h"
#include "daemon/server.h"
#include "daemon/urgent.h"

/* ---- the rig's thread ---- */

/* Quiets the bell until the rows have been copied, which happens after the round or when a page is due. */
static void on_rows(void *context)
{
	struct server *server = context;
	uint64_t ignored;

	if (server->live.ring)
		(void)!read(ring_publisher_fd(server->live.ring), &ignored, sizeof(ignored));
}

/* Each change of a replay's state (and of its parameters) is told, also those that came at once when it was recorded. */
static void on_state(struct server *server, const struct report *report)
{
	server->live.state = report->state;
	server_alarms_of_state(server);
	if (!server->replay)
		return;
	if (report->state == STATE_RUNNING && !server->live.run)
		server_hand_replayed(server);
	server_publish_changes(server);
}

static void on_begin(struct server *server, struct report *report)
{
	if (server->replay)
		server_count_pass(server);
	live_begin(&server->live, report->run, report->ring, report->json);
	publisher_follow(server->publisher, report->ring);
	if (loop_add_fd(server->loop, ring_publisher_fd(report->ring), on_rows, server) < 0)
		log_line(LOG_WARNING_, "steps.late", "no memory: steps are published by the timer");
	publisher_descriptor(server->publisher, report->json, 0);
	server->live.begin_ticket = publisher_want_ticket(server->publisher);
	log_line(LOG_NOTICE_, "run.begin", "run %llu (%s) begins", (unsigned long long)report->run,
		 server->live.name ? server->live.name : "");
}

/* What a run that could not even begin does not say of itself. */
static json_t *end_event(const struct report *report)
{
	json_t *body = json_pack("{s:s, s:I, s:I, s:s, s:O?, s:O?}", "event", "run_end", "run",
				 (json_int_t)report->run, "step", (json_int_t)report->step, "who",
				 "nudged", "what", json_object_get(report->json, "reason"), "new",
				 json_object_get(report->json, "status"));

	json_object_update(body, report->json);
	return body;
}

static void on_end(struct server *server, struct report *report)
{
	json_t *event = end_event(report);
	const char *status = json_string_value(json_object_get(report->json, "status"));
	const char *reason = json_string_value(json_object_get(report->json, "reason"));

	if (server->live.ring && ring_run(server->live.ring) == report->run)
		loop_remove_fd(server->loop, ring_publisher_fd(server->live.ring));
	publisher_event(server->publisher, event, report->rows);
	json_decref(event);
	/* its row was posted to the store before: a ticket from now on comes behind it */
	live_end(&server->live, report->run, publisher_want_ticket(server->publisher));
	if (server->replay) /* no store tells of its last row */
		live_forget_durable(&server->live);
	log_line(LOG_NOTICE_, "run.end", "run %llu %s after %llu steps%s%s",
		 (unsigned long long)report->run, status ? status : "ended",
		 (unsigned long long)report->step, reason && reason[0] ? ": " : "",
		 reason ? reason : "");
	if (report->hold_queue)
		server_hold_queue(server, "nudged", "a run was aborted or failed");
}

static void on_answer(struct server *server, struct report *report)
{
	struct word word = {.result = report->json, .problem = &report->problem};

	report->json = NULL; /* the receiver's */
	server_word(server, report->token, &word);
}

static void on_alarm(struct server *server, const json_t *alarm)
{
	server_alarm(server, json_string_value(json_object_get(alarm, "alarm")),
		     alarm_severity_of(json_string_value(json_object_get(alarm, "severity"))),
		     json_string_value(json_object_get(alarm, "text")));
}

void reports_of_rig(struct server *server, struct report *report)
{
	server->dirty = true;
	/* in the order in which things happened: first the steps before it */
	publisher_steps_upto(server->publisher, report->rows);
	switch (report->kind) {
	case REPORT_STATE:
		on_state(server, report);
		break;
	case REPORT_BEGIN:
		on_begin(server, report);
		break;
	case REPORT_END:
		on_end(server, report);
		break;
	case REPORT_EVENT:
		if (server->replay)
			server_recorded_alarm(server, report->json);
		publisher_event(server->publisher, report->json, report->rows);
		break;
	case REPORT_TEST:
		publisher_test(server->publisher, report);
		break;
	case REPORT_PARAMS:
		server->live.params = report->params;
		if (server->replay)
			server_publish_changes(server);
		break;
	case REPORT_ANSWER:
		on_answer(server, report);
		break;
	case REPORT_ALARM:
		on_alarm(server, report->json);
		break;
	case REPORT_DEVICES:
		json_decref(server->live.devices);
		server->live.devices = json_incref(report->json);
		break;
	case REPORT_GONE:
		loop_quit(server->loop);
		break;
	}
	report_free(report);
}

/* ---- the store ---- */

/* A run has been thinned: it is told, and kept with the run. */
static void on_thinned(struct server *server, const json_t *word)
{
	uint64_t run = (uint64_t)json_integer_value(json_object_get(word, "run"));
	json_t *now = json_pack("{s:O, s:O}", "keep_every", json_object_get(word, "keep_every"),
				"deleted", json_object_get(word, "deleted"));
	struct change *change = change_new(0);

	if (change) {
		server_event(server, change, run, "retain", "nudged", "thinned", NULL, now);
		store_post(server->store, change);
	}
	log_line(LOG_NOTICE_, "run.thinned", "run %llu has been thinned: %lld rows are gone",
		 (unsigned long long)run,
		 (long long)json_integer_value(json_object_get(word, "deleted")));
	json_decref(now);
}

static void on_thins(struct server *server, json_t *word)
{
	if (json_is_true(json_object_get(word, "ended")))
		on_thinned(server, word);
	json_object_del(word, "ended");
	json_decref(server->retaining);
	server->retaining = word;
}

void reports_of_store(struct server *server, struct store_report *report)
{
	struct word word = {.result = report->result, .problem = &report->problem};

	server->dirty |= report->kind != STORE_DURABLE;
	switch (report->kind) {
	case STORE_TROUBLE:
		log_line(LOG_ERROR_, "store.trouble", "%s", report->problem.message);
		server_alarm(server, report->wal ? "wal" : "store",
			     report->wal ? ALARM_WARNING : ALARM_CRITICAL, report->problem.message);
		problem_clear(&report->problem);
		return;
	case STORE_WELL:
		log_line(LOG_NOTICE_, "store.well", "the store works again");
		server_alarm(server, report->wal ? "wal" : "store",
			     report->wal ? ALARM_WARNING : ALARM_CRITICAL, NULL);
		return;
	case STORE_DURABLE:
		if (alarms_find(server->alarms, "store-stuck"))
			server_alarm(server, "store-stuck", ALARM_CRITICAL, NULL);
		publisher_heard(server->publisher, report);
		live_forget_durable(&server->live);
		return;
	case STORE_THINS:
		on_thins(server, report->result);
		return;
	case STORE_DONE:
	case STORE_FAILED:
		break;
	}
	if (!publisher_heard(server->publisher, report)) {
		server_word(server, report->token, &word);
		return;
	}
	json_decref(report->result);
	problem_clear(&report->problem);
}

/* ---- the readers ---- */

void reports_of_readers(struct server *server, struct readers_answer *answer)
{
	struct word word = {
		.result = answer->result,
		.frames = &answer->frames,
		.problem = &answer->problem,
		.work = answer->work,
	};

	server_word(server, answer->token, &word);
	history_frames_free(&answer->frames);
}

/* ---- the urgent thread, and the door ---- */

/* What the urgent thread did is audited, and holds the queue. */
void reports_of_urgent(struct server *server, const struct urgent_note *note)
{
	struct change *change = change_new(0);

	if (change) {
		change_audit(change, note->run, note->step, note->who, note->method, NULL, NULL,
			     note->request_id);
		store_post(server->store, change);
	}
	server_hold_queue(server, note->who, note->method);
}

/* Who was not let in. */
void reports_of_door(struct server *server, const struct door_note *note)
{
	struct change *change = change_new(0);
	json_t *what = json_pack("{s:s, s:s, s:i}", "reason", note->reason, "public_key",
				 note->public_key, "left_out", (int)note->left_out);
	char who[80];

	snprintf(who, sizeof(who), "tcp %s", note->address);
	log_line(LOG_WARNING_, "handshake.refused", "%s was not let in: %s%s%s (%u more)", who,
		 note->reason, note->public_key[0] ? ": " : "", note->public_key, note->left_out);
	if (change) {
		change_audit(change, 0, 0, who, "handshake.refused", NULL, what, "");
		store_post(server->store, change);
	}
	json_decref(what);
}
