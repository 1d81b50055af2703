/* daemon/request_submit.c - task.check, rig.wiring, run.check and run.submit: a task is made ready by a reader; to be run, it
 * is then looked at once more, numbered and queued. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uuid/uuid.h>

#include "daemon/crash_point.h"
#include "daemon/request_handlers.h"
#include "daemon/wiring_json.h"

/* What a reader is given, and what it makes. */
struct submission {
	const json_t *value; /* the request's task; the request outlives the work; run.fork: NULL */
	json_t *made;        /* in its place: with a checkpoint's edge states, or a fork's; owned */
	uint64_t fork_run, fork_step, fork_steps; /* run.fork */
	const struct rig_info *info;
	struct task *task;
	double *r_ohm;         /* the edges as they are */
	double eta;            /* in force, or the submitter's own */
	bool eta_given;        /* by the submitter, over the task's */
	struct wiring *wiring; /* as it is plugged; NULL: a rig without wires */
	struct wiring_plan *moves;
	struct plan *plan;      /* run.submit, once numbered */
	struct problem problem; /* run.check: of the task or the parameters */
	json_t *predicted;      /* run.check */
	struct calibration calibration;
	json_t *calibrations; /* rows {kind, age_d} */
	char *name;
	int64_t place;
	uint64_t lease; /* lease_number() of the submitter's; 0: none */
	const char *
		on_lease_loss; /* the submitter's, over the task's; the request's; NULL: not given */
};

static void submission_free(void *work)
{
	struct submission *s = work;

	task_unref(s->task);
	plan_free(s->plan);
	wiring_plan_free(s->moves);
	wiring_free(s->wiring);
	json_decref(s->made);
	json_decref(s->predicted);
	json_decref(s->calibrations);
	calibration_clear(&s->calibration);
	problem_clear(&s->problem);
	free(s->r_ohm);
	free(s->name);
	free(s);
}

/* What only this thread may ask: edges, wires, parameters.  0, -1: no memory. */
static int look_at_rig(struct server *server, struct submission *s, const json_t *params)
{
	const json_t *eta = json_object_get(params, "eta");
	uint8_t *taps = malloc(2 * s->info->n_edges + 1);

	s->r_ohm = calloc(s->info->n_edges + 1, sizeof(double));
	s->eta = json_is_number(eta) ? json_number_value(eta) : server->live.params.eta;
	s->eta_given = json_is_number(eta);
	if (!s->r_ohm || !taps || rig_thread_wires(server->rig, &s->wiring) < 0) {
		free(taps);
		return -1;
	}
	rig_thread_edges(server->rig, taps, taps + s->info->n_edges, s->r_ohm);
	free(taps);
	return 0;
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
	s->lease = pending->request.lease ? lease_number(server->lease) : 0;
	s->on_lease_loss =
		json_string_value(json_object_get(server_params(pending), "on_lease_loss"));
	pending->work = s;
	pending->free_work = submission_free;
	if (look_at_rig(server, s, json_object_get(server_params(pending), "params")) == 0)
		return s;
	server_refuse_because(server, pending, PROBLEM_INTERNAL, "", "no memory");
	return NULL;
}

/* initial: {checkpoint: NAME} as the edge states that it stands for, so that the run's row says it all. */
static int take_checkpoint(struct history *h, struct submission *s, struct problem *p)
{
	const json_t *initial = json_object_get(s->value, "initial");
	const char *name = json_string_value(json_object_get(initial, "checkpoint"));
	json_t *edges;

	if (!name)
		return 0;
	if (history_checkpoint(h, name, s->info->n_edges, &edges, p) < 0) {
		snprintf(p->path, sizeof(p->path), "/initial/checkpoint");
		return -1;
	}
	s->made = json_deep_copy(s->value);
	json_object_set_new(s->made, "initial", edges);
	return 0;
}

/* The submitter's word becomes the task's, so that the run's row says it all. */
static int take_policy(struct submission *s)
{
	if (!s->on_lease_loss)
		return 0;
	if (!s->made)
		s->made = json_deep_copy(s->value);
	return json_object_set_new(s->made, "on_lease_loss", json_string(s->on_lease_loss));
}

/* The task, and what would have to be plugged for it. */
static int make_task(struct history *h, struct submission *s, struct problem *p)
{
	if (!s->made && take_checkpoint(h, s, p) < 0)
		return -1;
	if (take_policy(s) < 0)
		return problem_set(p, PROBLEM_INTERNAL, "", "no memory");
	if (task_new(s->made ? s->made : s->value, s->info, &s->task, p) < 0)
		return -1;
	return s->wiring ? task_wiring(s->task, s->wiring, s->info->patch, &s->moves, p) : 0;
}

