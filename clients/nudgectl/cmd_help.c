/* clients/nudgectl/cmd_help.c - help, also as JSON for programs; and complete, which answers a shell's Tab. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/command.h"
#include "clients/nudgectl/complete.h"
#include "clients/nudgectl/grammar.h"

#define WITHIN_S 0.3 /* longer, and a Tab seems stuck */

/* ---- the tables as JSON ---- */

static json_t *options_json(const struct option_spec *options)
{
	json_t *list = json_array();

	for (; options && options->name; options++)
		json_array_append_new(list, json_pack("{s:s, s:s%, s:s?, s:s}", "name",
						      options->name, "letter", &options->letter,
						      (size_t)(options->letter != 0), "value",
						      options->value, "help", options->help));
	return list;
}

/* "stop  # exit 4", "watch --topic event.  # until Ctrl-C" */
static json_t *examples_json(const char *examples)
{
	json_t *list = json_array();

	while (examples && *examples) {
		size_t n = strcspn(examples, "\n"), n_command = n;
		const char *comment = memmem(examples, n, "  # ", 4);
		int code = 0;

		if (comment)
			n_command = (size_t)(comment - examples);
		if (comment && !strncmp(comment, "  # exit ", 9))
			code = atoi(comment + 9);
		json_array_append_new(
			list,
			json_pack("{s:s%, s:i, s:b, s:b}", "command", examples, n_command, "exit",
				  code, "until_interrupt",
				  comment && !strncmp(comment, "  # until Ctrl-C", 16), "until_q",
				  comment && !strncmp(comment, "  # until q", 11)));
		examples += n + (examples[n] == '\n');
	}
	return list;
}

struct unknown {
	const struct command *command;
	const char *option;
	json_t *list;
};

static void see_name(void *arg, const char *word, size_t n, bool literal)
{
	struct unknown *unknown = arg;
	const char *comma = memchr(word, ',', n);

	n = comma ? (size_t)(comma - word) : n;
	if (!literal && !complete_knows(unknown->command, unknown->option, word, n))
		json_array_append_new(unknown->list, json_stringn(word, n));
}

/* Names of values that completion has never heard of: a test wants none */
static json_t *unknown_json(const struct command *command, const struct option_spec *options)
{
	struct unknown unknown = {.command = command, .list = json_array()};

	if (command)
		grammar_all(command->synopsis, see_name, &unknown);
	for (; options && options->name; options++) {
		unknown.option = options->name;
		if (options->value)
			grammar_all(options->value, see_name, &unknown);
	}
	return unknown.list;
}

static json_t *command_json(const struct command *command)
{
	return json_pack("{s:s, s:s, s:s, s:s?, s:b, s:o, s:o, s:o}", "name", command->name,
			 "synopsis", command->synopsis, "summary", command->summary, "text",
			 command->text, "hidden", command->hidden, "options",
			 options_json(command->options), "examples",
			 examples_json(command->examples), "unknown_values",
			 unknown_json(command, command->options));
}

static void help_json(void)
{
	json_t *commands = json_array(), *all;
	const struct command *command;

	for (size_t i = 0; (command = command_at(i)); i++)
		json_array_append_new(commands, command_json(command));
	all = json_pack("{s:s, s:o, s:o, s:o}", "version", PACKAGE_VERSION, "options",
			options_json(options_global), "unknown_values",
			unknown_json(NULL, options_global), "commands", commands);
	say_json(all);
	json_decref(all);
}

static int run_help(struct context *c, const struct arguments *a)
{
	const struct command *command = NULL;
	json_t *one;

	if (a->n_words > 0) {
		command = command_find(a->words[0]);
		if (!command)
			return help_unknown(a->words[0]);
	}
	if (c->format == FORMAT_JSON && command) {
		one = command_json(command);
		say_json(one);
		json_decref(one);
	} else if (c->format == FORMAT_JSON) {
		help_json();
	} else if (command) {
		help_command(command);
	} else {
		help_overview(stdout);
	}
	return EXIT_FINE;
}

/* ---- complete ---- */

/* Says nothing and ends well, whatever is wrong: the user is in the middle of a line */
static int run_complete(struct context *c, const struct arguments *a)
{
	const char *shell = options_value(a, "shell"), *within = getenv("NUDGE_COMPLETE_SECONDS");
	struct offer offer = {.head = "", .word = ""};
	double within_s = WITHIN_S;

	(void)c;
	if (within)
		options_real(within, 0, 3600, &within_s);
	if (shell && !strcmp(shell, "bash"))
		offer.shell = OFFER_BASH;
	else if (shell && !strcmp(shell, "zsh"))
		offer.shell = OFFER_ZSH;
	for (size_t i = 0; i < a->n_words; i++)
		offer.quote = offer.shell == OFFER_BASH ? offer_unquote(a->words[i]) : 0;
	complete_words(&offer, within_s, a->words, a->n_words);
	return EXIT_FINE;
}

static const struct option_spec complete_options[] = {
	{"shell", 0, "bash|zsh", "Whose rules for quoting hold; else none."},
	{0},
};

const struct command commands_help[] = {
	{
		.name = "help",
		.synopsis = "[COMMAND]",
		.summary = "This list, or all about a sub-command; --json: for programs.",
		.examples = "help\nhelp run\nhelp --json\n",
		.topic = TOPIC_MORE,
		.max_words = 1,
		.run = run_help,
	},
	{
		.name = "complete",
		.synopsis = "WORDS...",
		.summary = "What may stand at the cursor of a command line; for shells.",
		.text = "WORDS are those behind nudgectl; the last one is completed, and may be ''.  A line is a\n"
			"candidate, a tab and a description.  A server that is there is asked for runs, tags,\n"
			"edges and more, for 0.3 s at most.",
		.examples = "complete -- run --on-lease-loss ''\ncomplete -- show ''\n",
		.options = complete_options,
		.hidden = true,
		.min_words = 1,
		.max_words = 100000,
		.run = run_complete,
	},
	{0},
};
