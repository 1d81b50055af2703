/* daemon/task.c - a task from its JSON: nodes, order, start, stop, tests; the data and the schedule have their own files. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/params.h"
#include "daemon/task_impl.h"
#include "protocol/files.h"

static double number_or(const json_t *object, const char *name, double fallback)
{
	const json_t *value = json_object_get(object, name);

	return json_is_number(value) ? json_number_value(value) : fallback;
}

static uint64_t count_or(const json_t *object, const char *name, uint64_t fallback)
{
	return (uint64_t)number_or(object, name, (double)fallback);
}

static bool is_word(const json_t *value, const char *word)
{
	return json_is_string(value) && strcmp(json_string_value(value), word) == 0;
}

static int no_memory(struct problem *p)
{
	return problem_set(p, PROBLEM_INTERNAL, "", "out of memory while reading the task");
}

/* ---- nodes ---- */

static int read_node_list(const struct task *task, const char *name, size_t n_nodes, uint32_t **ret,
			  size_t *ret_n, struct problem *p)
{
	const json_t *list = json_object_get(task->json, name);
	char path[64];

	*ret_n = json_array_size(list);
	*ret = calloc(*ret_n + 1, sizeof(**ret));
	if (!*ret)
		return no_memory(p);
	for (size_t i = 0; i < *ret_n; i++) {
		json_int_t node = (json_int_t)json_number_value(json_array_get(list, i));

		snprintf(path, sizeof(path), "/%s/%zu", name, i);
		if (node < 0 || (size_t)node >= n_nodes)
			return problem_set(p, PROBLEM_PARAMS, path,
					   "%s[%zu] is node %" JSON_INTEGER_FORMAT
					   ", but the nodes are 0 to %zu",
					   name, i, node, n_nodes - 1);
		(*ret)[i] = (uint32_t)node;
	}
	return 0;
}

/* Each node is a source, a target, or neither. */
static int read_nodes(struct task *task, const struct rig_info *info, struct problem *p)
{
	enum { FREE, SOURCE, TARGET } *role = calloc(info->n_nodes, sizeof(*role));
	char path[64];
	int r = -1;

	if (!role)
		return no_memory(p);
	if (read_node_list(task, "sources", info->n_nodes, &task->sources, &task->n_sources, p) <
		    0 ||
	    read_node_list(task, "targets", info->n_nodes, &task->targets, &task->n_targets, p) < 0)
		goto out;
	for (size_t i = 0; i < task->n_sources + task->n_targets; i++) {
		bool source = i < task->n_sources;
		size_t k = source ? i : i - task->n_sources;
		uint32_t node = source ? task->sources[k] : task->targets[k];

		if (role[node] != FREE) {
			snprintf(path, sizeof(path), "/%s/%zu", source ? "sources" : "targets", k);
			problem_set(p, PROBLEM_PARAMS, path,
				    "node %u is named twice: it is a %s already", node,
				    role[node] == SOURCE ? "source" : "target");
			goto out;
		}
		role[node] = source ? SOURCE : TARGET;
	}
	r = 0;
out:
	free(role);
	return r;
}

/* ---- how examples are shown ---- */

/* Sources in fixed_V are wires to a rail: they take no noise. */
static int read_quiet(struct task *task, const json_t *fixed_V, struct problem *p)
{
	char name[16];

	task->quiet = calloc(task->n_sources + 1, sizeof(*task->quiet));
	if (!task->quiet)
		return problem_set(p, PROBLEM_INTERNAL, "", "out of memory for the task");
	for (size_t i = 0; i < task->n_sources; i++) {
		snprintf(name, sizeof(name), "%u", task->sources[i]);
		task->quiet[i] = json_object_get(fixed_V, name) != NULL;
	}
	return 0;
}

static int read_order(struct task *task, const json_t *train, struct problem *p)
{
	const json_t *order = json_object_get(train, "order");
	const json_t *noise = json_object_get(train, "noise");

	if (json_is_object(order)) {
		task->order = TASK_EACH;
		task->each = count_or(order, "each", 1);
	} else if (is_word(order, "shuffled")) {
		task->order = TASK_SHUFFLED;
	} else if (is_word(order, "random")) {
		task->order = TASK_RANDOM;
	}
	task->source_noise_V = number_or(noise, "source_V", 0);
	task->target_noise_V = number_or(noise, "target_V", 0);
	return read_quiet(task, json_object_get(train, "fixed_V"), p);
}

/* How many examples are summed before an update [Wycoff 2022, equation 7]. */
static int read_batch(struct task *task, const json_t *train, const struct rig_info *info,
		      struct problem *p)
{
	const json_t *batch = json_object_get(train, "batch");
	const json_t *probability = json_object_get(batch, "probability");

