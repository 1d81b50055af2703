/* sim_backend/benchd/control_state.h - the world as JSON, for the control socket. */
#ifndef SIM_BACKEND_BENCHD_CONTROL_STATE_H
#define SIM_BACKEND_BENCHD_CONTROL_STATE_H

#include <jansson.h>

#include "sim_backend/benchd/world.h"

json_t *control_state(struct world *w, int64_t now_ns);
json_t *control_counts(const struct world *w);

#endif
