/* daemon/db_series.h - nudge-db series: columns of the steps of a run. */
#ifndef DAEMON_DB_SERIES_H
#define DAEMON_DB_SERIES_H

#include "daemon/db_print.h"
#include "daemon/db_value.h"

struct db_series {
	int64_t run;
	/* "step,mse_V2,v_free_V[0],wiper": names of columns; of an array one item, or (no index) all as a list.
	 * `updated` is taken by bits: updated[3] says whether edge 3 took part. */
	const char *columns;
	int64_t from, to; /* steps, both included */
	int64_t every;    /* only steps that are multiples of this; 1: all */
};

/* Prints CSV (a whole array as columns name[0], name[1], ...) or {"run", "n", "columns": {name: [...]}}.
 * 0, or -1 and *p. */
int db_series(struct history *h, const struct db_series *query, enum db_format format,
	      struct problem *p);

#endif
