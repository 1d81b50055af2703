/* tests/fuzz/fuzz_request.c - requests: decoded, checked against the methods' schemas, answered. */
#include "config.h"

#include "protocol/reply.h"
#include "protocol/request.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct reply_meta meta = {.boot = "b", .seq = 1, .state = "idle"};
	struct problem p = {0}, again = {0};
	struct request r;
	char *reply;

	if (request_parse(data, size, &r, &p) == 0) {
		FUZZ_MUST(r.method && r.params && r.id);
		/* its defaults filled in, it is still what its method takes */
		FUZZ_MUST(schema_check(r.method->params, r.params, &again) == 0);
		request_hash(&r);
		reply = reply_result(r.id, r.params, &meta);
	} else {
		FUZZ_MUST(p.code != 0 && p.message[0]);
		reply = reply_problem(r.id, &p, &meta);
	}
	FUZZ_MUST(reply);
	free(reply);
	problem_clear(&p);
	problem_clear(&again);
	request_clear(&r);
	return 0;
}
