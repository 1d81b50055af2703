/* clients/nudgectl/live.h - asks a server that may not be there, within a moment, and never says a word about it. */
#ifndef CLIENTS_NUDGECTL_LIVE_H
#define CLIENTS_NUDGECTL_LIVE_H

#include "clients/libnudge/nudge.h"

struct live;

/* Connects at the first question.  within_s: for everything together. */
struct live *live_new(const struct nudge_options *options, double within_s); /* NULL: no memory */
void live_free(struct live *l);                                              /* accepts NULL */

/* The result of a method that reads; params is taken over.  NULL: nobody there, refused, or the time is up. */
json_t *live_ask(struct live *l, const char *method, json_t *params);

#endif
