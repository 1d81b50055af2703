/* daemon/history.h - questions to the database, each on a read-only connection of its own.
 *
 * Every call: 0, or -1 and *p.  Each ends by its deadline (PROBLEM_STORAGE, "took longer than ...").
 */
#ifndef DAEMON_HISTORY_H
#define DAEMON_HISTORY_H

#include <stdatomic.h>
#include <stdint.h>

#include <jansson.h>

#include "drivers/rig.h"
#include "protocol/problem.h"

struct history;

/* Payload frames behind a reply's JSON, described in result.arrays. */
struct history_frames {
	size_t n;
	struct history_frame {
		void *bytes;
		size_t size;
	} * frames;
};
void history_frames_free(struct history_frames *frames);

/* file: its path, or a name that history_freeze() made. */
int history_open(const char *file, struct history **ret, struct problem *p);
void history_close(struct history *h);
void history_deadline(struct history *h, double seconds); /* of the next question */
void history_interrupt(struct history *h); /* from any thread: the present question fails */

/* params are those of the method of the same name, checked; results likewise (PROTOCOL.md).  Arrays are described in
 * result.arrays ({name, dtype, shape, unit}) and follow as frames, or stand there as `values` with encoding json. */
int history_runs(struct history *h, const json_t *params, json_t **ret, struct problem *p);
int history_run(struct history *h, uint64_t run, json_t **ret, struct problem *p);
int history_run_status(struct history *h, uint64_t run, json_t **ret,
		       struct problem *p); /* of run.get */
int history_steps(struct history *h, const json_t *params, json_t **ret,
		  struct history_frames *frames, struct problem *p);
/* history.du; and the plan of history.retain: what would go, each run with `log`, what it keeps from then on. */
int history_du(struct history *h, const json_t *params, json_t **ret, struct problem *p);
int history_retain(struct history *h, const json_t *params, json_t **ret, struct problem *p);
int history_events(struct history *h, const json_t *params, json_t **ret, struct problem *p);
/* audit.list, newest first. */
int history_audit(struct history *h, const json_t *params, json_t **ret, struct problem *p);
/* stream.fetch: pages as published: result.arrays as in the descriptor, one set of frames for all rows. */
int history_fetch(struct history *h, const json_t *params, json_t **ret,
		  struct history_frames *frames, struct problem *p);
/* calibrate.list and calibrate.get. */
int history_calibrations(struct history *h, const json_t *params, json_t **ret, struct problem *p);
int history_calibration(struct history *h, uint64_t id, json_t **ret, struct problem *p);
/* The newest of each kind of this rig: list of {id, kind, t_utc, age_d, run, values}; its age in days by the wall clock. */
int history_in_force(struct history *h, const char *rig, json_t **ret, struct problem *p);
/* checkpoint.list; and one of them, of a rig with so many edges: {taps: [...]} or {r_ohm: [...]}. */
int history_checkpoints(struct history *h, json_t **ret, struct problem *p);
int history_checkpoint(struct history *h, const char *name, size_t n_edges, json_t **ret,
		       struct problem *p);
/* Edge states in a step's row, likewise; without them PROBLEM_NOT_FOUND names the nearest step that has some. */
int history_edges(struct history *h, uint64_t run, uint64_t step, size_t n_edges, json_t **ret,
		  struct problem *p);
/* The run's task, from that step's edge states and with that step's parameters. */
int history_fork(struct history *h, uint64_t run, uint64_t step, const struct rig_info *info,
		 json_t **ret, struct problem *p);
/* Runs with status queued, oldest first: list of {run, uuid, name, seed, task, params, who}. */
int history_queued(struct history *h, json_t **ret, struct problem *p);
/* Replies kept under keys: *ret NULL if there is none. {"method", "hash" (text), "result"} */
int history_reply(struct history *h, const char *key, json_t **ret, struct problem *p);

#endif
