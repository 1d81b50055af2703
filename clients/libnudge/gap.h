/* clients/libnudge/gap.h - what is missing: the bookkeeping of boot, seq, prev and steps, without any socket.
 *
 * Two chains are followed.  Each topic's records are linked by seq and prev, and the heartbeat says each
 * topic's last seq; a run's steps are numbered without holes.  The first finds what the wire lost,
 * the second also what was never sent.
 */
#ifndef CLIENTS_LIBNUDGE_GAP_H
#define CLIENTS_LIBNUDGE_GAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gap;

struct gap *gap_new(void);    /* NULL: no memory */
void gap_free(struct gap *g); /* accepts NULL */

/* A snapshot: everything of this boot up to seq is known.  Forgets the topics; keeps the runs. */
void gap_begin(struct gap *g, const char *boot, uint64_t seq);

enum gap_verdict {
	GAP_NEXT, /* follows what was seen before */
	GAP_OLD,  /* seen already, or told by the snapshot */
	GAP_HOLE, /* records of this topic between `after` and this one are missing */
	GAP_BOOT, /* another boot: take a new snapshot, then ask again */
};
/* A record came.  *ret_after (on HOLE): the last seq of this topic that was seen, or the snapshot's. */
enum gap_verdict gap_record(struct gap *g, const char *topic, const char *boot, uint64_t seq,
			    uint64_t prev, uint64_t *ret_after);
/* The heartbeat names a topic's last seq: true when its tail is missing, told once. */
bool gap_tail(struct gap *g, const char *topic, uint64_t last, uint64_t *ret_after);

/* Rows [step, step + n) of a run came.  NEXT; OLD: every row was there before; HOLE: [*ret_from, step - 1] is
 * missing.  *ret_skip: the rows at the beginning that were there before. */
enum gap_verdict gap_steps(struct gap *g, uint64_t run, uint64_t step, uint64_t n,
			   uint64_t *ret_from, uint64_t *ret_skip);
/* Steps of a run below `step` exist or were asked for: the first that has not been seen, or `step`. */
uint64_t gap_reach(struct gap *g, uint64_t run, uint64_t step);
/* The next step that is expected of a run.  A run that was never named begins at 0. */
uint64_t gap_expected(const struct gap *g, uint64_t run);
void gap_expect(struct gap *g, uint64_t run, uint64_t step);
void gap_forget(struct gap *g, uint64_t run);                   /* it has ended */
bool gap_run(const struct gap *g, size_t i, uint64_t *ret_run); /* the i-th run that is followed */

#endif
