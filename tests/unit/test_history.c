/* tests/unit/test_history.c - questions to the database: runs, steps, bins, pages as published, deadlines. */
#include "config.h"

#include <math.h>

#include "daemon/history.h"
#include "daemon/readers.h"
#include "tests/unit/store_help.h"

#define STEPS 300

struct past {
	struct help *help;
	struct history *history;
	struct ring *ring;
};

static int setup(void **state)
{
	struct past *past = calloc(1, sizeof(*past));
	struct problem p;

	if (help_setup((void **)&past->help) < 0)
		return -1;
	past->ring = help_begin(past->help, 1, 64);
	help_push(past->ring, 0, STEPS);
	help_wait_rows(past->help, STEPS);
	if (history_open(past->help->file, &past->history, &p) < 0)
		return -1;
	*state = past;
	return 0;
}

static int teardown(void **state)
{
	struct past *past = *state;
	void *help = past->help;

	history_close(past->history);
	ring_unref(past->ring);
	help_teardown(&help);
	free(past);
	return 0;
}

static json_t *array_of(const json_t *result, const char *name, size_t *ret_i)
{
	json_t *array;
	size_t i;

	json_array_foreach(
		json_object_get(result, "arrays"), i,
		array) if (strcmp(json_string_value(json_object_get(array, "name")), name) == 0)
	{
		*ret_i = i;
		return array;
	}
	fail_msg("no array %s", name);
	return NULL;
}

