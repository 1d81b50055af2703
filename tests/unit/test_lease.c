/* tests/unit/test_lease.c - one holder at a time, until it lets go or its time runs out. */
#include "config.h"

#include <string.h>

#include "daemon/lease.h"
#include "tests/check.h"

#define S 1000000000ll

static struct lease_time at(int64_t seconds)
{
	return (struct lease_time){.mono_ns = seconds * S, .utc_ns = (1000 + seconds) * S};
}

/* The holder's copy of its token. */
static void token_of(const struct lease *lease, char token[64])
{
	json_t *secret = lease_secret(lease);

	strncpy(token, json_string_value(json_object_get(secret, "lease")), 63);
	token[63] = '\0';
	json_decref(secret);
}

static void anybody_steers_while_nobody_holds_it(void **state)
{
	struct lease *lease = lease_new();
	struct problem p = {0};

	(void)state;
	assert_int_equal(lease_check(lease, NULL, false, at(1), &p), 0);
	assert_int_equal(lease_check(lease, "stale", false, at(1), &p), 0);
	assert_int_equal(lease_check(lease, NULL, true, at(1), &p), -1);
	assert_int_equal(p.code, PROBLEM_LOCKED);
	problem_clear(&p);
	lease_free(lease);
}

static void only_the_holder_steers(void **state)
{
	struct lease *lease = lease_new();
	struct problem p = {0};
	char token[64] = "";

	(void)state;
	assert_int_equal(lease_acquire(lease, "ann", "tuning", 30, false, at(1), &p), 0);
	token_of(lease, token);
	assert_int_equal(strlen(token), 32);
	assert_int_equal(lease_check(lease, token, true, at(2), &p), 0);
	assert_int_equal(lease_check(lease, NULL, false, at(2), &p), -1);
	assert_int_equal(p.code, PROBLEM_LOCKED);
	assert_string_equal(json_string_value(json_object_get(p.data, "holder")), "ann");
	assert_string_equal(json_string_value(json_object_get(p.data, "since_utc")),
			    "1970-01-01T00:16:41.000000Z");
	problem_clear(&p);
	token[0] = token[0] == '0' ? '1' : '0';
	assert_int_equal(lease_check(lease, token, false, at(2), &p), -1);
	problem_clear(&p);
	lease_free(lease);
}

static void a_second_one_waits_or_takes_over(void **state)
{
	struct lease *lease = lease_new();
	struct problem p = {0};
	char first[64], second[64];

	(void)state;
	assert_int_equal(lease_acquire(lease, "ann", NULL, 30, false, at(1), &p), 0);
	token_of(lease, first);
	assert_int_equal(lease_acquire(lease, "bob", NULL, 30, false, at(2), &p), -1);
	assert_int_equal(p.code, PROBLEM_LOCKED);
	problem_clear(&p);
	assert_int_equal(lease_acquire(lease, "bob", NULL, 30, true, at(2), &p), 0);
	token_of(lease, second);
	assert_string_not_equal(first, second);
	assert_int_equal(lease_check(lease, first, false, at(3), &p), -1);
	problem_clear(&p);
	assert_int_equal(lease_renew(lease, first, false, at(3), &p), -1);
	problem_clear(&p);
	lease_free(lease);
}

static void ends_unless_it_is_renewed(void **state)
{
	struct lease *lease = lease_new();
	struct problem p = {0};
	char token[64];

	(void)state;
	assert_int_equal(lease_acquire(lease, "ann", NULL, 10, false, at(0), &p), 0);
	token_of(lease, token);
	assert_int_equal(lease_renew(lease, token, false, at(9), &p), 0);
	assert_int_equal(lease_end_ns(lease), 19 * S);
	assert_false(lease_expire(lease, at(18)));
	assert_true(lease_expire(lease, at(19)));
	assert_false(lease_expire(lease, at(20)));
	assert_int_equal(lease_renew(lease, token, false, at(20), &p), -1);
	assert_int_equal(p.code, PROBLEM_NOT_FOUND);
	problem_clear(&p);
	assert_true(json_is_null(lease_public(lease)));
	lease_free(lease);
}

static void its_holder_gives_it_back(void **state)
{
	struct lease *lease = lease_new();
	struct problem p = {0};
	char token[64];

	(void)state;
	assert_int_equal(lease_acquire(lease, "ann", NULL, 10, false, at(0), &p), 0);
	token_of(lease, token);
	assert_int_equal(lease_release(lease, "another", false, at(1), &p), -1);
	problem_clear(&p);
	assert_int_equal(lease_release(lease, token, true, at(1), &p), 0);
	assert_int_equal(lease_check(lease, NULL, false, at(1), &p), -1); /* it was only tried */
	problem_clear(&p);
	assert_int_equal(lease_release(lease, token, false, at(1), &p), 0);
	assert_int_equal(lease_check(lease, NULL, false, at(1), &p), 0);
	lease_free(lease);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(anybody_steers_while_nobody_holds_it),
		cmocka_unit_test(only_the_holder_steers),
		cmocka_unit_test(a_second_one_waits_or_takes_over),
		cmocka_unit_test(ends_unless_it_is_renewed),
		cmocka_unit_test(its_holder_gives_it_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
