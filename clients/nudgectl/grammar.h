/* clients/nudgectl/grammar.h - what may stand where, read from the tables' own words: "[list | move RUN POSITION]". */
#ifndef CLIENTS_NUDGECTL_GRAMMAR_H
#define CLIENTS_NUDGECTL_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>

/* " | " parts alternatives of several words, "|" those of one word, "..." repeats the last one.  A word without capitals
 * stands for itself; one with capitals for a value of that name ("RUN", "NAME=VALUE"), brackets and dots taken off. */
typedef void grammar_found(void *arg, const char *word, size_t n, bool literal);

/* What may come behind words[0 .. n_words-1]. */
void grammar_next(const char *synopsis, char *const *words, size_t n_words, grammar_found *found,
		  void *arg);
/* Everything in it. */
void grammar_all(const char *synopsis, grammar_found *found, void *arg);

#endif
