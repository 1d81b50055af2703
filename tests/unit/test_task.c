/* tests/unit/test_task.c - tasks: what is refused and how, what a seed draws, what is predicted. */
#include "config.h"

#include <string.h>

#include "daemon/task_split.h"
#include "tests/check.h"
#include "tests/unit/lab.h"

#define NODES   "task: t\nkind: allostery\nsources: [0, 2]\ntargets: [1]\n"
#define EXAMPLE "train: {examples: [{source_V: [5, 0], target_V: [3]}]}\n"
#define CLASSES                                                                                    \
	"task: t\nkind: classification\nsources: [0, 2]\ntargets: [1]\n"                           \
	"targets_from: class_means\n"                                                              \
	"train: {table: {columns: [x, kind, on], rows: [[1, a, 1], [2, a, 1], [3, b, 0], "         \
	"[5, b, 1]]},\n"                                                                           \
	"  source: [x], class: kind, scale_V: [1, 5], fixed_V: {2: 0}, flags: {learn: on}}\n"

static struct lab lab;

static int open_lab(void **state)
{
	(void)state;
	lab_open(&lab, "sim:divider2");
	return 0;
}

static int close_lab(void **state)
{
	(void)state;
	lab_close(&lab);
	return 0;
}

static void nodes_must_be_there_and_have_one_part(void **state)
{
	(void)state;
	lab_refuses(&lab, "task: t\nkind: allostery\nsources: [0, 9]\ntargets: [1]\n" EXAMPLE,
		    "/sources/1", "0 to 2");
	lab_refuses(&lab, "task: t\nkind: allostery\nsources: [0, 2]\ntargets: [2]\n" EXAMPLE,
		    "/targets/0", "source already");
}

static void volts_must_be_within_the_limits(void **state)
{
	(void)state;
	lab_refuses(&lab, NODES "train: {examples: [{source_V: [6.2, 0], target_V: [3]}]}\n",
		    "/train/examples/0/source_V/0", "6.2 V is above the limit of 5 V for node 0");
	lab_refuses(&lab, NODES "train: {examples: [{source_V: [5, 0], target_V: [-1]}]}\n",
		    "/train/examples/0/target_V/0", "below the limit of 0 V for node 1");
	lab_refuses(&lab,
		    NODES "train: {generate: {n: 4, uniform_V: [1, 6], target: [[0.1]]}, fixed_V: "
			  "{2: 0}}\n",
		    "/train/generate/uniform_V", "6 V is above");
	lab_refuses(&lab, NODES EXAMPLE "schedule: [{at: 3, target_V: [5.5]}]\n",
		    "/schedule/0/target_V/0", "5.5 V is above");
}

static void lists_must_be_as_long_as_the_nodes(void **state)
{
	(void)state;
	lab_refuses(&lab, NODES "train: {examples: [{source_V: [5], target_V: [3]}]}\n",
		    "/train/examples/0/source_V", "1 values, but the task names 2 sources");
	lab_refuses(&lab, NODES EXAMPLE "initial: {taps: [1, 2, 3]}\n", "/initial/taps", "2 edges");
	lab_refuses(&lab, NODES EXAMPLE "initial: {taps: [1, 128]}\n", "/initial/taps/1",
		    "0 to 127");
}

static void columns_must_be_there(void **state)
{
	static const char table[] =
		NODES "train: {table: {columns: [a, b, c], rows: [[1, 2, 3], [4, 0, x]]}, source: "
		      "[a, %s], target: [%s]}\n";
	char text[256];

	(void)state;
	snprintf(text, sizeof(text), table, "d", "c");
	lab_refuses(&lab, text, "/train/source", "no column \"d\"; it has \"a\", \"b\", \"c\"");
	snprintf(text, sizeof(text), table, "bb", "c");
	lab_refuses(&lab, text, "/train/source", "no column \"bb\"; did you mean \"b\"?");
	snprintf(text, sizeof(text), table, "b", "c");
	lab_refuses(&lab, text, "/train/table/rows/1/2",
		    "row 2 of the table: \"x\" is not a number");
	snprintf(text, sizeof(text), table, "b, c", "c");
	lab_refuses(&lab, text, "/train/source", "more columns");
}

