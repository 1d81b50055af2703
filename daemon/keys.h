/* daemon/keys.h - idempotency keys of requests that are still on their way.
 *
 * Replies that were given are kept in the database, in the transaction of their effect; here are only those
 * whose first request has no reply yet, so that a second one waits for it.
 */
#ifndef DAEMON_KEYS_H
#define DAEMON_KEYS_H

#include <stdint.h>

#include <jansson.h>

#include "protocol/problem.h"

struct keys;

struct keys *keys_new(void); /* NULL: no memory */
void keys_free(struct keys *keys);

/* The request `token` comes with this key.  1: it is the first (it must be told to keys_end());
 * 0: *ret_first is on its way with the same method and hash; -1: another use of the key, or no memory, *p. */
int keys_begin(struct keys *keys, const char *key, const char *method, uint64_t hash,
	       uint64_t token, uint64_t *ret_first, struct problem *p);
void keys_end(struct keys *keys, uint64_t token); /* its reply is given */

/* kept: {"method", "hash", "result"} as history_reply() gives it.  0, or -1 and *p for another use of the key. */
int keys_compare(const json_t *kept, const char *key, const char *method, uint64_t hash,
		 struct problem *p);

#endif
