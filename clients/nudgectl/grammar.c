/* clients/nudgectl/grammar.c - reads a synopsis as a grammar of words. */
#include "config.h"

#include <ctype.h>
#include <string.h>

#include "clients/nudgectl/grammar.h"

/* A word of a synopsis: "[TASK]]", "learn|hold|cut", "[NAME=VALUE]..." */
struct place {
	const char *text;
	size_t n;
};

static bool next_place(const char **rest, struct place *ret)
{
	*rest += strspn(*rest, " ");
	ret->text = *rest;
	ret->n = strcspn(*rest, " ");
	*rest += ret->n;
	return ret->n > 0;
}

static bool parts_alternatives(const struct place *place)
{
	return place->n == 1 && place->text[0] == '|';
}

/* "--keep-every K" in a synopsis: the value belongs to the option */
static void skip_value(const char **rest)
{
	const char *ahead = *rest;
	struct place value;

	if (next_place(&ahead, &value) && isupper((unsigned char)value.text[0]))
		*rest = ahead;
}

static bool repeats(const struct place *place)
{
	return place->n >= 3 && memmem(place->text, place->n, "...", 3);
}

/* Each alternative of one word; an option is no word */
static void each_choice(const struct place *place, grammar_found *found, void *arg)
{
	const char *text = place->text, *end = text + place->n;

	while (text < end) {
		size_t skip = strspn(text, "[]|."), n;
		bool literal = true;

		if (text + skip >= end)
			return;
		text += skip;
		n = strcspn(text, "[]|. ");
		if (text + n > end)
			n = (size_t)(end - text);
		for (size_t i = 0; i < n; i++)
			literal = literal && !isupper((unsigned char)text[i]);
		if (text[0] != '-')
			found(arg, text, n, literal);
		text += n;
	}
}

struct match {
	const char *word;
	bool fits;
};

static void see_match(void *arg, const char *word, size_t n, bool literal)
{
	struct match *match = arg;

	if (!literal || (strlen(match->word) == n && !strncmp(match->word, word, n)))
		match->fits = true;
}

static bool fits(const struct place *place, const char *word)
{
	struct match match = {.word = word};

	each_choice(place, see_match, &match);
	return match.fits;
}

/* One alternative, from *rest to the next " | ": what it offers behind the words */
static void follow(const char **rest, char *const *words, size_t n_words, grammar_found *found,
		   void *arg)
{
	struct place place;
	size_t i = 0;
	bool possible = true, repeated = false;

	while (next_place(rest, &place) && !parts_alternatives(&place)) {
		if (place.text[0] == '-') {
			skip_value(rest);
			continue;
		}
		if (!possible)
			continue;
		repeated = repeats(&place);
		if (i == n_words) {
			each_choice(&place, found, arg);
			possible = false;
			continue;
		}
		possible = fits(&place, words[i++]);
		while (possible && repeated && i < n_words)
			possible = fits(&place, words[i++]);
		if (possible && repeated)
			each_choice(&place, found, arg);
	}
}

void grammar_next(const char *synopsis, char *const *words, size_t n_words, grammar_found *found,
		  void *arg)
{
	while (*synopsis)
		follow(&synopsis, words, n_words, found, arg);
}

void grammar_all(const char *synopsis, grammar_found *found, void *arg)
{
	struct place place;

	while (next_place(&synopsis, &place))
		if (!parts_alternatives(&place))
			each_choice(&place, found, arg);
}
