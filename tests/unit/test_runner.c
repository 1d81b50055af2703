/* tests/unit/test_runner.c - whole runs: the rig's thread, a simulated rig and a real store. */
#include "config.h"

#include <string.h>

#include <sqlite3.h>

#include "tests/unit/lab_tasks.h"

#define REGRESSION                                                                                 \
	"task: regression\n"                                                                       \
	"kind: regression\n"                                                                       \
	"sources: [7, 0, 4]\n"                                                                     \
	"targets: [1, 5]\n"                                                                        \
	"train: {generate: {n: 420, uniform_V: [1, 5], target: [[0.15, 0.20], [0.25, 0.10]]},\n"   \
	"  fixed_V: {4: 0}, split: {n: 400}, order: random}\n"                                     \
	"test: {every: 20}\n"                                                                      \
	"params: {eta: 0.2}\n"

#define TWO_CLASSES                                                                                \
	"task: two classes\n"                                                                      \
	"kind: classification\n"                                                                   \
	"sources: [0, 2, 7]\n"                                                                     \
	"targets: [3, 5]\n"                                                                        \
	"train:\n"                                                                                 \
	"  order: cyclic\n"                                                                        \
	"  examples:\n"                                                                            \
	"    - {source_V: [5, 1, 0], class: a}\n"                                                  \
	"    - {source_V: [4, 1, 0], class: a}\n"                                                  \
	"    - {source_V: [1, 5, 0], class: b}\n"                                                  \
	"    - {source_V: [1, 4, 0], class: b}\n"                                                  \
	"targets_from: class_means\n"                                                              \
	"test: {on: [train], every: 4}\n"

/* ---- the papers' tasks ---- */

static void a_divider_learns_and_every_step_is_kept(void **state)
{
	struct lab lab;
	json_t *end;

	(void)state;
	lab_open(&lab, "sim:divider2");
	end = lab_run(&lab, DIVIDER "stop: {steps: 300}\n", 1);
	/* both edges at 50 kohm: 2.5 V, 0.5 V off */
	assert_close(number(end, "mse_first_V2"), 0.25, 1e-9);
	assert_true(number(end, "mse_final_V2") < 0.0025);
	expect_end(end, "done", 300);
	lab_quit(&lab);
	assert_close(lab_sql(&lab, "select count(*) from steps where run = 1"), 300, 0);
	assert_close(lab_sql(&lab, "select max(step) from steps where run = 1"), 299, 0);
	assert_close(lab_sql(&lab, "select mse_V2 from steps where run = 1 and step = 0"), 0.25,
		     1e-9);
	assert_close(lab_sql(&lab, "select mse_final_V2 - (select avg(mse_V2) from steps "
				   "where run = 1 and step >= 270) from runs where run = 1"),
		     0, 1e-12);
	assert_close(lab_sql(&lab, "select status = 'done' from runs where run = 1"), 1, 0);
	lab_close(&lab);
}

/* PHYSICS.md, row 2: 5.7 orders best in a run, 3.3 at its end */
static void allostery_gains_orders_of_magnitude(void **state)
{
	struct lab lab;
	double best = 0, final = 0;

	(void)state;
	lab_open(&lab, "sim:king9_16");
	for (uint64_t seed = 1; seed <= 10; seed++) {
		json_t *end = lab_run(&lab, ALLOSTERY "stop: {steps: 300}\n", seed);

		best += log10(number(end, "mse_first_V2") / number(end, "mse_min_V2")) / 10;
		final += log10(number(end, "mse_first_V2") / number(end, "mse_final_V2")) / 10;
		json_decref(end);
	}
	print_message("orders: %.2f best, %.2f at the end\n", best, final);
	assert_true(best > 4);
	assert_true(final > 2.5);
	lab_close(&lab);
}

/* PHYSICS.md, row 3: 4.7 orders best, 2.8 at the end */
static void regression_learns_a_linear_map(void **state)
{
	struct lab lab;
	double best = 0, final = 0;

	(void)state;
	lab_open(&lab, "sim:king9_16");
	for (uint64_t seed = 1; seed <= 10; seed++) {
		json_t *end = lab_run(&lab, REGRESSION "stop: {steps: 800}\n", seed);

		best += log10(number(end, "test_first_V2") / number(end, "test_best_V2")) / 10;
		final += log10(number(end, "test_first_V2") / number(end, "test_final_V2")) / 10;
		json_decref(end);
	}
	print_message("orders: %.2f best, %.2f at the end\n", best, final);
	assert_true(best > 2);
	assert_true(final > 2);
	lab_close(&lab);
}

