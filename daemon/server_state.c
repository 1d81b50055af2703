/* daemon/server_state.c - the snapshot, what of it changed, the heartbeat, and the queue's next run. */
#include "config.h"

#include <string.h>

#include "daemon/clock.h"
#include "daemon/server.h"
#include "protocol/record.h"
#include "protocol/reply.h"

json_t *server_devices(const struct server *server)
{
	const struct rig_info *info = rig_thread_info(server->rig);

	if (server->live.devices)
		return json_deep_copy(server->live.devices);
	return json_pack("[{s:s, s:s, s:s}]", "device", info->name, "backend", info->backend,
			 "state", server->live.state == STATE_FAULT ? "fault" : "up");
}

json_t *server_snapshot(struct server *server)
{
	const struct live *live = &server->live;

	json_t *snapshot = json_pack(
		"{s:s, s:o, s:I, s:o, s:o, s:I, s:I, s:b, s:o, s:o, s:o, s:s?, s:O?}", "state",
		state_name(live->state), "run",
		live->run ? json_integer((json_int_t)live->run) : json_null(), "step",
		(json_int_t)live_step(live), "steps_total",
		live->run && live->steps_total ? json_integer((json_int_t)live->steps_total)
					       : json_null(),
		"params", params_json(&live->params, live->r0_ohm), "rev",
		(json_int_t)live->params.rev, "queue_length",
		(json_int_t)queue_length(server->queue), "queue_held", queue_is_held(server->queue),
		"devices", server_devices(server), "alarms", alarms_json(server->alarms), "lease",
		lease_public(server->lease), "on_lease_loss",
		live->run ? live->on_lease_loss : NULL, "retaining", server->retaining);

	if (server->replay_told)
		json_object_set_new(snapshot, "replay", json_copy(server->replay_told));
	return snapshot;
}

/* The members that differ from what was published last; the step rides in the heartbeat. */
void server_publish_changes(struct server *server)
{
	json_t *now, *changed, *value;
	const char *name;

	server_look_at_lease(server);
	if (!server->dirty)
		return;
	server->dirty = false;
	changed = json_object();
	now = server_snapshot(server);
	json_object_del(now, "step");
	json_object_foreach(now, name,
			    value) if (!json_equal(value, json_object_get(server->published, name)))
		json_object_set(changed, name, value);
	if (json_object_size(changed) > 0)
		publisher_state(server->publisher, changed);
	json_decref(changed);
	json_decref(server->published);
	server->published = now;
}

void server_heartbeat(void *context)
{
	struct server *server = context;
	const struct live *live = &server->live;
	uint64_t run = live->run ? live->run : live->last_run;
	char utc[28];
	json_t *body = json_pack(
		"{s:s, s:o, s:I, s:o, s:o, s:o, s:s}", "state", state_name(live->state), "run",
		live->run ? json_integer((json_int_t)live->run) : json_null(), "step",
		(json_int_t)live_step(live), "oldest_step",
		run ? json_pack("{s:I, s:i}", "run", (json_int_t)1, "step", 0) : json_null(),
		"lease", lease_public(server->lease), "alarms", alarms_json(server->alarms),
		"t_utc", record_utc(clock_utc_ns(), utc, sizeof(utc)));

	if (server->replay_told)
		json_object_set(body, "replay", server->replay_told);
	publisher_heartbeat(server->publisher, body);
	json_decref(body);
}

void server_hold_queue(struct server *server, const char *who, const char *why)
{
	struct change *change;

	if (queue_is_held(server->queue))
		return;
	server->dirty = true;
	queue_hold(server->queue, true);
	log_line(LOG_NOTICE_, "queue.held", "the queue is held: %s", why);
	change = change_new(0);
	if (!change)
		return;
	change_queue_held(change, true);
	server_event(server, change, 0, "queue", who, why, NULL, NULL);
	store_post(server->store, change);
}

/* Short runs end faster than a disk takes them: the store keeps few rings. */
static bool store_keeps_up(const struct server *server)
{
	return publisher_ticket_done(server->publisher,
				     server->live.ends[LIVE_UNSTORED - 1].ticket);
}

/* The next run, when the rig is idle and nobody holds the queue. */
void server_start_next(struct server *server)
{
	const struct queued *next = queue_at(server->queue, 0);
	struct rig_command command = {.kind = RIG_COMMAND_RUN, .if_rev = -1};
	uint64_t run;

	if (server->replay)
		return;
	if (alarms_find(server->alarms, "preflight") && (!next || !queue_is_held(server->queue)))
		server_alarm(server, "preflight", ALARM_WARNING, NULL);
	if (!next || server->stopping || server->live.run || server->live.state != STATE_IDLE ||
	    queue_is_held(server->queue) || !store_keeps_up(server) ||
	    !server_may_begin(server, next->plan))
		return;
	run = next->plan->run;
	command.plan = next->plan;
	memcpy(command.who, next->plan->who, sizeof(command.who));
	live_hand(&server->live, run, next->name, task_steps(next->plan->task));
	server->live.lease = next->plan->lease;
	server->live.on_lease_loss = task_lease_loss_word(task_lease_loss(next->plan->task));
	if (!rig_thread_post(server->rig, &command)) {
		server->live.run = 0; /* busy: after the next round */
		return;
	}
	queue_handed(server->queue);
}

/* ---- the queue as it was when the last daemon ended ---- */

static int restore_one(struct server *server, const json_t *row, struct problem *p)
{
	struct plan *plan = calloc(1, sizeof(*plan));
	const char *who = json_string_value(json_object_get(row, "who"));
	json_t *params = json_object_get(row, "params");

	if (!plan)
		return problem_set(p, PROBLEM_INTERNAL, "", "no memory for the queue");
	plan->run = (uint64_t)json_integer_value(json_object_get(row, "run"));
	plan->seed = (uint64_t)json_integer_value(json_object_get(row, "seed"));
	if (json_is_object(params))
		plan->params = json_deep_copy(params);
	strncpy(plan->who, who ? who : "", sizeof(plan->who) - 1);
	if (task_new(json_object_get(row, "task"), rig_thread_info(server->rig), &plan->task, p) <
	    0) {
		plan_free(plan);
		return -1;
	}
	if (queue_add(server->queue, plan, json_string_value(json_object_get(row, "name")),
		      json_integer_value(json_object_get(row, "place"))) < 0)
		return problem_set(p, PROBLEM_INTERNAL, "", "no memory for the queue");
	return 0;
}

/* A task that this rig cannot do (another rig file) fails; the others stay. */
static void restore_rows(struct server *server, const json_t *rows)
{
	size_t i;
	json_t *row;

	json_array_foreach(rows, i, row)
	{
		struct problem p = {0};
		uint64_t run = (uint64_t)json_integer_value(json_object_get(row, "run"));
		struct change *change;

		if (restore_one(server, row, &p) == 0)
			continue;
		log_line(LOG_WARNING_, "queue.lost", "run %llu leaves the queue: %s",
			 (unsigned long long)run, p.message);
		change = change_new(0);
		if (change) {
			change_run_status(change, run, "failed", p.message);
			store_post(server->store, change);
		}
		problem_clear(&p);
	}
}

int server_restore_queue(struct server *server, const char *file, struct problem *p)
{
	struct history *history;
	json_t *rows = NULL;
	int r;

	if (history_open(file, &history, p) < 0)
		return -1;
	history_deadline(history, 10.0);
	r = history_queued(history, &rows, p);
	history_close(history);
	if (r < 0)
		return -1;
	restore_rows(server, rows);
	json_decref(rows);
	return 0;
}
