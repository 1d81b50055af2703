/* tests/unit/test_draw.c - what experiments draw by the seed: known numbers, distinct nodes, ranges. */
#include "config.h"

#include <math.h>
#include <string.h>

#include "clients/nudgectl/draw.h"
#include "tests/check.h"

/* SplitMix64's own published sequence for seed 1234567 begins so: one finalizer is draw_bits' building block, and three
 * of them, folded, are worked out here anew */
static uint64_t finalize(uint64_t x)
{
	x += 0x9e3779b97f4a7c15u;
	x ^= x >> 30;
	x *= 0xbf58476d1ce4e5b9u;
	x ^= x >> 27;
	x *= 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

static void draws_are_splitmix64_of_seed_stream_and_place(void **state)
{
	(void)state;
	assert_true(finalize(1234567) == 6457827717110365317u);
	for (uint64_t i = 0; i < 5; i++)
		assert_true(draw_bits(7, DRAW_SOURCES, i) ==
			    finalize(finalize(finalize(7) ^ 2) ^ i));
	assert_true(draw_bits(7, DRAW_SOURCES, 1) != draw_bits(7, DRAW_TARGETS, 1));
	assert_true(draw_bits(7, DRAW_SOURCES, 1) != draw_bits(8, DRAW_SOURCES, 1));
}

static void uniform_and_normal_draws_have_their_moments(void **state)
{
	double mean = 0, square = 0, normal = 0, rms = 0;
	const int n = 100000;

	(void)state;
	for (int i = 0; i < n; i++) {
		double u = draw_uniform(1, DRAW_MATRIX, (uint64_t)i),
		       g = draw_normal(1, DRAW_TEACHER, (uint64_t)i);

		assert_true(u >= 0 && u < 1);
		mean += u / n;
		square += u * u / n;
		normal += g / n;
		rms += g * g / n;
	}
	assert_true(fabs(mean - 0.5) < 0.005);       /* 5 standard errors: 0.0046 */
	assert_true(fabs(square - 1.0 / 3) < 0.005); /* 0.0047 */
	assert_true(fabs(normal) < 0.016);           /* 0.0158 */
	assert_true(fabs(rms - 1) < 0.023);          /* 0.0224 */
}

static void a_permutation_has_each_number_once(void **state)
{
	size_t order[64], seen[64] = {0}, moved = 0;

	(void)state;
	draw_permutation(3, DRAW_NODES, 64, order);
	for (size_t i = 0; i < 64; i++) {
		assert_true(order[i] < 64);
		seen[order[i]]++;
		moved += order[i] != i;
	}
	for (size_t i = 0; i < 64; i++)
		assert_int_equal(seen[i], 1);
	assert_true(moved > 32);
}

static json_t *drawn(const char *draw_text, uint64_t seed)
{
	json_t *draw = json_loads(draw_text, 0, NULL), *task = json_object();

	assert_non_null(draw);
	assert_int_equal(draw_task(draw, seed, task), 0);
	json_decref(draw);
	return task;
}

static const char allostery[] =
	"{\"kind\": \"allostery\", \"nodes\": 12, \"sources\": 4, \"grounds\": 2, \"targets\": 5,"
	" \"source_uniform_V\": [1, 5], \"target_span\": [0.2, 0.8], \"fixed_V\": {\"11\": 0.5}}";

static void allostery_has_distinct_nodes_and_targets_inside_the_span(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 50; seed++) {
		json_t *task = drawn(allostery, seed), *node;
		const json_t *sources = json_object_get(task, "sources"),
			     *targets = json_object_get(task, "targets");
		const json_t *example = json_array_get(
			json_object_get(json_object_get(task, "train"), "examples"), 0);
		const json_t *source_V = json_object_get(example, "source_V"),
			     *target_V = json_object_get(example, "target_V");
		double most = 0;
		int seen[12] = {0};
		size_t i;

		assert_int_equal(json_array_size(sources), 7);
		assert_int_equal(json_array_size(targets), 5);
		assert_int_equal(json_integer_value(json_array_get(sources, 6)), 11);
		json_array_foreach((json_t *)sources, i, node) seen[json_integer_value(node)]++;
		json_array_foreach((json_t *)targets, i, node) seen[json_integer_value(node)]++;
		for (i = 0; i < 12; i++)
			assert_int_equal(seen[i], 1);
		for (i = 0; i < 4; i++) {
			double volts = json_number_value(json_array_get(source_V, i));

			assert_true(volts >= 1 && volts < 5);
			most = fmax(most, volts);
		}
		assert_true(json_number_value(json_array_get(source_V, 4)) == 0);
		assert_true(json_number_value(json_array_get(source_V, 6)) == 0.5);
		for (i = 0; i < 5; i++) {
			double volts = json_number_value(json_array_get(target_V, i));

			assert_true(volts >= 0.2 * most && volts <= 0.8 * most);
		}
		json_decref(task);
	}
}

static void the_same_seed_draws_the_same_task(void **state)
{
	json_t *a = drawn(allostery, 9), *b = drawn(allostery, 9), *c = drawn(allostery, 10);

	(void)state;
	assert_true(json_equal(a, b));
	assert_false(json_equal(a, c));
	json_decref(a);
	json_decref(b);
	json_decref(c);
}

static void more_nodes_than_there_are_is_refused(void **state)
{
	json_t *draw =
		json_loads("{\"kind\": \"allostery\", \"nodes\": 4, \"sources\": 3, \"targets\": 2,"
			   " \"source_uniform_V\": [0, 5], \"target_span\": [0.2, 0.8]}",
			   0, NULL);
	json_t *task = json_object();

	(void)state;
	assert_int_equal(draw_task(draw, 1, task), -1);
	json_decref(draw);
	json_decref(task);
}

static void a_regression_maps_inputs_by_elements_in_range(void **state)
{
	json_t *task = drawn(
		"{\"kind\": \"regression\", \"nodes\": 9, \"sources\": 2, \"grounds\": 1, \"targets\": 2,"
		" \"source_uniform_V\": [1, 5], \"matrix\": [0.1, 0.4], \"train\": 100, \"test\": 20}",
		4);
	const json_t *train = json_object_get(task, "train"),
		     *generate = json_object_get(train, "generate");
	const json_t *matrix = json_object_get(generate, "target"),
		     *fixed_V = json_object_get(train, "fixed_V");
	char ground[24];

	(void)state;
	assert_int_equal(json_integer_value(json_object_get(generate, "n")), 120);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(train, "split"), "n")),
			 100);
	for (size_t i = 0; i < 2; i++) {
		for (size_t k = 0; k < 2; k++) {
			double a = json_number_value(json_array_get(json_array_get(matrix, i), k));

			assert_true(a >= 0.1 && a < 0.4);
		}
	}
	snprintf(ground, sizeof(ground), "%d",
		 (int)json_integer_value(json_array_get(json_object_get(task, "sources"), 2)));
	assert_int_equal(json_object_size(fixed_V), 1);
	assert_non_null(json_object_get(fixed_V, ground));
	json_decref(task);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(draws_are_splitmix64_of_seed_stream_and_place),
		cmocka_unit_test(uniform_and_normal_draws_have_their_moments),
		cmocka_unit_test(a_permutation_has_each_number_once),
		cmocka_unit_test(allostery_has_distinct_nodes_and_targets_inside_the_span),
		cmocka_unit_test(the_same_seed_draws_the_same_task),
		cmocka_unit_test(more_nodes_than_there_are_is_refused),
		cmocka_unit_test(a_regression_maps_inputs_by_elements_in_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
