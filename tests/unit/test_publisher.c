/* tests/unit/test_publisher.c - seq, prev and durable_seq, worked out by hand. */
#include "config.h"

#include <string.h>

#include "daemon/sequence.h"
#include "tests/check.h"

static struct sequence_stamp plain(struct sequence *s, const char *topic)
{
	struct sequence_stamp stamp;

	assert_ok(sequence_next(s, topic, &stamp));
	return stamp;
}

static struct sequence_stamp page(struct sequence *s, uint64_t run, uint64_t rows)
{
	struct sequence_stamp stamp;

	assert_ok(sequence_next_rows(s, "step.00000001.", run, rows, &stamp));
	return stamp;
}

static struct sequence_stamp event(struct sequence *s, uint64_t ticket)
{
	struct sequence_stamp stamp;

	assert_ok(sequence_next_ticket(s, "event.", ticket, &stamp));
	return stamp;
}

static void each_topic_points_to_its_own_record_before(void **state)
{
	struct sequence *s = sequence_new();

	(void)state;
	assert_int_equal(plain(s, "hb.").prev, 0);
	assert_int_equal(plain(s, "state.").prev, 0);
	assert_int_equal(plain(s, "hb.").prev, 1);
	assert_int_equal(plain(s, "state.").prev, 2);
	assert_int_equal(plain(s, "hb.").prev, 3);
	assert_int_equal(plain(s, "hb.x.").prev, 0); /* no prefix match */
	assert_int_equal(sequence_seq(s), 6);
	sequence_free(s);
}

static void records_that_are_not_kept_count_at_once(void **state)
{
	struct sequence *s = sequence_new();

	(void)state;
	assert_int_equal(plain(s, "hb.").durable_seq, 1);
	assert_int_equal(plain(s, "hb.").durable_seq, 2);
	sequence_free(s);
}

static void durable_seq_stops_before_the_first_kept_record_not_on_disk(void **state)
{
	struct sequence *s = sequence_new();

	(void)state;
	plain(s, "hb.");
	assert_int_equal(page(s, 1, 10).durable_seq, 1);  /* seq 2 */
	assert_int_equal(plain(s, "hb.").durable_seq, 1); /* seq 3 */
	assert_int_equal(page(s, 1, 20).durable_seq, 1);  /* seq 4 */
	sequence_rows_durable(s, 1, 9);                   /* its last row is missing */
	assert_int_equal(sequence_durable(s), 1);
	sequence_rows_durable(s, 1, 15);
	assert_int_equal(sequence_durable(s), 3); /* the heartbeat behind it counts too */
	sequence_rows_durable(s, 1, 20);
	assert_int_equal(sequence_durable(s), 4);
	sequence_free(s);
}

static void an_event_waits_for_its_own_ticket(void **state)
{
	struct sequence *s = sequence_new();

	(void)state;
	event(s, 1); /* seq 1 */
	page(s, 1, 5);
	event(s, 2); /* seq 3 */
	sequence_rows_durable(s, 1, 5);
	assert_int_equal(sequence_durable(s), 0);
	sequence_ticket_durable(s, 1);
	assert_int_equal(sequence_durable(s), 2);
	sequence_ticket_durable(s, 2);
	assert_int_equal(sequence_durable(s), 3);
	sequence_free(s);
}

static void runs_do_not_mix(void **state)
{
	struct sequence *s = sequence_new();

	(void)state;
	page(s, 1, 100); /* the end of a run whose rows are late */
	page(s, 2, 5);
	sequence_rows_durable(s, 2, 5);
	assert_int_equal(sequence_durable(s), 0);
	sequence_rows_durable(s, 1, 100);
	assert_int_equal(sequence_durable(s), 2);
	sequence_free(s);
}

static void many_records_may_wait(void **state)
{
	struct sequence *s = sequence_new();

	(void)state;
	for (uint64_t i = 1; i <= 5000; i++) {
		page(s, 1, i);
		if (i % 3 == 0) /* moves the ring's start while it grows */
			sequence_rows_durable(s, 1, i / 2);
	}
	assert_int_equal(sequence_durable(s), 4998 / 2);
	sequence_rows_durable(s, 1, 5000);
	assert_int_equal(sequence_durable(s), 5000);
	sequence_free(s);
}

static void last_lists_the_topics_and_forgets_old_runs_first(void **state)
{
	struct sequence *s = sequence_new();
	char topic[32];
	json_t *last;

	(void)state;
	plain(s, "log.");
	for (int run = 1; run <= 100; run++) {
		snprintf(topic, sizeof(topic), "step.%08d.", run);
		plain(s, topic);
	}
	plain(s, "welcome.abc.");
	last = sequence_last(s);
	assert_int_equal(json_integer_value(json_object_get(last, "log.")), 1);
	assert_int_equal(json_integer_value(json_object_get(last, "step.00000100.")), 101);
	assert_null(json_object_get(last, "step.00000001."));
	assert_null(json_object_get(last, "welcome.abc.")); /* one subscriber's own */
	json_decref(last);
	sequence_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_topic_points_to_its_own_record_before),
		cmocka_unit_test(records_that_are_not_kept_count_at_once),
		cmocka_unit_test(durable_seq_stops_before_the_first_kept_record_not_on_disk),
		cmocka_unit_test(an_event_waits_for_its_own_ticket),
		cmocka_unit_test(runs_do_not_mix),
		cmocka_unit_test(many_records_may_wait),
		cmocka_unit_test(last_lists_the_topics_and_forgets_old_runs_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
