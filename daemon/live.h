/* daemon/live.h - what the main thread knows of the rig's thread: state, run, parameters, the newest step. */
#ifndef DAEMON_LIVE_H
#define DAEMON_LIVE_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "daemon/params.h"
#include "daemon/ring.h"
#include "daemon/state.h"

#define LIVE_RINGS    8
#define LIVE_UNSTORED 3 /* runs whose end may be on its way to the disk when the next begins */

struct live {
	enum state state;
	uint64_t run;              /* handed to the rig and not ended; 0: none */
	uint64_t steps_total;      /* of it; 0: no limit */
	char *name;                /* of it */
	uint64_t lease;            /* lease_number() that it is steered under; 0: none */
	const char *on_lease_loss; /* of it: a word; NULL: it has no such policy */
	json_t *suspend; /* what the rig's thread must still be told about a lost lease; NULL: nothing */
	uint64_t last_run; /* the highest number given away */
	struct params params;
	double r0_ohm;
	json_t *descriptor;    /* of the run that made steps last; NULL: none yet */
	uint64_t begin_ticket; /* behind its row in the database */
	struct ring *ring;     /* its steps */
	void *row;             /* room for one of them */
	struct live_ring {     /* rings with rows that may not be on disk yet */
		struct ring *ring;
		uint64_t run;
	} rings[LIVE_RINGS];
	struct live_end { /* runs whose end may not be on disk yet */
		uint64_t run, ticket;
	} ends[LIVE_RINGS];
	json_t *devices; /* rows of state.snapshot; NULL: a simulator has none */
};

void live_clear(struct live *live);

/* The rig was given this run. */
void live_hand(struct live *live, uint64_t run, const char *name, uint64_t steps_total);
/* It began: takes references. */
void live_begin(struct live *live, uint64_t run, struct ring *ring, json_t *descriptor);
void live_end(struct live *live, uint64_t run, uint64_t ticket);

uint64_t live_step(const struct live *live); /* steps made by the present or the last run */
/* The newest row of `ring`, valid until the next call; NULL: none yet. */
const void *live_row(struct live *live);

/* Rows of a run that were made, and that are on disk; false: no ring is kept (all of it is on disk). */
bool live_rows(const struct live *live, uint64_t run, uint64_t *ret_made, uint64_t *ret_durable);
/* Ticket behind the end of a run; 0: it is not among those that ended of late. */
uint64_t live_end_ticket(const struct live *live, uint64_t run);
void live_forget_durable(struct live *live); /* lets go of rings that are done with */

#endif
