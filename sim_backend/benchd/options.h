/* sim_backend/benchd/options.h - the command line of nudge-benchd. */
#ifndef SIM_BACKEND_BENCHD_OPTIONS_H
#define SIM_BACKEND_BENCHD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

enum { OPTIONS_PATH = 4096 };

struct options {
	const char *rig, *rtu, *tcp;                    /* NULL: not given */
	char card[OPTIONS_PATH], control[OPTIONS_PATH]; /* sockets */
	bool pace;
	uint64_t seed;
	enum { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_VERSION, OPTIONS_WRONG } what;
};

/* Of OPTIONS_WRONG it has said why on standard error. */
void options_read(int argc, char **argv, struct options *ret);
extern const char options_usage[];

#endif
