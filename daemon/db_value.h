/* daemon/db_value.h - a value of the database as JSON, whatever column it comes from. */
#ifndef DAEMON_DB_VALUE_H
#define DAEMON_DB_VALUE_H

#include <stdint.h>

#include <jansson.h>
#include <sqlite3.h>

#include "daemon/history_impl.h"

/* What a blob holds, by its column's name (docs/SCHEMA.md). */
enum db_array { DB_F8, DB_I4, DB_U1, DB_BITS };
enum db_array db_array_of(const char *column);
size_t db_array_length(enum db_array type, int bytes); /* of bits: 8 a byte */
/* Item i of a blob of this many bytes; null beyond its end, and for what is not finite. */
json_t *db_array_item(enum db_array type, const void *blob, int bytes, size_t i);

/* Column i of the row, named so: numbers and texts as they are, "..._json", tags, old and new as the JSON that they
 * hold, blobs as lists.  New reference. */
json_t *db_value(sqlite3_stmt *s, int i, const char *column);

/* Opens FILE to read, also while a daemon writes it, in one transaction, so that all answers are of one moment.
 * Refuses what is no database of ours and tables newer than this program.  0, or -1 and *p. */
int db_open(const char *file, struct history **ret, struct problem *p);

int db_need_run(struct history *h, int64_t run,
		struct problem *p); /* 0, or -1 and *p: it is not there */

/* {name: true, ...} of the columns of a table, in order; empty: no such table.  NULL and *p. */
json_t *db_columns(struct history *h, const char *table, struct problem *p);

#endif
