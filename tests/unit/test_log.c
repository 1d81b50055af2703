/* tests/unit/test_log.c - how a line of the log looks, and how many of a kind go out. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/log_format.h"
#include "daemon/log_rate.h"
#include "tests/check.h"

#define S 1000000000ll

static void the_journal_gets_the_level_as_a_prefix(void **state)
{
	char line[200];

	(void)state;
	assert_int_equal(
		log_format(true, LOG_WARNING_, "keys.refused", "a line", 0, line, sizeof(line)),
		strlen("<4>keys.refused: a line\n"));
	assert_string_equal(line, "<4>keys.refused: a line\n");
	log_format(true, LOG_DEBUG_, "x.y", "", 0, line, sizeof(line));
	assert_string_equal(line, "<7>x.y: \n");
}

static void others_get_the_time_and_a_word(void **state)
{
	char line[200];

	(void)state;
	log_format(false, LOG_ERROR_, "rig.failed", "why", 951782400 * S + 7 * S / 1000, line,
		   sizeof(line)); /* the 29th of February 2000 */
	assert_string_equal(line, "2000-02-29T00:00:00.007Z error rig.failed: why\n");
	log_format(false, LOG_NOTICE_, "run.begin", "run 1", 0, line, sizeof(line));
	assert_string_equal(line, "1970-01-01T00:00:00.000Z notice run.begin: run 1\n");
}

static void no_text_makes_a_line_of_its_own(void **state)
{
	char line[200];

	(void)state;
	log_format(true, LOG_NOTICE_, "run.end", "a\n<0>b\r\x1b[31m\tc\x7f", 0, line, sizeof(line));
	assert_string_equal(line, "<5>run.end: a <0>b  [31m c \n");
}

static void what_does_not_fit_ends_in_dots(void **state)
{
	char line[32], text[2000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (size_t n = 0; n < 40; n++) {
		size_t length;

		text[n] = '\0';
		length = log_format(true, LOG_INFO_, "a.b", text, 0, line, sizeof(line));
		assert_int_equal(length, strlen(line));
		assert_true(length < sizeof(line));
		assert_int_equal(line[length - 1], '\n');
		assert_int_equal(n > 22, strstr(line, "...") != NULL);
		text[n] = 'x';
	}
	assert_string_equal(line, "<6>a.b: xxxxxxxxxxxxxxxxxxx...\n");
}

static void the_journal_is_known_by_its_device_and_inode(void **state)
{
	char stream[64], other[64], more[80];
	struct stat found;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(fstat(ends[1], &found), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)found.st_dev,
		 (unsigned long long)found.st_ino);
	snprintf(other, sizeof(other), "%llu:%llu", (unsigned long long)found.st_dev,
		 (unsigned long long)found.st_ino + 1);
	snprintf(more, sizeof(more), "%s0", stream);
	assert_true(log_is_journal(ends[1], stream));
	assert_false(log_is_journal(ends[1], other));
	assert_false(log_is_journal(ends[1], more));
	assert_false(log_is_journal(ends[1], NULL));
	assert_false(log_is_journal(ends[1], ""));
	assert_false(log_is_journal(ends[1], "here"));
	assert_false(log_is_journal(-1, stream));
	close(ends[0]);
	close(ends[1]);
}

/* ---- how often ---- */

static struct log_rate rate; /* large */

static unsigned say(enum log_level level, const char *name, unsigned lines, int64_t now_ns)
{
	unsigned said = 0;
	char text[32];

	for (unsigned i = 0; i < lines; i++) {
		snprintf(text, sizeof(text), "line %u", i);
		said += log_rate_may(&rate, level, name, text, now_ns);
	}
	return said;
}

