/* tests/unit/slave.h - boards that a test plays itself, on a pty or on TCP, with raw frames and with every fault of a wire. */
#ifndef TESTS_UNIT_SLAVE_H
#define TESTS_UNIT_SLAVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SLAVE_BOARDS = 4, SLAVE_EDGES = 16 };

enum slave_fault {
	SLAVE_WELL,
	SLAVE_SILENT,
	SLAVE_WRONG_CRC,      /* a line only */
	SLAVE_WRONG_ADDRESS,  /* the next board's */
	SLAVE_HALF,           /* half of the answer's bytes */
	SLAVE_LATE,           /* by delay_s, in the order of the requests */
	SLAVE_REFUSED,        /* exception 4 */
	SLAVE_SHORT,          /* a right frame with one register less */
	SLAVE_OTHER_REGISTER, /* the echo of a write names another register */
	SLAVE_HANGS_UP,       /* TCP: closes the connection */
	SLAVE_DEAF,           /* takes writes and does not obey */
};

struct slave_board {
	uint16_t magic, version;
	uint32_t serial, clock;
	uint16_t boots, status, capacitor, watchdog_ms, edges;
	uint8_t tap[SLAVE_EDGES], mode[SLAVE_EDGES];
	uint16_t flags[SLAVE_EDGES]; /* bits 8 to 10 of the step word */
	uint32_t updated[SLAVE_EDGES], raised[SLAVE_EDGES];
	enum slave_fault fault;
	unsigned for_requests; /* that the fault lasts; 0: until it is cleared */
	double delay_s;
	unsigned requests, homes, writes;
	int64_t free_ns; /* late answers stay in order */
};

struct slave;

/* n_boards at addresses 1, 2, ...; serial numbers 101, 102, ... */
struct slave *slave_start(bool line, size_t n_boards, unsigned edges);
void slave_stop(struct slave *slave);
const char *slave_device(const struct slave *slave);
/* Its boards belong to the caller between these two. */
struct slave_board *slave_lock(struct slave *slave);
void slave_unlock(struct slave *slave);
void slave_set_fault(struct slave *slave, size_t board, enum slave_fault fault, unsigned requests,
		     double delay_s);
void slave_tick(struct slave *slave); /* one clock edge: all that learn go one up */
void slave_power_cycle(struct slave *slave, size_t board);
unsigned slave_broadcasts(struct slave *slave);
unsigned slave_garbage(struct slave *slave); /* requests that it could not read */
unsigned slave_connections(struct slave *slave);

#endif
