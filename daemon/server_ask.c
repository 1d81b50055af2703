/* daemon/server_ask.c - ways for a handler to have its answer made elsewhere: store, readers, rig, time. */
#include "config.h"

#include <string.h>

#include "daemon/clock.h"
#include "daemon/server.h"

#define PATIENCE_NS   (30 * 1000000000ll)
#define DEADLINE_TICK 100000000ll

static void owe(struct server *server, struct pending *pending, pending_word *word)
{
	pending->owed = true;
	pending->word = word;
	if (!pending->deadline_ns)
		pending->deadline_ns = clock_now_ns() + PATIENCE_NS;
	loop_timer_every(server->deadlines, DEADLINE_TICK);
}

json_t *server_params(const struct pending *pending)
{
	return pending->request.params;
}

static void audit(struct server *server, const struct pending *pending, struct change *change,
		  uint64_t run, const json_t *old, const json_t *new_)
{
	char *id = request_name(&pending->request);
	char who[144];

	change_audit(change, run, run && run == server->live.run ? live_step(&server->live) : 0,
		     identity_whole(&pending->visitor, who, sizeof(who)),
		     pending->request.method->name, old, new_, id ? id : "");
	free(id);
}

/* What ends or holds back learning, or shuts somebody out, is never refused for want of a disk. */
static bool goes_on_without_disk(const struct method *method)
{
	return (method->flags & (METHOD_IS_URGENT | METHOD_ADMIN)) ||
	       method->id == METHOD_RUN_STOP || method->id == METHOD_RUN_PAUSE ||
	       method->id == METHOD_QUEUE_HOLD || method->id == METHOD_ALARM_ACK;
}

bool server_may_store(struct server *server, struct pending *pending)
{
	if (!server_store_ails(server) || goes_on_without_disk(pending->request.method))
		return true;
	server_refuse_because(server, pending, PROBLEM_STORAGE, "",
			      "the database cannot be written now (see alarm.list), so nothing was "
			      "done: mend the disk, or make room on it, and ask again");
	return false;
}

struct change *server_change(struct server *server, struct pending *pending, uint64_t run,
			     const json_t *old, const json_t *new_)
{
	struct change *change = change_new(pending->token);
	const struct request *r = &pending->request;

	if (!server_may_store(server, pending)) {
		change_free(change);
		return NULL;
	}
	pending->stores = true;
	if (!change) {
		server_refuse_because(server, pending, PROBLEM_INTERNAL, "", "no memory");
		return NULL;
	}
	audit(server, pending, change, run, old, new_);
	if (pending->keyed)
		change_key(change, r->key, r->method->name, request_hash(r));
	return change;
}

void server_audit(struct server *server, const struct pending *pending, const json_t *old,
		  const json_t *new_)
{
	struct change *change = change_new(0);

	if (!change)
		return;
	audit(server, pending, change, server->live.run, old, new_);
	store_post(server->store, change);
}

void server_store(struct server *server, struct pending *pending, struct change *change,
		  json_t *result, pending_word *word)
{
	change_result(change, result);
	owe(server, pending, word);
	store_post(server->store, change);
}

void server_read(struct server *server, struct pending *pending, readers_function *function,
		 void *work, pending_word *word)
{
	if (!readers_post(server->readers, pending->token, function, work)) {
		server_refuse_because(server, pending, PROBLEM_STATE, "",
				      "busy: too many queries wait; try again");
		return;
	}
	owe(server, pending, word);
}

bool server_command(struct server *server, struct pending *pending, struct rig_command *command)
{
	command->token = pending->token;
	command->dry_run = pending->request.dry_run;
	memcpy(command->who, pending->who, sizeof(command->who));
	if (rig_thread_post(server->rig, command)) {
		owe(server, pending, NULL);
		return true;
	}
	change_free(command->change);
	json_decref(command->json);
	server_refuse_because(server, pending, PROBLEM_STATE, "",
			      "busy: the rig has too many commands before this one; try again");
	return false;
}

void server_park(struct server *server, struct pending *pending, pending_ready *ready,
		 pending_then *then, double timeout_s)
{
	pending->ready = ready;
	pending->then = then;
	pending->deadline_ns = clock_now_ns() + (int64_t)(timeout_s * 1e9);
	loop_timer_every(server->deadlines, DEADLINE_TICK);
}

void server_event(struct server *server, struct change *change, uint64_t run, const char *kind,
		  const char *who, const char *what, const json_t *old, const json_t *new_)
{
	uint64_t step = run && run == server->live.run ? live_step(&server->live) : 0;
	json_t *body = json_pack("{s:s, s:I, s:I, s:s, s:s, s:O?, s:O?}", "event", kind, "run",
				 (json_int_t)run, "step", (json_int_t)step, "who", who, "what",
				 what, "old", old, "new", new_);

	change_event(change, run, step, kind, who, what, old, new_);
	if (body)
		publisher_event(server->publisher, body, 0);
	json_decref(body);
}
