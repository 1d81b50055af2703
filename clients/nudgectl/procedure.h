/* clients/nudgectl/procedure.h - which runs a trial is made of, by name. */
#ifndef CLIENTS_NUDGECTL_PROCEDURE_H
#define CLIENTS_NUDGECTL_PROCEDURE_H

#include "clients/nudgectl/trial.h"

struct procedure {
	const char *name;
	/* Makes the task of run t->stage of what stands in t->root, or says that there are no more: NULL. */
	json_t *(*task)(const struct trials *all, struct trial *t);
	/* Looks at what it left; true: this run is to be measured. */
	bool (*take)(const struct trials *all, struct trial *t, const struct series *s);
};

const struct procedure *procedure_of(const struct experiment *e);

/* Is the graph of n_nodes still connected without the edges of gone, and has each node two edges at least?
 * edges: [[a, b], ...]. */
bool procedure_may_cut(const json_t *edges, const json_t *gone, size_t edge);

#endif
