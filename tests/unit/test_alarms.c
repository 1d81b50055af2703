/* tests/unit/test_alarms.c - each alarm fires and clears, by a clock and a disk of the test's own. */
#include "config.h"

#include <string.h>

#include "daemon/alarm_rules.h"
#include "tests/check.h"

#define S 1000000000ll

struct bench {
	struct alarms *alarms;
	struct alarm_rules rules;
	struct alarm_look look;
};

static void tell(void *context, const char *name, enum alarm_severity severity, const char *text)
{
	struct bench *b = context;

	alarms_set(b->alarms, name, severity, text, b->look.utc_ns);
}

/* The look at this second of a machine that is well, but for what the test changes first. */
static const json_t *look(struct bench *b, int64_t second, const char *name)
{
	b->look.utc_ns += second * S - b->look.mono_ns;
	b->look.mono_ns = second * S;
	alarm_rules_look(&b->rules, &b->look, b->alarms, tell, b);
	return alarms_find(b->alarms, name);
}

static void set_up(struct bench *b)
{
	*b = (struct bench){.alarms = alarms_new(),
			    .look = {.free_B = 2e9, .reserve_B = 1e9, .running = true, .tau_s = 1}};
	b->look.utc_ns = 1000 * S;
	assert_null(look(b, 1, "disk"));
}

static void disk_fires_below_its_reserve_and_clears_with_some_to_spare(void **state)
{
	struct bench b;
	const json_t *row;

	(void)state;
	set_up(&b);
	b.look.free_B = 0.9e9;
	row = look(&b, 2, "disk");
	assert_string_equal(json_string_value(json_object_get(row, "severity")), "critical");
	assert_non_null(strstr(json_string_value(json_object_get(row, "text")), "900 MB"));
	b.look.free_B = 1.01e9;
	assert_non_null(look(&b, 3, "disk"));
	b.look.free_B = 1.06e9;
	assert_null(look(&b, 4, "disk"));
	alarms_free(b.alarms);
}

static void a_clock_that_is_set_fires_and_clears_after_a_minute(void **state)
{
	struct bench b;
	const json_t *row;

	(void)state;
	set_up(&b);
	b.look.utc_ns += S / 10;
	assert_null(look(&b, 2, "clock"));
	b.look.utc_ns -= 3600 * S;
	row = look(&b, 3, "clock");
	assert_non_null(strstr(json_string_value(json_object_get(row, "text")), "-3600.000 s"));
	assert_non_null(look(&b, 62, "clock"));
	assert_null(look(&b, 64, "clock"));
	alarms_free(b.alarms);
}

static void lateness_fires_above_a_tenth_and_clears_at_a_twentieth(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	b.look.n_steps = 19;
	b.look.n_late = 19;
	assert_null(look(&b, 2, "lateness"));
	b.look.n_steps = 100;
	b.look.n_late = 10;
	assert_null(look(&b, 3, "lateness"));
	b.look.n_late = 11;
	assert_non_null(look(&b, 4, "lateness"));
	b.look.n_late = 6;
	assert_non_null(look(&b, 5, "lateness"));
	b.look.n_late = 5;
	assert_null(look(&b, 6, "lateness"));
	b.look.n_late = 50;
	assert_non_null(look(&b, 7, "lateness"));
	b.look.running = false;
	assert_null(look(&b, 8, "lateness"));
	alarms_free(b.alarms);
}

static void a_rig_that_is_not_heard_of_fires_and_clears(void **state)
{
	struct bench b;

	(void)state;
	set_up(&b);
	b.look.alive_ns = 100 * S;
	assert_null(look(&b, 113, "stale")); /* 10 s and four steps of 1 s are allowed */
	assert_non_null(look(&b, 115, "stale"));
	b.look.alive_ns = 115 * S;
	assert_null(look(&b, 116, "stale"));
	assert_non_null(look(&b, 200, "stale"));
	b.look.running = false;
	assert_null(look(&b, 201, "stale"));
	alarms_free(b.alarms);
}

static void a_store_that_waits_for_its_disk_fires_after_five_seconds(void **state)
{
	struct bench b;
	const json_t *row;

	(void)state;
	set_up(&b);
	b.look.waiting_s = 4.9;
	assert_null(look(&b, 2, "store-stuck"));
	b.look.waiting_s = 5.9;
	row = look(&b, 3, "store-stuck");
	assert_string_equal(json_string_value(json_object_get(row, "severity")), "critical");
	assert_non_null(strstr(json_string_value(json_object_get(row, "text")), "for 6 s"));
	b.look.waiting_s = 0;
	assert_null(look(&b, 4, "store-stuck"));
	alarms_free(b.alarms);
}

static void the_first_to_acknowledge_stays_until_it_gets_worse(void **state)
{
	struct alarms *a = alarms_new();
	struct problem p = {0};
	const json_t *row;

	(void)state;
	assert_int_equal(alarms_set(a, "x", ALARM_NOTICE, "one", 0), ALARM_RAISED);
	assert_int_equal(alarms_set(a, "x", ALARM_NOTICE, "two", 9 * S), ALARM_SAME);
	assert_int_equal(alarms_ack(a, "x", "ann", S, &p), 0);
	assert_int_equal(alarms_ack(a, "x", "bob", 2 * S, &p), 0);
	row = alarms_find(a, "x");
	assert_string_equal(json_string_value(json_object_get(row, "text")), "two");
	assert_string_equal(json_string_value(json_object_get(row, "since_utc")),
			    "1970-01-01T00:00:00.000000Z");
	assert_string_equal(json_string_value(json_object_get(row, "acknowledged_by")), "ann");
	assert_string_equal(json_string_value(json_object_get(row, "acknowledged_utc")),
			    "1970-01-01T00:00:01.000000Z");
	assert_int_equal(alarms_set(a, "x", ALARM_CRITICAL, "three", 0), ALARM_RAISED);
	assert_true(json_is_null(json_object_get(alarms_find(a, "x"), "acknowledged_by")));
	assert_int_equal(alarms_set(a, "x", ALARM_CRITICAL, NULL, 0), ALARM_CLEARED);
	assert_int_equal(alarms_set(a, "x", ALARM_CRITICAL, NULL, 0), ALARM_SAME);
	assert_int_equal(alarms_ack(a, "x", "ann", S, &p), -1);
	assert_int_equal(p.code, PROBLEM_NOT_FOUND);
	problem_clear(&p);
	alarms_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(disk_fires_below_its_reserve_and_clears_with_some_to_spare),
		cmocka_unit_test(a_clock_that_is_set_fires_and_clears_after_a_minute),
		cmocka_unit_test(lateness_fires_above_a_tenth_and_clears_at_a_twentieth),
		cmocka_unit_test(a_rig_that_is_not_heard_of_fires_and_clears),
		cmocka_unit_test(a_store_that_waits_for_its_disk_fires_after_five_seconds),
		cmocka_unit_test(the_first_to_acknowledge_stays_until_it_gets_worse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
