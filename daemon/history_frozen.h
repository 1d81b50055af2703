/* daemon/history_frozen.h - a database that is read and not touched: no byte of it changes, and no file appears beside it. */
#ifndef DAEMON_HISTORY_FROZEN_H
#define DAEMON_HISTORY_FROZEN_H

#include <stdbool.h>

#include "protocol/problem.h"

struct history_frozen {
	char *name; /* for history_open() and readers_start() */
	char *copy; /* of tables of an older version, brought up to date; removed at the end; NULL: none */
	int lock_fd; /* keeps daemons away meanwhile; -1: none is held */
};

/* file: absolute; may be in a directory that cannot be written.  Its log, if there is one, is read with it.  A database that a
 * daemon writes is read as any reader does, which is the one case in which -shm changes.  directory: where the copy goes.
 * 0, or -1 and *p: PROBLEM_PARAMS if it is no database of ours. */
int history_freeze(const char *file, const char *directory, struct history_frozen *ret,
		   struct problem *p);
void history_thaw(struct history_frozen *frozen);

#endif
