/* daemon/settings.h - what the daemon was told: defaults, then the file of --config, then the options. */
#ifndef DAEMON_SETTINGS_H
#define DAEMON_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/log.h"
#include "protocol/problem.h"

/* One ZeroMQ address each: "ipc:///run/user/1000/nudged/control.sock" or "tcp://127.0.0.1:7310". */
struct settings_endpoints {
	char *control, *urgent, *stream;
};

struct settings {
	char *rig;              /* a rig file, or "sim:NAME" */
	char *db;               /* the database file */
	bool db_given;          /* not the default: its directory must be there */
	double store_reserve_B; /* a run pauses when the database's disk has less left */
	char *runtime;          /* the directory of the sockets, mode 0700 when it is ours */
	struct settings_endpoints endpoints;
	enum log_level log_level;
	unsigned readers;   /* threads that answer history queries */
	bool require_lease; /* what steers needs the lease even while nobody holds it */
	char *config_file;  /* as given; NULL: none */
};

int settings_level(const char *word, enum log_level *ret); /* "notice"; 0 or -EINVAL */

/* Where the daemon of this user, or of the system, keeps its things. */
int settings_user(struct settings *ret, struct problem *p);
int settings_system(struct settings *ret, struct problem *p);
/* Changes what the file names (schema_config); the message begins with file:line:column. */
int settings_read(struct settings *settings, const char *file, struct problem *p);
/* Puts a copy of value in place of *member. */
int settings_replace(char **member, const char *value, struct problem *p);
/* Fills in the endpoints that are still missing from the runtime directory, and refuses Unix paths that are too
 * long and TCP addresses beyond this machine. */
int settings_finish(struct settings *settings, struct problem *p);
void settings_clear(struct settings *settings);

#endif
