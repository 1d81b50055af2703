/* clients/nudgectl/offer.c - writes candidates in the form that a shell's script takes. */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "clients/nudgectl/offer.h"

char offer_unquote(char *word)
{
	char *to = word, quote = 0;

	for (const char *from = word; *from; from++) {
		if (quote && *from == quote)
			quote = 0;
		else if (!quote && (*from == '\'' || *from == '"'))
			quote = *from;
		else if (*from == '\\' && from[1] &&
			 (!quote || (quote == '"' && strchr("$`\"\\", from[1]))))
			*to++ = *++from;
		else
			*to++ = *from;
	}
	*to = '\0';
	return quote;
}

/* bash takes a candidate as it is typed: what is special to it gets a backslash, unless a quote is open */
static bool is_plain(unsigned char c)
{
	return isalnum(c) || c >= 0x80 || strchr("%+,-./:=@_", c);
}

static void put_line(const struct offer *o, const char *text, size_t n)
{
	bool quotes = o->shell == OFFER_BASH && !o->quote && !o->files;

	for (size_t i = 0; i < n; i++) {
		if (quotes && !is_plain((unsigned char)text[i]))
			putchar('\\');
		putchar(text[i]);
	}
}

static void put_description(const char *text)
{
	for (; *text; text++)
		putchar((unsigned char)*text < ' ' ? ' ' : *text);
}

void offer_addn(const struct offer *o, const char *candidate, size_t n, const char *description)
{
	size_t n_word = strlen(o->word);

	if (n == 0 || n < n_word || strncmp(candidate, o->word, n_word) != 0 ||
	    memchr(candidate, '\n', n) || memchr(candidate, '\t', n))
		return;
	put_line(o, o->head, o->n_head);
	put_line(o, candidate, n);
	putchar('\t');
	put_description(description ? description : "");
	putchar('\n');
}

void offer_add(const struct offer *o, const char *candidate, const char *description)
{
	offer_addn(o, candidate, strlen(candidate), description);
}

void offer_words(const struct offer *o, const char *const *words)
{
	for (; *words; words++)
		offer_add(o, *words, NULL);
}

void offer_files(struct offer *o, const char *patterns)
{
	printf("\tfiles\t%zu\t%s\t%s\n", o->n_head, o->word, patterns);
	o->files = true;
}

void offer_directories(struct offer *o)
{
	printf("\tdirectories\t%zu\t%s\n", o->n_head, o->word);
	o->files = true;
}

void offer_behind(struct offer *o, char c)
{
	const char *last = strrchr(o->word, c);

	if (!last)
		return;
	o->n_head += (size_t)(last + 1 - o->word);
	o->word = last + 1;
}
