/* tests/bench/bench_cholmod.h - the yardstick of P3: one step's linear algebra by CHOLMOD, called by hand.
 *
 * The conductance matrix of all nodes but the sources, analysed once with CHOLMOD's own choice of ordering; then for
 * each step the values, one factorisation and two solutions (free, clamped).
 */
#ifndef TESTS_BENCH_BENCH_CHOLMOD_H
#define TESTS_BENCH_BENCH_CHOLMOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim_backend/network.h"

struct bench_cholmod;

struct bench_cholmod *bench_cholmod_new(const struct network *net, const uint32_t *sources,
					size_t n_sources, bool supernodal);
void bench_cholmod_free(struct bench_cholmod *c);
/* g: [n_edges]; source_V: [n_sources]. */
void bench_cholmod_step(struct bench_cholmod *c, const double *g, const double *source_V);
double bench_cholmod_V(const struct bench_cholmod *c, uint32_t node); /* of the last solution */

#endif
