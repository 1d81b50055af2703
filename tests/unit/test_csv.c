/* tests/unit/test_csv.c - tables from CSV files, and tasks that name them. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "protocol/csv.h"
#include "tests/check.h"

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* A folder of its own with file.csv in it. */
struct place {
	char folder[32], file[48];
};

static void make_place(struct place *place, const char *text)
{
	strcpy(place->folder, "/tmp/nudged-test-XXXXXX");
	assert_non_null(mkdtemp(place->folder));
	snprintf(place->file, sizeof(place->file), "%s/file.csv", place->folder);
	write_text(place->file, text);
}

static void remove_place(const struct place *place)
{
	unlink(place->file);
	rmdir(place->folder);
}

static void reads_as(const char *text, const char *want)
{
	struct problem p = {0};
	json_t *table = NULL;
	struct place place;
	char *dump;

	make_place(&place, text);
	if (csv_read(place.file, &table, &p) < 0)
		fail_msg("%s", p.message);
	dump = json_dumps(table, JSON_COMPACT);
	assert_string_equal(dump, want);
	free(dump);
	json_decref(table);
	remove_place(&place);
}

static void refuses(const char *text, const char *message)
{
	struct problem p = {0};
	json_t *table = NULL;
	struct place place;
	char want[256];

	make_place(&place, text);
	snprintf(want, sizeof(want), "%s%s", place.file, message);
	assert_int_equal(csv_read(place.file, &table, &p), -1);
	assert_null(table);
	assert_string_equal(p.message, want);
	problem_clear(&p);
	remove_place(&place);
}

static void reads_numbers_and_words(void **state)
{
	(void)state;
	reads_as("a,b,species\n1,2.5e-3,setosa\n-3,.5,virginica\n",
		 "{\"columns\":[\"a\",\"b\",\"species\"],\"rows\":[[1.0,0.0025000000000000001,"
		 "\"setosa\"],[-3.0,0.5,\"virginica\"]]}");
	reads_as("a\n0x10\ninf\nnan\n1e999\n",
		 "{\"columns\":[\"a\"],\"rows\":[[\"0x10\"],[\"inf\"],[\"nan\"],[\"1e999\"]]}");
}

static void reads_quotes_line_ends_and_byte_order_marks(void **state)
{
	(void)state;
	reads_as("\xEF\xBB\xBF\"a, b\",c\r\n\"say \"\"hi\"\"\",\"\"\r\n\r\n1,2",
		 "{\"columns\":[\"a, b\",\"c\"],\"rows\":[[\"say \\\"hi\\\"\",\"\"],[1.0,2.0]]}");
	reads_as("a,b\n1,\n", "{\"columns\":[\"a\",\"b\"],\"rows\":[[1.0,\"\"]]}");
}

static void refuses_with_file_and_line(void **state)
{
	(void)state;
	refuses("a,b\n1,2\n1,2,3\n", ":3: 3 cells; the first line names 2 columns");
	refuses("a,b\n1\n", ":2: 1 cells; the first line names 2 columns");
	refuses("a,a\n1,2\n", ":1: two columns are called \"a\"");
	refuses("a,,b\n1,2,3\n", ":1: column 2 has no name");
	refuses("a,b\n1,\"2\n",
		":2: cell 2 is no CSV (quotes must end before a comma, text be UTF-8)");
	refuses("a,b\n1,\"2\"3\n",
		":2: cell 2 is no CSV (quotes must end before a comma, text be UTF-8)");
	refuses("a,b\n1,caf\xE9\n",
		":2: cell 2 is no CSV (quotes must end before a comma, text be UTF-8)");
	refuses("a,b\n", ": there are no rows in this file");
	refuses("", ": there are no rows in this file");
}

static void puts_tables_into_a_task_beside_its_file(void **state)
{
	json_t *task = json_pack("{s:{s:s},s:{s:s,s:i}}", "train", "csv", "file.csv", "test", "csv",
				 "file.csv", "every", 5);
	struct problem p = {0};
	struct place place;
	char file[64], *dump;

	(void)state;
	make_place(&place, "a\n1\n");
	snprintf(file, sizeof(file), "%s/task.yaml", place.folder);
	assert_int_equal(csv_inline(task, file, &p), 0);
	dump = json_dumps(task, JSON_COMPACT);
	assert_string_equal(dump, "{\"train\":{\"table\":{\"columns\":[\"a\"],\"rows\":[[1.0]]}},"
				  "\"test\":{\"every\":5,\"table\":{\"columns\":[\"a\"],\"rows\":"
				  "[[1.0]]}}}");
	free(dump);
	json_decref(task);
	remove_place(&place);
}

static void leaves_a_task_without_csv_alone(void **state)
{
	json_t *task = json_pack("{s:{s:[]}}", "train", "examples"), *before = json_deep_copy(task);
	struct problem p = {0};

	(void)state;
	assert_int_equal(csv_inline(task, "task.yaml", &p), 0);
	assert_true(json_equal(task, before));
	json_decref(before);
	json_decref(task);
}

static void names_a_csv_that_is_not_there(void **state)
{
	json_t *task = json_pack("{s:{s:s}}", "test", "csv", "none.csv");
	struct problem p = {0};

	(void)state;
	assert_int_equal(csv_inline(task, "/nowhere/task.yaml", &p), -1);
	assert_string_equal(p.path, "/test/csv");
	assert_string_equal(p.message, "/nowhere/none.csv: No such file or directory");
	problem_clear(&p);
	json_decref(task);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_numbers_and_words),
		cmocka_unit_test(reads_quotes_line_ends_and_byte_order_marks),
		cmocka_unit_test(refuses_with_file_and_line),
		cmocka_unit_test(puts_tables_into_a_task_beside_its_file),
		cmocka_unit_test(leaves_a_task_without_csv_alone),
		cmocka_unit_test(names_a_csv_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