	task->batch_n = 1;
	if (is_word(batch, "all")) {
		task->batch = TASK_BATCH_ALL;
	} else if (probability) {
		task->batch = TASK_BATCH_PROBABILITY;
		task->batch_probability = json_number_value(probability);
	} else if (json_is_object(batch)) {
		task->batch = TASK_BATCH_EXACTLY;
		task->batch_n = count_or(batch, "exactly", 1);
	} else {
		task->batch_n = count_or(train, "batch", 1);
	}
	if (task->batch == TASK_BATCH_NEXT && task->batch_n == 1)
		return 0;
	if (!info->batches)
		return problem_set(p, PROBLEM_PARAMS, "/train/batch",
				   "batches need a simulated rig of comparators eq10 or rule "
				   "continuous: the edges of rig %s compare one example at a time",
				   info->name);
	if (task->only_misclassified)
		return problem_set(p, PROBLEM_PARAMS, "/train/batch",
				   "update_when: misclassified needs batch: 1");
	if (count_or(task->json, "ticks", 1) > 1)
		return problem_set(p, PROBLEM_PARAMS, "/ticks",
				   "ticks is more than 1: a batch takes one tick a step");
	return 0;
}

static int read_targets_from(struct task *task, struct problem *p)
{
	const json_t *from = json_object_get(task->json, "targets_from");
	const json_t *one_hot = json_object_get(from, "one_hot");

	if (json_is_object(one_hot)) {
		task->targets_from = TASK_TARGETS_ONE_HOT;
		task->on_V = number_or(one_hot, "on_V", 0);
		task->off_V = number_or(one_hot, "off_V", 0);
	} else if (is_word(from, "class_means")) {
		task->targets_from = TASK_TARGETS_CLASS_MEANS;
	}
	if (task->targets_from != TASK_TARGETS_GIVEN && strcmp(task->kind, "classification") != 0)
		return problem_set(p, PROBLEM_PARAMS, "/targets_from",
				   "targets by class need kind: classification; this task is of "
				   "kind %s",
				   task->kind);
	return 0;
}

static int read_update_when(struct task *task, struct problem *p)
{
	const json_t *when = json_object_get(task->json, "update_when");
	const json_t *options = json_object_get(when, "misclassified");

	task->only_misclassified = is_word(when, "misclassified") || json_is_object(options);
	task->margin_V = number_or(options, "margin_V", number_or(task->json, "margin_V", 0));
	if (task->only_misclassified && strcmp(task->kind, "classification") != 0)
		return problem_set(p, PROBLEM_PARAMS, "/update_when",
				   "update_when: misclassified needs kind: classification; this "
				   "task is of kind %s",
				   task->kind);
	return 0;
}

/* ---- where the edges start ---- */

static int tap_of(const struct rig_info *info, bool ohms, double value, uint8_t *ret)
{
	double tap = ohms ? (value - info->edge.r_min_ohm) / info->edge.r_step_ohm : value;

	tap = round(tap);
	if (!(tap >= 0 && tap < info->edge.taps))
		return -1;
	*ret = (uint8_t)tap;
	return 0;
}

/* Of a rig whose edges have any resistance: as given. */
static int read_ohms(struct task *task, const json_t *list, const struct rig_info *info,
		     struct problem *p)
{
	task->initial = TASK_R_OHM;
	task->r_ohm = calloc(info->n_edges, sizeof(double));
	if (!task->r_ohm)
		return no_memory(p);
	for (size_t edge = 0; edge < info->n_edges; edge++)
		task->r_ohm[edge] = json_number_value(json_array_get(list, edge));
	return 0;
}

static int read_taps(struct task *task, const char *name, const json_t *list,
		     const struct rig_info *info, struct problem *p)
{
	bool ohms = strcmp(name, "r_ohm") == 0;
	char path[64];

	snprintf(path, sizeof(path), "/initial/%s", name);
	if (json_array_size(list) != info->n_edges)
		return problem_set(p, PROBLEM_PARAMS, path,
				   "initial has %zu values; this rig has %zu edges",
				   json_array_size(list), info->n_edges);
	if (info->continuous)
		return ohms ? read_ohms(task, list, info, p)
			    : problem_set(p, PROBLEM_PARAMS, path,
					  "the edges of rig %s have no taps: give initial: {r_ohm: "
					  "...}",
					  info->name);
	task->initial = TASK_TAPS;
	task->taps = calloc(info->n_edges, 1);
	if (!task->taps)
		return no_memory(p);
	for (size_t edge = 0; edge < info->n_edges; edge++) {
		double value = json_number_value(json_array_get(list, edge));

		if (tap_of(info, ohms, value, &task->taps[edge]) == 0)
			continue;
		problem_path_index(path, sizeof(path), edge);
		return problem_set(
			p, PROBLEM_LIMIT, path,
			"initial state of edge %zu is %g%s; taps are 0 to %d, %g to %g "
			"ohm",
			edge, value, ohms ? " ohm" : "", info->edge.taps - 1, info->edge.r_min_ohm,
			info->edge.r_min_ohm + (info->edge.taps - 1) * info->edge.r_step_ohm);
	}
	return 0;
}

