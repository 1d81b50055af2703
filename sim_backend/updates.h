/* sim_backend/updates.h - who updates on a tick, and how often everybody did.
 *
 * bernoulli: each edge with probability p; fraction: exactly round(p n) of the n edges that learn, drawn anew at
 * each tick; oscillators: each edge whose wave (oscillators.h) is at or above the bias voltage.
 */
#ifndef SIM_BACKEND_UPDATES_H
#define SIM_BACKEND_UPDATES_H

#include <stddef.h>
#include <stdint.h>

#include "sim_backend/edges.h"

struct updates;

/* n_padded: of the arrays below, a multiple of 16; beyond n they hold 0. */
int updates_new(const struct rig_config *config, size_t n, size_t n_padded, struct updates **ret);
void updates_free(struct updates *u); /* accepts NULL */

/* bias_V rules the oscillators; NAN: the bias that gives p on ideal waves.  The others go by p. */
void updates_set(struct updates *u, double p, double bias_V);
/* Bytes [n_padded], 1: this edge moves.  learns: those that could be chosen; able: of them, those that move if they
 * are.  ret: room for the answer, which may be able itself. */
const uint8_t *updates_draw(struct updates *u, const uint8_t *learns, const uint8_t *able,
			    const struct edges_draw *draw, uint8_t *ret);

void updates_begin(struct updates *u); /* counts from 0 */
void updates_count(struct updates *u, const uint8_t *moves);
void updates_get(struct updates *u, struct rig_updates *ret);

#endif
