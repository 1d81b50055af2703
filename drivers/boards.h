/* drivers/boards.h - the edge boards on their bus: wipers, modes, capacitors, and what becomes of a board.
 *
 * Each request has a deadline of reply_timeout_s beyond what its bytes need, and is tried `tries` times; a board that then
 * is silent, answers wrongly or refuses is DEGRADED after the first such failure and DOWN after the second, is asked
 * again with a back-off, and comes back by itself.  A bus that is broken is closed, freed and built anew from the
 * configuration.  After a failed try a line is left alone until it was silent for reply_timeout_s, so that no late reply
 * is taken for another: one board costs at most 3 * tries * reply_timeout_s.
 *
 * All calls: 0 or -errno with a sentence that names the board ("board 13 (edge 12): no reply in 0.1 s after 3 tries"):
 * -ETIMEDOUT silence, -EBADMSG another's answer, a wrong CRC or half an answer, -EREMOTEIO the board refused, -ENODEV the bus
 * cannot be opened or broke, -ESTALE another board or one that was power-cycled answers, -EHOSTDOWN supply or watchdog,
 * -EPROTO no board of map version 1 with enough edges.
 * Every failure and recovery is also a note (boards_take_note).  One thread uses the boards.
 */
#ifndef DRIVERS_BOARDS_H
#define DRIVERS_BOARDS_H

#include "drivers/rig_impl.h"

struct boards;

/* n_edges: of the network; must be at most n_boards * edges_per_board and more than one board less.  taps: of an edge.
 * Every edge is on hold until boards_release(), which writes `learn` where boards_set_mode() said nothing else.  A bus or a
 * board that is not there is no error: it is DOWN, and asked again by boards_idle().  config: borrowed.  -EINVAL. */
int boards_open(const struct boards_config *config, size_t n_edges, int taps, struct boards **ret,
		struct rig_error *err);
void boards_close(struct boards *b); /* leaves the boards as they are; accepts NULL */

size_t boards_count(const struct boards *b);
/* [boards_count()] */
const struct rig_device *boards_devices(const struct boards *b);
bool boards_take_note(struct boards *b, struct rig_note *ret);

/* Are all UP, who they were, with supply in range and watchdog not tripped?  Asks each (two reads a board).  A board that was
 * lost is taken up again here, modes, capacitor and watchdog written anew and read back; a watchdog that has tripped is
 * cleared.  -ESTALE once after a board came back with other taps than it had (power-cycled, exchanged), unless boards_read() said so: then it is
 * accepted as it is, unless the configuration wants another serial number. */
int boards_ready(struct boards *b, struct rig_error *err);

/* All of a step: one read a board, and one of its serial number.  ticks: clock edges made since the last call, also if that
 * failed; a board that counted otherwise is a note and *ret_mismatch, no error.  A board whose boot counter or serial number
 * changed, or a tap by more than the edges that it counted, is -ESTALE until boards_ready() has accepted it.  Stops at the
 * first error; nothing is written to ret unless every board answered.  ret->r_ohm is left alone. */
int boards_read(struct boards *b, unsigned ticks, struct rig_edges *ret, bool *ret_mismatch,
		struct rig_error *err);
/* How long boards_read() takes on this wire: bytes at the baud rate and turnaround, then as measured. */
double boards_read_s(const struct boards *b);
/* Each board's serial number is read at least once in so many boards_read(): 1, unless the line is too slow for it. */
unsigned boards_serials_every(const struct boards *b);

/* Modes and taps are written and read back.  A board steps its counter to a tap: waits until it is there.  While held,
 * `learn` is only kept for boards_release(). */
int boards_set_mode(struct boards *b, size_t edge, enum rig_edge_mode mode, struct rig_error *err);
int boards_write_taps(struct boards *b, const uint8_t *wiper,
		      struct rig_error *err); /* [n_edges] */
int boards_home(struct boards *b, struct rig_error *err);
int boards_set_capacitor(struct boards *b, unsigned index,
			 struct rig_error *err); /* 0 .. 4; all boards */

/* Every edge on hold, by broadcast (RTU) or board by board (TCP), tried on every board even after a failure, once each;
 * a cut edge stays cut.  Read back: RIG_SAFE_CONFIRMED when all hold, COMMANDED when all were told and some not read back.
 * boards_release(): watchdogs cleared and back to the modes that were set; after an error some are. */
enum rig_safe boards_hold(struct boards *b);
int boards_release(struct boards *b, struct rig_error *err);
bool boards_held(const struct boards *b);

/* Counts since boards_reset_counts(): [n_edges] each. */
int boards_reset_counts(struct boards *b, struct rig_error *err);
int boards_counts(struct boards *b, uint64_t *ret_updated, uint64_t *ret_raised,
		  struct rig_error *err);

/* Feeds the watchdogs (any valid frame does) with one read of each board, notes what changed, asks lost boards again and
 * takes them up.  The first error of all. */
int boards_idle(struct boards *b, struct rig_error *err);

#endif
