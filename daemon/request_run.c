/* daemon/request_run.c - run.*: asking about runs, and steering the one that is active. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "daemon/request_handlers.h"
#include "protocol/reply.h"

static uint64_t run_of(const struct pending *pending)
{
	return (uint64_t)json_integer_value(json_object_get(server_params(pending), "run"));
}

/* ---- asking ---- */

static void read_status(struct history *h, void *work, struct readers_answer *answer)
{
	const struct pending *pending = work;

	history_run_status(h, pending->run, &answer->result, &answer->problem);
}

/* What the database cannot know yet of the active run: its newest step. */
static void add_live(struct server *server, json_t *result)
{
	struct live *live = &server->live;
	const struct record_head *head = live_row(live);
	double first = json_number_value(json_object_get(result, "mse_first_V2"));

	json_object_set_new(result, "steps", json_integer((json_int_t)live_step(live)));
	if (!head)
		return;
	reply_set_real(result, "mse_V2", head->mse_V2);
	reply_set_real(result, "mse_last_V2", head->mse_V2);
	if (json_is_null(json_object_get(result, "test_first_V2")) && first > 0)
		reply_set_real(result, "scaled_error", head->mse_V2 / first);
}

static void on_status(struct server *server, struct pending *pending, struct word *word)
{
	long position = queue_position(server->queue, pending->run);

	if (word->problem->code) {
		server_refuse(server, pending, word->problem);
		return;
	}
	if (pending->run == server->live.run)
		json_object_set_new(
			word->result, "status",
			json_string(server->live.state == STATE_PAUSED ? "paused" : "running"));
	if (pending->run == server->live.run && server->live.ring &&
	    ring_run(server->live.ring) == pending->run)
		add_live(server, word->result);
	json_object_set_new(word->result, "position",
			    position < 0 ? json_null() : json_integer(position));
	server_reply(server, pending, word->result);
}

static void ask(struct server *server, struct pending *pending)
{
	server_read(server, pending, read_status, pending, on_status);
}

/* The end of a run that ended just now is on disk. */
static bool end_is_stored(const struct server *server, const struct pending *pending)
{
	uint64_t ticket = live_end_ticket(&server->live, pending->run);

	return ticket == 0 || publisher_ticket_done(server->publisher, ticket);
}

static bool has_ended(const struct server *server, const struct pending *pending)
{
	return pending->run != server->live.run &&
	       queue_position(server->queue, pending->run) < 0 && end_is_stored(server, pending);
}

static void ask_when_stored(struct server *server, struct pending *pending)
{
	if (end_is_stored(server, pending))
		ask(server, pending);
	else
		server_park(server, pending, end_is_stored, ask, 5.0);
}

void request_run_get(struct server *server, struct pending *pending)
{
	pending->run = run_of(pending);
	ask_when_stored(server, pending);
}

void request_run_wait(struct server *server, struct pending *pending)
{
	double timeout_s = json_number_value(json_object_get(server_params(pending), "timeout_s"));

	pending->run = run_of(pending);
	if (has_ended(server, pending))
		ask(server, pending);
	else
		/* the time may be up when it has ended and its row is on its way: that is waited for, as in run.get */
		server_park(server, pending, has_ended, ask_when_stored, timeout_s);
}

/* ---- steering ---- */

/* The run that is meant is the active one; otherwise it is refused, with what could be done instead. */
static bool is_active(struct server *server, struct pending *pending)
{
	const char *method = pending->request.method->name;
	uint64_t run = run_of(pending), active = server->live.run;
	struct problem p = {0};

	if (active && (run == 0 || run == active))
		return true;
	if (run && queue_position(server->queue, run) >= 0)
		problem_set(
			&p, PROBLEM_STATE, "/run",
			"run %llu is queued: %s is for the active one; queue.remove takes it out",
			(unsigned long long)run, method);
	else if (run == 0 || run <= server->live.last_run)
		problem_set(
			&p, PROBLEM_STATE, run ? "/run" : "",
			run ? "run %llu is not active: %s is for a run that is"
			    : "no run is active%.0llu: %s is for one that is; run.submit starts one",
			(unsigned long long)run, method);
	else
		problem_set(&p, PROBLEM_NOT_FOUND, "/run", "there is no run %llu",
			    (unsigned long long)run);
	problem_add(&p, "state", json_string(state_name(server->live.state)));
	server_refuse(server, pending, &p);
	return false;
}

static void steer(struct server *server, struct pending *pending, enum rig_command_kind kind)
{
	struct rig_command command = {.kind = kind, .run = server->live.run, .if_rev = -1};

	if (!is_active(server, pending))
		return;
	if (!pending->request.dry_run) {
		command.change = server_change(server, pending, server->live.run, NULL, NULL);
		if (!command.change)
			return;
	}
	server_command(server, pending, &command);
}

void request_run_pause(struct server *server, struct pending *pending)
{
	steer(server, pending, RIG_COMMAND_PAUSE);
}

void request_run_resume(struct server *server, struct pending *pending)
{
	steer(server, pending, RIG_COMMAND_RESUME);
}

void request_run_stop(struct server *server, struct pending *pending)
{
	steer(server, pending, RIG_COMMAND_STOP);
}

/* Answered by the rig's own word: nobody waits for the disk to hear that it is safe. */
void request_run_abort(struct server *server, struct pending *pending)
{
	struct rig_command command = {
		.kind = RIG_COMMAND_ABORT, .run = server->live.run, .if_rev = -1};

	if (!is_active(server, pending))
		return;
	if (!pending->request.dry_run) {
		server_audit(server, pending, NULL, NULL);
		server_hold_queue(server, pending->who, "a run was aborted");
	}
	server_command(server, pending, &command);
}

void request_run_annotate(struct server *server, struct pending *pending)
{
	const json_t *params = server_params(pending);
	const json_t *star = json_object_get(params, "star");
	struct change *change;

	pending->run = run_of(pending);
	if (json_object_size(params) < 2) {
		server_refuse_because(server, pending, PROBLEM_PARAMS, "",
				      "nothing to annotate: give at least one of note, tags, "
				      "add_tags, remove_tags, star");
		return;
	}
	if (pending->run > server->live.last_run) {
		server_refuse_because(server, pending, PROBLEM_NOT_FOUND, "/run",
				      "there is no run %llu", (unsigned long long)pending->run);
		return;
	}
	if (pending->request.dry_run) {
		server_reply(server, pending, json_object());
		return;
	}
	change = server_change(server, pending, pending->run, NULL, params);
	if (!change)
		return;
	change_annotate(change, pending->run, json_string_value(json_object_get(params, "note")),
			json_object_get(params, "tags"), star ? json_is_true(star) : -1);
	if (json_object_get(params, "add_tags") || json_object_get(params, "remove_tags"))
		change_tags(change, pending->run, json_object_get(params, "add_tags"),
			    json_object_get(params, "remove_tags"));
	server_event(server, change, pending->run, "note", pending->who, "annotated", NULL, params);
	server_store(server, pending, change, json_object(), NULL);
}
