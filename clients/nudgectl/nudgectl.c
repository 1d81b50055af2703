/* clients/nudgectl/nudgectl.c - steers nudged from the command line: finds the sub-command and runs it. */
#include "config.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/nudgectl/command.h"
#include "clients/nudgectl/usage.h"

static void look_around(struct context *c)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	setlocale(LC_CTYPE, ""); /* numbers stay as C writes them */
	c->terminal = isatty(STDOUT_FILENO) && term && strcmp(term, "dumb");
	c->color = c->terminal && !(no_color && no_color[0]);
	c->unicode = !strcmp(nl_langinfo(CODESET), "UTF-8");
}

/* A sub-command may have an option of the same name (steps --to STEP): only those of the global table count */
static bool global_value(const struct arguments *a, const char *name, const char **ret)
{
	bool given = false;

	for (size_t i = 0; i < a->n_options; i++) {
		const struct option_spec *spec = options_global;

		while (spec->name && spec != a->options[i].spec)
			spec++;
		if (spec->name && !strcmp(spec->name, name)) {
			*ret = a->options[i].value;
			given = true;
		}
	}
	return given;
}

/* The options that every sub-command takes, before its name or behind it */
static int apply_global(struct context *c, const struct arguments *a)
{
	const char *timeout = NULL, *flag;
	bool json = global_value(a, "json", &flag), csv = global_value(a, "csv", &flag);

	global_value(a, "to", &c->to);
	global_value(a, "server-key", &c->server_key);
	global_value(a, "key", &c->key);
	if (global_value(a, "timeout", &timeout) &&
	    !options_real(timeout, 0.01, 86400, &c->timeout_s))
		return say_usage("--timeout %s: expected seconds from 0.01 to 86400", timeout);
	if (global_value(a, "take-over", &flag))
		c->take_over = true;
	if (json)
		c->format = FORMAT_JSON;
	if (csv)
		c->format = FORMAT_CSV;
	return json && csv ? say_usage("--json and --csv: one of them") : EXIT_FINE;
}

static int run_command(struct context *c, const struct command *command, int argc, char **argv)
{
	static const struct option_spec none[] = {{0}};
	const struct option_spec *tables[] = {command->options ? command->options : none,
					      options_global, NULL};
	struct arguments a = {0};
	char why[200];
	int r;

	if (options_parse(tables, argc, argv, false, &a, why, sizeof(why)) < 0)
		return usage_option(command, why);
	if (options_has(&a, "help")) {
		help_command(command);
		return EXIT_FINE;
	}
	r = usage_words(command, &a);
	if (r == EXIT_FINE)
		r = apply_global(c, &a);
	if (r == EXIT_FINE)
		r = command->run(c, &a);
	context_close(c);
	if (fflush(stdout) == EOF && r == EXIT_FINE)
		r = say_failed("cannot write to standard output");
	return r;
}

int main(int argc, char **argv)
{
	const struct option_spec *tables[] = {options_global, NULL};
	struct context c = {.timeout_s = 10};
	struct arguments a = {0};
	const struct command *command;
	bool help;
	char why[200];

	look_around(&c);
	if (options_parse(tables, argc - 1, argv + 1, true, &a, why, sizeof(why)) < 0)
		return usage_global(why, argc, argv);
	if (options_has(&a, "version")) {
		printf("nudgectl %s\n", PACKAGE_VERSION);
		return EXIT_FINE;
	}
	help = options_has(&a, "help");
	if (apply_global(&c, &a) != EXIT_FINE)
		return EXIT_USAGE;
	if (a.n_words == 0) {
		help_overview(help ? stdout : stderr);
		return help ? EXIT_FINE : EXIT_USAGE;
	}
	command = command_find(a.words[0]);
	if (!command)
		return help_unknown(a.words[0]);
	if (!help)
		return run_command(&c, command, (int)a.n_words - 1, a.words + 1);
	help_command(command);
	return EXIT_FINE;
}
