/* tests/unit/test_yaml.c - YAML and JSON files: values, places, refusals. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "protocol/files.h"
#include "protocol/yaml.h"
#include "tests/check.h"

static json_t *parse(const char *text)
{
	struct problem p = {0};
	json_t *value = NULL;

	if (yaml_parse("f.yaml", text, strlen(text), &value, NULL, &p) < 0)
		fail_msg("%s: %s", text, p.message);
	return value;
}

/* The text's value, dumped, is want. */
static void reads_as(const char *text, const char *want)
{
	json_t *value = parse(text);
	char *dump = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

	assert_string_equal(dump, want);
	free(dump);
	json_decref(value);
}

static void refuses_n(const char *text, size_t n, const char *message)
{
	struct yaml_places *places = NULL;
	struct problem p = {0};
	json_t *value = NULL;

	if (yaml_parse("f.yaml", text, n, &value, &places, &p) == 0)
		fail_msg("%s was taken", text);
	assert_null(value);
	assert_null(places);
	assert_int_equal(p.code, PROBLEM_PARSE);
	if (strncmp(p.message, message, strlen(message)) != 0)
		fail_msg("%s: %s, not %s", text, p.message, message);
	problem_clear(&p);
}

static void refuses(const char *text, const char *message)
{
	refuses_n(text, strlen(text), message);
}

