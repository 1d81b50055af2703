/* daemon/request_alarm.c - alarm.*: what is wrong, and that somebody has seen it. */
#include "config.h"

#include "daemon/clock.h"
#include "daemon/request_handlers.h"

void request_alarm_list(struct server *server, struct pending *pending)
{
	server_reply(server, pending, json_pack("{s:o}", "alarms", alarms_json(server->alarms)));
}

void request_alarm_ack(struct server *server, struct pending *pending)
{
	const json_t *params = server_params(pending);
	const char *name = json_string_value(json_object_get(params, "name"));
	const json_t *row = alarms_find(server->alarms, name);
	struct problem p = {0};
	struct change *change;
	json_t *now;

	if (pending->request.dry_run && row) {
		server_reply(server, pending, json_deep_copy(row));
		return;
	}
	if (alarms_ack(server->alarms, name, pending->who, clock_utc_ns(), &p) < 0) {
		server_refuse(server, pending, &p);
		return;
	}
	server->dirty = true;
	change = server_change(server, pending, server->live.run, NULL, params);
	if (!change)
		return;
	now = json_pack("{s:s}", "state", "acknowledged");
	server_event(server, change, server->live.run, "alarm", pending->who, name, NULL, now);
	json_decref(now);
	server_store(server, pending, change, json_deep_copy(row), NULL);
}
