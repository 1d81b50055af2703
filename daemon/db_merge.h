/* daemon/db_merge.h - nudge-db merge: the runs of many databases in one.
 *
 * A run is known by its uuid: merged twice it is there once.  It keeps its number if that is free, else it gets the next
 * one behind the last; its steps, tests, parameters, events and every other table with a column `run` follow it.  Copied
 * as well, once each: events and audit rows that belong to no run, checkpoints (a name that is taken by another state gets
 * a number), calibrations.  Not copied: runs that have not ended, the daemon's own notes (meta), kept replies, and
 * parameters set between two runs.  Columns are matched by name.
 *
 * All or nothing: OUT is changed in one transaction, or, when it is new, appears under its name when it is whole.
 */
#ifndef DAEMON_DB_MERGE_H
#define DAEMON_DB_MERGE_H

#include <stddef.h>

#include "protocol/problem.h"

struct db_merged {
	size_t added, known, unfinished; /* runs */
};

/* Takes the lock that a daemon has on OUT.  0, or -1 and *p. */
int db_merge(const char *out, const char *const *in, size_t n_in, struct db_merged *ret,
	     struct problem *p);

#endif
