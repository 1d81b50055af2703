/* tests/unit/test_options.c - command lines as people type them. */
#include "config.h"

#include <string.h>

#include "clients/nudgectl/command.h"
#include "tests/check.h"

static const struct option_spec own[] = {
	{"name", 'n', "NAME", ""}, {"detach", 'd', NULL, ""}, {"set", 0, "NAME=VALUE", ""}, {0}};
static const struct option_spec global[] = {{"json", 0, NULL, ""}, {"to", 0, "ADDRESS", ""}, {0}};
static const struct option_spec *const tables[] = {own, global, NULL};

/* Splits text at blanks; buffers live in the caller */
static int parse(const char *text, char *buffer, char **argv, bool stop, struct arguments *a,
		 char why[200])
{
	int argc = 0;

	strcpy(buffer, text);
	for (char *word = strtok(buffer, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	memset(a, 0, sizeof(*a));
	return options_parse(tables, argc, argv, stop, a, why, 200);
}

static void reads_options_among_words(void **state)
{
	char buffer[200], *argv[32], why[200];
	struct arguments a;

	(void)state;
	assert_int_equal(parse("one --name=x two -d --set eta=1 --json three --set p=2", buffer,
			       argv, false, &a, why),
			 0);
	assert_int_equal(a.n_words, 3);
	assert_string_equal(a.words[0], "one");
	assert_string_equal(a.words[2], "three");
	assert_string_equal(options_value(&a, "name"), "x");
	assert_true(options_has(&a, "detach"));
	assert_true(options_has(&a, "json"));
	assert_string_equal(options_nth(&a, "set", 0), "eta=1");
	assert_string_equal(options_nth(&a, "set", 1), "p=2");
	assert_null(options_nth(&a, "set", 2));
	assert_null(options_value(&a, "to"));
}

static void reads_short_options_with_and_without_a_blank(void **state)
{
	char buffer[200], *argv[32], why[200];
	struct arguments a;

	(void)state;
	assert_int_equal(parse("-nx -n y", buffer, argv, false, &a, why), 0);
	assert_string_equal(options_nth(&a, "name", 0), "x");
	assert_string_equal(options_value(&a, "name"), "y");
}

static void stops_at_the_sub_command(void **state)
{
	char buffer[200], *argv[32], why[200];
	struct arguments a;

	(void)state;
	assert_int_equal(parse("--to here run --what", buffer, argv, true, &a, why), 0);
	assert_string_equal(options_value(&a, "to"), "here");
	assert_int_equal(a.n_words, 2);
	assert_string_equal(a.words[1], "--what");
}

static void takes_negative_numbers_and_a_dash_as_words(void **state)
{
	char buffer[200], *argv[32], why[200];
	struct arguments a;

	(void)state;
	assert_int_equal(parse("-1 - -- --name", buffer, argv, false, &a, why), 0);
	assert_int_equal(a.n_words, 3);
	assert_string_equal(a.words[2], "--name");
}

static void refuses(const char *text, const char *want)
{
	char buffer[200], *argv[32], why[200] = "";
	struct arguments a;

	assert_int_equal(parse(text, buffer, argv, false, &a, why), -1);
	assert_string_equal(why, want);
}

static void says_what_is_wrong_and_what_was_meant(void **state)
{
	(void)state;
	refuses("--nmae x", "unknown option --nmae; did you mean --name?");
	refuses("--jsno", "unknown option --jsno; did you mean --json?");
	refuses("--xyzzyx", "unknown option --xyzzyx");
	refuses("-q", "unknown option -q");
	refuses("--name", "--name needs a value: NAME");
	refuses("--json=3", "--json takes no value, and got \"3\"");
}

static void reads_numbers_strictly(void **state)
{
	unsigned long long n = 0;
	double real = 0;

	(void)state;
	assert_true(options_number("42", 100, &n));
	assert_int_equal(n, 42);
	assert_false(options_number("101", 100, &n));
	assert_false(options_number("4x", 100, &n));
	assert_false(options_number("-4", 100, &n));
	assert_false(options_number("", 100, &n));
	assert_false(options_number("99999999999999999999", UINT64_MAX, &n));
	assert_true(options_real("2.5e-1", 0, 1, &real));
	assert_close(real, 0.25, 0);
	assert_false(options_real("nan", 0, 1, &real));
	assert_false(options_real("1.5", 0, 1, &real));
}

static void finds_sub_commands_and_near_ones(void **state)
{
	(void)state;
	assert_non_null(command_find("run"));
	assert_null(command_find("runn"));
	assert_string_equal(command_nearest("stauts"), "status");
	assert_string_equal(command_nearest("wacth"), "watch");
	assert_null(command_nearest("xylophone"));
}

static void every_sub_command_explains_itself(void **state)
{
	const struct command *command;

	(void)state;
	for (size_t i = 0; (command = command_at(i)); i++) {
		if (!command->summary || !command->examples || !command->run ||
		    command->min_words > command->max_words ||
		    strncmp(command->examples, command->name, strlen(command->name)) != 0)
			fail_msg("sub-command %s is not complete", command->name);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(command->name, command_at(k)->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_options_among_words),
		cmocka_unit_test(reads_short_options_with_and_without_a_blank),
		cmocka_unit_test(stops_at_the_sub_command),
		cmocka_unit_test(takes_negative_numbers_and_a_dash_as_words),
		cmocka_unit_test(says_what_is_wrong_and_what_was_meant),
		cmocka_unit_test(reads_numbers_strictly),
		cmocka_unit_test(finds_sub_commands_and_near_ones),
		cmocka_unit_test(every_sub_command_explains_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
