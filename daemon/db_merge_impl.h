/* daemon/db_merge_impl.h - what the two files of the merge share: whose rows go where. */
#ifndef DAEMON_DB_MERGE_IMPL_H
#define DAEMON_DB_MERGE_IMPL_H

#include "daemon/db_merge.h"
#include "daemon/db_value.h"

struct db_merge_run {
	int64_t in, out; /* its numbers there and here */
	bool added;      /* now, not before */
};

struct db_merge {
	sqlite3 *out;
	const char *out_file;
	/* the input at hand */
	struct history *in;
	const char *in_file;
	struct db_merge_run *runs; /* by their number in the input */
	size_t n_runs, capacity;
	struct db_merged count;
};

int db_merge_fail(const struct db_merge *m, struct problem *p); /* what SQLite said about OUT; -1 */

/* ---- db_merge_rows.c ---- */

/* Copies the row of a run under its new number. */
int db_merge_run_row(struct db_merge *m, const struct db_merge_run *run, struct problem *p);
/* All that belongs to the runs which were added, from every table with a column `run`. */
int db_merge_of_runs(struct db_merge *m, struct problem *p);
/* What belongs to no run, or only names one: events, audit, checkpoints, calibrations. */
int db_merge_others(struct db_merge *m, struct problem *p);

#endif
