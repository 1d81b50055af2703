/* daemon/auth.h - the server's key, and who may come in with which role; shared by all threads that have sockets. */
#ifndef DAEMON_AUTH_H
#define DAEMON_AUTH_H

#include <stdbool.h>

#include "daemon/authorized_keys.h"
#include "daemon/settings.h"

struct auth;

/* Reads the key and the list, if the settings have a key; a list that is not good refuses the start.
 * settings: kept.  0, or -1 and *p. */
int auth_open(const struct settings *settings, struct auth **ret, struct problem *p);
void auth_close(struct auth *auth); /* accepts NULL */

const struct settings *auth_settings(const struct auth *auth);
const struct key_pair *auth_key_pair(const struct auth *auth); /* NULL: no CURVE */

/* Any thread.  false: the key may not come in (any more). */
bool auth_find(struct auth *auth, const char *public_key, struct authorized_key *ret);
json_t *auth_list(struct auth *auth); /* [{public_key, name, role}]; any thread; new reference */

/* Reads the list again; one that is not good changes nothing.  1: somebody may do less than before, 0: nobody;
 * -1 and *p. */
int auth_reload(struct auth *auth, struct problem *p);
/* Changes the file; auth_reload() puts it in force.  Any thread.  0, or -1 and *p. */
int auth_add(struct auth *auth, const struct authorized_key *key, struct problem *p);
int auth_revoke(struct auth *auth, const char *name, struct authorized_key *ret_old,
		struct problem *p);

#endif
