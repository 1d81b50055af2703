/* tests/bench/bench_bare.h - SQLite by hand: the yardstick of the store and of the whole daemon.
 *
 * The same table, row, pages, journal and durability as the store's; nothing else.  Failures end the program.
 */
#ifndef TESTS_BENCH_BENCH_BARE_H
#define TESTS_BENCH_BENCH_BARE_H

#include <sqlite3.h>

#include "protocol/record.h"

/* A new database in file, with the table of steps as the store made it in ours, and its insert. */
sqlite3 *bare_open(const char *ours, const char *file, sqlite3_stmt **ret_insert);
void bare_sql(sqlite3 *db, const char *sql);
void bare_insert(sqlite3_stmt *insert, const struct record_layout *l, const void *row);

#endif
