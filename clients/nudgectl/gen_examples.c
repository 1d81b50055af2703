/* clients/nudgectl/gen_examples.c - writes the sub-commands' examples into nudgectl(1): stdin to stdout, with what stands
 * between `.\\" generated: examples` and `.\\" end` made anew from the tables. */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "clients/nudgectl/command.h"

#define BEGIN ".\\\" generated: examples"
#define END   ".\\\" end"
#define WIDTH 72u

static void print_escaped(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '\\')
			fputs("\\e", stdout);
		else if (text[i] == '~')
			fputs("\\(ti", stdout);
		else if (text[i] == '^')
			fputs("\\(ha", stdout);
		else if (text[i] == '\'')
			fputs("\\(aq", stdout);
		else
			putchar(text[i]);
	}
}

/* Where a line of at most n bytes ends: behind it a blank that no quote holds; 0: nowhere */
static size_t break_at(const char *text, size_t n, size_t most)
{
	size_t at = 0;
	char quote = 0;

	for (size_t i = 0; i < n && (i < most || at == 0); i++) {
		if (quote ? text[i] == quote : text[i] == '\'' || text[i] == '"')
			quote = quote ? 0 : text[i];
		else if (!quote && text[i] == ' ')
			at = i;
	}
	return at;
}

static void print_example(const char *text, size_t n)
{
	size_t most = WIDTH - strlen("nudgectl "), at;

	fputs("nudgectl ", stdout);
	while (n > most && (at = break_at(text, n, most)) > 0) {
		print_escaped(text, at);
		fputs(" \\e\n    ", stdout);
		text += at + 1;
		n -= at + 1;
		most = WIDTH - 4;
	}
	print_escaped(text, n);
	putchar('\n');
}

static void print_examples(void)
{
	const struct command *command;

	puts(".Bd -literal -offset indent");
	for (size_t i = 0; (command = command_at(i)); i++) {
		const char *examples = command->examples;

		while (!command->hidden && examples && *examples) {
			size_t n = strcspn(examples, "\n");

			print_example(examples, n);
			examples += n + (examples[n] == '\n');
		}
	}
	puts(".Ed");
}

int main(void)
{
	char line[4096];
	bool inside = false;

	while (fgets(line, sizeof(line), stdin)) {
		if (inside && !strncmp(line, END, strlen(END)))
			inside = false;
		if (inside)
			continue;
		fputs(line, stdout);
		if (!strncmp(line, BEGIN, strlen(BEGIN))) {
			inside = true;
			print_examples();
		}
	}
	return fflush(stdout) || inside;
}
