/* daemon/runner.c - the life of a run: how it begins, goes on step by step, and ends. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/log.h"
#include "daemon/runner.h"
#include "sim_backend/random.h"

#define PROGRESS_NS   1000000000LL
#define DEFAULT_BYTES ((size_t)64 << 20)
#define FEWEST_ROWS   16u
#define MOST_ROWS     ((size_t)1 << 18)
#define SPIN_NS       2000000LL /* closer than this the rig's own, more exact wait takes over */
#define LATE_SHARE    0.1       /* of tau: a step that begins later is flagged */

static int64_t monotonic_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- the beginning ---- */

static void run_free(struct run *run)
{
	if (!run)
		return;
	task_unref(run->task);
	data_free(&run->data);
	ring_unref(run->ring);
	figures_free(run->figures);
	evaluation_free(&run->evaluation);
	free(run->target_free_V);
	free(run->mode_before);
	free(run);
}

static size_t ring_rows(const struct runner *r, const struct record_layout *layout)
{
	size_t rows = (r->ring_bytes ? r->ring_bytes : DEFAULT_BYTES) / layout->row_bytes;

	return rows < FEWEST_ROWS ? FEWEST_ROWS : rows > MOST_ROWS ? MOST_ROWS : rows;
}

/* Everything that a run needs is allocated here; a step allocates nothing.  NULL: no memory. */
static struct run *run_new(const struct runner *r, struct plan *plan)
{
	struct run *run = calloc(1, sizeof(*run));
	struct task *task = plan->task;

	if (!run)
		return NULL;
	run->number = plan->run;
	run->seed = plan->seed;
	run->task = task_ref(task);
	run->tested = UINT64_MAX;
	run->stop_ns = INT64_MAX;
	run->unpaced = true;
	memcpy(run->who, plan->who, sizeof(run->who));
	record_layout(task->n_sources, task->n_targets, task->n_measured, r->info->n_edges,
		      &run->layout);
	run->ring = ring_new(run->number, &run->layout, ring_rows(r, &run->layout));
	run->figures = figures_new();
	run->target_free_V = calloc(task->n_targets + 1, sizeof(double));
	run->mode_before = calloc(r->info->n_edges + 1, 1);
	if (!run->ring || !run->figures || !run->target_free_V || !run->mode_before ||
	    data_new(task, run->seed, &run->data) < 0 ||
	    evaluation_new(task, &run->data, &run->evaluation) < 0) {
		run_free(run);
		return NULL;
	}
	return run;
}

/* The run's row is opened, and everybody is told, before the first volt. */
static void tell_begin(struct runner *r)
{
	struct run *run = r->run;
	const struct task *task = run->task;
	json_t *descriptor = record_descriptor(&run->layout, run->number, run->number,
					       task->measured, task->targets, task->sources);
	struct change *c = change_new(0);

	store_add_ring(r->store, run->ring);
	change_run_begin(c, run->number, rig_now_ns(r->rig), descriptor);
	change_params(c, run->number, 0, &r->params, r->info->r0_ohm, run->who);
	report_send(r->reports, &(struct report){
					.kind = REPORT_BEGIN,
					.run = run->number,
					.ring = ring_ref(run->ring),
					.json = descriptor,
				});
	runner_event(r, c, "run_begin", run->who, task->name, NULL, NULL);
	runner_post(r, c);
}

static int start_params(struct runner *r, const struct plan *plan, struct problem *p)
{
	struct change *c = change_new(0);
	json_t *all = json_object();
	int e;

	if (task_params(plan->task))
		json_object_update(all, (json_t *)task_params(plan->task));
	if (plan->params)
		json_object_update(all, plan->params);
	e = runner_set_params(r, c, all, r->run->who, p);
	json_decref(all);
	if (e < 0)
		change_free(c);
	else
		runner_post(r, c);
	return e;
}

