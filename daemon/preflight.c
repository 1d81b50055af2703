/* daemon/preflight.c - what would keep a run from its end, or a person from starting it: one function for each thing. */
#include "config.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "daemon/disk_budget.h"
#include "daemon/preflight.h"
#include "daemon/task_impl.h"

enum level { OK, WARNING, ERROR };

/* what is a sentence without its end; cure: NULL where there is nothing to do. */
static json_t *add(json_t *items, const char *item, enum level level, const char *cure,
		   const char *what, ...) __attribute__((format(printf, 5, 6)));
static json_t *add(json_t *items, const char *item, enum level level, const char *cure,
		   const char *what, ...)
{
	static const char *const names[] = {[OK] = "ok", [WARNING] = "warning", [ERROR] = "error"};
	char text[512];
	va_list ap;
	json_t *row;

	va_start(ap, what);
	if (vsnprintf(text, sizeof(text), what, ap) >= (int)sizeof(text))
		problem_cut(text, sizeof(text), NULL);
	va_end(ap);
	row = json_pack("{s:s, s:b, s:s, s:s, s:s?}", "item", item, "ok", (int)(level == OK),
			"level", names[level], "what", text, "cure", cure);
	json_array_append_new(items, row);
	return row;
}

static void code(json_t *row, int problem_code, const char *path)
{
	json_object_set_new(row, "code", json_integer(problem_code));
	json_object_set_new(row, "path", json_string(path));
}

/* ---- the task ---- */

static void look_at_task(const struct preflight *look, json_t *items)
{
	const struct problem *p = look->problem;
	const json_t *warning;
	size_t i;

	if (p && p->code) {
		code(add(items, p->code == PROBLEM_LIMIT ? "limits" : "task", ERROR, NULL, "%s",
			 p->message),
		     p->code, p->path);
		return;
	}
	json_array_foreach((json_t *)look->warnings, i, warning)
		add(items, "task", WARNING, NULL, "%s", json_string_value(warning));
	if (json_array_size(look->warnings) == 0)
		add(items, "task", OK, NULL, "it fits the rig %s", look->info->name);
}

static void look_at_limits(const struct preflight *look, json_t *items)
{
	const struct rig_limits *l = &look->info->limits;
	const struct {
		const char *name;
		double value;
	} supply[] = {{"edge_power_W", l->edge_power_W},
		      {"source_current_A", l->source_current_A},
		      {"slew_V_per_s", l->slew_V_per_s}};
	char open[96] = "";

	if (!look->task)
		return;
	if (look->info->interlocks && !(isfinite(l->min_V) && isfinite(l->max_V))) {
		code(add(items, "limits", ERROR, "set limits.volts in the rig file",
			 "the driven nodes have no limits of voltage"),
		     PROBLEM_LIMIT, "");
		return;
	}
	for (size_t i = 0; i < 3; i++)
		if (!isfinite(supply[i].value))
			snprintf(open + strlen(open), sizeof(open) - strlen(open), "%s%s",
				 open[0] ? ", " : "", supply[i].name);
	if (look->info->interlocks && open[0])
		add(items, "limits", WARNING, "set them in the rig file before nobody looks on",
		    "%zu driven nodes within %g to %g V; not limited: %s",
		    look->task->n_sources + look->task->n_targets, l->min_V, l->max_V, open);
	else
		add(items, "limits", OK, NULL, "%zu driven nodes within %g to %g V%s%s",
		    look->task->n_sources + look->task->n_targets, l->min_V, l->max_V,
		    l->where[0] ? ", as says " : "", l->where);
}

/* ---- p and calibrations ---- */

static void look_at_one_p(const struct preflight *look, double p, const char *path, bool *good,
			  json_t *items)
{
	struct problem problem = {0};
	double bias_V;

	if (calibration_bias(look->calibration, look->info, p, &bias_V, &problem) == 0)
		return;
	code(add(items, "p", ERROR, NULL, "%s", problem.message), problem.code, path);
	problem_clear(&problem);
	*good = false;
}