static void parameters_must_fit_the_rig(void **state)
{
	(void)state;
	lab_refuses(&lab, NODES EXAMPLE "params: {capacitance_F: 2.2e-6}\n",
		    "/params/capacitance_F", "2.2e-06 F, which is not in the rig's bank");
	lab_refuses(&lab, NODES EXAMPLE "params: {alpha_over_gamma: 2}\n",
		    "/params/alpha_over_gamma", "set capacitance_F first");
}

static void a_cut_that_leaves_a_target_floating_is_refused(void **state)
{
	(void)state;
	lab_refuses(&lab, NODES EXAMPLE "schedule: [{at: 5, cut: 0}, {at: 9, cut: 1}]\n",
		    "/schedule/1/cut", "1");
	lab_refuses(&lab, NODES EXAMPLE "schedule: [{at: 5, cut: 2}]\n", "/schedule/0/cut",
		    "0 to 1");
}

static void a_checkpoint_needs_the_daemon_that_has_it(void **state)
{
	(void)state;
	lab_refuses(&lab, NODES EXAMPLE "initial: {checkpoint: friday}\n", "/initial/checkpoint",
		    "a running daemon");
}

static void classes_need_their_kind(void **state)
{
	(void)state;
	lab_refuses(&lab, NODES EXAMPLE "targets_from: class_means\n", "/targets_from",
		    "classification");
	lab_refuses(&lab, NODES EXAMPLE "update_when: misclassified\n", "/update_when",
		    "classification");
	lab_refuses(&lab, NODES EXAMPLE "stop: {accuracy: 0.9}\n", "/stop/accuracy",
		    "classification");
	lab_refuses(&lab, NODES EXAMPLE "test: {every: 5}\n", "/test/on", "no test set");
}

static void a_table_is_scaled_and_flagged(void **state)
{
	struct task *task = lab_task(&lab, CLASSES);
	struct data data;

	(void)state;
	assert_int_equal(data_new(task, 1, &data), 0);
	assert_int_equal(data.train.n, 4);
	/* 1 .. 5 stays 1 .. 5; node 2 is fixed at 0 V */
	assert_close(data.train.source_V[4], 3, 1e-12);
	assert_close(data.train.source_V[5], 0, 0);
	assert_int_equal(data.train.learn[2], 0);
	assert_int_equal(data.train.learn[3], 1);
	assert_int_equal(data.n_classes, 2);
	/* mean inputs of a and b */
	assert_close(data.class_source_V[0], 1.5, 1e-12);
	assert_close(data.class_source_V[2], 4, 1e-12);
	data_free(&data);
	task_unref(task);
}

static void a_split_takes_so_many_of_each_class_by_seed(void **state)
{
	json_t *json = lab_json(CLASSES);
	struct task *task;
	struct problem p = {0};
	struct data data;
	bool differs = false;
	double first;

	(void)state;
	json_object_set_new(json_object_get(json, "train"), "split",
			    json_pack("{s:i}", "per_class", 1));
	assert_int_equal(task_new(json, rig_thread_info(lab.rig), &task, &p), 0);
	json_decref(json);
	assert_int_equal(data_new(task, 1, &data), 0);
	first = data.train.source_V[0];
	data_free(&data);
	for (uint64_t seed = 1; seed <= 20; seed++) {
		assert_int_equal(data_new(task, seed, &data), 0);
		assert_int_equal(data.train.n, 2);
		assert_int_equal(data.test.n, 2);
		assert_int_not_equal(data.train.class_[0], data.train.class_[1]);
		differs |= data.train.source_V[0] != first;
		data_free(&data);
	}
	assert_true(differs);
	task_unref(task);
}

/* How often each example came in n steps. */
static void show(const struct task *task, struct data *data, size_t n, uint32_t *seen,
		 unsigned *count)
{
	memset(count, 0, data->train.n * sizeof(*count));
	for (size_t k = 0; k < n; k++)
		count[seen[k] = data_next(task, data, k)]++;
}

