/* tests/unit/test_sweep.c - what a sweep is made of: statistics, paths, points, orders, names. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/dotted.h"
#include "clients/nudgectl/stats.h"
#include "clients/nudgectl/sweep.h"
#include "clients/nudgectl/sweep_points.h"
#include "tests/check.h"

/* ---- statistics ---- */

static void students_t_is_that_of_the_printed_table(void **state)
{
	/* two-sided 95 %, from the usual table of the t distribution */
	static const struct {
		size_t degrees;
		double t;
	} table[] = {{1, 12.706}, {2, 4.303},  {3, 3.182},   {4, 2.776},   {5, 2.571},
		     {6, 2.447},  {9, 2.262},  {10, 2.228},  {20, 2.086},  {29, 2.045},
		     {30, 2.042}, {60, 2.000}, {120, 1.980}, {1000, 1.962}};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_close(stats_t975(table[i].degrees), table[i].t, 5e-4);
}

static void mean_and_interval_are_those_worked_by_hand(void **state)
{
	/* mean 3, s = sqrt(2.5), s / sqrt(5) = 0.70711, t(4) = 2.77645: 3 -+ 1.96324 */
	static const double values[] = {5, 1, 4, 2, 3};
	struct stats stats;

	(void)state;
	stats_of(values, 5, &stats);
	assert_int_equal(stats.n, 5);
	assert_close(stats.mean, 3, 1e-12);
	assert_close(stats.low, 3 - 1.96324, 1e-5);
	assert_close(stats.high, 3 + 1.96324, 1e-5);
	assert_close(stats.geometric, 2.605171084697352, 1e-12); /* 120^(1/5) */
}

static void the_geometric_interval_is_that_of_the_logarithms(void **state)
{
	/* logs to base 10: -4, -3, -2; mean -3, s = 1, t(2) / sqrt(3) = 2.48414 */
	static const double values[] = {1e-4, 1e-3, 1e-2};
	struct stats stats;

	(void)state;
	stats_of(values, 3, &stats);
	assert_close(log10(stats.geometric), -3, 1e-12);
	assert_close(log10(stats.geometric_low), -3 - 2.48414, 1e-5);
	assert_close(log10(stats.geometric_high), -3 + 2.48414, 1e-5);
}

static void what_cannot_be_said_is_nan(void **state)
{
	static const double one[] = {2}, zero[] = {0, 1}, negative[] = {-1, 1};
	struct stats stats;

	(void)state;
	stats_of(NULL, 0, &stats);
	assert_true(isnan(stats.mean));
	stats_of(one, 1, &stats);
	assert_close(stats.mean, 2, 0);
	assert_close(stats.geometric, 2, 1e-15);
	assert_true(isnan(stats.low) && isnan(stats.geometric_low));
	stats_of(zero, 2, &stats);
	assert_close(stats.geometric, 0, 0);
	stats_of(negative, 2, &stats);
	assert_true(isnan(stats.geometric));
}

/* ---- paths ---- */

static void sets_values_by_dotted_path(void **state)
{
	json_t *root = json_loads("{\"a\":{\"b\":[1,{\"c\":2}]},\"d\":3}", 0, NULL);
	json_t *want = json_loads("{\"a\":{\"b\":[9,{\"c\":[7]}]},\"d\":3,\"e\":{\"f\":{\"4\":0}}}",
				  0, NULL);
	json_t *nine = json_integer(9), *list = json_pack("[i]", 7), *zero = json_integer(0);
	char why[200], pointer[64];

	(void)state;
	assert_int_equal(dotted_set(root, "a.b[0]", nine, why, sizeof(why)), 0);
	assert_int_equal(dotted_set(root, "a.b.1.c", list, why, sizeof(why)), 0);
	assert_int_equal(dotted_set(root, "e.f.4", zero, why, sizeof(why)), 0);
	assert_true(json_equal(root, want));
	assert_string_equal(dotted_pointer("a.b[0].c", pointer, sizeof(pointer)), "/a/b/0/c");
	json_decref(root);
	json_decref(want);
	json_decref(nine);
	json_decref(list);
	json_decref(zero);
}

static void refuses_names_that_are_not_utf8(void **state)
{
	static const char *const paths[] = {"\xff", "a.\xc3", "\xff.b", "\xff.b[0].c"};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		json_t *root = json_object(), *value = json_integer(1);
		char why[200] = "";

		assert_int_equal(dotted_set(root, paths[i], value, why, sizeof(why)), -1);
		assert_non_null(strstr(why, "not UTF-8"));
		json_decref(value);
		json_decref(root);
	}
}

static void refuses_paths_that_lead_nowhere(void **state)
{
	static const struct {
		const char *path, *why;
	} bad[] = {{"a..b", "between dots"}, {"", "between dots"},     {"a[1", "between dots"},
		   {"d.x", "not an object"}, {"a[2]", "2 entries"},    {"a.x", "2 entries"},
		   {".", "between dots"},    {"a[0]b", "between dots"}};
	json_t *value = json_integer(1);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_t *root = json_loads("{\"a\":[1,2],\"d\":3}", 0, NULL);
		char why[200] = "";

		assert_int_equal(dotted_set(root, bad[i].path, value, why, sizeof(why)), -1);
		if (!strstr(why, bad[i].why))
			fail_msg("%s: \"%s\" does not say %s", bad[i].path, why, bad[i].why);
		json_decref(root);
	}
	json_decref(value);
}

