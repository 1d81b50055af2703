/* daemon/queue.h - the runs that wait for the rig, in order.
 *
 * What it holds is in the database as runs with status `queued`; held: none starts until released.
 */
#ifndef DAEMON_QUEUE_H
#define DAEMON_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "daemon/rig_thread.h"

struct queue;

struct queued {
	struct plan *plan; /* plan->run says which */
	char *name;
	int64_t place; /* the least comes first; as in the database */
};

struct queue *queue_new(void); /* NULL: no memory */
void queue_free(struct queue *queue);

/* Places before the first and behind the last. */
int64_t queue_front(const struct queue *queue);
int64_t queue_back(const struct queue *queue);
/* Takes the plan, which must come from malloc(), behind those of the same place.  0 or -ENOMEM (the plan is
 * then freed). */
int queue_add(struct queue *queue, struct plan *plan, const char *name, int64_t place);
size_t queue_length(const struct queue *queue);
/* Place from 0 of a run; -1: it is not in the queue. */
long queue_position(const struct queue *queue, uint64_t run);
const struct queued *queue_at(const struct queue *queue, size_t position);
void queue_move(struct queue *queue, size_t from, size_t to); /* all places are given anew */
void queue_remove(struct queue *queue, size_t position);
void queue_handed(struct queue *queue); /* the first leaves; its plan belongs to somebody else */

bool queue_is_held(const struct queue *queue);
void queue_hold(struct queue *queue, bool hold);
json_t *queue_json(const struct queue *queue); /* {"held", "runs": [{run, name, position}]} */

void plan_free(struct plan *plan); /* accepts NULL */

#endif
