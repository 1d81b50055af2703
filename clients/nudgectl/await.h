/* clients/nudgectl/await.h - a request whose answer takes long: asked on a connection of its own, looked after meanwhile. */
#ifndef CLIENTS_NUDGECTL_AWAIT_H
#define CLIENTS_NUDGECTL_AWAIT_H

#include "clients/nudgectl/context.h"

/* Asks, and tells the progress of the events of kind "calibration" on standard error if that is a terminal.  Waits as long
 * as it takes; Ctrl-C aborts the run that it became.  Takes params over.  An exit code; *ret: the result. */
int await_calibration(struct context *c, const char *method, json_t *params, json_t **ret);

#endif