/* ---- points, orders, names ---- */

static void a_grid_is_every_combination_the_first_slowest(void **state)
{
	json_t *sweep = json_loads(
		"{\"grid\":{\"params.p\":[0.5,1],\"rig.sim.rule\":[\"a\",\"b\",\"c\"]}}", 0, NULL);
	json_t *points, *origins, *third;
	struct problem p = {0};

	(void)state;
	assert_int_equal(sweep_points(sweep, &points, &origins, &p), 0);
	assert_int_equal(json_array_size(points), 6);
	third = json_array_get(points, 2);
	assert_close(json_number_value(json_object_get(third, "params.p")), 0.5, 0);
	assert_string_equal(json_string_value(json_object_get(third, "rig.sim.rule")), "c");
	third = json_array_get(origins, 2);
	assert_string_equal(json_string_value(json_object_get(third, "rig.sim.rule")),
			    "/grid/rig.sim.rule/2");
	json_decref(points);
	json_decref(origins);
	json_decref(sweep);
}

static void an_order_is_a_permutation_that_its_seed_repeats(void **state)
{
	size_t *a = sweep_order(200, 7), *b = sweep_order(200, 7), *c = sweep_order(200, 8);
	bool seen[200] = {false};
	size_t still = 0;

	(void)state;
	for (size_t i = 0; i < 200; i++) {
		assert_true(a[i] < 200 && !seen[a[i]]);
		seen[a[i]] = true;
		still += a[i] == i;
	}
	assert_memory_equal(a, b, 200 * sizeof(*a));
	assert_memory_not_equal(a, c, 200 * sizeof(*a));
	assert_true(still < 10); /* one is to be expected */
	free(a);
	free(b);
	free(c);
}

static void tags_say_the_values_and_can_be_read_back(void **state)
{
	json_t *point = json_loads("{\"params.p\":0.1,\"rig.sim.rule\":\"discrete\","
				   "\"rig.sim.comparator.bias_V\":[0,0.005]}",
				   0, NULL);
	json_t *tags = sweep_point_tags("night", point, 0), *back = sweep_tags_point(tags);
	char *name = sweep_cell_name("night", point, 0, 3);

	(void)state;
	assert_string_equal(json_string_value(json_array_get(tags, 0)), "group:night");
	assert_string_equal(json_string_value(json_array_get(tags, 1)), "params.p=0.1");
	assert_true(json_equal(back, point));
	assert_string_equal(name, "night p=0.1 rule=discrete bias_V=[0,0.005] seed=3");
	free(name);
	json_decref(point);
	json_decref(tags);
	json_decref(back);
}

static void a_summary_does_not_depend_on_the_order_of_its_rows(void **state)
{
	json_t *rows = json_loads("[{\"point\":{\"p\":1},\"figures\":{\"mse_final_V2\":0.1}},"
				  "{\"point\":{\"p\":1},\"figures\":{\"mse_final_V2\":0.7}},"
				  "{\"point\":{\"p\":1},\"figures\":{\"mse_final_V2\":0.3}}]",
				  0, NULL);
	json_t *turned = json_array(), *a, *b;

	(void)state;
	for (size_t i = 3; i-- > 0;)
		json_array_append(turned, json_array_get(rows, i));
	a = sweep_summary(rows, NULL);
	b = sweep_summary(turned, NULL);
	assert_true(json_equal(a, b));
	assert_int_equal(json_array_size(a), 1);
	json_decref(rows);
	json_decref(turned);
	json_decref(a);
	json_decref(b);
}

/* A name cut within a character would be no JSON text: no tag, and no run */
static void long_names_are_cut_between_characters(void **state)
{
	json_t *point = json_object(), *tags, *text;
	char path[201] = "", *name;

	(void)state;
	for (int i = 0; i < 198; i += 3)
		strcat(path, "\xe2\x82\xac");
	json_object_set_new(point, path, json_integer(1));
	for (const char *sweep = path; sweep < path + 3; sweep++) {
		char shifted[202] = "aa";

		strcpy(shifted + (sweep - path), path);
		tags = sweep_point_tags(shifted, point, 0);
		name = sweep_cell_name(shifted, point, 0, 1);
		text = json_string(name);
		assert_int_equal(json_array_size(tags), 2);
		assert_non_null(text);
		assert_non_null(strstr(name, "..."));
		json_decref(text);
		json_decref(tags);
		free(name);
	}
	json_decref(point);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(students_t_is_that_of_the_printed_table),
		cmocka_unit_test(mean_and_interval_are_those_worked_by_hand),
		cmocka_unit_test(the_geometric_interval_is_that_of_the_logarithms),
		cmocka_unit_test(what_cannot_be_said_is_nan),
		cmocka_unit_test(sets_values_by_dotted_path),
		cmocka_unit_test(refuses_names_that_are_not_utf8),
		cmocka_unit_test(refuses_paths_that_lead_nowhere),
		cmocka_unit_test(a_grid_is_every_combination_the_first_slowest),
		cmocka_unit_test(an_order_is_a_permutation_that_its_seed_repeats),
		cmocka_unit_test(long_names_are_cut_between_characters),
		cmocka_unit_test(tags_say_the_values_and_can_be_read_back),
		cmocka_unit_test(a_summary_does_not_depend_on_the_order_of_its_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
