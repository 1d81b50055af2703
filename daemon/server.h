/* daemon/server.h - the main thread's side of requests: takes them, has them answered, tells everybody.
 *
 * Shared by server.c (requests in, replies out), reports.c (what the threads say) and request_*.c (one file a
 * family of methods).  Everything here belongs to the main thread.
 */
#ifndef DAEMON_SERVER_H
#define DAEMON_SERVER_H

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "daemon/alarm_rules.h"
#include "daemon/keys.h"
#include "daemon/lease.h"
#include "daemon/live.h"
#include "daemon/loop.h"
#include "daemon/pending.h"
#include "daemon/preflight.h"
#include "daemon/publisher.h"
#include "daemon/queue.h"
#include "daemon/readers.h"
#include "daemon/replay.h"
#include "daemon/rig_thread.h"
#include "daemon/router.h"
#include "daemon/settings.h"
#include "daemon/store.h"

/* What the urgent thread may know of the rest. */
struct server_view {
	atomic_ullong seq, run, step;
	atomic_int state; /* enum state */
};

struct server {
	const struct settings *settings;
	const char *boot;
	const json_t *rig_json; /* the rig file, as kept with each run */
	const struct replay_view
		*replay;     /* what is played in place of a rig; NULL: there is a rig */
	json_t *replay_told; /* {run, speed, loop, pass}, as every client is told; NULL: no replay */
	struct loop *loop;
	struct store *store; /* NULL: none, in a replay */
	struct rig_thread *rig;
	struct readers *readers;
	struct publisher *publisher;
	struct auth *auth;
	struct door *door;
	struct server_view *view;
	/* Takes what other threads said up to now; false: the rig's has said more. */
	bool (*catch_up)(void *context);
	void *catch_up_context;

	struct router router;
	struct pending_table *pending;
	struct keys *keys;
	struct lease *lease;
	struct queue *queue;
	struct live live;
	struct alarms *alarms;
	struct alarm_rules alarm_rules;
	json_t *published;   /* the snapshot as `state.` last told it */
	json_t *retaining;   /* how far history.retain is; NULL: nothing is thinned */
	uint64_t lost_lease; /* lease_number() of the last one that expired */
	size_t submitting;   /* runs on their way into the queue */
	bool dirty;          /* the snapshot may differ from what was published */
	bool stopping;       /* no run is started any more */
	struct loop_timer *deadlines, *steps, *heartbeat;
	struct loop_timer *rebind; /* the stream, after a key was revoked */
};

typedef void request_handler(struct server *server, struct pending *pending);

/* ---- server.c ---- */

/* Takes what the caller has filled in above `router`; binds last.  0, or -1 and *p. */
int server_open(struct server *server, void *zmq_context, struct problem *p);
void server_close(struct server *server);
void server_refuse_all(struct server *server, const char *why); /* whoever still waits */

/* The reply; the pending request is gone afterwards (or its word is still owed).  Both take result over. */
void server_reply(struct server *server, struct pending *pending, json_t *result);
void server_reply_frames(struct server *server, struct pending *pending, json_t *result,
			 const struct history_frames *frames);