static int64_t integer(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static json_t *steps(struct past *past, json_t *params, struct history_frames *frames)
{
	struct problem p = {0};
	json_t *result = NULL;

	if (history_steps(past->history, params, &result, frames, &p) < 0)
		fail_msg("%s", p.message);
	json_decref(params);
	return result;
}

static void all_steps_come_as_arrays(void **state)
{
	struct past *past = *state;
	struct history_frames frames = {0};
	json_t *result =
		steps(past,
		      json_pack("{s:i,s:i,s:i,s:[s,s,s,s]}", "run", 1, "from_step", 10, "to_step",
				19, "columns", "step", "mse_V2", "v_free_V", "wiper"),
		      &frames);
	size_t i;

	assert_int_equal(integer(result, "n"), 10);
	assert_true(json_is_null(json_object_get(result, "next")));
	assert_int_equal(frames.n, 4);
	assert_int_equal(((int64_t *)frames.frames[0].bytes)[9], 19);
	assert_close(((double *)frames.frames[1].bytes)[0], 1.0 / 11, 0);
	assert_int_equal(json_integer_value(json_array_get(
				 json_object_get(array_of(result, "v_free_V", &i), "shape"), 1)),
			 3);
	assert_close(((double *)frames.frames[i].bytes)[3 + 2], 11.5, 0);
	assert_int_equal(((uint8_t *)frames.frames[3].bytes)[9 + 1], 31);
	history_frames_free(&frames);
	json_decref(result);
}

static void bins_keep_the_extremes_and_count_every_row(void **state)
{
	struct past *past = *state;
	struct history_frames frames = {0};
	json_t *result = steps(past,
			       json_pack("{s:i,s:i,s:[s,s,s]}", "run", 1, "max_points", 7,
					 "columns", "step", "mse_V2", "example"),
			       &frames);
	const int64_t *first_step = frames.frames[0].bytes, *count = frames.frames[1].bytes;
	const double *min = frames.frames[2].bytes, *max = frames.frames[3].bytes;
	const double *mean = frames.frames[4].bytes, *last = frames.frames[6].bytes;
	const uint32_t *example = frames.frames[7].bytes;
	double sum = 0;

	/* 300 steps into bins of 43: the mse falls as 1 / (step + 1) */
	assert_int_equal(integer(result, "every"), 43);
	assert_int_equal(integer(result, "n"), 7);
	assert_int_equal(first_step[1], 43);
	assert_int_equal(count[0], 43);
	assert_int_equal(count[6], 300 - 6 * 43);
	for (int i = 43; i < 86; i++)
		sum += 1.0 / (i + 1);
	assert_close(min[1], 1.0 / 86, 1e-15);
	assert_close(max[1], 1.0 / 44, 1e-15);
	assert_close(last[1], 1.0 / 86, 1e-15);
	assert_close(mean[1], sum / 43, 1e-15);
	assert_int_equal(example[1], 43 % 7);
	assert_non_null(json_object_get(result, "others"));
	history_frames_free(&frames);
	json_decref(result);
}

static void json_goes_on_where_a_reply_is_full(void **state)
{
	struct past *past = *state;
	const int64_t rows[] = {10000, 2000}; /* of 10 numbers, at most 1e5 in a reply */
	int64_t from = 0;

	help_push(past->ring, STEPS, 12000 - STEPS);
	help_wait_rows(past->help, 12000);
	for (int i = 0; i < 2; i++) {
		struct history_frames frames = {0};
		json_t *result = steps(past,
				       json_pack("{s:i,s:I,s:s,s:[s,s]}", "run", 1, "from_step",
						 (json_int_t)from, "encoding", "json", "columns",
						 "step", "wiper"),
				       &frames);
		json_t *next = json_object_get(result, "next");
		size_t k;

		assert_int_equal(frames.n, 0);
		assert_int_equal(integer(result, "n"), rows[i]);
		assert_int_equal(
			json_array_size(json_object_get(array_of(result, "wiper", &k), "values")),
			rows[i]);
		assert_true(i ? json_is_null(next) : json_is_integer(next));
		from = json_integer_value(next);
		json_decref(result);
	}
}

static void fetched_rows_are_those_that_were_published(void **state)
{
	struct past *past = *state;
	struct record_array arrays[RECORD_ARRAYS];
	struct history_frames frames = {0};
	struct problem p;
	json_t *params = json_pack("{s:i,s:i,s:i}", "run", 1, "from_step", 7, "to_step", 26);
	json_t *result = NULL, *array;
	size_t row_bytes = past->help->layout.row_bytes, i;
	char *rows = malloc(20 * row_bytes);

	assert_int_equal(history_fetch(past->history, params, &result, &frames, &p), 0);
	assert_int_equal(integer(result, "step"), 7);
	assert_int_equal(integer(result, "n"), 20);
	for (uint64_t k = 0; k < 20; k++)
		help_fill(&past->help->layout, rows + k * row_bytes, 7 + k);
	assert_int_equal(frames.n, record_arrays(&past->help->layout, arrays));
	json_array_foreach(json_object_get(result, "arrays"), i, array)
	{
		size_t bytes = 20 * arrays[i].width * arrays[i].item_bytes;
		char *want = malloc(bytes);

		record_gather(&arrays[i], rows, row_bytes, 20, want);
		assert_string_equal(json_string_value(json_object_get(array, "name")),
				    arrays[i].name);
		assert_string_equal(json_string_value(json_object_get(array, "dtype")),
				    arrays[i].dtype);
		assert_int_equal(frames.frames[i].size, bytes);
		assert_memory_equal(frames.frames[i].bytes, want, bytes);
		free(want);
	}
	free(rows);
	history_frames_free(&frames);
	json_decref(result);
	json_decref(params);
}

static void unknown_runs_and_columns_are_named(void **state)
{
	struct past *past = *state;
	struct history_frames frames = {0};
	struct problem p = {0};
	json_t *params = json_pack("{s:i}", "run", 99), *result = NULL;

	assert_int_equal(history_steps(past->history, params, &result, &frames, &p), -1);
	assert_int_equal(p.code, PROBLEM_NOT_FOUND);
	assert_int_equal(history_run(past->history, 99, &result, &p), -1);
	assert_int_equal(p.code, PROBLEM_NOT_FOUND);
	json_decref(params);
	params = json_pack("{s:i,s:[s]}", "run", 1, "columns", "mse_V2; DROP TABLE steps");
	assert_int_equal(history_steps(past->history, params, &result, &frames, &p), -1);
	assert_int_equal(p.code, PROBLEM_PARAMS);
	assert_non_null(strstr(p.message, "DROP TABLE"));
	assert_non_null(strstr(p.message, "v_clamped_V"));
	json_decref(params);
}

static void runs_are_listed_in_pages(void **state)
{
	struct past *past = *state;
	struct change *c = change_new(2);
	json_t *params, *result, *rows;
	struct problem p;

	for (uint64_t run = 2; run <= 5; run++)
		help_run(c, run);
	store_post(past->help->store, c);
	help_done(past->help, 2);
	params = json_pack("{s:i,s:s}", "limit", 3, "order", "newest");
	assert_int_equal(history_runs(past->history, params, &result, &p), 0);
	rows = json_object_get(result, "rows");
	assert_int_equal(json_array_size(rows), 3);
	assert_int_equal(integer(json_array_get(rows, 0), "run"), 5);
	assert_int_equal(integer(result, "next"), 3);
	json_object_set(params, "after", json_object_get(result, "next"));
	json_decref(result);
	assert_int_equal(history_runs(past->history, params, &result, &p), 0);
	assert_int_equal(json_array_size(json_object_get(result, "rows")), 2);
	assert_true(json_is_null(json_object_get(result, "next")));
	json_decref(result);
	json_decref(params);
	params = json_pack("{s:s}", "status", "running");
	assert_int_equal(history_runs(past->history, params, &result, &p), 0);
	assert_int_equal(json_array_size(json_object_get(result, "rows")), 1);
	json_decref(result);
	json_decref(params);
	assert_int_equal(history_queued(past->history, &result, &p), 0);
	assert_int_equal(json_array_size(result), 4);
	assert_string_equal(json_string_value(json_object_get(
				    json_object_get(json_array_get(result, 0), "task"), "task")),
			    "a divider");
	json_decref(result);
}

static void a_run_tells_everything_about_itself(void **state)
{
	struct past *past = *state;
	struct params params = {.eta = 0.5, .p = 1, .tau_s = 0.25, .rev = 1};
	struct change *c = change_new(2);
	json_t *result, *old = json_pack("{s:f}", "eta", 0.5);
	struct problem p;

	change_params(c, 1, 0, &params, 1e4, "root");
	change_event(c, 1, 0, "param", "root", "eta", old, NULL);
	store_post(past->help->store, c);
	help_done(past->help, 2);
	json_decref(old);
	assert_int_equal(history_run(past->history, 1, &result, &p), 0);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(result, "task_json"), "task")),
		"a divider");
	assert_int_equal(json_array_size(json_object_get(result, "params")), 1);
	assert_close(json_real_value(json_object_get(
			     json_object_get(json_array_get(json_object_get(result, "events"), 0),
					     "old"),
			     "eta")),
		     0.5, 0);
	json_decref(result);
	if (history_run_status(past->history, 1, &result, &p) < 0)
		fail_msg("%s", p.message);
	assert_int_equal(integer(result, "steps"), STEPS);
	assert_int_equal(integer(result, "steps_total"), 100);
	assert_close(json_real_value(json_object_get(result, "scaled_error")), 1.0 / STEPS, 1e-15);
	json_decref(result);
}

