/* daemon/wiring.h - which output and which input is plugged into which node, whether a task can be run like that, and
 * if not, the fewest plugs that an operator has to move.
 *
 * Pure: no rig is asked.  An output cannot float: where it is plugged in without a relay, it holds its node.  A relay
 * belongs to its output's lead and goes with it.
 */
#ifndef DAEMON_WIRING_H
#define DAEMON_WIRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drivers/rig.h"

enum wiring_plug { /* into which networks' node; a set of 1 << enum rig_side */
		   WIRING_NOWHERE = 0,
		   WIRING_FREE = 1 << RIG_FREE,
		   WIRING_CLAMPED = 1 << RIG_CLAMPED,
		   WIRING_BOTH = WIRING_FREE | WIRING_CLAMPED,
};

struct wiring_lead { /* an output, and the relays in its lead [enum rig_side] */
	struct daq_channel channel, relay[2];
};

struct wiring {
	size_t n_nodes;
	struct daq_wire *wire[2];   /* [enum rig_side][n_nodes] as it is */
	struct wiring_lead *output; /* [n_outputs] all there are, plugged in or not */
	size_t n_outputs;
	struct daq_channel *input; /* [n_inputs] likewise */
	size_t n_inputs;
};

/* From the wires of both networks, each [n_nodes]; the channels in them are all there are.  0, -ENOMEM. */
int wiring_new(size_t n_nodes, const struct daq_wire *const wire[2], struct wiring **ret);
int wiring_copy(const struct wiring *wiring, struct wiring **ret); /* 0, -ENOMEM */
/* It is now plugged like this; the channels there are stay the same. */
void wiring_plug(struct wiring *wiring, const struct daq_wire *const wire[2]);
void wiring_free(struct wiring *wiring); /* accepts NULL */

/* What a task needs: of each source an output in both networks, of each target one in the clamped network alone and an
 * input in each.  measured: nodes whose inputs had better stay. */
struct wiring_nodes {
	const uint32_t *sources, *targets, *measured;
	size_t n_sources, n_targets, n_measured;
};

struct wiring_misfit {
	char path[32];  /* "/sources/1", as in the task */
	char text[240]; /* names the node, its channel and the cure */
};

/* true: as it is; false: *ret says the first thing that is wrong. */
bool wiring_fits(const struct wiring *wiring, const struct wiring_nodes *nodes,
		 struct wiring_misfit *ret);

struct wiring_move {
	struct daq_channel channel;
	long from, to; /* nodes; -1: nowhere */
	enum wiring_plug from_plug, to_plug;
};

struct wiring_plan {
	struct wiring_move *move; /* [n] unplugging first */
	size_t n;                 /* 0: it fits as it is */
	struct wiring *after;
};

/* The fewest moves after which the task fits.  0; -ENOMEM; -ENOSPC: too few channels, *ret_misfit says how many. */
int wiring_plan(const struct wiring *wiring, const struct wiring_nodes *nodes,
		struct wiring_plan **ret, struct wiring_misfit *ret_misfit);
void wiring_plan_free(struct wiring_plan *plan); /* accepts NULL */

/* "move ao1 from node 4 to node 6, both networks".  ret. */
const char *wiring_move_text(const struct wiring_move *move, char *ret, size_t size);

#endif
