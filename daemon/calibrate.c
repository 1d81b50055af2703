/* daemon/calibrate.c - a calibration from its row to its result: begun, made in slices, put back, stored. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/calibrate.h"
#include "daemon/log.h"

#define SLICE_NS    50000000LL  /* commands wait no longer */
#define PROGRESS_NS 200000000LL /* between two events of progress */
#define SILENCE_NS  1000000000LL
#define SPIN_NS     2000000LL /* closer than this the rig's own, more exact wait takes over */

static const struct calibrate_kind *const kinds[] = {
	&calibrate_p, &calibrate_relaxation, &calibrate_edges, &calibrate_daq, &calibrate_settle,
};

const struct calibrate_kind *calibrate_kind_find(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	return NULL;
}

static int64_t monotonic_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- for the kinds ---- */

void calibrate_wait(struct runner *r, struct calibrate *c, double seconds)
{
	c->next_ns = rig_now_ns(r->rig) + llround(seconds * 1e9);
}

void calibrate_warn(struct calibrate *c, const char *format, ...)
{
	char text[300];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	json_array_append_new(c->warnings, json_string(text));
}

double calibrate_real(const struct calibrate *c, const char *name, double fallback)
{
	const json_t *value = json_object_get(c->params, name);

	return json_is_number(value) ? json_number_value(value) : fallback;
}

double calibrate_settle_s(const struct runner *r)
{
	double settle_s = r->config ? r->config->daq.settle_s : 0;

	return settle_s > 0 ? settle_s : 0.001;
}

double calibrate_safe_V(const struct runner *r)
{
	return r->config ? r->config->safe_V : r->info->limits.min_V;
}

/* ---- telling ---- */

static void event(struct runner *r, struct calibrate *c, struct change *change, const char *kind,
		  const char *what, json_t *new_)
{
	change_event(change, c->number, c->done, kind, c->who, what, NULL, new_);
	report_send(r->reports,
		    &(struct report){
			    .kind = REPORT_EVENT,
			    .run = c->number,
			    .step = c->done,
			    .json = json_pack("{s:s, s:I, s:I, s:s, s:s, s:n, s:o}", "event", kind,
					      "run", (json_int_t)c->number, "step",
					      (json_int_t)c->done, "who", c->who, "what", what,
					      "old", "new", new_ ? new_ : json_null()),
		    });
}

static void tell(struct runner *r, struct calibrate *c)
{
	struct change *change = change_new(0);
	char what[64];

	snprintf(what, sizeof(what), "%zu of %zu", c->done, c->total);
	event(r, c, change, "calibration", what,
	      json_pack("{s:s, s:I, s:I}", "kind", c->kind->name, "done", (json_int_t)c->done, "of",
			(json_int_t)c->total));
	store_post(r->store, change);
	c->told_ns = monotonic_ns();
}

void calibrate_progress(struct runner *r, struct calibrate *c)
{
	c->done++;
	if (c->done == c->total || monotonic_ns() - c->told_ns >= PROGRESS_NS)
		tell(r, c);
}

/* ---- the beginning ---- */

static void calibrate_free(struct calibrate *c)
{
	if (!c)
		return;
	if (c->kind)
		c->kind->end(c);
	if (c->change)
		change_free(c->change);
	calibrate_nodes_clear(&c->nodes);
	json_decref(c->params);
	json_decref(c->warnings);
	free(c->wiper);
	free(c->r_ohm);
	free(c);
}

static struct calibrate *calibrate_new(const struct runner *r, struct rig_command *command)
{
	struct calibrate *c = calloc(1, sizeof(*c));
	const json_t *json = command->json;

	if (!c)
		return NULL;
	c->kind = calibrate_kind_find(json_string_value(json_object_get(json, "kind")));
	c->number = command->run;
	c->token = command->token;
	c->seed = (uint64_t)json_integer_value(json_object_get(json, "seed"));
	memcpy(c->who, command->who, sizeof(c->who));
	c->params = json_deep_copy(json_object_get(json, "params"));
	c->warnings = json_array();
	c->wiper = calloc(r->info->n_edges + 1, 1);
	c->r_ohm = calloc(r->info->n_edges + 1, sizeof(double));
	c->nodes.volts = calloc(r->info->n_nodes + 1, sizeof(double));
	if (c->wiper && c->r_ohm && c->nodes.volts && c->params)
		return c;
	c->kind = NULL;
	calibrate_free(c);
	return NULL;
}

static void set_number(struct runner *r, uint64_t number)
{
	pthread_mutex_lock(&r->edges_lock);
	r->calibrating = number;
	pthread_mutex_unlock(&r->edges_lock);
}

