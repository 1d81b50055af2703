/* tests/unit/test_cells.c - many runs, each by a nudged of its own: kept, made again, failed, in any order. */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/nudgectl/bar.h"
#include "clients/nudgectl/cells.h"
#include "clients/nudgectl/context.h"
#include "clients/nudgectl/program.h"
#include "tests/check.h"

#define N 4

struct lab {
	char directory[64], nudged[512];
	struct cell cells[N];
	struct cell_result results[N];
	size_t told, kept;
};

static json_t *divider(int steps)
{
	return json_pack("{s:s, s:s, s:[i,i], s:[i], s:{s:[{s:[f,f], s:[f]}]}, s:{s:i}}", "task",
			 "divider", "kind", "allostery", "sources", 0, 2, "targets", 1, "train",
			 "examples", "source_V", 5.0, 0.0, "target_V", 2.0, "stop", "steps", steps);
}

static int setup(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));
	const char *build = getenv("builddir");

	strcpy(lab->directory, "/tmp/nudged-cells-XXXXXX");
	if (!mkdtemp(lab->directory))
		return -1;
	snprintf(lab->nudged, sizeof(lab->nudged), "%s/nudged", build ? build : ".");
	for (size_t i = 0; i < N; i++)
		lab->cells[i] = (struct cell){
			.name = "divider",
			.task = divider(20),
			.rig = json_string("sim:divider2"),
			.seed = 10 + i,
			.tags = json_pack("[s, s]", "two words", "x"),
		};
	*state = lab;
	return 0;
}

static int teardown(void **state)
{
	struct lab *lab = *state;
	char *argv[] = {(char *)"/bin/rm", (char *)"-rf", lab->directory, NULL};

	for (size_t i = 0; i < N; i++) {
		json_decref(lab->cells[i].task);
		json_decref(lab->cells[i].rig);
		json_decref(lab->cells[i].tags);
	}
	cells_clear(lab->results, N);
	program_run(argv, -1);
	free(lab);
	return 0;
}

static void count(void *context, size_t i, const struct cell_result *result)
{
	struct lab *lab = context;

	(void)i;
	lab->told++;
	lab->kept += result->kept;
}

static int run(struct lab *lab)
{
	struct cells_setup setup = {
		.directory = lab->directory,
		.nudged = lab->nudged,
		.jobs = 2,
		.done = count,
		.context = lab,
	};

	cells_clear(lab->results, N);
	lab->told = lab->kept = 0;
	return cells_run(&setup, lab->cells, N, lab->results);
}

static void every_cell_has_its_figures_seed_and_tags(void **state)
{
	struct lab *lab = *state;

	assert_int_equal(run(lab), EXIT_FINE);
	assert_int_equal(lab->told, N);
	for (size_t i = 0; i < N; i++) {
		const json_t *figures = lab->results[i].figures;

		assert_int_equal(lab->results[i].status, CELL_DONE);
		assert_int_equal(json_integer_value(json_object_get(figures, "seed")), 10 + i);
		assert_int_equal(json_integer_value(json_object_get(figures, "steps")), 20);
		assert_true(json_equal(json_object_get(figures, "tags"), lab->cells[i].tags));
		assert_int_equal(access(lab->results[i].database, R_OK), 0);
	}
}

static void what_is_done_is_kept_and_what_changed_is_made_again(void **state)
{
	struct lab *lab = *state;
	char *before;

	assert_int_equal(run(lab), EXIT_FINE);
	before = json_dumps(lab->results[3].figures, JSON_COMPACT);
	json_decref(lab->cells[1].task);
	lab->cells[1].task = divider(21);
	assert_int_equal(run(lab), EXIT_FINE);
	assert_int_equal(lab->told, N);
	assert_int_equal(lab->kept, N - 1);
	assert_false(lab->results[1].kept);
	assert_int_equal(json_integer_value(json_object_get(lab->results[1].figures, "steps")), 21);
	char *after = json_dumps(lab->results[3].figures, JSON_COMPACT);

	assert_string_equal(after, before);
	free(before);
	free(after);
}

static void a_cell_that_was_broken_off_is_made_anew(void **state)
{
	struct lab *lab = *state;
	char path[256];
	FILE *f;

	assert_int_equal(run(lab), EXIT_FINE);
	snprintf(path, sizeof(path), "%s/result.json", lab->results[2].directory);
	assert_int_equal(unlink(path), 0);
	f = fopen(lab->results[2].database, "w"); /* half a database */
	assert_non_null(f);
	fputs("rubbish", f);
	fclose(f);
	assert_int_equal(run(lab), EXIT_FINE);
	assert_int_equal(lab->kept, N - 1);
	assert_int_equal(lab->results[2].status, CELL_DONE);
}

static void a_failed_cell_says_why_and_stops_no_other(void **state)
{
	struct lab *lab = *state;

	json_object_set_new(lab->cells[0].task, "targets", json_pack("[i]", 7));
	assert_int_equal(run(lab), EXIT_FAILED);
	assert_int_equal(lab->results[0].status, CELL_FAILED);
	assert_non_null(strstr(lab->results[0].why, "7"));
	for (size_t i = 1; i < N; i++)
		assert_int_equal(lab->results[i].status, CELL_DONE);
	json_object_set_new(lab->cells[0].task, "targets", json_pack("[i]", 1));
	assert_int_equal(run(lab), EXIT_FINE);
	assert_int_equal(lab->kept, N - 1);
}

static void a_program_that_is_not_there_is_named(void **state)
{
	struct lab *lab = *state;

	strcpy(lab->nudged, "/nowhere/nudged");
	assert_int_equal(run(lab), EXIT_FAILED);
	assert_non_null(strstr(lab->results[0].why, "/nowhere/nudged"));
}

static void a_second_user_of_the_directory_is_refused(void **state)
{
	struct lab *lab = *state;
	int lock = cells_lock(lab->directory);

	assert_true(lock >= 0);
	assert_int_equal(run(lab), EXIT_FAILED);
	assert_int_equal(lab->told, 0);
	close(lock);
	assert_int_equal(run(lab), EXIT_FINE);
}

static void a_bar_says_rate_and_time_left(void **state)
{
	struct bar bar = {.what = "cells", .total = 200, .before = 20, .began_s = 100};
	char text[512], time[32];

	(void)state;
	/* 80 cells in 40 s, so 100 more take 50 s */
	bar_text(&bar, 100, 3, 140, 72, text, sizeof(text));
	assert_non_null(strstr(text, "#####"));
	assert_non_null(strstr(text, "100/200 cells  2/s  0:50 left  3 failed"));
	assert_true(strlen(text) <= 72);
	assert_string_equal(bar_time(3723, time), "1:02:03");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_cell_has_its_figures_seed_and_tags, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_is_done_is_kept_and_what_changed_is_made_again,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_cell_that_was_broken_off_is_made_anew, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_failed_cell_says_why_and_stops_no_other, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_program_that_is_not_there_is_named, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_second_user_of_the_directory_is_refused, setup,
						teardown),
		cmocka_unit_test(a_bar_says_rate_and_time_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
