/* daemon/replay_script.c - what happened between the steps of a recorded run, in the order in which it is told again. */
#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/replay_script.h"

int replay_items_add(struct replay_items *list, const struct replay_item *item)
{
	if (list->n == list->capacity) {
		size_t capacity = list->capacity ? 2 * list->capacity : 64;
		void *grown = realloc(list->item, capacity * sizeof(*list->item));

		if (!grown)
			return -ENOMEM;
		list->item = grown;
		list->capacity = capacity;
	}
	list->item[list->n++] = *item;
	return 0;
}

void replay_items_free(struct replay_items *list)
{
	free(list->item);
	*list = (struct replay_items){0};
}

static bool is(const char *text, const char *word)
{
	return text && strcmp(text, word) == 0;
}

enum replay_turn replay_turn_of(const char *kind, const char *who, const char *what,
				const json_t *new_)
{
	static const struct {
		const char *what;
		enum replay_turn turn;
	} steered[] = {
		{"pause", REPLAY_PAUSES}, {"resume", REPLAY_RESUMES}, {"stop", REPLAY_STOPS}};

	if (is(kind, "run_begin"))
		return REPLAY_BEGINS;
	if (is(kind, "run_end"))
		return REPLAY_ENDS;
	for (size_t i = 0; is(kind, "run") && i < sizeof(steered) / sizeof(steered[0]); i++)
		if (is(what, steered[i].what))
			return steered[i].turn;
	/* a lost device, a lost lease; plugs that are to be moved */
	if (is(json_string_value(json_object_get(new_, "state")), "paused") ||
	    (is(kind, "wiring") && is(who, "rig")))
		return REPLAY_PAUSES;
	return REPLAY_NO_TURN;
}

/* ---- the order ---- */

/* Steps never go back, and nothing comes behind the end. */
static void straighten(struct replay_items *events)
{
	uint64_t step = 0;

	for (size_t i = 0; i < events->n; i++) {
		struct replay_item *item = &events->item[i];

		if (item->step == UINT64_MAX || item->step < step)
			item->step = step;
		step = item->step;
		if (item->turn == REPLAY_ENDS)
			events->n = i + 1;
	}
}

static bool is_told(const struct replay_items *events, uint64_t rev)
{
	for (size_t i = 0; i < events->n; i++)
		if (events->item[i].rev == rev)
			return true;
	return false;
}

static void leave_out_told(const struct replay_items *events, struct replay_items *params)
{
	size_t n = 0;

	for (size_t i = 0; i < params->n; i++)
		if (!is_told(events, (uint64_t)params->item[i].key))
			params->item[n++] = params->item[i];
	params->n = n;
}

/* Among equals the event, which is what the test then was made with. */
static bool is_before(const struct replay_item *a, const struct replay_item *event, bool begun)
{
	if (!event)
		return true;
	if (!begun)
		return false;
	if (event->turn == REPLAY_ENDS)
		return true;
	if (a->step != event->step)
		return a->step < event->step;
	return a->t_utc_ns < event->t_utc_ns;
}

struct heads {
	const struct replay_items *list;
	size_t at;
};

static const struct replay_item *head(const struct heads *h)
{
	return h->at < h->list->n ? &h->list->item[h->at] : NULL;
}

/* Which of events, params, tests gives the next one. */
static size_t next_of(const struct heads heads[3], bool begun)
{
	const struct replay_item *event = head(&heads[0]), *params = head(&heads[1]),
				 *test = head(&heads[2]);
	bool params_first = params && is_before(params, event, begun);
	bool test_first = test && is_before(test, event, begun);

	if (params_first && test_first)
		return params->step < test->step || (params->step == test->step &&
						     params->t_utc_ns <= test->t_utc_ns)
			       ? 1
			       : 2;
	return params_first ? 1 : test_first ? 2 : 0;
}

int replay_script(struct replay_items *events, struct replay_items *tests,
		  struct replay_items *params, struct replay_items *ret)
{
	struct heads heads[3] = {{events, 0}, {params, 0}, {tests, 0}};
	bool begun = false;

	straighten(events);
	leave_out_told(events, params);
	while (head(&heads[0]) || head(&heads[1]) || head(&heads[2])) {
		struct heads *from = &heads[next_of(heads, begun)];
		const struct replay_item *item = head(from);

		if (replay_items_add(ret, item) < 0)
			return -ENOMEM;
		begun |= item->turn == REPLAY_BEGINS;
		from->at++;
	}
	return 0;
}
