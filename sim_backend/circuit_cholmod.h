/* sim_backend/circuit_cholmod.h - L L' of a large circuit by CHOLMOD, its analysis made once and kept.
 *
 * Used by the circuit*.c files alone.  The interior is ordered by AMD (large ones also by METIS, the better is
 * taken) and the targets are put last, so that one factorisation serves the free and the clamped network.
 */
#ifndef SIM_BACKEND_CIRCUIT_CHOLMOD_H
#define SIM_BACKEND_CIRCUIT_CHOLMOD_H

#include <stdbool.h>

#include "sim_backend/circuit_plan.h"
#include "sim_backend/circuit_solver.h"

struct circuit_cholmod;

/* What the analysis predicts. */
struct circuit_cholmod_figures {
	double flops;      /* of a factorisation */
	double entries;    /* of L, the diagonal included */
	const char *order; /* "AMD", "METIS" */
};

/* Orders and analyses; takes no memory for the factor yet.  The system need not outlive the call.
 * 0, -ENOMEM, -E2BIG: more than 2^31 entries. */
int circuit_cholmod_analyse(const struct circuit_system *system, struct circuit_cholmod **ret,
			    struct circuit_cholmod_figures *ret_figures);
/* What the factor will take, in bytes. */
double circuit_cholmod_memory_B(const struct circuit_cholmod *c, bool supernodal);
/* Makes it ready for circuit_cholmod_ops: 0, -ENOMEM, -E2BIG; -ENOTSUP: a CHOLMOD without this module. */
int circuit_cholmod_prepare(struct circuit_cholmod *c, const struct circuit_system *system,
			    bool supernodal);
const uint32_t *circuit_cholmod_place(const struct circuit_cholmod *c); /* [n_unknown] */
void circuit_cholmod_free(struct circuit_cholmod *c);                   /* accepts NULL */

extern const struct circuit_solver_ops circuit_cholmod_ops; /* of struct circuit_cholmod */

#endif
