/* daemon/alarms.h - what is wrong now, by name, and who has seen it.
 *
 * A list without a clock, a log or a database of its own: server_alarms.c tells everybody.
 */
#ifndef DAEMON_ALARMS_H
#define DAEMON_ALARMS_H

#include <stdint.h>

#include <jansson.h>

#include "protocol/problem.h"

enum alarm_severity { ALARM_NOTICE, ALARM_WARNING, ALARM_CRITICAL };

enum alarm_change {
	ALARM_SAME,   /* it stood already, or it did not and does not */
	ALARM_RAISED, /* also one that has become more severe, which takes the acknowledgement back */
	ALARM_CLEARED,
};

struct alarms;

struct alarms *alarms_new(void);         /* NULL: no memory */
void alarms_free(struct alarms *alarms); /* accepts NULL */

/* text NULL: it is over.  A new text of one that stands replaces the old one in silence. */
enum alarm_change alarms_set(struct alarms *alarms, const char *name, enum alarm_severity severity,
			     const char *text, int64_t utc_ns);
/* The first to acknowledge stays; 0, or -1 and *p (PROBLEM_NOT_FOUND). */
int alarms_ack(struct alarms *alarms, const char *name, const char *who, int64_t utc_ns,
	       struct problem *p);

/* Rows {alarm, severity, text, since_utc, acknowledged_by, acknowledged_utc}, the oldest first; new reference. */
json_t *alarms_json(const struct alarms *alarms);
const json_t *alarms_find(const struct alarms *alarms, const char *name); /* a row; NULL: not up */

const char *alarm_severity_name(enum alarm_severity severity); /* "notice", "warning", "critical" */
enum alarm_severity alarm_severity_of(const char *name);       /* NULL or unknown: warning */

#endif
