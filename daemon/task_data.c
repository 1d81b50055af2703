/* daemon/task_data.c - a task's examples: from a list, from a table's columns, or a generator's description. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/task_reading.h"

/* ---- sets of examples ---- */

int examples_new(size_t n, size_t n_sources, size_t n_targets, struct examples *ret)
{
	struct examples e = {.n = n, .n_sources = n_sources, .n_targets = n_targets};

	e.source_V = calloc(n * n_sources + 1, sizeof(*e.source_V));
	e.target_V = calloc(n * n_targets + 1, sizeof(*e.target_V));
	e.class_ = calloc(n + 1, sizeof(*e.class_));
	e.learn = calloc(n + 1, 1);
	e.clamp = calloc(n + 1, 1);
	e.wait_s = calloc(n + 1, sizeof(*e.wait_s));
	e.group = calloc(n + 1, sizeof(*e.group));
	if (!e.source_V || !e.target_V || !e.class_ || !e.learn || !e.clamp || !e.wait_s ||
	    !e.group) {
		examples_free(&e);
		return -1;
	}
	for (size_t i = 0; i < n; i++) {
		e.class_[i] = e.group[i] = -1;
		e.wait_s[i] = NAN;
		e.learn[i] = e.clamp[i] = 1;
	}
	*ret = e;
	return 0;
}

void examples_free(struct examples *examples)
{
	free(examples->source_V);
	free(examples->target_V);
	free(examples->class_);
	free(examples->learn);
	free(examples->clamp);
	free(examples->wait_s);
	free(examples->group);
	*examples = (struct examples){0};
}

void examples_copy_row(const struct examples *a, size_t from, struct examples *b, size_t to)
{
	memcpy(b->source_V + to * b->n_sources, a->source_V + from * a->n_sources,
	       a->n_sources * sizeof(double));
	memcpy(b->target_V + to * b->n_targets, a->target_V + from * a->n_targets,
	       a->n_targets * sizeof(double));
	b->class_[to] = a->class_[from];
	b->learn[to] = a->learn[from];
	b->clamp[to] = a->clamp[from];
	b->wait_s[to] = a->wait_s[from];
	b->group[to] = a->group[from];
}

void task_set_free(struct task_set *set)
{
	examples_free(&set->given);
	free(set->map);
	free(set->fixed_V);
}

/* ---- what the readers share ---- */

int task_reading_refuse(const struct task_reading *in, const char *rest, const char *sentence)
{
	char path[128];

	snprintf(path, sizeof(path), "%s%s", in->path, rest);
	return problem_set(in->p, PROBLEM_PARAMS, path, "%s", sentence);
}

int task_reading_no_memory(const struct task_reading *in)
{
	return problem_set(in->p, PROBLEM_INTERNAL, in->path, "out of memory for the examples");
}

int32_t task_reading_class(struct task *task, const json_t *value)
{
	char text[64];
	const char *name = text;
	size_t n = json_array_size(task->classes);

	if (json_is_string(value))
		name = json_string_value(value);
	else
		snprintf(text, sizeof(text), "%.15g", json_number_value(value));
	for (size_t i = 0; i < n; i++)
		if (strcmp(json_string_value(json_array_get(task->classes, i)), name) == 0)
			return (int32_t)i;
	json_array_append_new(task->classes, json_string(name));
	return (int32_t)n;
}

/* Volts of a list; the list's length must be n. */
static int read_volts(const struct task_reading *in, const char *path, const json_t *list, size_t n,
		      const char *of, double *ret_V)
{
	if (json_array_size(list) != n)
		return problem_set(in->p, PROBLEM_PARAMS, path,
				   "%zu values, but the task names %zu %s", json_array_size(list),
				   n, of);
	for (size_t i = 0; i < n; i++)
		ret_V[i] = json_number_value(json_array_get(list, i));
	return 0;
}

static bool flag(const json_t *value)
{
	return json_is_number(value) ? json_number_value(value) != 0 : json_is_true(value);
}

void task_reading_flags(struct examples *e, size_t i, const json_t *learn, const json_t *clamp,
			const json_t *wait_s, const json_t *group)
{
	if (learn)
		e->learn[i] = flag(learn);
	if (clamp)
		e->clamp[i] = flag(clamp);
	if (json_is_number(wait_s))
		e->wait_s[i] = json_number_value(wait_s);
	if (json_is_number(group))
		e->group[i] = (int32_t)json_number_value(group);
}

const json_t *task_reading_said(const struct task_reading *in, const char *name)
{
	const json_t *value = json_object_get(in->where, name);

	return value ? value : json_object_get(json_object_get(in->task->json, "train"), name);
}

