/* tests/unit/test_keys.c - a request sent twice with one key acts once. */
#include "config.h"

#include "daemon/keys.h"
#include "tests/check.h"

static void the_first_acts_and_the_second_waits_for_it(void **state)
{
	struct keys *keys = keys_new();
	struct problem p = {0};
	uint64_t first = 0;

	(void)state;
	assert_int_equal(keys_begin(keys, "k", "param.set", 5, 11, &first, &p), 1);
	assert_int_equal(keys_begin(keys, "other", "param.set", 5, 12, &first, &p), 1);
	assert_int_equal(keys_begin(keys, "k", "param.set", 5, 13, &first, &p), 0);
	assert_int_equal(first, 11);
	keys_free(keys);
}

static void another_use_of_a_key_is_refused(void **state)
{
	struct keys *keys = keys_new();
	struct problem p = {0};
	uint64_t first = 0;

	(void)state;
	assert_int_equal(keys_begin(keys, "k", "param.set", 5, 11, &first, &p), 1);
	assert_int_equal(keys_begin(keys, "k", "param.set", 6, 12, &first, &p), -1);
	assert_int_equal(p.code, PROBLEM_PARAMS);
	assert_string_equal(p.path, "/meta/key");
	problem_clear(&p);
	assert_int_equal(keys_begin(keys, "k", "run.stop", 5, 12, &first, &p), -1);
	problem_clear(&p);
	keys_free(keys);
}

static void a_key_is_free_again_once_its_reply_is_given(void **state)
{
	struct keys *keys = keys_new();
	struct problem p = {0};
	uint64_t first = 0;

	(void)state;
	assert_int_equal(keys_begin(keys, "a", "param.set", 1, 11, &first, &p), 1);
	assert_int_equal(keys_begin(keys, "b", "param.set", 1, 12, &first, &p), 1);
	keys_end(keys, 11);
	keys_end(keys, 99); /* of no key */
	assert_int_equal(keys_begin(keys, "a", "param.set", 2, 13, &first, &p), 1);
	assert_int_equal(keys_begin(keys, "b", "param.set", 1, 14, &first, &p), 0);
	assert_int_equal(first, 12);
	keys_free(keys);
}

static void a_kept_reply_belongs_to_its_method_and_params(void **state)
{
	/* the form in which the store writes the hash */
	json_t *kept = json_pack("{s:s, s:s, s:{}}", "method", "param.set", "hash",
				 "00000000000000ab", "result");
	struct problem p = {0};

	(void)state;
	assert_int_equal(keys_compare(kept, "k", "param.set", 0xab, &p), 0);
	assert_int_equal(keys_compare(kept, "k", "param.set", 0xac, &p), -1);
	assert_int_equal(p.code, PROBLEM_PARAMS);
	problem_clear(&p);
	assert_int_equal(keys_compare(kept, "k", "run.stop", 0xab, &p), -1);
	problem_clear(&p);
	json_decref(kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_acts_and_the_second_waits_for_it),
		cmocka_unit_test(another_use_of_a_key_is_refused),
		cmocka_unit_test(a_key_is_free_again_once_its_reply_is_given),
		cmocka_unit_test(a_kept_reply_belongs_to_its_method_and_params),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
