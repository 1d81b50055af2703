/* clients/libnudge/record.h - from frames to a record: header, and arrays by the descriptor. */
#ifndef CLIENTS_LIBNUDGE_RECORD_H
#define CLIENTS_LIBNUDGE_RECORD_H

#include "clients/libnudge/nudge.h"
#include "clients/libnudge/wire.h"

/* The record as the caller sees it, and what it owns. */
struct record {
	struct nudge_record public;
	char topic[64];
	json_t *arrays; /* the descriptor's list, which the names in public.arrays point into */
	struct frames frames;
};

/* A stream message: [topic][header][payload ...].  Takes the frames over in every case.  *ret has no arrays yet.
 * 0, or -1 and INVALID. */
int record_parse(struct frames *frames, struct record **ret, struct nudge_error *error);

/* A reply, parsed already: frames[0] was its JSON, any others are described by its result's `arrays`.
 * Takes over the frames in every case, nothing of reply.  0, or -1 and INVALID. */
int record_of_reply(struct frames *frames, const json_t *reply, struct record **ret,
		    struct nudge_error *error);

/* A record without payload that the watch makes itself; takes over header.  NULL: no memory. */
struct record *record_of_header(const char *topic, json_t *header);

/* Makes public.arrays from a descriptor: list of {name, dtype, shape, unit}.  A first axis "n" is the
 * header's n.  Checks every size against the frames.  0, or -1 and INVALID. */
int record_describe(struct record *record, json_t *arrays, struct nudge_error *error);

/* Drops the first `rows` rows of a page (rows < n): step grows, n shrinks.  An array whose first axis is not n has no rows of
 * the page's and stays whole. */
void record_skip(struct record *record, uint64_t rows);

void record_free(struct record *record); /* accepts NULL */

#endif
