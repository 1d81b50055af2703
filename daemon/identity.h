/* daemon/identity.h - who sent a request, as the kernel says it. */
#ifndef DAEMON_IDENTITY_H
#define DAEMON_IDENTITY_H

#include <stddef.h>
#include <sys/types.h>

/* Remembers the last name, since one client sends many requests. */
struct identity {
	uid_t uid;
	char name[64]; /* "": none yet */
};

/* peer: libzmq's Peer-Address, "HOST:uid:gid:pid" over ipc, an address over tcp; NULL: unknown.
 * Writes a user's name, "uid N", or "tcp ADDRESS". */
void identity_of(struct identity *identity, const char *peer, char *ret, size_t size);

#endif
