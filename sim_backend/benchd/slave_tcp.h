/* sim_backend/benchd/slave_tcp.h - the boards of the world on TCP: Modbus with its MBAP header. */
#ifndef SIM_BACKEND_BENCHD_SLAVE_TCP_H
#define SIM_BACKEND_BENCHD_SLAVE_TCP_H

#include <poll.h>

#include "sim_backend/benchd/world.h"

struct slave_tcp;

enum { SLAVE_TCP_CLIENTS = 264, SLAVE_TCP_LISTENERS = 247 };
enum { SLAVE_TCP_POLLFDS = SLAVE_TCP_CLIENTS + SLAVE_TCP_LISTENERS };

/* place: HOST:PORT, or [HOST]:PORT, one for all boards or one for each, in the order of the rig file; port 0: any.  The
 * world is borrowed.  0 or -errno with a sentence. */
int slave_tcp_open(struct world *w, const char (*place)[108], size_t n, struct slave_tcp **ret,
		   struct world_error *err);
void slave_tcp_close(struct slave_tcp *s); /* accepts NULL */
/* "127.0.0.1:1502" of the i-th listener, with the port that it got. */
const char *slave_tcp_place(const struct slave_tcp *s, size_t i);

size_t slave_tcp_pollfds(const struct slave_tcp *s, struct pollfd ret[SLAVE_TCP_POLLFDS]);
int64_t slave_tcp_due_ns(const struct slave_tcp *s);
/* After poll(): serves whatever is ready among these (others are ignored), and what is due.  Never blocks. */
void slave_tcp_serve(struct slave_tcp *s, const struct pollfd *fds, size_t n, int64_t now_ns);

#endif
