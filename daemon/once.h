/* daemon/once.h - nudged --once: runs one task without sockets, logs it, and ends. */
#ifndef DAEMON_ONCE_H
#define DAEMON_ONCE_H

#include "daemon/settings.h"

/* The exit code: 0 done, 1 the run or the start failed, 2 the task or the rig file is wrong.  Blocks until the
 * run has ended; SIGINT and SIGTERM end it after the step in progress. */
int once_run(const struct settings *settings, const char *task_file);

#endif
