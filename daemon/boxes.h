/* daemon/boxes.h - what other threads say to the main one: a mailbox of each, read into the server in rounds of its loop. */
#ifndef DAEMON_BOXES_H
#define DAEMON_BOXES_H

#include <stdbool.h>

#include "daemon/mailbox.h"
#include "protocol/problem.h"

struct log_box;
struct server;

struct boxes {
	struct server *server;
	struct mailbox *rig;     /* struct report *, of the rig's thread */
	struct mailbox *store;   /* struct store_report */
	struct mailbox *answers; /* struct readers_answer */
	struct mailbox *notes;   /* struct urgent_note */
	struct mailbox *door;    /* struct door_note */
	struct log_box *log;     /* lines of any thread */
};

/* 0, or -1 and *p; boxes_close() in both cases.  server stays the caller's. */
int boxes_open(struct boxes *boxes, struct server *server, struct problem *p);
/* Into the server's loop from now on.  0, or -1 and *p. */
int boxes_listen(struct boxes *boxes, struct problem *p);
/* Takes what the rig's and the urgent thread said up to now; false: there is more of the rig's.  context: the boxes. */
bool boxes_catch_up(void *context);
/* Until nothing is left that holds memory; the readers' answers are still sent. */
void boxes_empty(struct boxes *boxes);
void boxes_close(struct boxes *boxes, bool store_has_stopped);

#endif
