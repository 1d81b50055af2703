/* daemon/bench_json.h - what a bench is made of, for rig.describe. */
#ifndef DAEMON_BENCH_JSON_H
#define DAEMON_BENCH_JSON_H

#include <jansson.h>

#include "daemon/wiring.h"

/* {nodes: as it is plugged now, bias, clock}: names of channels; null where there is none. */
json_t *bench_channels(const json_t *rig_json, const struct wiring *wiring);
/* [{address, device, first_edge, n_edges}, ...] */
json_t *bench_boards(const json_t *rig_json, size_t n_edges);

#endif
