/* daemon/state.h - the states of the supervisor, as every client sees them. */
#ifndef DAEMON_STATE_H
#define DAEMON_STATE_H

enum state { STATE_IDLE, STATE_RUNNING, STATE_PAUSED, STATE_STOPPING, STATE_ABORTING, STATE_FAULT };

const char *state_name(enum state state); /* "idle", "running", ... */

#endif
