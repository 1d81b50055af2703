/* clients/web/hub.h - the recent events, in order, for every stream: one writes, many read at their own pace.
 *
 * Places in the row of events count from 0 and are never used twice.  Old events leave when there are too many bytes of
 * them; whoever still wanted one is told so.
 */
#ifndef CLIENTS_WEB_HUB_H
#define CLIENTS_WEB_HUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hub;

struct event {
	unsigned refs; /* the hub's own matter */
	bool begin;    /* no text: what a stream knows is no longer true, it needs a new hello */
	bool state;    /* a change of state, which a later snapshot has in it */
	uint64_t seq;  /* of the daemon's record; 0: none */
	uint64_t run, next_step; /* of steps: the one after its last; else 0 */
	size_t n;
	char *text; /* as it is sent */
};

struct hub *hub_new(size_t most_bytes); /* NULL: no memory */
void hub_free(struct hub *hub);         /* accepts NULL */

/* ---- the writer ---- */
/* The following events are of this start of the daemon, and complete behind seq. */
void hub_begin(struct hub *hub, const char *boot, uint64_t seq);
void hub_publish(struct hub *hub, const struct event *event); /* takes over its text */
void hub_heard(struct hub *hub);                              /* the daemon is there */
void hub_close(struct hub *hub);                              /* wakes everybody, for good */

/* ---- the readers ---- */
enum hub_news { HUB_EVENT, HUB_NOTHING, HUB_MISSED, HUB_CLOSED };
/* The event at *place, or the first to come within timeout_s; moves *place on.  HUB_MISSED: it has left. */
enum hub_news hub_next(struct hub *hub, uint64_t *place, double timeout_s,
		       const struct event **ret);
void hub_drop(struct hub *hub, const struct event *event); /* done with it */
bool hub_wait(struct hub *hub, double seconds);            /* whatever comes; false: closed */
uint64_t hub_end(struct hub *hub);                         /* the place of the next event */
/* The place behind the last event with a seq up to this one; false: the boot is another, or events behind it have left. */
bool hub_after(struct hub *hub, const char *boot, uint64_t seq, uint64_t *ret_place);
/* Seconds since the daemon was heard, or since the hub was made, and when it was heard, in ns since 1970 (0: never). */
double hub_silence_s(struct hub *hub, int64_t *ret_heard_utc_ns);

#endif
