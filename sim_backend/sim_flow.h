/* sim_backend/sim_flow.h - the simulated rig under rule: overdamped: learning that goes on in time.
 *
 * A step shows the state, then lets both networks flow for flow_s of the rig's time, which passes within the step.
 * Between steps (rests, pauses, tests) the state stands still.
 */
#ifndef SIM_BACKEND_SIM_FLOW_H
#define SIM_BACKEND_SIM_FLOW_H

#include "drivers/rig.h"

struct sim;
struct sim_flow; /* of a rig; NULL under the other rules */

int sim_flow_new(const struct rig_config *config, struct sim_flow **ret); /* 0, -ENOMEM */
void sim_flow_free(struct sim_flow *flow);                                /* accepts NULL */
/* A session: the integrator, and a state that the first step puts at rest. */
int sim_flow_begin(struct sim *sim, const struct rig_session *session, struct rig_error *err);
int sim_flow_step(struct sim *sim, const struct rig_request *request, struct rig_record *ret,
		  struct rig_error *err);
double sim_flow_alpha(const struct sim_flow *flow); /* per second, in force */
int sim_flow_set_alpha(void *self, double alpha_per_s, struct rig_error *err);

#endif
