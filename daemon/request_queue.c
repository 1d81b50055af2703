/* daemon/request_queue.c - queue.*: which run comes next, and whether any does. */
#include "config.h"

#include "daemon/request_handlers.h"

void request_queue_list(struct server *server, struct pending *pending)
{
	server_reply(server, pending, queue_json(server->queue));
}

/* Place of the run meant; -1: refused. */
static long find(struct server *server, struct pending *pending)
{
	uint64_t run = (uint64_t)json_integer_value(json_object_get(server_params(pending), "run"));
	long position = queue_position(server->queue, run);

	if (position >= 0)
		return position;
	server_refuse_because(server, pending, PROBLEM_NOT_FOUND, "/run",
			      "run %llu is not in the queue; queue.list says what is",
			      (unsigned long long)run);
	return -1;
}

/* The change that goes with the request; NULL: it is answered already (a dry run says how things are). */
static struct change *begin(struct server *server, struct pending *pending, uint64_t run)
{
	json_t *old;
	struct change *change;

	if (pending->request.dry_run) {
		server_reply(server, pending, queue_json(server->queue));
		return NULL;
	}
	old = queue_json(server->queue);
	change = server_change(server, pending, run, old, server_params(pending));
	json_decref(old);
	return change;
}

static void end(struct server *server, struct pending *pending, struct change *change, uint64_t run,
		const char *what)
{
	json_t *now = queue_json(server->queue);

	server_event(server, change, run, "queue", pending->who, what, NULL, now);
	server_store(server, pending, change, now, NULL);
}

void request_queue_move(struct server *server, struct pending *pending)
{
	size_t to = (size_t)json_integer_value(json_object_get(server_params(pending), "position"));
	long from = find(server, pending);
	struct change *change;
	uint64_t run;

	if (from < 0)
		return;
	run = queue_at(server->queue, (size_t)from)->plan->run;
	change = begin(server, pending, run);
	if (!change)
		return;
	queue_move(server->queue, (size_t)from, to);
	for (size_t i = 0; i < queue_length(server->queue); i++) {
		const struct queued *q = queue_at(server->queue, i);

		change_run_place(change, q->plan->run, q->place);
	}
	end(server, pending, change, run, "moved");
}

static void take_out(struct server *server, struct change *change, size_t position)
{
	change_run_status(change, queue_at(server->queue, position)->plan->run, "stopped",
			  "taken out of the queue");
	queue_remove(server->queue, position);
}

void request_queue_remove(struct server *server, struct pending *pending)
{
	long position = find(server, pending);
	struct change *change;
	uint64_t run;

	if (position < 0)
		return;
	run = queue_at(server->queue, (size_t)position)->plan->run;
	change = begin(server, pending, run);
	if (!change)
		return;
	take_out(server, change, (size_t)position);
	end(server, pending, change, run, "removed");
}

void request_queue_clear(struct server *server, struct pending *pending)
{
	struct change *change = begin(server, pending, 0);

	if (!change)
		return;
	while (queue_length(server->queue))
		take_out(server, change, queue_length(server->queue) - 1);
	end(server, pending, change, 0, "cleared");
}

/* Who lets the queue go on answers for the runs whose lease was lost while they waited. */
static void adopt(struct server *server, const struct pending *pending)
{
	uint64_t lease = pending->request.lease ? lease_number(server->lease) : 0;

	for (size_t i = 0; i < queue_length(server->queue); i++) {
		struct plan *plan = queue_at(server->queue, i)->plan;

		if (plan->lease && plan->lease <= server->lost_lease)
			plan->lease = lease;
	}
}

static void hold(struct server *server, struct pending *pending, bool held)
{
	struct change *change = begin(server, pending, 0);

	if (!change)
		return;
	if (!held)
		adopt(server, pending);
	queue_hold(server->queue, held);
	change_queue_held(change, held);
	end(server, pending, change, 0, held ? "held" : "released");
}

void request_queue_hold(struct server *server, struct pending *pending)
{
	hold(server, pending, true);
}

void request_queue_release(struct server *server, struct pending *pending)
{
	hold(server, pending, false);
}
