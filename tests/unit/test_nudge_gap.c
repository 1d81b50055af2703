/* tests/unit/test_nudge_gap.c - which holes in a stream are seen, and that none is seen where there is none. */
#include "config.h"

#include "clients/libnudge/gap.h"
#include "tests/check.h"

static struct gap *begun(void)
{
	struct gap *g = gap_new();

	assert_non_null(g);
	gap_begin(g, "b1", 100);
	return g;
}

static void follows_a_topic_by_seq_and_prev(void **state)
{
	struct gap *g = begun();
	uint64_t after = 0;

	(void)state;
	/* the first after the snapshot may follow one that the snapshot tells */
	assert_int_equal(gap_record(g, "event.", "b1", 103, 90, &after), GAP_NEXT);
	assert_int_equal(gap_record(g, "test.00000001.", "b1", 104, 0, &after), GAP_NEXT);
	assert_int_equal(gap_record(g, "event.", "b1", 107, 103, &after), GAP_NEXT);
	gap_free(g);
}

static void drops_what_the_snapshot_told(void **state)
{
	struct gap *g = begun();
	uint64_t after = 0;

	(void)state;
	assert_int_equal(gap_record(g, "event.", "b1", 100, 90, &after), GAP_OLD);
	assert_int_equal(gap_record(g, "event.", "b1", 101, 100, &after), GAP_NEXT);
	assert_int_equal(gap_record(g, "event.", "b1", 101, 100, &after), GAP_OLD);
	gap_free(g);
}

static void sees_a_hole_in_the_middle(void **state)
{
	struct gap *g = begun();
	uint64_t after = 0;

	(void)state;
	assert_int_equal(gap_record(g, "event.", "b1", 101, 90, &after), GAP_NEXT);
	assert_int_equal(gap_record(g, "event.", "b1", 120, 110, &after), GAP_HOLE);
	assert_int_equal(after, 101);
	assert_int_equal(gap_record(g, "event.", "b1", 121, 120, &after), GAP_NEXT);
	gap_free(g);
}

static void sees_a_hole_right_after_the_snapshot(void **state)
{
	struct gap *g = begun();
	uint64_t after = 0;

	(void)state;
	assert_int_equal(gap_record(g, "event.", "b1", 120, 110, &after), GAP_HOLE);
	assert_int_equal(after, 100);
	gap_free(g);
}

static void sees_a_lost_tail_by_the_heartbeat_once(void **state)
{
	struct gap *g = begun();
	uint64_t after = 0;

	(void)state;
	assert_int_equal(gap_record(g, "event.", "b1", 101, 90, &after), GAP_NEXT);
	assert_false(gap_tail(g, "event.", 101, &after));
	assert_false(gap_tail(g, "test.00000001.", 99, &after));
	assert_true(gap_tail(g, "event.", 130, &after));
	assert_int_equal(after, 101);
	assert_false(gap_tail(g, "event.", 130, &after));
	/* the next one follows the tail: no second hole */
	assert_int_equal(gap_record(g, "event.", "b1", 140, 130, &after), GAP_NEXT);
	gap_free(g);
}

static void asks_for_a_snapshot_after_another_boot(void **state)
{
	struct gap *g = begun();
	uint64_t after = 0;

	(void)state;
	assert_int_equal(gap_record(g, "event.", "b1", 105, 90, &after), GAP_NEXT);
	assert_int_equal(gap_record(g, "hb.", "b2", 3, 2, &after), GAP_BOOT);
	gap_begin(g, "b2", 3);
	assert_int_equal(gap_record(g, "hb.", "b2", 3, 2, &after), GAP_OLD);
	assert_int_equal(gap_record(g, "event.", "b2", 4, 0, &after), GAP_NEXT);
	gap_free(g);
}

static void counts_the_steps_of_a_run(void **state)
{
	struct gap *g = begun();
	uint64_t from, skip;

	(void)state;
	assert_int_equal(gap_steps(g, 7, 0, 10, &from, &skip), GAP_NEXT);
	assert_int_equal(skip, 0);
	assert_int_equal(gap_steps(g, 7, 10, 5, &from, &skip), GAP_NEXT);
	assert_int_equal(gap_steps(g, 7, 12, 3, &from, &skip), GAP_OLD);
	assert_int_equal(gap_steps(g, 7, 12, 5, &from, &skip), GAP_NEXT);
	assert_int_equal(skip, 3);
	assert_int_equal(gap_steps(g, 7, 40, 2, &from, &skip), GAP_HOLE);
	assert_int_equal(from, 17);
	assert_int_equal(gap_expected(g, 7), 42);
	/* another run has its own count */
	assert_int_equal(gap_steps(g, 8, 3, 1, &from, &skip), GAP_HOLE);
	assert_int_equal(from, 0);
	gap_free(g);
}

static void finds_the_missing_end_of_a_run(void **state)
{
	struct gap *g = begun();
	uint64_t from, skip;

	(void)state;
	gap_expect(g, 7, 5);
	assert_int_equal(gap_steps(g, 7, 5, 5, &from, &skip), GAP_NEXT);
	assert_int_equal(gap_reach(g, 7, 10), 10);
	assert_int_equal(gap_reach(g, 7, 25), 10);
	assert_int_equal(gap_reach(g, 7, 25), 25);
	gap_forget(g, 7);
	assert_false(gap_run(g, 0, &from));
	gap_free(g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_a_topic_by_seq_and_prev),
		cmocka_unit_test(drops_what_the_snapshot_told),
		cmocka_unit_test(sees_a_hole_in_the_middle),
		cmocka_unit_test(sees_a_hole_right_after_the_snapshot),
		cmocka_unit_test(sees_a_lost_tail_by_the_heartbeat_once),
		cmocka_unit_test(asks_for_a_snapshot_after_another_boot),
		cmocka_unit_test(counts_the_steps_of_a_run),
		cmocka_unit_test(finds_the_missing_end_of_a_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
