/* clients/nudgectl/offer.h - candidates for the word at a shell's cursor: those that begin as it does, a line each.
 *
 * A line is "CANDIDATE\tDESCRIPTION".  One without a candidate is an order to the shell's script:
 * "\tfiles\tHEAD\tWORD\tPATTERN..." (its own files; HEAD: so many bytes stand before the file's name), or
 * "\tdirectories\tHEAD\tWORD".
 */
#ifndef CLIENTS_NUDGECTL_OFFER_H
#define CLIENTS_NUDGECTL_OFFER_H

#include <stdbool.h>
#include <stddef.h>

enum offer_shell { OFFER_PLAIN, OFFER_BASH, OFFER_ZSH };

struct offer {
	enum offer_shell shell;
	char quote;       /* bash: the quote that is open in the word, or 0 */
	bool files;       /* the shell was told to quote by itself */
	const char *head; /* what is put before each candidate: "--key=", "step,mse_V2," */
	size_t n_head;
	const char *word; /* what the user wrote behind the head; no quotes any more */
};

/* Takes quotes and backslashes off as bash would, in place; returns the quote that is still open, or 0. */
char offer_unquote(char *word);

/* Offers candidate if it begins with the word.  description: NULL or one line; line ends become spaces. */
void offer_add(const struct offer *o, const char *candidate, const char *description);
void offer_addn(const struct offer *o, const char *candidate, size_t n, const char *description);
void offer_words(const struct offer *o, const char *const *words); /* NULL-terminated */

/* The shell's own files that match one of the patterns ("*.yaml *.yml"; "": all), and directories. */
void offer_files(struct offer *o, const char *patterns);
void offer_directories(struct offer *o);

/* Behind the last of c in the word a new part begins: the list "a,b,c", the value of "eta=0.2". */
void offer_behind(struct offer *o, char c);

#endif
