/* clients/nudgectl/top.h - the full-screen display; in a build without ncurses: why there is none. */
#ifndef CLIENTS_NUDGECTL_TOP_H
#define CLIENTS_NUDGECTL_TOP_H

#include "clients/nudgectl/context.h"

int top_run(struct context *c, bool ascii); /* an exit code */

#endif