static void reads_scalars_by_the_core_schema(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{"null", "null"},
		{"~", "null"},
		{"a:", "{\"a\":null}"},
		{"true", "true"},
		{"FALSE", "false"},
		{"no", "\"no\""},
		{"on", "\"on\""},
		{"y", "\"y\""},
		{"12", "12"},
		{"-7", "-7"},
		{"+7", "7"},
		{"010", "10"},
		{"0o10", "8"},
		{"0x1F", "31"},
		{"1_000", "\"1_000\""},
		{"1:30", "\"1:30\""},
		{"0b1", "\"0b1\""},
		{"5.", "5.0"},
		{".5", "0.5"},
		{"-1.5e-3", "-0.0015"},
		{"2e3", "2000.0"},
		{"1e", "\"1e\""},
		{".", "\".\""},
		{"-", "[null]"},
		{"1-16", "\"1-16\""},
		{"\"12\"", "\"12\""},
		{"'true'", "\"true\""},
		{"|\n 12\n", "\"12\\n\""},
		{"nul", "\"nul\""},
		{"0x", "\"0x\""},
		{"inf", "\"inf\""},
		{"nan", "\"nan\""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		reads_as(cases[i].text, cases[i].want);
}

static void reads_node_maps_with_decimal_keys(void **state)
{
	(void)state;
	reads_as("{0: {both: ao0}, 12: 5}", "{\"0\":{\"both\":\"ao0\"},\"12\":5}");
	reads_as("4: 0.5\n10: 1\n", "{\"4\":0.5,\"10\":1}");
}

static void reads_json_as_yaml(void **state)
{
	(void)state;
	reads_as("{\"a\":[1,2.5,\"x\",null,true],\"b\":{\"c\":\"\\u00e9\"}}",
		 "{\"a\":[1,2.5,\"x\",null,true],\"b\":{\"c\":\"\xC3\xA9\"}}");
}

static void takes_an_anchor_that_nobody_uses(void **state)
{
	(void)state;
	reads_as("a: &x 1", "{\"a\":1}");
}

static void refuses_what_json_has_not(void **state)
{
	(void)state;
	refuses("a: &x 1\nb: *x\n", "f.yaml:2:4: aliases are not taken");
	refuses("b: {<<: {a: 1}}", "f.yaml:1:5: merge keys are not taken");
	refuses("a: !!str 1", "f.yaml:1:4: tags are not taken");
	refuses("a: !mine {b: 1}", "f.yaml:1:4: tags are not taken");
	refuses("- ! x", "f.yaml:1:3: tags are not taken");
	refuses("!!str a: 1", "f.yaml:1:1: a key with a tag");
	refuses("? [a]\n: 1", "f.yaml:1:3: a key must be a word or a number");
	refuses("? {a: 1}\n: 1", "f.yaml:1:3: a key must be a word or a number");
	refuses("a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document is not taken");
	refuses("a: 1\nb: 2\na: 3\n", "f.yaml:3:1: the key \"a\" stands here a second time");
	refuses("{a: 1, 'a': 3}", "f.yaml:1:8: the key \"a\" stands here a second time");
	refuses("a: .nan", "f.yaml:1:4: .nan: no JSON value can hold this");
	refuses("a: -.inf", "f.yaml:1:4: -.inf: no JSON value can hold this");
	refuses("a: 1e999", "f.yaml:1:4: 1e999: no JSON value can hold this");
	refuses("a: 9223372036854775808", "f.yaml:1:4: 9223372036854775808: no JSON value");
	refuses("a: \"\\0\"", "f.yaml:1:4: ");
	refuses("", "f.yaml:1:1: there is nothing in this file");
	refuses("# only a comment\n", "f.yaml:2:1: there is nothing in this file");
}

static void refuses_broken_yaml_with_its_place(void **state)
{
	(void)state;
	refuses("a: [1, 2\nb: 3\n", "f.yaml:2:");
	refuses("a: \"never ends\n", "f.yaml:2:1: ");
	refuses("a:\n\t- 1\n",
		"f.yaml:2:1: found character that cannot start any token while scanning "
		"for the next token (YAML indents with spaces, not tabs)");
	refuses("a: 1\n b: 2\n", "f.yaml:2:3: ");
	refuses("a: \x01", "f.yaml:");
	refuses("a: caf\xC3", "f.yaml:");
	refuses("a: \xC0\xAF", "f.yaml:");
	refuses_n("a: \0b", 5, "f.yaml:");
}

static void refuses_deep_nesting(void **state)
{
	char text[100002];

	(void)state;
	memset(text, '[', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	refuses(text, "f.yaml:1:33: this is nested too deep");
	memset(text + 32, ']', 32);
	text[64] = '\0';
	json_decref(parse(text));
	text[0] = '\0';
	for (size_t i = 0; i < 1000; i++)
		strcpy(text + 3 * i, "a: ");
	refuses(text, "f.yaml:1:5: mapping values are not allowed");
}

static void refuses_every_byte_flipped_or_reads_it(void **state)
{
	static const char good[] = "a: [1, {b: \"x\"}]\nc: |\n  text\n";
	char text[sizeof(good)];

	(void)state;
	for (size_t i = 0; i < sizeof(good) - 1; i++) {
		for (int byte = 0; byte < 256; byte++) {
			struct problem p = {0};
			json_t *value = NULL;

			memcpy(text, good, sizeof(good));
			text[i] = (char)byte;
			if (yaml_parse("f", text, sizeof(good) - 1, &value, NULL, &p) == 0)
				assert_non_null(value);
			else
				assert_int_equal(p.code, PROBLEM_PARSE);
			json_decref(value);
		}
	}
}

/* ---- places ---- */

static void assert_place(const struct yaml_places *places, const char *path, int line, int column)
{
	int got_line = 0, got_column = 0;

	assert_true(yaml_place(places, path, &got_line, &got_column));
	if (got_line != line || got_column != column)
		fail_msg("%s stands at %d:%d, not %d:%d", path, got_line, got_column, line, column);
}

static void knows_where_each_value_stood(void **state)
{
	static const char text[] = "task: t\n"
				   "train:\n"
				   "  examples:\n"
				   "    - {source_V: [5, 0]}\n"
				   "    - source_V:\n"
				   "        - 1\n"
				   "a/b: 7\n";
	struct yaml_places *places = NULL;
	struct problem p = {0};
	json_t *value = NULL;
	int line, column;

	(void)state;
	assert_int_equal(yaml_parse("f", text, strlen(text), &value, &places, &p), 0);
	assert_place(places, "", 1, 1);
	assert_place(places, "/train", 2, 1);
	assert_place(places, "/train/examples/0/source_V/1", 4, 22);
	assert_place(places, "/train/examples/1/source_V", 5, 7);
	assert_place(places, "/train/examples/1/source_V/0", 6, 11);
	assert_place(places, "/a~1b", 7, 1);
	assert_place(places, "/train/split/n", 2, 1); /* not there: the nearest that is */
	assert_place(places, "/nowhere", 1, 1);
	assert_false(yaml_place(NULL, "", &line, &column));
	yaml_places_free(places);
	json_decref(value);
}

/* ---- files ---- */

static char *write_file(const char *suffix, const char *text)
{
	char path[64];
	FILE *f;
	int fd;

	snprintf(path, sizeof(path), "/tmp/nudged-test-XXXXXX%s", suffix);
	fd = mkstemps(path, (int)strlen(suffix));
	assert_true(fd >= 0);
	f = fdopen(fd, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	return strdup(path);
}

static void refuses_file(const char *suffix, const char *text, const char *message)
{
	char *path = write_file(suffix, text), want[256];
	struct problem p = {0};
	json_t *value = NULL;

	snprintf(want, sizeof(want), "%s%s", path, message);
	assert_int_equal(yaml_read_checked(path, &schema_config, &value, NULL, &p), -1);
	assert_string_equal(p.message, want);
	unlink(path);
	free(path);
	problem_clear(&p);
}

static void names_file_line_and_column_of_a_refused_value(void **state)
{
	(void)state;
	refuses_file(".yaml", "rig: sim:king9_16\nreaders: 99\n",
		     ":2:1: readers is 99; it must be from 1 to 16");
	refuses_file(".yaml", "endpoints:\n  contol: tcp://127.0.0.1:7310\n",
		     ":2:3: endpoints: unknown member \"contol\"; did you mean \"control\"?");
	refuses_file(".json", "{\n \"readers\": 99\n}\n",
		     ":2:2: readers is 99; it must be from 1 to 16");
	refuses_file(".json", "{\n \"readers\": 9,\n}\n", ":3:1: string or '}' expected near '}'");
	refuses_file(".json", "{\"readers\": 1, \"readers\": 2}",
		     ":1:24: duplicate object key near '\"readers\"'");
}

static void reads_and_fills_a_good_file(void **state)
{
	char *path = write_file(".yaml", "rig: sim:king9_16\nreaders: 3.0\n");
	struct yaml_places *places = NULL;
	struct problem p = {0};
	json_t *value = NULL;

	(void)state;
	assert_int_equal(yaml_read_checked(path, &schema_config, &value, &places, &p), 0);
	assert_int_equal(json_integer_value(json_object_get(value, "readers")), 3);
	assert_string_equal(json_string_value(json_object_get(value, "log_level")), "notice");
	assert_place(places, "/readers", 2, 1);
	yaml_places_free(places);
	json_decref(value);
	unlink(path);
	free(path);
}

static void names_a_file_that_is_not_there(void **state)
{
	struct problem p = {0};
	json_t *value = NULL;

	(void)state;
	assert_int_equal(yaml_read("/nowhere/x.yaml", &value, NULL, &p), -1);
	assert_string_equal(p.message, "/nowhere/x.yaml: No such file or directory");
	problem_clear(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_scalars_by_the_core_schema),
		cmocka_unit_test(reads_node_maps_with_decimal_keys),
		cmocka_unit_test(reads_json_as_yaml),
		cmocka_unit_test(takes_an_anchor_that_nobody_uses),
		cmocka_unit_test(refuses_what_json_has_not),
		cmocka_unit_test(refuses_broken_yaml_with_its_place),
		cmocka_unit_test(refuses_deep_nesting),
		cmocka_unit_test(refuses_every_byte_flipped_or_reads_it),
		cmocka_unit_test(knows_where_each_value_stood),
		cmocka_unit_test(names_file_line_and_column_of_a_refused_value),
		cmocka_unit_test(reads_and_fills_a_good_file),
		cmocka_unit_test(names_a_file_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