static int start_edges(struct runner *r)
{
	const struct run *run = r->run;
	size_t n = r->info->n_edges;
	uint8_t *wiper;
	int e;

	switch (run->task->initial) {
	case TASK_MIDSCALE:
		return rig_home(r->rig);
	case TASK_KEEP:
		return 0;
	case TASK_TAPS:
		return rig_write_edges(r->rig, run->task->taps, n);
	case TASK_RANDOM_TAPS:
		break;
	}
	wiper = malloc(n);
	if (!wiper)
		return -ENOMEM;
	for (size_t j = 0; j < n; j++)
		wiper[j] = (uint8_t)random_below(run->seed, RANDOM_INITIAL, j, 0,
						 (uint64_t)r->info->edge.taps);
	e = rig_write_edges(r->rig, wiper, n);
	free(wiper);
	return e;
}

static int start_rig(struct runner *r)
{
	struct run *run = r->run;
	const struct task *task = run->task;
	const struct rig_session session = {
		.sources = task->sources,
		.n_sources = task->n_sources,
		.targets = task->targets,
		.n_targets = task->n_targets,
		.measured = task->measured,
		.n_measured = task->n_measured,
		.seed = run->seed,
	};
	int e;

	rig_clear_interrupt(r->rig);
	e = rig_begin(r->rig, &session);
	r->begun = e == 0;
	if (e == 0)
		e = start_edges(r);
	if (e == 0)
		e = runner_take_edges(r);
	if (e < 0)
		return e;
	memcpy(run->mode_before, r->mode, r->info->n_edges);
	if (!isnan(task->stop.seconds))
		run->stop_ns = rig_now_ns(r->rig) + llround(task->stop.seconds * 1e9);
	return 0;
}

static bool disturbs_charge(const struct runner *r)
{
	const struct task *task = r->run->task;

	return r->params.capacitance_F > 0 && isnan(task->test.settle_s) &&
	       (task->test.present || task->targets_from == TASK_TARGETS_CLASS_MEANS);
}

/* A run that could not even begin: its row says why. */
static void refuse_plan(struct runner *r, const struct plan *plan, const char *reason)
{
	struct change *c = change_new(0);

	change_run_status(c, plan->run, "failed", reason);
	store_post(r->store, c);
	report_send(r->reports,
		    &(struct report){
			    .kind = REPORT_END,
			    .run = plan->run,
			    .hold_queue = true,
			    .json = json_pack("{s:s, s:s}", "status", "failed", "reason", reason),
		    });
}

static void plan_free(struct plan *plan)
{
	task_unref(plan->task);
	json_decref(plan->params);
	free(plan);
}

void runner_begin(struct runner *r, struct plan *plan)
{
	struct problem p = {0};
	struct run *run = run_new(r, plan);
	int e;

	if (!run || runner_may(r, RUNNER_BEGIN, &p) < 0) {
		refuse_plan(r, plan, run ? p.message : "out of memory for the run's records");
		problem_clear(&p);
		run_free(run);
		plan_free(plan);
		return;
	}
	r->run = run;
	runner_change_state(r, RUNNER_BEGIN, NULL);
	tell_begin(r);
	pthread_mutex_lock(&r->edges_lock);
	r->edges_ring = run->ring;
	pthread_mutex_unlock(&r->edges_lock);
	if (start_params(r, plan, &p) < 0)
		runner_break_off(r, "failed", p.message);
	else if (disturbs_charge(r))
		runner_break_off(r, "failed",
				 "with a capacitor, tests and class means disturb the charge: give "
				 "test: {settle_s: ...}");
	else if ((e = start_rig(r)) < 0)
		runner_fail(r, e);
	problem_clear(&p);
	plan_free(plan);
}

/* ---- the end ---- */

void runner_end_soon(struct runner *r, const char *status, const char *reason)
{
	struct run *run = r->run;

	if (run->status)
		return;
	run->status = status;
	snprintf(run->reason, sizeof(run->reason), "%s", reason);
	run->due = run->step;
}

