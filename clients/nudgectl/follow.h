/* clients/nudgectl/follow.h - follows a run to its end. */
#ifndef CLIENTS_NUDGECTL_FOLLOW_H
#define CLIENTS_NUDGECTL_FOLLOW_H

#include "clients/nudgectl/context.h"

enum follow_flag {
	FOLLOW_STEERS =
		1, /* Ctrl-C stops the run, a second one aborts it; else it only ends the looking on */
	FOLLOW_CURVE = 2, /* the curve at the end, also without a terminal */
};

/* w: watches "event.", "test." and "state." since before the run began, if it can; its steps are
 * subscribed here.  Returns the exit code: FINE if the run is done, FAILED if it ended in another way. */
int follow_run(struct context *c, struct nudge_watch *w, uint64_t run, unsigned flags);

int follow_open(struct context *c, struct nudge_watch **ret); /* such a watch */

#endif
