/* clients/libnudge/watch_impl.h - a watch from within: shared by watch.c (what comes) and refill.c (what did not). */
#ifndef CLIENTS_LIBNUDGE_WATCH_IMPL_H
#define CLIENTS_LIBNUDGE_WATCH_IMPL_H

#include "clients/libnudge/gap.h"
#include "clients/libnudge/internal.h"
#include "clients/libnudge/record.h"

/* What is to be given to the caller, in order: a record, or steps that must be fetched first. */
struct item {
	struct item *next;
	struct record *record; /* NULL: steps from .. to of run */
	uint64_t run, from, to;
	unsigned attempts; /* that brought nothing */
};

struct nudge_watch {
	struct nudge *nudge;
	struct wire *wire;
	char **topics; /* the caller's */
	size_t n_topics;
	char welcome_topic[64]; /* "welcome.<nonce>." */
	bool welcome;           /* it came: the subscriptions stand */
	json_t *snapshot;
	struct gap *gap;
	json_t *descriptors; /* "7": the list of arrays */
	struct item *first, **last;
	double heard_s; /* when anything came, on wire_now_s()'s clock */
};

/* ---- the queue towards the caller ---- */
int queue_record(struct nudge_watch *w, struct record *record,
		 struct nudge_error *error); /* takes over record, NULL: no memory */
int queue_made(struct nudge_watch *w, const char *topic, json_t *header,
	       struct nudge_error *error); /* takes over header */
int queue_gap(struct nudge_watch *w, const char *topic, uint64_t after, uint64_t before,
	      struct nudge_error *error);
int queue_steps(struct nudge_watch *w, uint64_t run, uint64_t from, uint64_t to,
		struct nudge_error *error);
void queue_drop_first(struct nudge_watch *w); /* not its record */

/* ---- follow ---- */
/* Waits for a message and queues what follows from it.  0, -ETIMEDOUT, -EINTR, or -1 and *error. */
int follow_next(struct nudge_watch *w, double deadline_s, struct nudge_error *error);
int follow_desc(struct nudge_watch *w, struct record *record,
		struct nudge_error *error); /* a descriptor; takes over record */

/* ---- refill ---- */
/* state.snapshot; begin: from now on gaps count from its seq, and what came before is dropped. */
int refill_snapshot(struct nudge_watch *w, bool begin, struct nudge_error *error);
/* Another boot: a new snapshot as a record, and what is stored of the runs that were followed. */
int refill_boot(struct nudge_watch *w, struct nudge_error *error);
/* Steps below `step` of run that were not seen are queued. */
int refill_reach(struct nudge_watch *w, uint64_t run, uint64_t step, struct nudge_error *error);
/* The same up to the steps that the run has made by now. */
int refill_all(struct nudge_watch *w, uint64_t run, struct nudge_error *error);
/* The same for every run that is followed. */
int refill_runs(struct nudge_watch *w, struct nudge_error *error);
/* Fetches a page of the first item of the queue, which is one of steps.  *ret: the page, a record of kind "gap",
 * or NULL: not stored yet. */
int refill_fetch(struct nudge_watch *w, struct record **ret, struct nudge_error *error);

json_t *descriptor_find(const struct nudge_watch *w, json_int_t desc); /* borrowed; NULL: unknown */
/* Keeps a list of arrays; the first axis of each becomes "n".  0, or -1: no memory. */
int descriptor_keep(struct nudge_watch *w, json_int_t desc, const json_t *arrays);
/* Learns the descriptor of a run's step by fetching that step alone; false: it cannot be had. */
bool descriptor_learn(struct nudge_watch *w, uint64_t run, uint64_t step, json_int_t desc);

#endif
