/* daemon/db_vacuum.h - nudge-db vacuum: a database without unused pages, that gives room back by itself from now on. */
#ifndef DAEMON_DB_VACUUM_H
#define DAEMON_DB_VACUUM_H

#include <stdint.h>

#include "protocol/problem.h"

/* No daemon may have the file.  Needs room beside it, for twice what is in use; refused where there is less.  A kill leaves
 * it as it was.  Both lengths of the file in bytes.  0, or -1 and *p. */
int db_vacuum(const char *file, int64_t *ret_before, int64_t *ret_after, struct problem *p);

#endif
