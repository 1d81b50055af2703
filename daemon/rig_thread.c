/* daemon/rig_thread.c - the thread that alone touches the rig: commands, then steps, then commands again. */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "daemon/calibrate.h"
#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/rig_command.h"
#include "daemon/rig_thread_impl.h"

#define BOX_COMMANDS 64u
#define WORD_S       0.02

struct worker {
	struct rig_thread front;
	struct runner runner;
	struct mailbox *box; /* of struct rig_command */
	pthread_t thread;
	double safe_ramp_s;

	atomic_ullong rounds; /* a sign of life */
	atomic_uint posted;   /* commands put into the box */
	unsigned taken;       /* by the rig's thread */
	bool quit, idle_failed;

	atomic_llong alive_ns; /* when it was last between two steps or waits */
	atomic_bool urgent;
	pthread_mutex_t lock; /* guards the rest */
	pthread_cond_t safe_known;
	uint64_t n_asked, n_answered; /* urgent aborts */
	uint64_t only;                /* the run that is meant; 0: whatever runs */
	char why[128];
	enum rig_safe safe;
	uint64_t run, step; /* what the last one ended; 0: none */
};

/* ---- the thread ---- */

/* Somebody pressed the big red button: safe first, explanations afterwards. */
static void obey_urgent(struct worker *t)
{
	struct runner *r = &t->runner;
	uint64_t asked, only, run, step;
	enum rig_safe safe = RIG_SAFE_UNKNOWN;
	char why[sizeof(t->why)];

	atomic_store(&t->urgent, false);
	pthread_mutex_lock(&t->lock);
	asked = t->n_asked;
	only = t->only;
	memcpy(why, t->why, sizeof(why));
	pthread_mutex_unlock(&t->lock);
	if (asked == t->n_answered)
		return;
	run = r->run ? r->run->number : r->calibrate ? r->calibrate->number : 0;
	step = r->run ? r->run->step : 0;
	r->interrupted = false;
	if (only && run &&
	    run != only) { /* the one that was meant has ended, the next one goes on */
		rig_clear_interrupt(r->rig);
		run = step = 0;
	} else {
		safe = runner_break_off(r, "aborted", why);
	}
	pthread_mutex_lock(&t->lock);
	t->n_answered = asked;
	t->safe = safe;
	t->run = run;
	t->step = step;
	pthread_cond_broadcast(&t->safe_known);
	pthread_mutex_unlock(&t->lock);
}

static void obey(struct worker *t, struct rig_command *command)
{
	t->taken++;
	if (!t->runner.run && !t->runner.calibrate)
		rig_clear_interrupt(t->runner.rig);
	/* A run that was on its way when it was aborted begins and ends at once, before its first volt. */
	if (atomic_load(&t->urgent) && command->kind != RIG_COMMAND_RUN)
		obey_urgent(t);
	t->quit |= command->kind == RIG_COMMAND_QUIT;
	rig_command(&t->runner, command);
	runner_tell_notes(&t->runner);
	if (atomic_load(&t->urgent))
		obey_urgent(t);
}

/* What is wrong is told once, until it is well again. */
static void look_after(struct worker *t)
{
	int e = runner_look_after(&t->runner);

	if (e < 0 && !t->idle_failed)
		runner_fail(&t->runner, e);
	t->idle_failed = e < 0;
}

/* Every command that has come; waits for one while there is nothing else to do.  Costs one load per step. */
static void take_commands(struct worker *t)
{
	double wait_s = t->quit && !t->runner.run ? 0 : runner_wait_s(&t->runner);
	struct rig_command command;

	if (wait_s > 0 && !atomic_load(&t->urgent)) {
		if (mailbox_wait(t->box, &command, wait_s))
			obey(t, &command);
		else
			look_after(t);
	}
	while (atomic_load_explicit(&t->posted, memory_order_acquire) != t->taken &&
	       mailbox_take(t->box, &command))
		obey(t, &command);
	if (atomic_load(&t->urgent))
		obey_urgent(t);
}

/* A wait was cut short; the command that says why may be a moment behind. */
static void end_interrupted(struct worker *t)
{
	struct rig_command command;

	if ((t->runner.run || t->runner.calibrate) && mailbox_wait(t->box, &command, WORD_S))
		obey(t, &command);
	t->runner.interrupted = false;
	if (t->runner.run || t->runner.calibrate)
		runner_break_off(&t->runner, "aborted", "interrupted");
}

static bool has_steps_to_make(const struct worker *t)
{
	return t->runner.state == STATE_RUNNING || t->runner.state == STATE_STOPPING;
}

