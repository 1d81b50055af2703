/* daemon/db_dump_impl.h - what the files of the dump share. */
#ifndef DAEMON_DB_DUMP_IMPL_H
#define DAEMON_DB_DUMP_IMPL_H

#include "daemon/db_dump.h"

/* Where a table's rows come from; ?1 is the run. */
struct dump_source {
	const char *table, *where, *order;
};
const struct dump_source *dump_source(const char *table); /* NULL: none of ours */

/* Those in force when the run began, as history.run lists them */
#define DUMP_IN_FORCE                                                                              \
	"id IN (SELECT max(d.id) FROM calibrations d, runs r WHERE r.run = ?1 AND d.time <="       \
	" coalesce(r.started_utc, r.submitted_utc) AND"                                            \
	" coalesce(json_extract(d.\"values\", '$.rig'), r.rig) IS r.rig GROUP BY d.kind)"

int dump_tell(struct dump *dump, struct problem *p); /* makes the manifest */

#endif
