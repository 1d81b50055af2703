/* tests/unit/fake_bench.h - a card and boards that are not there: what they were told, in order, and what they answer.
 *
 * Linked in place of drivers/boards*.c and of the list of cards: rig_open() of backend "bench" opens these.  Two networks of three nodes
 * in a row, edge 0 from node 0 to 1 and edge 1 from 1 to 2.  A driven node reads what its output holds (plus apart_V), any other node_V.
 */
#ifndef TESTS_UNIT_FAKE_BENCH_H
#define TESTS_UNIT_FAKE_BENCH_H

#include "drivers/boards.h"
#include "drivers/daq.h"
#include "tests/check.h"

enum { NODES = 3, EDGES = 2, MOST_ACTS = 4096, OUTPUTS = 8, INPUTS = 16, LINES = 16 };

enum act_kind {
	ACT_WRITE, /* number, volts */
	ACT_LINE,  /* number, high: other than it was */
	ACT_READ,  /* of n inputs */
	ACT_READY,
	ACT_RELEASE,
	ACT_HOLD,
	ACT_BOARDS_READ, /* number: ticks told */
	ACT_MODE,
	ACT_TAPS,
	ACT_HOME,
	ACT_CAPACITOR, /* number */
	ACT_FEED,
};

struct act {
	enum act_kind kind;
	unsigned number;
	double volts;
	bool high;
	int64_t at_ns;
};

struct fake_bench {
	struct act act[MOST_ACTS];
	size_t n_acts;
	/* the card */
	bool no_card, no_read_back;
	int write_error, read_error; /* -errno from now on */
	double held_V[OUTPUTS],
		stuck_V; /* stuck_V: what output `stuck` shows whatever is written */
	long stuck;
	bool line[LINES];
	unsigned clock_edges;
	double node_V[2][NODES], apart_V[2][NODES];
	/* the boards */
	int boards_error; /* -errno of all that they are asked from now on */
	enum rig_device_state board_state;
	enum rig_safe hold_gives;
	uint8_t taps[EDGES], updated, raised, mode[EDGES];
	bool held, mismatch;
	double read_s;
	struct rig_config *config;
};

extern struct fake_bench fake;

struct rig_config *fake_config(void); /* and a fresh card; for rig_config_free() */
struct rig *fake_open(struct rig_config *config);
struct rig *fake_rig(void);      /* of fake_config() */
int fake_begin(struct rig *rig); /* sources 0 and 2, target 1, all measured */
size_t fake_count(enum act_kind kind);
size_t fake_first(enum act_kind kind); /* place in act[]; MOST_ACTS: never */
void assert_says(struct rig *rig, int got, int want, const char *words);
bool fake_note(struct rig *rig, enum rig_note_kind kind,
	       struct rig_note *ret); /* the next of that kind */

#endif
