/* clients/nudgectl/sweep.h - a sweep: one task over many values and seeds, as a list of cells. */
#ifndef CLIENTS_NUDGECTL_SWEEP_H
#define CLIENTS_NUDGECTL_SWEEP_H

#include "clients/nudgectl/cells.h"
#include "clients/nudgectl/context.h"

#define SWEEP_GROUP "group:" /* begins the tag that all runs of a sweep have */

struct sweep {
	char *file;                  /* as it was given */
	char *name;                  /* of the sweep */
	json_t *figures;             /* names to be summed up; NULL: the usual ones */
	bool rig_varies;             /* some point sets a value of the rig */
	size_t n_points, n_seeds, n; /* n = n_points * n_seeds cells */
	json_t *points;     /* a list of {path: value}; cells i * n_seeds .. belong to point i */
	struct cell *cells; /* by point, then seed; tags: group:NAME, PATH=VALUE, ... */
	char **names;       /* "p=0.5 seed=3", of the cells */
	size_t *order;      /* a permutation, drawn by order_seed */
};

/* Reads and checks it all: the sweep file, the task and rig files that it names, and every point's values against the task's
 * and the rig's own tables.  An enum exit_code, what is wrong said with file, line and column. */
int sweep_read(const char *file, struct sweep **ret);
void sweep_free(struct sweep *sweep); /* accepts NULL */

/* ---- the table ---- */

/* rows: [{"point": {path: value}, "figures": {name: number or null}}, ...], one a run.  figures: names; NULL: the usual.
 * -> [{"point", "n", "figures": {name: {"n", "mean", "low", "high", "geometric_mean", "geometric_low", "geometric_high"}}},
 * ...], in the order of each point's first row. */
json_t *sweep_summary(const json_t *rows, const json_t *figures);
/* As the context's format says; for people with a line below that says what the interval is. */
int sweep_print_summary(const struct context *c, const json_t *summary);

/* ---- where it is run ---- */

struct sweep_run {
	const struct context *c;
	const struct sweep *sweep;
	char *directory; /* absolute */
	unsigned jobs;
	const size_t *only; /* numbers of cells, from 0 on; NULL: all */
	size_t n_only;
	const char *slurm_options;
	struct cell_result *results; /* [sweep->n] */
};

/* Each makes the open cells and fills in results; an exit code. */
int sweep_on_cores(struct sweep_run *run);
int sweep_refuse_bench(const struct sweep *sweep); /* both begin with this */
int sweep_on_slurm(struct sweep_run *run);
/* All that are done into DIR/results.db, in the order of the cells; free(*ret_database). */
int sweep_merge(const struct sweep_run *run, char **ret_database);
/* Through a running daemon; keeps nothing in the directory. */
int sweep_on_queue(struct context *c, const struct sweep *sweep);

/* ---- groups of runs in a daemon's history ---- */

/* The rows of history.runs with the tag group:NAME, the oldest first; an exit code. */
int sweep_group_rows(struct context *c, const char *name, json_t **ret);
/* Those that are done, summed up by what their tags PATH=VALUE say. */
int sweep_show_group(struct context *c, const char *name);

#endif
