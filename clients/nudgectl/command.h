/* clients/nudgectl/command.h - a sub-command, as data; each cmd_*.c offers a list of them. */
#ifndef CLIENTS_NUDGECTL_COMMAND_H
#define CLIENTS_NUDGECTL_COMMAND_H

#include <stdio.h>

#include "clients/nudgectl/context.h"

/* Under which heading of the overview it stands, in that order */
enum topic {
	TOPIC_MORE,
	TOPIC_LOOKING,
	TOPIC_RUNNING,
	TOPIC_STEERING,
	TOPIC_HISTORY,
	TOPIC_STUDIES,
	TOPIC_SERVER,
};

struct command {
	const char *name;
	const char *synopsis; /* what follows the name: "TASK" */
	const char *summary;  /* one line */
	const char *methods;  /* "run.submit run.stop": what it maps to, for the help; NULL: none */
	const char *text;     /* more help; NULL: none */
	const char *
		examples; /* lines, each a command line without the program's name; behind it, if it does
			       * not end with 0 by itself, "  # exit 1", "  # until Ctrl-C" or, in a
			       * terminal, "  # until q" */
	const struct option_spec *options; /* ended by a NULL name; NULL: none */
	size_t min_words, max_words;
	enum topic topic;
	bool hidden;                                              /* for programs: in no list */
	int (*run)(struct context *c, const struct arguments *a); /* an exit code */
};

/* Each ended by a NULL name */
extern const struct command commands_run[], commands_watch[], commands_status[], commands_control[],
	commands_queue[], commands_history[], commands_steps[], commands_rig[], commands_call[],
	commands_plot[], commands_sweep[], commands_merge[], commands_export[],
	commands_reproduce[], commands_calibrate[], commands_alarms[], commands_checkpoint[],
	commands_key[], commands_doctor[], commands_top[], commands_retain[], commands_diff[],
	commands_help[];

const struct command *command_find(const char *name); /* NULL: unknown */
const char *command_nearest(const char *name);        /* NULL: nothing near */
const struct command *command_at(size_t i);           /* all, in the help's order; NULL: no more */

void help_overview(FILE *out);
void help_command(const struct command *command);
int help_unknown(const char *name); /* says what was meant; EXIT_USAGE */
extern const struct option_spec options_global[];

#endif
