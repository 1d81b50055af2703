/* sim_backend/circuit_pattern.h - one triangle of a circuit's conductance matrix, by compressed columns.
 *
 * Used by the circuit*.c files alone.  Rows ascend in each column and the diagonal is always there; parallel edges
 * share an entry.
 */
#ifndef SIM_BACKEND_CIRCUIT_PATTERN_H
#define SIM_BACKEND_CIRCUIT_PATTERN_H

#include <stdbool.h>

#include "sim_backend/circuit_plan.h"

struct circuit_pattern {
	size_t n, n_entries;
	int *start, *row; /* [n + 1], [n_entries] */
	uint32_t *
		entry_of; /* [n_inner] of system's edges; meaningless for those that were left out */
	uint32_t *diagonal_of; /* [n] */
};

/* place: [n_unknown] where each unknown stands.  Of the first n places only: edges beyond are left out.  upper: row <=
 * column, else row >= column.  0, -ENOMEM, -E2BIG; *ret is for circuit_pattern_clear(), also after an error. */
int circuit_pattern_make(const struct circuit_system *system, const uint32_t *place, size_t n,
			 bool upper, struct circuit_pattern *ret);
void circuit_pattern_clear(struct circuit_pattern *pattern);

/* Which entries an edge's conductance goes to. */
struct circuit_pattern_inner {
	uint32_t edge, diagonal_a, diagonal_b, entry;
};
struct circuit_pattern_outer {
	uint32_t edge, diagonal, place, source;
};
struct circuit_assembly {
	size_t n_inner, n_outer;
	struct circuit_pattern_inner *inner;
	struct circuit_pattern_outer *outer;
	double *source_g; /* [n_outer] the conductances that the right-hand side needs */
};

int circuit_assembly_make(const struct circuit_system *system, const uint32_t *place,
			  const struct circuit_pattern *pattern, struct circuit_assembly *ret);
void circuit_assembly_clear(struct circuit_assembly *assembly);
/* values: [n_entries] of the pattern.  False: a conductance that no resistor has (not above 0, infinite, NaN). */
bool circuit_assemble(struct circuit_assembly *assembly, const double *g, size_t n_entries,
		      double *values);
/* The currents into the unknowns, x: [n], from sources at source_V. */
void circuit_assemble_rhs(const struct circuit_assembly *assembly, const double *source_V, size_t n,
			  double *x);

#endif
