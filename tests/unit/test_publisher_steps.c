/* tests/unit/test_publisher_steps.c - which rows are sent when: those of the last look, and those before a report. */
#include "config.h"

#include <string.h>
#include <zmq.h>

#include "daemon/publisher.h"
#include "tests/check.h"

#define BOOT "00000000-0000-0000-0000-000000000000"

struct stage {
	void *context, *subscriber;
	struct publisher *publisher;
	struct ring *ring;
	int64_t now_ns; /* far enough from the last call that steps are due */
};

static void push_rows(struct stage *s, int n)
{
	while (n--) {
		struct record_head *head = ring_reserve(s->ring, 10);

		assert_non_null(head);
		head->step = ring_head(s->ring);
		ring_push(s->ring);
	}
}

static int set_up(void **state)
{
	static struct stage s;
	struct problem p = {0};
	struct record_layout layout;
	struct publisher_setup setup = {.endpoint = "inproc://stream", .boot = BOOT};

	memset(&s, 0, sizeof(s));
	record_layout(
		&(struct record_shape){
			.n_sources = 1, .n_targets = 1, .n_measured = 2, .n_edges = 3},
		&layout);
	setup.largest_row_bytes = layout.row_bytes;
	setup.zmq_context = s.context = zmq_ctx_new();
	assert_ok(publisher_open(&setup, &s.publisher, &p));
	s.subscriber = zmq_socket(s.context, ZMQ_SUB);
	zmq_setsockopt(s.subscriber, ZMQ_SUBSCRIBE, "step.", 5);
	zmq_setsockopt(s.subscriber, ZMQ_SUBSCRIBE, "event.", 6);
	assert_int_equal(zmq_connect(s.subscriber, "inproc://stream"), 0);
	publisher_hear(s.publisher);
	s.ring = ring_new(4, &layout, 1000);
	assert_non_null(s.ring);
	publisher_follow(s.publisher, s.ring);
	*state = &s;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *s = *state;

	publisher_close(s->publisher);
	ring_unref(s->ring);
	zmq_close(s->subscriber);
	zmq_ctx_term(s->context);
	return 0;
}

static void send_due(struct stage *s)
{
	s->now_ns += 1000000000;
	publisher_steps(s->publisher, s->now_ns);
}

/* The next record: "step 0 3" is three rows from step 0 on, "event" an event, "" nothing. */
static void expect(struct stage *s, const char *want)
{
	char got[64] = "", topic[64] = "";
	int size = zmq_recv(s->subscriber, topic, sizeof(topic) - 1, ZMQ_DONTWAIT);

	for (int i = 0, more = size >= 0; more; i++) {
		size_t length = sizeof(more);
		zmq_msg_t frame;

		zmq_msg_init(&frame);
		assert_true(zmq_msg_recv(&frame, s->subscriber, ZMQ_DONTWAIT) >= 0);
		if (i == 0) {
			json_t *header =
				json_loadb(zmq_msg_data(&frame), zmq_msg_size(&frame), 0, NULL);

			assert_non_null(header);
			if (strncmp(topic, "step.", 5) == 0)
				snprintf(got, sizeof(got), "step %lld %lld",
					 json_integer_value(json_object_get(header, "step")),
					 json_integer_value(json_object_get(header, "n")));
			else
				snprintf(got, sizeof(got), "event");
			json_decref(header);
		}
		zmq_msg_close(&frame);
		zmq_getsockopt(s->subscriber, ZMQ_RCVMORE, &more, &length);
	}
	assert_string_equal(got, want);
}

static void only_rows_of_the_last_look_are_sent(void **state)
{
	struct stage *s = *state;

	push_rows(s, 3);
	send_due(s);
	expect(s, "");
	publisher_look(s->publisher);
	push_rows(s, 2);
	send_due(s);
	expect(s, "step 0 3");
	send_due(s);
	expect(s, "");
	publisher_look(s->publisher);
	send_due(s);
	expect(s, "step 3 2");
	expect(s, "");
}

/* The rig's thread reports at row 3 and makes two more; the main thread looks, reads the report, and sends what is due. */
static void a_report_stands_between_the_rows_where_it_was_made(void **state)
{
	struct stage *s = *state;
	json_t *event = json_pack("{s:s, s:i, s:i}", "event", "test", "run", 4, "step", 3);

	push_rows(s, 5);
	publisher_look(s->publisher);
	publisher_steps_upto(s->publisher, 3);
	publisher_event(s->publisher, event, 3);
	send_due(s);
	expect(s, "step 0 3");
	expect(s, "event");
	expect(s, "step 3 2");
	expect(s, "");
	json_decref(event);
}

static void who_looks_away_sends_nothing_until_the_next_look(void **state)
{
	struct stage *s = *state;

	push_rows(s, 4);
	publisher_look(s->publisher);
	publisher_look_away(s->publisher);
	send_due(s);
	expect(s, "");
	publisher_look(s->publisher);
	send_due(s);
	expect(s, "step 0 4");
}

static void the_next_run_begins_with_no_rows_seen(void **state)
{
	struct stage *s = *state;
	struct ring *next = ring_new(5, ring_layout(s->ring), 1000);

	assert_non_null(next);
	push_rows(s, 4);
	publisher_look(s->publisher);
	publisher_follow(s->publisher, next);
	expect(s, "step 0 4");
	ring_unref(s->ring);
	s->ring = next;
	push_rows(s, 2);
	send_due(s);
	expect(s, "");
	publisher_look(s->publisher);
	send_due(s);
	expect(s, "step 0 2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(only_rows_of_the_last_look_are_sent, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_report_stands_between_the_rows_where_it_was_made,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_looks_away_sends_nothing_until_the_next_look,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_next_run_begins_with_no_rows_seen, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
