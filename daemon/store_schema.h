/* daemon/store_schema.h - the tables of the database, as SQL, by version. */
#ifndef DAEMON_STORE_SCHEMA_H
#define DAEMON_STORE_SCHEMA_H

#include <stddef.h>

#define STORE_APPLICATION_ID 0x4E554447 /* "NUDG", what file(1) and we know the file by */
#define STORE_PAGE_BYTES     16384      /* docs/SCHEMA.md says why */

/* versions[i] takes a database from user_version i to i + 1.  Versions are never changed, only added. */
extern const char *const store_schema_versions[];
extern const size_t store_schema_n_versions;

#define STORE_BIN_STEPS 256 /* of a row of step_bins */

/* Steps of run ?1 that stay when it is thinned: its first, its last, and those on both sides of a checkpoint or a fork. */
#define STORE_KEPT_ENDS                                                                            \
	"SELECT step FROM (SELECT step FROM steps WHERE run = ?1 ORDER BY step LIMIT 1)"           \
	" UNION SELECT step FROM (SELECT step FROM steps WHERE run = ?1"                           \
	"  ORDER BY step DESC LIMIT 1)"                                                            \
	" UNION SELECT c.step - n.value FROM checkpoints c, json_each('[0,1]') n"                  \
	"  WHERE c.run = ?1 AND c.step IS NOT NULL"
#define STORE_KEPT_STEPS                                                                           \
	STORE_KEPT_ENDS                                                                            \
	" UNION SELECT json_extract(a.new, '$.step') FROM audit a WHERE a.what = 'run.fork'"       \
	"  AND json_extract(a.new, '$.run') = ?1 AND json_extract(a.new, '$.step') IS NOT NULL"

#endif
