/* daemon/runner.c - a run step by step, and how it ends. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <time.h>

#include "daemon/calibrate.h"
#include "daemon/clock.h"
#include "daemon/crash_point.h"
#include "daemon/log.h"
#include "daemon/runner.h"
#include "daemon/updates.h"

#define RING_SLICE_S 0.005 /* an abort waits no longer for the disk */
#define PROGRESS_NS  1000000000LL
#define SPIN_NS      2000000LL /* closer than this the rig's own, more exact wait takes over */
#define LATE_SHARE   0.1       /* of tau: a step that begins later is flagged */

static int64_t monotonic_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
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
			log_line(LOG_ERROR_, "edge-mode.refused", "edge %zu: %s", event->edge,
				 p.message);
		problem_clear(&p);
	}
}

/* How often edges updated, in the modes they had in the run; null where the rig does not count. */
static json_t *updates_of(struct runner *r, struct change *c)
{
	struct rig_updates updates;
	json_t *json;

	if (r->run->step == 0 || rig_updates(r->rig, &updates) < 0)
		return json_null();
	json = updates_json(&updates, r->mode, r->info->n_edges);
	runner_event(r, c, "updates", "rig", "update masks", NULL, json_deep_copy(json));
	return json;
}

static json_t *end_members(const struct runner *r, json_t *updates)
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
	json_object_set_new(json, "old", json_null());
	json_object_set_new(json, "new", json_string(r->run->status));
	json_object_set_new(json, "status", json_string(r->run->status));
	json_object_set_new(json, "reason", json_string(r->run->reason));
	json_object_set_new(json, "updates", updates);
	if (r->run->hold_queue)
		json_object_set_new(json, "safe", json_string(safe[r->run->safe]));
	if (r->run->safe_end_ns)
		json_object_set_new(json, "safe_ns",
				    json_pack("[I, I]", (json_int_t)r->run->safe_begin_ns,
					      (json_int_t)r->run->safe_end_ns));
	return json;
}

static void finish(struct runner *r)
{
	struct run *run = r->run;
	struct change *c = change_new(0);
	struct run_figures figures;
	json_t *members, *directions, *updates = updates_of(r, c);
	bool read;

	restore_modes(r, c);
	read = runner_take_edges(r) == 0; /* taps that could not be read are not kept */
	figures_get(run->figures, &figures);
	change_run_end(c, run->number, run->status, run->reason, &figures,
		       !read                 ? NULL
		       : r->info->continuous ? (const void *)r->r_ohm
					     : r->wiper,
		       !read ? 0 : r->info->n_edges * (r->info->continuous ? sizeof(double) : 1));
	members = end_members(r, updates);
	if ((directions = runner_directions(r)))
		json_object_set_new(members, "directions", directions);
	change_event(c, run->number, run->step, "run_end", run->who, run->reason, NULL,
		     json_object_get(members, "new"));
	crash_point("run.before_end");
	runner_post(r, c);
	crash_point("run.end");
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
	runner_free_run(run);
}

enum rig_safe runner_break_off(struct runner *r, const char *status, const char *reason)
{
	bool failed = strcmp(status, "failed") == 0;
	enum rig_safe safe;
	int64_t begin_ns = clock_now_ns(), end_ns;

	rig_clear_interrupt(r->rig);
	r->interrupted = false; /* whoever cut it short is obeyed: what begins next is not meant */
	safe = rig_make_safe(r->rig);
	end_ns = clock_now_ns();
	if (r->calibrate)
		calibrate_break_off(r, status, reason, true);
	if (!r->run)
		return safe;
	runner_change_state(r, failed ? RUNNER_FAULT : RUNNER_ABORT, NULL);
	r->run->status = NULL;
	runner_end_soon(r, status, reason);
	r->run->safe = safe;
	r->run->safe_begin_ns = begin_ns;
	r->run->safe_end_ns = end_ns;
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
		 error == -ENOBUFS ? "out of memory" : rig_error(r->rig)->text);
	log_line(LOG_ERROR_, "rig.failed", "%s", reason);
	if (runner_pause_on_fault(r, error, reason))
		return;
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

	if (r->calibrate)
		return calibrate_wait_s(r);
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

	runner_watch_store(r);
	if (now_ns - run->said_ns < PROGRESS_NS)
		return;
	run->said_ns = now_ns;
	runner_watch_disk(r);
	figures_get(run->figures, &figures);
	c = change_new(0);
	change_run_progress(c, run->number, &figures);
	runner_post(r, c);
}

