/* clients/libnudge/probe.h - asks a port itself, below ZeroMQ, why there is no connection.
 *
 * Asked only after libzmq has failed, since the server notes a handshake that was broken off.
 */
#ifndef CLIENTS_LIBNUDGE_PROBE_H
#define CLIENTS_LIBNUDGE_PROBE_H

#include <stdbool.h>

enum probe_end {
	PROBE_NO_NAME,     /* the host's name has no address; text: why */
	PROBE_NO_CONNECT,  /* number: errno */
	PROBE_NO_GREETING, /* something listens there that is not ZeroMQ, or hangs */
	PROBE_GREETED,     /* mechanism: "NULL", "PLAIN", "CURVE", ... */
};

struct probe {
	enum probe_end end;
	int number;
	char text[96];
	char host[128], port[8];
	char mechanism[21];
};

/* endpoint: "tcp://HOST:PORT".  Blocks at most timeout_s for each of the connection and the greeting, and as long as
 * the system's resolver takes for a name. */
void probe_ask(const char *endpoint, double timeout_s, struct probe *ret);

#endif
