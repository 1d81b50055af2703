/* tests/unit/test_evaluate.c - test errors, classes found, and a run's figures. */
#include "config.h"

#include "daemon/evaluate.h"
#include "daemon/figures.h"
#include "daemon/rig_file.h"
#include "tests/check.h"
#include "tests/unit/lab.h"

static void the_nearest_class_is_found_with_its_margin(void **state)
{
	/* (0, 0), (3, 0), and one without a mean; seen from (1, 0) */
	static const double class_V[] = {0, 0, 3, 0, NAN, NAN};
	static const double output_V[] = {1, 0};
	double margin_V;

	(void)state;
	assert_int_equal(evaluate_nearest(class_V, 3, 2, output_V, 0, &margin_V), 0);
	assert_close(margin_V, 1, 1e-15);
	assert_int_equal(evaluate_nearest(class_V, 3, 2, output_V, 1, &margin_V), 0);
	assert_close(margin_V, -1, 1e-15);
	assert_int_equal(evaluate_nearest(class_V + 4, 1, 2, output_V, 0, &margin_V), -1);
}

static struct rig *open_rig(const char *name, struct rig_config **config)
{
	struct rig_error error;
	struct problem p = {0};
	struct rig *rig;
	json_t *json;

	assert_ok(rig_file_load(name, config, &json, &p));
	json_decref(json);
	if (rig_open(*config, &rig, &error) < 0)
		fail_msg("%s", error.text);
	return rig;
}

static struct task *begin(struct rig *rig, const char *text)
{
	struct problem p = {0};
	struct task *task;
	json_t *json = lab_json(text);

	if (task_new(json, rig_info(rig), &task, &p) < 0)
		fail_msg("%s: %s", p.path, p.message);
	json_decref(json);
	assert_ok(rig_begin(rig, &(struct rig_session){
					 .sources = task->sources,
					 .n_sources = task->n_sources,
					 .targets = task->targets,
					 .n_targets = task->n_targets,
					 .measured = task->measured,
					 .n_measured = task->n_measured,
				 }));
	return task;
}

/* Halves of 5, 4 and 1 V against 2.5, 2.5 and 1 V: errors 0, 0.5 and 0.5 V */
static void the_error_is_the_mean_square_over_the_set(void **state)
{
	struct rig_config *config;
	struct rig *rig = open_rig("sim:divider2", &config);
	struct task *task = begin(rig, "task: t\nkind: allostery\nsources: [0, 2]\ntargets: [1]\n"
				       "train: {examples: [{source_V: [5, 0], target_V: [2.5]}, "
				       "{source_V: [4, 0], target_V: [2.5]}, {source_V: [1, 0], "
				       "target_V: [1]}]}\ntest: {on: [train], repeat: 3}\n");
	struct evaluation e;
	struct data data;

	(void)state;
	assert_int_equal(data_new(task, 1, &data), 0);
	assert_int_equal(evaluation_new(task, &data, &e), 0);
	assert_ok(evaluate(rig, task, &data, &data.train, &e));
	assert_close(e.error_V2, 0.5 / 3, 1e-12);
	assert_close(e.outputs_V[1], 2, 1e-12);
	assert_true(isnan(e.accuracy));
	evaluation_free(&e);
	data_free(&data);
	task_unref(task);
	rig_close(rig);
	rig_config_free(config);
}

/* Means 4.5 and 0.5 V become 2.25 and 0.25 V; 2.6 V of class b lies nearer to a (1.3 V: 0.95 against 1.05) */
static void class_means_become_the_targets_and_judge_the_classes(void **state)
{
	struct rig_config *config;
	struct rig *rig = open_rig("sim:divider2", &config);
	struct task *task = begin(
		rig, "task: t\nkind: classification\nsources: [0, 2]\ntargets: [1]\n"
		     "targets_from: class_means\n"
		     "train: {examples: [{source_V: [5, 0], class: a}, {source_V: [4, 0], class: "
		     "a}, {source_V: [0.5, 0], class: b}]}\n"
		     "test: {examples: [{source_V: [4, 0], class: a}, {source_V: [2.6, 0], class: "
		     "b}, {source_V: [1, 0], class: b}, {source_V: [0, 0], class: b}]}\n");
	struct evaluation e;
	struct data data;

	(void)state;
	assert_int_equal(data_new(task, 1, &data), 0);
	assert_int_equal(evaluation_new(task, &data, &e), 0);
	assert_ok(evaluate_class_means(rig, task, &data, &e));
	assert_close(data.class_V[0], 2.25, 1e-12);
	assert_close(data.class_V[1], 0.25, 1e-12);
	assert_close(data.train.target_V[1], 2.25, 1e-12);
	assert_close(data.test.target_V[3], 0.25, 1e-12);
	assert_ok(evaluate(rig, task, &data, &data.test, &e));
	assert_close(e.accuracy, 0.75, 0);
	assert_int_equal(e.class_found[1], 0);
	evaluation_free(&e);
	data_free(&data);
	task_unref(task);
	rig_close(rig);
	rig_config_free(config);
}

static void the_final_error_is_the_mean_of_the_last_tenth(void **state)
{
	struct figures *f = figures_new();
	struct run_figures figures;

	(void)state;
	assert_non_null(f);
	figures_get(f, &figures);
	assert_true(isnan(figures.mse_final_V2));
	for (int k = 0; k < 95; k++)
		figures_step(f, k);
	figures_get(f, &figures);
	/* the last 10 of 95: 85 .. 94 */
	assert_close(figures.mse_final_V2, 89.5, 1e-12);
	assert_close(figures.mse_first_V2, 0, 0);
	assert_close(figures.mse_last_V2, 94, 0);
	figures_free(f);
}

static void long_runs_lose_no_more_than_a_sum_of_precision(void **state)
{
	const int steps = 1000000;
	struct figures *f = figures_new();
	struct run_figures figures;

	(void)state;
	assert_non_null(f);
	for (int k = 0; k < steps; k++)
		figures_step(f, k);
	figures_get(f, &figures);
	assert_int_equal(figures.steps, steps);
	/* mean of 900000 .. 999999, to half of a 32768th of the run */
	assert_close(figures.mse_final_V2, 949999.5, steps / 32768.0);
	figures_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_nearest_class_is_found_with_its_margin),
		cmocka_unit_test(the_error_is_the_mean_square_over_the_set),
		cmocka_unit_test(class_means_become_the_targets_and_judge_the_classes),
		cmocka_unit_test(the_final_error_is_the_mean_of_the_last_tenth),
		cmocka_unit_test(long_runs_lose_no_more_than_a_sum_of_precision),
	};

	return cmocka_run_group_tests_name("evaluate", tests, NULL, NULL);
}
