/* clients/nudgectl/cmd_merge.c - nudgectl merge: databases into one, by nudge-db. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/command.h"
#include "clients/nudgectl/program.h"

static int run_merge(struct context *c, const struct arguments *a)
{
	char *nudge_db = program_find("nudge-db");
	char **argv = calloc(a->n_words + 4, sizeof(*argv));
	size_t n = 0;
	int r;

	if (!nudge_db)
		r = say_failed(
			"nudge-db is neither beside nudgectl nor in $PATH: install it there");
	else if (!argv)
		r = say_failed("no memory for a command line");
	else {
		argv[n++] = nudge_db;
		argv[n++] = (char *)"merge";
		if (c->format == FORMAT_JSON)
			argv[n++] = (char *)"--json";
		for (size_t i = 0; i < a->n_words; i++)
			argv[n++] = a->words[i];
		r = program_run(argv, -1);
		if (r < 0)
			r = say_failed("%s: %s", nudge_db, strerror(-r));
	}
	free(nudge_db);
	free(argv);
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
