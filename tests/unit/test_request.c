/* tests/unit/test_request.c - good and hostile requests, and the replies. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/reply.h"
#include "protocol/request.h"
#include "tests/check.h"

#define HEAD "{\"jsonrpc\":\"2.0\",\"id\":1,"

static const struct reply_meta meta = {.boot = "b1", .seq = 48211, .state = "running"};

static const struct {
	const char *text;
	int code;
	const char *path;
	const char *says; /* part of the message */
} refused[] = {
	/* no JSON */
	{"", PROBLEM_PARSE, "", "no JSON"},
	{"{", PROBLEM_PARSE, "", "no JSON"},
	{HEAD "\"method\":\"server.ping\"} x", PROBLEM_PARSE, "", "no JSON"},
	{HEAD "\"method\":\"param.set\",\"params\":{\"eta\":NaN}}", PROBLEM_PARSE, "", "NaN"},
	{HEAD "\"method\":\"param.set\",\"params\":{\"eta\":Infinity}}", PROBLEM_PARSE, "", "Inf"},
	{HEAD "\"method\":\"param.set\",\"params\":{\"eta\":1e999}}", PROBLEM_PARSE, "",
	 "overflow"},
	{HEAD "\"method\":\"run.get\",\"params\":{\"run\":99999999999999999999}}", PROBLEM_PARSE,
	 "", "too big integer"},
	{HEAD "\"method\":\"server.ping\x01\"}", PROBLEM_PARSE, "", "control character"},
	{HEAD "\"method\":\"\\u0000\"}", PROBLEM_PARSE, "", "NUL"},
	{HEAD "\"method\":\"\xC3\"}", PROBLEM_PARSE, "", "decode"},
	{HEAD "\"method\":\"\xC0\xAF\"}", PROBLEM_PARSE, "", "decode"},
	{HEAD "\"method\":\"\\ud800\"}", PROBLEM_PARSE, "", "invalid Unicode"},
	{HEAD "'method':'server.ping'}", PROBLEM_PARSE, "", "no JSON"},
	/* no request */
	{"[]", PROBLEM_REQUEST, "", "batches"},
	{"[" HEAD "\"method\":\"server.ping\"}]", PROBLEM_REQUEST, "", "batches"},
	{"7", PROBLEM_REQUEST, "", "a request is"},
	{"null", PROBLEM_REQUEST, "", "a request is"},
	{"{}", PROBLEM_REQUEST, "", "\"id\" is missing"},
	{"{\"jsonrpc\":\"2.0\",\"method\":\"server.ping\"}", PROBLEM_REQUEST, "", "\"id\""},
	{"{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"server.ping\"}", PROBLEM_REQUEST, "/id",
	 "string or an integer"},
	{"{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"server.ping\"}", PROBLEM_REQUEST, "/id",
	 "string or an integer"},
	{"{\"jsonrpc\":\"2.0\",\"id\":[1],\"method\":\"server.ping\"}", PROBLEM_REQUEST, "/id",
	 "string or an integer"},
	{"{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"server.ping\"}", PROBLEM_REQUEST, "/jsonrpc",
	 "2.0"},
	{"{\"id\":1,\"method\":\"server.ping\"}", PROBLEM_REQUEST, "", "\"jsonrpc\" is missing"},
	{HEAD "\"params\":{}}", PROBLEM_REQUEST, "", "\"method\" is missing"},
	{HEAD "\"method\":7}", PROBLEM_REQUEST, "/method", "it must be a string"},
	{HEAD "\"method\":\"server.ping\",\"parms\":{}}", PROBLEM_REQUEST, "/parms",
	 "did you mean \"params\"?"},
	{HEAD "\"method\":\"server.ping\",\"method\":\"rig.safe\"}", PROBLEM_REQUEST, "",
	 "duplicate"},
	{HEAD "\"method\":\"param.set\",\"params\":{\"eta\":0.1,\"eta\":0.2}}", PROBLEM_REQUEST, "",
	 "duplicate"},
	{HEAD "\"method\":\"server.ping\",\"meta\":[]}", PROBLEM_REQUEST, "/meta", "a list"},
	{HEAD "\"method\":\"server.ping\",\"meta\":{\"leese\":\"a\"}}", PROBLEM_REQUEST,
	 "/meta/leese", "did you mean \"lease\"?"},
	{HEAD "\"method\":\"server.ping\",\"meta\":{\"lease\":7}}", PROBLEM_REQUEST, "/meta/lease",
	 "meta.lease is the number 7"},
	{HEAD "\"method\":\"server.ping\",\"meta\":{\"key\":\"\"}}", PROBLEM_REQUEST, "/meta/key",
	 "0 bytes"},
	{HEAD "\"method\":\"server.ping\",\"meta\":{\"if_rev\":-1}}", PROBLEM_REQUEST,
	 "/meta/if_rev", "it must be from 0"},
	{HEAD "\"method\":\"server.ping\",\"meta\":{\"dry_run\":1}}", PROBLEM_REQUEST,
	 "/meta/dry_run", "true or false"},
	/* no method */
	{HEAD "\"method\":\"param.st\"}", PROBLEM_METHOD, "/method", "did you mean \"param.set\"?"},
	{HEAD "\"method\":\"banana\"}", PROBLEM_METHOD, "/method", "rpc.discover"},
	/* no params */
	{HEAD "\"method\":\"server.ping\",\"params\":[]}", PROBLEM_PARAMS, "", "an object"},
	{HEAD "\"method\":\"server.ping\",\"params\":{\"x\":1}}", PROBLEM_PARAMS, "/x", "unknown"},
	{HEAD "\"method\":\"run.get\"}", PROBLEM_PARAMS, "", "\"run\" is missing"},
	{HEAD "\"method\":\"run.get\",\"params\":{\"run\":0}}", PROBLEM_PARAMS, "/run", "from 1"},
	{HEAD "\"method\":\"rig.edge\",\"params\":{\"edge\":1,\"mode\":\"cutt\"}}", PROBLEM_PARAMS,
	 "/mode", "did you mean \"cut\"?"},
	{HEAD "\"method\":\"run.submit\",\"params\":{\"task\":{\"task\":\"t\"}}}", PROBLEM_PARAMS,
	 "/task", "task: \"kind\" is missing"},
	{HEAD
	 "\"method\":\"run.submit\",\"params\":{\"task\":{\"task\":\"t\",\"kind\":\"allostery\","
	 "\"sources\":[0],\"targets\":[1],\"train\":{\"csv\":\"/etc/passwd\"}}}}",
	 PROBLEM_PARAMS, "/task/train/csv", "send `table: {columns, rows}`"},
	{HEAD
	 "\"method\":\"task.check\",\"params\":{\"task\":{\"task\":\"t\",\"kind\":\"allostery\","
	 "\"sources\":[0],\"targets\":[1],\"train\":{\"examples\":[{\"source_V\":[1]}]},"
	 "\"test\":{\"csv\":\"a.csv\"}}}}",
	 PROBLEM_PARAMS, "/task/test/csv", "send `table: {columns, rows}`"},
};

