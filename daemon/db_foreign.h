/* daemon/db_foreign.h - a table that somebody else measured, as a run: times, an error, voltages of nodes. */
#ifndef DAEMON_DB_FOREIGN_H
#define DAEMON_DB_FOREIGN_H

#include "daemon/db_import.h"

#define FOREIGN_MOST 4096 /* nodes */

/* A column is named by its head, or by its number from 1.  NULL and none: what the heads say is taken. */
struct foreign {
	const char *time;            /* "COLUMN", in seconds */
	const char *error;           /* "COLUMN" in V^2, or "COLUMN=rms_V" to be squared */
	const char *const *voltages; /* "COLUMN=NODE" */
	size_t n_voltages;
	const char *name; /* of the run; NULL: the file's */
	bool show;        /* the columns, and no more */
};

/* context: a struct foreign.  Says on standard error how it takes the columns before it reads them. */
import_reader db_foreign_read;
/* Only says so; 0, or -1 and *p */
int db_foreign_show(const char *file, const struct foreign *foreign, struct problem *p);

#endif
