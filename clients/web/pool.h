/* clients/web/pool.h - connections to nudged for calls: each is lent to one request at a time. */
#ifndef CLIENTS_WEB_POOL_H
#define CLIENTS_WEB_POOL_H

#include <stdbool.h>

#include "clients/libnudge/nudge.h"

struct pool;

/* Where to, and with which keys; it must outlive the pool.  NULL: no memory. */
struct pool *pool_new(const struct nudge_options *server);
void pool_free(struct pool *pool); /* accepts NULL; nobody is calling any more */

/* nudge_call_record() on a free connection, or a new one; deadline included.  params and meta are taken over.
 * urgent: never waits for others' calls. */
int pool_call(struct pool *pool, bool urgent, const char *method, json_t *params, json_t *meta,
	      double timeout_s, struct nudge_record **ret, struct nudge_error *error);
/* The same without meta, for the result alone. */
int pool_ask(struct pool *pool, const char *method, json_t *params, json_t **ret,
	     struct nudge_error *error);

#endif
