/* clients/nudgectl/difference.c - in what two runs differ: parameters, rig, task, versions, outcome. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/difference.h"

static const char *const of_run[] = {"kind", "task", "backend", "rig",
				     "seed", "log",  "version", NULL};
static const char *const of_outcome[] = {"status",
					 "reason",
					 "steps",
					 "mse_first_V2",
					 "mse_last_V2",
					 "mse_min_V2",
					 "mse_final_V2",
					 "test_first_V2",
					 "test_best_V2",
					 "test_final_V2",
					 "accuracy_best",
					 "accuracy_final",
					 NULL};
static const char *const of_params[] = {"eta", "p", "tau_s", "capacitance_F", "bias_V", NULL};

struct comparison {
	json_t *rows;
	const char *group;
	bool all;
};

/* 1 and 1.0 are the same number; what is not there is null. */
static bool are_equal(const json_t *a, const json_t *b)
{
	if (!a || json_is_null(a))
		return !b || json_is_null(b);
	if (json_is_number(a) && json_is_number(b) && (json_is_real(a) || json_is_real(b)))
		return json_number_value(a) == json_number_value(b);
	return json_equal(a, b);
}

static void add(struct comparison *c, const char *path, const json_t *a, const json_t *b)
{
	bool equal = are_equal(a, b);
	json_t *row;

	if ((equal && !c->all) || ((!a || json_is_null(a)) && (!b || json_is_null(b))))
		return;
	row = json_pack("{s:s, s:s, s:b}", "group", c->group, "path", path, "equal", equal);
	json_object_set_new(row, "a", a ? json_incref((json_t *)a) : json_null());
	json_object_set_new(row, "b", b ? json_incref((json_t *)b) : json_null());
	json_array_append_new(c->rows, row);
}

static void add_members(struct comparison *c, const json_t *a, const json_t *b,
			const char *const *names)
{
	for (; *names; names++)
		add(c, *names, json_object_get(a, *names), json_object_get(b, *names));
}

/* ---- trees, by path ---- */

static bool is_tree(const json_t *list)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i,
			   item) if (json_is_object(item) || json_is_array(item)) return true;
	return false;
}

static void add_tree(struct comparison *c, const char *path, const json_t *a, const json_t *b);

static void add_object(struct comparison *c, const char *path, const json_t *a, const json_t *b)
{
	const json_t *const both[] = {a, b};

	for (size_t side = 0; side < 2; side++) {
		const char *name;
		json_t *value;

		json_object_foreach((json_t *)both[side], name, value)
		{
			char *inner = NULL;

			if (side == 1 && json_object_get(a, name))
				continue;
			if (asprintf(&inner, "%s%s%s", path, path[0] ? "." : "", name) >= 0)
				add_tree(c, inner, json_object_get(a, name),
					 json_object_get(b, name));
			free(inner);
		}
	}
}

static void add_list(struct comparison *c, const char *path, const json_t *a, const json_t *b)
{
	size_t n =
		json_array_size(a) > json_array_size(b) ? json_array_size(a) : json_array_size(b);

	for (size_t i = 0; i < n; i++) {
		char *inner = NULL;

		if (asprintf(&inner, "%s[%zu]", path, i) >= 0)
			add_tree(c, inner, json_array_get(a, i), json_array_get(b, i));
		free(inner);
	}
}

/* Lists of numbers and words are values; others are gone through. */
static void add_tree(struct comparison *c, const char *path, const json_t *a, const json_t *b)
{
	bool objects = (json_is_object(a) || !a) && (json_is_object(b) || !b);
	bool lists = (json_is_array(a) || !a) && (json_is_array(b) || !b);

	if (objects && (a || b))
		add_object(c, path, a, b);
	else if (lists && (is_tree(a) || is_tree(b)))
		add_list(c, path, a, b);
	else
		add(c, path, a, b);
}

/* ---- parameters: at the beginning, and each change ---- */

