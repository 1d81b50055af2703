/* daemon/history_impl.h - what the files of the history share: the connection and rows as JSON. */
#ifndef DAEMON_HISTORY_IMPL_H
#define DAEMON_HISTORY_IMPL_H

#include <stdbool.h>

#include <sqlite3.h>

#include "daemon/history.h"

struct history {
	sqlite3 *db;
	double limit_s;    /* of the present question */
	double deadline_s; /* on the monotonic clock */
};

/* "file:PATH?mode=ro", with what would end the path written as %xx; sqlite3_free() it. */
char *history_uri(const char *file);
/* NULL and *p when it cannot be prepared.  sqlite3_finalize() it. */
sqlite3_stmt *history_prepare(struct history *h, const char *sql, struct problem *p);
int history_fail(struct history *h, struct problem *p); /* what SQLite said last; returns -1 */
/* 1: a row, 0: no more, -1 and *p. */
int history_next(struct history *h, sqlite3_stmt *s, struct problem *p);

void history_bind_integer(sqlite3_stmt *s, const char *name, const json_t *value); /* NULL: NULL */
void history_bind_text(sqlite3_stmt *s, const char *name, const json_t *value);

/* The row as an object.  A column named "x:json" is a value x in JSON's text, "x:bytes" a blob as a list. */
json_t *history_row(sqlite3_stmt *s);
/* All rows, at most `most`; *ret_more (may be NULL) says that there were others.  Finalizes s.  NULL and *p. */
json_t *history_rows(struct history *h, sqlite3_stmt *s, size_t most, bool *ret_more,
		     struct problem *p);
/* The row of a question whose ?1 is a run; without one -1, PROBLEM_NOT_FOUND, and *ret is NULL. */
int history_one_row(struct history *h, uint64_t run, const char *sql, json_t **ret,
		    struct problem *p);
/* Of a listing: without the long texts. */
#define HISTORY_RUN_COLUMNS                                                                        \
	"run, uuid, name, task, kind, status, rig, backend, seed, submitted_utc, started_utc,"     \
	" ended_utc, t0_mono_ns, boot, steps, mse_first_V2, mse_last_V2, mse_min_V2,"              \
	" mse_final_V2, test_first_V2, test_best_V2, test_final_V2, accuracy_best,"                \
	" accuracy_final, edges, tags AS \"tags:json\", star, note, reason, version, who"
/* {"rows": [...], "next": the last row's member, or null}, as many as params.limit says (100); finalizes s. */
int history_page(struct history *h, sqlite3_stmt *s, const json_t *params, const char *member,
		 json_t **ret, struct problem *p);
int history_need_run(struct history *h, uint64_t run, struct problem *p); /* or NOT_FOUND */

#endif
