/* clients/nudgectl/cmd_merge.c - nudgectl merge: databases into one, by nudge-db. */
#include "config.h"

#include <stdlib.h>

#include "clients/nudgectl/command.h"
#include "clients/nudgectl/nudge_db.h"

static int run_merge(struct context *c, const struct arguments *a)
{
	char **words = calloc(a->n_words + 4, sizeof(*words));
	size_t n = 1; /* nudge-db's own */
	int r;

	if (!words)
		return say_failed("no memory for a command line");
	words[n++] = (char *)"merge";
	if (c->format == FORMAT_JSON)
		words[n++] = (char *)"--json";
	for (size_t i = 0; i < a->n_words; i++)
		words[n++] = a->words[i];
	r = nudge_db_run(words);
	free(words);
	return r;
}

const struct command commands_merge[] = {
	{
		.name = "merge",
		.topic = TOPIC_STUDIES,
		.synopsis = "OUT IN...",
		.summary = "Merge databases into one; runs are known by their uuid.",
		.text = "All runs of IN... that have ended, with all that belongs to them, come into OUT,\n"
			"which is made if it is not there.  A run keeps its number if that is free, and\n"
			"is not taken twice.  All or nothing.  No daemon may have OUT; nudge-db(1) says\n"
			"more.",
		.examples = "merge all.db monday.db tuesday.db\n",
		.min_words = 2,
		.max_words = 100000,
		.run = run_merge,
	},
	{0},
};