/* What the schedule cut or held learns again. */
static void restore_modes(struct runner *r, struct change *c)
{
	struct run *run = r->run;

	for (size_t i = 0; !run->task->keep_modes && i < run->next_event; i++) {
		const struct task_event *event = &run->task->schedule[i];
		struct problem p = {0};
		bool edge = event->kind == TASK_CUT || event->kind == TASK_HOLD ||
			    event->kind == TASK_LEARN;

		if (!edge || r->mode[event->edge] == run->mode_before[event->edge])
			continue;
		if (runner_set_mode(r, c, event->edge,
				    (enum rig_edge_mode)run->mode_before[event->edge], "run's end",
				    &p) < 0)
			log_line(LOG_ERROR_, "edge-mode", "edge %zu: %s", event->edge, p.message);
		problem_clear(&p);
	}
}

static json_t *end_members(const struct runner *r)
{
	static const char *const safe[] = {[RIG_SAFE_CONFIRMED] = "confirmed",
					   [RIG_SAFE_COMMANDED] = "commanded",
					   [RIG_SAFE_UNKNOWN] = "unknown"};
	json_t *json = figures_json(r->run->figures);

	json_object_set_new(json, "event", json_string("run_end"));
	json_object_set_new(json, "run", json_integer((json_int_t)r->run->number));
	json_object_set_new(json, "step", json_integer((json_int_t)r->run->step));
	json_object_set_new(json, "who", json_string(r->run->who));
	json_object_set_new(json, "what", json_string(r->run->reason));
	json_object_set_new(json, "new", json_string(r->run->status));
	json_object_set_new(json, "status", json_string(r->run->status));
	json_object_set_new(json, "reason", json_string(r->run->reason));
	if (r->run->hold_queue)
		json_object_set_new(json, "safe", json_string(safe[r->run->safe]));
	return json;
}

static void finish(struct runner *r)
{
	struct run *run = r->run;
	struct change *c = change_new(0);
	struct run_figures figures;
	json_t *members;

	restore_modes(r, c);
	runner_take_edges(r);
	figures_get(run->figures, &figures);
	change_run_end(c, run->number, run->status, run->reason, &figures, r->wiper,
		       r->info->n_edges);
	members = end_members(r);
	change_event(c, run->number, run->step, "run_end", run->who, run->reason, NULL,
		     json_object_get(members, "new"));
	runner_post(r, c);
	report_send(r->reports, &(struct report){
					.kind = REPORT_END,
					.run = run->number,
					.step = run->step,
					.rows = run->step,
					.hold_queue = run->hold_queue,
					.json = members,
				});
	pthread_mutex_lock(&r->edges_lock);
	r->edges_ring = NULL;
	pthread_mutex_unlock(&r->edges_lock);
	runner_change_state(r, RUNNER_ENDED, NULL);
	r->run = NULL;
	run_free(run);
}

enum rig_safe runner_break_off(struct runner *r, const char *status, const char *reason)
{
	bool failed = strcmp(status, "failed") == 0;
	enum rig_safe safe;

	rig_clear_interrupt(r->rig);
	safe = rig_make_safe(r->rig);
	if (!r->run)
		return safe;
	runner_change_state(r, failed ? RUNNER_FAULT : RUNNER_ABORT, NULL);
	r->run->status = NULL;
	runner_end_soon(r, status, reason);
	r->run->safe = safe;
	r->run->hold_queue = true;
	finish(r);
	return safe;
}

void runner_fail(struct runner *r, int error)
{
	char reason[256];

	if (error == -EINTR) {
		r->interrupted = true;
		return;
	}
	snprintf(reason, sizeof(reason), "%s",
		 error == -ENOMEM ? "out of memory" : rig_error(r->rig)->text);
	log_line(LOG_ERROR_, "rig-failed", "%s", reason);
	if (r->run) {
		struct change *c = change_new(0);

		runner_event(r, c, "fault", "rig", reason, NULL, NULL);
		runner_post(r, c);
	}
	runner_break_off(r, "failed", reason);
}

