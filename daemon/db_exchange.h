/* daemon/db_exchange.h - nudge-db export and import: from the command line's words to the work, and what is said of it. */
#ifndef DAEMON_DB_EXCHANGE_H
#define DAEMON_DB_EXCHANGE_H

#include "daemon/db_export.h"
#include "daemon/db_foreign.h"

#define EXCHANGE_MOST 4096 /* voltages on a command line */

struct exchange {
	enum export_format format;
	const char *out; /* -o; NULL: here */
	bool json;       /* said as JSON, a line a run */
	bool table;      /* import: of somebody else */
	struct foreign foreign;
	const char *voltages[EXCHANGE_MOST];
};

/* words: FILE RUN...; words: OUT FILE...  0, or -1 and *p; PROBLEM_PARAMS: the command line is wrong. */
int db_exchange_export(const struct exchange *asked, char *const *words, size_t n,
		       struct problem *p);
int db_exchange_import(const struct exchange *asked, char *const *words, size_t n,
		       struct problem *p);

#endif
