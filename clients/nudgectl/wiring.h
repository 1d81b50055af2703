/* clients/nudgectl/wiring.h - nudgectl rig wiring: how the rig is wired, and what to plug elsewhere before a task. */
#ifndef CLIENTS_NUDGECTL_WIRING_H
#define CLIENTS_NUDGECTL_WIRING_H

#include "clients/nudgectl/context.h"

/* words: "wiring", and a task file or nothing.  An exit code. */
int wiring_run(struct context *c, const struct arguments *a);

#endif
