/* daemon/options.h - the command line of nudged. */
#ifndef DAEMON_OPTIONS_H
#define DAEMON_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/settings.h"

enum options_action {
	OPTIONS_SERVE,
	OPTIONS_ONCE,
	OPTIONS_CHECK,
	OPTIONS_PROBE,
	OPTIONS_VERSION,
	OPTIONS_HELP
};

#define OPTIONS_MAX_TAGS 32

/* How --once makes its run, and what it says; all point into argv. */
struct once_options {
	const char *task_file;
	const char *name; /* of the run; NULL: the task's */
	const char *tags[OPTIONS_MAX_TAGS];
	size_t n_tags;
	bool seed_given;
	uint64_t seed; /* over the task's */
	bool json;     /* one line with the run's figures on standard output, at the end */
	bool quiet;    /* no progress, only what went wrong */
};

struct options {
	enum options_action action;
	struct once_options once; /* OPTIONS_ONCE */
	/* OPTIONS_PROBE: DEVICE or DEVICE,DIGITAL_DEVICE, and the card's driver; point into argv */
	const char *probe_device, *probe_driver;
};

/* Fills in the settings: defaults, the file of --config, then the other options.  0, or -1 and *p, which names
 * the option. */
int options_parse(int argc, char **argv, struct options *ret, struct settings *settings,
		  struct problem *p);

void options_print_help(void);
void options_print_version(void); /* and of the libraries that are in use */

#endif
