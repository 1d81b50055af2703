/* tests/unit/fake_world.h - the world as the card sees it, without physics: plain volts and levels, and every call counted. */
#ifndef TESTS_UNIT_FAKE_WORLD_H
#define TESTS_UNIT_FAKE_WORLD_H

#include "sim_backend/benchd/world.h"

struct world {
	bool present;
	double output_V[WORLD_AO], input_V[WORLD_AI];
	double drift_V; /* each conversion reads so much more than the one before */
	bool line[WORLD_DIO];
	unsigned writes, conversions, line_calls, line_changes;
	int64_t first_ns, last_ns; /* of calls since fake_world_forget() */
};

/* Counts from 0 again; keeps volts and levels. */
void fake_world_forget(struct world *w);

#endif
