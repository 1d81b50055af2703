/* sim_backend/benchd/control.h - the control socket of nudge-benchd: faults, plugs, and what is really so.
 *
 * A Unix socket; a line of JSON each way.  Answers have "ok": true, or false and an "error" that says what was wrong.
 *
 *   {"do": "fault", "what": "silence", "board": 3, "count": 5}
 *       what: a name of world.h.  What it is about: board and other (addresses; a board left out: all of them), edge, node,
 *       channel ("ao1", "ai3"), value.  How long: count (requests for faults of the wire, else ticks), for_s; neither: until
 *       cleared.  When: after_ticks (so many more), or at_tick (after that one, counted from the start).
 *       {"do": "fault_when", ...} is the same, and must say when.
 *   {"do": "clear"}                      all faults
 *   {"do": "plug", "channel": "ao1", "side": "clamped", "node": 6}
 *       an operator's hand: side free, clamped or both (if left out), node -1: nowhere
 *   {"do": "loop", "input": "ai3", "output": "ao1"}    a wire from an output to an input; without output: taken off
 *   {"do": "state"}       taps (where they are), counted_taps, modes, updated and raised (of the last tick), outputs_V
 *       (commanded), lines, free_V and clamped_V (null: floats), bias_V, capacitance_F, ticks, counts, boards, faults
 *   {"do": "wait", "tick": 120}          answered when so many ticks have been, counted from the start, with "ticks"
 *   {"do": "wait", "faults": 0}          answered when no more faults than so many are on or to come
 *   {"do": "counts"}      of world_counts
 *   {"do": "clear_counts"}
 */
#ifndef SIM_BACKEND_BENCHD_CONTROL_H
#define SIM_BACKEND_BENCHD_CONTROL_H

#include <poll.h>

#include "sim_backend/benchd/world.h"

struct control;

enum { CONTROL_CLIENTS = 8, CONTROL_POLLFDS = CONTROL_CLIENTS + 1 };

/* Listens at `path` (a leftover socket that nobody serves is replaced; -EADDRINUSE: somebody does).  The world is borrowed.
 * 0 or -errno with a sentence. */
int control_open(struct world *w, const char *path, struct control **ret, struct world_error *err);
void control_close(struct control *c); /* and removes the socket; accepts NULL */
size_t control_pollfds(const struct control *c, struct pollfd ret[CONTROL_POLLFDS]);
void control_serve(struct control *c, const struct pollfd *fds, size_t n);

/* What a request waits for: nothing if neither is given. */
struct control_wait {
	long tick, faults; /* -1: not given */
};
/* A request to wait, which is answered later.  False: it is another, or wrong, and control_answer() says so. */
bool control_reads_wait(const char *line, struct control_wait *ret);
bool control_wait_is_over(const struct world *w, const struct control_wait *wait);

/* One request, for the socket and for tests: the answer without its newline, for free().  NULL: out of memory. */
char *control_answer(struct world *w, const char *line, int64_t now_ns);

#endif
