/* tests/unit/test_replay.c - the replay's pure parts: the order of what happened, the time at which it is due, the rows' layout. */
#include "config.h"

#include <string.h>

#include "daemon/replay_clock.h"
#include "daemon/replay_layout.h"
#include "daemon/replay_script.h"
#include "tests/check.h"

#define S INT64_C(1000000000)

/* ---- times as text ---- */

static void reads_a_time_as_it_is_written(void **state)
{
	static const int64_t times_ns[] = {0, 951782400 * S + 123456000, 1795665091 * S,
					   -86400 * S};
	char text[28];
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < sizeof(times_ns) / sizeof(times_ns[0]); i++) {
		assert_true(record_utc_read(record_utc(times_ns[i], text, sizeof(text)), &ns));
		assert_int_equal(ns, times_ns[i]);
	}
	assert_true(record_utc_read("2000-02-29T00:00:00.5Z", &ns));
	assert_int_equal(ns, 951782400 * S + S / 2);
	assert_true(record_utc_read("2000-02-29T00:00:00Z", &ns));
	assert_int_equal(ns, 951782400 * S);
	assert_false(record_utc_read("2000-02-29", &ns));
	assert_false(record_utc_read("2000-02-29T00:00:00.5", &ns));
	assert_false(record_utc_read("yesterday", &ns));
}

/* ---- what events mean ---- */

static void knows_what_changes_the_state(void **state)
{
	json_t *paused = json_pack("{s:s}", "state", "paused");

	(void)state;
	assert_int_equal(replay_turn_of("run_begin", "ann", "iris", NULL), REPLAY_BEGINS);
	assert_int_equal(replay_turn_of("run_end", "ann", "", NULL), REPLAY_ENDS);
	assert_int_equal(replay_turn_of("run", "ann", "pause", NULL), REPLAY_PAUSES);
	assert_int_equal(replay_turn_of("run", "ann", "resume", NULL), REPLAY_RESUMES);
	assert_int_equal(replay_turn_of("run", "ann", "stop", NULL), REPLAY_STOPS);
	assert_int_equal(replay_turn_of("fault", "rig", "board 3", paused), REPLAY_PAUSES);
	assert_int_equal(replay_turn_of("fault", "rig", "board 3", NULL), REPLAY_NO_TURN);
	assert_int_equal(replay_turn_of("wiring", "rig", "2 plugs to move", NULL), REPLAY_PAUSES);
	assert_int_equal(replay_turn_of("wiring", "operator", "plugged", NULL), REPLAY_NO_TURN);
	assert_int_equal(replay_turn_of("note", "ann", "pause", NULL), REPLAY_NO_TURN);
	assert_int_equal(replay_turn_of(NULL, NULL, NULL, NULL), REPLAY_NO_TURN);
	json_decref(paused);
}

/* ---- the order ---- */

static void add(struct replay_items *list, enum replay_kind kind, enum replay_turn turn,
		int64_t key, uint64_t step, int64_t t_utc_ns, uint64_t rev)
{
	const struct replay_item item = {kind, turn, key, step, t_utc_ns, rev};

	assert_int_equal(replay_items_add(list, &item), 0);
}

struct lists {
	struct replay_items events, tests, params, script;
};

