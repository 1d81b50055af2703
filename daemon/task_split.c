/* daemon/task_split.c - what one run shows: training and test set drawn by its seed, and in which order. */
#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/task_split.h"
#include "sim_backend/random.h"

/* ---- the two sets ---- */

/* Row i of a generated set: a pure function of (seed, i, source). */
static void generate_row(const struct task_set *set, uint64_t seed, uint64_t key, size_t i,
			 struct examples *e)
{
	double *source_V = e->source_V + i * e->n_sources;
	double *target_V = e->target_V + i * e->n_targets;

	memset(target_V, 0, e->n_targets * sizeof(*target_V));
	for (size_t k = 0, drawn = 0; k < e->n_sources; k++) {
		source_V[k] = set->fixed_V[k];
		if (!isnan(source_V[k]))
			continue;
		source_V[k] = set->min_V + (set->max_V - set->min_V) *
						   random_uniform(seed, RANDOM_GENERATE, key, k);
		for (size_t t = 0; t < e->n_targets; t++)
			target_V[t] += set->map[t * set->n_drawn + drawn] * source_V[k];
		drawn++;
	}
}

/* A set as it is before any split.  Test rows draw from keys of their own. */
static int make_set(const struct task *task, const struct task_set *set, uint64_t seed, bool test,
		    struct examples *ret)
{
	size_t n = set->source == TASK_GENERATE ? set->n : set->given.n;

	if (examples_new(n, task->n_sources, task->n_targets, ret) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (set->source == TASK_GENERATE)
			generate_row(set, seed, (uint64_t)i | (uint64_t)test << 63, i, ret);
		else
			examples_copy_row(&set->given, i, ret, i);
	return 0;
}

/* chosen[i]: row i trains.  per_class takes the first so many of each class in a drawn order. */
static void choose(const struct task *task, const struct examples *all, uint64_t seed,
		   uint32_t *order, size_t *taken, uint8_t *chosen)
{
	size_t n_train = 0;

	random_permutation(seed, RANDOM_SPLIT, 0, all->n, order);
	for (size_t i = 0; i < all->n; i++) {
		uint32_t row = order[i];

		if (task->split == TASK_SPLIT_N)
			chosen[row] = n_train++ < task->split_n;
		else
			chosen[row] = taken[all->class_[row]]++ < task->split_n;
	}
}

static int split(const struct task *task, uint64_t seed, const struct examples *all,
		 struct data *ret)
{
	uint32_t *order = calloc(all->n, sizeof(*order));
	size_t *taken = calloc(json_array_size(task->classes) + 1, sizeof(*taken));
	uint8_t *chosen = calloc(all->n, 1);
	size_t n_train = 0, to_train = 0, to_test = 0;
	int r = -1;

