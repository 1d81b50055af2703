/* sim_backend/circuit.h - Kirchhoff's laws: node voltages of a resistor network.
 *
 * L = D' diag(g) D; L_ff v_f = -L_fd v_d.  The unknowns are ordered [interior | targets], so that one
 * factorisation L D L' serves the free network (targets unknown) and the clamped one (targets held).
 * Pattern, ordering and what follows from them are made once per topology: the static tape then allocates
 * nothing.  The same bits every time, on one thread or many; with conjugate gradients, for the same calls since
 * circuit_new(), because each solution is the first guess of the next.
 */
#ifndef SIM_BACKEND_CIRCUIT_H
#define SIM_BACKEND_CIRCUIT_H

#include <stddef.h>
#include <stdint.h>

#include "sim_backend/network.h"

struct circuit;
struct circuit_ldl;

enum circuit_solver {
	CIRCUIT_AUTO,       /* by predicted cost */
	CIRCUIT_STATIC,     /* a list of operations, up to about 5,000 edges */
	CIRCUIT_SIMPLICIAL, /* CHOLMOD L D L', to about 100,000 edges */
	CIRCUIT_SUPERNODAL, /* CHOLMOD L L' by dense blocks */
	CIRCUIT_PCG,        /* conjugate gradients, where the factor would be too large */
};

struct circuit_options {
	enum circuit_solver solver;
	double pcg_tolerance; /* relative residual at which conjugate gradients stop; NAN or 0: 1e-12 */
	double memory_B;      /* not more than this; NAN or 0: what the machine has free */
};

/* cut: [n_edges] nonzero for an edge that is not there; NULL: none.  Sources and targets are distinct
 * nodes.  Nodes with no path to a source are left out (circuit_floating) and read NAN; -ENOTCONN when a
 * target is among them.  options: NULL for auto.  -EINVAL, -E2BIG; -ENOMEM before the memory is taken, with a sentence
 * that names both figures and another way. */
int circuit_new(const struct network *net, const uint8_t *cut, const uint32_t *sources,
		size_t n_sources, const uint32_t *targets, size_t n_targets,
		const struct circuit_options *options, struct circuit **ret,
		struct network_error *err);
void circuit_free(struct circuit *c);

size_t circuit_floating(const struct circuit *c, const uint32_t **nodes);
/* What solves it, why, and the memory that was predicted, for the log: "static: 143 edges, ...". */
const char *circuit_method(const struct circuit *c);
/* Why the last of the calls below failed. */
const char *circuit_error(const struct circuit *c);

/* All below: 0; -EDOM: not positive definite (g <= 0, NaN), or conjugate gradients that do not converge; -ENOMEM. */

/* g: [n_edges] in siemens; those of cut edges are not read. */
int circuit_factor(struct circuit *c, const double *g);
int circuit_solve_free(struct circuit *c, const double *source_V, double *ret_V); /* [n_nodes] */
/* After circuit_solve_free() with the same sources: targets held at clamp_V [n_targets]. */
int circuit_solve_clamped(struct circuit *c, const double *clamp_V, double *ret_V); /* [n_nodes] */
/* The same as V_C - V_F [n_nodes], from the linear response: exact to its own size, however small the nudge. */
int circuit_solve_change(struct circuit *c, const double *clamp_V, double *ret_change_V);
/* Solves nothing: V_C [n_nodes] of the last change, for those who want both; the same clamp_V. */
void circuit_clamped(const struct circuit *c, const double *clamp_V, double *ret_V);
/* The reduced (Kron) network: ret [n_targets][n_sources], so that the targets' V_F is ret times the sources' voltages.
 * Costs n_sources solutions; forgets the last free one. */
int circuit_reduce(struct circuit *c, double *ret);

/* For circuit_rc.c: the static tape, and *ret_node [n_unknown] the nodes in its order.  NULL where another method
 * solves this circuit. */
const struct circuit_ldl *circuit_tape(const struct circuit *c, const uint32_t **ret_node);

#endif