static void class_means_are_told_each_epoch(void **state)
{
	struct lab lab;

	(void)state;
	lab_open(&lab, "sim:king9_16");
	expect_end(lab_run(&lab, TWO_CLASSES "stop: {steps: 40}\n", 1), "done", 40);
	assert_int_equal(count_events(&lab, "class_means", "task"), 10);
	/* 0, 4, ... 36 and the end */
	assert_int_equal(json_array_size(lab.tests), 11);
	/* at an epoch's start the means are the desired outputs: every example is right */
	assert_close(number(json_array_get(lab.tests, 0), "accuracy"), 1, 0);
	lab_close(&lab);
}

/* ---- what a seed means ---- */

static void the_same_seed_gives_the_same_bits(void **state)
{
	static const char same[] =
		"select count(*) from steps a join steps b using (step) where a.run = 1 and b.run "
		"= %d and a.wiper = b.wiper and a.mse_V2 = b.mse_V2 and a.v_free_V = b.v_free_V";
	static const char noisy[] = REGRESSION "initial: random\nstop: {steps: 200}\n";
	struct lab lab;
	char sql[256];

	(void)state;
	lab_open(&lab, "sim:king9_16");
	expect_end(lab_run(&lab, noisy, 7), "done", 200);
	expect_end(lab_run(&lab, noisy, 7), "done", 200);
	expect_end(lab_run(&lab, noisy, 8), "done", 200);
	lab_quit(&lab);
	snprintf(sql, sizeof(sql), same, 2);
	assert_close(lab_sql(&lab, sql), 200, 0);
	snprintf(sql, sizeof(sql), same, 3);
	assert_close(lab_sql(&lab, sql), 0, 0);
	lab_close(&lab);
}

static void keep_goes_on_where_the_last_run_ended(void **state)
{
	struct lab lab;

	(void)state;
	lab_open(&lab, "sim:king9_16");
	expect_end(lab_run(&lab, ALLOSTERY "stop: {steps: 50}\n", 1), "done", 50);
	expect_end(lab_run(&lab, ALLOSTERY "initial: keep\nstop: {steps: 50}\n", 2), "done", 50);
	lab_quit(&lab);
	/* free of comparator noise, the first reading of the second run is the state the first one left */
	assert_true(lab_sql(&lab, "select b.mse_V2 < 0.1 * a.mse_V2 from steps a, steps b where "
				  "a.run = 1 and a.step = 0 and b.run = 2 and b.step = 0") == 1);
	lab_close(&lab);
}

static void initial_taps_are_written(void **state)
{
	struct lab lab;

	(void)state;
	lab_open(&lab, "sim:divider2");
	/* 10 and 40 of 781.25 ohm: 5 V * 40 / 50 = 4 V */
	expect_end(lab_run(&lab, DIVIDER "initial: {taps: [9, 39]}\nstop: {steps: 1}\n", 1), "done",
		   1);
	expect_end(lab_run(&lab, DIVIDER "initial: {r_ohm: [7812, 31251]}\nstop: {steps: 1}\n", 1),
		   "done", 1);
	lab_quit(&lab);
	assert_close(lab_sql(&lab, "select mse_V2 from steps where run = 1"), 1, 1e-9);
	assert_close(lab_sql(&lab, "select mse_V2 from steps where run = 2"), 1, 1e-9);
	lab_close(&lab);
}

/* ---- schedule, flags, stop ---- */

static void the_schedule_cuts_and_the_end_restores(void **state)
{
	static const char cut[] = ALLOSTERY "schedule: [{at: 10, cut: 12}, {at: 20, hold: 3}, "
					    "{at: 30, target_V: [2, 2, 2]}, {at: 40, set: {p: "
					    "0.5}}]\nstop: {steps: 60}\n";
	struct lab lab;
	uint8_t wiper[16], mode[16];
	double r_ohm[16];

	(void)state;
	lab_open(&lab, "sim:king9_16");
	expect_end(lab_run(&lab, cut, 1), "done", 60);
	rig_thread_edges(lab.rig, wiper, mode, r_ohm);
	assert_int_equal(mode[12], RIG_LEARN);
	assert_int_equal(mode[3], RIG_LEARN);
	assert_int_equal(count_events(&lab, "cut", "schedule"), 1);
	assert_int_equal(count_events(&lab, "target", "schedule"), 1);
	assert_int_equal(count_events(&lab, "learn", "run's end"), 2);
	lab_quit(&lab);
	/* edge 3 does not move while it is held */
	assert_close(lab_sql(&lab, "select count(distinct hex(substr(wiper, 4, 1))) from steps "
				   "where step between 19 and 59"),
		     1, 0);
	assert_close(lab_sql(&lab, "select count(*) from events where kind = 'cut' and step = 10"),
		     1, 0);
	assert_close(lab_sql(&lab, "select p from params where from_step = 40"), 0.5, 0);
	lab_close(&lab);
}

