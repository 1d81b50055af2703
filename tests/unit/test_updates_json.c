/* tests/unit/test_updates_json.c - what a run's summary says of its update masks, worked by hand. */
#include "config.h"

#include "daemon/updates.h"
#include "tests/check.h"

#define N 4

static double number(const json_t *json, const char *name)
{
	const json_t *value = json_object_get(json, name);

	assert_true(json_is_number(value));
	return json_number_value(value);
}

/* 8 ticks.  Edge 0 on 4 of them, edge 1 on the same 4 (r = 1), edge 2 on 2, of which 0 are edge 0's:
 * r = (8 * 0 - 4 * 2) / sqrt(4 * 4 * 2 * 6) = -1 / sqrt(3).  Edge 3 is on hold. */
static void shares_and_correlations_are_those_worked_by_hand(void **state)
{
	static const uint64_t updated[N] = {4, 4, 2, 0};
	static const uint64_t together[N * N] = {4, 4, 0, 0, 4, 4, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0};
	static const uint8_t mode[N] = {RIG_LEARN, RIG_LEARN, RIG_LEARN, RIG_HOLD};
	json_t *json = updates_json(&(struct rig_updates){8, updated, together}, mode, N);
	double r = 1 / sqrt(3);

	(void)state;
	assert_close(number(json, "ticks"), 8, 0);
	assert_close(number(json, "p_mean"), 10.0 / 24, 1e-15);
	assert_close(number(json, "p_min"), 0.25, 0);
	assert_close(number(json, "p_max"), 0.5, 0);
	assert_close(number(json, "pairs"), 3, 0);
	assert_close(number(json, "pearson_mean_abs"), (1 + 2 * r) / 3, 1e-15);
	assert_close(number(json, "pearson_rms"), sqrt((1 + 2 * r * r) / 3), 1e-15);
	assert_close(number(json, "pearson_max"), 1, 1e-15);
	json_decref(json);
}

static void edges_that_never_vary_are_in_no_pair(void **state)
{
	static const uint64_t updated[N] = {8, 0, 3, 5};
	static const uint64_t together[N * N] = {8, 0, 3, 5, 0, 0, 0, 0, 3, 0, 3, 2, 5, 0, 2, 5};
	static const uint8_t mode[N] = {RIG_LEARN, RIG_LEARN, RIG_LEARN, RIG_LEARN};
	json_t *json = updates_json(&(struct rig_updates){8, updated, together}, mode, N);

	(void)state;
	assert_close(number(json, "pairs"), 1, 0);
	/* (8 * 2 - 3 * 5) / (3 * 5) */
	assert_close(number(json, "pearson_max"), 1.0 / 15, 1e-15);
	assert_close(number(json, "p_min"), 0, 0);
	json_decref(json);
}

static void what_is_not_known_is_null(void **state)
{
	static const uint64_t updated[N] = {4, 4, 2, 0};
	static const uint8_t mode[N] = {0};
	json_t *json = updates_json(&(struct rig_updates){8, updated, NULL}, mode, N);

	(void)state;
	assert_close(number(json, "pairs"), 0, 0);
	assert_true(json_is_null(json_object_get(json, "pearson_max")));
	assert_close(number(json, "p_mean"), 10.0 / 32, 1e-15);
	json_decref(json);
	json = updates_json(&(struct rig_updates){0, updated, NULL}, mode, N);
	assert_true(json_is_null(json_object_get(json, "p_mean")));
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_and_correlations_are_those_worked_by_hand),
		cmocka_unit_test(edges_that_never_vary_are_in_no_pair),
		cmocka_unit_test(what_is_not_known_is_null),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
