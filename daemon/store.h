/* daemon/store.h - the one writer of the database, on a thread of its own.
 *
 * What must become true together is one `struct change`: built by whoever knows, applied whole in one
 * transaction (with whatever else is due), then reported to the main thread.  Step rows come from rings.
 * Commits: at once when steps come at the bench's pace, on a 10 ms timer when they come faster.
 * A full or failing disk is retried and reported; nothing that was promised is dropped.
 * A daemon that only replays has no store (NULL): what is posted to it is let go, nothing waits, and its room is not known.
 */
#ifndef DAEMON_STORE_H
#define DAEMON_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "daemon/mailbox.h"
#include "daemon/params.h"
#include "daemon/ring.h"
#include "protocol/problem.h"

struct store;
struct change;

/* What the main thread hears.  It frees result with json_decref and clears the problem. */
struct store_report {
	enum {
		STORE_DONE,
		STORE_FAILED,
		STORE_DURABLE,
		STORE_TROUBLE,
		STORE_WELL,
		STORE_THINS
	} kind;
	bool wal;       /* TROUBLE, WELL: of the write-ahead log's length, not of writing */
	uint64_t token; /* DONE, FAILED: of the change */
	uint64_t run,
		rows; /* DURABLE: rows of this run's ring that are on disk (sent after each commit) */
	json_t *result; /* DONE: the change's result; may be NULL.  THINS: how far that is; NULL: it has ended */
	struct problem problem; /* FAILED, TROUBLE (disk full, read-only, ...) */
};

/* What recovery found and the daemon needs to go on. */
struct store_found {
	uint64_t last_run, last_rev;
	bool crashed; /* a run was closed as `interrupted`, or the last daemon did not say goodbye */
	uint64_t interrupted_run; /* 0: none */
	bool queue_held;          /* as change_queue_held() said last */
	json_t *thins; /* runs that are still to be thinned: {run, keep_every}; the caller's; NULL: none */
	json_t *wiring;       /* as change_wiring() said last; the caller's; NULL: never */
	struct params params; /* the last revision; defaults in a new database */
};

const char *store_library_version(void); /* of SQLite */

/* Opens or creates, locks FILE.lock (-EBUSY: a daemon has it), refuses network file systems (-EREMOTE), migrates, closes
 * interrupted runs.  reports: of struct store_report; the store waits while it is full, until store_stop().  0, or -errno and *p. */
int store_open(const char *file, const char *boot, struct mailbox *reports, struct store **ret,
	       struct store_found *found, struct problem *p);
int store_start(struct store *store);
/* Commits what is due within deadline_s, says goodbye in the database, joins, closes; 0, or -errno if rows were lost. */
int store_stop(struct store *store, double deadline_s);

double
store_free_B(const struct store *store); /* of the database's disk; NAN: unknown; any thread */

#define STORE_REFUSED_S 1.0 /* a disk that refuses for so long, */
#define STORE_STUCK_S   5.0 /* or takes so long for one transaction, is no place for a run's steps */

/* For how long what is due has waited for the disk, and for how long the disk has refused it; 0: it does not.  Any thread. */
double store_waiting_s(const struct store *store);
double store_refused_s(const struct store *store);

/* A run's ring: the store takes a reference, writes its rows, and drops it after the change that ends the run. */
int store_add_ring(struct store *store, struct ring *ring); /* 0 or -ENOMEM */

/* ---- changes ---- */

struct run_row { /* of a new run */
	uint64_t run;
	char uuid[37];
	const char *name, *kind, *rig, *backend, *version, *who, *note, *boot;
	uint64_t seed;
	const json_t *task, *rig_json, *tags;
	const json_t *params; /* members of param.set given with run.submit; NULL: none */
	const char *status;   /* "queued" */
	int64_t place;        /* in the queue: the least first, then by number */
};