/* Of the beginning, and whatever the schedule sets. */
static void look_at_p(const struct preflight *look, json_t *items)
{
	const struct task *task = look->task;
	bool good = true;
	char path[64];

	if (!task || !look->calibration)
		return;
	look_at_one_p(look, look->params.p, look->p_path, &good, items);
	for (size_t i = 0; i < task->n_schedule; i++) {
		const json_t *p = task->schedule[i].kind == TASK_SET
					  ? json_object_get(task->schedule[i].params, "p")
					  : NULL;

		snprintf(path, sizeof(path), "/task/schedule/%zu/set/p", task->schedule[i].index);
		if (json_is_number(p))
			look_at_one_p(look, json_number_value(p), path, &good, items);
	}
	if (good)
		add(items, "p", OK, NULL, "%g, within what the rig can make", look->params.p);
}

/* Does p of this run stand on a measured curve? */
static bool goes_by_curve(const struct preflight *look)
{
	bool between = look->params.p > 0 && look->params.p < 1;

	for (size_t i = 0; i < look->task->n_schedule; i++) {
		const json_t *p = look->task->schedule[i].kind == TASK_SET
					  ? json_object_get(look->task->schedule[i].params, "p")
					  : NULL;

		between |= json_number_value(p) > 0 && json_number_value(p) < 1;
	}
	return between && look->info->bias && look->calibration->curve;
}

static void look_at_calibrations(const struct preflight *look, json_t *items)
{
	char text[200] = "";
	const json_t *row;
	bool old = false;
	size_t i;

	if (!look->task || !look->calibration)
		return;
	json_array_foreach((json_t *)look->calibrations, i, row)
	{
		const char *kind = json_string_value(json_object_get(row, "kind"));
		double age_d = json_number_value(json_object_get(row, "age_d"));
		bool needed = strcmp(kind, "p") == 0 && goes_by_curve(look);

		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s %.1f d old",
			 text[0] ? ", " : "", kind, age_d);
		if (!(age_d > look->max_age_d))
			continue;
		old = true;
		row = add(items, "calibration", needed ? ERROR : WARNING, "calibrate again",
			  "that of %s is %.1f days old, and %g are allowed "
			  "(calibration_max_age_d)",
			  kind, age_d, look->max_age_d);
		if (needed)
			code((json_t *)row, PROBLEM_STATE, "");
	}
	if (!old)
		add(items, "calibration", OK, NULL, "%s%s",
		    text[0]                  ? text
		    : look->info->interlocks ? "none was made; p = 0 and 1 need none"
					     : "a simulated rig needs none",
		    isfinite(look->max_age_d) || !text[0] ? "" : "; any age is allowed");
}

/* ---- what it runs on ---- */

static void look_at_devices(const struct preflight *look, json_t *items)
{
	size_t n = json_array_size(look->devices), bad = 0, i;
	const json_t *row;

	json_array_foreach((json_t *)look->devices, i, row)
	{
		const char *state = json_string_value(json_object_get(row, "state"));
		const char *text = json_string_value(json_object_get(row, "text"));
		bool down = strcmp(state, "down") == 0 || strcmp(state, "fault") == 0;

		if (strcmp(state, "up") == 0)
			continue;
		bad++;
		row = add(items, "devices", down ? ERROR : WARNING,
			  down ? "it is asked again by itself: bring it back, then try again"
			       : NULL,
			  "%s is %s%s%s", json_string_value(json_object_get(row, "device")), state,
			  text && text[0] ? ": " : "", text ? text : "");
		if (down)
			code((json_t *)row, PROBLEM_DEVICE, "");
	}
	if (!bad && n)
		add(items, "devices", OK, NULL, "all %zu are up", n);
	if (!n)
		add(items, "devices", WARNING, NULL, "none has been heard of yet");
}