static int predict(struct submission *s, json_t **ret, struct problem *p)
{
	const json_t *eta = json_object_get(task_params(s->task), "eta");

	return task_predict(s->task, s->info, s->r_ohm,
			    json_is_number(eta) && !s->eta_given ? json_number_value(eta) : s->eta,
			    ret, p);
}

/* ---- task.check and rig.wiring ---- */

/* A warning of the plugs to move; their list is there for every rig that has wires. */
static void add_moves(const struct submission *s, json_t *result)
{
	char plugs[40], text[96];

	json_object_set_new(result, "wiring", wiring_moves_json(s->moves));
	if (s->moves->n == 0)
		return;
	snprintf(text, sizeof(text), "%s before it runs: nudgectl rig wiring TASK lists them",
		 wiring_plugs(s->moves, plugs, sizeof(plugs)));
	json_array_append_new(json_object_get(result, "warnings"), json_string(text));
}

static void check_task(struct history *h, void *work, struct readers_answer *answer)
{
	struct submission *s = work;

	if (make_task(h, s, &answer->problem) < 0 ||
	    predict(s, &answer->result, &answer->problem) < 0)
		problem_prefix(&answer->problem, "/task");
	else if (s->moves)
		add_moves(s, answer->result);
}

void request_task_check(struct server *server, struct pending *pending)
{
	struct submission *s = submission_new(server, pending);

	if (s)
		server_read(server, pending, check_task, s, NULL);
}

static json_t *wiring_result(const struct submission *s)
{
	return json_pack("{s:b, s:o, s:o}", "patch", s->info->patch, "wires",
			 wiring_json(s->wiring), "moves",
			 s->moves ? wiring_moves_json(s->moves) : json_array());
}

static void plan_wiring(struct history *h, void *work, struct readers_answer *answer)
{
	struct submission *s = work;

	if (make_task(h, s, &answer->problem) < 0)
		problem_prefix(&answer->problem, "/task");
	else
		answer->result = wiring_result(s);
}

void request_rig_wiring(struct server *server, struct pending *pending)
{
	struct submission *s = submission_new(server, pending);

	if (!s)
		return;
	if (!s->wiring)
		server_refuse_because(server, pending, PROBLEM_STATE, "",
				      "the rig %s has no wires: its backend is %s", s->info->name,
				      s->info->backend);
	else if (s->value)
		server_read(server, pending, plan_wiring, s, NULL);
	else
		server_reply(server, pending, wiring_result(s));
}

/* ---- run.submit ---- */

/* Those in force; their values stay here, the rows go on. */
static int read_calibrations(struct history *h, struct submission *s, struct problem *p)
{
	json_t *row;
	size_t i;

	if (history_in_force(h, s->info->name, &s->calibrations, p) < 0)
		return -1;
	json_array_foreach(s->calibrations, i, row)
	{
		struct problem useless = {0};

		(void)calibration_take(&s->calibration,
				       json_string_value(json_object_get(row, "kind")),
				       json_object_get(row, "values"), s->info, &useless);
		problem_clear(&useless);
		json_object_del(row, "values");
	}
	return 0;
}

/* Where interlocks would refuse it, it is refused at once. */
static void prepare_task(struct history *h, void *work, struct readers_answer *answer)
{
	struct submission *s = work;
	json_t *predicted = NULL;

	if (make_task(h, s, &answer->problem) < 0 ||
	    (s->info->interlocks && predict(s, &predicted, &answer->problem) < 0))
		problem_prefix(&answer->problem, "/task");
	else
		read_calibrations(h, s, &answer->problem);
	json_decref(predicted);
}

/* run.check: what is wrong with the task is an item of the answer. */
static void prepare_check(struct history *h, void *work, struct readers_answer *answer)
{
	struct submission *s = work;

	if (make_task(h, s, &s->problem) < 0 || predict(s, &s->predicted, &s->problem) < 0)
		problem_prefix(&s->problem, "/task");
	read_calibrations(h, s, &answer->problem);
}

