/* daemon/queue.c - an array of plans. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/queue.h"

struct queue {
	struct queued *entries;
	size_t n, capacity;
	bool held;
};

struct queue *queue_new(void)
{
	return calloc(1, sizeof(struct queue));
}

void plan_free(struct plan *plan)
{
	if (!plan)
		return;
	task_unref(plan->task);
	json_decref(plan->params);
	free(plan);
}

void queue_free(struct queue *queue)
{
	if (!queue)
		return;
	while (queue->n)
		queue_remove(queue, queue->n - 1);
	free(queue->entries);
	free(queue);
}

static int grow(struct queue *queue)
{
	size_t capacity = queue->capacity ? 2 * queue->capacity : 16;
	struct queued *entries = realloc(queue->entries, capacity * sizeof(*entries));

	if (!entries)
		return -ENOMEM;
	queue->entries = entries;
	queue->capacity = capacity;
	return 0;
}

int64_t queue_front(const struct queue *queue)
{
	return queue->n ? queue->entries[0].place - 1 : 0;
}

int64_t queue_back(const struct queue *queue)
{
	return queue->n ? queue->entries[queue->n - 1].place + 1 : 0;
}

int queue_add(struct queue *queue, struct plan *plan, const char *name, int64_t place)
{
	char *copy = strdup(name);
	size_t at = queue->n;

	if (!copy || (queue->n == queue->capacity && grow(queue) < 0)) {
		free(copy);
		plan_free(plan);
		return -ENOMEM;
	}
	while (at > 0 && queue->entries[at - 1].place > place)
		at--;
	memmove(queue->entries + at + 1, queue->entries + at,
		(queue->n - at) * sizeof(*queue->entries));
	queue->entries[at] = (struct queued){.plan = plan, .name = copy, .place = place};
	queue->n++;
	return 0;
}

size_t queue_length(const struct queue *queue)
{
	return queue->n;
}

long queue_position(const struct queue *queue, uint64_t run)
{
	for (size_t i = 0; i < queue->n; i++)
		if (queue->entries[i].plan->run == run)
			return (long)i;
	return -1;
}

const struct queued *queue_at(const struct queue *queue, size_t position)
{
	return position < queue->n ? &queue->entries[position] : NULL;
}

void queue_move(struct queue *queue, size_t from, size_t to)
{
	struct queued moved;

	if (from >= queue->n)
		return;
	if (to >= queue->n)
		to = queue->n - 1;
	moved = queue->entries[from];
	if (from < to)
		memmove(queue->entries + from, queue->entries + from + 1,
			(to - from) * sizeof(moved));
	else
		memmove(queue->entries + to + 1, queue->entries + to, (from - to) * sizeof(moved));
	queue->entries[to] = moved;
	for (size_t i = 0; i < queue->n; i++)
		queue->entries[i].place = (int64_t)i;
}

/* The entry leaves the array; its plan goes to the caller. */
static struct plan *take_out(struct queue *queue, size_t position)
{
	struct plan *plan = queue->entries[position].plan;

	free(queue->entries[position].name);
	queue->n--;
	memmove(queue->entries + position, queue->entries + position + 1,
		(queue->n - position) * sizeof(*queue->entries));
	return plan;
}

void queue_remove(struct queue *queue, size_t position)
{
	if (position < queue->n)
		plan_free(take_out(queue, position));
}

void queue_handed(struct queue *queue)
{
	if (queue->n)
		(void)take_out(queue, 0);
}

bool queue_is_held(const struct queue *queue)
{
	return queue->held;
}

void queue_hold(struct queue *queue, bool hold)
{
	queue->held = hold;
}

json_t *queue_json(const struct queue *queue)
{
	json_t *runs = json_array();

	for (size_t i = 0; i < queue->n; i++)
		json_array_append_new(runs,
				      json_pack("{s:I, s:s, s:I}", "run",
						(json_int_t)queue->entries[i].plan->run, "name",
						queue->entries[i].name, "position", (json_int_t)i));
	return json_pack("{s:b, s:o}", "held", queue->held, "runs", runs);
}