static int read_initial(struct task *task, const struct rig_info *info, struct problem *p)
{
	const json_t *initial = json_object_get(task->json, "initial");
	const json_t *list;

	if (is_word(initial, "keep"))
		task->initial = TASK_KEEP;
	else if (is_word(initial, "random"))
		task->initial = TASK_RANDOM_TAPS;
	if (json_object_get(initial, "checkpoint"))
		return problem_set(p, PROBLEM_PARAMS, "/initial/checkpoint",
				   "checkpoints are in a running daemon's database: run.submit "
				   "takes them, here give initial: {taps: ...}");
	if ((list = json_object_get(initial, "taps")))
		return read_taps(task, "taps", list, info, p);
	if ((list = json_object_get(initial, "r_ohm")))
		return read_taps(task, "r_ohm", list, info, p);
	return 0;
}

/* ---- when it stops, when it is tested ---- */

static int read_stop(struct task *task, struct problem *p)
{
	const json_t *stop = json_object_get(task->json, "stop");

	task->stop = (struct task_stop){
		.steps = count_or(stop, "steps", 0),
		.mse_below_V2 = number_or(stop, "mse_below_V2", NAN),
		.scaled_below = number_or(stop, "scaled_below", NAN),
		.seconds = number_or(stop, "seconds", NAN),
		.accuracy = number_or(stop, "accuracy", NAN),
		.for_tests = (unsigned)count_or(stop, "for_tests", 1),
	};
	if (!isnan(task->stop.accuracy) &&
	    (strcmp(task->kind, "classification") != 0 || !task->test.present))
		return problem_set(p, PROBLEM_PARAMS, "/stop/accuracy",
				   "stop by accuracy needs kind: classification and a test set "
				   "(or test: {on: [train]})");
	return 0;
}