const json_t *task_reading_fixed(const struct task_reading *in, uint32_t node)
{
	char name[16];

	snprintf(name, sizeof(name), "%u", node);
	return json_object_get(task_reading_said(in, "fixed_V"), name);
}

static void one_hot(const struct task *task, struct examples *e, size_t i)
{
	for (size_t k = 0; k < e->n_targets; k++)
		e->target_V[i * e->n_targets + k] =
			e->class_[i] == (int32_t)k ? task->on_V : task->off_V;
}

/* ---- a list ---- */

static int read_example(const struct task_reading *in, struct examples *e, size_t i,
			const json_t *example)
{
	const struct task *task = in->task;
	const json_t *target = json_object_get(example, "target_V");
	const json_t *class_ = json_object_get(example, "class");
	char path[128];

	snprintf(path, sizeof(path), "%s/examples/%zu/source_V", in->path, i);
	if (read_volts(in, path, json_object_get(example, "source_V"), e->n_sources, "sources",
		       e->source_V + i * e->n_sources) < 0)
		return -1;
	if (class_)
		e->class_[i] = task_reading_class(in->task, class_);
	snprintf(path, sizeof(path), "%s/examples/%zu/target_V", in->path, i);
	if (task->targets_from == TASK_TARGETS_GIVEN &&
	    read_volts(in, path, target, e->n_targets, "targets", e->target_V + i * e->n_targets) <
		    0)
		return -1;
	task_reading_flags(e, i, json_object_get(example, "learn"),
			   json_object_get(example, "clamp"), json_object_get(example, "wait_s"),
			   json_object_get(example, "group"));
	return 0;
}

static int read_list(const struct task_reading *in, const json_t *list)
{
	struct examples *e = &in->set->given;
	const json_t *example;
	size_t i;

	in->set->source = TASK_GIVEN;
	if (json_array_size(list) == 0)
		return task_reading_refuse(in, "/examples", "the list of examples is empty");
	if (examples_new(json_array_size(list), in->task->n_sources, in->task->n_targets, e) < 0)
		return task_reading_no_memory(in);
	json_array_foreach(list, i, example) if (read_example(in, e, i, example) < 0) return -1;
	return 0;
}

/* ---- a generator ---- */

static int read_map(const struct task_reading *in, const json_t *rows)
{
	struct task_set *set = in->set;
	char path[128];

	if (json_array_size(rows) != in->task->n_targets)
		return task_reading_refuse(in, "/generate/target",
					   "give one row of factors for each target");
	set->map = calloc(in->task->n_targets * set->n_drawn + 1, sizeof(*set->map));
	if (!set->map)
		return task_reading_no_memory(in);
	for (size_t i = 0; i < in->task->n_targets; i++) {
		snprintf(path, sizeof(path), "%s/generate/target/%zu", in->path, i);
		if (read_volts(in, path, json_array_get(rows, i), set->n_drawn,
			       "sources that are drawn (not in fixed_V)",
			       set->map + i * set->n_drawn) < 0)
			return -1;
	}
	return 0;
}

static int read_generate(const struct task_reading *in, const json_t *from)
{
	const json_t *range = json_object_get(from, "uniform_V");
	struct task_set *set = in->set;

	set->source = TASK_GENERATE;
	set->n = (size_t)json_number_value(json_object_get(from, "n"));
	set->min_V = json_number_value(json_array_get(range, 0));
	set->max_V = json_number_value(json_array_get(range, 1));
	set->fixed_V = calloc(in->task->n_sources + 1, sizeof(*set->fixed_V));
	if (!set->fixed_V)
		return task_reading_no_memory(in);
	for (size_t i = 0; i < in->task->n_sources; i++) {
		const json_t *fixed = task_reading_fixed(in, in->task->sources[i]);

		set->fixed_V[i] = fixed ? json_number_value(fixed) : NAN;
		set->n_drawn += !fixed;
	}
	if (set->n == 0 || !(set->min_V <= set->max_V))
		return task_reading_refuse(in, "/generate",
					   "give n above 0 and uniform_V: [least, greatest]");
	return read_map(in, json_object_get(from, "target"));
}

/* ---- both sets ---- */

static int check_fixed_nodes(const struct task_reading *in)
{
	const json_t *fixed_V = json_object_get(in->where, "fixed_V"), *volts;
	const char *name;
	char path[128];

	json_object_foreach((json_t *)fixed_V, name, volts)
	{
		bool found = false;

		for (size_t i = 0; i < in->task->n_sources; i++)
			found |= strtoul(name, NULL, 10) == in->task->sources[i];
		snprintf(path, sizeof(path), "%s/fixed_V/%s", in->path, name);
		if (!found)
			return problem_set(in->p, PROBLEM_PARAMS, path,
					   "fixed_V names node %s, which is not a source", name);
	}
	return 0;
}

