/* tests/unit/wires.h - the wires of a small bench, made by hand or at random, for tests of wirings. */
#ifndef TESTS_UNIT_WIRES_H
#define TESTS_UNIT_WIRES_H

#include "daemon/wiring.h"
#include "tests/check.h"

#define N 12 /* nodes */

/* put() plugs an output in, with its relays' lines (-1: none). */
struct bench {
	struct daq_wire wire[2][N];
};

static inline void put(struct bench *b, size_t node, enum wiring_plug plug, int output,
		       int relay_free, int relay_clamped)
{
	const int relay[2] = {relay_free, relay_clamped};

	for (int side = 0; side < 2; side++) {
		if (!(plug & 1 << side))
			continue;
		b->wire[side][node].drive = (struct daq_channel){DAQ_AO, (unsigned)output};
		b->wire[side][node].relay =
			relay[side] < 0 ? (struct daq_channel){0}
					: (struct daq_channel){DAQ_DIO, (unsigned)relay[side]};
	}
}

/* ai0 .. in the free network, ai100 .. in the clamped one */
static inline void measure(struct bench *b, size_t node)
{
	b->wire[RIG_FREE][node].measure = (struct daq_channel){DAQ_AI, (unsigned)node};
	b->wire[RIG_CLAMPED][node].measure = (struct daq_channel){DAQ_AI, 100 + (unsigned)node};
}

static inline void measure_all(struct bench *b)
{
	for (size_t node = 0; node < N; node++)
		measure(b, node);
}

static inline struct wiring *wiring_of(const struct bench *b)
{
	const struct daq_wire *const wire[2] = {b->wire[0], b->wire[1]};
	struct wiring *w;

	assert_ok(wiring_new(N, wire, &w));
	return w;
}

#endif
