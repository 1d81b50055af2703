/* daemon/db_export.h - nudge-db export: everything of a run in a file of another format (docs/EXPORT.md). */
#ifndef DAEMON_DB_EXPORT_H
#define DAEMON_DB_EXPORT_H

#include "daemon/db_dump.h"

enum export_format { EXPORT_NONE, EXPORT_CSV, EXPORT_NPZ, EXPORT_HDF5 };

/* Reads all runs as of one moment.  out: a directory that is there, the file's name (of one run), or NULL: "run-N.npz",
 * "run-N.h5" or the directory "run-N" here.  Nothing is ever written over; what is not whole is called ".part".
 * tell() is called for each.  0, or -1 and *p: the run under way leaves nothing. */
int db_export(const char *file, const int64_t *runs, size_t n, enum export_format format,
	      const char *out, void (*tell)(const char *path, const struct dump *dump),
	      struct problem *p);

/* ---- the formats: the whole dump into part, a new file (of CSV a new directory, which is there) ---- */

int db_export_csv(const struct dump *dump, const char *part, struct problem *p);
int db_export_npz(const struct dump *dump, const char *part, struct problem *p);
int db_export_hdf5(const struct dump *dump, const char *part, struct problem *p);

#endif
