/* daemon/pending.h - requests that have no reply yet, found by their token. */
#ifndef DAEMON_PENDING_H
#define DAEMON_PENDING_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/router.h"
#include "protocol/request.h"

struct server;
struct pending;

/* What a thread answered: result, or problem (problem->code is not 0).  Taken apart by the receiver. */
struct word {
	json_t *result;
	struct history_frames *frames; /* NULL: none */
	struct problem *problem;       /* never NULL */
	void *work;                    /* as it was posted; NULL: none */
};

typedef void pending_word(struct server *server, struct pending *pending, struct word *word);
typedef bool pending_ready(const struct server *server, const struct pending *pending);
typedef void pending_then(struct server *server, struct pending *pending);

struct pending {
	struct pending *next;
	uint64_t token;
	struct request request;
	struct envelope envelope;
	char who[64];
	struct visitor visitor;
	int64_t deadline_ns;  /* 0: none yet */
	bool owed;            /* a thread still has to say its word */
	bool told;            /* the client has its reply already (the deadline has passed) */
	bool stores;          /* the store owes it, or will: a change with its token was made */
	bool keyed;           /* keys_begin() was said for it */
	uint64_t first;       /* not 0: it gets the reply of this request */
	pending_word *word;   /* when owed; NULL: the word is the reply */
	pending_ready *ready; /* when parked: goes on with `then` once true, or at the deadline */
	pending_then *then;
	uint64_t run, rows; /* what it waits for */
	void *work;         /* a handler's own */
	void (*free_work)(void *work);
};

struct pending_table;

struct pending_table *pending_table_new(size_t most); /* NULL: no memory */
void pending_table_free(struct pending_table *table); /* and all that is in it */
/* A new entry with a token that was never used; NULL: full, or no memory. */
struct pending *pending_new(struct pending_table *table);
struct pending *pending_find(struct pending_table *table, uint64_t token); /* NULL: none */
void pending_free(struct pending_table *table, struct pending *pending);
size_t pending_count(const struct pending_table *table);

/* Calls function for each; it may free the one it is called for. */
void pending_each(struct pending_table *table, void (*function)(void *, struct pending *),
		  void *context);

#endif
