/* daemon/db_foreign_impl.h - what the files of the foreign table share: the table, and what its columns are. */
#ifndef DAEMON_DB_FOREIGN_IMPL_H
#define DAEMON_DB_FOREIGN_IMPL_H

#include "daemon/db_csv.h"
#include "daemon/db_foreign.h"

struct foreign_columns {
	char separator;
	bool heads;      /* the first line has names */
	size_t n;        /* columns */
	char **names;    /* "1", "2", ... without heads */
	int time, error; /* columns; -1: none */
	bool squared;    /* the error is a root */
	size_t n_nodes;
	struct {
		int column, node;
	} nodes[FOREIGN_MOST];
	bool guessed;
};

/* Looks at the file's first lines.  0, or -1 and *p; foreign_columns_free() in both cases. */
int foreign_columns_find(const char *file, const struct foreign *foreign,
			 struct foreign_columns *ret, struct problem *p);
void foreign_columns_free(struct foreign_columns *columns);
void foreign_columns_say(const char *file, const struct foreign_columns *columns, FILE *to);

/* A cell as a number: an empty one, and any nan, is NaN.  0 or -1 */
int foreign_number(const struct csv_cell *cell, double *ret);

#endif
