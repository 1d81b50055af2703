/* sim_backend/oscillators.h - a triangle wave for each edge, against the global bias voltage (PHYSICS equation 9).
 *
 * Waves run between bias.always_V and bias.never_V.  Here they are scaled: 0 at always_V, 1 at never_V, so that an
 * edge updates when its wave is at or above the level 1 - p.  Periods and phases are drawn from sim.seed.
 */
#ifndef SIM_BACKEND_OSCILLATORS_H
#define SIM_BACKEND_OSCILLATORS_H

#include <stddef.h>
#include <stdint.h>

#include "drivers/rig_config.h"

struct oscillators;

int oscillators_new(const struct rig_config *config, size_t n, struct oscillators **ret);
void oscillators_free(struct oscillators *o); /* accepts NULL */

/* 0 .. 1: the level of a bias voltage; and of p where the bias is NAN. */
double oscillators_level(const struct oscillators *o, double p, double bias_V);
double oscillators_wave(const struct oscillators *o, size_t edge, int64_t time_ns); /* 0 .. 1 */
/* ret [n] 1: at or above the level.  The rails: all of them at level 0, none at level 1. */
void oscillators_compare(const struct oscillators *o, double level, int64_t time_ns, uint8_t *ret);

#endif
