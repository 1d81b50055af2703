/* clients/libnudge/wire_entrance.h - how a TCP socket fares at the server's door: sets its keys, hears its monitor. */
#ifndef CLIENTS_LIBNUDGE_WIRE_ENTRANCE_H
#define CLIENTS_LIBNUDGE_WIRE_ENTRANCE_H

#include "clients/libnudge/wire.h"

struct entrance;

/* Before the socket is connected to endpoint.  NULL and errno. */
struct entrance *entrance_new(void *context, void *socket, const char *endpoint,
			      const struct wire_keys *keys);
void entrance_free(struct entrance *e); /* before the socket is closed; accepts NULL */

void *entrance_socket(const struct entrance *e); /* readable when there is something to hear */
long entrance_due_ms(const struct entrance *e);  /* until entrance_hear() has something to do */
/* Takes what the monitor has, and knocks again where libzmq has given up. */
void entrance_hear(struct entrance *e);

/* A message came: we are in, whether or not the monitor has said so yet. */
void entrance_passed(struct entrance *e);

enum wire_entry entrance_state(const struct entrance *e, int *ret_status);
bool entrance_is_up(const struct entrance *e); /* by what the monitor told */
bool entrance_broke(struct entrance *e);       /* since this was asked last */
bool entrance_was_in(const struct entrance *e);
/* Nothing will change by waiting a moment: a key is refused, or nobody is there who ever was. */
bool entrance_is_closed(const struct entrance *e);

#endif
