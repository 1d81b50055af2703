/* daemon/request_submit.c - task.check and run.submit: a task is made ready by a reader, then numbered and queued. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <uuid/uuid.h>

#include "daemon/request_handlers.h"

/* What a reader is given, and what it makes. */
struct submission {
	const json_t *value; /* the request's task; the request outlives the work */
	const struct rig_info *info;
	struct task *task;
	double *r_ohm; /* task.check: the edges as they are */
	double eta;
	struct plan *plan; /* run.submit, once numbered */
	char *name;
	int64_t place;
};

static void submission_free(void *work)
{
	struct submission *s = work;

	task_unref(s->task);
	plan_free(s->plan);
	free(s->r_ohm);
	free(s->name);
	free(s);
}

static struct submission *submission_new(struct server *server, struct pending *pending)
{
	struct submission *s = calloc(1, sizeof(*s));

	if (!s) {
		server_refuse_because(server, pending, PROBLEM_INTERNAL, "", "no memory");
		return NULL;
	}
	s->value = json_object_get(server_params(pending), "task");
	s->info = rig_thread_info(server->rig);
	pending->work = s;
	pending->free_work = submission_free;
	return s;
}

static void make_task(struct history *h, void *work, struct readers_answer *answer)
{
	struct submission *s = work;

	(void)h;
	if (task_new(s->value, s->info, &s->task, &answer->problem) < 0)
		problem_prefix(&answer->problem, "/task");
}

/* ---- task.check ---- */

static void predict_task(struct history *h, void *work, struct readers_answer *answer)
{
	struct submission *s = work;

	make_task(h, work, answer);
	if (s->task &&
	    task_predict(s->task, s->info, s->r_ohm, s->eta, &answer->result, &answer->problem) < 0)
		problem_prefix(&answer->problem, "/task");
}

void request_task_check(struct server *server, struct pending *pending)
{
	struct submission *s = submission_new(server, pending);
	uint8_t *taps, *mode;

	if (!s)
		return;
	s->r_ohm = calloc(s->info->n_edges, sizeof(double));
	taps = malloc(2 * s->info->n_edges);
	if (!s->r_ohm || !taps) {
		free(taps);
		server_refuse_because(server, pending, PROBLEM_INTERNAL, "", "no memory");
		return;
	}
	mode = taps + s->info->n_edges;
	rig_thread_edges(server->rig, taps, mode, s->r_ohm);
	free(taps);
	s->eta = server->live.params.eta;
	server_read(server, pending, predict_task, s, NULL);
}

/* ---- run.submit ---- */

/* The parameters that the run would begin with; the rig's thread checks again when it begins. */
static int check_params(const struct server *server, const struct submission *s,
			const json_t *params, struct problem *p)
{
	struct params all = server->live.params;

	if (task_params(s->task) && params_apply(&all, task_params(s->task), s->info, p) < 0) {
		problem_prefix(p, "/task/params");
		return -1;
	}
	if (params && params_apply(&all, params, s->info, p) < 0) {
		problem_prefix(p, "/params");
		return -1;
	}
	return 0;
}

static uint64_t seed_of(const struct submission *s, const json_t *params, uint64_t run)
{
	const json_t *asked = json_object_get(params, "seed");

	if (asked)
		return (uint64_t)json_integer_value(asked);
	return task_seed(s->task) >= 0 ? (uint64_t)task_seed(s->task) : run;
}

static bool is_front(const struct pending *pending)
{
	const char *at = json_string_value(json_object_get(server_params(pending), "at"));

	return at && strcmp(at, "front") == 0;
}

static int make_plan(struct server *server, struct pending *pending, struct submission *s)
{
	const json_t *params = server_params(pending);
	const char *name = json_string_value(json_object_get(params, "name"));

	s->plan = calloc(1, sizeof(*s->plan));
	s->name = strdup(name ? name : task_name(s->task));
	if (!s->plan || !s->name)
		return -1;
	s->place = is_front(pending) ? queue_front(server->queue) : queue_back(server->queue);
	s->plan->run = ++server->live.last_run;
	s->plan->task = task_ref(s->task);
	s->plan->params = json_deep_copy(json_object_get(params, "params"));
	s->plan->seed = seed_of(s, params, s->plan->run);
	memcpy(s->plan->who, pending->who, sizeof(s->plan->who));
	return 0;
}

/* It is on disk: from now on it is in the queue. */
static void on_stored(struct server *server, struct pending *pending, struct word *word)
{
	struct submission *s = pending->work;
	struct plan *plan = s->plan;

	server->submitting--;
	if (word->problem->code) {
		server_refuse(server, pending, word->problem);
		return;
	}
	s->plan = NULL;
	if (queue_add(server->queue, plan, s->name, s->place) < 0) {
		json_decref(word->result);
		server_refuse_because(server, pending, PROBLEM_INTERNAL, "", "no memory");
		return;
	}
	server_reply(server, pending, word->result);
}

static json_t *submitted(const struct server *server, const struct pending *pending,
			 const struct submission *s, const char *uuid)
{
	size_t position = is_front(pending) ? 0 : queue_length(server->queue) + server->submitting;

	return json_pack("{s:I, s:s, s:I, s:I}", "run", (json_int_t)s->plan->run, "uuid", uuid,
			 "position", (json_int_t)position, "seed", (json_int_t)s->plan->seed);
}

static void store_run(struct server *server, struct pending *pending, struct submission *s)
{
	const json_t *params = server_params(pending);
	const struct rig_info *info = rig_thread_info(server->rig);
	struct run_row row = {
		.run = s->plan->run,
		.name = s->name,
		.kind = task_kind(s->task),
		.rig = info->name,
		.backend = info->backend,
		.version = PACKAGE_VERSION,
		.who = pending->who,
		.note = "",
		.boot = server->boot,
		.seed = s->plan->seed,
		.task = task_json(s->task),
		.rig_json = server->rig_json,
		.tags = json_object_get(params, "tags"),
		.params = s->plan->params,
		.status = "queued",
		.place = s->place,
	};
	uuid_t uuid;
	struct change *change;
	json_t *result;

	uuid_generate(uuid);
	uuid_unparse_lower(uuid, row.uuid);
	change = server_change(server, pending, row.run, NULL, params);
	if (!change)
		return;
	result = submitted(server, pending, s, row.uuid);
	change_run_new(change, &row);
	server_event(server, change, row.run, "queue", pending->who, "queued", NULL, result);
	server->submitting++;
	server_store(server, pending, change, result, on_stored);
}

static void on_task(struct server *server, struct pending *pending, struct word *word)
{
	struct submission *s = pending->work;
	const json_t *params = json_object_get(server_params(pending), "params");
	struct problem p = {0};

	if (word->problem->code) {
		server_refuse(server, pending, word->problem);
	} else if (check_params(server, s, params, &p) < 0) {
		server_refuse(server, pending, &p);
	} else if (pending->request.dry_run) {
		server_reply(server, pending, json_object());
	} else if (pending->told) { /* too late: the client was told that nothing came of it */
		server_refuse_because(server, pending, PROBLEM_INTERNAL, "", "too late");
	} else if (make_plan(server, pending, s) < 0) {
		server_refuse_because(server, pending, PROBLEM_INTERNAL, "", "no memory");
	} else {
		store_run(server, pending, s);
	}
}

void request_run_submit(struct server *server, struct pending *pending)
{
	struct submission *s = submission_new(server, pending);

	if (s)
		server_read(server, pending, make_task, s, on_task);
}
