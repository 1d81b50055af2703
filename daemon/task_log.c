/* daemon/task_log.c - what a run keeps of its steps: which of them, of which nodes, and how often the edges. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/task_impl.h"

/* "every 100", "all" or "none"; *ret: 100, 1, UINT64_MAX. */
static int read_every(const json_t *log, const char *name, bool none_allowed, uint64_t *ret,
		      struct problem *p)
{
	const char *said = json_string_value(json_object_get(log, name));
	char path[64], *end;
	unsigned long long every;

	*ret = 1;
	if (!said || strcmp(said, "all") == 0)
		return 0;
	if (none_allowed && strcmp(said, "none") == 0) {
		*ret = UINT64_MAX;
		return 0;
	}
	errno = 0;
	every = strncmp(said, "every ", 6) == 0 && said[6] >= '0' && said[6] <= '9'
			? strtoull(said + 6, &end, 10)
			: 0;
	if (every >= 1 && every <= UINT32_MAX && *end == '\0' && errno == 0) {
		*ret = every;
		return 0;
	}
	snprintf(path, sizeof(path), "/log/%s", name);
	return problem_set(p, PROBLEM_PARAMS, path,
			   "log.%s is \"%s\"; it must be all, %s`every N` with N from 1", name,
			   said, none_allowed ? "none or " : "or ");
}

/* ---- which nodes ---- */

static int measure_node(struct task *task, bool *measured, uint32_t node)
{
	if (!measured[node])
		task->measured[task->n_measured++] = node;
	measured[node] = true;
	return 0;
}

static int measure_listed(struct task *task, const json_t *list, bool *measured, size_t n_nodes,
			  struct problem *p)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_int_t node = (json_int_t)json_number_value(json_array_get(list, i));
		char path[64];

		if (node >= 0 && (size_t)node < n_nodes) {
			measure_node(task, measured, (uint32_t)node);
			continue;
		}
		snprintf(path, sizeof(path), "/log/voltages/%zu", i);
		return problem_set(p, PROBLEM_PARAMS, path,
				   "node %lld does not exist: the nodes are 0 to %zu",
				   (long long)node, n_nodes - 1);
	}
	return 0;
}

/* Targets first, then what the log asks for; every node when it says nothing. */
static int choose_nodes(struct task *task, const json_t *voltages, const struct rig_info *info,
			struct problem *p)
{
	bool *measured = calloc(info->n_nodes, sizeof(*measured));
	const char *word = json_string_value(voltages);
	int r = 0;

	task->measured = calloc(info->n_nodes + 1, sizeof(*task->measured));
	if (!measured || !task->measured) {
		free(measured);
		return problem_set(p, PROBLEM_INTERNAL, "", "out of memory for the task");
	}
	for (size_t i = 0; i < task->n_targets; i++)
		measure_node(task, measured, task->targets[i]);
	if (json_is_array(voltages))
		r = measure_listed(task, voltages, measured, info->n_nodes, p);
	else if (!word || strcmp(word, "all") == 0)
		for (size_t node = 0; node < info->n_nodes; node++)
			measure_node(task, measured, (uint32_t)node);
	free(measured);
	return r;
}

/* ---- the whole ---- */

int task_read_log(struct task *task, const struct rig_info *info, struct problem *p)
{
	const json_t *log = json_object_get(task->json, "log"), *budget;
	json_t *steps = NULL;
	int r;

	if (json_is_string(log))
		log = steps = json_pack("{s:O}", "steps", (json_t *)log);
	budget = json_object_get(log, "budget_B");
	task->log.budget_B = json_is_number(budget) ? json_number_value(budget) : NAN;
	r = read_every(log, "steps", false, &task->log.keep_every, p);
	if (r == 0)
		r = read_every(log, "wipers", true, &task->log.wiper_every, p);
	if (r == 0)
		r = choose_nodes(task, json_object_get(log, "voltages"), info, p);
	json_decref(steps);
	return r;
}

void task_layout(const struct task *task, const struct rig_info *info, struct record_layout *ret)
{
	record_layout(
		&(struct record_shape){.n_sources = task->n_sources,
				       .n_targets = task->n_targets,
				       .n_measured = task->n_measured,
				       .n_edges = info->n_edges,
				       .continuous = info->continuous,
				       .equilibrium = info->overdamped ||
						      (info->whole_step && info->n_capacitance > 1),
				       .keep_every = task->log.keep_every,
				       .wiper_every = task->log.wiper_every},
		ret);
}

void task_log_text(const struct task *task, const struct rig_info *info, char *text, size_t size)
{
	const struct task_log *log = &task->log;
	char all[240], steps[40] = "", wipers[40] = "", nodes[80] = "", budget[40] = "";

	if (log->keep_every > 1)
		snprintf(steps, sizeof(steps), "; steps: every %llu",
			 (unsigned long long)log->keep_every);
	if (log->wiper_every == UINT64_MAX)
		snprintf(wipers, sizeof(wipers), "; wipers: none");
	else if (log->wiper_every > 1)
		snprintf(wipers, sizeof(wipers), "; wipers: every %llu",
			 (unsigned long long)log->wiper_every);
	if (task->n_measured < info->n_nodes)
		snprintf(nodes, sizeof(nodes), "; voltages: %zu of %zu nodes", task->n_measured,
			 info->n_nodes);
	if (!isnan(log->budget_B))
		snprintf(budget, sizeof(budget), "; budget_B: %g", log->budget_B);
	snprintf(all, sizeof(all), "%s%s%s%s", steps, wipers, nodes, budget);
	snprintf(text, size, "%s", all[0] ? all + 2 : ""); /* without the first "; " */
}
