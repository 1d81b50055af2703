/* daemon/replay.h - a recorded run in place of a rig: the same records, at the same pace or another.
 *
 * It stands behind a struct rig_thread and sends the reports that the rig's thread sent then, with the rows of a ring; the
 * server and the publisher do with them what they do with a rig's.  Nothing can be steered: of all commands it knows
 * RIG_COMMAND_WAKE, with which a replay that waits begins, and RIG_COMMAND_QUIT.
 */
#ifndef DAEMON_REPLAY_H
#define DAEMON_REPLAY_H

#include "daemon/rig_thread.h"
#include "daemon/settings.h"

struct replay;

/* What the main thread needs to know of it; points into the replay. */
struct replay_view {
	uint64_t run, steps_total, last_run;
	const char *name;
	const char *database;   /* for readers_start() */
	const json_t *rig_json; /* the rig's file */
	struct params params;   /* before the run */
	double r0_ohm;
	const char *on_lease_loss;
};

/* The run of settings->replay in settings->db; what has to be written (a copy of older tables) goes into settings->runtime.
 * 0, or -1 and *p. */
int replay_open(const struct settings *settings, struct replay **ret, struct problem *p);
const struct replay_view *replay_view(const struct replay *replay); /* constant */
/* What every client is told: {run, speed (null: max), loop, pass}; new reference. */
json_t *replay_json(const struct replay *replay);

/* reports as in struct rig_thread_setup.  0, or -1 and *p. */
int replay_start(struct replay *replay, struct mailbox *reports, size_t ring_bytes,
		 struct rig_thread **ret, struct problem *p);
void replay_close(struct replay *replay); /* after rig_thread_join(); accepts NULL */

#endif
