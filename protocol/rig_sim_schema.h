/* protocol/rig_sim_schema.h - the part of a rig file that is about the simulator; a part of protocol/rig_schema.c. */
#ifndef PROTOCOL_RIG_SIM_SCHEMA_H
#define PROTOCOL_RIG_SIM_SCHEMA_H

#include "protocol/schema.h"

extern const struct schema schema_rig_sim;

#endif
