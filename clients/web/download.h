/* clients/web/download.h - /api/download: the steps of a run as a file. */
#ifndef CLIENTS_WEB_DOWNLOAD_H
#define CLIENTS_WEB_DOWNLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "clients/web/http.h"
#include "clients/web/pool.h"
#include "clients/web/text.h"

void download_answer(struct pool *pool, const struct http_request *request,
		     struct http_answer *ret);

/* ---- what the formats share ---- */

/* A file in the making: a piece of it in text, which its `more` fills anew when all of that has been sent. */
struct download {
	struct pool *pool;
	json_t *run;         /* history.run */
	json_t *columns;     /* names of those that the run has */
	uint64_t from, last; /* the next step to be asked for, and the last of the file */
	struct text text;
	size_t at;
	bool ended;
	int (*more)(struct download
			    *d); /* 0; -1: it cannot go on.  Sets `ended` with the last piece. */
	void (*close)(struct download *d);
	void *own; /* of the format */
};

/* The next steps from d->from on, up to `most`, of these columns; moves on.  0 or -1. */
int download_page(struct download *d, json_t *columns, uint64_t most, struct nudge_record **ret);
const json_t *download_descriptor(const struct download *d);
/* The description of an array of the run's records; NULL: it has none of this name. */
const json_t *download_array(const struct download *d, const char *name);

void csv_begin(struct download *d);
int npz_begin(struct download *d); /* 0, or -1: no memory, or the daemon is away */

#endif
