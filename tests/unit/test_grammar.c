/* tests/unit/test_grammar.c - what a synopsis lets follow, and words as a shell hands them over. */
#include "config.h"

#include <string.h>

#include "clients/nudgectl/command.h"
#include "clients/nudgectl/complete.h"
#include "clients/nudgectl/grammar.h"
#include "tests/check.h"

static void note(void *arg, const char *word, size_t n, bool literal)
{
	char *text = arg;

	sprintf(text + strlen(text), "%s%.*s%s", text[0] ? " " : "", (int)n, word,
		literal ? "" : "!");
}

/* What may come behind the words of a line, values with "!" */
static const char *behind(const char *synopsis, const char *line)
{
	static char text[500];
	char buffer[200], *words[16];
	size_t n = 0;

	text[0] = '\0';
	snprintf(buffer, sizeof(buffer), "%s", line);
	for (char *word = strtok(buffer, " "); word; word = strtok(NULL, " "))
		words[n++] = word;
	grammar_next(synopsis, words, n, note, text);
	return text;
}

static void follows_the_alternative_that_fits(void **state)
{
	static const char queue[] = "[list | move RUN POSITION | remove RUN | clear]";

	(void)state;
	assert_string_equal(behind(queue, ""), "list move remove clear");
	assert_string_equal(behind(queue, "move"), "RUN!");
	assert_string_equal(behind(queue, "move 3"), "POSITION!");
	assert_string_equal(behind(queue, "move 3 0"), "");
	assert_string_equal(behind(queue, "list"), "");
	assert_string_equal(behind(queue, "mov"), "");
}

static void tells_words_from_values(void **state)
{
	(void)state;
	assert_string_equal(behind("EDGE learn|hold|cut", ""), "EDGE!");
	assert_string_equal(behind("EDGE learn|hold|cut", "5"), "learn hold cut");
	assert_string_equal(behind("--list | all | EXPERIMENT...", ""), "all EXPERIMENT!");
	assert_string_equal(behind("--every K RUN...|--where FILTER", ""), "RUN!");
	assert_string_equal(behind("[describe | wiring [TASK]]", "wiring"), "TASK!");
	assert_string_equal(behind("", ""), "");
}

static void repeats_what_has_dots(void **state)
{
	(void)state;
	assert_string_equal(behind("[NAME=VALUE]...", ""), "NAME=VALUE!");
	assert_string_equal(behind("[NAME=VALUE]...", "a=1 b=2"), "NAME=VALUE!");
	assert_string_equal(behind("OUT IN...", "all.db a.db b.db"), "IN!");
	assert_string_equal(behind("[settle | daq OUTPUT=INPUT...]", "daq a=b"), "OUTPUT=INPUT!");
	assert_string_equal(behind("METHOD [JSON|NAME=VALUE...]", "run.get"), "JSON! NAME=VALUE!");
}

/* A value's name that completion does not know is one that was forgotten */
static void see_known(void *arg, const char *word, size_t n, bool literal)
{
	const char *comma = memchr(word, ',', n);

	if (!literal)
		assert_true(complete_knows(arg, NULL, word, comma ? (size_t)(comma - word) : n));
}

static void every_sub_command_has_what_help_and_tab_need(void **state)
{
	const struct command *command;

	(void)state;
	for (size_t i = 0; (command = command_at(i)); i++) {
		assert_non_null(command->examples);
		assert_non_null(command->summary);
		grammar_all(command->synopsis, see_known, (void *)command);
	}
}

static void takes_a_shells_quotes_off(void **state)
{
	static const struct {
		const char *typed, *is;
		char open;
	} words[] = {
		{"plain", "plain", 0},
		{"'two words", "two words", '\''},
		{"two\\ words", "two words", 0},
		{"\"a 'b", "a 'b", '"'},
		{"'a'b", "ab", 0},
		{"'a\\'", "a\\", 0},
		{"\"a\\\"b", "a\"b", '"'},
		{"end\\", "end\\", 0},
		{"\"a\\b", "a\\b", '"'},
		{"", "", 0},
	};
	char word[50];

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		strcpy(word, words[i].typed);
		assert_int_equal(offer_unquote(word), words[i].open);
		assert_string_equal(word, words[i].is);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_the_alternative_that_fits),
		cmocka_unit_test(tells_words_from_values),
		cmocka_unit_test(repeats_what_has_dots),
		cmocka_unit_test(every_sub_command_has_what_help_and_tab_need),
		cmocka_unit_test(takes_a_shells_quotes_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
