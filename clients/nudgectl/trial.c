/* clients/nudgectl/trial.c - lays out an experiment's trials, and measures what their runs left. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/draw.h"
#include "clients/nudgectl/measure.h"
#include "clients/nudgectl/procedure.h"
#include "clients/nudgectl/trial.h"
#include "clients/nudgectl/trial_curve.h"
#include "protocol/csv.h"
#include "protocol/yaml.h"

/* ---- what the files say ---- */

/* An object in place, or a file's; tables of a task are read with it */
static int read_part(const struct experiment *e, const json_t *part, bool is_task, json_t **ret,
		     struct problem *p)
{
	struct yaml_places *places = NULL;
	char *file;
	int r;

	if (json_is_object(part)) {
		*ret = json_deep_copy(part);
		return is_task ? csv_inline(*ret, e->file, p) : 0;
	}
	if (asprintf(&file, "%s/%s", e->folder, json_string_value(part)) < 0)
		return problem_set(p, PROBLEM_INTERNAL, "", "out of memory");
	r = yaml_read(file, ret, &places, p);
	if (r == 0 && is_task && csv_inline(*ret, file, p) < 0) {
		yaml_locate(file, places, p);
		json_decref(*ret);
		*ret = NULL;
		r = -1;
	}
	yaml_places_free(places);
	free(file);
	return r;
}

static int read_files(struct trials *t, struct problem *p)
{
	const json_t *rig = experiment_part(t->e, "rig"), *task = experiment_part(t->e, "task");
	const json_t *tasks = experiment_part(t->e, "tasks");

	t->n_tasks = tasks ? json_array_size(tasks) : 1;
	t->tasks = calloc(t->n_tasks, sizeof(*t->tasks));
	if (!t->tasks)
		return problem_set(p, PROBLEM_INTERNAL, "", "out of memory");
	if (!rig || (!task && !tasks))
		return problem_set(p, PROBLEM_PARAMS, "", "%s: needs rig, and task or tasks",
				   t->e->file);
	if (read_part(t->e, rig, false, &t->rig, p) < 0)
		return -1;
	for (size_t i = 0; i < t->n_tasks; i++)
		if (read_part(t->e, tasks ? json_array_get(tasks, i) : task, true, &t->tasks[i],
			      p) < 0)
			return -1;
	return 0;
}

/* ---- one trial ---- */

/* "rig.sim.comparator.bias_V.1": the members on the way are made, an element must be there */
static bool set_at(json_t *root, const char *path, json_t *value)
{
	const char *dot = strchr(path, '.');
	char name[80];
	json_t *next;
	size_t n = dot ? (size_t)(dot - path) : strlen(path);

	if (n >= sizeof(name))
		return false;
	memcpy(name, path, n);
	name[n] = '\0';
	if (json_is_array(root)) {
		size_t i = strtoul(name, NULL, 10);

		return dot ? set_at(json_array_get(root, i), dot + 1, value)
			   : json_array_set(root, i, value) == 0;
	}
	if (!json_is_object(root))
		return false;
	if (!dot)
		return json_object_set(root, name, value) == 0;
	next = json_object_get(root, name);
	if (!json_is_object(next) &&
	    !json_is_array(next)) { /* "batch: all" gives way to batch.probability */
		next = json_object();
		json_object_set_new(root, name, next);
	}
	return set_at(next, dot + 1, value);
}

static json_t *number_or_integer(double value)
{
	return value == rint(value) && fabs(value) < 1e15 ? json_integer((json_int_t)value)
							  : json_real(value);
}

/* Takes the member out, if it is there */
static void drop_at(json_t *root, const char *path)
{
	const char *dot = strchr(path, '.');
	char name[80];

	snprintf(name, sizeof(name), "%.*s", dot ? (int)(dot - path) : (int)strlen(path), path);
	if (dot)
		drop_at(json_object_get(root, name), dot + 1);
	else
		json_object_del(root, name);
}

static size_t index_of(const json_t *axis, double at)
{
	const json_t *values = json_object_get(axis, "values");
	size_t i = 0;

	while (i < json_array_size(values) && json_number_value(json_array_get(values, i)) != at)
		i++;
	return i;
}

static bool apply_axis(struct trial *t, const json_t *axis, double at)
{
	const char *path;
	json_t *value;
	const json_t *unless = json_object_get(axis, "unless");
	bool ok = true;
	size_t i;

	if (unless && json_number_value(unless) == at)
		return true;
	json_object_foreach(json_object_get(axis, "set"), path, value)
	{
		json_t *scaled = number_or_integer(at * json_number_value(value));

		ok = ok && set_at(t->root, path, scaled);
		json_decref(scaled);
	}
	json_object_foreach(json_object_get(axis, "with"), path, value) ok =
		ok && set_at(t->root, path, json_array_get(value, index_of(axis, at)));
	json_array_foreach(json_object_get(axis, "drop"), i, value) if (at != 0)
		drop_at(t->root, json_string_value(value));
	return ok;
}

