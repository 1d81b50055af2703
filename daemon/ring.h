/* daemon/ring.h - the step records of one run, from the rig's thread to the store and the publisher.
 *
 * One block, allocated when the run begins.  One writer.  The store reads every row, in place, and only the
 * store can fill the ring: the writer then waits (a slow disk slows learning and loses nothing).  The
 * publisher copies rows out at its own pace; what is overwritten before it came is skipped, and its
 * subscribers fetch it.  Row numbers count from 0, over the whole run.
 */
#ifndef DAEMON_RING_H
#define DAEMON_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/record.h"

struct ring;

struct ring *ring_new(uint64_t run, const struct record_layout *layout,
		      size_t capacity_rows); /* NULL: no memory */
struct ring *ring_ref(struct ring *ring);
void ring_unref(struct ring *ring); /* frees with the last reference; accepts NULL */
uint64_t ring_run(const struct ring *ring);
const struct record_layout *ring_layout(const struct ring *ring);

/* ---- the rig's thread ---- */
/* Until the run's beginning is on disk; false: not within timeout_s. */
bool ring_wait_open(struct ring *ring, double timeout_s);
/* The row to fill next; NULL when the ring is still full after timeout_s. */
void *ring_reserve(struct ring *ring, double timeout_s);
void ring_push(struct ring *ring);     /* the reserved row is complete */
uint64_t ring_head(struct ring *ring); /* rows pushed so far; any thread */

/* ---- the store's thread ---- */
void ring_open(struct ring *ring); /* the run's beginning is on disk */
/* Rows from number *ret_first on that stand together and are not committed yet; 0: none.  Valid until released. */
size_t ring_peek(struct ring *ring, uint64_t from, const void **ret_rows);
void ring_release(struct ring *ring, uint64_t upto); /* rows below upto are durable */
uint64_t ring_durable(struct ring *ring);            /* any thread */

/* ---- the publisher ---- */
/* Copies up to max rows from number *from on into out (from the oldest that is left, when older ones are gone);
 * *from becomes the number of the row behind the last that was copied.  Clears the wake-up when that is the head. */
size_t ring_copy(struct ring *ring, uint64_t *from, void *out, size_t max);

/* eventfds, readable when rows arrived since last cleared; wake-ups are batched (at most one per
 * millisecond when rows come fast).  For the store's wait and the publisher's loop. */
int ring_store_fd(const struct ring *ring);
int ring_publisher_fd(const struct ring *ring);

#endif
