/* tests/unit/test_mailbox.c - values arrive whole, in order, and a full box says so. */
#include "config.h"

#include <poll.h>
#include <pthread.h>

#include "daemon/mailbox.h"
#include "tests/check.h"

#define MANY 20000

static bool readable(const struct mailbox *m)
{
	struct pollfd fd = {.fd = mailbox_fd(m), .events = POLLIN};

	return poll(&fd, 1, 0) == 1;
}

static void gives_back_in_order_what_was_put_in(void **state)
{
	struct mailbox *m = mailbox_new(sizeof(int), 3);
	int got;

	(void)state;
	/* around the end of the ring, twice */
	for (int i = 0; i < 8; i++) {
		mailbox_put(m, &i);
		mailbox_put(m, &(int){i + 100});
		assert_true(mailbox_take(m, &got));
		assert_int_equal(got, i);
		assert_true(mailbox_take(m, &got));
		assert_int_equal(got, i + 100);
	}
	assert_false(mailbox_take(m, &got));
	mailbox_free(m);
}

static void a_full_box_refuses_and_keeps_what_it_has(void **state)
{
	struct mailbox *m = mailbox_new(sizeof(int), 2);
	int got;

	(void)state;
	assert_true(mailbox_try_put(m, &(int){1}));
	assert_true(mailbox_try_put(m, &(int){2}));
	assert_false(mailbox_try_put(m, &(int){3}));
	assert_true(mailbox_take(m, &got));
	assert_int_equal(got, 1);
	assert_true(mailbox_try_put(m, &(int){4}));
	assert_true(mailbox_take(m, &got));
	assert_int_equal(got, 2);
	assert_true(mailbox_take(m, &got));
	assert_int_equal(got, 4);
	mailbox_free(m);
}

static void its_descriptor_is_readable_while_it_is_not_empty(void **state)
{
	struct mailbox *m = mailbox_new(sizeof(int), 4);
	int got;

	(void)state;
	assert_false(readable(m));
	mailbox_put(m, &(int){1});
	mailbox_put(m, &(int){2});
	assert_true(readable(m));
	mailbox_take(m, &got);
	assert_true(readable(m));
	mailbox_take(m, &got);
	assert_false(readable(m));
	mailbox_free(m);
}

static void waiting_ends_at_its_time(void **state)
{
	struct mailbox *m = mailbox_new(sizeof(int), 1);
	int got;

	(void)state;
	assert_false(mailbox_wait(m, &got, 0.01));
	mailbox_put(m, &(int){7});
	assert_true(mailbox_wait(m, &got, 0.01));
	assert_int_equal(got, 7);
	mailbox_free(m);
}

static void *put_many(void *box)
{
	for (int i = 0; i < MANY; i++)
		mailbox_put(box, &i);
	return NULL;
}

static void a_writer_faster_than_its_reader_waits_and_loses_nothing(void **state)
{
	struct mailbox *m = mailbox_new(sizeof(int), 4);
	pthread_t writer;
	int got = -1;

	(void)state;
	assert_int_equal(pthread_create(&writer, NULL, put_many, m), 0);
	for (int i = 0; i < MANY; i++) {
		assert_true(mailbox_wait(m, &got, 10.0));
		assert_int_equal(got, i);
	}
	pthread_join(writer, NULL);
	assert_false(mailbox_take(m, &got));
	mailbox_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_back_in_order_what_was_put_in),
		cmocka_unit_test(a_full_box_refuses_and_keeps_what_it_has),
		cmocka_unit_test(its_descriptor_is_readable_while_it_is_not_empty),
		cmocka_unit_test(waiting_ends_at_its_time),
		cmocka_unit_test(a_writer_faster_than_its_reader_waits_and_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
