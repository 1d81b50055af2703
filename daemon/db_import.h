/* daemon/db_import.h - nudge-db import: runs that were exported, or a table of somebody else's, into a database.
 *
 * Each file becomes a database of its own beside OUT first, of which everything is compared with what the file says that it
 * has; only then all of them are merged into OUT (db_merge.h), in one transaction.
 */
#ifndef DAEMON_DB_IMPORT_H
#define DAEMON_DB_IMPORT_H

#include "daemon/db_dump.h"

struct import_found {
	char uuid[64], name[64];
	int64_t in, out; /* the run's number there and here */
};

/* Reads one file into the database part, which is not there yet. */
typedef int import_reader(const char *file, const char *part, const void *context,
			  struct problem *p);

/* tell() is called for each run when all are in.  0, or -1 and *p: nothing was changed. */
int db_import(const char *out, char *const *files, size_t n, import_reader *read,
	      const void *context, void (*tell)(const char *file, const struct import_found *found),
	      struct problem *p);

/* An exported run, of whatever format */
import_reader db_import_run;

/* ---- a database being filled ---- */

/* A new database at part, in a transaction; closed by sqlite3_close() and close(), also when this fails and set them. */
int import_database(const char *part, sqlite3 **ret, int *ret_lock_fd, struct problem *p);

struct fill;
/* Opens it for what the manifest tells; *ret_dump is its layout, and the fill's. */
int fill_open(const char *part, json_t *manifest, struct fill **ret, struct problem *p);
const struct dump *fill_layout(const struct fill *fill);
int fill_table(struct fill *fill, size_t table, struct problem *p); /* its rows come next */
/* Column i of the next row; bytes are copied when the row is put, and must stay until then. */
void fill_null(struct fill *fill, size_t i);
void fill_integer(struct fill *fill, size_t i, int64_t value);
void fill_real(struct fill *fill, size_t i, double value);
void fill_text(struct fill *fill, size_t i, const char *text, size_t n);
void fill_blob(struct fill *fill, size_t i, const void *bytes, size_t n);
int fill_row(struct fill *fill, struct problem *p);
/* Makes bins, and compares all that is there now with the manifest's sums. */
int fill_end(struct fill *fill, struct problem *p);
void fill_close(struct fill *fill);

/* ---- formats: db_import_run() asks by the file's first bytes ---- */

int db_import_csv(const char *directory, const char *part, struct problem *p);
int db_import_npz(const char *file, const char *part, struct problem *p);
int db_import_hdf5(const char *file, const char *part, struct problem *p);

#endif