static void cut_edges_stay_cut_when_told_to(void **state)
{
	struct lab lab;
	uint8_t wiper[16], mode[16];
	double r_ohm[16];

	(void)state;
	lab_open(&lab, "sim:king9_16");
	expect_end(lab_run(&lab,
			   ALLOSTERY "schedule: [{at: 1, cut: 12}]\nkeep_modes: true\nstop: "
				     "{steps: 2}\n",
			   1),
		   "done", 2);
	rig_thread_edges(lab.rig, wiper, mode, r_ohm);
	assert_int_equal(mode[12], RIG_CUT);
	lab_close(&lab);
}

static void an_example_that_does_not_learn_moves_no_wiper(void **state)
{
	static const char still[] = "task: noise floor\nkind: allostery\nsources: [0, 2]\n"
				    "targets: [1]\ntrain: {examples: [{source_V: [5, 0], target_V: "
				    "[3], learn: false}]}\nstop: {steps: 20}\n";
	struct lab lab;

	(void)state;
	lab_open(&lab, "sim:divider2");
	expect_end(lab_run(&lab, still, 1), "done", 20);
	lab_quit(&lab);
	assert_close(lab_sql(&lab, "select count(distinct wiper) from steps"), 1, 0);
	assert_close(lab_sql(&lab, "select count(*) from steps where flags & 2 and mse_V2 > 0.2"),
		     20, 0);
	lab_close(&lab);
}

static void a_group_chooses_the_examples(void **state)
{
	static const char grouped[] =
		"task: groups\nkind: allostery\nsources: [0, 2]\ntargets: [1]\ntrain: {examples: ["
		"{source_V: [5, 0], target_V: [3], group: 0},"
		"{source_V: [4, 0], target_V: [3], group: 1},"
		"{source_V: [3, 0], target_V: [2], group: 1}]}\n"
		"schedule: [{at: 0, group: 0}, {at: 10, group: 1}]\nstop: {steps: 20}\n";
	struct lab lab;

	(void)state;
	lab_open(&lab, "sim:divider2");
	expect_end(lab_run(&lab, grouped, 1), "done", 20);
	lab_quit(&lab);
	assert_close(lab_sql(&lab, "select count(*) from steps where step < 10 and example = 0"),
		     10, 0);
	assert_close(lab_sql(&lab, "select count(*) from steps where step >= 10 and example = 1 + "
				   "step % 2"),
		     10, 0);
	lab_close(&lab);
}

static void only_the_misclassified_learn(void **state)
{
	struct lab lab;

	(void)state;
	lab_open(&lab, "sim:king9_16");
	/* right from the start, but with a margin that nothing reaches every step learns */
	expect_end(lab_run(&lab, TWO_CLASSES "update_when: misclassified\nstop: {steps: 8}\n", 1),
		   "done", 8);
	expect_end(lab_run(&lab,
			   TWO_CLASSES "update_when: {misclassified: {margin_V: 9}}\nstop: {steps: "
				       "8}\n",
			   1),
		   "done", 8);
	lab_quit(&lab);
	assert_close(lab_sql(&lab, "select count(*) from steps where run = 1 and flags & 2"), 8, 0);
	assert_close(lab_sql(&lab, "select count(*) from steps where run = 2 and flags & 2"), 0, 0);
	lab_close(&lab);
}

static void noise_is_logged_as_applied(void **state)
{
	static const char noisy[] =
		"task: noisy\nkind: allostery\nsources: [0, 2]\ntargets: [1]\ntrain: {examples: ["
		"{source_V: [4, 1], target_V: [3]}], noise: {source_V: 0.1, target_V: 0.1}}\n"
		"stop: {steps: 100}\n";
	struct lab lab;

	(void)state;
	lab_open(&lab, "sim:divider2");
	expect_end(lab_run(&lab, noisy, 1), "done", 100);
	lab_quit(&lab);
	assert_close(lab_sql(&lab, "select count(distinct source_V) from steps"), 100, 0);
	assert_close(lab_sql(&lab, "select count(distinct target_V) from steps"), 100, 0);
	lab_close(&lab);
}

