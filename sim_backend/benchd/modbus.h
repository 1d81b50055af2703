/* sim_backend/benchd/modbus.h - Modbus as a slave speaks it: frames, their CRC, and what a board answers.
 *
 * Written here and not taken from a library, because a library's slave cannot answer wrongly.
 */
#ifndef SIM_BACKEND_BENCHD_MODBUS_H
#define SIM_BACKEND_BENCHD_MODBUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim_backend/benchd/world.h"

enum {
	MODBUS_PDU = 253,     /* most bytes: function and data */
	MODBUS_FRAME = 256,   /* of RTU: address, PDU, CRC */
	MODBUS_BROADCAST = 0, /* address */
	MODBUS_BY_SILENCE =
		1024, /* modbus_request_length(): nobody knows but the silence after it */
};

uint16_t modbus_frame_crc(const uint8_t *bytes, size_t n); /* sent low byte first */
/* Address, PDU and CRC; returns the length. */
size_t modbus_frame_make(uint8_t address, const uint8_t *pdu, size_t n, uint8_t ret[MODBUS_FRAME]);
/* How long an RTU request is of which n bytes are there: 0 when too few are, MODBUS_BY_SILENCE for functions that this
 * slave does not know. */
size_t modbus_request_length(const uint8_t *frame, size_t n);

/* What a board does and answers: a PDU, which may be an exception; returns its length. */
size_t modbus_pdu_answer(struct world *w, size_t board, const uint8_t *pdu, size_t n,
			 int64_t now_ns, uint8_t ret[MODBUS_PDU]);
/* The same by broadcast: writes only, and nobody answers. */
void modbus_pdu_broadcast(struct world *w, size_t board, const uint8_t *pdu, size_t n,
			  int64_t now_ns);
size_t modbus_pdu_exception(uint8_t function, uint8_t code, uint8_t ret[MODBUS_PDU]);

#endif
