/* daemon/alarm_rules.h - when disk, clocks, pace and the rig's thread are reason for an alarm.
 *
 * Knows nothing but the figures that it is shown about once a second, so that a test can be its clock.
 */
#ifndef DAEMON_ALARM_RULES_H
#define DAEMON_ALARM_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/alarms.h"

#define ALARM_LATE_WINDOW 100u /* steps whose lateness is looked at */
#define ALARM_LATE_FEWEST 20u  /* with fewer there is no share yet */
#define ALARM_LATE_UP     0.10 /* share of late steps above which it fires, */
#define ALARM_LATE_DOWN   0.05 /* and at which it is over */
#define ALARM_DISK_DOWN   1.05 /* of the reserve: so much is free again when it is over */
#define ALARM_STUCK_S     5.0  /* a store that has waited for the disk for so long */
#define ALARM_STEP_S      0.5  /* the wall clock may drift, not jump */
#define ALARM_STEP_HOLD_S 60.0 /* without another jump it is over */
#define ALARM_STALE_S     10.0 /* and four steps: the rig's thread is heard of more often */

struct alarm_look { /* what there is to see */
	int64_t mono_ns, utc_ns;
	double free_B, reserve_B; /* NAN: unknown */
	bool running;             /* a run makes steps */
	double tau_s;             /* of one */
	double waiting_s;         /* for which the store has waited for the disk; 0: it does not */
	unsigned n_late, n_steps; /* of the last ALARM_LATE_WINDOW steps of the run */
	int64_t alive_ns;         /* when the rig's thread was heard of last, on mono_ns' clock */
};

struct alarm_rules { /* zero to begin with */
	bool seen;
	int64_t offset_ns;  /* of the wall clock to the steady one */
	int64_t stepped_ns; /* when it jumped last, on mono_ns' clock; 0: never */
};

/* text NULL: it is over, or was never there. */
typedef void alarm_tell(void *context, const char *name, enum alarm_severity severity,
			const char *text);

/* up: the alarms as they stand; tell is called for each rule that has something to say. */
void alarm_rules_look(struct alarm_rules *rules, const struct alarm_look *look,
		      const struct alarms *up, alarm_tell *tell, void *context);

#endif
