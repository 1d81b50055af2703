/* daemon/request_checkpoint.c - checkpoint.*: edge states kept under a name, and put back. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/crash_point.h"
#include "daemon/request_handlers.h"

static const char *name_of(const struct pending *pending)
{
	return json_string_value(json_object_get(server_params(pending), "name"));
}

static size_t n_edges(const struct server *server)
{
	return rig_thread_info(server->rig)->n_edges;
}

/* What a reader is given: the request outlives the work. */
struct asked {
	const char *name;
	size_t n_edges;
};

static void read_one(struct history *h, void *work, struct readers_answer *answer)
{
	const struct asked *asked = work;

	history_checkpoint(h, asked->name, asked->n_edges, &answer->result, &answer->problem);
}

static void ask(struct server *server, struct pending *pending, pending_word *word)
{
	struct asked *asked = calloc(1, sizeof(*asked));

	if (!asked) {
		server_refuse_because(server, pending, PROBLEM_INTERNAL, "", "no memory");
		return;
	}
	*asked = (struct asked){name_of(pending), n_edges(server)};
	pending->work = asked;
	pending->free_work = free;
	server_read(server, pending, read_one, asked, word);
}

/* ---- list ---- */

static void read_all(struct history *h, void *work, struct readers_answer *answer)
{
	(void)work;
	history_checkpoints(h, &answer->result, &answer->problem);
}

void request_checkpoint_list(struct server *server, struct pending *pending)
{
	server_read(server, pending, read_all, NULL, NULL);
}

/* ---- save ---- */

/* Those of the request, checked; 0, or -1 and *p. */
static int given_taps(const struct rig_info *info, const json_t *list, uint8_t *taps,
		      struct problem *p)
{
	if (info->continuous)
		return problem_set(p, PROBLEM_PARAMS, "/taps", "the edges of rig %s have no taps",
				   info->name);
	if (json_array_size(list) != info->n_edges)
		return problem_set(p, PROBLEM_PARAMS, "/taps",
				   "taps has %zu values; this rig has %zu edges",
				   json_array_size(list), info->n_edges);
	for (size_t j = 0; j < info->n_edges; j++) {
		long long tap = json_integer_value(json_array_get(list, j));

		if (tap < 0 || tap >= info->edge.taps)
			return problem_set(p, PROBLEM_LIMIT, "/taps",
					   "tap %lld of edge %zu: taps are 0 to %d", tap, j,
					   info->edge.taps - 1);
		taps[j] = (uint8_t)tap;
	}
	return 0;
}

static json_t *saved(const struct rig_info *info, const char *name, const uint8_t *taps,
		     const double *r_ohm)
{
	json_t *list = json_array();

	for (size_t j = 0; j < info->n_edges; j++)
		json_array_append_new(list, info->continuous ? json_real(r_ohm[j])
							     : json_integer(taps[j]));
	return json_pack("{s:s, s:o}", "name", name, info->continuous ? "r_ohm" : "taps", list);
}

static void store(struct server *server, struct pending *pending, const uint8_t *taps,
		  const double *r_ohm)
{
	const struct rig_info *info = rig_thread_info(server->rig);
	const json_t *params = server_params(pending);
	uint64_t run = json_object_get(params, "taps") ? 0 : server->live.run;
	struct change *change;
	json_t *result = saved(info, name_of(pending), taps, r_ohm);

	if (pending->request.dry_run) {
		server_reply(server, pending, result);
		return;
	}
	change = server_change(server, pending, run, NULL, params);
	if (!change) {
		json_decref(result);
		return;
	}
	change_checkpoint(change, name_of(pending), run, live_step(&server->live), pending->who,
			  info->continuous ? (const void *)r_ohm : taps,
			  info->n_edges * (info->continuous ? sizeof(double) : 1));
	server_event(server, change, run, "checkpoint", pending->who, name_of(pending), NULL, NULL);
	crash_point("checkpoint.save");
	server_store(server, pending, change, result, NULL);
}

static void save(struct server *server, struct pending *pending)
{
	const struct rig_info *info = rig_thread_info(server->rig);
	const json_t *list = json_object_get(server_params(pending), "taps");
	uint8_t *taps = calloc(2 * info->n_edges + 1, 1);
	double *r_ohm = calloc(info->n_edges + 1, sizeof(double));
	struct problem p = {0};

	if (!taps || !r_ohm)
		problem_set(&p, PROBLEM_INTERNAL, "", "no memory");
	else if (list)
		given_taps(info, list, taps, &p);
	else if (!rig_thread_edges(server->rig, taps, taps + info->n_edges, r_ohm) &&
		 !info->continuous)
		problem_set(&p, PROBLEM_STATE, "",
			    "the taps are not known yet: the boards have not answered");
	if (p.code)
		server_refuse(server, pending, &p);
	else
		store(server, pending, taps, r_ohm);
	free(taps);
	free(r_ohm);
}

/* A name that is taken keeps what it has. */
static void on_looked(struct server *server, struct pending *pending, struct word *word)
{
	if (word->problem->code == PROBLEM_NOT_FOUND) {
		problem_clear(word->problem);
		save(server, pending);
		return;
	}
	if (word->problem->code && word->problem->code != PROBLEM_PARAMS) {
		server_refuse(server, pending, word->problem);
		return;
	}
	problem_clear(word->problem);
	json_decref(word->result);
	server_refuse_because(server, pending, PROBLEM_STATE, "/name",
			      "there is a checkpoint \"%s\" already: another name, or "
			      "checkpoint.delete first",
			      name_of(pending));
}

void request_checkpoint_save(struct server *server, struct pending *pending)
{
	ask(server, pending, on_looked);
}

/* ---- restore ---- */

static void on_read(struct server *server, struct pending *pending, struct word *word)
{
	struct rig_command command = {.kind = RIG_COMMAND_RESTORE, .if_rev = -1};

	if (word->problem->code) {
		server_refuse(server, pending, word->problem);
		return;
	}
	if (!pending->request.dry_run) {
		command.change = server_change(server, pending, 0, NULL, server_params(pending));
		if (!command.change) {
			json_decref(word->result);
			return;
		}
	}
	command.json = word->result;
	json_object_set_new(command.json, "name", json_string(name_of(pending)));
	server_command(server, pending, &command);
}

void request_checkpoint_restore(struct server *server, struct pending *pending)
{
	if (server->live.run)
		server_refuse_because(server, pending, PROBLEM_STATE, "",
				      "run %llu is active: checkpoint.restore is for an idle rig; "
				      "run.stop ends the run",
				      (unsigned long long)server->live.run);
	else
		ask(server, pending, on_read);
}

/* ---- delete ---- */

static void on_found(struct server *server, struct pending *pending, struct word *word)
{
	struct change *change;

	json_decref(word->result);
	if (word->problem->code == PROBLEM_PARAMS) { /* of another rig: it may go, too */
		problem_clear(word->problem);
	} else if (word->problem->code) {
		server_refuse(server, pending, word->problem);
		return;
	}
	if (pending->request.dry_run) {
		server_reply(server, pending, json_object());
		return;
	}
	change = server_change(server, pending, 0, NULL, server_params(pending));
	if (!change)
		return;
	change_checkpoint_delete(change, name_of(pending));
	server_store(server, pending, change, json_object(), NULL);
}

void request_checkpoint_delete(struct server *server, struct pending *pending)
{
	ask(server, pending, on_found);
}