void server_refuse(struct server *server, struct pending *pending, struct problem *p);
void server_refuse_because(struct server *server, struct pending *pending, enum problem_code code,
			   const char *path, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* Does the visitor have the role that the method takes?  Any thread.  0, or -1 and *p. */
int server_check_role(const struct visitor *visitor, const struct method *method,
		      struct problem *p);
/* Puts the file of keys in force; one that is not good changes nothing, and the log says why. */
void server_reload_keys(struct server *server);

/* A word has come for a pending request. */
void server_word(struct server *server, uint64_t token, struct word *word);
/* Parked requests whose time or condition has come go on. */
void server_look_again(struct server *server);

/* ---- server_ask.c: ways for a handler to have its answer made elsewhere ---- */

/* A change with the request's token, key and audit row; NULL: it has been refused, for lack of memory or of a disk that takes
 * it.  old, new_: borrowed. */
struct change *server_change(struct server *server, struct pending *pending, uint64_t run,
			     const json_t *old, const json_t *new_);
/* Does the disk take what is written?  What stops learning goes on without; the rest is refused (false), with nothing done. */
bool server_may_store(struct server *server, struct pending *pending);
/* The audit row alone, for what does not wait for the disk. */
void server_audit(struct server *server, const struct pending *pending, const json_t *old,
		  const json_t *new_);
/* Answered with the change's result once it is on disk. */
void server_store(struct server *server, struct pending *pending, struct change *change,
		  json_t *result, pending_word *word);
/* Answered by a reader thread; a busy one refuses.  work as readers_post() wants it. */
void server_read(struct server *server, struct pending *pending, readers_function *function,
		 void *work, pending_word *word);
/* Answered by the rig's thread; takes what the command carries; fills in token and who.  false: it was busy, and the
 * request has been refused. */
bool server_command(struct server *server, struct pending *pending, struct rig_command *command);
/* Goes on with `then` once ready() or after timeout_s. */
void server_park(struct server *server, struct pending *pending, pending_ready *ready,
		 pending_then *then, double timeout_s);
/* An event of the main thread's own: to the store with the change, and to the stream. */
void server_event(struct server *server, struct change *change, uint64_t run, const char *kind,
		  const char *who, const char *what, const json_t *old, const json_t *new_);
json_t *server_params(const struct pending *pending); /* of the request; borrowed */

/* ---- server_state.c ---- */

json_t *server_devices(const struct server *server); /* rows, new reference */
json_t *server_snapshot(struct server *server);      /* without seq and durable_seq */
void server_publish_changes(struct server *server);
void server_heartbeat(void *server);
void server_hold_queue(struct server *server, const char *who, const char *why);
void server_start_next(struct server *server);
int server_restore_queue(struct server *server, const char *file, struct problem *p);

/* ---- server_lease.c ---- */

/* Ends a lease that has run out, tells everybody, and does to the runs under it what they want.  Cheap. */
void server_look_at_lease(struct server *server);
/* The bearer of a lease has steered the active run: from now on it is under that lease. */
void server_steered(struct server *server, const struct pending *pending);
/* What was under one lease is under another one: it was taken over. */
void server_lease_moved(struct server *server, uint64_t from, uint64_t to);
/* A run comes into the queue, whose lease may have expired on the way. */
void server_lease_queued(struct server *server, const struct plan *plan);

/* ---- server_preflight.c ---- */

/* Fills in what the main thread knows and looks; {ready, items}, new reference. */
json_t *server_preflight(struct server *server, const struct pending *pending,
			 struct preflight *look);
/* Is there room, and are the devices there, for the run whose turn it is?  false: the queue is held, and an alarm says why. */
bool server_may_begin(struct server *server, const struct plan *plan);

/* ---- server_alarms.c ---- */

/* Raises or clears (text NULL); told in the log, on the stream and in the database when that is news. */
void server_alarm(struct server *server, const char *name, enum alarm_severity severity,
		  const char *text);
bool server_store_ails(
	const struct server *server); /* an alarm says that the database is not written now */
void server_look_for_alarms(struct server *server); /* once a second: disk, clocks, pace, rig */
void server_alarms_of_state(struct server *server); /* when live.state has changed */

/* ---- server_replay.c: a recorded run in place of a rig ---- */

/* Before its thread is started; what it tells is its own. */
void server_take_replay(struct server *server, const struct replay *replay);
/* Nothing that acts is done where run `replayed` is played again (0: none is).  Any thread.  0, or -1 and *p. */
int server_check_replay(uint64_t replayed, const struct method *method, struct problem *p);
/* The run is on its way, as one is that was handed to a rig. */
void server_hand_replayed(struct server *server);
/* Somebody listens: a replay that waits for that begins. */
void server_begin_replay(void *server);
void server_count_pass(struct server *server);
/* An event that tells of an alarm puts it up, or ends it. */
void server_recorded_alarm(struct server *server, const json_t *event);

/* ---- reports.c: from the threads ---- */

void reports_of_rig(struct server *server, struct report *report); /* frees it */
void reports_of_store(struct server *server, struct store_report *report);
void reports_of_readers(struct server *server, struct readers_answer *answer);
struct urgent_note;
struct door_note;
void reports_of_urgent(struct server *server, const struct urgent_note *note);
void reports_of_door(struct server *server, const struct door_note *note);

/* ---- request_retain.c ---- */

/* How far history.retain is when it has not said anything yet: a list of {run, keep_every}, which it takes over.  New reference; NULL: of none. */
json_t *server_retaining(json_t *runs);

/* ---- request_table.c ---- */

request_handler *request_handler_of(enum method_id id); /* never NULL */

#endif