static void *main_of_rig(void *context)
{
	struct worker *t = context;

	prctl(PR_SET_NAME, "nudged-rig");
	prctl(PR_SET_TIMERSLACK, 1);
	runner_tell_devices(&t->runner);
	runner_tell_notes(&t->runner);
	while (!t->quit || t->runner.run) {
		atomic_store_explicit(&t->alive_ns, clock_now_ns(), memory_order_relaxed);
		atomic_fetch_add_explicit(&t->rounds, 1, memory_order_relaxed);
		take_commands(t);
		if (t->runner.interrupted)
			end_interrupted(t);
		if (has_steps_to_make(t) && runner_wait_s(&t->runner) <= 0)
			runner_go(&t->runner);
	}
	if (rig_make_safe(t->runner.rig) == RIG_SAFE_UNKNOWN)
		log_line(LOG_ERROR_, "rig.not-safe", "the rig may not be safe: %s",
			 rig_error(t->runner.rig)->text);
	report_send(t->runner.reports, &(struct report){.kind = REPORT_GONE});
	return NULL;
}

/* ---- start and end ---- */

static void worker_free(struct worker *t)
{
	struct runner *r = &t->runner;

	rig_close(r->rig);
	calibration_clear(&r->calibration);
	mailbox_free(t->box);
	free(r->wiper);
	free(r->mode);
	free(r->r_ohm);
	free(r->read_wiper);
	free(r->read_mode);
	free(r->read_r_ohm);
	wiring_free(r->wiring);
	json_decref(r->file_wires);
	pthread_mutex_destroy(&r->edges_lock);
	pthread_mutex_destroy(&t->lock);
	pthread_cond_destroy(&t->safe_known);
	free(t);
}

static struct worker *worker_new(const struct rig_thread_setup *setup)
{
	struct worker *t = calloc(1, sizeof(*t));
	pthread_condattr_t attr;

	if (!t)
		return NULL;
	pthread_mutex_init(&t->lock, NULL);
	pthread_mutex_init(&t->runner.edges_lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&t->safe_known, &attr);
	pthread_condattr_destroy(&attr);
	t->safe_ramp_s = setup->config->safe_ramp_s;
	t->runner.store = setup->store;
	t->runner.reports = setup->reports;
	t->runner.ring_bytes = setup->ring_bytes;
	t->runner.reserve_B = setup->reserve_B;
	t->runner.pause_for_disk = setup->pause_for_disk;
	t->runner.params = setup->params;
	t->runner.config = setup->config;
	t->box = mailbox_new(sizeof(struct rig_command), BOX_COMMANDS);
	return t;
}

/* What the database had of this rig; what cannot be used is said, and left. */
static void take_calibrations(struct runner *r, const json_t *rows)
{
	const json_t *row;
	size_t i;

	json_array_foreach((json_t *)rows, i, row)
	{
		const char *kind = json_string_value(json_object_get(row, "kind"));
		struct problem p = {0};

		if (kind && calibration_take(&r->calibration, kind, json_object_get(row, "values"),
					     r->info, &p) < 0)
			log_line(LOG_WARNING_, "calibration.refused", "calibration of %s: %s", kind,
				 p.message);
		problem_clear(&p);
	}
	if (runner_calibration_to_rig(r) < 0)
		log_line(LOG_WARNING_, "calibration.refused",
			 "the rig did not take its calibration: %s", rig_error(r->rig)->text);
}

static int open_rig(struct worker *t, const struct rig_thread_setup *setup, struct problem *p)
{
	const struct rig_config *config = setup->config;
	struct runner *r = &t->runner;
	struct rig_error error;
	int e;

	if (rig_open(config, &r->rig, &error) < 0)
		return problem_set(p, PROBLEM_DEVICE, "", "rig %s: %s", config->name, error.text);
	r->info = rig_info(r->rig);
	if (r->info->overdamped)
		r->params.alpha_per_s = r->info->alpha_per_s;
	r->r_ohm = calloc(r->info->n_edges + 1, sizeof(double));
	r->wiper = calloc(r->info->n_edges + 1, 1);
	r->mode = calloc(r->info->n_edges + 1, 1);
	r->read_wiper = calloc(r->info->n_edges + 1, 1);
	r->read_mode = calloc(r->info->n_edges + 1, 1);
	r->read_r_ohm = calloc(r->info->n_edges + 1, sizeof(double));
	if (!r->wiper || !r->mode || !r->r_ohm || !r->read_wiper || !r->read_mode || !r->read_r_ohm)
		return problem_set(p, PROBLEM_INTERNAL, "", "out of memory");
	e = runner_take_wires(r, setup->wiring);
	if (e < 0)
		return problem_set(p, PROBLEM_INTERNAL, "", "rig %s: %s", config->name,
				   e == -ENOMEM ? "out of memory" : rig_error(r->rig)->text);
	e = runner_take_edges(r);
	if (e < 0 && !(r->info->interlocks && runner_is_device(e)))
		return problem_set(p, PROBLEM_DEVICE, "", "rig %s: %s", config->name,
				   rig_error(r->rig)->text);
	if (e < 0)
		log_line(LOG_WARNING_, "device.down", "rig %s: %s", config->name,
			 rig_error(r->rig)->text);
	return 0;
}

static int64_t worker_alive_ns(const struct rig_thread *front)
{
	const struct worker *t = (const struct worker *)front;

	return atomic_load_explicit(&t->alive_ns, memory_order_relaxed);
}

static const struct rig_info *worker_info(const struct rig_thread *front)
{
	const struct worker *t = (const struct worker *)front;

	return t->runner.info;
}

