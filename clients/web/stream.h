/* clients/web/stream.h - server-sent events: what one browser is told, from its hello on. */
#ifndef CLIENTS_WEB_STREAM_H
#define CLIENTS_WEB_STREAM_H

#include <stdatomic.h>

#include "clients/web/hub.h"
#include "clients/web/http.h"
#include "clients/web/pool.h"

#define STREAMS_MAX 32

/* Answers /api/events.  n_streams counts those that are open; hub and pool must outlive them. */
void stream_answer(const struct http_request *request, struct hub *hub, struct pool *pool,
		   atomic_uint *n_streams, struct http_answer *ret);

#endif
