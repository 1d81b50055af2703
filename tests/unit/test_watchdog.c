/* tests/unit/test_watchdog.c - when the watchdog is fed, and when no longer. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/watchdog.h"
#include "tests/check.h"

#define S 1000000000ll

static int64_t begin(struct watchdog *w, const char *usec, const char *pid)
{
	usec ? setenv("WATCHDOG_USEC", usec, 1) : unsetenv("WATCHDOG_USEC");
	pid ? setenv("WATCHDOG_PID", pid, 1) : unsetenv("WATCHDOG_PID");
	return watchdog_init(w, 100 * S);
}

static void feeds_four_times_in_the_managers_period(void **state)
{
	struct watchdog w;
	char own[24];

	(void)state;
	snprintf(own, sizeof(own), "%d", (int)getpid());
	assert_int_equal(begin(&w, "20000000", own), 5 * S);
	assert_int_equal(begin(&w, "20000000", NULL), 5 * S);
}

static void feeds_nobody_who_did_not_ask(void **state)
{
	struct watchdog w;

	(void)state;
	assert_int_equal(begin(&w, NULL, NULL), 0);
	assert_int_equal(begin(&w, "20000000", "1"), 0); /* another process is watched */
	assert_int_equal(begin(&w, "soon", NULL), 0);
	assert_int_equal(begin(&w, "-5", NULL), 0);
}

static void a_rig_that_is_silent_for_half_the_period_ends_the_feeding(void **state)
{
	struct watchdog w;
	int64_t silence;

	(void)state;
	begin(&w, "20000000", NULL);
	assert_true(watchdog_may_feed(&w, 7, 105 * S, &silence));
	assert_true(watchdog_may_feed(&w, 7, 115 * S, &silence));
	assert_int_equal(silence, 0);
	assert_false(watchdog_may_feed(&w, 7, 116 * S, &silence));
	assert_int_equal(silence, 11 * S); /* said once */
	assert_false(watchdog_may_feed(&w, 7, 120 * S, &silence));
	assert_int_equal(silence, 0);
}

static void a_rig_that_comes_back_is_fed_for_again(void **state)
{
	struct watchdog w;
	int64_t silence;

	(void)state;
	begin(&w, "20000000", NULL);
	assert_false(watchdog_may_feed(&w, 0, 111 * S, &silence));
	assert_true(watchdog_may_feed(&w, 1, 112 * S, &silence));
	assert_false(watchdog_may_feed(&w, 1, 123 * S, &silence));
	assert_int_equal(silence, 11 * S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(feeds_four_times_in_the_managers_period),
		cmocka_unit_test(feeds_nobody_who_did_not_ask),
		cmocka_unit_test(a_rig_that_is_silent_for_half_the_period_ends_the_feeding),
		cmocka_unit_test(a_rig_that_comes_back_is_fed_for_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
