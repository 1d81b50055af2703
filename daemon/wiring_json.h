/* daemon/wiring_json.h - the wiring and its moves as JSON, for replies and events. */
#ifndef DAEMON_WIRING_JSON_H
#define DAEMON_WIRING_JSON_H

#include <jansson.h>

#include "daemon/wiring.h"

/* [{node, free: {drive, switch, measure}, clamped: {...}}, ...]: names of channels, null where there is none; nodes
 * that are not wired are left out. */
json_t *wiring_json(const struct wiring *wiring);
/* The other way: it is now plugged like this.  0; -EINVAL: no such list, or channels that are not there. */
int wiring_read(const json_t *list, struct wiring *wiring);
/* [{channel, from, from_side, to, to_side, what}, ...]; sides are "free", "clamped", "both"; null for nowhere. */
json_t *wiring_moves_json(const struct wiring_plan *plan);
/* "1 plug to move", "3 plugs to move".  ret. */
const char *wiring_plugs(const struct wiring_plan *plan, char *ret, size_t size);

#endif
