/* clients/nudgectl/usage.h - a command line that is not right: what belongs there, and what was probably meant. */
#ifndef CLIENTS_NUDGECTL_USAGE_H
#define CLIENTS_NUDGECTL_USAGE_H

#include "clients/nudgectl/command.h"

/* Each says it and returns EXIT_USAGE; usage_words() EXIT_FINE if there is nothing to say. */

/* Too few words, too many, or a first one that the synopsis does not have. */
int usage_words(const struct command *command, const struct arguments *a);
/* why: as options_parse() says it, of options behind the sub-command. */
int usage_option(const struct command *command, const char *why);
/* The same of those before it, which may be there by mistake. */
int usage_global(const char *why, int argc, char **argv);

#endif
