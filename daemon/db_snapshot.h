/* daemon/db_snapshot.h - nudge-db snapshot: a copy of a database as of one moment, also while a daemon writes it. */
#ifndef DAEMON_DB_SNAPSHOT_H
#define DAEMON_DB_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/problem.h"

/* The new file `to`, one without a log beside it, checked as a whole; a file that is there already is left as it is, and
 * after a failure there is none.  show: tells how far it is on standard error.  0, or -1 and *p. */
int db_snapshot(const char *from, const char *to, bool show, int64_t *ret_bytes, struct problem *p);

#endif