/* The last test, and then the end; nothing is driven further. */
static void end_run(struct runner *r)
{
	struct run *run = r->run;
	int e = 0;

	if (strcmp(run->status, "failed") == 0) {
		char reason[sizeof(run->reason)];

		memcpy(reason, run->reason, sizeof(reason));
		runner_break_off(r, "failed", reason);
		return;
	}
	if (!run->no_last_test && run->step)
		e = runner_test(r);
	if (e < 0)
		runner_fail(r, e);
	else
		finish(r);
}

/* ---- the steps ---- */

double runner_wait_s(struct runner *r)
{
	int64_t left_ns;

	if (r->state != STATE_RUNNING)
		return r->state == STATE_STOPPING ? 0 : RUNNER_SLICE_S;
	if (!r->info->real_time || r->run->unpaced || r->run->due == r->run->step)
		return 0;
	left_ns = r->run->next_ns - rig_now_ns(r->rig) - SPIN_NS;
	return left_ns <= 0 ? 0 : fmin((double)left_ns * 1e-9, RUNNER_SLICE_S);
}

/* Waits for the beat.  A step that comes late by a whole beat starts a new one: nothing is made up for. */
static int keep_pace(struct runner *r, int64_t *ret_lateness_ns)
{
	struct run *run = r->run;
	int64_t tau_ns = llround(r->params.tau_s * 1e9), now_ns;
	int e;

	if (run->unpaced) {
		run->next_ns = rig_now_ns(r->rig);
		run->unpaced = false;
	}
	e = rig_wait_until(r->rig, run->next_ns);
	if (e < 0)
		return e;
	now_ns = rig_now_ns(r->rig);
	*ret_lateness_ns = now_ns - run->next_ns;
	run->next_ns = *ret_lateness_ns > tau_ns ? now_ns + tau_ns : run->next_ns + tau_ns;
	return 0;
}

static void rest_after(struct run *run, uint32_t example)
{
	double wait_s = run->data.train.wait_s[example];

	if (isnan(wait_s))
		wait_s = run->task->wait_s;
	if (wait_s > 0)
		run->next_ns += llround(wait_s * 1e9);
}

static void say_progress(struct runner *r)
{
	struct run *run = r->run;
	int64_t now_ns = monotonic_ns();
	struct run_figures figures;
	struct change *c;

	if (now_ns - run->said_ns < PROGRESS_NS)
		return;
	run->said_ns = now_ns;
	figures_get(run->figures, &figures);
	c = change_new(0);
	change_run_progress(c, run->number, &figures);
	runner_post(r, c);
}

/* After the row is in: what it means for the run. */
static void count_step(struct runner *r, const struct record_head *head)
{
	struct run *run = r->run;

	figures_step(run->figures, head->mse_V2);
	rest_after(run, head->example);
	run->step++;
	if (head->mse_V2 < run->task->stop.mse_below_V2)
		runner_end_soon(r, "done", "mse_V2 is below the limit");
	else if (head->t_mono_ns >= run->stop_ns)
		runner_end_soon(r, "done", "time is up");
	if (r->info->real_time || run->step % 64 == 0)
		say_progress(r);
}

static int one_step(struct runner *r)
{
	struct run *run = r->run;
	int64_t lateness_ns;
	struct record_head head;
	void *row;
	int e;

	/* A full ring: the disk is behind.  Commands are taken between two slices of waiting. */
	row = ring_reserve(run->ring, 0.05);
	if (!row)
		return 0;
	e = keep_pace(r, &lateness_ns);
	if (e == 0)
		e = step_make(r, row);
	if (e < 0)
		return e;
	record_head(row)->lateness_ns = lateness_ns;
	if ((double)lateness_ns > LATE_SHARE * r->params.tau_s * 1e9)
		record_head(row)->flags |= RECORD_LATE;
	head = *record_head(row);
	ring_push(run->ring);
	count_step(r, &head);
	return 0;
}

void runner_go(struct runner *r)
{
	struct run *run = r->run;
	int e = 0;

	if (run->status) {
		end_run(r);
		return;
	}
	if (run->due == run->step)
		e = runner_between(r);
	if (e == 0 && !run->status && r->state == STATE_RUNNING)
		e = one_step(r);
	if (e < 0)
		runner_fail(r, e);
}
