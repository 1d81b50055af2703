/* daemon/server_replay.c - the main thread's side of a replay: nothing acts, runs come by themselves, alarms as they were. */
#include "config.h"

#include <string.h>

#include "daemon/clock.h"
#include "daemon/server.h"

void server_take_replay(struct server *server, const struct replay *replay)
{
	const struct replay_view *view = replay_view(replay);

	server->replay = view;
	server->replay_told = replay_json(replay);
	server->rig_json = view->rig_json;
	server->live.params = view->params;
	server->live.last_run = view->last_run;
	server->live.r0_ohm = view->r0_ohm;
}

int server_check_replay(uint64_t replayed, const struct method *method, struct problem *p)
{
	if (!replayed || !method_acts(method))
		return 0;
	problem_set(
		p, PROBLEM_STATE, "",
		"this is a replay of run %llu: it can be looked at, and nothing in it changes; %s "
		"is for a nudged with a rig",
		(unsigned long long)replayed, method->name);
	problem_add(p, "replay", json_integer((json_int_t)replayed));
	return -1;
}

/* A replay hands itself its run, at each pass; the alarms of the last one are over. */
void server_hand_replayed(struct server *server)
{
	const struct replay_view *replay = server->replay;
	json_t *alarms = alarms_json(server->alarms), *row;
	size_t i;

	json_array_foreach(alarms, i, row)
		alarms_set(server->alarms, json_string_value(json_object_get(row, "alarm")),
			   ALARM_NOTICE, NULL, clock_utc_ns());
	json_decref(alarms);
	live_hand(&server->live, replay->run, replay->name, replay->steps_total);
	server->live.on_lease_loss = replay->on_lease_loss;
}

void server_begin_replay(void *context)
{
	const struct rig_command wake = {.kind = RIG_COMMAND_WAKE, .if_rev = -1};
	struct server *server = context;

	(void)rig_thread_post(server->rig, &wake); /* a full box has woken it already */
}

void server_count_pass(struct server *server)
{
	json_t *pass = json_object_get(server->replay_told, "pass");

	json_integer_set(pass, json_integer_value(pass) + 1);
}

/* An alarm that went up or was over when it was recorded does so again. */
void server_recorded_alarm(struct server *server, const json_t *event)
{
	const char *kind = json_string_value(json_object_get(event, "event"));
	const char *name = json_string_value(json_object_get(event, "what"));
	const json_t *now = json_object_get(event, "new");

	if (kind && name && strcmp(kind, "alarm") == 0)
		alarms_set(server->alarms, name,
			   alarm_severity_of(json_string_value(json_object_get(now, "severity"))),
			   json_string_value(json_object_get(now, "text")), clock_utc_ns());
}
