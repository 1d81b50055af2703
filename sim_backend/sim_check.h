/* sim_backend/sim_check.h - what a rig file may ask of the simulated rig. */
#ifndef SIM_BACKEND_SIM_CHECK_H
#define SIM_BACKEND_SIM_CHECK_H

#include "drivers/rig.h"

/* 0, or -EINVAL and a sentence that names the key. */
int sim_check_config(const struct rig_config *config, struct rig_error *err);

#endif
