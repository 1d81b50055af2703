/* sim_backend/benchd/slave_rtu.h - all boards of the world on one serial line: Modbus RTU over a pseudo-terminal. */
#ifndef SIM_BACKEND_BENCHD_SLAVE_RTU_H
#define SIM_BACKEND_BENCHD_SLAVE_RTU_H

#include <poll.h>

#include "sim_backend/benchd/world.h"

struct slave_rtu;

struct slave_rtu_options {
	const char *link; /* a symbolic link to the terminal; one that is there is replaced */
	unsigned baud;
	/* Answers come when a line of that speed would have brought them: 11 bits a byte in both directions, 3.5
	 * characters of silence after the request, and 1 ms in which the board turns round. */
	bool pace;
};

/* The world is borrowed.  0 or -errno with a sentence. */
int slave_rtu_open(struct world *w, const struct slave_rtu_options *options, struct slave_rtu **ret,
		   struct world_error *err);
void slave_rtu_close(struct slave_rtu *s);                 /* removes the link; accepts NULL */
const char *slave_rtu_terminal(const struct slave_rtu *s); /* "/dev/pts/3" */

enum { SLAVE_RTU_POLLFDS = 1 };
size_t slave_rtu_pollfds(const struct slave_rtu *s, struct pollfd ret[SLAVE_RTU_POLLFDS]);
int64_t slave_rtu_due_ns(
	const struct slave_rtu *s); /* when slave_rtu_serve() has something to do by itself */
void slave_rtu_serve(struct slave_rtu *s,
		     int64_t now_ns); /* what is there to read, and what is due; never blocks */

#endif
