/* daemon/publisher_impl.h - what publisher.c and publisher_steps.c share. */
#ifndef DAEMON_PUBLISHER_IMPL_H
#define DAEMON_PUBLISHER_IMPL_H

#include <zmq.h>

#include "daemon/publisher.h"
#include "daemon/welcome.h"

struct publisher {
	void *socket;
	char *tcp; /* where it is bound over TCP, as libzmq says it; NULL: nowhere */
	const char *boot;
	struct store *store;
	struct sequence *sequence;
	struct welcome_list welcomes;
	const json_t *replay;
	void (*on_welcome)(void *context);
	void *context;

	/* tickets */
	uint64_t ticket;        /* of the records that are published now */
	uint64_t ticket_posted; /* its change is with the store */
	uint64_t ticket_done;
	int64_t ticket_ns;  /* when the last was posted */
	bool ticket_used;   /* records wait for `ticket` */
	struct ring *after; /* the change goes behind these rows; NULL: at once */
	uint64_t after_rows;

	/* steps */
	struct ring *ring;
	uint64_t seen_rows;         /* at the last look */
	uint64_t next_row;          /* the first that is not published */
	uint64_t latest_row;        /* rows that were there when `latest.` went out */
	int64_t page_ns, latest_ns; /* when the last went out */
	uint64_t desc;
	struct record_array arrays[RECORD_ARRAYS];
	size_t n_arrays;
	size_t row_bytes;
	char topic[32]; /* "step.00000042." */
	char *rows;     /* room for a page of rows */
};

/* One frame; more: others follow.  Never waits. */
void publisher_frame(struct publisher *publisher, const void *bytes, size_t size, bool more);
void publisher_message(struct publisher *publisher, zmq_msg_t *message, bool more);

#endif
