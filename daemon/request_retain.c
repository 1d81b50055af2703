/* daemon/request_retain.c - history.du and history.retain: planned by a reader, done by the store when it has time. */
#include "config.h"

#include "daemon/request_handlers.h"

static void read_du(struct history *h, void *work, struct readers_answer *answer)
{
	history_du(h, work, &answer->result, &answer->problem);
}

void request_history_du(struct server *server, struct pending *pending)
{
	server_read(server, pending, read_du, server_params(pending), NULL);
}

static void read_plan(struct history *h, void *work, struct readers_answer *answer)
{
	history_retain(h, work, &answer->result, &answer->problem);
}

json_t *server_retaining(json_t *runs)
{
	const json_t *first = json_array_get(runs, 0);
	json_t *ret;

	if (!runs)
		return NULL;
	ret = json_pack("{s:O?, s:O?, s:s, s:i, s:I, s:i, s:I}", "run",
			json_object_get(first, "run"), "keep_every",
			json_object_get(first, "keep_every"), "doing", first ? "steps" : "room",
			"done", 0, "of", json_integer_value(json_object_get(first, "rows")),
			"deleted", 0, "runs_left", (json_int_t)json_array_size(runs));
	json_decref(runs);
	return ret;
}

/* It is on disk what is to go: from now on it goes, whatever happens. */
static void on_stored(struct server *server, struct pending *pending, struct word *word)
{
	if (word->problem->code) {
		server_refuse(server, pending, word->problem);
		return;
	}
	if (!server->retaining)
		server->retaining =
			server_retaining(json_incref(json_object_get(word->result, "runs")));
	server->dirty = true;
	server_reply(server, pending, word->result);
}

static void thin(struct server *server, struct pending *pending, struct change *change, json_t *row)
{
	uint64_t run = (uint64_t)json_integer_value(json_object_get(row, "run"));
	json_int_t every = json_integer_value(json_object_get(row, "keep_every"));
	json_t *old = json_pack("{s:O}", "keep_every", json_object_get(row, "kept_every"));
	json_t *now = json_pack("{s:I, s:O}", "keep_every", every, "rows_to_go",
				json_object_get(row, "rows_to_go"));

	change_thin(change, run, (uint64_t)every, json_string_value(json_object_get(row, "log")));
	server_event(server, change, run, "retain", pending->who, "to be thinned", old, now);
	json_decref(old);
	json_decref(now);
}

static void on_plan(struct server *server, struct pending *pending, struct word *word)
{
	json_t *runs, *row;
	struct change *change;
	size_t i;

	if (word->problem->code) {
		server_refuse(server, pending, word->problem);
		return;
	}
	runs = json_object_get(word->result, "runs");
	if (pending->request.dry_run || json_array_size(runs) == 0) {
		json_array_foreach(runs, i, row) json_object_del(row, "log");
		server_reply(server, pending, word->result);
		return;
	}
	change = server_change(server, pending,
			       json_array_size(runs) == 1
				       ? (uint64_t)json_integer_value(
						 json_object_get(json_array_get(runs, 0), "run"))
				       : 0,
			       NULL, server_params(pending));
	if (!change) {
		json_decref(word->result);
		return;
	}
	json_array_foreach(runs, i, row)
	{
		thin(server, pending, change, row);
		json_object_del(row, "log");
	}
	server_store(server, pending, change, word->result, on_stored);
}

void request_history_retain(struct server *server, struct pending *pending)
{
	server_read(server, pending, read_plan, server_params(pending), on_plan);
}
