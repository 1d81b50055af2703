/* daemon/db_csv.h - the lines of a CSV file (RFC 4180), one at a time: quotes, and line breaks within them. */
#ifndef DAEMON_DB_CSV_H
#define DAEMON_DB_CSV_H

#include <stdbool.h>
#include <stdio.h>

#include "protocol/problem.h"

struct csv_cell {
	const char *text; /* ends with a NUL */
	size_t n;
	bool quoted;
};

struct csv_line;
struct csv_line *csv_line_open(FILE *f, char separator); /* NULL: no memory */
void csv_line_close(struct csv_line *line);              /* not the file */
/* The next line's cells, which stay until the next call; lines that begin with # are left out, and empty ones where
 * skip_empty says so.  1; 0: the file has ended; -1 and *p. */
int csv_line_next(struct csv_line *line, bool skip_empty, const struct csv_cell **ret,
		  size_t *ret_n, struct problem *p);
long csv_line_number(const struct csv_line *line); /* of the line at hand, from 1 */

#endif
