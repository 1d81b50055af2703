/* tests/unit/test_runner.c - whole runs: the rig's thread, a simulated rig and a real store. */
#include "config.h"

#include <string.h>
#include <time.h>

#include "tests/check.h"
#include "tests/unit/lab.h"

#define DIVIDER                                                                                    \
	"task: divider\n"                                                                          \
	"kind: allostery\n"                                                                        \
	"sources: [0, 2]\n"                                                                        \
	"targets: [1]\n"                                                                           \
	"train: {examples: [{source_V: [5, 0], target_V: [3]}]}\n"

#define ALLOSTERY                                                                                  \
	"task: allostery\n"                                                                        \
	"kind: allostery\n"                                                                        \
	"sources: [0, 2, 7]\n"                                                                     \
	"targets: [3, 5, 4]\n"                                                                     \
	"train: {examples: [{source_V: [5, 1, 0], target_V: [3, 3, 3]}]}\n"                        \
	"params: {eta: 0.2}\n"

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

static const char *word(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static double number(const json_t *object, const char *name)
{
	return json_number_value(json_object_get(object, name));
}

static void expect_end(json_t *end, const char *status, double steps)
{
	assert_string_equal(word(end, "status"), status);
	if (steps >= 0)
		assert_close(number(end, "steps"), steps, 0);
	json_decref(end);
}

static size_t count_events(const struct lab *lab, const char *event, const char *who)
{
	const json_t *row;
	size_t i, n = 0;

	json_array_foreach(lab->events, i, row) n +=
		strcmp(word(row, "event"), event) == 0 && strcmp(word(row, "who"), who) == 0;
	return n;
}

static double clock_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

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

/* ---- commands while it runs ---- */

static struct rig_command parameters(const char *yaml)
{
	return (struct rig_command){.kind = RIG_COMMAND_PARAMS,
				    .change = change_new(0),
				    .json = lab_json(yaml),
				    .if_rev = -1};
}

static void a_parameter_acts_from_the_step_it_says(void **state)
{
	struct lab lab;
	struct problem p = {0};
	struct rig_command command = parameters("{eta: 0.125}");
	struct rig_command stop = {.kind = RIG_COMMAND_STOP, .if_rev = -1};
	json_t *result;
	double from, rev;
	uint64_t run;
	char sql[256];

	(void)state;
	lab_open(&lab, "sim:king9_16");
	run = lab_submit(&lab, ALLOSTERY, 1);
	lab_wait_state(&lab, STATE_RUNNING);
	result = lab_command(&lab, &command, &p);
	assert_non_null(result);
	from = number(result, "effective_step");
	rev = number(result, "rev");
	assert_close(number(json_object_get(result, "params"), "eta"), 0.125, 0);
	json_decref(result);
	/* let it make some more steps: the answer to a second change is behind them */
	command = parameters("{eta: 0.25}");
	json_decref(lab_command(&lab, &command, &p));
	json_decref(lab_command(&lab, &stop, &p));
	expect_end(lab_end(&lab, run), "stopped", -1);
	lab_quit(&lab);
	snprintf(sql, sizeof(sql),
		 "select count(*) from steps where run = 1 and (step >= %.0f) != (rev >= %.0f)",
		 from, rev);
	assert_close(lab_sql(&lab, sql), 0, 0);
	snprintf(sql, sizeof(sql),
		 "select eta from params where run = 1 and rev = %.0f and from_step = %.0f", rev,
		 from);
	assert_close(lab_sql(&lab, sql), 0.125, 0);
	lab_close(&lab);
}

static void an_old_revision_is_a_conflict(void **state)
{
	struct lab lab;
	struct problem p = {0};
	struct rig_command command = parameters("{eta: 0.125}");

	(void)state;
	lab_open(&lab, "sim:divider2");
	command.if_rev = 99;
	assert_null(lab_command(&lab, &command, &p));
	assert_int_equal(p.code, PROBLEM_CONFLICT);
	problem_clear(&p);
	lab_close(&lab);
}

static void a_dry_run_changes_nothing(void **state)
{
	struct lab lab;
	struct problem p = {0};
	struct rig_command command = parameters("{eta: 0.125}");
	json_t *result;

	(void)state;
	lab_open(&lab, "sim:divider2");
	command.dry_run = true;
	result = lab_command(&lab, &command, &p);
	assert_close(number(json_object_get(result, "params"), "eta"), 0.125, 0);
	json_decref(result);
	command = parameters("{p: 0.5}");
	result = lab_command(&lab, &command, &p);
	assert_close(number(json_object_get(result, "params"), "eta"), 0.5, 0);
	assert_true(json_is_null(json_object_get(result, "effective_step")));
	json_decref(result);
	lab_close(&lab);
}

static void pause_resume_and_stop_follow_the_table(void **state)
{
	struct lab lab;
	struct problem p = {0};
	struct rig_command command = {.kind = RIG_COMMAND_RESUME, .if_rev = -1};
	uint64_t run;

	(void)state;
	lab_open(&lab, "sim:king9_16");
	run = lab_submit(&lab, ALLOSTERY, 1);
	lab_wait_state(&lab, STATE_RUNNING);
	assert_null(lab_command(&lab, &command, &p));
	assert_int_equal(p.code, PROBLEM_STATE);
	assert_non_null(strstr(p.message, "run.pause"));
	problem_clear(&p);
	command.kind = RIG_COMMAND_PAUSE;
	json_decref(lab_command(&lab, &command, &p));
	command.kind = RIG_COMMAND_RESUME;
	json_decref(lab_command(&lab, &command, &p));
	command.kind = RIG_COMMAND_STOP;
	command.run = run + 1;
	assert_null(lab_command(&lab, &command, &p));
	assert_int_equal(p.code, PROBLEM_NOT_FOUND);
	problem_clear(&p);
	command.run = run;
	json_decref(lab_command(&lab, &command, &p));
	expect_end(lab_end(&lab, run), "stopped", -1);
	lab_close(&lab);
}

#define SLOW_RIG                                                                                    \
	"rig: slow\n"                                                                               \
	"backend: sim\n"                                                                            \
	"network: {file: divider2.csv}\n"                                                           \
	"limits: {volts: [0, 5], slew_V_per_s: none, edge_power_W: none, source_current_A: none,\n" \
	"  discrepancy_V: none, measure_slack_V: 0.01}\n"                                           \
	"capacitors_F: [0, 2.2e-6]\n"                                                               \
	"sim: {clock: real}\n"

static void an_abort_ends_every_wait_and_makes_safe(void **state)
{
	struct lab lab;
	uint64_t run, aborted = 0, step = 0;
	double began_s;
	json_t *end;

	(void)state;
	lab_open(&lab, SLOW_RIG);
	run = lab_submit(&lab, DIVIDER "params: {tau_s: 3600}\n", 1);
	lab_wait_state(&lab, STATE_RUNNING);
	began_s = clock_s();
	assert_int_equal(rig_thread_abort(lab.rig, "test", "run.abort", &aborted, &step),
			 RIG_SAFE_CONFIRMED);
	assert_true(clock_s() - began_s < 1);
	assert_int_equal(aborted, run);
	end = lab_end(&lab, run);
	assert_true(json_is_true(json_object_get(end, "hold")));
	assert_string_equal(word(end, "safe"), "confirmed");
	assert_string_equal(word(end, "reason"), "run.abort by test");
	expect_end(end, "aborted", -1);
	/* and the next run is not cut short by what is left of it */
	expect_end(lab_run(&lab, DIVIDER "params: {tau_s: 0.001}\nstop: {steps: 3}\n", 1), "done",
		   3);
	lab_close(&lab);
}

static void a_real_clock_keeps_the_beat(void **state)
{
	struct lab lab;

	(void)state;
	lab_open(&lab, SLOW_RIG);
	expect_end(lab_run(&lab, DIVIDER "params: {tau_s: 0.004}\nstop: {steps: 26}\n", 1), "done",
		   26);
	lab_quit(&lab);
	assert_true(lab_sql(&lab, "select max(t_apply_ns) - min(t_apply_ns) >= 99000000 from "
				  "steps") == 1);
	assert_true(lab_sql(&lab, "select min(lateness_ns) >= 0 from steps") == 1);
	lab_close(&lab);
}

static void a_failed_run_holds_the_queue(void **state)
{
	struct lab lab;
	json_t *end;

	(void)state;
	lab_open(&lab, SLOW_RIG);
	end = lab_run(&lab, DIVIDER "params: {capacitance_F: 2.2e-6}\nstop: {steps: 3}\n", 1);
	assert_true(json_is_true(json_object_get(end, "hold")));
	assert_true(strlen(word(end, "reason")) > 10);
	expect_end(end, "failed", 0);
	lab_quit(&lab);
	assert_close(lab_sql(&lab, "select status = 'failed' from runs where run = 1"), 1, 0);
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

	(void)state;
	lab_open(&lab, "sim:king9_16");
	expect_end(lab_run(&lab, cut, 1), "done", 60);
	rig_thread_edges(lab.rig, wiper, mode);
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

	(void)state;
	lab_open(&lab, "sim:king9_16");
	expect_end(lab_run(&lab,
			   ALLOSTERY "schedule: [{at: 1, cut: 12}]\nkeep_modes: true\nstop: "
				     "{steps: 2}\n",
			   1),
		   "done", 2);
	rig_thread_edges(lab.rig, wiper, mode);
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
		cmocka_unit_test(a_parameter_acts_from_the_step_it_says),
		cmocka_unit_test(an_old_revision_is_a_conflict),
		cmocka_unit_test(a_dry_run_changes_nothing),
		cmocka_unit_test(pause_resume_and_stop_follow_the_table),
		cmocka_unit_test(an_abort_ends_every_wait_and_makes_safe),
		cmocka_unit_test(a_real_clock_keeps_the_beat),
		cmocka_unit_test(a_failed_run_holds_the_queue),
		cmocka_unit_test(the_schedule_cuts_and_the_end_restores),
		cmocka_unit_test(cut_edges_stay_cut_when_told_to),
		cmocka_unit_test(an_example_that_does_not_learn_moves_no_wiper),
		cmocka_unit_test(a_group_chooses_the_examples),
		cmocka_unit_test(only_the_misclassified_learn),
		cmocka_unit_test(noise_is_logged_as_applied),
		cmocka_unit_test(runs_stop_by_error_time_and_accuracy),
		cmocka_unit_test(volts_can_be_applied_and_read_by_hand),
	};

	return cmocka_run_group_tests_name("runner", tests, NULL, NULL);
}
