/* sim_backend/circuit_rc.h - how deviations from the steady state decay when every edge has the same capacitor.
 *
 * M de/dt = -L e with M = C D'D, L = D' diag(g) D on the nodes that are not held: PHYSICS equation 8.  Over any time
 * e(t) = sum 2 Re(c_k (M z_k + t L)^-1 M e(0)) to 6e-14 of the largest e: a rational approximation of exp, all of
 * whose terms are factored at once on the static tape of circuit_ldl.c.  Allocates nothing after circuit_rc_new().
 */
#ifndef SIM_BACKEND_CIRCUIT_RC_H
#define SIM_BACKEND_CIRCUIT_RC_H

#include <stdbool.h>
#include <stddef.h>

#include "sim_backend/circuit.h"

struct circuit_rc;

/* Borrows the tape of c, which must outlive it.  -ENOTSUP: c is not solved by the static tape.  -ENOMEM. */
int circuit_rc_new(const struct circuit *c, struct circuit_rc **ret);
void circuit_rc_free(struct circuit_rc *rc); /* accepts NULL */

/* g: [n_edges] in siemens, all above 0; s_per_F: the time over the capacitance. */
void circuit_rc_factor(struct circuit_rc *rc, const double *g, double s_per_F);
/* e_V: [n_nodes], what is left of it after that time.  Held nodes have no deviation: those of the sources are not
 * looked at, and with targets_held neither are the targets'. */
void circuit_rc_decay(struct circuit_rc *rc, bool targets_held, double *e_V);
/* The deviations of the free network, and of V_C - V_F while the targets are clamped: what the free targets still
 * have to go moves V_C - V_F there and, through the network, at all nodes.  [n_nodes] each. */
void circuit_rc_decay_pair(struct circuit_rc *rc, double *free_e_V, double *change_e_V);

#endif