/* Its row, as `row` of the command has it: open before the first volt is asked for. */
static void open_row(struct runner *r, struct calibrate *c, const json_t *json)
{
	const json_t *row = json_object_get(json, "row");
	struct change *change = change_new(0);
	struct run_row run = {
		.run = c->number,
		.name = json_string_value(json_object_get(row, "name")),
		.kind = "calibration",
		.rig = r->info->name,
		.backend = r->info->backend,
		.version = json_string_value(json_object_get(row, "version")),
		.who = c->who,
		.note = "",
		.boot = json_string_value(json_object_get(row, "boot")),
		.seed = c->seed,
		.task = json_object_get(row, "task"),
		.rig_json = json_object_get(row, "rig_json"),
		.status = "running",
	};

	snprintf(run.uuid, sizeof(run.uuid), "%s", json_string_value(json_object_get(row, "uuid")));
	change_run_new(change, &run);
	change_run_begin(change, c->number, rig_now_ns(r->rig), NULL, NULL);
	event(r, c, change, "run_begin", run.name, json_deep_copy(c->params));
	store_post(r->store, change);
}

/* The taps as they are, which it leaves as it found them. */
static int save_edges(struct runner *r, struct calibrate *c)
{
	int e = runner_take_edges(r);

	if (e < 0)
		return e;
	memcpy(c->wiper, r->wiper, r->info->n_edges);
	memcpy(c->r_ohm, r->r_ohm, r->info->n_edges * sizeof(double));
	return 0;
}

static void answer_problem(struct runner *r, uint64_t token, struct problem *p)
{
	if (token)
		report_send(r->reports,
			    &(struct report){.kind = REPORT_ANSWER, .token = token, .problem = *p});
	else
		problem_clear(p);
}

/* Nothing has happened yet: no row, no run. */
static void refuse(struct runner *r, struct rig_command *command, struct problem *p)
{
	report_send(r->reports, &(struct report){
					.kind = REPORT_END,
					.run = command->run,
					.json = json_pack("{s:s, s:s}", "status", "failed",
							  "reason", p->message),
				});
	answer_problem(r, command->token, p);
}

void calibrate_begin(struct runner *r, struct rig_command *command)
{
	struct problem p = {0};
	struct calibrate *c = NULL;
	int e;

	if (runner_may(r, RUNNER_BEGIN, &p) < 0 || !(c = calibrate_new(r, command))) {
		if (!p.code)
			problem_set(&p, PROBLEM_INTERNAL, "", "out of memory for a calibration");
		refuse(r, command, &p);
		return;
	}
	c->change = command->change;
	command->change = NULL;
	r->calibrate = c;
	set_number(r, c->number);
	rig_clear_interrupt(r->rig);
	runner_change_state(r, RUNNER_BEGIN, NULL);
	open_row(r, c, command->json);
	e = save_edges(r, c);
	if (e < 0)
		runner_fail(r, e);
	else if (c->kind->begin(r, c, &p) < 0)
		runner_break_off(r, "failed", p.message);
	else
		tell(r, c);
	problem_clear(&p);
}

/* ---- the end ---- */

static int write_edges(struct runner *r, const struct calibrate *c)
{
	size_t n = r->info->n_edges;

	return r->info->continuous ? rig_write_resistances(r->rig, c->r_ohm, n)
				   : rig_write_edges(r->rig, c->wiper, n);
}

/* Taps, capacitor, p: as they were, whatever ended it.  What cannot be put back is said. */
static int put_back(struct runner *r, struct calibrate *c, char *why, size_t size)
{
	int e = write_edges(r, c), e_settings;

	if (e < 0)
		snprintf(why, size, "the taps could not be put back: %s", rig_error(r->rig)->text);
	e_settings = runner_settings_to_rig(r);
	if (e == 0 && e_settings < 0) {
		snprintf(why, size, "p and the capacitor could not be put back: %s",
			 rig_error(r->rig)->text);
		e = e_settings;
	}
	runner_take_edges(r);
	r->begun = false; /* its session is nobody else's */
	if (e < 0)
		log_line(LOG_ERROR_, "calibration.failed", "%s", why);
	return e;
}

/* Its row's last word, told to everybody; r->calibrate is free afterwards. */
static void close_row(struct runner *r, struct calibrate *c, struct change *change,
		      const char *status, const char *reason, bool hold_queue)
{
	const struct run_figures none = figures_none();

	change_run_end(change, c->number, status, reason, &none, NULL, 0);
	change_event(change, c->number, c->done, "run_end", c->who, reason, NULL, NULL);
	report_send(r->reports, &(struct report){
					.kind = REPORT_END,
					.run = c->number,
					.step = c->done,
					.hold_queue = hold_queue,
					.json = json_pack("{s:s, s:s, s:s}", "status", status,
							  "reason", reason, "who", c->who),
				});
	store_post(r->store, change);
	runner_change_state(r, RUNNER_ENDED, NULL);
	r->calibrate = NULL;
	set_number(r, 0);
	calibrate_free(c);
}

static json_t *values_of(struct runner *r, struct calibrate *c)
{
	json_t *values = json_pack("{s:s, s:s, s:s, s:I, s:O}", "kind", c->kind->name, "rig",
				   r->info->name, "backend", r->info->backend, "run",
				   (json_int_t)c->number, "settings", c->params);

	c->kind->result(r, c, values);
	json_object_set(values, "warnings", c->warnings);
	return values;
}

