/* daemon/request_calibrate.c - calibrate.*: a run of its own, whose reply comes with its result. */
#include "config.h"

#include <string.h>
#include <uuid/uuid.h>

#include "daemon/calibrate.h"
#include "daemon/clock.h"
#include "daemon/request_handlers.h"

#define PATIENCE_NS (7 * 86400 * 1000000000ll) /* relaxations take hours with large capacitors */

/* ---- one more ---- */

/* The rig must be free, and stay so: a queued run would start as soon as it looked idle. */
static bool rig_is_free(struct server *server, struct pending *pending)
{
	const char *method = pending->request.method->name;
	struct problem p = {0};

	if (server->live.run)
		problem_set(&p, PROBLEM_STATE, "",
			    "run %llu is active: %s is for an idle rig; run.stop ends the run",
			    (unsigned long long)server->live.run, method);
	else if (server->live.state != STATE_IDLE)
		problem_set(&p, PROBLEM_STATE, "", "%s is for an idle rig; this one is %s", method,
			    state_name(server->live.state));
	else if ((queue_length(server->queue) && !queue_is_held(server->queue)) ||
		 server->submitting)
		problem_set(&p, PROBLEM_STATE, "",
			    "a queued run is about to start: %s is for an idle rig; queue.hold "
			    "keeps the queue back",
			    method);
	else
		return true;
	problem_add(&p, "state", json_string(state_name(server->live.state)));
	server_refuse(server, pending, &p);
	return false;
}

static const struct calibrate_kind *kind_of(const struct pending *pending)
{
	return calibrate_kind_find(strchr(pending->request.method->name, '.') + 1);
}

/* What the rig's thread writes down when it opens the row. */
static json_t *order_of(struct server *server, const struct pending *pending, const json_t *params,
			uint64_t run)
{
	const char *method = pending->request.method->name;
	json_t *task, *row;
	uuid_t uuid;
	char name[37];

	uuid_generate(uuid);
	uuid_unparse_lower(uuid, name);
	task = json_pack("{s:s, s:s, s:O}", "task", method, "kind", "calibration", "params",
			 params);
	row = json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "name", method, "uuid", name, "version",
			PACKAGE_VERSION, "boot", server->boot, "task", task, "rig_json",
			json_deep_copy(server->rig_json));
	return json_pack("{s:s, s:O, s:I, s:o}", "kind", kind_of(pending)->name, "params", params,
			 "seed", (json_int_t)run, "row", row);
}

/* What the reply will ride in.  Its audit row is not in it: an aborted calibration was asked for, too. */
static struct change *change_of(const struct pending *pending)
{
	const struct request *request = &pending->request;
	struct change *change = change_new(pending->token);

	if (change && pending->keyed)
		change_key(change, request->key, request->method->name, request_hash(request));
	return change;
}

static void hand_over(struct server *server, struct pending *pending, const json_t *params)
{
	struct rig_command command = {.kind = RIG_COMMAND_CALIBRATE, .if_rev = -1};
	const char *method = pending->request.method->name;
	json_t *order;

	command.change = change_of(pending);
	if (!command.change) {
		server_refuse_because(server, pending, PROBLEM_INTERNAL, "", "no memory");
		return;
	}
	command.run = ++server->live.last_run;
	order = order_of(server, pending, params, command.run);
	command.json = json_deep_copy(order); /* no reference is shared with another thread */
	json_decref(order);
	pending->deadline_ns = clock_now_ns() + PATIENCE_NS;
	live_hand(&server->live, command.run, method, 0);
	server_audit(server, pending, NULL, params);
	if (server_command(server, pending, &command))
		log_line(LOG_NOTICE_, "run.begin", "run %llu (%s) begins",
			 (unsigned long long)command.run, method);
	else
		server->live.run = 0;
}

void request_calibrate(struct server *server, struct pending *pending)
{
	const struct rig_info *info = rig_thread_info(server->rig);
	json_t *params = json_deep_copy(server_params(pending));
	struct problem p = {0};

	schema_fill(pending->request.method->params, params);
	if (kind_of(pending)->check(info, params, &p) < 0)
		server_refuse(server, pending, &p);
	else if (!rig_is_free(server, pending) || !server_may_store(server, pending))
		; /* refused */
	else if (pending->request.dry_run)
		server_reply(server, pending, json_pack("{s:O}", "settings", params));
	else
		hand_over(server, pending, params);
	json_decref(params);
}

/* ---- those of the past ---- */

static void read_list(struct history *h, void *work, struct readers_answer *answer)
{
	history_calibrations(h, work, &answer->result, &answer->problem);
}

static void read_one(struct history *h, void *work, struct readers_answer *answer)
{
	const json_t *id = json_object_get(work, "id");

	history_calibration(h, (uint64_t)json_integer_value(id), &answer->result, &answer->problem);
}

void request_calibrate_list(struct server *server, struct pending *pending)
{
	server_read(server, pending, read_list, server_params(pending), NULL);
}

void request_calibrate_get(struct server *server, struct pending *pending)
{
	server_read(server, pending, read_one, server_params(pending), NULL);
}
