/* daemon/rig_file_impl.h - what the files that read rig files share. */
#ifndef DAEMON_RIG_FILE_IMPL_H
#define DAEMON_RIG_FILE_IMPL_H

#include "daemon/rig_file.h"

struct yaml_places;

struct rig_reading {
	const char *file; /* NULL: no file, but sim:NAME */
	const json_t *json;
	const struct yaml_places *places;
	struct rig_config *config;
	struct problem *p;
};

/* rig_file_sim.c: the `sim` section, whose defaults have been filled in.  0, or -1 and *in->p. */
int rig_file_sim(const struct rig_reading *in);
/* rig_file_bench.c: `daq`, `boards`, `bias`, and what else a bench needs; after limits, edges and the bank. */
int rig_file_bench(const struct rig_reading *in);

#endif