/* Keys in the order of the script. */
static void expect(struct lists *l, size_t n, const int64_t *keys)
{
	assert_int_equal(replay_script(&l->events, &l->tests, &l->params, &l->script), 0);
	assert_int_equal(l->script.n, n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(l->script.item[i].key, keys[i]);
	replay_items_free(&l->events);
	replay_items_free(&l->tests);
	replay_items_free(&l->params);
	replay_items_free(&l->script);
}

static void tells_in_the_order_of_steps_then_times(void **state)
{
	struct lists l = {0};

	(void)state;
	add(&l.events, REPLAY_EVENT, REPLAY_NO_TURN, 1, 0, 90, 0); /* queued */
	add(&l.events, REPLAY_EVENT, REPLAY_BEGINS, 2, 0, 100, 0);
	add(&l.events, REPLAY_EVENT, REPLAY_NO_TURN, 3, 10, 200, 0);
	add(&l.events, REPLAY_EVENT, REPLAY_NO_TURN, 4, 10, 202, 0);
	add(&l.events, REPLAY_EVENT, REPLAY_ENDS, 5, 20, 290, 0);
	add(&l.tests, REPLAY_TEST, REPLAY_NO_TURN, 11, 0, 95, 0); /* a clock that was set back */
	add(&l.tests, REPLAY_TEST, REPLAY_NO_TURN, 12, 10, 201, 0);
	add(&l.tests, REPLAY_TEST, REPLAY_NO_TURN, 13, 20, 300, 0);
	expect(&l, 8, (const int64_t[]){1, 2, 11, 3, 12, 4, 13, 5});
}

static void an_event_goes_before_a_test_of_its_time(void **state)
{
	struct lists l = {0};

	(void)state;
	add(&l.events, REPLAY_EVENT, REPLAY_BEGINS, 1, 0, 100, 0);
	add(&l.events, REPLAY_EVENT, REPLAY_NO_TURN, 2, 5, 200, 0);
	add(&l.tests, REPLAY_TEST, REPLAY_NO_TURN, 11, 5, 200, 0);
	expect(&l, 3, (const int64_t[]){1, 2, 11});
}

static void revisions_that_an_event_tells_are_left_out(void **state)
{
	struct lists l = {0};

	(void)state;
	add(&l.events, REPLAY_EVENT, REPLAY_BEGINS, 1, 0, 100, 0);
	add(&l.events, REPLAY_EVENT, REPLAY_NO_TURN, 2, 7, 200, 42);
	add(&l.params, REPLAY_PARAMS, REPLAY_NO_TURN, 41, 0, 99, 0);
	add(&l.params, REPLAY_PARAMS, REPLAY_NO_TURN, 42, 7, 199, 0);
	expect(&l, 3, (const int64_t[]){1, 41, 2});
}

static void steps_that_are_not_known_are_those_before(void **state)
{
	struct lists l = {0};

	(void)state;
	add(&l.events, REPLAY_EVENT, REPLAY_BEGINS, 1, 0, 100, 0);
	add(&l.events, REPLAY_EVENT, REPLAY_NO_TURN, 2, 8, 200, 0);
	add(&l.events, REPLAY_EVENT, REPLAY_NO_TURN, 3, UINT64_MAX, 210, 0);
	add(&l.events, REPLAY_EVENT, REPLAY_NO_TURN, 4, 6, 220, 0);
	add(&l.events, REPLAY_EVENT, REPLAY_ENDS, 5, 8, 230, 0);
	add(&l.events, REPLAY_EVENT, REPLAY_NO_TURN, 6, 0, 900, 0); /* a note, days later */
	assert_int_equal(replay_script(&l.events, &l.tests, &l.params, &l.script), 0);
	assert_int_equal(l.script.n, 5);
	assert_int_equal(l.script.item[2].step, 8);
	assert_int_equal(l.script.item[3].step, 8);
	replay_items_free(&l.script);
	replay_items_free(&l.events);
}

static void without_events_the_tests_are_told(void **state)
{
	struct lists l = {0};

	(void)state;
	add(&l.tests, REPLAY_TEST, REPLAY_NO_TURN, 11, 0, REPLAY_NO_TIME, 0);
	add(&l.tests, REPLAY_TEST, REPLAY_NO_TURN, 12, 3, REPLAY_NO_TIME, 0);
	expect(&l, 2, (const int64_t[]){11, 12});
}

/* ---- time ---- */

static void steps_keep_their_intervals(void **state)
{
	struct replay_clock c;

	(void)state;
	replay_clock_begin(&c, true, true, 50 * S, 1000 * S);
	assert_int_equal(replay_clock_step(&c, 51 * S), 1 * S);
	assert_int_equal(replay_clock_step(&c, 53 * S), 3 * S);
	assert_int_equal(replay_clock_step(&c, 52 * S),
			 3 * S); /* a clock that went back stands still */
	assert_int_equal(replay_clock_step(&c, 54 * S), 5 * S);
}

static void without_a_beginning_the_first_step_is_it(void **state)
{
	struct replay_clock c;

	(void)state;
	replay_clock_begin(&c, true, false, 0, REPLAY_NO_TIME);
	assert_int_equal(replay_clock_step(&c, 500 * S), 0);
	assert_int_equal(replay_clock_step(&c, 501 * S), 1 * S);
}

static void what_happens_between_two_steps_stays_between_them(void **state)
{
	struct replay_clock c;

	(void)state;
	replay_clock_begin(&c, true, true, 0, 1000 * S);
	replay_clock_step(&c, 1 * S);
	assert_int_equal(replay_clock_item(&c, 1003 * S, true, 10 * S), 3 * S); /* in a pause */
	assert_int_equal(replay_clock_item(&c, 5000 * S, true, 10 * S),
			 10 * S); /* a clock that was set */
	assert_int_equal(replay_clock_step(&c, 10 * S), 10 * S);
	assert_int_equal(replay_clock_item(&c, 4000 * S, true, 11 * S), 10 * S); /* and set back */
	assert_int_equal(replay_clock_item(&c, REPLAY_NO_TIME, true, 11 * S), 10 * S);
	assert_int_equal(replay_clock_item(&c, 4002 * S, false, 0), 12 * S); /* behind the last */
}

static void a_pause_of_a_clock_that_stood_still_pushes_what_follows(void **state)
{
	struct replay_clock c;

	(void)state;
	replay_clock_begin(&c, false, true, 0, 1000 * S);
	assert_int_equal(replay_clock_step(&c, 1 * S), 1 * S);
	assert_int_equal(replay_clock_item(&c, 1000 * S + 1, true, 2 * S), 1 * S);  /* paused */
	assert_int_equal(replay_clock_item(&c, 1060 * S + 1, true, 2 * S), 61 * S); /* resumed */
	assert_int_equal(replay_clock_step(&c, 2 * S), 62 * S);
}

/* ---- the layout ---- */

static json_t *descriptor(const struct record_shape *shape)
{
	static const uint32_t nodes[] = {4, 1, 0};
	struct record_layout layout;

	record_layout(shape, &layout);
	return record_descriptor(&layout, 3, 3, nodes, nodes, nodes);
}

static void same_layout(const struct record_shape *shape)
{
	const struct replay_sizes sizes = {shape->n_sources, shape->n_targets, shape->n_edges};
	json_t *json = descriptor(shape);
	struct record_layout want, got;
	struct problem p = {0};

	record_layout(shape, &want);
	assert_int_equal(replay_layout(json, &sizes, &got, &p), 0);
	assert_memory_equal(&got, &want, sizeof(got));
	json_decref(json);
}

static void makes_the_layout_that_the_descriptor_was_made_from(void **state)
{
	(void)state;
	same_layout(&(struct record_shape){2, 1, 3, 16, false, false, 1, 1});
	same_layout(&(struct record_shape){2, 1, 3, 17, false, true, 10, 100});
	same_layout(&(struct record_shape){2, 2, 3, 5, true, true, 1, UINT64_MAX});
}

static void refuses_arrays_that_a_row_does_not_have(void **state)
{
	const struct replay_sizes sizes = {2, 1, 16};
	json_t *json = descriptor(&(struct record_shape){2, 1, 3, 16, false, false, 1, 1});
	json_t *arrays = json_object_get(json, "arrays");
	struct record_layout layout;
	struct problem p = {0};

	(void)state;
	json_object_set_new(json_array_get(arrays, 2), "name", json_string("colour"));
	assert_int_equal(replay_layout(json, &sizes, &layout, &p), -1);
	assert_non_null(strstr(p.message, "array 2 of its descriptor is colour"));
	problem_clear(&p);
	json_object_del(json, "arrays");
	assert_int_equal(replay_layout(json, &sizes, &layout, &p), -1);
	assert_non_null(strstr(p.message, "no descriptor"));
	problem_clear(&p);
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_time_as_it_is_written),
		cmocka_unit_test(knows_what_changes_the_state),
		cmocka_unit_test(tells_in_the_order_of_steps_then_times),
		cmocka_unit_test(an_event_goes_before_a_test_of_its_time),
		cmocka_unit_test(revisions_that_an_event_tells_are_left_out),
		cmocka_unit_test(steps_that_are_not_known_are_those_before),
		cmocka_unit_test(without_events_the_tests_are_told),
		cmocka_unit_test(steps_keep_their_intervals),
		cmocka_unit_test(without_a_beginning_the_first_step_is_it),
		cmocka_unit_test(what_happens_between_two_steps_stays_between_them),
		cmocka_unit_test(a_pause_of_a_clock_that_stood_still_pushes_what_follows),
		cmocka_unit_test(makes_the_layout_that_the_descriptor_was_made_from),
		cmocka_unit_test(refuses_arrays_that_a_row_does_not_have),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
