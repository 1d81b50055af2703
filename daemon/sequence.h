/* daemon/sequence.h - the numbers of the stream: seq, prev of each topic, and how far what was published is on disk.
 *
 * A kept record is on disk when the store says so: a page of steps when that many rows of its run are, an event or a
 * test when the change that was posted behind it (a ticket) has been committed.  durable_seq is the seq up to which
 * all kept records are on disk; the others count at once.
 */
#ifndef DAEMON_SEQUENCE_H
#define DAEMON_SEQUENCE_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

struct sequence;

struct sequence_stamp {
	uint64_t seq, prev, durable_seq;
};

struct sequence *sequence_new(void); /* NULL: no memory */
void sequence_free(struct sequence *s);

/* Each numbers one more record on topic (which ends in a dot, below 64 bytes).  0 or -ENOMEM. */
int sequence_next(struct sequence *s, const char *topic, struct sequence_stamp *ret);
int sequence_next_rows(struct sequence *s, const char *topic, uint64_t run, uint64_t rows,
		       struct sequence_stamp *ret);
int sequence_next_ticket(struct sequence *s, const char *topic, uint64_t ticket,
			 struct sequence_stamp *ret);

void sequence_rows_durable(struct sequence *s, uint64_t run, uint64_t rows);
void sequence_ticket_durable(struct sequence *s, uint64_t ticket); /* this one and all before */
uint64_t sequence_seq(const struct sequence *s);
uint64_t sequence_durable(const struct sequence *s);

/* {topic: seq of its last record} of the standing topics and of the latest runs'; new reference. */
json_t *sequence_last(const struct sequence *s);

#endif
