/* tests/unit/test_queue.c - runs start in the order of their places. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/queue.h"
#include "tests/check.h"

static void add(struct queue *queue, uint64_t run, int64_t place)
{
	struct plan *plan = calloc(1, sizeof(*plan));

	plan->run = run;
	assert_ok(queue_add(queue, plan, "a run", place));
}

static void assert_order(const struct queue *queue, const char *want)
{
	char got[64] = "";

	for (size_t i = 0; i < queue_length(queue); i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%llu ",
			 (unsigned long long)queue_at(queue, i)->plan->run);
	assert_string_equal(got, want);
}

static void comes_out_in_the_order_of_places(void **state)
{
	struct queue *queue = queue_new();

	(void)state;
	add(queue, 1, queue_back(queue));
	add(queue, 2, queue_back(queue));
	add(queue, 3, queue_front(queue));
	add(queue, 4, queue_back(queue));
	add(queue, 5, queue_front(queue));
	assert_order(queue, "5 3 1 2 4 ");
	assert_int_equal(queue_position(queue, 2), 3);
	assert_int_equal(queue_position(queue, 9), -1);
	queue_free(queue);
}

static void equal_places_keep_the_order_in_which_they_came(void **state)
{
	struct queue *queue = queue_new();

	(void)state;
	add(queue, 1, 7);
	add(queue, 2, 7);
	add(queue, 3, -2);
	add(queue, 4, 7);
	assert_order(queue, "3 1 2 4 ");
	queue_free(queue);
}

static void moving_gives_places_that_sort_the_same_way(void **state)
{
	struct queue *queue = queue_new();

	(void)state;
	for (uint64_t run = 1; run <= 4; run++)
		add(queue, run, 10);
	queue_move(queue, 3, 0);
	assert_order(queue, "4 1 2 3 ");
	queue_move(queue, 0, 2);
	assert_order(queue, "1 2 4 3 ");
	queue_move(queue, 1, 99);
	assert_order(queue, "1 4 3 2 ");
	for (size_t i = 1; i < 4; i++)
		assert_true(queue_at(queue, i - 1)->place < queue_at(queue, i)->place);
	queue_free(queue);
}

static void removing_closes_the_gap(void **state)
{
	struct queue *queue = queue_new();
	struct plan *first;

	(void)state;
	for (uint64_t run = 1; run <= 20; run++) /* also grows */
		add(queue, run, (int64_t)run);
	while (queue_length(queue) > 3)
		queue_remove(queue, 2);
	assert_order(queue, "1 2 20 ");
	first = queue_at(queue, 0)->plan;
	queue_handed(queue);
	assert_order(queue, "2 20 ");
	assert_int_equal(first->run, 1); /* it is ours now */
	plan_free(first);
	queue_free(queue);
}

static void says_what_it_holds(void **state)
{
	struct queue *queue = queue_new();
	json_t *all, *row;

	(void)state;
	add(queue, 42, 0);
	queue_hold(queue, true);
	all = queue_json(queue);
	assert_true(json_is_true(json_object_get(all, "held")));
	row = json_array_get(json_object_get(all, "runs"), 0);
	assert_int_equal(json_integer_value(json_object_get(row, "run")), 42);
	assert_int_equal(json_integer_value(json_object_get(row, "position")), 0);
	assert_string_equal(json_string_value(json_object_get(row, "name")), "a run");
	json_decref(all);
	queue_free(queue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_out_in_the_order_of_places),
		cmocka_unit_test(equal_places_keep_the_order_in_which_they_came),
		cmocka_unit_test(moving_gives_places_that_sort_the_same_way),
		cmocka_unit_test(removing_closes_the_gap),
		cmocka_unit_test(says_what_it_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