static int read_set(const struct task_reading *in)
{
	const json_t *list = json_object_get(in->where, "examples");
	const json_t *table = json_object_get(in->where, "table");
	const json_t *generate = json_object_get(in->where, "generate");

	if (json_object_get(in->where, "csv"))
		return task_reading_refuse(
			in, "/csv",
			"the daemon opens no file that a request names: send the file's "
			"contents as table: {columns, rows}, as nudgectl does");
	if (!!list + !!table + !!generate > 1)
		return task_reading_refuse(in, "",
					   "give one of examples, table (csv) and generate");
	if (check_fixed_nodes(in) < 0)
		return -1;
	if (list)
		return read_list(in, list);
	if (table)
		return task_reading_table(in, table);
	return generate ? read_generate(in, generate) : 0;
}

static int read_split(struct task *task, const json_t *train, struct problem *p)
{
	const json_t *split = json_object_get(train, "split");
	const json_t *n = json_object_get(split, "n"),
		     *per_class = json_object_get(split, "per_class"),
		     *seed = json_object_get(split, "seed");
	size_t available =
		task->train.source == TASK_GENERATE ? task->train.n : task->train.given.n;

	if (!split)
		return 0;
	if (!n == !per_class)
		return problem_set(p, PROBLEM_PARAMS, "/train/split",
				   "split by one of n and per_class");
	task->split = n ? TASK_SPLIT_N : TASK_SPLIT_PER_CLASS;
	task->split_n = (size_t)json_number_value(n ? n : per_class);
	task->split_seed = seed ? json_integer_value(seed) : -1;
	if (per_class && json_array_size(task->classes) == 0)
		return problem_set(p, PROBLEM_PARAMS, "/train/split/per_class",
				   "per_class needs examples with a class");
	if (task->split_n == 0 || task->split_n > available)
		return problem_set(p, PROBLEM_PARAMS,
				   n ? "/train/split/n" : "/train/split/per_class",
				   "%zu of %zu examples", task->split_n, available);
	if (task->test_set.source != TASK_NONE)
		return problem_set(p, PROBLEM_PARAMS, "/train/split",
				   "the test set is given (test) and split off (train.split): "
				   "drop one");
	return 0;
}

/* What needs all classes to be known: every example has one, and one-hot targets. */
static int finish_classes(const struct task_reading *in)
{
	struct examples *e = &in->set->given;
	char path[128];

	if (strcmp(in->task->kind, "classification") != 0 || in->set->source == TASK_NONE)
		return 0;
	if (in->set->source == TASK_GENERATE)
		return task_reading_refuse(in, "/generate",
					   "generated examples have no class; kind: "
					   "classification needs a list or a table");
	for (size_t i = 0; i < e->n; i++) {
		snprintf(path, sizeof(path), "%s/examples/%zu", in->path, i);
		if (e->class_[i] < 0)
			return problem_set(in->p, PROBLEM_PARAMS, path,
					   "example %zu has no class; kind: classification needs "
					   "one (in a table: class: COLUMN)",
					   i);
		if (in->task->targets_from == TASK_TARGETS_ONE_HOT)
			one_hot(in->task, e, i);
		for (size_t k = 0;
		     in->task->targets_from == TASK_TARGETS_CLASS_MEANS && k < e->n_targets; k++)
			e->target_V[i * e->n_targets + k] = NAN;
	}
	if (in->task->targets_from == TASK_TARGETS_ONE_HOT &&
	    json_array_size(in->task->classes) > in->task->n_targets)
		return problem_set(in->p, PROBLEM_PARAMS, "/targets_from",
				   "one_hot needs a target for each class: %zu classes, %zu "
				   "targets",
				   json_array_size(in->task->classes), in->task->n_targets);
	return 0;
}

int task_read_data(struct task *task, struct problem *p)
{
	const json_t *train = json_object_get(task->json, "train");
	const struct task_reading of_train = {task, train, "/train", &task->train, p};
	const struct task_reading of_test = {task, json_object_get(task->json, "test"), "/test",
					     &task->test_set, p};

	if (read_set(&of_train) < 0 || read_set(&of_test) < 0)
		return -1;
	if (task->train.source == TASK_NONE)
		return problem_set(p, PROBLEM_PARAMS, "/train",
				   "there is nothing to show: give examples, a table (csv) or "
				   "generate");
	if (finish_classes(&of_train) < 0 || finish_classes(&of_test) < 0)
		return -1;
	return read_split(task, train, p);
}
