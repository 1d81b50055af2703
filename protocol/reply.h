/* protocol/reply.h - the replies: one JSON frame of text. */
#ifndef PROTOCOL_REPLY_H
#define PROTOCOL_REPLY_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "protocol/problem.h"

struct reply_meta {
	const char *boot;
	uint64_t seq;
	const char *state;
	bool replayed;
};

/* Text to free(); never NULL but for lack of memory. */
char *reply_result(const json_t *id, const json_t *result, const struct reply_meta *meta);
char *reply_problem(const json_t *id, const struct problem *p, const struct reply_meta *meta);

/* A real that may be NaN or infinite: null, and its name goes into the list `invalid` of object. */
void reply_set_real(json_t *object, const char *name, double value);
json_t *reply_reals(const double *values, size_t n); /* a list, null where not finite */

#endif
