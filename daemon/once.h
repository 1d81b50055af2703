/* daemon/once.h - nudged --once: runs one task without sockets, logs it, and ends. */
#ifndef DAEMON_ONCE_H
#define DAEMON_ONCE_H

#include "daemon/options.h"

/* The exit code: 0 done, 1 the run or the start failed, 2 the task or the rig file is wrong.  Blocks until the
 * run has ended; SIGINT and SIGTERM end it after the step in progress.  With json the last word is one line on
 * standard output: {"run", "uuid", "name", "status", "reason", "steps", "seed", "tags", "mse_first_V2", ...,
 * "accuracy_final", "db", "version"}; a run that could not begin has none. */
int once_run(const struct settings *settings, const struct once_options *options);

#endif
