/* clients/nudgectl/series_read.h - reads a run's series out of its database, by nudge-db. */
#ifndef CLIENTS_NUDGECTL_SERIES_READ_H
#define CLIENTS_NUDGECTL_SERIES_READ_H

#include <stdbool.h>
#include <stdio.h>

#include "clients/nudgectl/series.h"

/* What is to be read besides steps, times and mse_V2: each column takes its time */
struct series_want {
	bool volts, edges, r_ohm, updated, equilibrium, tests;
	double r_min_ohm, r_step_ohm; /* edges: of a tap */
};

/* Of the only run in the file.  0, or -1 and why. */
int series_read(const char *nudge_db, const char *file, const struct series_want *want,
		struct series **ret, char *why, size_t why_size);

/* CSV as nudge-db series prints it ("step,v_free_V[0],v_free_V[1]"), into the arrays that its heads name. */
int series_parse(FILE *csv, const struct series_want *want, struct series *s, char *why,
		 size_t why_size);

#endif
