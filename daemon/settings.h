/* daemon/settings.h - what the daemon was told: defaults, then the file of --config, then the options. */
#ifndef DAEMON_SETTINGS_H
#define DAEMON_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/log.h"
#include "protocol/problem.h"

/* One ZeroMQ address each: "ipc:///run/user/1000/nudged/control.sock" or "tcp://127.0.0.1:7310". */
struct settings_endpoints {
	char *control, *urgent, *stream;
};

/* Who may do what over ipc, by groups of the system. */
struct settings_roles {
	char *admin_group, *operator_group;
	bool anybody; /* the ipc sockets let everybody in, as observers */
};

/* A recorded run that is played again in place of a rig. */
struct settings_replay {
	bool on;
	uint64_t run; /* of the database; 0: its last one with steps */
	double speed; /* times the recorded pace; INFINITY: as fast as it goes */
	bool loop, wait;
};

struct settings {
	char *rig;                    /* a rig file, or "sim:NAME" */
	char *db;                     /* the database file */
	bool db_given;                /* not the default: its directory must be there */
	double store_reserve_B;       /* a run pauses when the database's disk has less left */
	double calibration_max_age_d; /* older ones are not gone by; INFINITY: any age will do */
	char *runtime;                /* the directory of the sockets, mode 0700 when it is ours */
	struct settings_endpoints endpoints;
	char *tcp;                      /* "HOST:PORT" as given; NULL: none */
	struct settings_endpoints also; /* what follows from it; NULL: none */
	char *key;                      /* the server's key file; NULL: no CURVE */
	char *authorized_keys;          /* who may come in over TCP */
	bool insecure;                  /* TCP without a key, wanted in so many words */
	struct settings_roles roles;
	enum log_level log_level;
	unsigned readers;   /* threads that answer history queries */
	bool require_lease; /* what steers needs the lease even while nobody holds it */
	char *config_file;  /* as given; NULL: none */
	struct settings_replay replay;
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
 * long and TCP addresses without a key, unless that was asked for (settings_network.c). */
int settings_finish(struct settings *settings, struct problem *p);
bool settings_have_tcp(const struct settings *settings); /* any socket at all */
/* what: FILE or FILE:RUN; speed: "real", "max", a number above 0, or NULL.  0, or -1 and *p (settings_replay.c). */
int settings_replay(struct settings *settings, const char *what, const char *speed,
		    struct problem *p);
void settings_clear(struct settings *settings);

#endif
