/* daemon/history_query.h - a question about steps on its way: what is asked for, and what has been gathered. */
#ifndef DAEMON_HISTORY_QUERY_H
#define DAEMON_HISTORY_QUERY_H

#include "daemon/history_columns.h"

#define MAX_COLUMNS  20
#define N_BIN_ARRAYS 7 /* step, count, and min, max, mean, first, last of mse_V2 */

struct steps_query {
	uint64_t run;
	int64_t from, to; /* inclusive */
	bool as_json;
	bool consecutive; /* a page ends where steps are missing */
	size_t n;
	struct column_values values[N_BIN_ARRAYS + MAX_COLUMNS];
	int64_t last;   /* step of the last row gathered */
	int64_t next;   /* the step to go on with; -1: nothing left */
	json_t *arrays; /* of the run's descriptor; NULL: none yet */
	json_int_t keep_every;
	bool thinned; /* by history.retain: the table's bins know more than the rows */
};

/* Is there no room for another row like those so far? */
bool steps_query_full(const struct steps_query *q);

/* ---- history_bins.c ---- */

/* Steps a bin, so that from..to make at most so many; 1: each is a row. */
int64_t steps_query_every(const struct steps_query *q, int64_t max_points);
/* Bins of `every` steps; columns but step and mse_V2 are taken at each bin's first step.  0, or -1 and *p. */
int steps_query_bins(struct history *h, struct steps_query *q, int64_t every, struct problem *p);

#endif
