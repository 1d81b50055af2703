/* clients/web/download.h - /api/download: the steps of a run as a file, page by page. */
#ifndef CLIENTS_WEB_DOWNLOAD_H
#define CLIENTS_WEB_DOWNLOAD_H

#include "clients/web/http.h"
#include "clients/web/pool.h"

void download_answer(struct pool *pool, const struct http_request *request,
		     struct http_answer *ret);

#endif