static void orders_are_what_they_are_called(void **state)
{
	static const char text[] = NODES "train: {examples: [{source_V: [5, 0], target_V: [3]}, "
					 "{source_V: [4, 0], target_V: [3]}, {source_V: [3, 0], "
					 "target_V: [2]}], order: %s}\n";
	static const char *const orders[] = {"cyclic", "{each: 2}", "shuffled"};
	static const uint32_t expected[][6] = {{0, 1, 2, 0, 1, 2}, {0, 0, 1, 1, 2, 2}};
	uint32_t seen[6];
	unsigned count[3];
	char task_text[512];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct task *task;
		struct data data;

		snprintf(task_text, sizeof(task_text), text, orders[i]);
		task = lab_task(&lab, task_text);
		assert_int_equal(data_new(task, 3, &data), 0);
		show(task, &data, 6, seen, count);
		if (i < 2)
			assert_memory_equal(seen, expected[i], sizeof(seen));
		for (size_t k = 0; k < 3; k++)
			assert_int_equal(count[k], 2);
		assert_int_equal(data.epoch, i == 1 ? 1 : 2);
		data_free(&data);
		task_unref(task);
	}
}

#define FIVE                                                                                        \
	NODES "train: {examples: [{source_V: [1, 0], target_V: [1]}, {source_V: [2, 0], target_V: " \
	      "[1]}, {source_V: [3, 0], target_V: [1]}, {source_V: [4, 0], target_V: [1]}, "        \
	      "{source_V: [5, 0], target_V: [1]}], batch: "

static void batches_are_what_they_are_called(void **state)
{
	struct task *task = lab_task(&lab, FIVE "all}\n");
	struct data data;
	uint32_t rows[8];

	(void)state;
	assert_int_equal(data_new(task, 3, &data), 0);
	assert_int_equal(data_batch_most(task, &data), 5);
	assert_int_equal(data_batch(task, &data, 0, rows), 5);
	for (uint32_t i = 0; i < 5; i++)
		assert_int_equal(rows[i], i);
	data_free(&data);
	task_unref(task);

	task = lab_task(&lab, FIVE "2}\n");
	assert_int_equal(data_new(task, 3, &data), 0);
	for (uint32_t step = 0; step < 5; step++) {
		assert_int_equal(data_batch(task, &data, step, rows), 2);
		assert_int_equal(rows[0], 2 * step % 5);
		assert_int_equal(rows[1], (2 * step + 1) % 5);
	}
	data_free(&data);
	task_unref(task);
	lab_refuses(&lab,
		    NODES "train: {examples: [{source_V: [1, 0], target_V: [1], learn: false}], "
			  "batch: all}\n",
		    "/train/batch", "need batch: 1");
	lab_refuses(&lab, FIVE "2}\nticks: 2\n", "/ticks", "one tick a step");
}

/* Over 4,000 draws each of five examples enters in a share of the batches: 0.3 by probability, 2 in 5 by number; the
 * limits are six standard deviations. */
static void drawn_batches_take_each_example_as_often_as_they_say(void **state)
{
	static const char *const drawn[] = {"{probability: 0.3}}\n", "{exactly: 2}}\n"};
	static const double share[] = {0.3, 0.4};
	char text[600];

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct task *task;
		struct data data;
		unsigned count[5] = {0}, empty = 0;
		uint32_t rows[8];

		snprintf(text, sizeof(text), FIVE "%s", drawn[k]);
		task = lab_task(&lab, text);
		assert_int_equal(data_new(task, 7, &data), 0);
		for (uint64_t step = 0; step < 4000; step++) {
			size_t n = data_batch(task, &data, step, rows);

			empty += n == 0;
			if (k == 1)
				assert_int_equal(n, 2);
			for (size_t i = 0; i < n; i++)
				count[rows[i]]++;
		}
		for (size_t i = 0; i < 5; i++)
			assert_close(count[i] / 4000.0, share[k], 0.05);
		/* 0.7^5 of them come out empty, and say so */
		assert_close(empty / 4000.0, k == 0 ? 0.168 : 0, 0.036);
		data_free(&data);
		task_unref(task);
	}
}

