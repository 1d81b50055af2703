/* daemon/replay_script.h - what happened between the steps of a recorded run, in the order in which it is told again.  Pure. */
#ifndef DAEMON_REPLAY_SCRIPT_H
#define DAEMON_REPLAY_SCRIPT_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#define REPLAY_NO_TIME INT64_MIN

enum replay_kind { REPLAY_EVENT, REPLAY_TEST, REPLAY_PARAMS };

/* What an event says of the state of the supervisor. */
enum replay_turn {
	REPLAY_NO_TURN,
	REPLAY_BEGINS,
	REPLAY_PAUSES,
	REPLAY_RESUMES,
	REPLAY_STOPS,
	REPLAY_ENDS,
};

struct replay_item {
	enum replay_kind kind;
	enum replay_turn turn; /* of an event */
	int64_t key;           /* of its row: events.id, tests.rowid, params.rev */
	uint64_t step; /* steps made before it; UINT64_MAX: not known, so as what came before it */
	int64_t t_utc_ns; /* REPLAY_NO_TIME: not known */
	uint64_t rev;     /* of an event about parameters: theirs; else 0 */
};

struct replay_items {
	struct replay_item *item;
	size_t n, capacity;
};

/* 0 or -ENOMEM. */
int replay_items_add(struct replay_items *list, const struct replay_item *item);
void replay_items_free(struct replay_items *list);

/* kind, who and what of an event, each may be NULL; new_: its value. */
enum replay_turn replay_turn_of(const char *kind, const char *who, const char *what,
				const json_t *new_);

/* Events in their order, tests and revisions of parameters among them by step, then by time; all of them between the run's
 * beginning and its end.  What was written about the run after its end is left out, and so are revisions that an event
 * tells.  Changes the lists' steps.  0 or -ENOMEM. */
int replay_script(struct replay_items *events, struct replay_items *tests,
		  struct replay_items *params, struct replay_items *ret);

#endif
