/* clients/nudgectl/nudge_db.h - what nudgectl leaves to nudge-db, and which database the daemon has. */
#ifndef CLIENTS_NUDGECTL_NUDGE_DB_H
#define CLIENTS_NUDGECTL_NUDGE_DB_H

#include "clients/nudgectl/context.h"

/* Where the daemon's database is, if it is on this machine and may be read; free() it.  An exit code; said: why not, and that
 * `command` is to be run elsewhere. */
int nudge_db_of_daemon(struct context *c, const char *command, char **ret);
/* Runs nudge-db with these words (NULL-terminated; words[0] is filled in) and waits.  Its exit code, or ours, said. */
int nudge_db_run(char **words);

#endif
