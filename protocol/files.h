/* protocol/files.h - what people write in files: tasks, rigs, the daemon's configuration. */
#ifndef PROTOCOL_FILES_H
#define PROTOCOL_FILES_H

#include "protocol/schema.h"

extern const struct schema schema_task;   /* RIG.md "Task file"; also run.submit's task */
extern const struct schema schema_rig;    /* RIG.md "Rig file" */
extern const struct schema schema_config; /* nudged.yaml */
extern const struct schema
	schema_sweep; /* nudgectl sweep; its task and rig are checked by the others */

/* The ideal simulated bench of "sim:NAME" on this network, as a rig file has it, defaults filled in.  NULL: no memory. */
json_t *rig_ideal(const char *network);

#endif
