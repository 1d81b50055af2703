/* sim_backend/circuit_pcg.h - conjugate gradients for circuits whose factor would be too large.
 *
 * Used by the circuit*.c files alone.  Preconditioned by the diagonal (Jacobi); each solution is the first guess of the
 * next, so that the bits of a state depend on what was solved before it.
 */
#ifndef SIM_BACKEND_CIRCUIT_PCG_H
#define SIM_BACKEND_CIRCUIT_PCG_H

#include "sim_backend/circuit_plan.h"
#include "sim_backend/circuit_solver.h"

struct circuit_pcg;

/* tolerance: of the residual's norm relative to the right-hand side's, checked on the true residual. */
int circuit_pcg_new(const struct circuit_system *system, double tolerance,
		    struct circuit_pcg **ret); /* 0, -ENOMEM */
void circuit_pcg_free(struct circuit_pcg *c);  /* accepts NULL */

double circuit_pcg_memory_B(const struct circuit_system *system);
/* A guess, from how many edges the farthest unknown is away from a source; -ENOMEM. */
int circuit_pcg_guess_iterations(const struct circuit_system *system, double tolerance,
				 double *ret);

extern const struct circuit_solver_ops circuit_pcg_ops; /* of struct circuit_pcg; place[u] is u */

#endif
