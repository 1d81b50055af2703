/* sim_backend/circuit.h - Kirchhoff's laws: node voltages of a resistor network.
 *
 * L = D' diag(g) D; L_ff v_f = -L_fd v_d.  The unknowns are ordered [interior | targets], so that one
 * factorisation L D L' serves the free network (targets unknown) and the clamped one (targets held).
 * Pattern, ordering (AMD) and the list of operations are made once per topology and replayed: solving
 * allocates nothing and gives the same bits every time.
 */
#ifndef SIM_BACKEND_CIRCUIT_H
#define SIM_BACKEND_CIRCUIT_H

#include <stddef.h>
#include <stdint.h>

#include "sim_backend/network.h"

struct circuit;
struct circuit_ldl;

/* cut: [n_edges] nonzero for an edge that is not there; NULL: none.  Sources and targets are distinct
 * nodes.  Nodes with no path to a source are left out (circuit_floating) and read NAN; -ENOTCONN when a
 * target is among them.  -EINVAL, -ENOMEM. */
int circuit_new(const struct network *net, const uint8_t *cut, const uint32_t *sources,
		size_t n_sources, const uint32_t *targets, size_t n_targets, struct circuit **ret,
		struct network_error *err);
void circuit_free(struct circuit *c);

size_t circuit_floating(const struct circuit *c, const uint32_t **nodes);
const char *circuit_method(const struct circuit *c); /* "static-ldl": what solves it, for the log */

/* g: [n_edges] in siemens; those of cut edges are not read. -EDOM: not positive definite (g <= 0, NaN). */
int circuit_factor(struct circuit *c, const double *g);
void circuit_solve_free(struct circuit *c, const double *source_V, double *ret_V); /* [n_nodes] */
/* After circuit_solve_free() with the same sources: targets held at clamp_V [n_targets]. */
void circuit_solve_clamped(struct circuit *c, const double *clamp_V, double *ret_V); /* [n_nodes] */
/* The same as V_C - V_F [n_nodes], from the linear response: exact to its own size, however small the nudge. */
void circuit_solve_change(struct circuit *c, const double *clamp_V, double *ret_change_V);
/* Solves nothing: V_C [n_nodes] of the last change, for those who want both; the same clamp_V. */
void circuit_clamped(const struct circuit *c, const double *clamp_V, double *ret_V);

/* For circuit_rc.c: the static tape, and *ret_node [n_unknown] the nodes in its order.  NULL where another method
 * solves this circuit. */
const struct circuit_ldl *circuit_tape(const struct circuit *c, const uint32_t **ret_node);

#endif
