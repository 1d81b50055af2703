/* daemon/supervisor.h - starts the daemon's parts in order, and stops them in reverse. */
#ifndef DAEMON_SUPERVISOR_H
#define DAEMON_SUPERVISOR_H

#include "daemon/settings.h"

/* Serves until SIGTERM or SIGINT.  The exit code: 0, 1 it could not start or rows were lost, 2 the rig file is
 * wrong.  SIGHUP reads the log level anew. */
int supervisor_run(const struct settings *settings);

/* Reads the rig file as a start would; the exit code. */
int supervisor_check(const struct settings *settings);

#endif
