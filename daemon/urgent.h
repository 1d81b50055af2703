/* daemon/urgent.h - the urgent socket: run.abort, rig.safe, server.ping, on a thread that does nothing else. */
#ifndef DAEMON_URGENT_H
#define DAEMON_URGENT_H

#include "daemon/mailbox.h"
#include "daemon/rig_thread.h"
#include "daemon/server.h"

struct urgent;

/* What was done, for the main thread to hold the queue and keep the audit. */
struct urgent_note {
	char method[16], who[144], request_id[80];
	uint64_t run, step;
	enum rig_safe safe;
};

struct urgent_setup {
	void *zmq_context;
	struct router_place place;
	const char *boot;
	struct rig_thread *rig;
	struct server_view *view;
	uint64_t replayed;     /* the run that is played in place of a rig; 0: none */
	struct mailbox *notes; /* of struct urgent_note; one that does not fit is lost */
};

/* Binds, then starts the thread.  0, or -1 and *p. */
int urgent_start(const struct urgent_setup *setup, struct urgent **ret, struct problem *p);
void urgent_stop(struct urgent *urgent); /* accepts NULL */

#endif
