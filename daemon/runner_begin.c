/* daemon/runner_begin.c - how a run begins: memory, its row, the rig's parameters, edges and session. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/crash_point.h"
#include "daemon/log.h"
#include "daemon/runner.h"
#include "sim_backend/random.h"

#define DEFAULT_BYTES ((size_t)64 << 20)
#define FEWEST_ROWS   16u
#define MOST_ROWS     ((size_t)1 << 18)

void runner_free_run(struct run *run)
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
	free(run->batch_row);
	free(run->batch_source_V);
	free(run->batch_target_V);
	free(run->batch_mse_V2);
	free(run->equilibrium_V);
	free(run->no_wiper);
	json_decref(run->start_params);
	wiring_plan_free(run->wiring);
	free(run);
}

static size_t ring_rows(const struct runner *r, const struct record_layout *layout)
{
	size_t rows = (r->ring_bytes ? r->ring_bytes : DEFAULT_BYTES) / layout->row_bytes;

	return rows < FEWEST_ROWS ? FEWEST_ROWS : rows > MOST_ROWS ? MOST_ROWS : rows;
}

static bool batch_new(struct run *run)
{
	const struct task *task = run->task;
	size_t n = data_batch_most(task, &run->data) + 1;

	run->batch_row = calloc(n, sizeof(*run->batch_row));
	run->batch_source_V = calloc(n * task->n_sources + 1, sizeof(double));
	run->batch_target_V = calloc(n * task->n_targets + 1, sizeof(double));
	run->batch_mse_V2 = calloc(n, sizeof(double));
	run->equilibrium_V = calloc(task->n_targets + 1, sizeof(double));
	run->no_wiper = calloc(run->layout.n_edges + 1, 1);
	return run->batch_row && run->batch_source_V && run->batch_target_V && run->batch_mse_V2 &&
	       run->equilibrium_V && run->no_wiper;
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
	run->compared = !r->info->interlocks; /* simulated twins are as apart as they were made */
	run->start_params = json_object();
	if (task_params(task))
		json_object_update(run->start_params, (json_t *)task_params(task));
	if (plan->params)
		json_object_update(run->start_params, plan->params);
	memcpy(run->who, plan->who, sizeof(run->who));
	task_layout(task, r->info, &run->layout);
	run->ring = ring_new(run->number, &run->layout, ring_rows(r, &run->layout));
	run->figures = figures_new();
	run->target_free_V = calloc(task->n_targets + 1, sizeof(double));
	run->mode_before = calloc(r->info->n_edges + 1, 1);
	if (!run->start_params || !run->ring || !run->figures || !run->target_free_V ||
	    !run->mode_before || data_new(task, run->seed, &run->data) < 0 || !batch_new(run) ||
	    evaluation_new(task, &run->data, &run->evaluation) < 0) {
		runner_free_run(run);
		return NULL;
	}
	return run;
}

/* Edges that somebody cut or held before: {"hold": [3], "cut": [12]}; NULL when all learn. */
static json_t *edges_out_of_use(const struct runner *r)
{
	json_t *held = json_array(), *cut = json_array();

	for (size_t j = 0; j < r->info->n_edges; j++)
		if (r->mode[j] != RIG_LEARN)
			json_array_append_new(r->mode[j] == RIG_CUT ? cut : held,
					      json_integer((json_int_t)j));
	if (json_array_size(held) + json_array_size(cut))
		return json_pack("{s:o, s:o}", "hold", held, "cut", cut);
	json_decref(held);
	json_decref(cut);
	return NULL;
}

/* The run's row is opened, and everybody is told, before the first volt. */
static void tell_begin(struct runner *r)
{
	struct run *run = r->run;
	const struct task *task = run->task;
	json_t *descriptor = record_descriptor(&run->layout, run->number, run->number,
					       task->measured, task->targets, task->sources);
	struct change *c = change_new(0);
	char log[200];

	task_log_text(task, r->info, log, sizeof(log));
	store_add_ring(r->store, run->ring);
	change_run_begin(c, run->number, rig_now_ns(r->rig), descriptor, log);
	report_send(r->reports, &(struct report){
					.kind = REPORT_BEGIN,
					.run = run->number,
					.ring = ring_ref(run->ring),
					.json = descriptor,
				});
	runner_event(r, c, "run_begin", run->who, task->name, NULL, edges_out_of_use(r));
	runner_post(r, c);
}

