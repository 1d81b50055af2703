/* clients/web/hello.h - the first event of a stream: the whole of what is so, asked for in one go. */
#ifndef CLIENTS_WEB_HELLO_H
#define CLIENTS_WEB_HELLO_H

#include "clients/web/pool.h"

struct hello {
	char boot[64];
	uint64_t seq; /* of the snapshot: changes of state up to it are in it */
	uint64_t
		durable_seq; /* what was published up to it the database had, when the run was asked for */
	uint64_t run, steps; /* of the run that is shown; 0: none */
	char *text;          /* the event; free() */
	size_t n;
};

/* 0, or -1 and *error. */
int hello_make(struct pool *pool, struct hello *ret, struct nudge_error *error);

#endif