static void look_at_watchdog(const struct preflight *look, json_t *items)
{
	const json_t *seconds = json_object_get(json_object_get(look->rig, "boards"), "watchdog_s");

	if (!look->info->interlocks || !json_is_number(seconds))
		return;
	if (json_number_value(seconds) > 0)
		add(items, "watchdog", OK, NULL, "boards go safe %g s after the last word",
		    json_number_value(seconds));
	else
		add(items, "watchdog", WARNING, "set boards.watchdog_s in the rig file",
		    "boards stay as they are when this machine dies");
}

static void duration_text(double s, char text[48])
{
	if (s < 120)
		snprintf(text, 48, "%.3g s", s);
	else if (s < 7200)
		snprintf(text, 48, "%.3g min", s / 60);
	else
		snprintf(text, 48, "%.3g h", s / 3600);
}

static void no_room(json_t *items, double needed_B, double room_B, double reserve_B)
{
	code(add(items, "disk", ERROR, "make room, or keep less (log)",
		 "the run's rows take about %.3g MB, and the database's disk has room for %.3g MB "
		 "above its reserve of %.3g MB (store_reserve_B)",
		 needed_B * 1e-6, room_B * 1e-6, reserve_B * 1e-6),
	     PROBLEM_STORAGE, "");
}

static void unlimited(json_t *items, const struct preflight *look, double room_B)
{
	double step_B = disk_run_B(look->task, look->info, 1000000) / 1e6;
	char time[48];

	duration_text(room_B / step_B * look->params.tau_s, time);
	add(items, "disk", WARNING, "give stop.steps or log.budget_B, or keep less",
	    "no end is declared: a step takes about %.3g B, and there is room for %.3g steps (%s "
	    "at the rig's pace); then the run pauses",
	    step_B, room_B / step_B, time);
}

static void look_at_disk(const struct preflight *look, json_t *items)
{
	double room_B = look->free_B - look->reserve_B, needed_B, budget_B;
	uint64_t steps;

	if (!look->task || isnan(room_B))
		return;
	steps = disk_steps(look->task, look->params.tau_s);
	needed_B = disk_run_B(look->task, look->info, steps);
	budget_B = look->task->log.budget_B;
	if (room_B <= 0 || (steps && fmin(needed_B, budget_B) > room_B)) {
		no_room(items, steps ? fmin(needed_B, budget_B) : 0, room_B, look->reserve_B);
		return;
	}
	if (steps && needed_B > budget_B)
		add(items, "disk", WARNING, "raise log.budget_B, or run.resume then",
		    "%llu steps take about %.3g MB: the run pauses at its budget_B of %.3g MB",
		    (unsigned long long)steps, needed_B * 1e-6, budget_B * 1e-6);
	else if (!steps)
		unlimited(items, look, room_B);
	else if (needed_B + look->queued_B > room_B)
		add(items, "disk", WARNING, "make room before its turn comes",
		    "it takes about %.3g MB and those before it %.3g MB, with room for %.3g MB",
		    needed_B * 1e-6, look->queued_B * 1e-6, room_B * 1e-6);
	else
		add(items, "disk", OK, NULL,
		    "%llu steps take about %.3g MB of %.3g MB above the reserve",
		    (unsigned long long)steps, needed_B * 1e-6, room_B * 1e-6);
}

static void look_at_edges(const struct preflight *look, json_t *items)
{
	size_t n_held = 0, n_cut = 0;

	for (size_t j = 0; look->mode && j < look->info->n_edges; j++) {
		n_held += look->mode[j] == RIG_HOLD;
		n_cut += look->mode[j] == RIG_CUT;
	}
	if (n_held + n_cut)
		add(items, "edges", WARNING, "nudgectl edge N learn brings one back",
		    "%zu edges are held and %zu are cut, and stay so", n_held, n_cut);
	else if (look->mode)
		add(items, "edges", OK, NULL, "all %zu learn", look->info->n_edges);
}

static void look_at_wiring(const struct preflight *look, json_t *items)
{
	if (look->n_moves)
		add(items, "wiring", WARNING, "nudgectl rig wiring TASK lists them",
		    "%zu plugs are to be moved; the run waits for that", look->n_moves);
}

/* ---- who, when and how long ---- */