/* The run's first row of parameters: the task's and the submitter's over those that are in force. */
static int start_params(struct runner *r, struct problem *p)
{
	uint64_t rev = r->params.rev;
	struct change *c = change_new(0);
	int e = runner_set_params(r, c, r->run->start_params, r->run->who, p);

	if (e == 0 && r->params.rev == rev)
		change_params(c, r->run->number, 0, &r->params, r->info->r0_ohm, r->run->who);
	runner_post(r, c);
	return e;
}

/* Uniform over the range that the taps would have. */
static int start_random_r(struct runner *r)
{
	const struct rig_edge_config *edge = &r->info->edge;
	size_t n = r->info->n_edges;
	double *r_ohm = calloc(n, sizeof(*r_ohm));
	int e;

	if (!r_ohm)
		return -ENOBUFS;
	for (size_t j = 0; j < n; j++)
		r_ohm[j] = edge->r_min_ohm +
			   (edge->taps - 1) * edge->r_step_ohm *
				   random_uniform(r->run->seed, RANDOM_INITIAL, j, 0);
	e = rig_write_resistances(r->rig, r_ohm, n);
	free(r_ohm);
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
	case TASK_R_OHM:
		return rig_write_resistances(r->rig, run->task->r_ohm, n);
	case TASK_RANDOM_TAPS:
		break;
	}
	if (r->info->continuous)
		return start_random_r(r);
	wiper = malloc(n);
	if (!wiper)
		return -ENOBUFS;
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
		.step_s = r->params.tau_s,
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

/* What solves the circuit and why: a run of a large network is timed and repeated by that. */
void runner_tell_method(struct runner *r)
{
	const char *method = rig_method(r->rig);
	struct change *c;

	if (!method[0])
		return;
	log_line(LOG_INFO_, "run.circuit", "run %llu: %s", (unsigned long long)r->run->number,
		 method);
	c = change_new(0);
	runner_event(r, c, "circuit", "rig",
		     r->info->interlocks ? "how often taps are read" : "how it is solved", NULL,
		     json_string(method));
	runner_post(r, c);
}

/* A run that could not even begin: its row says why. */
static void refuse_plan(struct runner *r, const struct plan *plan, const char *reason)
{
	const struct run_figures none = figures_none();
	struct change *c = change_new(0);

	change_run_end(c, plan->run, "failed", reason, &none, NULL, 0);
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

/* A device that fails before the first step leaves the run waiting, if that is the rig's policy. */
static void start_failed(struct runner *r, const struct problem *p)
{
	char reason[256];

	snprintf(reason, sizeof(reason), "%.255s", p->message);
	if (p->code == PROBLEM_DEVICE && runner_pause_on_fault(r, -EIO, reason))
		return;
	runner_break_off(r, "failed", reason);
}

void runner_start(struct runner *r)
{
	struct problem p = {0};
	bool wait;
	int e = runner_wiring(r, &wait);

	if (e == 0 && wait)
		return;
	if (e < 0) {
		runner_fail(r, e);
	} else if (start_params(r, &p) < 0) {
		start_failed(r, &p);
	} else if ((e = start_rig(r)) < 0) {
		runner_fail(r, e);
	} else {
		r->run->started = true;
		runner_tell_method(r);
	}
	problem_clear(&p);
	runner_tell_notes(r);
}

void runner_begin(struct runner *r, struct plan *plan)
{
	struct problem p = {0};
	struct run *run = run_new(r, plan);

	if (!run || runner_may(r, RUNNER_BEGIN, &p) < 0) {
		refuse_plan(r, plan, run ? p.message : "out of memory for the run's records");
		problem_clear(&p);
		runner_free_run(run);
		plan_free(plan);
		return;
	}
	plan_free(plan);
	r->run = run;
	runner_change_state(r, RUNNER_BEGIN, NULL);
	tell_begin(r);
	crash_point("run.begin");
	pthread_mutex_lock(&r->edges_lock);
	r->edges_ring = run->ring;
	pthread_mutex_unlock(&r->edges_lock);
	runner_start(r);
}
