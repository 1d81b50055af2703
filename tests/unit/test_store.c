/* tests/unit/test_store.c - what is posted gets into the database, together and in order. */
#include "config.h"

#include <math.h>
#include <sys/stat.h>

#include "daemon/history.h"
#include "tests/unit/store_help.h"

static void rows_and_their_change_end_up_in_order(void **state)
{
	struct help *help = *state;
	struct ring *ring = help_begin(help, 1, 64);
	struct run_figures figures = {.steps = 500,
				      .mse_first_V2 = 1,
				      .mse_last_V2 = 0.002,
				      .mse_min_V2 = 0.002,
				      .mse_final_V2 = 0.0021,
				      .test_first_V2 = NAN,
				      .test_best_V2 = NAN,
				      .test_final_V2 = NAN,
				      .accuracy_best = NAN,
				      .accuracy_final = NAN};
	const uint8_t wiper[] = {1, 2, 3};
	struct change *c;

	help_push(ring, 0, 500); /* through a ring of 64: the store makes room */
	c = change_new(9);
	change_run_end(c, 1, "done", "all steps made", &figures, wiper, 3);
	store_post_after(help->store, c, ring, 500);
	help_done(help, 9);
	assert_int_equal(ring_durable(ring), 500);
	assert_sql(help, "SELECT count(*) || ' ' || sum(step) FROM steps WHERE run = 1",
		   "500 124750");
	assert_sql(help, "SELECT status || ' ' || steps || ' ' || hex(edges_at_stop) FROM runs",
		   "done 500 010203");
	assert_sql(help, "SELECT test_first_V2 FROM runs", "(null)");
	ring_unref(ring);
}

static void a_row_comes_back_as_it_was(void **state)
{
	struct help *help = *state;
	struct ring *ring = help_begin(help, 1, 64);
	struct record_head *head = ring_reserve(ring, 1);

	help_fill(&help->layout, head, 0);
	head->mse_V2 = NAN;
	ring_push(ring);
	help_push(ring, 1, 30);
	help_wait_rows(help, 31);
	assert_sql(help, "SELECT mse_V2 FROM steps WHERE run = 1 AND step = 0", "(null)");
	assert_sql(help,
		   "SELECT t_mono_ns || ' ' || t_apply_ns || ' ' || example || ' ' || rev || ' ' ||"
		   " mse_V2 || ' ' || flags FROM steps WHERE run = 1 AND step = 15",
		   "15000 14600 1 3 0.0625 2");
	/* 15 + 0.25 i, as little-endian doubles */
	assert_sql(help, "SELECT hex(v_free_V) FROM steps WHERE run = 1 AND step = 15",
		   "0000000000002E400000000000802E400000000000002F40");
	assert_sql(help, "SELECT hex(updated) FROM steps WHERE run = 1 AND step = 15", "0F00");
	assert_sql(help, "SELECT group_concat(tap) FROM wipers WHERE run = 1 AND step = 15",
		   "15,35,55,75,95,115,135,155,175");
	assert_sql(help, "SELECT tap FROM wipers WHERE run = 1 AND step = 30 AND edge = 8", "190");
	assert_sql(help, "SELECT count(*) FROM wipers", "279");
	ring_unref(ring);
}

static void a_change_that_fails_takes_nobody_along(void **state)
{
	struct help *help = *state;
	struct change *good = change_new(1), *bad = change_new(2), *good_too = change_new(3);
	struct store_report r;

	help_run(good, 1);
	change_event(bad, 1, 0, "note", "root", "half of it", NULL, NULL);
	help_run(bad, 1); /* there is one */
	help_run(good_too, 2);
	store_post(help->store, good);
	store_post(help->store, bad);
	store_post(help->store, good_too);
	r = help_wait(help, STORE_FAILED, 2);
	assert_int_equal(r.problem.code, PROBLEM_STORAGE);
	assert_non_null(strstr(r.problem.message, "UNIQUE"));
	help_done(help, 3);
	assert_sql(help, "SELECT group_concat(run) FROM runs", "1,2");
	assert_sql(help, "SELECT count(*) FROM events", "0");
}

static void a_change_of_an_unknown_run_is_refused(void **state)
{
	struct help *help = *state;
	struct change *c = change_new(1);
	struct store_report r;

	change_annotate(c, 77, "nice", NULL, 1);
	store_post(help->store, c);
	r = help_wait(help, STORE_FAILED, 1);
	assert_int_equal(r.problem.code, PROBLEM_NOT_FOUND);
	assert_non_null(strstr(r.problem.message, "77"));
}

