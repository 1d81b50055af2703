/* tests/unit/test_schedule.c - what a task wants changed before which step. */
#include "config.h"

#include "daemon/task_impl.h"
#include "tests/check.h"
#include "tests/unit/lab.h"

#define TASK                                                                                       \
	"task: t\nkind: allostery\nsources: [0, 2]\ntargets: [1]\n"                                \
	"train: {examples: [{source_V: [5, 0], target_V: [3], group: 1}]}\n"

static struct lab lab;

static int open_lab(void **state)
{
	(void)state;
	lab_open(&lab, "sim:divider2");
	return 0;
}

static int close_lab(void **state)
{
	(void)state;
	lab_close(&lab);
	return 0;
}

static void entries_are_sorted_by_step_and_equal_steps_keep_their_order(void **state)
{
	struct task *task = lab_task(&lab, TASK "schedule: [{at: 30, hold: 1}, {at: 10, learn: 1}, "
						"{at: 30, learn: 1}, {at: 0, group: 1}]\n");

	(void)state;
	assert_int_equal(task->n_schedule, 4);
	assert_int_equal(task->schedule[0].kind, TASK_GROUP);
	assert_int_equal(task->schedule[1].at, 10);
	assert_int_equal(task->schedule[2].kind, TASK_HOLD);
	assert_int_equal(task->schedule[3].kind, TASK_LEARN);
	assert_int_equal(task->schedule[3].index, 2);
	task_unref(task);
}

static void the_next_step_with_an_entry_is_found(void **state)
{
	struct task *task =
		lab_task(&lab, TASK "schedule: [{at: 30, hold: 1}, {at: 10, learn: 1}]\n");

	(void)state;
	assert_int_equal(schedule_next(task, 0), 10);
	assert_int_equal(schedule_next(task, 10), 10);
	assert_int_equal(schedule_next(task, 11), 30);
	assert_true(schedule_next(task, 31) == UINT64_MAX);
	task_unref(task);
}

static void an_entry_says_one_thing_that_can_be_done(void **state)
{
	(void)state;
	lab_refuses(&lab, TASK "schedule: [{at: 1, set: {eta: 0}}]\n", "/schedule/0/set/eta", "");
	lab_refuses(&lab, TASK "schedule: [{at: 1, set: {capacitance_F: 1.0e-6}}]\n",
		    "/schedule/0/set/capacitance_F", "bank");
	lab_refuses(&lab, TASK "schedule: [{at: 1, group: 2}]\n", "/schedule/0/group",
		    "no training example is in group 2");
	lab_refuses(&lab, TASK "schedule: [{at: 1, target_V: [1, 2]}]\n", "/schedule/0/target_V",
		    "1 targets");
	lab_refuses(&lab, TASK "schedule: [{at: 1, hold: 7}]\n", "/schedule/0/hold", "0 to 1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_are_sorted_by_step_and_equal_steps_keep_their_order),
		cmocka_unit_test(the_next_step_with_an_entry_is_found),
		cmocka_unit_test(an_entry_says_one_thing_that_can_be_done),
	};

	return cmocka_run_group_tests_name("schedule", tests, open_lab, close_lab);
}