static void refuses_each_with_its_code_and_culprit(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct problem p = {0};
		struct request r;

		if (request_parse(refused[i].text, strlen(refused[i].text), &r, &p) == 0)
			fail_msg("%s was taken", refused[i].text);
		if (p.code != refused[i].code || strcmp(p.path, refused[i].path) != 0 ||
		    !strstr(p.message, refused[i].says))
			fail_msg("%s: %d at \"%s\": %s", refused[i].text, p.code, p.path,
				 p.message);
		assert_non_null(r.id);
		problem_clear(&p);
		request_clear(&r);
	}
}

/* Wraps n copies of open and close around a middle. */
static char *nested(size_t n, const char *open, const char *close)
{
	char *text = malloc(n * (strlen(open) + strlen(close)) + 1), *at = text;

	assert_non_null(text);
	for (size_t i = 0; i < n; i++)
		at = stpcpy(at, open);
	for (size_t i = 0; i < n; i++)
		at = stpcpy(at, close);
	return text;
}

static void refuses_deep_nesting_before_it_parses(void **state)
{
	char *text = nested(200000, "[", "]");
	struct problem p = {0};
	struct request r;

	(void)state;
	assert_int_equal(request_parse(text, strlen(text), &r, &p), -1);
	assert_int_equal(p.code, PROBLEM_REQUEST);
	assert_non_null(strstr(p.message, "nests more than 32 deep"));
	request_clear(&r);
	free(text);
	text = nested(33, "[", "]");
	assert_int_equal(request_parse(text, strlen(text), &r, &p), -1);
	assert_non_null(strstr(p.message, "nests more than 32 deep"));
	request_clear(&r);
	free(text);
	text = nested(32, "[", "]");
	assert_int_equal(request_parse(text, strlen(text), &r, &p), -1);
	assert_non_null(strstr(p.message, "batches"));
	request_clear(&r);
	free(text);
}