/* Of where voltages come to rest, where they take time; NAN where no limit was asked for. */
static double scaled_error(struct run *run, const struct record_head *head)
{
	double error_V2 = run->layout.equilibrium ? head->mse_equilibrium_V2 : head->mse_V2;

	if (run->step == 1)
		run->first_V2 = error_V2;
	return error_V2 / run->first_V2;
}

/* After the row is in: what it means for the run. */
static void count_step(struct runner *r, const struct record_head *head)
{
	struct run *run = r->run;

	figures_step(run->figures, head->mse_V2);
	rest_after(run, head->example);
	runner_count_row(r, run->step++);
	if (head->mse_V2 < run->task->stop.mse_below_V2)
		runner_end_soon(r, "done", "mse_V2 is below the limit");
	else if (scaled_error(run, head) < run->task->stop.scaled_below)
		runner_end_soon(r, "done", "the scaled error is below the limit");
	else if (head->t_mono_ns >= run->stop_ns)
		runner_end_soon(r, "done", "time is up");
	if (r->info->real_time || run->step % 64 == 0)
		say_progress(r);
}

/* A bench may leave the boards unread at some steps: others are told the taps as they were read last. */
static void keep_edges(struct runner *r, void *row, const struct record_head *head)
{
	const struct record_layout *layout = &r->run->layout;

	r->touched_ns = rig_now_ns(r->rig);
	if (head->flags & RECORD_WIPER_UNREAD)
		return;
	pthread_mutex_lock(&r->edges_lock);
	memcpy(r->wiper, record_bytes(row, layout->wiper), layout->n_wipers);
	r->edges_known = true;
	pthread_mutex_unlock(&r->edges_lock);
}

/* With eta 0 the twins must agree before they may learn. */
static int compare_twins(struct runner *r)
{
	char reason[256];
	int e;

	r->run->compared = true;
	e = runner_compare_twins(r, reason);
	if (e != -ECANCELED)
		return e;
	runner_end_soon(r, "failed", reason);
	return 0;
}

static int one_step(struct runner *r)
{
	struct run *run = r->run;
	int64_t lateness_ns;
	struct record_head head;
	void *row;
	int e;

	/* A full ring: the disk is behind.  Commands are taken between two slices of waiting. */
	row = ring_reserve(run->ring, RING_SLICE_S);
	if (!row) {
		runner_watch_store(r);
		return 0;
	}
	e = keep_pace(r, &lateness_ns);
	r->ticked = false;
	if (e == 0)
		e = step_make(r, row);
	r->row_lost |= e < 0 && r->ticked;
	if (e < 0)
		return e;
	record_head(row)->lateness_ns = lateness_ns;
	if (r->row_lost)
		record_head(row)->flags |= RECORD_TICK_MISMATCH;
	r->row_lost = false;
	if ((double)lateness_ns > LATE_SHARE * r->params.tau_s * 1e9)
		record_head(row)->flags |= RECORD_LATE;
	head = *record_head(row);
	if (r->info->interlocks)
		keep_edges(r, row, &head);
	ring_push(run->ring);
	count_step(r, &head);
	runner_tell_notes(r);
	e = r->after_step;
	r->after_step = 0;
	return e;
}

void runner_go(struct runner *r)
{
	struct run *run = r->run;
	int e = 0;

	if (r->calibrate) {
		calibrate_go(r);
		return;
	}
	/* Before the first volt the run's beginning is on disk: a crash leaves no run that looks queued
	 * still.  Commands are taken between two slices of waiting. */
	if (!run->begun) {
		run->begun = ring_wait_open(run->ring, RING_SLICE_S);
		if (!run->begun) {
			runner_watch_store(r);
			return;
		}
		crash_point("run.begun");
	}
	if (run->status) {
		end_run(r);
		return;
	}
	if (!run->started) { /* it waited for a device, or for an operator */
		runner_start(r);
		return;
	}
	if (!run->compared)
		e = compare_twins(r);
	if (e == 0 && !run->status && run->due == run->step)
		e = runner_between(r);
	if (e == 0 && !run->status && r->state == STATE_RUNNING)
		e = one_step(r);
	if (e < 0)
		runner_fail(r, e);
}
