/* clients/nudgectl/complete.h - what may stand at the cursor of a command line, from the tables and a live server. */
#ifndef CLIENTS_NUDGECTL_COMPLETE_H
#define CLIENTS_NUDGECTL_COMPLETE_H

#include "clients/nudgectl/command.h"
#include "clients/nudgectl/live.h"
#include "clients/nudgectl/offer.h"
#include "protocol/schema.h"

/* What is asked for: a value of some name at some place */
struct asked {
	struct offer *offer;
	struct live *live;
	const struct command *command; /* NULL: before the sub-command */
	const char *option;            /* whose value it is; NULL: a word */
	char *const *words;            /* behind the sub-command, before the cursor */
	size_t n_words;
};

/* words[0 .. n-1] behind the program's name; the last is the one at the cursor, the others have no quotes any more. */
void complete_words(struct offer *offer, double within_s, char **words, size_t n);

/* name: as the tables write it, "RUN", "NAME=VALUE".  false: nothing is known about values of this name. */
bool complete_value(const struct asked *a, const char *name, size_t n);
/* The same, and nothing is offered. */
bool complete_knows(const struct command *command, const char *option, const char *name, size_t n);

/* complete_live.c: each asks the server for one kind of thing */
typedef void complete_source(const struct asked *a);
complete_source complete_runs, complete_active, complete_queued, complete_edges, complete_nodes,
	complete_tags, complete_groups, complete_tasks_known, complete_run_names,
	complete_checkpoints, complete_alarms, complete_key_owners, complete_calibrations,
	complete_columns, complete_fields, complete_params;
/* The parameters of a method: names with =, and behind that a value. */
void complete_members(const struct asked *a, const struct schema_member *members,
		      const json_t *now);

#endif
