/* daemon/replay_layout.h - what a recorded run's rows look like in memory, from its descriptor.  Pure. */
#ifndef DAEMON_REPLAY_LAYOUT_H
#define DAEMON_REPLAY_LAYOUT_H

#include <jansson.h>

#include "protocol/problem.h"
#include "protocol/record.h"

/* What the descriptor does not say, by the run's rows; 0 edges: as wide as their arrays. */
struct replay_sizes {
	size_t n_sources, n_targets, n_edges;
};

/* Refuses arrays that a row does not have, or not as the descriptor says.
 * 0, or -1 and *p. */
int replay_layout(const json_t *descriptor, const struct replay_sizes *sizes,
		  struct record_layout *ret, struct problem *p);

#endif
