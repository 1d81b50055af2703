/* daemon/server_lease.c - a lease that ran out: told to everybody, and what it does to the runs under it.
 *
 * Only one that expires is lost.  Releasing it is its holder's own wish and changes nothing; one that is taken over hands
 * its runs to the new holder.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "daemon/server.h"

static const char *policy_of(const struct plan *plan)
{
	return task_lease_loss_word(task_lease_loss(plan->task));
}

/* A full mailbox takes it in one of the next rounds. */
static void suspend(struct server *server)
{
	struct rig_command command = {
		.kind = RIG_COMMAND_SUSPEND, .run = server->live.run, .if_rev = -1};

	if (!server->live.suspend)
		return;
	command.json = json_deep_copy(server->live.suspend);
	snprintf(command.who, sizeof(command.who), "nudged");
	if (!rig_thread_post(server->rig, &command)) {
		json_decref(command.json);
		return;
	}
	json_decref(server->live.suspend);
	server->live.suspend = NULL;
}

static void lost_of_run(struct server *server, const char *holder)
{
	const char *policy = server->live.on_lease_loss;
	bool safe = strcmp(policy, "safe") == 0;
	char reason[240];

	if (strcmp(policy, "continue") == 0)
		return;
	snprintf(reason, sizeof(reason),
		 "the lease of %s expired, and the run's on_lease_loss is %s: %s; run.resume goes "
		 "on, run.stop ends it",
		 holder, policy,
		 safe ? "its outputs are at safe volts" : "its outputs stay as they are");
	json_decref(server->live.suspend);
	server->live.suspend = json_pack("{s:s, s:b}", "reason", reason, "safe", (int)safe);
	suspend(server);
}

/* A run that would not go on without its submitter does not begin either. */
static void lost_of_queued(struct server *server, const struct plan *plan)
{
	char why[160];

	if (task_lease_loss(plan->task) == TASK_LOSS_CONTINUE)
		return;
	snprintf(why, sizeof(why),
		 "the lease that run %llu was submitted under expired (on_lease_loss: %s)",
		 (unsigned long long)plan->run, policy_of(plan));
	server_hold_queue(server, "nudged", why);
}

static void tell(struct server *server, const json_t *held, bool of_run)
{
	struct change *change = change_new(0);
	json_t *now = json_pack("{s:s, s:s?}", "state", "expired", "on_lease_loss",
				of_run ? server->live.on_lease_loss : NULL);

	log_line(LOG_NOTICE_, "lease.end", "the lease of %s was not renewed and has ended",
		 json_string_value(json_object_get(held, "holder")));
	if (change) {
		server_event(server, change, of_run ? server->live.run : 0, "lease", "nudged",
			     "expired", held, now);
		store_post(server->store, change);
	}
	json_decref(now);
}

void server_look_at_lease(struct server *server)
{
	const struct live *live = &server->live;
	uint64_t number = lease_number(server->lease);
	struct lease_time now;
	json_t *held;
	bool of_run;

	suspend(server);
	if (!number)
		return;
	now = lease_time_now();
	held = now.mono_ns < lease_end_ns(server->lease) ? NULL : lease_public(server->lease);
	if (!held)
		return;
	lease_expire(server->lease, now);
	server->lost_lease = number;
	server->dirty = true;
	of_run = live->run && live->on_lease_loss && live->lease == number;
	tell(server, held, of_run);
	if (of_run)
		lost_of_run(server, json_string_value(json_object_get(held, "holder")));
	for (size_t i = 0; i < queue_length(server->queue); i++)
		if (queue_at(server->queue, i)->plan->lease == number)
			lost_of_queued(server, queue_at(server->queue, i)->plan);
	json_decref(held);
}

void server_steered(struct server *server, const struct pending *pending)
{
	switch ((int)pending->request.method->id) {
	case METHOD_PARAM_SET:
	case METHOD_RIG_EDGE:
	case METHOD_RUN_PAUSE:
	case METHOD_RUN_RESUME:
		if (server->live.run && !pending->request.dry_run)
			server->live.lease = lease_number(server->lease);
	}
}

void server_lease_moved(struct server *server, uint64_t from, uint64_t to)
{
	if (server->live.lease == from)
		server->live.lease = to;
	for (size_t i = 0; i < queue_length(server->queue); i++) {
		struct plan *plan = queue_at(server->queue, i)->plan;

		if (plan->lease == from)
			plan->lease = to;
	}
}

void server_lease_queued(struct server *server, const struct plan *plan)
{
	if (plan->lease && plan->lease == server->lost_lease)
		lost_of_queued(server, plan);
}
