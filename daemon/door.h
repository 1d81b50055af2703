/* daemon/door.h - binds sockets so that only those come in who may, and answers CURVE handshakes on a thread of its own.
 *
 * libzmq asks a handler (ZAP, RFC 27) in each of its contexts whether a key may come in; without one it lets everybody
 * in, so the door serves a context before anything is bound there, and goes last.
 */
#ifndef DAEMON_DOOR_H
#define DAEMON_DOOR_H

#include "daemon/auth.h"
#include "daemon/mailbox.h"

struct door;

/* Somebody who did not get in, for the audit. */
struct door_note {
	char address[64];               /* "10.0.0.7"; "?": not known */
	char reason[64];                /* "key not authorised", ... */
	char public_key[KEY_CHARS + 1]; /* "": not known */
	unsigned left_out;              /* such notes before this one that were one too many */
};

/* notes: of struct door_note; at most 5 a minute for each reason and address, and 60 for all. */
int door_new(struct auth *auth, struct mailbox *notes, struct door **ret, struct problem *p);
int door_serve(struct door *door, void *zmq_context,
	       struct problem *p); /* before any door_bind() */
/* Binds to endpoint, then to also (NULL: nothing); CURVE on what is TCP, modes and group on what is a Unix socket.
 * By the socket's own thread.  door NULL: binds without any of this.  0, or -1 and *p. */
int door_bind(struct door *door, void *zmq_context, void *socket, const char *endpoint,
	      const char *also, struct problem *p);
int door_start(struct door *door, struct problem *p); /* after the last door_bind() */
void door_stop(
	struct door *door); /* when the sockets are closed, before their contexts; accepts NULL */

#endif