struct run_figures { /* of a run that ended; NAN: none */
	uint64_t steps;
	double mse_first_V2, mse_last_V2, mse_min_V2, mse_final_V2;
	double test_first_V2, test_best_V2, test_final_V2, accuracy_best, accuracy_final;
};

struct test_row {
	uint64_t run, step;
	const char *set;                    /* "train", "test" */
	double error_V2, accuracy;          /* NAN: none */
	const double *outputs_V, *target_V; /* [n_examples][n_targets], copied */
	const int32_t *class_found;         /* [n_examples] or NULL, copied */
	size_t n_examples, n_targets;
};

struct change *change_new(uint64_t token); /* token 0: nobody waits; NULL: no memory */
void change_free(struct change *c);        /* one that was never posted */
uint64_t change_token(const struct change *c);
/* The reply is kept under key, in the same transaction; method and hash tell a reuse apart. */
void change_key(struct change *c, const char *key, const char *method, uint64_t hash);
void change_result(struct change *c, json_t *result); /* steals; what the reply will say */
/* Steals *problem: once the change is on disk the reply is FAILED with it, for what was asked did not come about. */
void change_refusal(struct change *c, struct problem *problem);
void change_audit(struct change *c, uint64_t run, uint64_t step, const char *who, const char *what,
		  const json_t *old, const json_t *new_, const char *request_id);
void change_event(struct change *c, uint64_t run, uint64_t step, const char *kind, const char *who,
		  const char *what, const json_t *old, const json_t *new_);
void change_params(struct change *c, uint64_t run, uint64_t from_step, const struct params *params,
		   double r0_ohm, const char *who); /* run 0: between runs */
void change_run_new(struct change *c, const struct run_row *row);
/* log: what the run keeps of its steps (task_log_text()). */
void change_run_begin(struct change *c, uint64_t run, int64_t t0_mono_ns, const json_t *descriptor,
		      const char *log);
void change_run_status(struct change *c, uint64_t run, const char *status, const char *reason);
/* The last word about a run: post it behind its last row.  edges: u1 taps or f8 ohms of each edge, may be NULL. */
void change_run_end(struct change *c, uint64_t run, const char *status, const char *reason,
		    const struct run_figures *figures, const void *edges, size_t n_bytes);
void change_run_progress(struct change *c, uint64_t run, const struct run_figures *figures);
void change_run_place(struct change *c, uint64_t run, int64_t place); /* of a queued run */
void change_wiring(struct change *c, const json_t *wiring); /* as an operator plugged it last */
void change_queue_held(struct change *c, bool held);
void change_test(struct change *c, const struct test_row *row);
void change_annotate(struct change *c, uint64_t run, const char *note, const json_t *tags,
		     int star); /* star -1: as is */

/* Adds and removes these tags (lists of words; NULL: none), whatever the others are by then. */
void change_tags(struct change *c, uint64_t run, const json_t *add, const json_t *remove);
/* Of an ended run's rows every keep_every-th stays; log: what it keeps from now on.  Done after this change, little by little,
 * also after a crash; STORE_THINS says how far it is. */
void change_thin(struct change *c, uint64_t run, uint64_t keep_every, const char *log);

/* A calibration's result: kind "p", "edges", ...; from now on the newest of its kind. */
void change_calibration(struct change *c, const char *kind, uint64_t run, const char *who,
			const json_t *values);

/* Edge states under a new name: u1 taps or f8 ohms; run 0: of no run. */
void change_checkpoint(struct change *c, const char *name, uint64_t run, uint64_t step,
		       const char *who, const void *edges, size_t n_bytes);
void change_checkpoint_delete(struct change *c, const char *name);

/* Never wait; take the change; any thread.  Changes become true in the order in which they were posted.  The second:
 * behind the first `rows` rows of the ring, which have been pushed already.  With a token, DONE or FAILED follows. */
void store_post(struct store *store, struct change *c);
void store_post_after(struct store *store, struct change *c, struct ring *ring, uint64_t rows);

#endif
