/* daemon/history_du.h - what history.du and history.retain share: how many rows runs have and how long these are. */
#ifndef DAEMON_HISTORY_DU_H
#define DAEMON_HISTORY_DU_H

#include <stdbool.h>

#include <jansson.h>

#include "daemon/history.h"

/* All rows of a run are counted by its bins where it has them: of 10^7 that takes milliseconds, and by the rows seconds. */
#define HISTORY_DU_BINS "FROM step_bins b WHERE b.run = runs.run AND size = 256"
#define HISTORY_DU_ALL_BINS                                                                        \
	"descriptor_json ->> '$.thinned' IS NULL"                                                  \
	" AND (SELECT count(*) > 0 AND count(*) = max(bin) + 1 " HISTORY_DU_BINS ")"
#define HISTORY_DU_COUNTED                                                                         \
	"iif(" HISTORY_DU_ALL_BINS ", (SELECT sum(count) " HISTORY_DU_BINS ") +"                   \
	"  (SELECT count(*) FROM steps WHERE steps.run = runs.run"                                 \
	"   AND step >= (SELECT 256 * (max(bin) + 1) " HISTORY_DU_BINS ")),"                       \
	"  (SELECT count(*) FROM steps WHERE steps.run = runs.run))"

#define HISTORY_DU_EVERY "coalesce(descriptor_json ->> '$.keep_every', 1)"
#define HISTORY_DU_ARRAYS_B                                                                        \
	"(SELECT sum(substr(a.value ->> '$.dtype', -1) * coalesce(a.value ->> '$.shape[1]', 0)"    \
	"  * iif(a.value ->> '$.name' IN ('wiper', 'r_ohm'),"                                      \
	"        coalesce(1.0 / (descriptor_json ->> '$.wiper_every'), 0), 1))"                    \
	" FROM json_each(descriptor_json, '$.arrays') a)"

/* Of the table runs: keep_every, n_rows, row_B.  The descriptor tells how long a row is (what is in its arrays, with some for
 * numbers and index), steps and log of an ended run how many there are: asked of the rows themselves, 10^4 runs would take as
 * many places of the file, and a cold disk seconds. */
#define HISTORY_DU_ROWS                                                                            \
	HISTORY_DU_EVERY " AS keep_every,"                                                         \
			 " iif(status IN ('running', 'paused') OR descriptor_json IS NULL"         \
			 "  OR descriptor_json ->> '$.thinned' IS NOT NULL, " HISTORY_DU_COUNTED   \
			 ","                                                                       \
			 "  (coalesce(steps, 0) + " HISTORY_DU_EVERY " - 1) / " HISTORY_DU_EVERY   \
			 ") AS n_rows,"                                                            \
			 " 110 + iif(descriptor_json IS NULL, 0, " HISTORY_DU_ARRAYS_B             \
			 "  + 8 * (json_array_length(descriptor_json, '$.sources')"                \
			 "   + 2 * json_array_length(descriptor_json, '$.targets'))) AS row_B"

/* Rows of a question about the runs that params choose (run, where, limit); format: SQL with %s for the filter.  NULL and *p. */
json_t *history_ask_runs(struct history *h, const char *format, const json_t *params,
			 struct problem *p);
/* *ret: does the file become shorter when rows go?  0, or -1 and *p. */
int history_gives_back(struct history *h, bool *ret, struct problem *p);

#endif
