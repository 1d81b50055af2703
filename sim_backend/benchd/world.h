/* sim_backend/benchd/world.h - a bench that is not there: twin networks, edge boards and a card, as physics on the wall's clock.
 *
 * The card's outputs drive nodes through the wires and relays of a rig file; its inputs measure nodes; an active edge of its
 * clock line makes every powered board compare and move.  Capacitors relax in real time.  Times are CLOCK_MONOTONIC
 * in ns and never run backwards.  The same for a slave on a serial line, one on TCP and the stand-in card.
 */
#ifndef SIM_BACKEND_BENCHD_WORLD_H
#define SIM_BACKEND_BENCHD_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "drivers/rig_config.h"

struct world;

struct world_error {
	char text[256];
};

/* config: network, edge, capacitors, bias rails, limits, daq (wires, clock), boards, and sim (the physics: comparators,
 * noise, tolerances, oscillators, mismatch; its faults too).  Copied.  At power-on: outputs 0 V, lines low, wipers at
 * initial_tap. */
int world_new(const struct rig_config *config, uint64_t seed, int64_t now_ns, struct world **ret,
	      struct world_error *err);
void world_free(struct world *w);

/* ---- the card ---- */

#define WORLD_AO                                                                                   \
	32 /* analogue outputs, 16 bits over -10 .. 10 V or 0 .. 10 V or 0 .. 5 V or -5 .. 5 V */
#define WORLD_AI   64
#define WORLD_DIO  64
#define WORLD_BITS 16

void world_set_output(struct world *w, unsigned ao, double volts, int64_t now_ns);
double world_output(const struct world *w, unsigned ao); /* as commanded */
/* Noise, settling of the multiplexer and the node's voltage, before the card's own rounding; NAN: the fault "nan". */
double world_read_input(struct world *w, unsigned ai, int64_t now_ns);
void world_set_line(struct world *w, unsigned line, bool high, int64_t now_ns);
bool world_line(const struct world *w, unsigned line);
bool world_card_present(const struct world *w, int64_t now_ns); /* false: unplugged */

/* ---- what it counted and kept, asserted by tests ---- */

struct world_counts {
	uint64_t clock_edges;   /* active edges of the clock line */
	uint64_t line_changes;  /* of the clock line, either way */
	uint64_t writes;        /* of analogue outputs */
	uint64_t beyond_limits; /* writes outside the rig file's volts */
	uint64_t too_steep;     /* writes that break slew_V_per_s (1 % and one LSB allowed) */
	uint64_t live_switches; /* capacitors switched while an output was not at safe volts */
	uint64_t
		live_unready; /* outputs moved away from safe volts while a board was silent, unpowered or on hold */
	double least_V, most_V; /* that an output ever had */
};
void world_counts(const struct world *w, struct world_counts *ret);
void world_clear_counts(struct world *w);

/* ---- the physics, for tests and for the boards ---- */

size_t world_edges(const struct world *w);
/* [n_nodes] true voltages now; NAN for a node that floats.  side: enum rig_side. */
int world_voltages(struct world *w, int side, int64_t now_ns, double *ret_V);
void world_taps(const struct world *w, uint8_t *ret_wiper); /* [n_edges] where they really are */

/* ---- boards: registers, as drivers/board_registers.h has them; board: index, not address ---- */

size_t world_boards(const struct world *w);
unsigned world_board_address(const struct world *w, size_t board);
/* A valid frame reached the board: feeds its watchdog. */
void world_board_heard(struct world *w, size_t board, int64_t now_ns);
/* 0, or a Modbus exception code (2: no such register, 3: no such value).  Reading or writing is whole or not at all. */
int world_board_read(struct world *w, size_t board, uint16_t first, uint16_t n, int64_t now_ns,
		     uint16_t *ret);
int world_board_write(struct world *w, size_t board, uint16_t first, uint16_t n, int64_t now_ns,
		      const uint16_t *values);

/* ---- faults ---- */

/* what happens to boards, wires and the card, by the words of the control socket (benchd/control.h):
 * power_cycle, unpowered, watchdog, missed_tick, double_tick, swapped (board, other), stuck_output (ao), sagging_source
 * (node, value ohm), noisy_input (ai, value V rms), nan (ai), unplugged, stuck_edge (edge), deaf_edge (edge),
 * against (edge: moves against its comparator).  count: so many ticks, 0: until cleared; for_s: so long, 0: likewise. */
struct world_fault {
	const char *what;
	long board, other, edge, node, channel; /* -1: none */
	double value, for_s;
	unsigned count;
};
int world_fault(struct world *w, const struct world_fault *fault, int64_t now_ns,
		struct world_error *err); /* -EINVAL */
void world_clear_faults(struct world *w, int64_t now_ns);
/* An operator plugs a channel into another node (-1: nowhere).  side: enum rig_side; both: -1. */
int world_plug(struct world *w, struct daq_channel channel, int side, long node, int64_t now_ns,
	       struct world_error *err);

#endif
