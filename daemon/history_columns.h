/* daemon/history_columns.h - columns of the table steps, gathered into one array each. */
#ifndef DAEMON_HISTORY_COLUMNS_H
#define DAEMON_HISTORY_COLUMNS_H

#include "daemon/history_impl.h"

#define HISTORY_MAX_BYTES                                                                          \
	(16u * 1024 * 1024 - 64 * 1024) /* of payload in a reply; the rest is its JSON */
#define HISTORY_MAX_NUMBERS 100000u     /* in a reply with encoding json */

enum column_type { COLUMN_I8, COLUMN_U4, COLUMN_F8, COLUMN_F8_ARRAY, COLUMN_U1_ARRAY };

struct column {
	const char *name, *unit; /* unit NULL: none */
	enum column_type type;
};

const struct column *column_find(const char *name); /* NULL: there is none */
const char *column_names(char *text, size_t size);  /* all, for people; returns text */

struct column_values {
	struct column column;
	size_t width; /* values a row; known after the first row, or beforehand (`fixed`) */
	bool fixed;   /* a row that has none of them reads 0 */
	char *bytes;
	size_t n, size, capacity; /* rows; bytes used and had */
};

size_t column_item_bytes(const struct column_values *values);
/* Adds one value: of column i of the row, or a number.  0, or -1 and *p. */
int column_add(struct column_values *values, sqlite3_stmt *s, int i, struct problem *p);
int column_add_integer(struct column_values *values, int64_t integer, struct problem *p);
int column_add_real(struct column_values *values, double real, struct problem *p);
void column_clear(struct column_values *values);

/* The arrays as the reply has them: result.arrays, and frames or (with as_json) lists of values in the
 * arrays' `values`.  Moves the bytes out of values. */
int columns_give(struct column_values *values, size_t n, bool as_json, json_t *result,
		 struct history_frames *frames, struct problem *p);

#endif
