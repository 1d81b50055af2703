/* daemon/filter.h - which runs: a small language for people, made into SQL in which no text of theirs stands.
 *
 *     p < 0.5 and (task = 'iris' or tag in ('paper', 'talk')) and not star and started_utc > '2026-11-01'
 *
 * docs/PROTOCOL.md (history.runs) describes it.  Needs nothing but the text: no database, no state.
 */
#ifndef DAEMON_FILTER_H
#define DAEMON_FILTER_H

#include <stdbool.h>

#include <sqlite3.h>

#include "protocol/problem.h"

#define FILTER_MAX_VALUES 200 /* compared with in one filter */
#define FILTER_MAX_DEPTH  50  /* parentheses and `not` inside each other */

struct filter;

/* 0, or -1 and *p: its sentence says where and what was expected, and what was probably meant; data.position is the
 * character, from 1 on. */
int filter_parse(const char *text, struct filter **ret, struct problem *p);
void filter_free(struct filter *f); /* accepts NULL */

/* An expression over the table runs, in parentheses; its values are parameters named :f0, :f1, ... */
const char *filter_sql(const struct filter *f);
int filter_bind(const struct filter *f, sqlite3_stmt *s); /* 0, or SQLite's error */

struct filter_order {
	const char *sql; /* an expression over the table runs, of our own making */
	bool descending;
};

/* "newest", "oldest", or a field with or without asc, desc.  0, or -1 and *p. */
int filter_order(const char *text, struct filter_order *ret, struct problem *p);

#endif
