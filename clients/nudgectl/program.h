/* clients/nudgectl/program.h - other programs of ours: where they are, and what they print. */
#ifndef CLIENTS_NUDGECTL_PROGRAM_H
#define CLIENTS_NUDGECTL_PROGRAM_H

#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

struct program {
	FILE *out; /* its standard output */
	pid_t pid;
	const char *name;
};

/* Beside this program, as it was built or installed, else in PATH: a path to free(), NULL: nowhere. */
char *program_find(const char *name);

/* Starts words[0] with its standard output to read from.  0, or -1 and why. */
int program_read(char **words, struct program *ret, char *why, size_t why_size);
/* Closes and waits for it.  0, or -1 and why: it did not end with 0. */
int program_end(struct program *run, char *why, size_t why_size);

/* Starts words[0] with both outputs into a file.  Its id, or -1 and why. */
pid_t program_start(char **words, const char *output, char *why, size_t why_size);

#endif
