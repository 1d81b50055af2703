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

#endif