/* What a revision changed against the one before it: {name: value}. */
static json_t *changed(const json_t *before, const json_t *now)
{
	json_t *ret = json_object();

	for (const char *const *name = of_params; *name; name++)
		if (!are_equal(json_object_get(before, *name), json_object_get(now, *name)))
			json_object_set(ret, *name, json_object_get(now, *name));
	return ret;
}

/* {"1203": {"eta": 0.1}}, the last one where several were made at one step. */
static json_t *changes_of(const json_t *run)
{
	const json_t *params = json_object_get(run, "params");
	json_t *ret = json_object();

	for (size_t i = 1; i < json_array_size(params); i++) {
		const json_t *now = json_array_get(params, i);
		json_t *what = changed(json_array_get(params, i - 1), now), *known;
		char step[32];

		snprintf(step, sizeof(step), "%lld",
			 (long long)json_integer_value(json_object_get(now, "from_step")));
		known = json_object_get(ret, step);
		if (known)
			json_object_update(known, what);
		else if (json_object_size(what))
			json_object_set(ret, step, what);
		json_decref(what);
	}
	return ret;
}

static int by_step(const void *a, const void *b)
{
	long long x = atoll(*(const char *const *)a), y = atoll(*(const char *const *)b);

	return (x > y) - (x < y);
}

static void add_change(struct comparison *c, const char *step, const json_t *a, const json_t *b)
{
	for (const char *const *name = of_params; *name; name++) {
		char path[80];

		snprintf(path, sizeof(path), "%s from step %s", *name, step);
		add(c, path, json_object_get(a, *name), json_object_get(b, *name));
	}
}

static void add_params(struct comparison *c, const json_t *a, const json_t *b)
{
	json_t *mine = changes_of(a), *others = changes_of(b), *value, *all = json_copy(mine);
	const char **steps, *step;
	size_t n = 0;

	add_members(c, json_array_get(json_object_get(a, "params"), 0),
		    json_array_get(json_object_get(b, "params"), 0), of_params);
	json_object_update(all, others);
	steps = calloc(json_object_size(all) + 1, sizeof(*steps));
	json_object_foreach(all, step, value) if (steps) steps[n++] = step;
	if (n > 1)
		qsort(steps, n, sizeof(*steps), by_step);
	for (size_t i = 0; i < n; i++)
		add_change(c, steps[i], json_object_get(mine, steps[i]),
			   json_object_get(others, steps[i]));
	free(steps);
	json_decref(all);
	json_decref(mine);
	json_decref(others);
}

/* ---- calibrations by kind, edges at the end ---- */

static json_t *ids_by_kind(const json_t *run)
{
	json_t *ret = json_object(), *row;
	size_t i;

	json_array_foreach(json_object_get(run, "calibrations"), i, row)
	{
		const char *kind = json_string_value(json_object_get(row, "kind"));

		if (kind)
			json_object_set(ret, kind, json_object_get(row, "id"));
	}
	return ret;
}

static void add_calibrations(struct comparison *c, const json_t *a, const json_t *b)
{
	json_t *mine = ids_by_kind(a), *others = ids_by_kind(b);

	add_object(c, "", mine, others);
	json_decref(mine);
	json_decref(others);
}

json_t *difference_rows(const json_t *a, const json_t *b, bool all)
{
	struct comparison c = {.rows = json_array(), .all = all, .group = "run"};

	add_members(&c, a, b, of_run);
	c.group = "parameters";
	add_params(&c, a, b);
	c.group = "task";
	add_tree(&c, "", json_object_get(a, "task_json"), json_object_get(b, "task_json"));
	c.group = "rig";
	add_tree(&c, "", json_object_get(a, "rig_json"), json_object_get(b, "rig_json"));
	c.group = "calibrations";
	add_calibrations(&c, a, b);
	c.group = "outcome";
	add_members(&c, a, b, of_outcome);
	add(&c, "edges_at_stop", json_object_get(a, "edges_at_stop"),
	    json_object_get(b, "edges_at_stop"));
	return c.rows;
}

bool difference_any(const json_t *rows)
{
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i,
			   row) if (!json_is_true(json_object_get(row, "equal"))) return true;
	return false;
}