static void a_generated_set_is_a_linear_map_of_the_drawn_sources(void **state)
{
	struct task *task = lab_task(&lab, NODES "train: {generate: {n: 50, uniform_V: [1, 4], "
						 "target: [[0.5]]}, fixed_V: {2: 0.25}}\n");
	struct data data;

	(void)state;
	assert_int_equal(data_new(task, 1, &data), 0);
	for (size_t i = 0; i < 50; i++) {
		double drawn = data.train.source_V[2 * i];

		assert_true(drawn >= 1 && drawn < 4);
		assert_close(data.train.source_V[2 * i + 1], 0.25, 0);
		assert_close(data.train.target_V[i], drawn / 2, 1e-15);
	}
	data_free(&data);
	task_unref(task);
}

/* Both edges at 50 kohm between 5 and 0 V: 2.5 V, 125 uW an edge, 50 uA; clamped at 2.75 V: 151.25 uW */
static void predicts_volts_watts_and_amperes(void **state)
{
	struct task *task = lab_task(&lab, NODES EXAMPLE);
	struct problem p = {0};
	const json_t *first;
	json_t *found;

	(void)state;
	assert_int_equal(task_predict(task, rig_thread_info(lab.rig), NULL, 0.5, &found, &p), 0);
	first = json_array_get(json_object_get(found, "predicted"), 0);
	assert_close(json_number_value(json_object_get(json_object_get(first, "free_V"), "1")), 2.5,
		     1e-12);
	assert_close(json_number_value(json_object_get(json_object_get(first, "clamped_V"), "1")),
		     2.75, 1e-12);
	assert_close(json_number_value(json_array_get(json_object_get(found, "edge_power_W"), 1)),
		     2.75 * 2.75 / 50000, 1e-15);
	assert_close(
		json_number_value(json_object_get(json_object_get(found, "source_current_A"), "2")),
		2.75 / 50000, 1e-15);
	assert_int_equal(json_array_size(json_object_get(found, "warnings")), 0);
	json_decref(found);
	task_unref(task);
}

static void defaults_are_filled_in(void **state)
{
	struct task *task = lab_task(&lab, NODES EXAMPLE "seed: 5\nstop: {steps: 7}\n");

	(void)state;
	assert_string_equal(task_name(task), "t");
	assert_string_equal(task_kind(task), "allostery");
	assert_int_equal(task_steps(task), 7);
	assert_int_equal(task_seed(task), 5);
	assert_int_equal(json_integer_value(json_object_get(task_json(task), "ticks")), 1);
	task_unref(task);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nodes_must_be_there_and_have_one_part),
		cmocka_unit_test(volts_must_be_within_the_limits),
		cmocka_unit_test(lists_must_be_as_long_as_the_nodes),
		cmocka_unit_test(columns_must_be_there),
		cmocka_unit_test(parameters_must_fit_the_rig),
		cmocka_unit_test(a_cut_that_leaves_a_target_floating_is_refused),
		cmocka_unit_test(a_checkpoint_needs_the_daemon_that_has_it),
		cmocka_unit_test(classes_need_their_kind),
		cmocka_unit_test(a_table_is_scaled_and_flagged),
		cmocka_unit_test(a_split_takes_so_many_of_each_class_by_seed),
		cmocka_unit_test(orders_are_what_they_are_called),
		cmocka_unit_test(batches_are_what_they_are_called),
		cmocka_unit_test(drawn_batches_take_each_example_as_often_as_they_say),
		cmocka_unit_test(a_generated_set_is_a_linear_map_of_the_drawn_sources),
		cmocka_unit_test(predicts_volts_watts_and_amperes),
		cmocka_unit_test(defaults_are_filled_in),
	};

	return cmocka_run_group_tests_name("task", tests, open_lab, close_lab);
}
