/* clients/nudgectl/experiment.h - an experiment of the papers, as its file in docs/experiments/papers says it.
 *
 * The file is the source: rig, task, what is varied, what is drawn by the seed, what is measured, what must come out,
 * and how it is drawn.  Here it is read, checked against its schema, and laid out as trials: one for each point of the
 * grid and each seed.
 */
#ifndef CLIENTS_NUDGECTL_EXPERIMENT_H
#define CLIENTS_NUDGECTL_EXPERIMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "protocol/problem.h"
#include "protocol/schema.h"

#define AXES_MAX 8

struct experiment {
	char *file;
	char *folder; /* what its file names are relative to */
	json_t *json; /* the file, defaults filled in, with `quick` put over it when asked for */
	const char *id;
	int row; /* of the list of all experiments, from 1 */
	size_t seeds;
	size_t n_axes;
	const char *axis[AXES_MAX];          /* names, in the file's order */
	const json_t *axis_values[AXES_MAX]; /* lists of numbers */
};

extern const struct schema schema_experiment;

/* Reads one file.  seeds: instead of the file's own; 0: those.  0, or -1 and *p, whose message names the place. */
int experiment_read(const char *file, bool quick, size_t seeds, struct experiment **ret,
		    struct problem *p);
void experiment_free(struct experiment *e); /* accepts NULL */

/* All files NN-*.yaml of a folder, in the order of their rows, NULL-terminated.  Both to be freed by
 * experiment_list_free(). */
int experiment_list(const char *folder, bool quick, size_t seeds, struct experiment ***ret,
		    struct problem *p);
void experiment_list_free(struct experiment **list);

/* The folder: given, else $NUDGE_EXPERIMENTS, else the installed one, else docs/experiments/papers here; NULL: none. */
const char *experiment_folder(const char *given);

/* The folder of the tasks beside it: its first *n bytes, which end with a slash.  NULL: none. */
const char *experiment_tasks(size_t *n);

const char *experiment_text(const struct experiment *e,
			    const char *name); /* a member; "" if none */
const json_t *experiment_part(const struct experiment *e, const char *name); /* NULL if none */

#endif