static void every_kind_of_change_leaves_its_row(void **state)
{
	struct help *help = *state;
	struct params params = {
		.eta = 0.5, .p = 1, .tau_s = 0.25, .capacitance_F = 2.2e-6, .rev = 4};
	const double outputs_V[] = {1, 2, 3, 4}, target_V[] = {1, 2, 3, 5};
	const int32_t found[] = {0, 1};
	struct test_row test = {.run = 1,
				.step = 10,
				.set = "test",
				.error_V2 = 0.125,
				.accuracy = 0.5,
				.outputs_V = outputs_V,
				.target_V = target_V,
				.class_found = found,
				.n_examples = 2,
				.n_targets = 2};
	struct change *c = change_new(1);
	json_t *tags = json_pack("[s]", "thesis"), *one = json_integer(1);

	help_run(c, 1);
	change_params(c, 1, 20, &params, 10000, "root");
	change_test(c, &test);
	change_event(c, 1, 20, "param", "root", "eta", one, NULL);
	change_event(c, 0, 0, "queue", "root", "held", NULL, NULL);
	change_audit(c, 1, 20, "root", "param.set", NULL, one, "id-7");
	change_annotate(c, 1, "looks good", tags, 1);
	change_run_place(c, 1, -3);
	store_post(help->store, c);
	help_done(help, 1);
	json_decref(tags);
	json_decref(one);
	assert_sql(help,
		   "SELECT rev || ' ' || from_step || ' ' || round(relaxation_rate_per_s, 3) ||"
		   " ' ' || alpha_over_gamma FROM params",
		   "4 20 45.455 0.088");
	assert_sql(help,
		   "SELECT step || \"set\" || error_V2 || ' ' || accuracy || ' ' || examples ||"
		   " hex(class_found) || ' ' || length(outputs_V) FROM tests",
		   "10test0.125 0.5 20000000001000000 32");
	assert_sql(help,
		   "SELECT group_concat(coalesce(run, '-') || kind || coalesce(step, '-'))"
		   " FROM events",
		   "1param20,-queue-");
	assert_sql(help, "SELECT kind || ' ' || what || ' ' || new || ' ' || request_id FROM audit",
		   "param param.set 1 id-7");
	assert_sql(help, "SELECT note || tags || star || place FROM runs",
		   "looks good[\"thesis\"]1-3");
}

static void a_key_is_found_again_after_reopening(void **state)
{
	struct help *help = *state;
	struct history *history;
	struct problem p = {0};
	json_t *reply = NULL;
	struct change *c = change_new(1);

	help_run(c, 1);
	change_key(c, "key-1", "run.submit", 0xabc);
	change_result(c, json_pack("{s:i}", "run", 1));
	store_post(help->store, c);
	reply = help_wait(help, STORE_DONE, 1).result;
	assert_int_equal(json_integer_value(json_object_get(reply, "run")), 1);
	json_decref(reply);
	help_close(help);
	help_open(help);
	assert_int_equal(history_open(help->file, &history, &p), 0);
	assert_int_equal(history_reply(history, "key-1", &reply, &p), 0);
	assert_string_equal(json_string_value(json_object_get(reply, "method")), "run.submit");
	assert_string_equal(json_string_value(json_object_get(reply, "hash")), "0000000000000abc");
	assert_int_equal(
		json_integer_value(json_object_get(json_object_get(reply, "result"), "run")), 1);
	json_decref(reply);
	assert_int_equal(history_reply(history, "key-2", &reply, &p), 0);
	assert_null(reply);
	history_close(history);
}

static void a_key_cannot_be_used_twice(void **state)
{
	struct help *help = *state;
	struct store_report r;

	for (uint64_t token = 1; token <= 2; token++) {
		struct change *c = change_new(token);

		help_run(c, token);
		change_key(c, "key-1", "run.submit", token);
		store_post(help->store, c);
	}
	r = help_wait(help, STORE_FAILED, 2);
	assert_string_equal(r.problem.path, "/meta/key");
	assert_sql(help, "SELECT count(*) FROM runs", "1");
}

static void plain_sql_reads_while_the_store_writes_and_after(void **state)
{
	struct help *help = *state;
	struct ring *ring = help_begin(help, 1, 1000);

	help_push(ring, 0, 10);
	help_wait_rows(help, 10);
	assert_sql(help, "SELECT max(step) FROM steps WHERE run = 1", "9");
	help_push(ring, 10, 10);
	ring_unref(ring);
	help_close(help);
	assert_sql(help, "SELECT max(step) FROM steps WHERE run = 1", "19");
	assert_sql(help, "SELECT value FROM meta WHERE name = 'goodbye'", "yes");
	assert_sql(help, "PRAGMA integrity_check", "ok");
}

static void the_log_does_not_grow_for_ever(void **state)
{
	struct help *help = *state;
	struct ring *ring = help_begin(help, 1, 10000);
	char wal[128];
	struct stat st;

	help_push(ring, 0, 200000); /* more than 50 MB of log */
	if (ring_durable(ring) < 200000)
		help_wait_rows(help, 200000);
	snprintf(wal, sizeof(wal), "%s-wal", help->file);
	assert_int_equal(stat(wal, &st), 0);
	assert_in_range(st.st_size, 1, 40 << 20);
	assert_int_equal(stat(help->file, &st), 0);
	assert_in_range(st.st_size, 10 << 20, INT64_MAX);
	ring_unref(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, help_setup, help_teardown)
		T(rows_and_their_change_end_up_in_order),
		T(a_row_comes_back_as_it_was),
		T(a_change_that_fails_takes_nobody_along),
		T(a_change_of_an_unknown_run_is_refused),
		T(every_kind_of_change_leaves_its_row),
		T(a_key_is_found_again_after_reopening),
		T(a_key_cannot_be_used_twice),
		T(plain_sql_reads_while_the_store_writes_and_after),
		T(the_log_does_not_grow_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
