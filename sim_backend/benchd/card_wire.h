/* sim_backend/benchd/card_wire.h - what the stand-in for libcomedi says to nudge-benchd over a Unix socket.
 *
 * One request, one answer, in the machine's own byte order (both ends are on one machine).  A list of instructions is one
 * request, so that it happens at one moment, as in a card.  Analogue values are codes, converted by the stand-in as
 * libcomedi does; the range travels with each.  The socket's path is in the environment: NUDGE_BENCHD_CARD.
 */
#ifndef SIM_BACKEND_BENCHD_CARD_WIRE_H
#define SIM_BACKEND_BENCHD_CARD_WIRE_H

#include <stdint.h>

#define CARD_WIRE_VARIABLE "NUDGE_BENCHD_CARD"
#define CARD_WIRE_VERSION  1u

enum card_subdevice { CARD_AI, CARD_AO, CARD_DIO }; /* in this order, like many real cards */

enum card_what {
	CARD_HELLO =
		1, /* value: CARD_WIRE_VERSION; answers the numbers of channels in `value` of three answers */
	CARD_READ, /* AI: converts; AO: what is held; DIO: the line */
	CARD_WRITE,
	CARD_DIRECTION, /* DIO: value 1 output, 0 input */
	CARD_WAIT,      /* value: ns */
};

struct card_instruction { /* a request is a uint32_t count and so many of these */
	uint16_t what, subdevice, channel, range;
	uint32_t value;
	uint32_t repeat; /* of CARD_READ: so many conversions, so many answers */
};

struct card_answer { /* an answer is an int32_t errno (0: all done), a uint32_t count and so many of these */
	uint32_t value;
};

#define CARD_RANGES 4
static const double card_range_V[CARD_RANGES][2] = {{-10, 10}, {0, 10}, {-5, 5}, {0, 5}};

#endif
