/* daemon/schedule.c - what a task wants changed before which step. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/params.h"
#include "daemon/task_impl.h"

static const struct {
	const char *member, *name;
} kinds[] = {
	[TASK_SET] = {"set", "param"},     [TASK_TARGET_V] = {"target_V", "target"},
	[TASK_CUT] = {"cut", "cut"},       [TASK_HOLD] = {"hold", "hold"},
	[TASK_LEARN] = {"learn", "learn"}, [TASK_GROUP] = {"group", "group"},
};

#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

const char *schedule_name(enum task_event_kind kind)
{
	return kinds[kind].name;
}

static int read_target(const struct task *task, const json_t *list, const char *path,
		       struct task_event *event, struct problem *p)
{
	if (json_array_size(list) != task->n_targets)
		return problem_set(p, PROBLEM_PARAMS, path,
				   "%zu values, but the task names %zu targets",
				   json_array_size(list), task->n_targets);
	event->target_V = calloc(task->n_targets + 1, sizeof(*event->target_V));
	if (!event->target_V)
		return problem_set(p, PROBLEM_INTERNAL, path, "out of memory");
	for (size_t i = 0; i < task->n_targets; i++)
		event->target_V[i] = json_number_value(json_array_get(list, i));
	return 0;
}

static int read_edge(const json_t *value, const char *path, size_t n_edges,
		     struct task_event *event, struct problem *p)
{
	json_int_t edge = (json_int_t)json_number_value(value);

	if (edge < 0 || (size_t)edge >= n_edges)
		return problem_set(p, PROBLEM_PARAMS, path,
				   "edge %" JSON_INTEGER_FORMAT " is not there: the edges are 0 "
				   "to %zu",
				   edge, n_edges - 1);
	event->edge = (size_t)edge;
	return 0;
}

/* Ranges are known now; a ratio may depend on what was set before, so it is tried on the defaults alone. */
static int read_set(const struct task *task, const json_t *change, const struct rig_info *info,
		    const char *path, struct problem *p)
{
	struct params params;

	params_default(&params);
	if (task_params(task) && params_apply(&params, task_params(task), info, p) < 0) {
		problem_prefix(p, "/params");
		return -1;
	}
	if (params_apply(&params, change, info, p) < 0) {
		problem_prefix(p, path);
		return -1;
	}
	return 0;
}

static int read_group(const struct task *task, const json_t *value, const char *path,
		      struct task_event *event, struct problem *p)
{
	const struct examples *e = &task->train.given;

	event->group = (int32_t)json_number_value(value);
	for (size_t i = 0; i < e->n; i++)
		if (event->group < 0 || e->group[i] == event->group)
			return 0;
	return problem_set(p, PROBLEM_PARAMS, path, "no training example is in group %d",
			   (int)event->group);
}

static int read_entry(const struct task *task, const struct rig_info *info, size_t i,
		      const json_t *entry, struct task_event *event, struct problem *p)
{
	const json_t *value = NULL;
	char path[64];
	size_t n_said = 0;

	for (size_t k = 0; k < N_KINDS; k++) {
		const json_t *said = json_object_get(entry, kinds[k].member);

		if (!said)
			continue;
		value = said;
		event->kind = (enum task_event_kind)k;
		n_said++;
	}
	snprintf(path, sizeof(path), "/schedule/%zu", i);
	if (n_said != 1)
		return problem_set(p, PROBLEM_PARAMS, path,
				   "an entry says one of set, target_V, cut, hold, learn and "
				   "group; this one says %zu",
				   n_said);
	event->at = (uint64_t)json_number_value(json_object_get(entry, "at"));
	event->index = i;
	problem_path_name(path, sizeof(path), kinds[event->kind].member);
	switch (event->kind) {
	case TASK_SET:
		event->params = value;
		return read_set(task, value, info, path, p);
	case TASK_TARGET_V:
		return read_target(task, value, path, event, p);
	case TASK_CUT:
	case TASK_HOLD:
	case TASK_LEARN:
		return read_edge(value, path, info->n_edges, event, p);
	case TASK_GROUP:
		return read_group(task, value, path, event, p);
	}
	return 0;
}

static int by_step(const void *a, const void *b)
{
	const struct task_event *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return (x->index > y->index) - (x->index < y->index);
}

int schedule_read(struct task *task, const struct rig_info *info, struct problem *p)
{
	const json_t *list = json_object_get(task->json, "schedule"), *entry;
	size_t i;

	task->schedule = calloc(json_array_size(list) + 1, sizeof(*task->schedule));
	if (!task->schedule)
		return problem_set(p, PROBLEM_INTERNAL, "/schedule", "out of memory");
	json_array_foreach(list, i, entry)
	{
		task->n_schedule = i + 1;
		if (read_entry(task, info, i, entry, &task->schedule[i], p) < 0)
			return -1;
	}
	qsort(task->schedule, task->n_schedule, sizeof(*task->schedule), by_step);
	return 0;
}

uint64_t schedule_next(const struct task *task, uint64_t step)
{
	for (size_t i = 0; i < task->n_schedule; i++)
		if (task->schedule[i].at >= step)
			return task->schedule[i].at;
	return UINT64_MAX;
}