static void a_question_past_its_deadline_is_stopped(void **state)
{
	struct past *past = *state;
	struct history_frames frames = {0};
	struct problem p = {0};
	json_t *params = json_pack("{s:i,s:i}", "run", 1, "max_points", 1), *result = NULL;

	history_deadline(past->history, -1);
	assert_int_equal(history_steps(past->history, params, &result, &frames, &p), -1);
	assert_int_equal(p.code, PROBLEM_STORAGE);
	assert_non_null(strstr(p.message, "took longer"));
	history_deadline(past->history, 10); /* the next one is fine */
	assert_int_equal(history_steps(past->history, params, &result, &frames, &p), 0);
	history_frames_free(&frames);
	json_decref(result);
	json_decref(params);
}

/* ---- readers ---- */

static void ask_status(struct history *h, void *work, struct readers_answer *answer)
{
	(void)history_run_status(h, *(uint64_t *)work, &answer->result, &answer->problem);
}

static void readers_answer_with_the_token_of_the_question(void **state)
{
	struct past *past = *state;
	struct mailbox *answers = mailbox_new(sizeof(struct readers_answer), 64);
	struct readers *readers;
	uint64_t runs[] = {1, 99};
	unsigned seen = 0;
	struct problem p;

	assert_int_equal(readers_start(past->help->file, 2, answers, &readers, &p), 0);
	for (uint64_t i = 0; i < 40; i++)
		assert_true(readers_post(readers, i, ask_status, &runs[i % 2]));
	for (uint64_t i = 0; i < 40; i++) {
		struct readers_answer answer;

		assert_true(mailbox_wait(answers, &answer, HELP_WAIT_S));
		assert_ptr_equal(answer.work, &runs[answer.token % 2]);
		if (answer.token % 2)
			assert_int_equal(answer.problem.code, PROBLEM_NOT_FOUND);
		else
			assert_int_equal(integer(answer.result, "run"), 1);
		seen += (unsigned)answer.token;
		json_decref(answer.result);
	}
	assert_int_equal(seen, 39 * 40 / 2);
	readers_stop(readers);
	mailbox_free(answers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(all_steps_come_as_arrays),
		T(bins_keep_the_extremes_and_count_every_row),
		T(json_goes_on_where_a_reply_is_full),
		T(fetched_rows_are_those_that_were_published),
		T(unknown_runs_and_columns_are_named),
		T(runs_are_listed_in_pages),
		T(a_run_tells_everything_about_itself),
		T(a_question_past_its_deadline_is_stopped),
		T(readers_answer_with_the_token_of_the_question),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