	if (!order || !taken || !chosen)
		goto out;
	choose(task, all, seed, order, taken, chosen);
	for (size_t i = 0; i < all->n; i++)
		n_train += chosen[i];
	if (examples_new(n_train, task->n_sources, task->n_targets, &ret->train) < 0 ||
	    examples_new(all->n - n_train, task->n_sources, task->n_targets, &ret->test) < 0)
		goto out;
	for (size_t i = 0; i < all->n; i++)
		if (chosen[i])
			examples_copy_row(all, i, &ret->train, to_train++);
		else
			examples_copy_row(all, i, &ret->test, to_test++);
	r = 0;
out:
	free(order);
	free(taken);
	free(chosen);
	return r;
}

/* The mean input and desired output of each class over the training examples. */
static int find_class_means(const struct task *task, struct data *data)
{
	const struct examples *e = &data->train;
	size_t n = json_array_size(task->classes), *count = calloc(n + 1, sizeof(*count));

	data->n_classes = n;
	data->class_source_V = calloc(n * e->n_sources + 1, sizeof(double));
	data->class_V = calloc(n * e->n_targets + 1, sizeof(double));
	if (!count || !data->class_source_V || !data->class_V) {
		free(count);
		return -1;
	}
	for (size_t i = 0; i < e->n; i++) {
		if (e->class_[i] < 0)
			continue;
		count[e->class_[i]]++;
		for (size_t k = 0; k < e->n_sources; k++)
			data->class_source_V[(size_t)e->class_[i] * e->n_sources + k] +=
				e->source_V[i * e->n_sources + k];
		for (size_t k = 0; k < e->n_targets; k++)
			data->class_V[(size_t)e->class_[i] * e->n_targets + k] +=
				e->target_V[i * e->n_targets + k];
	}
	for (size_t c = 0; c < n; c++) {
		for (size_t k = 0; k < e->n_sources; k++)
			data->class_source_V[c * e->n_sources + k] /= (double)count[c];
		for (size_t k = 0; k < e->n_targets; k++)
			data->class_V[c * e->n_targets + k] /= (double)count[c];
	}
	free(count);
	return 0;
}

int data_new(const struct task *task, uint64_t seed, struct data *ret)
{
	struct data data = {.seed = seed};
	struct examples all = {0};
	int r;

	if (task->split == TASK_NO_SPLIT) {
		r = make_set(task, &task->train, seed, false, &data.train);
		if (r == 0 && task->test_set.source != TASK_NONE)
			r = make_set(task, &task->test_set, seed, true, &data.test);
	} else {
		r = make_set(task, &task->train, seed, false, &all);
		if (r == 0)
			r = split(task, task->split_seed < 0 ? seed : (uint64_t)task->split_seed,
				  &all, &data);
		examples_free(&all);
	}
	if (r == 0)
		r = find_class_means(task, &data);
	data.shown = r == 0 ? calloc(data.train.n, sizeof(*data.shown)) : NULL;
	data.permutation = r == 0 ? calloc(data.train.n, sizeof(*data.permutation)) : NULL;
	if (!data.shown || !data.permutation) {
		data_free(&data);
		return -1;
	}
	data_show_group(&data, -1);
	*ret = data;
	return 0;
}

void data_free(struct data *data)
{
	examples_free(&data->train);
	examples_free(&data->test);
	free(data->class_source_V);
	free(data->class_V);
	free(data->shown);
	free(data->permutation);
	*data = (struct data){0};
}

/* ---- the order ---- */

size_t data_show_group(struct data *data, int32_t group)
{
	size_t n = 0;

	for (size_t i = 0; i < data->train.n; i++)
		if (group < 0 || data->train.group[i] < 0 || data->train.group[i] == group)
			data->shown[n++] = (uint32_t)i;
	data->n_shown = n;
	data->position = 0;
	return n;
}

bool data_at_epoch_start(const struct data *data)
{
	return data->position == 0;
}

size_t data_epoch_steps(const struct task *task, const struct data *data)
{
	return data->n_shown * (task->order == TASK_EACH ? task->each : 1);
}

uint32_t data_next(const struct task *task, struct data *data, uint64_t step)
{
	size_t n = data->n_shown, at = data->position;

	switch (task->order) {
	case TASK_CYCLIC:
		break;
	case TASK_EACH:
		at /= task->each;
		break;
	case TASK_RANDOM:
		at = (size_t)random_below(data->seed, RANDOM_ORDER, step, 0, n);
		break;
	case TASK_SHUFFLED:
		if (at == 0)
			random_permutation(data->seed, RANDOM_ORDER, data->epoch, n,
					   data->permutation);
		at = data->permutation[at];
		break;
	}
	if (++data->position == data_epoch_steps(task, data)) {
		data->position = 0;
		data->epoch++;
	}
	return data->shown[at];
}

/* ---- batches ---- */

size_t data_batch_most(const struct task *task, const struct data *data)
{
	return task->batch == TASK_BATCH_NEXT ? task->batch_n : data->train.n;
}

static size_t draw_batch(const struct task *task, struct data *data, uint64_t step, uint32_t *rows)
{
	size_t n = 0, n_shown = data->n_shown;

	if (task->batch == TASK_BATCH_EXACTLY) {
		n = task->batch_n < n_shown ? task->batch_n : n_shown;
		random_permutation(data->seed, RANDOM_BATCH, step, n_shown, data->permutation);
		for (size_t i = 0; i < n; i++)
			rows[i] = data->shown[data->permutation[i]];
		return n;
	}
	rows[0] = data->shown[0];
	for (size_t i = 0; i < n_shown; i++)
		if (task->batch == TASK_BATCH_ALL ||
		    random_uniform(data->seed, RANDOM_BATCH, step, i) < task->batch_probability)
			rows[n++] = data->shown[i];
	return n;
}

size_t data_batch(const struct task *task, struct data *data, uint64_t step, uint32_t *rows)
{
	if (task->batch != TASK_BATCH_NEXT)
		return draw_batch(task, data, step, rows);
	/* TASK_RANDOM draws by its first argument: each place of the batch has its own */
	for (size_t i = 0; i < task->batch_n; i++)
		rows[i] = data_next(task, data, step * task->batch_n + i);
	return task->batch_n;
}
