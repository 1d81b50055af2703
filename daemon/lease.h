/* daemon/lease.h - who steers: one holder at a time, for as long as it is renewed.
 *
 * Times are handed in, so that the tests need not wait.  A lease ends with the daemon.
 */
#ifndef DAEMON_LEASE_H
#define DAEMON_LEASE_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "protocol/problem.h"

struct lease;

struct lease_time {
	int64_t mono_ns, utc_ns; /* the same instant on both clocks */
};
struct lease_time lease_time_now(void);

struct lease *lease_new(void); /* NULL: no memory */
void lease_free(struct lease *lease);

/* 0, or -1 and *p (PROBLEM_LOCKED with holder, note, since_utc, expires_utc).  The token is drawn anew. */
int lease_acquire(struct lease *lease, const char *holder, const char *note, double ttl_s,
		  bool take_over, struct lease_time now, struct problem *p);
/* dry_run, of both: checks only. */
int lease_renew(struct lease *lease, const char *token, bool dry_run, struct lease_time now,
		struct problem *p);
int lease_release(struct lease *lease, const char *token, bool dry_run, struct lease_time now,
		  struct problem *p);

/* May the bearer of token (NULL: none) steer?  required: nobody may without a lease. */
int lease_check(const struct lease *lease, const char *token, bool required, struct lease_time now,
		struct problem *p);

/* Counts acquisitions from 1, so that who steered can be told apart from who steers; 0: nobody holds it. */
uint64_t lease_number(const struct lease *lease);

/* Ends what has run out; true if it just did.  When to look again is lease_end_ns() (0: nobody holds it). */
bool lease_expire(struct lease *lease, struct lease_time now);
int64_t lease_end_ns(const struct lease *lease);

json_t *
lease_public(const struct lease *lease); /* {holder, note, since_utc, expires_utc} or null */
json_t *lease_secret(const struct lease *lease); /* the same and the token, for its holder */

#endif