static void counts_no_brackets_inside_strings(void **state)
{
	char *brackets = nested(40, "[", ""), text[256];
	struct problem p = {0};
	struct request r;

	(void)state;
	snprintf(text, sizeof(text),
		 HEAD "\"method\":\"lease.acquire\",\"params\":{\"note\":\"\\\"%s\"}}", brackets);
	assert_int_equal(request_parse(text, strlen(text), &r, &p), 0);
	request_clear(&r);
	free(brackets);
}

static void refuses_more_than_1_MiB_and_takes_1_MiB(void **state)
{
	static const char head[] = HEAD "\"method\":\"server.ping\"}";
	size_t n = REQUEST_MAX_BYTES;
	char *text = malloc(n + 1);
	struct problem p = {0};
	struct request r;

	(void)state;
	assert_non_null(text);
	memset(text, ' ', n + 1);
	memcpy(text, head, sizeof(head) - 1);
	assert_int_equal(request_parse(text, n, &r, &p), 0);
	request_clear(&r);
	assert_int_equal(request_parse(text, n + 1, &r, &p), -1);
	assert_int_equal(p.code, PROBLEM_REQUEST);
	assert_string_equal(p.message, "the request has 1048577 bytes; at most 1048576 are taken");
	request_clear(&r);
	free(text);
}

static void refuses_every_truncation_of_a_good_request(void **state)
{
	static const char text[] = HEAD
		"\"method\":\"param.set\",\"params\":{\"eta\":0.5},\"meta\":{\"key\":\"\xC3\xA9\"}}";
	struct problem p = {0};
	struct request r;

	(void)state;
	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		assert_int_equal(request_parse(text, n, &r, &p), -1);
		assert_int_equal(p.code, PROBLEM_PARSE);
		request_clear(&r);
	}
	assert_int_equal(request_parse(text, sizeof(text) - 1, &r, &p), 0);
	assert_string_equal(r.key, "\xC3\xA9");
	request_clear(&r);
}

static void answers_whatever_byte_is_changed(void **state)
{
	static const char good[] = HEAD
		"\"method\":\"rig.apply\",\"params\":{\"source_V\":{\"0\":5}},\"meta\":{\"key\":\"a\"}}";
	char text[sizeof(good)];
	size_t n_taken = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(good) - 1; i++) {
		for (int byte = 0; byte < 256; byte++) {
			struct problem p = {0};
			struct request r;
			char *reply;

			memcpy(text, good, sizeof(good));
			text[i] = (char)byte;
			if (request_parse(text, sizeof(good) - 1, &r, &p) == 0) {
				n_taken++;
			} else {
				assert_true(p.code == PROBLEM_PARSE || (p.code <= PROBLEM_REQUEST &&
									p.code >= PROBLEM_PARAMS));
				assert_true(strlen(p.message) > 0);
				reply = reply_problem(r.id, &p, &meta);
				assert_non_null(reply);
				free(reply);
			}
			problem_clear(&p);
			request_clear(&r);
		}
	}
	assert_true(n_taken > sizeof(good)); /* the byte as it was, other digits, other keys */
}

static void reads_envelope_and_meta(void **state)
{
	static const char text[] =
		"{\"jsonrpc\":\"2.0\",\"id\":\"9f\",\"method\":\"rig.apply\",\"params\":{\"source_V\":"
		"{\"0\":5}},\"meta\":{\"lease\":\"7f\",\"key\":\"0b\",\"if_rev\":17.0,"
		"\"dry_run\":true}}";
	struct problem p = {0};
	struct request r;

	(void)state;
	assert_int_equal(request_parse(text, strlen(text), &r, &p), 0);
	assert_string_equal(json_string_value(r.id), "9f");
	assert_int_equal(r.method->id, METHOD_RIG_APPLY);
	assert_string_equal(r.lease, "7f");
	assert_string_equal(r.key, "0b");
	assert_int_equal(r.if_rev, 17);
	assert_true(r.dry_run);
	assert_int_equal(json_integer_value(json_object_get(r.params, "settle_s")), 0);
	assert_non_null(json_object_get(r.params, "settle_s"));
	request_clear(&r);
}

static void keeps_the_id_of_a_refused_request(void **state)
{
	static const char text[] = "{\"jsonrpc\":\"2.0\",\"id\":\"me\",\"method\":\"nope\"}";
	struct problem p = {0};
	struct request r;

	(void)state;
	assert_int_equal(request_parse(text, strlen(text), &r, &p), -1);
	assert_string_equal(json_string_value(r.id), "me");
	request_clear(&r);
}

