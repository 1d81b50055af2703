/* daemon/state.c - the names of the states. */
#include "config.h"

#include <stddef.h>

#include "daemon/state.h"

const char *state_name(enum state state)
{
	switch (state) {
	case STATE_IDLE:
		return "idle";
	case STATE_RUNNING:
		return "running";
	case STATE_PAUSED:
		return "paused";
	case STATE_STOPPING:
		return "stopping";
	case STATE_ABORTING:
		return "aborting";
	case STATE_FAULT:
		return "fault";
	}
	return NULL;
}
