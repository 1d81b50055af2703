/* daemon/readers.h - threads for long work: history queries and the analysis of tasks.
 *
 * Each thread has its own read-only connection.  Answers go into a mailbox of struct readers_answer.
 */
#ifndef DAEMON_READERS_H
#define DAEMON_READERS_H

#include "daemon/history.h"
#include "daemon/mailbox.h"

struct readers;

struct readers_answer {
	uint64_t token;
	json_t *result;               /* NULL on failure; the receiver's */
	struct history_frames frames; /* the receiver's */
	struct problem problem;
	void *work; /* as given to readers_post(); the receiver frees it */
};

/* Fills answer->result, frames or problem. */
typedef void readers_function(struct history *h, void *work, struct readers_answer *answer);

int readers_start(const char *file, unsigned n_threads, struct mailbox *answers,
		  struct readers **ret, struct problem *p);
/* false: too many are waiting (the client is told "busy"). */
bool readers_post(struct readers *readers, uint64_t token, readers_function *function, void *work);
/* Interrupts what runs; what was not begun is answered by a problem.  Empty the mailbox afterwards: an answer that found it
 * full is dropped, without its work.  Accepts NULL. */
void readers_stop(struct readers *readers);

#endif