static void noise_stays_within_the_limits_and_off_fixed_sources(void **state)
{
	static const char noisy[] =
		"task: noisy\nkind: regression\nsources: [0, 2]\ntargets: [1]\ntrain: {generate: {n: 5, "
		"uniform_V: [4.9, 5], target: [[0.5]]}, fixed_V: {2: 0}, noise: {source_V: 0.1}}\n"
		"stop: {steps: 200}\n";
	struct lab lab;
	sqlite3_stmt *q;
	sqlite3 *db;
	int above = 0;

	(void)state;
	lab_open(&lab, "sim:divider2");
	expect_end(lab_run(&lab, noisy, 1), "done", 200);
	lab_quit(&lab);
	assert_int_equal(sqlite3_open(lab.file, &db), SQLITE_OK);
	sqlite3_prepare_v2(db, "select source_V from steps", -1, &q, NULL);
	while (sqlite3_step(q) == SQLITE_ROW) {
		const double *source_V = sqlite3_column_blob(q, 0);

		assert_true(source_V[0] <= 5 && source_V[1] == 0);
		above += source_V[0] < 4.9;
	}
	assert_true(above > 20);
	sqlite3_finalize(q);
	sqlite3_close(db);
	lab_close(&lab);
}

static void runs_stop_by_error_time_and_accuracy(void **state)
{
	struct lab lab;
	json_t *end;

	(void)state;
	lab_open(&lab, "sim:divider2");
	end = lab_run(&lab, DIVIDER "stop: {steps: 1000, mse_below_V2: 0.001}\n", 1);
	assert_true(number(end, "mse_last_V2") < 0.001);
	assert_true(number(end, "steps") < 100);
	expect_end(end, "done", -1);
	/* the simulator's own clock: 10 s at 0.25 s a step; the time is up once step 40 has begun */
	end = lab_run(&lab, DIVIDER "params: {tau_s: 0.25}\nstop: {seconds: 10}\n", 1);
	expect_end(end, "done", 41);
	lab_close(&lab);
	lab_open(&lab, "sim:king9_16");
	end = lab_run(&lab, TWO_CLASSES "stop: {steps: 1000, accuracy: 1.0, for_tests: 3}\n", 1);
	assert_string_equal(word(end, "reason"), "accuracy reached");
	expect_end(end, "done", 8);
	lab_close(&lab);
}

/* ---- by hand ---- */

static void volts_can_be_applied_and_read_by_hand(void **state)
{
	struct lab lab;
	struct problem p = {0};
	struct rig_command command = {.kind = RIG_COMMAND_APPLY,
				      .json = lab_json("{source_V: {0: 5, 2: 0}, target_V: {1: 4}, "
						       "settle_s: 0}"),
				      .if_rev = -1};
	json_t *result;

	(void)state;
	lab_open(&lab, "sim:divider2");
	result = lab_command(&lab, &command, &p);
	assert_non_null(result);
	assert_close(number(json_object_get(result, "free_V"), "1"), 2.5, 1e-9);
	assert_close(number(json_object_get(result, "clamped_V"), "1"), 4, 1e-9);
	assert_int_equal(json_array_size(json_object_get(result, "wiper")), 2);
	json_decref(result);
	command.json = lab_json("{source_V: {0: 7, 2: 0}, settle_s: 0}");
	assert_null(lab_command(&lab, &command, &p));
	assert_int_equal(p.code, PROBLEM_LIMIT);
	assert_non_null(strstr(p.message, "7 V"));
	problem_clear(&p);
	lab_close(&lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_divider_learns_and_every_step_is_kept),
		cmocka_unit_test(allostery_gains_orders_of_magnitude),
		cmocka_unit_test(regression_learns_a_linear_map),
		cmocka_unit_test(class_means_are_told_each_epoch),
		cmocka_unit_test(the_same_seed_gives_the_same_bits),
		cmocka_unit_test(keep_goes_on_where_the_last_run_ended),
		cmocka_unit_test(initial_taps_are_written),
		cmocka_unit_test(the_schedule_cuts_and_the_end_restores),
		cmocka_unit_test(cut_edges_stay_cut_when_told_to),
		cmocka_unit_test(an_example_that_does_not_learn_moves_no_wiper),
		cmocka_unit_test(a_group_chooses_the_examples),
		cmocka_unit_test(only_the_misclassified_learn),
		cmocka_unit_test(noise_is_logged_as_applied),
		cmocka_unit_test(noise_stays_within_the_limits_and_off_fixed_sources),
		cmocka_unit_test(runs_stop_by_error_time_and_accuracy),
		cmocka_unit_test(volts_can_be_applied_and_read_by_hand),
	};

	return cmocka_run_group_tests_name("runner", tests, NULL, NULL);
}
