/* daemon/replay_rig.h - the rig of a recorded run, as it is described; nothing is opened. */
#ifndef DAEMON_REPLAY_RIG_H
#define DAEMON_REPLAY_RIG_H

#include <jansson.h>

#include "daemon/rig_file.h"
#include "daemon/wiring.h"
#include "drivers/rig.h"

/* What the rig was and could do, by its file: as rig_info() of the rig would say.  Points into config. */
void replay_rig_info(const struct rig_config *config, struct rig_info *ret);

/* How it was plugged by its file; *ret NULL: a rig without wires.  0, -ENOMEM. */
int replay_rig_wires(const struct rig_config *config, struct wiring **ret);

#endif
