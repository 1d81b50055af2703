/* test_welcome.c - a welcome is said again with the next heartbeats, until it is taken back. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "daemon/welcome.h"
#include "tests/check.h"

static char said[8192];

static void say(void *context, const char *topic)
{
	(void)context;
	strcat(strcat(said, topic), " ");
}

static const char *again(struct welcome_list *list)
{
	said[0] = '\0';
	welcome_again(list, say, NULL);
	return said;
}

static void a_topic_of_a_welcome_has_one_nonce(void **state)
{
	char longest[80] = "welcome.";

	(void)state;
	memset(longest + 8, 'x', 64);
	strcpy(longest + 72, ".");
	assert_true(welcome_topic("welcome.a-B_9.", 14));
	assert_true(welcome_topic(longest, 73));
	assert_true(welcome_topic("welcome.a.more", 10)); /* what is behind it is not looked at */
	longest[72] = 'x';
	longest[73] = '.';
	assert_false(welcome_topic(longest, 74));
	assert_false(welcome_topic("welcome..", 9));
	assert_false(welcome_topic("welcome.", 8));
	assert_false(welcome_topic("welcome.a", 9));
	assert_false(welcome_topic("welcome.a.b.", 12));
	assert_false(welcome_topic("farewell.a.", 11));
}

static void each_is_said_five_times_more(void **state)
{
	struct welcome_list list = {0};

	(void)state;
	welcome_remember(&list, "welcome.a.", 10);
	assert_string_equal(again(&list), "welcome.a. ");
	welcome_remember(&list, "welcome.b.", 10);
	for (int i = 0; i < WELCOME_AGAIN - 1; i++)
		assert_string_equal(again(&list), "welcome.a. welcome.b. ");
	assert_string_equal(again(&list), "welcome.b. ");
	assert_string_equal(again(&list), "");
}

static void what_is_taken_back_is_said_no_more(void **state)
{
	struct welcome_list list = {0};

	(void)state;
	welcome_remember(&list, "welcome.a.", 10);
	welcome_remember(&list, "welcome.b.", 10);
	welcome_forget(&list, "welcome.a.", 10);
	welcome_forget(&list, "welcome.", 8); /* of nobody */
	assert_string_equal(again(&list), "welcome.b. ");
}

static void a_flood_leaves_the_latest(void **state)
{
	struct welcome_list list = {0};
	char topic[WELCOME_LENGTH];

	(void)state;
	for (int i = 0; i < WELCOME_MOST + 1; i++) {
		snprintf(topic, sizeof(topic), "welcome.n%d.", i);
		welcome_remember(&list, topic, strlen(topic));
	}
	again(&list);
	assert_null(strstr(said, "welcome.n0."));
	assert_non_null(strstr(said, "welcome.n1."));
	assert_non_null(strstr(said, "welcome.n64."));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_topic_of_a_welcome_has_one_nonce),
		cmocka_unit_test(each_is_said_five_times_more),
		cmocka_unit_test(what_is_taken_back_is_said_no_more),
		cmocka_unit_test(a_flood_leaves_the_latest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
