/* clients/nudgectl/top_link.h - the server, from threads that may wait for it, so that the screen never does. */
#ifndef CLIENTS_NUDGECTL_TOP_LINK_H
#define CLIENTS_NUDGECTL_TOP_LINK_H

#include "clients/nudgectl/context.h"

/* Three ways there, each a connection and a thread of its own: none waits for another. */
enum top_way {
	TOP_WAY_URGENT, /* abort */
	TOP_WAY_STEER,  /* what was typed */
	TOP_WAY_ASK,    /* what the model wants to know */
	TOP_WAYS
};

/* What came: a record of the watch, an answer, or a sentence about trouble. */
struct top_item {
	struct top_item *next;
	struct nudge_record *record; /* heard, or the answer; NULL: refused, or trouble */
	char method[40];             /* that it answers; "": of the watch */
	int tag;                     /* of the request */
	struct nudge_error error;    /* with record NULL */
	json_t *hello;               /* of a watch that was opened anew */
	json_t *snapshot;
};

struct top_link;

/* Opens the watch, within the context's time-out, and begins to listen.  Returns an enum exit_code; what is not FINE has
 * been said. */
int top_link_open(struct context *c, struct top_link **ret);
/* Gives them a second to end; threads that still wait for a server are left to the end of the program. */
void top_link_close(struct top_link *link);

int top_link_fd(const struct top_link *link); /* readable: there is something to take */
struct top_item *
top_link_take(struct top_link *link); /* all that came, oldest first; NULL: nothing */
/* What was taken and is done with, one by one: records share JSON with the watch, so that its own thread frees them. */
void top_link_done(struct top_link *link, struct top_item *item); /* one */

/* Asks, with the lease where the method needs it; the answer comes as an item.  Takes over params. */
void top_link_ask(struct top_link *link, enum top_way way, const char *method, json_t *params,
		  int tag);

#endif
