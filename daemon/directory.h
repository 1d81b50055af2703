/* daemon/directory.h - the directories that the daemon keeps things in. */
#ifndef DAEMON_DIRECTORY_H
#define DAEMON_DIRECTORY_H

#include "protocol/problem.h"

/* Makes path and what is missing above it, mode 0700; one that is there must be ours, and writable by us alone.
 * 0, or -1 and *p. */
int directory_private(const char *path, struct problem *p);
/* Makes what is missing above the file. */
int directory_above(const char *file, struct problem *p);
/* Keeps a second daemon out of the directory until *ret_fd is closed. */
int directory_lock(const char *path, int *ret_fd, struct problem *p);

/* fsync of a file (O_RDONLY, O_RDWR), or of a directory (O_RDONLY | O_DIRECTORY); 0, or -1 with errno. */
int directory_sync(const char *path, int flags);

#endif
