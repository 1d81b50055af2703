/* tests/unit/test_ring.c - rows from one writer to two readers. */
#include "config.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ring.h"
#include "tests/check.h"

#define CAPACITY 37
#define ROWS     20000

static struct ring *new_ring(size_t capacity)
{
	struct record_layout layout;
	struct ring *ring;

	record_layout(
		&(struct record_shape){
			.n_sources = 2, .n_targets = 1, .n_measured = 3, .n_edges = 9},
		&layout);
	ring = ring_new(4, &layout, capacity);
	assert_non_null(ring);
	return ring;
}

static void push(struct ring *ring, uint64_t step)
{
	struct record_head *head = ring_reserve(ring, 10);

	assert_non_null(head);
	head->step = step;
	head->mse_V2 = (double)step / 2;
	ring_push(ring);
}

static bool readable(int fd, int timeout_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, timeout_ms) == 1;
}

static void a_full_ring_makes_the_writer_wait_and_time_out(void **state)
{
	struct ring *ring = new_ring(2);

	(void)state;
	push(ring, 0);
	push(ring, 1);
	assert_null(ring_reserve(ring, 0.01));
	assert_int_equal(ring_head(ring), 2);
	ring_release(ring, 1);
	push(ring, 2);
	assert_int_equal(ring_durable(ring), 1);
	ring_unref(ring);
}

static void rows_are_peeked_in_place_and_in_one_piece(void **state)
{
	struct ring *ring = new_ring(3);
	const struct record_head *head;
	const void *rows;

	(void)state;
	for (uint64_t i = 0; i < 3; i++)
		push(ring, i);
	assert_int_equal(ring_peek(ring, 0, &rows), 3);
	ring_release(ring, 2);
	push(ring, 3);
	assert_int_equal(ring_peek(ring, 2, &rows), 1); /* up to the end of the block */
	assert_int_equal(ring_peek(ring, 3, &rows), 1);
	head = rows;
	assert_int_equal(head->step, 3);
	assert_int_equal(ring_peek(ring, 4, &rows), 0);
	ring_unref(ring);
}

static void a_late_publisher_skips_what_was_overwritten(void **state)
{
	struct ring *ring = new_ring(4);
	size_t row_bytes = ring_layout(ring)->row_bytes;
	char *out = malloc(4 * row_bytes);
	uint64_t from = 0;

	(void)state;
	for (uint64_t i = 0; i < 10; i++) {
		push(ring, i);
		ring_release(ring, i + 1);
	}
	assert_int_equal(ring_copy(ring, &from, out, 3), 3);
	assert_int_equal(((struct record_head *)out)->step, 6);
	assert_int_equal(from, 9);
	/* the slot of the oldest row is being filled: that row is gone */
	assert_non_null(ring_reserve(ring, 0));
	from = 0;
	assert_int_equal(ring_copy(ring, &from, out, 4), 3);
	assert_int_equal(((struct record_head *)out)->step, 7);
	free(out);
	ring_unref(ring);
}

static void a_bell_rings_until_its_reader_has_seen_every_row(void **state)
{
	struct ring *ring = new_ring(8);
	size_t row_bytes = ring_layout(ring)->row_bytes;
	char *out = malloc(8 * row_bytes);
	const void *rows;
	uint64_t from = 0;

	(void)state;
	assert_false(readable(ring_store_fd(ring), 0));
	for (uint64_t i = 0; i < 3; i++)
		push(ring, i);
	assert_true(readable(ring_store_fd(ring), 1000));
	assert_true(readable(ring_publisher_fd(ring), 1000));
	assert_int_equal(ring_copy(ring, &from, out, 2), 2);
	assert_true(readable(ring_publisher_fd(ring), 1000)); /* one is left */
	assert_int_equal(ring_copy(ring, &from, out, 2), 1);
	assert_false(readable(ring_publisher_fd(ring), 0));
	assert_true(readable(ring_store_fd(ring), 0)); /* each has its own */
	assert_int_equal(ring_peek(ring, 3, &rows), 0);
	assert_false(readable(ring_store_fd(ring), 0));
	push(ring, 3); /* at once after the last: not forgotten */
	assert_true(readable(ring_store_fd(ring), 1000));
	free(out);
	ring_unref(ring);
}

static void *write_rows(void *argument)
{
	for (uint64_t i = 0; i < ROWS; i++)
		push(argument, i);
	return NULL;
}

/* Returns the number of rows that were not the right ones. */
static void *read_as_store(void *argument)
{
	struct ring *ring = argument;
	uintptr_t wrong = 0;
	uint64_t done = 0;

	while (done < ROWS && readable(ring_store_fd(ring), 10000)) {
		const void *rows;
		size_t n;

		while ((n = ring_peek(ring, done, &rows)) > 0) {
			const char *row = rows;

			for (size_t i = 0; i < n; i++, row += ring_layout(ring)->row_bytes)
				wrong += ((const struct record_head *)row)->step != done + i;
			done += n;
			ring_release(ring, done);
		}
	}
	return (void *)(wrong + (ROWS - done));
}

/* Rows come in order and whole, and the last ones come. */
static void *read_as_publisher(void *argument)
{
	struct ring *ring = argument;
	size_t row_bytes = ring_layout(ring)->row_bytes;
	char *out = malloc(8 * row_bytes);
	uintptr_t wrong = 0;
	uint64_t from = 0;

	while (from < ROWS && readable(ring_publisher_fd(ring), 10000)) {
		size_t n = ring_copy(ring, &from, out, 8);

		for (size_t i = 0; i < n; i++) {
			const struct record_head *head = (void *)(out + i * row_bytes);

			wrong += head->step != from - n + i ||
				 head->mse_V2 != (double)head->step / 2;
		}
	}
	free(out);
	return (void *)(wrong + (ROWS - from));
}

static void wraps_around_under_two_readers(void **state)
{
	struct ring *ring = new_ring(CAPACITY);
	void *(*const work[])(void *) = {read_as_store, read_as_publisher, write_rows};
	pthread_t threads[3];

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, work[i], ring), 0);
	for (size_t i = 0; i < 3; i++) {
		void *wrong;

		pthread_join(threads[i], &wrong);
		assert_null(wrong);
	}
	assert_int_equal(ring_durable(ring), ROWS);
	ring_unref(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_ring_makes_the_writer_wait_and_time_out),
		cmocka_unit_test(rows_are_peeked_in_place_and_in_one_piece),
		cmocka_unit_test(a_late_publisher_skips_what_was_overwritten),
		cmocka_unit_test(a_bell_rings_until_its_reader_has_seen_every_row),
		cmocka_unit_test(wraps_around_under_two_readers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
