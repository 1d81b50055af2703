/* clients/nudgectl/program.h - our other programs: where they are, and running one. */
#ifndef CLIENTS_NUDGECTL_PROGRAM_H
#define CLIENTS_NUDGECTL_PROGRAM_H

#include <jansson.h>

/* The program's absolute path: beside this one, else by $PATH; free() it.  NULL: not found, and nothing said. */
char *program_find(const char *name);

/* Runs argv (NULL-terminated, argv[0] a path) without a shell, its standard output going to `out` (-1: as it is), and waits.
 * Its exit code, 128 + a signal that ended it, or -errno. */
int program_run(char *const *argv, int out);

/* The same, reading one JSON value from its standard output.  The exit code as above; *ret NULL: no JSON came. */
int program_json(char *const *argv, json_t **ret);

#endif
