/* protocol/files.h - what people write in files: tasks, rigs, the daemon's configuration. */
#ifndef PROTOCOL_FILES_H
#define PROTOCOL_FILES_H

#include "protocol/schema.h"

extern const struct schema schema_task;   /* RIG.md "Task file"; also run.submit's task */
extern const struct schema schema_rig;    /* RIG.md "Rig file" */
extern const struct schema schema_config; /* nudged.yaml */

#endif
