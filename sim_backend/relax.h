/* sim_backend/relax.h - the charge on both networks' nodes when every edge has a capacitor beside it.
 *
 * PHYSICS equation 8.  What is held moves the other nodes at once, as the capacitors divide; a change of R does not;
 * in time all nodes relax towards the steady state.  The state is the node voltages, and V_C - V_F beside them as a
 * state of its own: while both networks have the same conductances and sources it is evolved by itself and keeps its
 * digits, however small the nudge.
 */
#ifndef SIM_BACKEND_RELAX_H
#define SIM_BACKEND_RELAX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drivers/rig.h"
#include "sim_backend/circuit.h"

struct relax;

/* The topology: circuits of the same network, sources and targets. */
struct relax_setup {
	const struct network *network;
	const uint8_t *cut; /* [n_edges] or NULL */
	const uint32_t *source, *target;
	size_t n_sources, n_targets;
	const struct circuit *circuit
		[2]; /* by side; the same one twice: matched twins.  Must outlive the relax */
};

/* What is held at a moment, and where that would lead; all borrowed. */
struct relax_held {
	const double *source_V[2]; /* [n_sources] at the nodes, by side */
	const double *clamp_V;     /* [n_targets] of the clamped network; NULL: its targets float */
	bool linked;               /* both sides have the same conductances and sources */
};
struct relax_rest { /* [n_nodes] the steady state */
	const double *V[2], *change_V;
};

/* -ENOTSUP with a sentence: the networks are too large for the static tape.  -ENOMEM. */
int relax_new(const struct relax_setup *setup, struct relax **ret, struct network_error *err);
void relax_free(struct relax *r); /* accepts NULL */
/* The charge goes from one topology to another of the same network: cut edges take theirs with them; an edge that
 * joins comes charged to the drop that it finds, so that no node moves; a node that floated takes the voltage
 * of the one that it joins. */
void relax_take_over(struct relax *r, const struct relax *from);

void relax_put(struct relax *r, enum rig_side side, const struct relax_held *held,
	       const struct relax_rest *rest);                   /* at rest */
void relax_jump(struct relax *r, const struct relax_held *held); /* what is held is another now */
/* Over `seconds`, after relax_jump() to the same `held`; g: [n_edges] by side, moved: they are others than before. */
struct relax_span {
	double seconds, farad;
	const double *g[2];
	bool moved;
};
void relax_decay(struct relax *r, const struct relax_span *span, const struct relax_held *held,
		 const struct relax_rest *rest);

/* [n_nodes], NAN where a node floats; always the present state. */
const double *relax_V(const struct relax *r, enum rig_side side);
const double *relax_change_V(const struct relax *r);

#endif
