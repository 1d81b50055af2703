/* sim_backend/benchd/card.h - the card that is not there: serves the stand-in for libcomedi over a Unix socket.
 *
 * It knows codes, ranges, directions and who has locked what; volts and levels are the world's.  One thread, no waiting: the
 * caller polls what card_pollfds() names and passes it to card_serve().  A request is served whole at one moment.  The
 * protocol is in card_wire.h.
 */
#ifndef SIM_BACKEND_BENCHD_CARD_H
#define SIM_BACKEND_BENCHD_CARD_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#include "sim_backend/benchd/world.h"

struct card;

enum {
	CARD_CLIENTS = 8,                /* at one time; one more is turned away */
	CARD_POLLFDS = CARD_CLIENTS + 1, /* room for card_pollfds() */
};

/* Listens at `path` (a leftover socket that nobody serves is replaced; -EADDRINUSE: somebody does).  The world is borrowed
 * until card_close().  0 or -errno with a sentence. */
int card_open(struct world *w, const char *path, struct card **ret, struct world_error *err);
void card_close(struct card *card); /* and removes the socket; accepts NULL */

/* What to poll next: fills in fd and events, at most CARD_POLLFDS; returns how many. */
size_t card_pollfds(const struct card *card, struct pollfd ret[CARD_POLLFDS]);
/* After poll(): serves whatever is ready among these (others are ignored, so a longer array will do).  Cheap when nothing
 * is; never blocks, but a CARD_WAIT in a request takes its time (below 0.1 ms).  Reads CLOCK_MONOTONIC by itself. */
void card_serve(struct card *card, const struct pollfd *fds, size_t n);

/* Since it was opened. */
struct card_counts {
	uint64_t requests;     /* each one moment, whatever it holds */
	uint64_t instructions; /* in them */
	uint64_t conversions;  /* of analogue inputs */
	uint64_t clients;      /* that connected */
	uint64_t refused;      /* requests answered with an errno */
};
void card_counts(const struct card *card, struct card_counts *ret);

#endif