static void each_name_has_its_own_lines(void **state)
{
	struct log_rate_name told;

	(void)state;
	memset(&rate, 0, sizeof(rate));
	assert_int_equal(say(LOG_WARNING_, "a.b", LOG_RATE_LINES + 7, 5 * S), LOG_RATE_LINES);
	assert_int_equal(say(LOG_ERROR_, "c.d", LOG_RATE_LINES, 5 * S), LOG_RATE_LINES);
	assert_false(log_rate_take(&rate, 5 * S, false, &told)); /* its time is not up */
	assert_true(log_rate_take(&rate, (5 + LOG_RATE_S) * S, false, &told));
	assert_string_equal(told.name, "a.b");
	assert_int_equal(told.left_out, 7);
	assert_int_equal(told.worst, LOG_WARNING_);
	assert_string_equal(told.last, "line 26");
	assert_false(log_rate_take(&rate, (5 + LOG_RATE_S) * S, false, &told));
	assert_int_equal(say(LOG_WARNING_, "a.b", 1, (5 + LOG_RATE_S) * S), 1);
}

static void none_is_lost(void **state)
{
	const unsigned lines = 10000;
	struct log_rate_name told;
	unsigned said = 0, left_out = 0;

	(void)state;
	memset(&rate, 0, sizeof(rate));
	for (unsigned i = 0; i < lines; i++) {
		int64_t now_ns = (int64_t)i * 37 * S / 1000;

		while (log_rate_take(&rate, now_ns, false, &told))
			left_out += told.left_out;
		said += say(i % 100 ? LOG_NOTICE_ : LOG_ERROR_, i % 3 ? "a.b" : "c.d", 1, now_ns);
	}
	while (log_rate_take(&rate, 0, true, &told))
		left_out += told.left_out;
	assert_int_equal(said + left_out, lines);
	assert_true(said < lines / 2 && said >= 2 * LOG_RATE_LINES * 36);
}

static void the_worst_level_is_told(void **state)
{
	struct log_rate_name told;

	(void)state;
	memset(&rate, 0, sizeof(rate));
	say(LOG_NOTICE_, "a.b", LOG_RATE_LINES + 1, 0);
	say(LOG_ERROR_, "a.b", 1, 0);
	say(LOG_WARNING_, "a.b", 1, 0);
	assert_true(log_rate_take(&rate, 0, true, &told));
	assert_int_equal(told.worst, LOG_ERROR_);
	assert_int_equal(told.left_out, 3);
}

static void a_quiet_name_begins_anew(void **state)
{
	struct log_rate_name told;

	(void)state;
	memset(&rate, 0, sizeof(rate));
	assert_int_equal(say(LOG_NOTICE_, "a.b", LOG_RATE_LINES, 0), LOG_RATE_LINES);
	assert_int_equal(say(LOG_NOTICE_, "a.b", LOG_RATE_LINES, LOG_RATE_S * S), LOG_RATE_LINES);
	assert_false(log_rate_take(&rate, 0, true, &told));
}

static void names_beyond_the_table_are_not_held_back(void **state)
{
	char name[16];

	(void)state;
	memset(&rate, 0, sizeof(rate));
	for (int i = 0; i < LOG_RATE_NAMES; i++) {
		snprintf(name, sizeof(name), "n.%d", i);
		assert_int_equal(say(LOG_NOTICE_, name, 1, 0), 1);
	}
	assert_int_equal(say(LOG_NOTICE_, "one.more", 1000, 0), 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_journal_gets_the_level_as_a_prefix),
		cmocka_unit_test(others_get_the_time_and_a_word),
		cmocka_unit_test(no_text_makes_a_line_of_its_own),
		cmocka_unit_test(what_does_not_fit_ends_in_dots),
		cmocka_unit_test(the_journal_is_known_by_its_device_and_inode),
		cmocka_unit_test(each_name_has_its_own_lines),
		cmocka_unit_test(none_is_lost),
		cmocka_unit_test(the_worst_level_is_told),
		cmocka_unit_test(a_quiet_name_begins_anew),
		cmocka_unit_test(names_beyond_the_table_are_not_held_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
