/* clients/web/api.h - what a page reads: /api/about, /api/steps, /api/runs. */
#ifndef CLIENTS_WEB_API_H
#define CLIENTS_WEB_API_H

#include "clients/web/http.h"
#include "clients/web/options.h"
#include "clients/web/pool.h"

void api_about(struct pool *pool, const struct web_options *options, struct http_answer *ret);
void api_steps(struct pool *pool, const struct http_request *request, struct http_answer *ret);
void api_runs(struct pool *pool, const struct http_request *request, struct http_answer *ret);

/* A whole number of the query into params, under `member`; absent: nothing.  false: it is none, and *ret says so. */
bool api_number(const struct http_request *request, const char *name, json_t *params,
		const char *member, struct http_answer *ret);

#endif