static bool apply_axes(const struct experiment *e, struct trial *t)
{
	const json_t *settings = experiment_part(e, "set");
	const char *path;
	json_t *value;
	bool ok = true;

	json_object_foreach((json_t *)settings, path, value) ok =
		ok && set_at(t->root, path, value);
	for (size_t i = 0; i < e->n_axes; i++)
		ok = ok && apply_axis(t, json_object_get(experiment_part(e, "vary"), e->axis[i]),
				      t->at[i]);
	return ok;
}

static double root_number(const struct trial *t, const char *name)
{
	return json_number_value(json_object_get(t->root, name));
}

/* Steps by steps * p, evenly spaced tests, thinned logs */
static void set_lengths(struct trial *t)
{
	json_t *task = json_object_get(t->root, "task");
	const json_t *p = json_object_get(json_object_get(task, "params"), "p");
	double steps = root_number(t, "steps_times_p"), tests = root_number(t, "tests");
	double keep = root_number(t, "keep_steps");

	if (steps > 0) {
		steps = rint(steps / (p ? json_number_value(p) : 1));
		json_object_set_new(task, "stop", json_pack("{s:I}", "steps", (json_int_t)steps));
	} else {
		steps = json_number_value(json_object_get(json_object_get(task, "stop"), "steps"));
	}
	if (tests > 0) {
		json_t *at = json_array();

		for (double k = 1; k < tests; k++)
			json_array_append_new(at,
					      json_integer((json_int_t)rint(k * steps / tests)));
		set_at(task, "test.at", at);
		json_decref(at);
	}
	if (keep > 0) {
		json_t *every = json_sprintf("every %.0f", fmax(1, floor(steps / keep)));

		set_at(task, "log.steps", every);
		json_decref(every);
	}
}

static const char *lay_out(const struct trials *all, struct trial *t)
{
	static const char *const copied[] = {"draw", "steps_times_p", "tests", "keep_steps"};
	json_t *draw;

	t->root = json_pack("{s:o, s:o}", "rig", json_deep_copy(all->rig), "task",
			    json_deep_copy(all->tasks[0]));
	t->measured = json_object();
	for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++)
		if (experiment_part(all->e, copied[i]))
			json_object_set_new(t->root, copied[i],
					    json_deep_copy(experiment_part(all->e, copied[i])));
	if (!apply_axes(all->e, t))
		return "set: a member that is not there";
	draw = json_object_get(t->root, "draw");
	if (draw && draw_task(draw, t->seed, json_object_get(t->root, "task")) < 0)
		return "draw: more nodes than the network has";
	json_object_set_new(json_object_get(t->root, "task"), "seed",
			    json_integer((json_int_t)t->seed));
	set_lengths(t);
	return NULL;
}

/* Odometer over the axes; the seed turns fastest */
static void place(const struct experiment *e, size_t number, struct trial *t)
{
	t->seed = 1 + number % e->seeds;
	number /= e->seeds;
	for (size_t i = e->n_axes; i-- > 0;) {
		size_t n = json_array_size(e->axis_values[i]);

		t->at[i] = json_number_value(json_array_get(e->axis_values[i], number % n));
		number /= n;
	}
}

/* At one of the points that `only` lists, or anywhere */
static bool wanted(const struct experiment *e, const struct trial *t)
{
	const json_t *only = experiment_part(e, "only");

	for (size_t i = 0; i < json_array_size(only); i++)
		if (trial_is_at(e, t, json_array_get(only, i)))
			return true;
	return !only;
}

int trials_new(const struct experiment *e, struct trials **ret, struct problem *p)
{
	struct trials *all = calloc(1, sizeof(*all));
	size_t n;

	if (!all)
		return problem_set(p, PROBLEM_INTERNAL, "", "out of memory");
	all->e = e;
	if (read_files(all, p) < 0) {
		trials_free(all);
		return -1;
	}
	n = e->seeds;
	for (size_t i = 0; i < e->n_axes; i++)
		n *= json_array_size(e->axis_values[i]);
	all->list = calloc(n, sizeof(*all->list));
	for (size_t i = 0; all->list && i < n; i++) {
		struct trial *next = &all->list[all->n];
		const char *why;

		place(e, i, next);
		if (!wanted(e, next))
			continue;
		all->n++;
		why = lay_out(all, next);
		if (why) {
			problem_set(p, PROBLEM_PARAMS, "", "%s: %s", e->file, why);
			trials_free(all);
			return -1;
		}
	}
	if (!all->list) {
		trials_free(all);
		return problem_set(p, PROBLEM_INTERNAL, "", "no memory for %zu trials", n);
	}
	*ret = all;
	return 0;
}

