/* daemon/db_import_arrays.h - what the formats made of arrays have in common: a table is its columns, read a row of each at a time.
 *
 * A column has an array of values, and where the manifest says so a mask of what is NULL, or the lengths of its arrays (docs/EXPORT.md).
 */
#ifndef DAEMON_DB_IMPORT_ARRAYS_H
#define DAEMON_DB_IMPORT_ARRAYS_H

#include "daemon/db_import.h"

enum import_array { IMPORT_VALUES, IMPORT_MASK, IMPORT_LENGTHS, IMPORT_ARRAYS };

struct import_arrays { /* of a format; self is the reader's own */
	/* Opens one array of a column, which must be just as the table tells. */
	int (*open)(void *self, const struct dump_table *table, size_t column,
		    enum import_array which, struct problem *p);
	/* Its next row, which stays until the next call for it; NULL and *p */
	const char *(*next)(void *self, size_t column, enum import_array which, struct problem *p);
	/* The text that a row of values says */
	const char *(*text)(void *self, size_t column, const char *row, size_t *ret_n);
	/* Closes those of a column that are open. */
	void (*close)(void *self, size_t column);
	/* Room for so many columns, none of them open; 0: no table is read any more. */
	int (*columns)(void *self, size_t n, struct problem *p);
};

/* Fills the database part with all that the manifest tells; takes over the reference to it.  NULL: *p is set already. */
int import_arrays(const struct import_arrays *how, void *self, const char *part, json_t *manifest,
		  struct problem *p);

#endif
