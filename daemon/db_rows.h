/* daemon/db_rows.h - nudge-db runs, tests and events: rows of a table as they are. */
#ifndef DAEMON_DB_ROWS_H
#define DAEMON_DB_ROWS_H

#include "daemon/db_print.h"
#include "daemon/db_value.h"

struct db_rows {
	const char *table; /* "runs", "tests", "events" */
	int64_t run;       /* 0: of all */
	const char *kind;  /* of events; NULL: any */
	bool arrays;       /* with blobs and the long texts */
	bool brief;        /* of runs only what a table has room for */
};

/* *ret_columns: {name: true}; *ret_rows: objects.  0, or -1 and *p: also when the run is not there. */
int db_rows(struct history *h, const struct db_rows *query, json_t **ret_columns, json_t **ret_rows,
	    struct problem *p);

#endif
