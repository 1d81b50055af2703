/* clients/libnudge/address.h - where a server is: its three endpoints, from an address or by looking around. */
#ifndef CLIENTS_LIBNUDGE_ADDRESS_H
#define CLIENTS_LIBNUDGE_ADDRESS_H

#include "clients/libnudge/nudge.h"

struct address {
	char text[160]; /* "ipc://DIR", "tcp://HOST:PORT" */
	char control[176], urgent[176], stream[176];
};

/* "ipc://DIR", "/DIR" or "tcp://HOST:PORT"; does not look whether somebody is there. */
int address_parse(const char *text, struct address *ret, struct nudge_error *error);

/* to, $NUDGE_SERVER, the user's directory, /run/nudged: the first that is named, or where somebody
 * listens.  UNREACHABLE names every place that was looked at. */
int address_find(const char *to, struct address *ret, struct nudge_error *error);

#endif
