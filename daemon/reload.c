/* daemon/reload.c - SIGHUP: what of the configuration can change while the daemon runs. */
#include "config.h"

#include "daemon/log.h"
#include "daemon/reload.h"

/* What can be changed without a restart; a file that is wrong changes nothing. */
void reload_settings(const struct settings *settings)
{
	struct settings again = {0};
	struct problem p = {0};

	if (!settings->config_file)
		return;
	again.log_level = settings->log_level;
	if (settings_read(&again, settings->config_file, &p) < 0)
		log_line(LOG_WARNING_, "settings.refused", "%s; the configuration stays as it was",
			 p.message);
	else {
		log_set_level(again.log_level);
		log_line(LOG_NOTICE_, "settings.reread",
			 "%s was read again: log_level is in force, the rest after a restart",
			 settings->config_file);
	}
	problem_clear(&p);
	settings_clear(&again);
}