/* The parameters that the run would begin with; the rig's thread checks again when it begins. */
static int check_params(const struct server *server, const struct submission *s,
			const json_t *params, struct params *ret, struct problem *p)
{
	json_t *both =
		task_params(s->task) ? json_copy((json_t *)task_params(s->task)) : json_object();
	const char *member;
	int r;

	/* as the run will begin: what the request says goes before what the task says, and only the outcome counts */
	if (params)
		json_object_update(both, (json_t *)params);
	*ret = server->live.params;
	r = params_apply(ret, both, s->info, p);
	json_decref(both);
	if (r == 0)
		return 0;
	member = p->path[0] == '/' ? p->path + 1 : "";
	problem_prefix(p, params && json_object_get(params, member) ? "/params" : "/task/params");
	return -1;
}

/* Where in the request p stands. */
static const char *p_path(const struct submission *s, const json_t *params)
{
	if (json_object_get(params, "p"))
		return "/params/p";
	return s->task && json_object_get(task_params(s->task), "p") ? "/task/params/p" : "";
}

static json_t *look_ahead(struct server *server, struct pending *pending,
			  const struct submission *s, const struct params *params)
{
	struct preflight look = {
		.task = s->problem.code ? NULL : s->task,
		.problem = &s->problem,
		.warnings = json_object_get(s->predicted, "warnings"),
		.params = *params,
		.p_path = p_path(s, json_object_get(server_params(pending), "params")),
		.calibration = &s->calibration,
		.calibrations = s->calibrations,
		.n_moves = s->moves ? s->moves->n : 0,
	};

	return server_preflight(server, pending, &look);
}

/* The parameters, and what the preflight has to say. */
static int check_all(struct server *server, struct pending *pending, const struct submission *s,
		     struct problem *p)
{
	struct params all;
	json_t *looked;
	int r = check_params(server, s, json_object_get(server_params(pending), "params"), &all, p);

	if (r < 0)
		return -1;
	looked = look_ahead(server, pending, s, &all);
	r = preflight_problem(looked, p);
	json_decref(looked);
	return r;
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
	s->plan->lease = s->lease;
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
	crash_point("queue.stored");
	if (queue_add(server->queue, plan, s->name, s->place) < 0) {
		json_decref(word->result);
		server_refuse_because(server, pending, PROBLEM_INTERNAL, "", "no memory");
		return;
	}
	server_lease_queued(server, plan);
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
	crash_point("queue.before_store");
	server_store(server, pending, change, result, on_stored);
}

static void on_task(struct server *server, struct pending *pending, struct word *word)
{
	struct submission *s = pending->work;
	struct problem p = {0};

	if (word->problem->code) {
		server_refuse(server, pending, word->problem);
	} else if (check_all(server, pending, s, &p) < 0) {
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
		server_read(server, pending, prepare_task, s, on_task);
}

/* ---- run.check ---- */

static void on_check(struct server *server, struct pending *pending, struct word *word)
{
	struct submission *s = pending->work;
	struct params all = server->live.params;

	if (word->problem->code) {
		server_refuse(server, pending, word->problem);
		return;
	}
	if (!s->problem.code)
		check_params(server, s, json_object_get(server_params(pending), "params"), &all,
			     &s->problem);
	server_reply(server, pending, look_ahead(server, pending, s, &all));
}

void request_run_check(struct server *server, struct pending *pending)
{
	struct submission *s = submission_new(server, pending);

	if (s)
		server_read(server, pending, prepare_check, s, on_check);
}

/* ---- run.fork ---- */

static void prepare_fork(struct history *h, void *work, struct readers_answer *answer)
{
	struct submission *s = work;

	if (history_fork(h, s->fork_run, s->fork_step, s->info, &s->made, &answer->problem) < 0)
		return;
	if (s->fork_steps) {
		if (!json_object_get(s->made, "stop")) /* the run had no end of its own */
			json_object_set_new(s->made, "stop", json_object());
		json_object_set_new(json_object_get(s->made, "stop"), "steps",
				    json_integer((json_int_t)s->fork_steps));
	}
	prepare_task(h, work, answer);
}

/* Also from the run that is on, once that step is on disk. */
void request_run_fork(struct server *server, struct pending *pending)
{
	const json_t *params = server_params(pending);
	struct submission *s = submission_new(server, pending);

	if (!s)
		return;
	s->fork_run = (uint64_t)json_integer_value(json_object_get(params, "run"));
	s->fork_step = (uint64_t)json_integer_value(json_object_get(params, "step"));
	s->fork_steps = (uint64_t)json_integer_value(json_object_get(params, "steps"));
	server_read(server, pending, prepare_fork, s, on_task);
}
