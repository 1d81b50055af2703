/* sim_backend/network_make.h - networks made on the spot.  Used by the network*.c files alone. */
#ifndef SIM_BACKEND_NETWORK_MAKE_H
#define SIM_BACKEND_NETWORK_MAKE_H

#include "sim_backend/network.h"

#define NETWORK_MAKE_NAMES "square:NxM, torus:NxM, cubic:N, disordered:N,z or disordered:N,z,seed"

/* As network_shipped(), of a name with a colon.  -EINVAL with a sentence that begins with the name. */
int network_make(const char *name, struct network **ret, struct network_error *err);

/* What is not a lattice (network_disordered.c); 2 <= n, n_edges from n - 1 to n (n - 1) / 2.  Deterministic.  NULL: out of
 * memory. */
struct network *network_disordered(size_t n, size_t n_edges, uint64_t seed);

#endif
