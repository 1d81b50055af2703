/* clients/nudgectl/usage.c - says what is wrong with a command line, from the tables. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "clients/nudgectl/grammar.h"
#include "clients/nudgectl/usage.h"
#include "protocol/nearest.h"

static bool has_option(const struct option_spec *options, const char *word)
{
	const struct option_spec *tables[] = {options, NULL};

	return options && options_find(tables, word + 2, strcspn(word + 2, "="), 0);
}

/* ---- verbs ---- */

struct verbs {
	const char *word;
	bool any;        /* the place is also for values, or for this very word */
	size_t n, least; /* how many; the distance of the nearest */
	char nearest[32];
};

static void see_verb(void *arg, const char *word, size_t n, bool literal)
{
	struct verbs *verbs = arg;
	char text[32];
	size_t distance;

	snprintf(text, sizeof(text), "%.*s", (int)n, word);
	verbs->n++;
	if (!literal || !strcmp(verbs->word, text))
		verbs->any = true;
	distance = strlen(verbs->word) > 1 && !strncmp(text, verbs->word, strlen(verbs->word))
			   ? 1
			   : nearest_distance(verbs->word, text);
	if (distance >= verbs->least)
		return;
	verbs->least = distance;
	memcpy(verbs->nearest, text, sizeof(text));
}

static int check_verb(const struct command *command, const char *word)
{
	struct verbs verbs = {.word = word, .least = (size_t)-1};

	grammar_next(command->synopsis, NULL, 0, see_verb, &verbs);
	if (verbs.any || verbs.n == 0)
		return EXIT_FINE;
	if (verbs.least != (size_t)-1)
		return say_usage("%s: unknown verb \"%s\"; did you mean %s?", command->name, word,
				 verbs.nearest);
	return say_usage("%s: unknown verb \"%s\"; expected: nudgectl %s %s", command->name, word,
			 command->name, command->synopsis);
}

int usage_words(const struct command *command, const struct arguments *a)
{
	const char *examples = command->examples ? command->examples : command->name;
	int n = (int)strcspn(examples, "\n");

	if (a->n_words < command->min_words)
		return say_usage("%s needs %s, as in nudgectl %.*s; see nudgectl help %s",
				 command->name, command->synopsis, n, examples, command->name);
	if (a->n_words > command->max_words && command->max_words == 0)
		return say_usage("%s: \"%s\" is too much: it takes no words; see nudgectl help %s",
				 command->name, a->words[0], command->name);
	if (a->n_words > command->max_words)
		return say_usage("%s: \"%s\" is too much: it takes %s, as in nudgectl %.*s; "
				 "see nudgectl help %s",
				 command->name, a->words[command->max_words], command->synopsis, n,
				 examples, command->name);
	return a->n_words > 0 ? check_verb(command, a->words[0]) : EXIT_FINE;
}

/* ---- options ---- */

int usage_option(const struct command *command, const char *why)
{
	size_t n = strlen(why);

	if (n > 0 && why[n - 1] == '?')
		return say_usage("%s: %s", command->name, why);
	return say_usage("%s: %s; see nudgectl help %s", command->name, why, command->name);
}

int usage_global(const char *why, int argc, char **argv)
{
	const struct command *command = NULL;
	const char *name = NULL;
	size_t n = strlen(why);

	for (int i = 1; i < argc && !(command && name); i++) {
		if (!name && !strncmp(argv[i], "--", 2) && !has_option(options_global, argv[i]))
			name = argv[i];
		else if (!command && argv[i][0] != '-')
			command = command_find(argv[i]);
	}
	if (name && command && has_option(command->options, name))
		return say_usage("%.*s belongs behind the sub-command: nudgectl %s %.*s",
				 (int)strcspn(name, "="), name, command->name,
				 (int)strcspn(name, "="), name);
	if (n > 0 && why[n - 1] == '?')
		return say_usage("%s", why);
	return say_usage("%s; nudgectl help lists them", why);
}
