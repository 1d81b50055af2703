/* tests/unit/test_runner.c - whole runs: the rig's thread, a simulated rig and a real store. */
#include "config.h"

#include <string.h>

#include "tests/check.h"
#include "tests/unit/lab.h"

#define DIVIDER                                                                                    \
	"task: divider\n"                                                                          \
	"kind: allostery\n"                                                                        \
	"sources: [0, 2]\n"                                                                        \
	"targets: [1]\n"                                                                           \
	"train: {examples: [{source_V: [5, 0], target_V: [3]}]}\n"

static const char *word(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static double number(const json_t *object, const char *name)
{
	return json_number_value(json_object_get(object, name));
}

static void a_divider_learns_and_every_step_is_kept(void **state)
{
	struct lab lab;
	json_t *end;

	(void)state;
	lab_open(&lab, "sim:divider2");
	end = lab_run(&lab, DIVIDER "stop: {steps: 300}\n", 1);
	assert_string_equal(word(end, "status"), "done");
	assert_int_equal(number(end, "steps"), 300);
	/* both edges at 50 kohm: 2.5 V, 0.5 V off */
	assert_close(number(end, "mse_first_V2"), 0.25, 1e-9);
	assert_true(number(end, "mse_final_V2") < 0.0025);
	json_decref(end);
	lab_quit(&lab);
	assert_close(lab_sql(&lab, "select count(*) from steps where run = 1"), 300, 0);
	assert_close(lab_sql(&lab, "select max(step) from steps where run = 1"), 299, 0);
	assert_close(lab_sql(&lab, "select mse_V2 from steps where run = 1 and step = 0"), 0.25,
		     1e-9);
	assert_close(lab_sql(&lab, "select mse_final_V2 - (select avg(mse_V2) from steps "
				   "where run = 1 and step >= 270) from runs where run = 1"),
		     0, 1e-12);
	assert_close(lab_sql(&lab, "select status = 'done' from runs where run = 1"), 1, 0);
	lab_close(&lab);
}

#define ALLOSTERY                                                                                  \
	"task: allostery\n"                                                                        \
	"kind: allostery\n"                                                                        \
	"sources: [0, 2, 7]\n"                                                                     \
	"targets: [3, 5, 4]\n"                                                                     \
	"train: {examples: [{source_V: [5, 1, 0], target_V: [3, 3, 3]}]}\n"                        \
	"params: {eta: 0.2}\n"

/* PHYSICS.md, row 2: 5.7 orders best in a run, 3.3 at its end */
static void allostery_gains_orders_of_magnitude(void **state)
{
	struct lab lab;
	double best = 0, final = 0;

	(void)state;
	lab_open(&lab, "sim:king9_16");
	for (uint64_t seed = 1; seed <= 10; seed++) {
		json_t *end = lab_run(&lab, ALLOSTERY "stop: {steps: 300}\n", seed);

		best += log10(number(end, "mse_first_V2") / number(end, "mse_min_V2")) / 10;
		final += log10(number(end, "mse_first_V2") / number(end, "mse_final_V2")) / 10;
		json_decref(end);
	}
	print_message("orders: %.2f best, %.2f at the end\n", best, final);
	assert_true(best > 4);
	assert_true(final > 2.5);
	lab_close(&lab);
}

#define REGRESSION                                                                                    \
	"task: regression\n"                                                                       \
	"kind: regression\n"                                                                       \
	"sources: [7, 0, 4]\n"                                                                     \
	"targets: [1, 5]\n"                                                                        \
	"train: {generate: {n: 420, uniform_V: [1, 5], target: [[0.15, 0.20], [0.25, 0.10]]},\n"   \
	"  fixed_V: {4: 0}, split: {n: 400}, order: random}\n"                                     \
	"test: {every: 20}\n"                                                                      \
	"params: {eta: 0.2}\n"

/* PHYSICS.md, row 3: 4.7 orders best, 2.8 at the end */
static void regression_learns_a_linear_map(void **state)
{
	struct lab lab;
	double best = 0, final = 0;

	(void)state;
	lab_open(&lab, "sim:king9_16");
	for (uint64_t seed = 1; seed <= 10; seed++) {
		json_t *end = lab_run(&lab, REGRESSION "stop: {steps: 800}\n", seed);

		best += log10(number(end, "test_first_V2") / number(end, "test_best_V2")) / 10;
		final += log10(number(end, "test_first_V2") / number(end, "test_final_V2")) / 10;
		json_decref(end);
	}
	print_message("orders: %.2f best, %.2f at the end\n", best, final);
	assert_true(best > 2);
	lab_close(&lab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_divider_learns_and_every_step_is_kept),
		cmocka_unit_test(allostery_gains_orders_of_magnitude),
		cmocka_unit_test(regression_learns_a_linear_map),
	};

	return cmocka_run_group_tests_name("runner", tests, NULL, NULL);
}
