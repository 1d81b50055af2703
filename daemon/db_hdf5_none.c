/* daemon/db_hdf5_none.c - instead of HDF5, where nudge-db was built without it. */
#include "config.h"

#include "daemon/db_export.h"
#include "daemon/db_import.h"

static int refuse(const char *file, struct problem *p)
{
	return problem_set(
		p, PROBLEM_STORAGE, "",
		"%s: this nudge-db was built without HDF5 (install libhdf5-dev and build "
		"it anew with --with-hdf5), or choose --npz or --csv",
		file);
}

int db_export_hdf5(const struct dump *dump, const char *part, struct problem *p)
{
	(void)dump;
	return refuse(part, p);
}

int db_import_hdf5(const char *file, const char *part, struct problem *p)
{
	(void)part;
	return refuse(file, p);
}