static int by_step(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* n steps from 1 to the last, evenly on a logarithmic scale; doublets fall together later. */
static void add_log_steps(struct task_test *test, size_t n, uint64_t last)
{
	for (size_t i = 0; i < n; i++) {
		double share = n > 1 ? (double)i / (double)(n - 1) : 1.0;

		test->at[test->n_at++] = (uint64_t)llround(exp(share * log((double)last)));
	}
}

static int read_test_steps(struct task *task, const json_t *test, uint64_t steps, struct problem *p)
{
	const json_t *at = json_object_get(test, "at");
	size_t n_log = count_or(test, "log", 0), kept = 0;

	if (n_log && !steps)
		return problem_set(p, PROBLEM_PARAMS, "/test/log",
				   "log-spaced tests need stop: {steps: ...}");
	task->test.at = calloc(json_array_size(at) + n_log + 1, sizeof(*task->test.at));
	if (!task->test.at)
		return no_memory(p);
	for (size_t i = 0; i < json_array_size(at); i++)
		task->test.at[task->test.n_at++] =
			(uint64_t)json_number_value(json_array_get(at, i));
	add_log_steps(&task->test, n_log, steps);
	qsort(task->test.at, task->test.n_at, sizeof(*task->test.at), by_step);
	for (size_t i = 0; i < task->test.n_at; i++)
		if (!i || task->test.at[i] != task->test.at[kept - 1])
			task->test.at[kept++] = task->test.at[i];
	task->test.n_at = kept;
	return 0;
}

static int read_test(struct task *task, struct problem *p)
{
	const json_t *test = json_object_get(task->json, "test");
	const json_t *on = json_object_get(test, "on");
	bool has_test_set = task->test_set.source != TASK_NONE || task->split != TASK_NO_SPLIT;
	uint64_t steps = count_or(json_object_get(task->json, "stop"), "steps", 0);

	for (size_t i = 0; i < json_array_size(on); i++) {
		task->test.on_train |= is_word(json_array_get(on, i), "train");
		task->test.on_test |= is_word(json_array_get(on, i), "test");
	}
	if (task->test.on_test && !has_test_set)
		return problem_set(p, PROBLEM_PARAMS, "/test/on",
				   "there is no test set: give test: {examples: ...}, a table, or "
				   "train: {split: ...}");
	if (!json_array_size(on))
		task->test.on_test = has_test_set;
	task->test.present = task->test.on_train || task->test.on_test;
	task->test.every = count_or(test, "every", 0);
	task->test.repeat = (unsigned)count_or(test, "repeat", 1);
	task->test.settle_s = number_or(test, "settle_s", NAN);
	return read_test_steps(task, test, steps, p);
}

/* ---- the whole ---- */

/* As far as it can be known before the run begins: what it changes is tried on the defaults. */
static int check_params(const struct task *task, const struct rig_info *info, struct problem *p)
{
	struct params params;

	params_default(&params);
	if (!task_params(task) || params_apply(&params, task_params(task), info, p) == 0)
		return 0;
	problem_prefix(p, "/params");
	return -1;
}

/* The examples of a batch become one update: each must take part in it. */
static int check_batch(const struct task *task, struct problem *p)
{
	const struct examples *e = &task->train.given;
	bool one = task->batch == TASK_BATCH_NEXT && task->batch_n == 1;

	for (size_t i = 0; !one && i < e->n; i++)
		if (!e->learn[i] || !e->clamp[i])
			return problem_set(p, PROBLEM_PARAMS, "/train/batch",
					   "example %zu is not to %s: such examples need batch: 1",
					   i, e->learn[i] ? "clamp" : "learn");
	return 0;
}

static const char *const lease_loss_words[] = {
	[TASK_LOSS_CONTINUE] = "continue", [TASK_LOSS_PAUSE] = "pause", [TASK_LOSS_SAFE] = "safe"};

static enum task_lease_loss read_lease_loss(const json_t *json)
{
	const char *word = json_string_value(json_object_get(json, "on_lease_loss"));

	for (int i = TASK_LOSS_CONTINUE; word && i <= TASK_LOSS_SAFE; i++)
		if (strcmp(word, lease_loss_words[i]) == 0)
			return (enum task_lease_loss)i;
	return TASK_LOSS_CONTINUE;
}

static int read_task(struct task *task, const struct rig_info *info, struct problem *p)
{
	const json_t *train = json_object_get(task->json, "train");

	task->name = json_string_value(json_object_get(task->json, "task"));
	task->kind = json_string_value(json_object_get(task->json, "kind"));
	if (!task->name)
		task->name = "";
	task->ticks = (unsigned)count_or(task->json, "ticks", 1);
	task->wait_s = number_or(task->json, "wait_s", 0);
	task->keep_modes = json_is_true(json_object_get(task->json, "keep_modes"));
	task->lease_loss = read_lease_loss(task->json);
	task->seed = json_object_get(task->json, "seed")
			     ? json_integer_value(json_object_get(task->json, "seed"))
			     : -1;
	if (read_nodes(task, info, p) < 0 || read_order(task, train, p) < 0 ||
	    read_targets_from(task, p) < 0 || read_update_when(task, p) < 0 ||
	    read_batch(task, train, info, p) < 0 || task_read_log(task, info, p) < 0 ||
	    task_read_data(task, p) < 0 || check_batch(task, p) < 0 ||
	    read_initial(task, info, p) < 0 || read_test(task, p) < 0 || read_stop(task, p) < 0 ||
	    check_params(task, info, p) < 0 || schedule_read(task, info, p) < 0 ||
	    task_check_limits(task, info, p) < 0)
		return -1;
	return task_check_cuts(task, info, p);
}

int task_new(const json_t *value, const struct rig_info *info, struct task **ret, struct problem *p)
{
	struct task *task = calloc(1, sizeof(*task));

	if (!task)
		return no_memory(p);
	atomic_init(&task->references, 1);
	task->json = json_deep_copy(value);
	task->classes = json_array();
	if (!task->json || !task->classes || schema_fill(&schema_task, task->json) < 0) {
		task_unref(task);
		return no_memory(p);
	}
	if (read_task(task, info, p) < 0) {
		task_unref(task);
		return -1;
	}
	*ret = task;
	return 0;
}

struct task *task_ref(struct task *task)
{
	atomic_fetch_add(&task->references, 1);
	return task;
}

void task_unref(struct task *task)
{
	if (!task || atomic_fetch_sub(&task->references, 1) > 1)
		return;
	for (size_t i = 0; i < task->n_schedule; i++)
		free(task->schedule[i].target_V);
	free(task->schedule);
	free(task->test.at);
	free(task->taps);
	free(task->r_ohm);
	free(task->quiet);
	task_set_free(&task->train);
	task_set_free(&task->test_set);
	free(task->sources);
	free(task->targets);
	free(task->measured);
	json_decref(task->classes);
	json_decref(task->json);
	free(task);
}

enum task_lease_loss task_lease_loss(const struct task *task)
{
	return task->lease_loss;
}

const char *task_lease_loss_word(enum task_lease_loss loss)
{
	return lease_loss_words[loss];
}

const char *task_name(const struct task *task)
{
	return task->name;
}

const char *task_kind(const struct task *task)
{
	return task->kind;
}

const json_t *task_json(const struct task *task)
{
	return task->json;
}

const json_t *task_params(const struct task *task)
{
	return json_object_get(task->json, "params");
}

uint64_t task_steps(const struct task *task)
{
	return task->stop.steps;
}

int64_t task_seed(const struct task *task)
{
	return task->seed;
}
