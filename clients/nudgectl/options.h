/* clients/nudgectl/options.h - a command line's options and words, by table. */
#ifndef CLIENTS_NUDGECTL_OPTIONS_H
#define CLIENTS_NUDGECTL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* "--name VALUE" or "--name=VALUE", and "-l VALUE" when it has a letter. */
struct option_spec {
	const char *name;
	char letter;       /* 0: none */
	const char *value; /* what the value is, for the help; NULL: a flag */
	const char *help;
};

#define OPTIONS_MAX 64 /* options given on one command line */

struct arguments {
	size_t n_words;
	char **words; /* what is no option, in order; points into argv */
	size_t n_options;
	struct {
		const struct option_spec *spec;
		const char *value; /* NULL for a flag */
	} options[OPTIONS_MAX];
};

/* The option of a name of n bytes, or with name NULL of a letter; NULL: none.  tables: as below. */
const struct option_spec *options_find(const struct option_spec *const *tables, const char *name,
				       size_t n, char letter);

/* Reads argv[0 .. argc-1], which is reordered: words come to its front.  tables: NULL-terminated list of
 * tables, each ended by a NULL name.  stop_at_word: the first word ends it; what follows belongs to somebody else and
 * counts as words.  "--" ends the options.  Appends to *ret, which begins as {0}.
 * 0, or -1 and why (what is wrong, and what was probably meant). */
int options_parse(const struct option_spec *const *tables, int argc, char **argv, bool stop_at_word,
		  struct arguments *ret, char *why, size_t why_size);

bool options_has(const struct arguments *a, const char *name);
const char *options_value(const struct arguments *a,
			  const char *name); /* the last; NULL: not given */
/* The i-th value of an option that may be given many times; NULL: no more. */
const char *options_nth(const struct arguments *a, const char *name, size_t i);

/* A whole decimal number; a real.  false: it is none, or out of range. */
bool options_number(const char *text, unsigned long long max, unsigned long long *ret);
bool options_real(const char *text, double min, double max, double *ret);

#endif
