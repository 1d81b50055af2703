/* daemon/identity.h - who sent a request, as the kernel or the CURVE handshake says it, and what they may do. */
#ifndef DAEMON_IDENTITY_H
#define DAEMON_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/auth.h"
#include "protocol/role.h"

#define IDENTITY_KNOWN 8

/* Remembers users for a minute, since one client sends many requests and the system's lists may be far away. */
struct identity {
	struct auth *auth; /* NULL: everybody is an admin */
	struct identity_user {
		uid_t uid;
		gid_t gid;
		char name[64]; /* "": none yet */
		enum role role;
		int64_t until_ns;
	} users[IDENTITY_KNOWN];
	size_t next; /* the one to forget */
};

struct visitor {
	char who[64];            /* a user's or key's name, "uid N", "tcp ADDRESS", "unknown" */
	char from[64];           /* the address over TCP; "": this machine */
	char key[KEY_CHARS + 1]; /* over CURVE; "": none */
	enum role role;
	bool local; /* a user of this machine, as the kernel says */
};

/* peer: libzmq's Peer-Address, "HOST:uid:gid:pid" over ipc, an address over tcp; user_id: its User-Id, which the door
 * sets to the public key.  Either may be NULL.  A key that was revoked since has ROLE_NONE. */
void identity_of(struct identity *identity, const char *peer, const char *user_id,
		 struct visitor *ret);

/* "ann", or "ann from 10.0.0.7". */
const char *identity_whole(const struct visitor *visitor, char *text, size_t size);

#endif
