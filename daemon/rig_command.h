/* daemon/rig_command.h - what the rig's thread does with each command. */
#ifndef DAEMON_RIG_COMMAND_H
#define DAEMON_RIG_COMMAND_H

#include "daemon/runner.h"

/* Carries it out and answers; takes over what the command owns.  RIG_COMMAND_QUIT ends the run alone. */
void rig_command(struct runner *r, struct rig_command *command);

#endif
