/* sim_backend/benchd/slave.h - a board on a wire, serial or TCP alike: which one is asked, what spoils its answer, and
 * answers that wait for their time. */
#ifndef SIM_BACKEND_BENCHD_SLAVE_H
#define SIM_BACKEND_BENCHD_SLAVE_H

#include "sim_backend/benchd/modbus.h"

struct slave_answer {
	uint8_t address; /* of the frame: the one that was asked, or another's */
	uint8_t pdu[MODBUS_PDU];
	size_t n; /* 0: silence */
	double late_s;
	bool half, wrong_crc;
};

/* Index of the board that answers at an address; -1: none. */
long slave_find(const struct world *w, unsigned address);
/* A valid request for one board, with what its faults make of the answer. */
void slave_ask(struct world *w, size_t board, uint8_t address, const uint8_t *pdu, size_t n,
	       int64_t now_ns, struct slave_answer *ret);
void slave_broadcast(struct world *w, const uint8_t *pdu, size_t n, int64_t now_ns);

/* ---- answers that wait ---- */

enum { SLAVE_BYTES = 260, SLAVE_WAITING = 32 };

struct slave_queue {
	struct {
		int64_t due_ns;
		size_t n;
		uint8_t bytes[SLAVE_BYTES];
	} item[SLAVE_WAITING];
	size_t n;
};

/* One too many is lost, as on a wire. */
void slave_queue_put(struct slave_queue *q, int64_t due_ns, const uint8_t *bytes, size_t n);
int64_t slave_queue_due_ns(const struct slave_queue *q); /* INT64_MAX: nothing waits */
/* The earliest that is due; 0: none is.  Returns the number of bytes. */
size_t slave_queue_take(struct slave_queue *q, int64_t now_ns, uint8_t ret[SLAVE_BYTES]);

#endif
