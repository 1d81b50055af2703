/* daemon/server_alarms.c - alarms told to everybody: log, stream, database; and the look for them once a second. */
#include "config.h"

#include <string.h>

#include "daemon/clock.h"
#include "daemon/server.h"

static void tell(struct server *server, const char *name, enum alarm_severity severity,
		 const char *text)
{
	static const enum log_level levels[] = {[ALARM_NOTICE] = LOG_NOTICE_,
						[ALARM_WARNING] = LOG_WARNING_,
						[ALARM_CRITICAL] = LOG_ERROR_};
	struct change *change = change_new(0);
	json_t *now = json_pack("{s:s, s:s, s:s?}", "state", text ? "raised" : "cleared",
				"severity", alarm_severity_name(severity), "text", text);

	if (text)
		log_line(levels[severity], "alarm.on", "%s: %s", name, text);
	else
		log_line(LOG_NOTICE_, "alarm.over", "%s: over", name);
	if (change) {
		server_event(server, change, server->live.run, "alarm", "nudged", name, NULL, now);
		store_post(server->store, change);
	}
	json_decref(now);
}

void server_alarm(struct server *server, const char *name, enum alarm_severity severity,
		  const char *text)
{
	server->dirty = true;
	if (alarms_set(server->alarms, name, severity, text, clock_utc_ns()) != ALARM_SAME)
		tell(server, name, severity, text);
}

static void on_rule(void *context, const char *name, enum alarm_severity severity, const char *text)
{
	server_alarm(context, name, severity, text);
}

/* How many of the run's last steps were flagged late. */
static void count_late(struct server *server, struct alarm_look *look)
{
	struct live *live = &server->live;
	uint64_t head, from;

	if (!look->running || !live->ring || !live->row || ring_run(live->ring) != live->run)
		return;
	head = ring_head(live->ring);
	for (from = head > ALARM_LATE_WINDOW ? head - ALARM_LATE_WINDOW : 0; from < head; from++) {
		uint64_t at = from;

		if (ring_copy(live->ring, &at, live->row, 1) != 1 || at != from + 1)
			continue; /* gone meanwhile: a later one was copied */
		look->n_steps++;
		look->n_late += (record_head(live->row)->flags & RECORD_LATE) != 0;
	}
}

bool server_store_ails(const struct server *server)
{
	return alarms_find(server->alarms, "store") || alarms_find(server->alarms, "store-stuck");
}

void server_look_for_alarms(struct server *server)
{
	struct alarm_look look;

	if (server->replay) /* the alarms of then are told by its events */
		return;
	look = (struct alarm_look){
		.mono_ns = clock_now_ns(),
		.utc_ns = clock_utc_ns(),
		.free_B = store_free_B(server->store),
		.reserve_B = server->settings->store_reserve_B,
		.waiting_s =
			store_refused_s(server->store) > 0 ? 0 : store_waiting_s(server->store),
		.running = server->live.state == STATE_RUNNING,
		.tau_s = server->live.params.tau_s,
		.alive_ns = rig_thread_alive_ns(server->rig),
	};

	if (rig_thread_info(server->rig)->real_time)
		count_late(server, &look);
	alarm_rules_look(&server->alarm_rules, &look, server->alarms, on_rule, server);
}

void server_alarms_of_state(struct server *server)
{
	bool fault = server->live.state == STATE_FAULT;

	if (server->replay)
		return;
	if (fault || alarms_find(server->alarms, "rig"))
		server_alarm(server, "rig", ALARM_CRITICAL,
			     fault ? "the rig failed; see the events of its run" : NULL);
	if (server->live.state != STATE_PAUSED)
		server_alarm(server, "lease", ALARM_WARNING, NULL);
	if (server->live.state == STATE_RUNNING)
		return;
	server_alarm(server, "lateness", ALARM_WARNING, NULL);
	server_alarm(server, "stale", ALARM_CRITICAL, NULL);
}
