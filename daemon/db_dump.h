/* daemon/db_dump.h - a run as tables of typed columns: what every format of nudge-db export holds, and how to know it again.
 *
 * Each column is measured before it is written: how many values are NULL, how long its arrays and texts are, and a sum over
 * all its values.  The measures stand in the manifest; an import makes the same sums of what it has read.
 */
#ifndef DAEMON_DB_DUMP_H
#define DAEMON_DB_DUMP_H

#include "daemon/db_value.h"

#define DUMP_FORMAT         "nudged-run"
#define DUMP_FORMAT_VERSION 1
#define DUMP_TABLES         8 /* at most */

enum dump_type { DUMP_INTEGER, DUMP_REAL, DUMP_TEXT, DUMP_F8, DUMP_I4, DUMP_U1 };

struct dump_column {
	char name[64];
	enum dump_type type; /* of DUMP_F8 and so on: of an array's items */
	int64_t n_null;
	int64_t least,
		most; /* items of its arrays, bytes of its texts; NULL apart; 0: there are none */
	uint64_t sum;
};

struct dump_table {
	char name[64];
	int64_t rows;
	size_t n;
	struct dump_column *columns;
};

struct dump {
	struct history *h; /* NULL: described by a manifest */
	int64_t run;
	size_t n;
	struct dump_table tables[DUMP_TABLES];
	json_t *manifest;
};

/* Measures the run.  0, or -1 and *p; dump_clear() in both cases. */
int dump_open(struct history *h, int64_t run, struct dump *ret, struct problem *p);
/* The layout that a manifest tells; checks that it is one, and of a version that we know. */
int dump_of_manifest(json_t *manifest, struct dump *ret, struct problem *p);
void dump_clear(struct dump *dump);

/* Is each value that is read here the same as there?  0, or -1 and *p, which names the first column that is not. */
int dump_same(const struct dump *here, const struct dump *there, struct problem *p);

/* Calls take() for each row, with columns first .. first + n - 1 of the table in the statement; -1 ends it. */
int dump_scan(const struct dump *dump, const struct dump_table *table, size_t first, size_t n,
	      int (*take)(void *context, sqlite3_stmt *row, struct problem *p), void *context,
	      struct problem *p);

bool dump_is_array(const struct dump_column *c);
size_t dump_item_bytes(enum dump_type type); /* of a text 1 */
const char *dump_type_name(enum dump_type type);
const char *dump_unit(const char *column); /* "V", "V^2", ...; "": it has none */
/* Beside a column of integers or texts: which are NULL ("NAME.null").  A NULL among reals is a NaN, which no real is. */
bool dump_has_mask(const struct dump_column *c);
/* Beside arrays that are not all equally long: their items, -1: NULL ("NAME.length") */
bool dump_has_lengths(const struct dump_column *c);

uint64_t dump_sum(uint64_t sum, const void *bytes, size_t n); /* over bytes; begins with DUMP_SUM */
#define DUMP_SUM UINT64_C(0xcbf29ce484222325)

#endif
