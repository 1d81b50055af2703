/* clients/nudgectl/command.h - a sub-command, as data; each cmd_*.c offers a list of them. */
#ifndef CLIENTS_NUDGECTL_COMMAND_H
#define CLIENTS_NUDGECTL_COMMAND_H

#include "clients/nudgectl/context.h"

struct command {
	const char *name;
	const char *synopsis; /* what follows the name: "TASK" */
	const char *summary;  /* one line */
	const char *methods;  /* "run.submit run.stop": what it maps to, for the help; NULL: none */
	const char *text;     /* more help; NULL: none */
	const char *examples; /* lines, each a command line without the program's name */
	const struct option_spec *options; /* ended by a NULL name; NULL: none */
	size_t min_words, max_words;
	int (*run)(struct context *c, const struct arguments *a); /* an exit code */
};

/* Each ended by a NULL name */
extern const struct command commands_run[], commands_watch[], commands_status[], commands_control[],
	commands_queue[], commands_history[], commands_steps[], commands_rig[], commands_call[],
	commands_plot[], commands_sweep[], commands_merge[], commands_reproduce[],
	commands_calibrate[], commands_alarms[], commands_checkpoint[], commands_key[],
	commands_doctor[], commands_retain[], commands_diff[];

const struct command *command_find(const char *name); /* NULL: unknown */
const char *command_nearest(const char *name);        /* NULL: nothing near */
const struct command *command_at(size_t i);           /* all, in the help's order; NULL: no more */

void help_overview(void);
void help_command(const struct command *command);
extern const struct option_spec options_global[];

#endif
