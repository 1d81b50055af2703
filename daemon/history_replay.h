/* daemon/history_replay.h - a recorded run as it is played again: its row, what happened, and its steps as they were made. */
#ifndef DAEMON_HISTORY_REPLAY_H
#define DAEMON_HISTORY_REPLAY_H

#include "daemon/history.h"
#include "daemon/params.h"
#include "daemon/replay_script.h"
#include "protocol/record.h"

/* Columns of the table runs (rig and task as values, rig_json and task_json; `descriptor`), and last_run, n_sources,
 * n_targets.  run 0: the last one that has steps.  0, or -1 and *p: also when there is no such run, or it has no steps. */
int history_recorded(struct history *h, uint64_t run, json_t **ret, struct problem *p);

/* What happened in it. */
int history_script(struct history *h, uint64_t run, struct replay_items *ret, struct problem *p);

/* Rows behind `after` (-1: from the first on) as the layout has them, at most max; *ret_n 0: that was all. */
int history_made_steps(struct history *h, uint64_t run, int64_t after,
		       const struct record_layout *layout, void *rows, size_t max, size_t *ret_n,
		       struct problem *p);

/* An event's members as it was published, and recorded_utc. */
int history_event(struct history *h, int64_t id, json_t **ret, struct problem *p);

struct history_test {
	json_t *header; /* set, error_V2, accuracy, recorded_utc */
	double *outputs_V;
	size_t n_examples, n_targets;
};
/* header and outputs_V are the caller's. */
int history_test(struct history *h, int64_t rowid, struct history_test *ret, struct problem *p);

/* The run's parameters of that revision; rev 0: those before its first. */
int history_params(struct history *h, uint64_t run, uint64_t rev, bool overdamped,
		   struct params *ret, struct problem *p);

#endif
