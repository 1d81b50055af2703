/* daemon/place.h - where the sockets are, and whom they let in: by mode and group. */
#ifndef DAEMON_PLACE_H
#define DAEMON_PLACE_H

#include "daemon/settings.h"

enum place_kind { PLACE_SOCKET, PLACE_DIRECTORY };

/* Makes the directories of the sockets and of the database, where they may be made, and locks the first against a second
 * daemon.  0, or -1 and *p. */
int place_take(const struct settings *settings, int *ret_lock_fd, struct problem *p);
/* Removes the Unix sockets' files, which libzmq leaves behind. */
void place_leave(const struct settings *settings);

/* Of a system's daemon (--config): roles.observer anybody: 0666 and 0755; else roles.operator_group: 0660 and 0750, with
 * that group, or 0600 and 0700 where there is no such group, or (with a warning) where it cannot be given away.  A
 * user's daemon is the user's alone.  Returns the mode that was set; 0: none was. */
unsigned place_open(const struct settings *settings, const char *path, enum place_kind kind);

#endif
