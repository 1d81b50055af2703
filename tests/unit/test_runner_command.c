/* tests/unit/test_runner_command.c - commands to the rig's thread while it runs: parameters, pause, stop, abort. */
#include "config.h"

#include <string.h>
#include <time.h>

#include "tests/unit/lab_tasks.h"

static double clock_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

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
	assert_int_equal(rig_thread_abort(lab.rig, 0, "test", "run.abort", &aborted, &step),
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

static void an_abort_of_another_run_disturbs_none(void **state)
{
	struct lab lab;
	uint64_t run, aborted = 7, step = 7;
	json_t *end;

	(void)state;
	lab_open(&lab, "sim:king9_16");
	run = lab_submit(&lab, ALLOSTERY, 1);
	lab_wait_state(&lab, STATE_RUNNING);
	assert_int_equal(rig_thread_abort(lab.rig, run + 1, "test", "run.abort", &aborted, &step),
			 RIG_SAFE_UNKNOWN);
	assert_int_equal(aborted, 0);
	assert_int_equal(step, 0);
	assert_int_equal(rig_thread_abort(lab.rig, run, "test", "run.abort", &aborted, &step),
			 RIG_SAFE_CONFIRMED);
	assert_int_equal(aborted, run);
	end = lab_end(&lab, run);
	expect_end(end, "aborted", -1);
	/* and of none: the rig is made safe, and no number is told */
	aborted = 7;
	assert_int_equal(rig_thread_abort(lab.rig, 0, "test", "run.abort", &aborted, &step),
			 RIG_SAFE_CONFIRMED);
	assert_int_equal(aborted, 0);
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
	end = lab_run(&lab,
		      DIVIDER
		      "params: {capacitance_F: 2.2e-6}\ntest: {on: [train]}\nstop: {steps: 3}\n",
		      1);
	assert_true(json_is_true(json_object_get(end, "hold")));
	assert_non_null(strstr(word(end, "reason"), "settle_s"));
	expect_end(end, "failed", 0);
	lab_quit(&lab);
	assert_close(lab_sql(&lab, "select status = 'failed' from runs where run = 1"), 1, 0);
	lab_close(&lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_parameter_acts_from_the_step_it_says),
		cmocka_unit_test(an_old_revision_is_a_conflict),
		cmocka_unit_test(a_dry_run_changes_nothing),
		cmocka_unit_test(pause_resume_and_stop_follow_the_table),
		cmocka_unit_test(an_abort_ends_every_wait_and_makes_safe),
		cmocka_unit_test(an_abort_of_another_run_disturbs_none),
		cmocka_unit_test(a_real_clock_keeps_the_beat),
		cmocka_unit_test(a_failed_run_holds_the_queue),
	};

	return cmocka_run_group_tests_name("runner_command", tests, NULL, NULL);
}
