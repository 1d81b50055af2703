/* sim_backend/leads.h - what stands between an output and its node: nothing, an inner resistance, or no wire at all.
 *
 * A node behind a bad lead is not held: its voltage x follows from (V - x) / r = I(x), with I(x) the current that it
 * sends into the network, which is linear in x.  So the network is solved with such nodes held at V and at unit
 * voltages, which gives I(V) and dI/dx, and x = V - (1/r + dI/dx)^-1 I(V); r = infinity is a wire that is off.
 * Exact, and the circuit stays as it is.
 */
#ifndef SIM_BACKEND_LEADS_H
#define SIM_BACKEND_LEADS_H

#include <stddef.h>
#include <stdint.h>

#include "drivers/rig.h"
#include "sim_backend/network.h"

struct leads;

/* Solves a network with its outputs held: held_V [n_held], ret_node_V [n_nodes]. */
typedef void leads_solve(void *arg, const double *held_V, double *ret_node_V);

/* session: its outputs are [sources | targets]; inner_ohm [n_sources + n_targets]: 0 good, INFINITY no wire; cut:
 * [n_edges] nonzero for open edges.  -ENOTCONN names the targets that have no path to a source any more; -ENOMEM. */
int leads_new(const struct network *net, const struct rig_session *session, const double *inner_ohm,
	      const uint8_t *cut, struct leads **ret, struct rig_error *err);
void leads_free(struct leads *l); /* accepts NULL */
/* Nodes with no path to a source that is connected. */
size_t leads_floating(const struct leads *l, const uint32_t **nodes);

/* Voltages with the first n_held outputs at held_V [n_held] before their leads, after them on return; g: [n_edges]. */
void leads_bend(struct leads *l, const double *g, size_t n_held, double *held_V, leads_solve *solve,
		void *arg, double *ret_node_V);

#endif