static unsigned long long hash_of(const char *text)
{
	struct problem p = {0};
	unsigned long long hash;
	struct request r;

	if (request_parse(text, strlen(text), &r, &p) < 0)
		fail_msg("%s", p.message);
	hash = request_hash(&r);
	request_clear(&r);
	return hash;
}

static void hashes_what_is_asked_for_not_how_it_is_written(void **state)
{
	unsigned long long hash =
		hash_of(HEAD "\"method\":\"param.set\",\"params\":{\"eta\":0.5,\"p\":1}}");

	(void)state;
	assert_true(hash == hash_of("{\"id\":2,\"params\":{\"p\":1, \"eta\":5e-1},\"jsonrpc\":"
				    "\"2.0\",\"method\":\"param.set\"}"));
	assert_true(hash !=
		    hash_of(HEAD "\"method\":\"param.set\",\"params\":{\"eta\":0.25,\"p\":1}}"));
	assert_true(hash_of(HEAD "\"method\":\"queue.hold\"}") !=
		    hash_of(HEAD "\"method\":\"queue.release\"}"));
	assert_true(hash_of(HEAD "\"method\":\"run.get\",\"params\":{\"run\":5}}") ==
		    hash_of(HEAD "\"method\":\"run.get\",\"params\":{\"run\":5.0}}"));
}

static void writes_a_result(void **state)
{
	json_t *id = json_integer(7), *result = json_pack("{s:i}", "run", 42);
	char *text = reply_result(id, result, &meta);

	(void)state;
	assert_string_equal(text, "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{\"run\":42},\"meta\":"
				  "{\"boot\":\"b1\",\"seq\":48211,\"state\":\"running\","
				  "\"replayed\":false}}");
	free(text);
	json_decref(result);
	json_decref(id);
}

static void writes_a_problem_with_its_data(void **state)
{
	struct problem p = {0};
	char *text;

	(void)state;
	problem_set(&p, PROBLEM_LOCKED, "", "%s holds the lease", "ada");
	problem_add(&p, "holder", json_string("ada"));
	text = reply_problem(NULL, &p, &meta);
	assert_string_equal(text, "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32011,"
				  "\"message\":\"ada holds the lease\",\"data\":{\"kind\":"
				  "\"locked\",\"path\":\"\",\"holder\":\"ada\"}},\"meta\":"
				  "{\"boot\":\"b1\",\"seq\":48211,\"state\":\"running\","
				  "\"replayed\":false}}");
	free(text);
	problem_clear(&p);
}

static void answers_even_when_a_message_is_no_utf8(void **state)
{
	struct problem p = {0};
	char *text;

	(void)state;
	problem_set(&p, PROBLEM_STORAGE, "/\xFF", "caf\xE9.db: disk full");
	text = reply_problem(NULL, &p, &meta);
	assert_non_null(strstr(text, "\"caf?.db: disk full\""));
	assert_non_null(strstr(text, "\"path\":\"/?\""));
	free(text);
	problem_clear(&p);
}

static void writes_null_and_names_what_is_not_finite(void **state)
{
	const double volts[] = {1.5, NAN, -INFINITY};
	json_t *object = json_object(), *list = reply_reals(volts, 3);
	char *text;

	(void)state;
	reply_set_real(object, "eta", 0.5);
	reply_set_real(object, "a_V", NAN);
	reply_set_real(object, "b_V", INFINITY);
	text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(text, "{\"a_V\":null,\"b_V\":null,\"eta\":0.5,\"invalid\":[\"a_V\","
				  "\"b_V\"]}");
	free(text);
	text = json_dumps(list, JSON_COMPACT);
	assert_string_equal(text, "[1.5,null,null]");
	free(text);
	json_decref(object);
	json_decref(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_each_with_its_code_and_culprit),
		cmocka_unit_test(refuses_deep_nesting_before_it_parses),
		cmocka_unit_test(counts_no_brackets_inside_strings),
		cmocka_unit_test(refuses_more_than_1_MiB_and_takes_1_MiB),
		cmocka_unit_test(refuses_every_truncation_of_a_good_request),
		cmocka_unit_test(answers_whatever_byte_is_changed),
		cmocka_unit_test(reads_envelope_and_meta),
		cmocka_unit_test(keeps_the_id_of_a_refused_request),
		cmocka_unit_test(hashes_what_is_asked_for_not_how_it_is_written),
		cmocka_unit_test(writes_a_result),
		cmocka_unit_test(writes_a_problem_with_its_data),
		cmocka_unit_test(answers_even_when_a_message_is_no_utf8),
		cmocka_unit_test(writes_null_and_names_what_is_not_finite),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
