/* clients/web/call.h - /api/call: a method of nudged, let through or refused; and the lease that the page asks for. */
#ifndef CLIENTS_WEB_CALL_H
#define CLIENTS_WEB_CALL_H

#include <pthread.h>
#include <stdbool.h>

#include "clients/web/http.h"
#include "clients/web/pool.h"

struct caller {
	struct pool *pool;
	bool operate;         /* methods that change something go through */
	pthread_mutex_t lock; /* of the lease */
	char lease[65];       /* its token, which no browser sees; "": none */
};

void caller_init(struct caller *caller, struct pool *pool, bool operate);
void caller_end(struct caller *caller); /* gives the lease back */

void call_answer(struct caller *caller, const struct http_request *request,
		 struct http_answer *ret);
/* Puts the payload of a reply into its result's arrays, as lists `values`.  New reference; NULL: too much. */
json_t *call_result(const struct nudge_record *record);

#endif
