/* tests/unit/test_preflight.c - what of the preflight no running rig shows on request, and how many steps a task declares. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "daemon/disk_budget.h"
#include "daemon/preflight.h"
#include "daemon/task_impl.h"
#include "tests/check.h"

static const struct rig_info info = {
	.name = "a rig",
	.backend = "bench",
	.interlocks = true,
	.limits = {.min_V = 0,
		   .max_V = 5,
		   .edge_power_W = INFINITY,
		   .source_current_A = 0.1,
		   .slew_V_per_s = 100},
	.n_edges = 2,
};

static struct task task_of(uint64_t steps, double seconds)
{
	return (struct task){
		.n_sources = 2,
		.n_targets = 1,
		.n_measured = 3,
		.log = {.keep_every = 1, .wiper_every = 1, .budget_B = NAN},
		.stop = {.steps = steps, .seconds = seconds},
	};
}

/* The first row of the item; its level, or "" without one. */
static const char *level_of(const json_t *result, const char *item)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(result, "items"), i, row)
	{
		if (strcmp(json_string_value(json_object_get(row, "item")), item) == 0)
			return json_string_value(json_object_get(row, "level"));
	}
	return "";
}

static json_t *look_with(const struct task *task, const char *devices, const char *alarms)
{
	json_t *device_rows = json_loads(devices, 0, NULL),
	       *alarm_rows = json_loads(alarms, 0, NULL);
	const struct preflight look = {
		.info = &info,
		.task = task,
		.params = {.tau_s = 0.25, .p = 1},
		.devices = device_rows,
		.alarms = alarm_rows,
		.free_B = 2e9,
		.reserve_B = 1e9,
		.queued_B = 9.9e8,
		.max_age_d = INFINITY,
	};
	json_t *result = preflight_look(&look);

	json_decref(device_rows);
	json_decref(alarm_rows);
	return result;
}

static void a_degraded_device_is_a_warning_and_one_down_an_error(void **state)
{
	struct task task = task_of(1000, NAN);
	json_t *result =
		look_with(&task, "[{\"device\":\"board 1\",\"state\":\"degraded\"}]", "[]");
	struct problem p = {0};

	(void)state;
	assert_string_equal(level_of(result, "devices"), "warning");
	assert_int_equal(preflight_problem(result, &p), 0);
	assert_true(json_is_true(json_object_get(result, "ready")));
	json_decref(result);
	result = look_with(&task,
			   "[{\"device\":\"board 1\",\"state\":\"up\"},"
			   "{\"device\":\"card\",\"state\":\"down\",\"text\":\"unplugged\"}]",
			   "[]");
	assert_int_equal(preflight_problem(result, &p), -1);
	assert_int_equal(p.code, PROBLEM_DEVICE);
	assert_non_null(strstr(p.message, "card is down: unplugged"));
	problem_clear(&p);
	json_decref(result);
}

static void a_database_that_cannot_be_written_is_an_error(void **state)
{
	struct task task = task_of(1000, NAN);
	json_t *result = look_with(&task, "[]", "[{\"alarm\":\"store\",\"text\":\"disk full\"}]");
	struct problem p = {0};

	(void)state;
	assert_int_equal(preflight_problem(result, &p), -1);
	assert_int_equal(p.code, PROBLEM_STORAGE);
	problem_clear(&p);
	assert_string_equal(level_of(result, "alarms"), "warning");
	assert_string_equal(level_of(result, "devices"), "warning"); /* none heard of */
	assert_string_equal(level_of(result, "limits"), "warning");  /* edge_power_W */
	json_decref(result);
}

static void runs_before_it_count_for_the_disk(void **state)
{
	struct task task = task_of(100000, NAN); /* some 20 MB, with 10 MB left by the queue */
	json_t *result = look_with(&task, "[]", "[]");

	(void)state;
	assert_string_equal(level_of(result, "disk"), "warning");
	json_decref(result);
	task.stop.steps = 10;
	result = look_with(&task, "[]", "[]");
	assert_string_equal(level_of(result, "disk"), "ok");
	json_decref(result);
}

static void steps_end_by_number_or_by_time(void **state)
{
	struct task task = task_of(0, NAN);

	(void)state;
	assert_int_equal(disk_steps(&task, 0.25), 0);
	task.stop.seconds = 604800;
	assert_int_equal(disk_steps(&task, 0.25), 2419200);
	task.stop.steps = 1000;
	assert_int_equal(disk_steps(&task, 0.25), 1000);
	task.stop.seconds = 100;
	assert_int_equal(disk_steps(&task, 0.25), 400);
	task.stop.seconds = 1e-3;
	assert_int_equal(disk_steps(&task, 0.25), 1);
}

/* By hand: 96 + 8 (2 + 2 + 6) + 2 + 1 = 179 B, 91 to a page of 16384 B; without edges 176 B, 93 to a page. */
static void bytes_are_pages(void **state)
{
	struct task task = task_of(1000, NAN);

	(void)state;
	assert_true(fabs(disk_run_B(&task, &info, 1000) - 1000 * 16384.0 / 91) < 1);
	task.log.wiper_every = UINT64_MAX;
	assert_true(fabs(disk_run_B(&task, &info, 1000) - 1000 * 16384.0 / 93) < 1);
	task.log.wiper_every = 10;
	task.log.keep_every = 4; /* 250 rows, 50 of them with edges */
	assert_true(fabs(disk_run_B(&task, &info, 1000) - 50 * 16384.0 / 91 - 200 * 16384.0 / 93) <
		    1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_degraded_device_is_a_warning_and_one_down_an_error),
		cmocka_unit_test(a_database_that_cannot_be_written_is_an_error),
		cmocka_unit_test(runs_before_it_count_for_the_disk),
		cmocka_unit_test(steps_end_by_number_or_by_time),
		cmocka_unit_test(bytes_are_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
