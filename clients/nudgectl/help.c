/* clients/nudgectl/help.c - the help: of the program, and of a sub-command with what the table of methods knows. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "clients/nudgectl/command.h"
#include "protocol/methods.h"
#include "protocol/schema_text.h"

static void print_options(FILE *out, const struct option_spec *options)
{
	for (; options->name; options++) {
		char text[80], letter[8] = "    ";

		if (options->letter)
			snprintf(letter, sizeof(letter), "-%c, ", options->letter);
		snprintf(text, sizeof(text), "%s--%s%s%s", letter, options->name,
			 options->value ? " " : "", options->value ? options->value : "");
		fprintf(out, "  %-26s %s\n", text, options->help);
	}
}

static void print_topic(FILE *out, enum topic topic, const char *title)
{
	const struct command *command;

	fprintf(out, "\n%s:\n", title);
	for (size_t i = 0; (command = command_at(i)); i++)
		if (command->topic == topic && !command->hidden)
			fprintf(out, "  %-12s %s\n", command->name, command->summary);
}

void help_overview(FILE *out)
{
	static const struct {
		enum topic topic;
		const char *title;
	} topics[] = {
		{TOPIC_LOOKING, "Looking on"},
		{TOPIC_RUNNING, "Running tasks"},
		{TOPIC_STEERING, "Steering"},
		{TOPIC_HISTORY, "What was"},
		{TOPIC_STUDIES, "Many runs at once"},
		{TOPIC_SERVER, "The server and its keys"},
		{TOPIC_MORE, "More"},
	};

	fputs("usage: nudgectl [--to ADDRESS] [--json | --csv] SUB-COMMAND ...\n"
	      "Steers nudged, the supervisor of a physical learning machine.\n\n"
	      "At first: nudgectl doctor (is a server there?), nudgectl status, nudgectl run TASK.yaml,\n"
	      "nudgectl watch.\n",
	      out);
	for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++)
		print_topic(out, topics[i].topic, topics[i].title);
	fputs("\nEverywhere:\n", out);
	print_options(out, options_global);
	fputs("\nExit status: 0 fine, 1 what was asked for failed, 2 wrong command line or file,\n"
	      "3 no server or no answer in time, 4 the server refused.\n"
	      "nudgectl help SUB-COMMAND says more, with examples.\n",
	      out);
}

int help_unknown(const char *name)
{
	const char *near = command_nearest(name), *dot = strrchr(name, '.');

	if (dot && !strcmp(dot, ".yaml"))
		return say_usage("\"%s\" is no sub-command; nudgectl run %s submits a task", name,
				 name);
	if (near)
		return say_usage("unknown sub-command \"%s\"; did you mean %s?", name, near);
	if (method_find(name))
		return say_usage("\"%s\" is a method: nudgectl call %s", name, name);
	return say_usage("unknown sub-command \"%s\"; nudgectl help lists them", name);
}

/* "number of V, 0 < .. <= 1", "one of learn, hold, cut", from the schema */
static void print_type(const struct schema *schema)
{
	static const char *const names[] = {
		[SCHEMA_ANY] = "any",
		[SCHEMA_NULL] = "null",
		[SCHEMA_BOOL] = "true/false",
		[SCHEMA_INTEGER] = "whole number",
		[SCHEMA_NUMBER] = "number",
		[SCHEMA_STRING] = "text",
		[SCHEMA_WORD] = "one of",
		[SCHEMA_OBJECT] = "object",
		[SCHEMA_MAP] = "object",
		[SCHEMA_LIST] = "list",
		[SCHEMA_EITHER] = "one of several",
	};
	char text[32];

	fputs(names[schema->type], stdout);
	if (schema->unit)
		printf(" of %s", schema->unit);
	for (size_t i = 0; schema->type == SCHEMA_WORD && schema->words[i]; i++)
		printf("%s %s", i > 0 ? "," : "", schema->words[i]);
	if ((schema->type != SCHEMA_NUMBER && schema->type != SCHEMA_INTEGER) ||
	    (schema->min == 0 && schema->max == 0))
		return;
	if (isfinite(schema->min))
		printf(", %s %s", schema->above_min ? "above" : "from",
		       schema_number(schema->min, text, sizeof(text)));
	if (isfinite(schema->max))
		printf(" %s %s", schema->below_max ? "below" : "to",
		       schema_number(schema->max, text, sizeof(text)));
}

static void print_method(const struct method *method)
{
	const struct schema_member *member = method->params->members;

	printf("\n%s: %s%s\n", method->name, method->help,
	       method->flags & METHOD_LEASE ? "  Needs the control lease, taken by itself." : "");
	for (; member->name; member++) {
		printf("  %-22s ", member->name);
		print_type(member->schema);
		if (member->required)
			fputs("; required", stdout);
		else if (member->fallback)
			printf("; default %s", member->fallback);
		putchar('\n');
		if (member->help)
			printf("  %-22s %s\n", "", member->help);
	}
}

/* "run.stop run.abort": each of them */
static void print_methods(const char *names)
{
	while (*names) {
		char name[64];
		size_t n = strcspn(names, " ");
		const struct method *method;

		snprintf(name, sizeof(name), "%.*s", (int)n, names);
		method = method_find(name);
		if (method)
			print_method(method);
		names += n + (names[n] == ' ');
	}
}

static void print_examples(const char *examples)
{
	puts("\nExamples:");
	while (*examples) {
		size_t n = strcspn(examples, "\n");

		printf("  nudgectl %.*s\n", (int)n, examples);
		examples += n + (examples[n] == '\n');
	}
}

void help_command(const struct command *command)
{
	printf("usage: nudgectl %s %s%s\n%s\n", command->name,
	       command->options ? "[OPTION]... " : "", command->synopsis, command->summary);
	if (command->text)
		printf("\n%s\n", command->text);
	if (command->options) {
		puts("\nOptions:");
		print_options(stdout, command->options);
	}
	if (command->methods)
		print_methods(command->methods);
	if (command->examples)
		print_examples(command->examples);
	puts("\nEverywhere:");
	print_options(stdout, options_global);
}
