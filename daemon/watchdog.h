/* daemon/watchdog.h - whether the service manager's watchdog may be fed: the main loop turns, for it asks; is the rig's
 * thread alive, too? */
#ifndef DAEMON_WATCHDOG_H
#define DAEMON_WATCHDOG_H

#include <stdbool.h>
#include <stdint.h>

struct watchdog {
	int64_t patience_ns; /* how long a sign of life lasts; 0: nobody wants to be told */
	int64_t seen_ns;     /* when the sign was last another one */
	uint64_t sign;
	bool silent; /* this was said */
};

/* By $WATCHDOG_USEC and $WATCHDOG_PID; returns how often to feed, 0: not at all. */
int64_t watchdog_init(struct watchdog *ret, int64_t now_ns);
/* sign: a count that moves while the rig's thread lives.  *ret_silence_ns: how long it has not; it is set once, when
 * the feeding ends, and else 0. */
bool watchdog_may_feed(struct watchdog *w, uint64_t sign, int64_t now_ns, int64_t *ret_silence_ns);

#endif
