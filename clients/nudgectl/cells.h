/* clients/nudgectl/cells.h - many runs, each by a `nudged --once` of its own, several at a time, to be gone on with.
 *
 * A cell has a directory DIR/cells/HASH, named after all that its result depends on (task, rig, the network's file,
 * seed, name, tags, our version): task.json, rig.json, run.db, stderr, and at its end result.json.  A cell whose
 * result.json says "done" is not made again; a changed one has another directory, and no two cells may have the same.
 */
#ifndef CLIENTS_NUDGECTL_CELLS_H
#define CLIENTS_NUDGECTL_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

struct cell {
	const char *name; /* of its run: what people call it */
	json_t *task;     /* a task with its csv inlined (nudge_task_json()) */
	json_t *rig;      /* a rig file's object, network.file absolute or shipped; or "sim:NAME" */
	uint64_t seed;
	json_t *tags; /* a list of words, at most 32; NULL: none */
};

enum cell_status { CELL_OPEN, CELL_DONE, CELL_FAILED };

struct cell_result {
	enum cell_status status;
	bool kept;       /* done already when this began */
	json_t *figures; /* the line of nudged --once --json (once.h); NULL: it did not come so far */
	char *directory, *database;
	char why[640]; /* of a failed one, also of an open one that failed before: its reason, or the last lines of its stderr */
};

struct cells_setup {
	const char *directory; /* made when missing; one user at a time */
	const char *nudged;    /* NULL: the one beside us, or by $PATH */
	unsigned jobs;         /* at a time; 0: one a core */
	const char *what;      /* "cells": what a bar on standard error counts; NULL: no bar */
	bool unicode;          /* the bar may be pretty */
	const size_t *order;   /* in which they begin, [n]; NULL: as they come */
	/* At each one's end, and for those that were done before; may be NULL. */
	void (*done)(void *context, size_t i, const struct cell_result *result);
	void *context;
};

/* Makes what is open of the n cells.  results[n] is filled in, also after a failure; cells_clear() it.  A failed cell does not
 * stop the others.  Ctrl-C or SIGTERM: the runs in progress are ended and forgotten, the others stay open.
 * An enum exit_code: FINE when all are done; what is wrong has been said, but for the failed cells themselves.
 * If this process dies, its runs die with it. */
int cells_run(const struct cells_setup *setup, const struct cell *cells, size_t n,
	      struct cell_result *results);
void cells_clear(struct cell_result *results, size_t n);

/* ---- the parts, for whoever runs cells elsewhere ---- */

uint64_t cells_hash(const struct cell *cell); /* of all that its result depends on */

/* Makes DIR and locks it (DIR/lock): a descriptor to close, or -1, said. */
int cells_lock(const char *directory);
/* The cell's directory and, if it is done, its result; with write its files are made as well, and what a broken off run left
 * is removed.  An exit code. */
int cells_prepare(const char *directory, const struct cell *cell, bool write,
		  struct cell_result *ret);
/* How `nudged` runs it: a NULL-terminated list with copies; cells_arguments_free().  NULL: no memory. */
char **cells_arguments(const char *nudged, const struct cell *cell,
		       const struct cell_result *result);
void cells_arguments_free(char **argv);
/* After its process has ended: reads DIR/out.json; code: 0, another exit code, or 128 + signal. */
void cells_finish(struct cell_result *result, int code);

#endif
