/* clients/nudgectl/complete.c - finds out what stands at the cursor: an option, its value, a sub-command or one of its words. */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "clients/nudgectl/complete.h"
#include "clients/nudgectl/grammar.h"

#define WORDS_MAX 256

static const struct option_spec no_options[] = {{0}};

/* The command line before the cursor */
struct before {
	const struct command *command;    /* NULL: none yet */
	const struct option_spec *option; /* whose value is at the cursor; NULL: none */
	bool dashed;                      /* after "--" */
	bool lost;                        /* a sub-command that does not exist */
	char *words[WORDS_MAX];
	size_t n_words;
	struct nudge_options server;
};

static void tables_of(const struct before *b, const struct option_spec *tables[3])
{
	tables[0] = b->command && b->command->options ? b->command->options : no_options;
	tables[1] = options_global;
	tables[2] = NULL;
}

static const struct option_spec *option_of(const struct before *b, const char *word)
{
	const struct option_spec *tables[3];

	tables_of(b, tables);
	if (word[1] == '-')
		return options_find(tables, word + 2, strcspn(word + 2, "="), 0);
	return options_find(tables, NULL, 0, word[1]);
}

/* Which server the line speaks of: only a global option's name counts, as when it is run */
static void note_server(struct before *b, const struct option_spec *spec, const char *value)
{
	for (const struct option_spec *global = options_global; global->name; global++) {
		if (global != spec)
			continue;
		if (!strcmp(spec->name, "to"))
			b->server.to = value;
		else if (!strcmp(spec->name, "server-key"))
			b->server.server_key = value;
		else if (!strcmp(spec->name, "key"))
			b->server.key = value;
	}
}

static bool is_option(const struct before *b, const char *word)
{
	return !b->dashed && word[0] == '-' && word[1] && !isdigit((unsigned char)word[1]);
}

/* An option before the cursor: how many words it takes */
static size_t pass_option(struct before *b, char *const *words, size_t left)
{
	const struct option_spec *spec = option_of(b, words[0]);
	const char *attached = words[0][1] == '-' ? strchr(words[0], '=') : NULL;

	if (!spec || !spec->value)
		return 1;
	if (attached || (words[0][1] != '-' && words[0][2])) {
		note_server(b, spec, attached ? attached + 1 : words[0] + 2);
		return 1;
	}
	if (left == 1) {
		b->option = spec;
		return 1;
	}
	note_server(b, spec, words[1]);
	return 2;
}

static void look(struct before *b, char **words, size_t n)
{
	for (size_t i = 0; i < n && !b->lost;) {
		if (!b->dashed && !strcmp(words[i], "--")) {
			b->dashed = true;
			i++;
		} else if (is_option(b, words[i])) {
			i += pass_option(b, words + i, n - i);
		} else if (!b->command) {
			b->command = command_find(words[i++]);
			b->lost = !b->command;
		} else {
			b->lost = b->n_words == WORDS_MAX;
			if (!b->lost)
				b->words[b->n_words++] = words[i++];
		}
	}
}

/* ---- what may stand there ---- */

static void offer_options(const struct offer *o, const struct before *b)
{
	const struct option_spec *tables[3];
	char text[80];

	tables_of(b, tables);
	for (size_t t = 0; tables[t]; t++) {
		for (const struct option_spec *spec = tables[t]; spec->name; spec++) {
			if (option_of(b, (snprintf(text, sizeof(text), "--%s", spec->name),
					  text)) != spec)
				continue; /* the sub-command has another one of this name */
			offer_add(o, text, spec->help);
			if (spec->letter && !strcmp(o->word, "-")) {
				snprintf(text, sizeof(text), "-%c", spec->letter);
				offer_add(o, text, spec->help);
			}
		}
	}
}

static void offer_commands(const struct offer *o)
{
	const struct command *command;

	for (size_t i = 0; (command = command_at(i)); i++)
		if (!command->hidden)
			offer_add(o, command->name, command->summary);
}

struct place {
	const struct asked *asked;
	size_t n;
};

static void see_place(void *arg, const char *word, size_t n, bool literal)
{
	struct place *place = arg;
	struct offer offer = *place->asked->offer;
	struct asked a = *place->asked;
	const char *comma = memchr(word, ',', n);

	place->n++;
	a.offer = &offer;
	if (literal) {
		offer_addn(&offer, word, n, NULL);
		return;
	}
	if (comma)
		offer_behind(&offer, ',');
	complete_value(&a, word, comma ? (size_t)(comma - word) : n);
	place->asked->offer->files = offer.files;
}

static void at_cursor(struct offer *o, struct before *b, struct asked *a)
{
	struct place place = {.asked = a};
	const char *equals = strchr(o->word, '=');

	if (b->option) {
		a->option = b->option->name;
		grammar_all(b->option->value, see_place, &place);
	} else if (!b->dashed && !strncmp(o->word, "--", 2) && equals) {
		const struct option_spec *spec = option_of(b, o->word);

		if (!spec || !spec->value)
			return;
		offer_behind(o, '=');
		o->n_head = (size_t)(equals + 1 - o->head);
		o->word = equals + 1;
		a->option = spec->name;
		grammar_all(spec->value, see_place, &place);
	} else if (!b->dashed && o->word[0] == '-') {
		offer_options(o, b);
	} else if (!b->command) {
		offer_commands(o);
	} else {
		grammar_next(b->command->synopsis, b->words, b->n_words, see_place, &place);
		if (place.n == 0 && !b->dashed && !o->word[0])
			offer_options(o, b);
	}
}

void complete_words(struct offer *offer, double within_s, char **words, size_t n)
{
	struct before b = {0};
	struct asked a = {.offer = offer};

	look(&b, words, n - 1);
	if (b.lost)
		return;
	a.live = live_new(&b.server, within_s);
	if (!a.live)
		return;
	a.command = b.command;
	a.words = b.words;
	a.n_words = b.n_words;
	offer->head = offer->word = words[n - 1];
	at_cursor(offer, &b, &a);
	live_free(a.live);
}
