/* daemon/rig_thread.h - the thread that alone touches the rig: runs, parameters, edges, safety.
 *
 * Commands come through a mailbox and never make the sender wait; reports go back in the order in which things happened.
 * A command that changes something carries the `struct change` begun by the sender (audit, key); the rig's thread
 * adds what came of it and posts it to the store behind the steps made so far; the store then reports the token.
 * A command that changes nothing is answered by REPORT_ANSWER.
 */
#ifndef DAEMON_RIG_THREAD_H
#define DAEMON_RIG_THREAD_H

#include "daemon/mailbox.h"
#include "daemon/params.h"
#include "daemon/ring.h"
#include "daemon/state.h"
#include "daemon/store.h"
#include "daemon/task.h"

struct rig_thread;

/* A run as it is handed to the rig's thread. */
struct plan {
	uint64_t run;
	struct task *task; /* a reference, taken over */
	json_t *params;    /* members of param.set, over the task's own; may be NULL */
	uint64_t seed;
	uint64_t lease; /* lease_number() of who submitted it; 0: without one */
	char who[64];
};

enum rig_command_kind {
	RIG_COMMAND_RUN,    /* plan */
	RIG_COMMAND_PARAMS, /* json: members of param.set; if_rev */
	RIG_COMMAND_PAUSE,
	RIG_COMMAND_RESUME,
	RIG_COMMAND_SUSPEND, /* json: {reason, safe}: pauses, at safe volts if safe, and raises the alarm "lease" */
	RIG_COMMAND_STOP,
	RIG_COMMAND_ABORT, /* posting it cuts the rig's waits short */
	RIG_COMMAND_SAFE,
	RIG_COMMAND_EDGE,      /* edge, mode */
	RIG_COMMAND_APPLY,     /* json: params of rig.apply */
	RIG_COMMAND_RESTORE,   /* json: {name, taps or r_ohm} of each edge; an idle rig */
	RIG_COMMAND_READ,      /* json: params of rig.read */
	RIG_COMMAND_CALIBRATE, /* run, json: as calibrate_begin() wants it */
	RIG_COMMAND_WAKE,      /* nothing: ends the thread's wait for commands */
	RIG_COMMAND_QUIT, /* ends the step in progress and the run, makes safe, ends the thread */
};

struct rig_command {
	enum rig_command_kind kind;
	uint64_t token; /* for the answer; 0: none wanted */
	uint64_t run;   /* PAUSE .. ABORT: 0 or the run meant; another one running is -32017 */
	struct change *change; /* taken over; NULL when nothing is changed */
	struct plan *plan;     /* taken over */
	json_t *json;     /* taken over; no other thread may hold it: jansson counts unfenced */
	long long if_rev; /* -1: any */
	bool dry_run;     /* check only: no effect, no event */
	size_t edge;
	int mode; /* enum rig_edge_mode */
	char who[64];
};

enum report_kind {
	REPORT_STATE, /* state */
	REPORT_BEGIN, /* run, ring (a reference), json: the descriptor; plan's uuid and name are the main thread's */
	/* run, step = steps made, json: members of the event run_end, and {status, reason, safe, figures...};
	 * hold_queue.  A run that could not begin ends without REPORT_BEGIN. */
	REPORT_END,
	REPORT_EVENT, /* run, step, json: members of the stream's header: {event, run, step, who, what, old, new} */
	REPORT_TEST,   /* run, step, json: header members (set, error_V2, accuracy, ...), outputs */
	REPORT_PARAMS, /* params */
	REPORT_ANSWER, /* token, json or problem */
	REPORT_ALARM,  /* json: {alarm, severity, text}; text null: it is over */
	REPORT_DEVICES, /* json: the rows of state.snapshot's devices */
	REPORT_GONE,    /* the thread has ended */
};

struct report { /* one allocation; report_free() */
	enum report_kind kind;
	uint64_t token, run, step;
	uint64_t rows; /* rows of the run's ring that came before this report */
	enum state state;
	bool hold_queue;
	struct params params;
	struct ring *ring;
	json_t *json;
	struct problem problem;
	double *outputs_V; /* [n_examples][n_targets] */
	size_t n_examples, n_targets;
};
void report_free(struct report *report);

struct rig_thread_setup {
	const struct rig_config *config;
	struct store *store;
	struct mailbox *reports; /* of struct report *; mailbox_put: the main thread always reads */
	struct params params;    /* to begin with */
	const json_t *calibrations; /* rows {kind, values} in force, read at start; may be NULL */
	const char *boot;
	const json_t *wiring; /* as the store found it; read at start; may be NULL */
	size_t ring_bytes;    /* 0: 64 MiB */
	double reserve_B;     /* a run pauses when the database's disk has less left, */
	bool pause_for_disk; /* or when the store cannot write; else it waits for as long as that takes */
};

/* Opens the rig in the calling thread (so that errors come back), then starts.  0, or -1 and *p. */
int rig_thread_start(const struct rig_thread_setup *setup, struct rig_thread **ret,
		     struct problem *p);
const struct rig_info *rig_thread_info(const struct rig_thread *t); /* constant */
/* When the thread was last between two steps or waits, on clock_now_ns()'s clock; any thread. */
int64_t rig_thread_alive_ns(const struct rig_thread *t);
bool rig_thread_post(struct rig_thread *t,
		     const struct rig_command *command); /* false: busy, nothing taken */
/* Any thread: ends every wait of the rig; the command that says why must follow at once. */
void rig_thread_interrupt(struct rig_thread *t);
/* Urgent thread: aborts what runs (only this one, if it is not 0; another is not disturbed), waits for the rig's word up
 * to the ramp's time and a second.  *ret_run is 0 when nothing was aborted, and as it was when
 * no word came in time. */
enum rig_safe rig_thread_abort(struct rig_thread *t, uint64_t only, const char *who,
			       const char *why, uint64_t *ret_run, uint64_t *ret_step);
/* Any thread: a count that moves while the rig's thread lives: with each round of its own, each wait or step of the rig
 * that ended.  A real rig's does so at least every half second. */
uint64_t rig_thread_alive(const struct rig_thread *t);
void rig_thread_join(struct rig_thread *t); /* after RIG_COMMAND_QUIT; closes the rig */

/* The edges as they were after the last step or command, for task.check and rig.describe; any thread.  false: a bench
 * whose boards have not answered yet: taps are not known (r_ohm: of the initial tap). */
bool rig_thread_edges(struct rig_thread *t, uint8_t *wiper, uint8_t *mode, double *r_ohm);

/* How it is plugged now, for task.check and rig.wiring, a copy for the caller; NULL: a rig without wires.  Any thread;
 * 0, -ENOMEM. */
int rig_thread_wires(struct rig_thread *t, struct wiring **ret);

#endif
