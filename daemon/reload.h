/* daemon/reload.h - SIGHUP: what of the configuration can change while the daemon runs. */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include "daemon/settings.h"

/* Reads the configuration file again and applies log_level; a bad file changes nothing and is told with its line. */
void reload_settings(const struct settings *settings);

#endif