/* From now on the rig works by it. */
static void put_in_force(struct runner *r, struct calibrate *c, const json_t *values)
{
	struct problem p = {0};

	if (calibration_take(&r->calibration, c->kind->name, values, r->info, &p) < 0)
		calibrate_warn(c, "it changes nothing: %s", p.message);
	else if (runner_calibration_to_rig(r) < 0)
		calibrate_warn(c, "the rig did not take it: %s", rig_error(r->rig)->text);
	problem_clear(&p);
}

static void finish(struct runner *r)
{
	struct calibrate *c = r->calibrate;
	struct change *change;
	json_t *values;
	char why[300] = "";
	double bias_V = r->params.bias_V;

	if (rig_make_safe(r->rig) == RIG_SAFE_UNKNOWN)
		calibrate_warn(c, "the rig may not be safe: %s", rig_error(r->rig)->text);
	values = values_of(r, c);
	put_in_force(r, c, values);
	if (put_back(r, c, why, sizeof(why)) < 0)
		calibrate_warn(c, "%s", why);
	change = c->change ? c->change : change_new(0);
	c->change = NULL;
	if (!(r->params.bias_V == bias_V || (isnan(r->params.bias_V) && isnan(bias_V))))
		runner_params_moved(r, change, c->who);
	change_calibration(change, c->kind->name, c->number, c->who, values);
	/* settings and warnings in it are still ours, and counts of references are not for two threads */
	change_result(change, json_deep_copy(values));
	json_decref(values);
	close_row(r, c, change, "done", "", false);
}

void calibrate_break_off(struct runner *r, const char *status, const char *reason, bool hold_queue)
{
	struct calibrate *c = r->calibrate;
	struct change *change = change_new(c->token);
	struct problem p = {0};
	char text[600], why[300] = "";
	bool failed = strcmp(status, "failed") == 0;

	runner_change_state(r, failed ? RUNNER_FAULT : RUNNER_ABORT, NULL);
	snprintf(text, sizeof(text), "%s", reason);
	if (put_back(r, c, why, sizeof(why)) < 0)
		snprintf(text, sizeof(text), "%s; %s", reason, why);
	problem_set(&p, failed ? PROBLEM_DEVICE : PROBLEM_STATE, "",
		    "run %llu (calibrate.%s) %s at point %zu of %zu: %s",
		    (unsigned long long)c->number, c->kind->name, status, c->done, c->total, text);
	change_refusal(change, &p); /* who waits for it hears of it when its row has ended */
	close_row(r, c, change, status, text, hold_queue);
}

/* ---- in between ---- */

int calibrate_may(const struct runner *r, const struct rig_command *command, struct problem *p)
{
	static const bool may[RIG_COMMAND_QUIT + 1] = {
		[RIG_COMMAND_RUN] = true,  [RIG_COMMAND_ABORT] = true,
		[RIG_COMMAND_SAFE] = true, [RIG_COMMAND_WAKE] = true,
		[RIG_COMMAND_QUIT] = true, [RIG_COMMAND_CALIBRATE] = true,
	};

	if (!r->calibrate || may[command->kind])
		return 0;
	return problem_set(
		p, PROBLEM_STATE, "",
		"not possible while run %llu calibrates the rig (calibrate.%s, point %zu "
		"of %zu): wait for its end, or run.abort",
		(unsigned long long)r->calibrate->number, r->calibrate->kind->name,
		r->calibrate->done, r->calibrate->total);
}

static double left_s(struct runner *r)
{
	int64_t left_ns = r->calibrate->next_ns - rig_now_ns(r->rig) - SPIN_NS;

	if (!r->info->real_time || left_ns <= 0)
		return 0;
	return fmin((double)left_ns * 1e-9, RUNNER_SLICE_S);
}

/* Long transients are told of in between. */
static bool is_silent(const struct calibrate *c)
{
	return monotonic_ns() - c->told_ns > SILENCE_NS;
}

double calibrate_wait_s(struct runner *r)
{
	return is_silent(r->calibrate) ? 0 : left_s(r);
}

/* One piece; 1: that was the last. */
static int piece(struct runner *r)
{
	int e = rig_wait_until(r->rig, r->calibrate->next_ns);

	return e < 0 ? e : r->calibrate->kind->step(r, r->calibrate);
}

static void fail(struct runner *r, int e)
{
	char why[sizeof(r->calibrate->why)];

	memcpy(why, r->calibrate->why, sizeof(why));
	if (why[0])
		runner_break_off(r, "failed", why);
	else
		runner_fail(r, e);
}

void calibrate_go(struct runner *r)
{
	int64_t end_ns = monotonic_ns() + SLICE_NS;
	int e = 0;

	while (e == 0 && left_s(r) <= 0 && monotonic_ns() < end_ns)
		e = piece(r);
	r->touched_ns = rig_now_ns(r->rig);
	runner_tell_notes(r);
	if (e < 0) {
		fail(r, e);
		return;
	}
	if (e > 0)
		finish(r);
	else if (is_silent(r->calibrate))
		tell(r, r->calibrate);
}
