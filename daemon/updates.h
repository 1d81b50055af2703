/* daemon/updates.h - in a run's summary: how often edges updated, and how alike they did. */
#ifndef DAEMON_UPDATES_H
#define DAEMON_UPDATES_H

#include <jansson.h>

#include "drivers/rig.h"

/* {ticks, p_mean, p_min, p_max, pairs, pearson_mean_abs, pearson_rms, pearson_max}: the share of ticks on which the
 * edges in mode RIG_LEARN updated; and of the update masks of their pairs Pearson's correlation r: mean |r|, rms,
 * largest |r|.  A pair of which one always or never updated has none; null where there is nothing to tell.  New
 * reference, NULL: out of memory. */
json_t *updates_json(const struct rig_updates *updates, const uint8_t *mode, size_t n_edges);

#endif
