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
	uint64_t
		too_steep; /* writes that break slew_V_per_s (1 % and one LSB allowed; a pause counts for 2 ms) */
	uint64_t live_switches; /* capacitors switched while an output was not at safe volts */
	/* an output left safe volts, at which all of them were, while a board was silent, unpowered, tripped or had never
	 * been asked; outputs that drive nodes, not the bias */
	uint64_t live_unready;
	double least_V, most_V; /* that an output ever had */
};
void world_counts(const struct world *w, struct world_counts *ret);
void world_clear_counts(struct world *w);

/* ---- the physics, for tests and for the boards ---- */

size_t world_edges(const struct world *w);
/* [n_nodes] true voltages now; NAN for a node that floats.  side: enum rig_side. */
int world_voltages(struct world *w, int side, int64_t now_ns, double *ret_V);
void world_taps(const struct world *w, uint8_t *ret_wiper); /* [n_edges] where they really are */

struct world_edge {              /* as its board has it */
	uint8_t tap, mode, last; /* counted; enum rig_edge_mode; BOARD_LAST_ bits */
	uint32_t updated, raised;
};
void world_edge(const struct world *w, size_t edge, struct world_edge *ret);
const struct rig_config *world_config(const struct world *w);
uint64_t world_ticks(const struct world *w); /* active edges of the clock line, never cleared */
double world_farad(const struct world *w);   /* of every edge's capacitor now */

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
/* The same to one of the boards that a broadcast reaches. */
int world_board_broadcast(struct world *w, size_t board, uint16_t first, uint16_t n, int64_t now_ns,
			  const uint16_t *values);

/* Times of events that nobody calls about: a fault that ends, a watchdog.  Call it before looking on. */
void world_advance(struct world *w, int64_t now_ns);
int64_t world_due_ns(
	const struct world *w); /* when world_advance() has something to do; INT64_MAX: never */

/* ---- faults ---- */

/* On the wire, which a slave plays by world_wire_fault(): silence, hang, half, late (value s), wrong_crc, wrong_address,
 * refused, refuse_connection; `count` of these counts requests.  At boards, wires and the card; `count` counts ticks:
 * power_cycle and watchdog (at once), unpowered, missed_tick, double_tick (board; none: all), swapped (board, other),
 * stuck_output (ao), sagging_source (node, value ohm), noisy_input (ai, value V rms), nan (ai), unplugged,
 * stuck_edge, deaf_edge, against (edge: moves against its comparator), slow_inputs (value s: every reading approaches its
 * voltage), multiplexer (value 0 .. 1: so much of the channel before is in a reading), ai_gain, ai_offset,
 * ao_gain, ao_offset (channel, value).  control.h has the words of the socket. */
struct world_fault {
	const char *what;
	long board, other, edge, node,
		channel;      /* -1: none; board: its index; channel: of the ao or ai */
	double value, for_s;  /* NAN: none; 0: until cleared */
	unsigned count;       /* 0: until cleared */
	unsigned after_ticks; /* so many ticks pass before it is on */
};
int world_fault(struct world *w, const struct world_fault *fault, int64_t now_ns,
		struct world_error *err); /* -EINVAL, -ENOSPC */
void world_clear_faults(struct world *w, int64_t now_ns);
/* The i-th fault that is on or to come; false: there are no more. */
bool world_fault_at(const struct world *w, size_t i, struct world_fault *ret, bool *ret_on);

enum world_wire {
	WORLD_WIRE_SILENCE, /* it hears nothing */
	WORLD_WIRE_HANG,    /* it does what it is asked to, and never answers */
	WORLD_WIRE_HALF,    /* half of the answer */
	WORLD_WIRE_LATE,
	WORLD_WIRE_CRC,
	WORLD_WIRE_ADDRESS, /* the answer is another board's */
	WORLD_WIRE_REFUSED, /* exception 4 */
};
/* Which of these a request to a board meets, as bits 1u << enum world_wire; uses up their counts.  *ret_late_s: of
 * WORLD_WIRE_LATE. */
unsigned world_wire_fault(struct world *w, size_t board, int64_t now_ns, double *ret_late_s);
/* refuse_connection, which no request uses up */
bool world_refuses_connection(const struct world *w, size_t board);

/* An operator plugs a channel into another node (-1: nowhere).  side: enum rig_side; both: -1. */
int world_plug(struct world *w, struct daq_channel channel, int side, long node, int64_t now_ns,
	       struct world_error *err);
/* A wire from an output to an input, instead of a node; ao -1: none. */
int world_loop(struct world *w, unsigned ai, long ao, int64_t now_ns, struct world_error *err);

#endif
