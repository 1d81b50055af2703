/* clients/web/feed.h - one watch for all browsers: follows the daemon, and puts what it says into the hub. */
#ifndef CLIENTS_WEB_FEED_H
#define CLIENTS_WEB_FEED_H

#include "clients/libnudge/nudge.h"
#include "clients/web/hub.h"

struct feed;

/* Starts its thread.  NULL and errno.  server and hub must outlive it. */
struct feed *feed_start(const struct nudge_options *server, struct hub *hub);
/* Ends it; false: it still waits for the daemon after some seconds (nothing is freed then).  Accepts NULL. */
bool feed_stop(struct feed *feed);

#endif
