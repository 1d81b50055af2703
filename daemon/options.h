/* daemon/options.h - the command line of nudged. */
#ifndef DAEMON_OPTIONS_H
#define DAEMON_OPTIONS_H

#include <stdbool.h>

#include "daemon/settings.h"

enum options_action { OPTIONS_SERVE, OPTIONS_ONCE, OPTIONS_CHECK, OPTIONS_VERSION, OPTIONS_HELP };

struct options {
	enum options_action action;
	const char *task_file; /* OPTIONS_ONCE */
};

/* Fills in the settings: defaults, the file of --config, then the other options.  0, or -1 and *p, which names
 * the option. */
int options_parse(int argc, char **argv, struct options *ret, struct settings *settings,
		  struct problem *p);

void options_print_help(void);
void options_print_version(void); /* and of the libraries that are in use */

#endif
