/* daemon/publisher.h - the stream socket: numbers every record and sends it to whoever subscribed.
 *
 * Never waits: libzmq drops for a subscriber that does not keep up, who sees the hole in prev and fetches.
 */
#ifndef DAEMON_PUBLISHER_H
#define DAEMON_PUBLISHER_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "daemon/log.h"
#include "daemon/ring.h"
#include "daemon/rig_thread.h"
#include "daemon/sequence.h"
#include "daemon/store.h"
#include "protocol/problem.h"

struct door;
struct publisher;

struct publisher_setup {
	void *zmq_context;
	const char *endpoint, *also; /* also NULL: nowhere else */
	struct door *door;           /* NULL: open to all */
	const char *boot;            /* kept */
	struct store *store;         /* NULL: all that is published is on disk already */
	size_t largest_row_bytes; /* of any run of this rig: bounds what waits for a slow subscriber */
	const json_t *replay;     /* what each welcome tells of a replay; NULL: nothing; borrowed */
	/* Somebody's subscriptions stand; NULL: nobody wants to know. */
	void (*on_welcome)(void *context);
	void *context;
};

/* 0, or -1 and *p.  Binds last. */
int publisher_open(const struct publisher_setup *setup, struct publisher **ret, struct problem *p);
void publisher_close(struct publisher *publisher); /* accepts NULL */
void *publisher_socket(struct publisher *publisher);
/* Ends every connection over TCP; publisher_bind_tcp() takes new ones: 0, or -EADDRINUSE while the old ones end. */
void publisher_drop_tcp(struct publisher *publisher);
int publisher_bind_tcp(struct publisher *publisher);
struct sequence *publisher_sequence(struct publisher *publisher);

/* Reads subscriptions, and answers those to "welcome.<nonce>.". */
void publisher_hear(struct publisher *publisher);

/* The steps of this run from now on (the publisher takes a reference); NULL: none. */
void publisher_follow(struct publisher *publisher, struct ring *ring);
/* How many rows there are now: reports that are read between this and publisher_steps() stand before all later ones. */
void publisher_look(struct publisher *publisher);
void publisher_look_away(
	struct publisher *publisher); /* none, as far as publisher_steps() is concerned */
/* What was there at the last look and is due.  Returns when to call again, on clock_now_ns()'s clock; 0: no need. */
int64_t publisher_steps(struct publisher *publisher, int64_t now_ns);
/* All rows below `rows` now, so that what happened after them can follow. */
void publisher_steps_upto(struct publisher *publisher, uint64_t rows);

/* Each takes the members of its record; the numbers are added.  body stays the caller's. */
void publisher_descriptor(struct publisher *publisher, const json_t *descriptor, uint64_t rows);
void publisher_event(struct publisher *publisher, const json_t *body, uint64_t rows);
void publisher_test(struct publisher *publisher, const struct report *report);
void publisher_state(struct publisher *publisher, const json_t *changed);
void publisher_heartbeat(struct publisher *publisher, const json_t *body);
void publisher_log(struct publisher *publisher, enum log_level level, const char *name,
		   const char *text);

/* Kept records other than steps are on disk once a change posted behind them is. */
uint64_t publisher_want_ticket(struct publisher *publisher); /* of what was posted up to now */
bool publisher_ticket_done(const struct publisher *publisher, uint64_t ticket);
/* Posts the change that tells, if records wait for one and none is on its way.  Returns when to call again. */
int64_t publisher_post_ticket(struct publisher *publisher, int64_t now_ns);
/* A report of the store; true if it was about such a change. */
bool publisher_heard(struct publisher *publisher, const struct store_report *report);

#endif