static void worker_join(struct rig_thread *front)
{
	struct worker *t = (struct worker *)front;
	struct rig_command left;

	pthread_join(t->thread, NULL);
	while (mailbox_take(t->box, &left)) {
		if (left.change)
			change_free(left.change);
		json_decref(left.json);
		if (left.plan) {
			task_unref(left.plan->task);
			json_decref(left.plan->params);
			free(left.plan);
		}
	}
	worker_free(t);
}

/* ---- other threads ---- */

/* An abort that means another run must not disturb the one that is on. */
static bool cuts_short(struct worker *t, const struct rig_command *command)
{
	if (command->dry_run)
		return false;
	if (command->kind == RIG_COMMAND_ABORT)
		return !command->run || command->run == runner_number(&t->runner);
	return command->kind == RIG_COMMAND_SAFE;
}

static bool worker_post(struct rig_thread *front, const struct rig_command *command)
{
	struct worker *t = (struct worker *)front;

	if (!mailbox_try_put(t->box, command))
		return false;
	atomic_fetch_add_explicit(&t->posted, 1, memory_order_release);
	if (cuts_short(t, command))
		rig_interrupt(t->runner.rig);
	return true;
}

static uint64_t worker_alive(const struct rig_thread *front)
{
	const struct worker *t = (const struct worker *)front;

	return atomic_load_explicit(&t->rounds, memory_order_relaxed) + rig_activity(t->runner.rig);
}

static void worker_interrupt(struct rig_thread *front)
{
	struct worker *t = (struct worker *)front;

	rig_interrupt(t->runner.rig);
}

static struct timespec seconds_from_now(double seconds)
{
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += (time_t)seconds;
	end.tv_nsec += (long)((seconds - (double)(time_t)seconds) * 1e9);
	if (end.tv_nsec >= 1000000000) {
		end.tv_sec++;
		end.tv_nsec -= 1000000000;
	}
	return end;
}

static enum rig_safe worker_abort(struct rig_thread *front, uint64_t only, const char *who,
				  const char *why, uint64_t *ret_run, uint64_t *ret_step)
{
	struct worker *t = (struct worker *)front;
	struct timespec end = seconds_from_now(t->safe_ramp_s + 1);
	const struct rig_command wake = {.kind = RIG_COMMAND_WAKE, .if_rev = -1};
	enum rig_safe safe = RIG_SAFE_UNKNOWN;
	uint64_t mine, on = runner_number(&t->runner);

	if (only && on && on != only) { /* it must not be disturbed */
		*ret_run = *ret_step = 0;
		return RIG_SAFE_UNKNOWN;
	}
	pthread_mutex_lock(&t->lock);
	t->only = t->n_asked == t->n_answered ? only : 0; /* one that waits still means all */
	mine = ++t->n_asked;
	snprintf(t->why, sizeof(t->why), "%s by %s", why, who);
	pthread_mutex_unlock(&t->lock);
	atomic_store(&t->urgent, true);
	rig_interrupt(t->runner.rig);
	rig_thread_post(front, &wake);
	pthread_mutex_lock(&t->lock);
	while (t->n_answered < mine &&
	       pthread_cond_timedwait(&t->safe_known, &t->lock, &end) != ETIMEDOUT)
		;
	if (t->n_answered >= mine) {
		safe = t->safe;
		*ret_run = t->run;
		*ret_step = t->step;
	}
	pthread_mutex_unlock(&t->lock);
	return safe;
}

static bool worker_edges(struct rig_thread *front, uint8_t *wiper, uint8_t *mode, double *r_ohm)
{
	struct worker *t = (struct worker *)front;

	return runner_edges(&t->runner, wiper, mode, r_ohm);
}

static int worker_wires(struct rig_thread *front, struct wiring **ret)
{
	struct worker *t = (struct worker *)front;

	return runner_wires(&t->runner, ret);
}

static const struct rig_thread_ops worker_ops = {
	.info = worker_info,
	.alive_ns = worker_alive_ns,
	.alive = worker_alive,
	.post = worker_post,
	.interrupt = worker_interrupt,
	.abort = worker_abort,
	.join = worker_join,
	.edges = worker_edges,
	.wires = worker_wires,
};

/* ---- start ---- */

int rig_thread_start(const struct rig_thread_setup *setup, struct rig_thread **ret,
		     struct problem *p)
{
	struct worker *t = worker_new(setup);

	if (!t)
		return problem_set(p, PROBLEM_INTERNAL, "", "out of memory");
	if (open_rig(t, setup, p) < 0) {
		worker_free(t);
		return -1;
	}
	t->front.ops = &worker_ops;
	take_calibrations(&t->runner, setup->calibrations);
	atomic_store(&t->alive_ns, clock_now_ns());
	if (!t->box || pthread_create(&t->thread, NULL, main_of_rig, t) != 0) {
		worker_free(t);
		return problem_set(p, PROBLEM_INTERNAL, "", "the rig's thread cannot be started");
	}
	*ret = &t->front;
	return 0;
}
