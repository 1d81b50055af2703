/* sim_backend/benchd/card_wire.h - what the stand-in for libcomedi says to nudge-benchd over a Unix socket.
 *
 * A stream of requests, each with one answer, in the machine's own byte order (both ends are on one machine).  A list of
 * instructions is one request, so that it happens at one moment, as in a card.  Analogue values are codes, converted to
 * volts by whoever calls libcomedi and by the card; the range travels with each.  The socket's path is in the environment:
 * NUDGE_BENCHD_CARD.
 */
#ifndef SIM_BACKEND_BENCHD_CARD_WIRE_H
#define SIM_BACKEND_BENCHD_CARD_WIRE_H

#include <stdint.h>

#define CARD_WIRE_VARIABLE "NUDGE_BENCHD_CARD"
#define CARD_WIRE_VERSION  2u

enum card_subdevice { CARD_AI, CARD_AO, CARD_DIO, CARD_SUBDEVICES }; /* like many real cards */

enum card_what {
	/* value: CARD_WIRE_VERSION.  Three answers: numbers of channels.  EPROTO: the other end is of another version. */
	CARD_HELLO = 1,
	/* AI: converts `repeat` times, as many answers; AO: the code that is held; DIO: the line's level. */
	CARD_READ,
	/* AO: value is a code of `range`; DIO: a level, kept (and driven if the line is an output). */
	CARD_WRITE,
	/* DIO, up to 32 lines from `channel` on: sets those of the mask `repeat` to the bits of `value`; one answer: levels. */
	CARD_BITS,
	/* DIO: value 1: an output, which drives the level last written, 0: an input, 2: only ask.  One answer: 0 or 1. */
	CARD_DIRECTION,
	CARD_WAIT,  /* value: ns, below CARD_MOST_WAIT_NS */
	CARD_CLOCK, /* two answers: seconds and microseconds of the wall's clock */
	CARD_LOCK, /* the subdevice: other clients get EACCES until CARD_UNLOCK or the end of the connection */
	CARD_UNLOCK,
};

#define CARD_MOST_INSTRUCTIONS 4096u
#define CARD_MOST_ANSWERS      65536u
#define CARD_MOST_WAIT_NS      100000u /* as in the kernel's comedi */

struct card_request { /* and then `count` instructions */
	uint32_t count;
};

struct card_instruction {
	uint16_t what, subdevice, channel, range;
	uint32_t value, repeat;
};

/* and then `count` answers of 32 bits.  error: 0, or the errno of the instruction that failed: those before it were done,
 * those after it not.  After ENODEV (unplugged) the connection is closed: a card that comes back is opened anew. */
struct card_reply {
	int32_t error;
	uint32_t count;
};

#define CARD_BITS_OF_CODE 16
#define CARD_MAXDATA      65535u
#define CARD_RANGES       4
static const double card_range_V[CARD_RANGES][2] = {{-10, 10}, {0, 10}, {-5, 5}, {0, 5}};

#endif