static void look_at_alarms(const struct preflight *look, json_t *items)
{
	size_t n = json_array_size(look->alarms), i;
	char names[200] = "";
	const json_t *row;

	json_array_foreach((json_t *)look->alarms, i, row)
	{
		const char *name = json_string_value(json_object_get(row, "alarm"));

		if (strcmp(name, "store") == 0)
			code(add(items, "database", ERROR, "see the log; it is tried again",
				 "it cannot be written: %s",
				 json_string_value(json_object_get(row, "text"))),
			     PROBLEM_STORAGE, "");
		if (strlen(names) + strlen(name) + 3 < sizeof(names))
			snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
				 names[0] ? ", " : "", name);
	}
	if (n)
		add(items, "alarms", WARNING, "nudgectl alarms tells more", "%zu are up: %s", n,
		    names);
	else
		add(items, "alarms", OK, NULL, "none is up");
}

static void look_at_lease(const struct preflight *look, json_t *items)
{
	const char *policy =
		look->task ? task_lease_loss_word(task_lease_loss(look->task)) : "continue";

	if (look->holder && !look->own_lease)
		code(add(items, "lease", ERROR, "wait for its end, or take it over", "%s holds it",
			 look->holder),
		     PROBLEM_LOCKED, "");
	else if (!look->holder && look->lease_required)
		add(items, "lease", WARNING, "lease.acquire; nudgectl run does",
		    "nobody holds it, and this daemon demands it");
	else
		add(items, "lease", OK, NULL, "%s; if it expires under the run: %s",
		    look->own_lease ? "it is yours" : "nobody holds it", policy);
}

static void look_at_queue(const struct preflight *look, json_t *items)
{
	if (look->queue_held)
		add(items, "queue", WARNING, "queue.release, or nudgectl run --release",
		    "it is held: no run begins, and %zu are before it", look->n_before);
	else
		add(items, "queue", OK, NULL, "%zu runs are before it", look->n_before);
}

static void look_at_duration(const struct preflight *look, json_t *items)
{
	uint64_t steps = look->task ? disk_steps(look->task, look->params.tau_s) : 0;
	char time[48];

	if (!look->task)
		return;
	duration_text((double)steps * (look->params.tau_s + look->task->wait_s), time);
	if (steps)
		add(items, "duration", OK, NULL, "%llu steps of %g s: %s%s",
		    (unsigned long long)steps, look->params.tau_s, time,
		    look->info->real_time ? "" : " of virtual time");
	else
		add(items, "duration", WARNING, "give stop.steps or stop.seconds",
		    "no end is declared: it ends by its other conditions, or by run.stop");
}

json_t *preflight_look(const struct preflight *look)
{
	static void (*const looks[])(const struct preflight *, json_t *) = {
		look_at_task,     look_at_limits,   look_at_p,     look_at_calibrations,
		look_at_devices,  look_at_watchdog, look_at_disk,  look_at_edges,
		look_at_wiring,   look_at_alarms,   look_at_lease, look_at_queue,
		look_at_duration,
	};
	json_t *items = json_array();
	struct problem first = {0};
	json_t *result;

	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++)
		looks[i](look, items);
	result = json_pack("{s:b, s:o}", "ready", 0, "items", items);
	json_object_set_new(result, "ready", json_boolean(preflight_problem(result, &first) == 0));
	problem_clear(&first);
	return result;
}

int preflight_problem(const json_t *result, struct problem *p)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(result, "items"), i, row)
	{
		const char *cure = json_string_value(json_object_get(row, "cure"));

		if (strcmp(json_string_value(json_object_get(row, "level")), "error") != 0)
			continue;
		problem_set(p, (enum problem_code)json_integer_value(json_object_get(row, "code")),
			    json_string_value(json_object_get(row, "path")), "%s%s%s",
			    json_string_value(json_object_get(row, "what")), cure ? ": " : "",
			    cure ? cure : "");
		problem_add(p, "item", json_incref(json_object_get(row, "item")));
		return -1;
	}
	return 0;
}