void trials_free(struct trials *all)
{
	for (size_t i = 0; all && all->list && i < all->n; i++) {
		struct trial *t = &all->list[i];

		json_decref(t->root);
		json_decref(t->measured);
		json_decref(t->taps);
		json_decref(t->cuts);
		free(t->curve.x);
		free(t->curve.y);
		free(t->end_r_ohm);
		free(t->failed);
	}
	for (size_t i = 0; all && all->tasks && i < all->n_tasks; i++)
		json_decref(all->tasks[i]);
	if (!all)
		return;
	json_decref(all->rig);
	free(all->tasks);
	free(all->list);
	free(all);
}

/* ---- run by run ---- */

bool trial_next(const struct trials *all, struct trial *t, json_t **ret_task, json_t **ret_rig)
{
	json_t *task = t->failed ? NULL : procedure_of(all->e)->task(all, t);

	if (!task)
		return false;
	*ret_task = task;
	*ret_rig = json_incref(json_object_get(t->root, "rig"));
	return true;
}

void trial_fail(struct trial *t, const char *why)
{
	if (!t->failed)
		t->failed = strdup(why);
}

static void measure_all(const struct experiment *e, struct trial *t, const struct series *s)
{
	const char *name;
	json_t *what;

	json_object_foreach((json_t *)experiment_part(e, "measures"), name, what)
	{
		const json_t *of_task = json_object_get(what, "task");
		double value;

		if (of_task && (size_t)json_integer_value(of_task) != t->stage)
			continue;
		if (measure_is_distance(what)) {
			if (s->r_ohm && s->n > 0 && !t->end_r_ohm)
				t->end_r_ohm = malloc(s->n_edges * sizeof(double));
			if (t->end_r_ohm)
				memcpy(t->end_r_ohm, s->r_ohm + (s->n - 1) * s->n_edges,
				       s->n_edges * sizeof(double));
			t->n_edges = s->n_edges;
			continue;
		}
		value = measure(what, s);
		if (isfinite(value))
			json_object_set_new(t->measured, name, json_real(value));
	}
}

void trial_take(const struct trials *all, struct trial *t, const struct series *s)
{
	if (procedure_of(all->e)->take(all, t, s)) {
		measure_all(all->e, t, s);
		trial_curve_add(experiment_part(all->e, "figure"), t, s);
	}
	json_decref(t->taps);
	t->taps = json_incref(s->taps);
	t->stage++;
}

/* ---- all of them ---- */

static const struct trial *find(const struct trials *all, const struct trial *near,
				const json_t *to_point)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct trial *t = &all->list[i];
		bool same = t->seed == near->seed;

		for (size_t k = 0; same && k < all->e->n_axes; k++) {
			const json_t *value = json_object_get(to_point, all->e->axis[k]);

			same = t->at[k] == (value ? json_number_value(value) : near->at[k]);
		}
		if (same)
			return t;
	}
	return NULL;
}

void trials_distances(struct trials *all)
{
	const char *name;
	json_t *what;

	json_object_foreach((json_t *)experiment_part(all->e, "measures"), name, what)
	{
		if (!measure_is_distance(what))
			continue;
		for (size_t i = 0; i < all->n; i++) {
			struct trial *t = &all->list[i];
			const struct trial *from = find(all, t, json_object_get(what, "to_point"));
			double sum = 0;

			if (!from || from == t || !from->end_r_ohm || !t->end_r_ohm)
				continue;
			for (size_t j = 0; j < t->n_edges; j++)
				sum += pow(t->end_r_ohm[j] - from->end_r_ohm[j], 2);
			json_object_set_new(t->measured, name, json_real(sqrt(sum)));
		}
	}
}

bool trial_is_at(const struct experiment *e, const struct trial *t, const json_t *where)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)where, name, value)
	{
		double at = trial_axis(e, t, name), want = json_number_value(value);

		if (!(fabs(at - want) <= 1e-9 * fmax(1e-12, fabs(want))))
			return false;
	}
	return true;
}

double trial_measured(const struct trial *t, const char *name)
{
	const json_t *value = json_object_get(t->measured, name);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

double trial_axis(const struct experiment *e, const struct trial *t, const char *axis)
{
	for (size_t i = 0; i < e->n_axes; i++)
		if (!strcmp(e->axis[i], axis))
			return t->at[i];
	return NAN;
}
