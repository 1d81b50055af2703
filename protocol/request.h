/* protocol/request.h - one JSON-RPC 2.0 request, from bytes to checked values. */
#ifndef PROTOCOL_REQUEST_H
#define PROTOCOL_REQUEST_H

#include <stddef.h>

#include "protocol/methods.h"
#include "protocol/problem.h"

#define REQUEST_MAX_BYTES (1u << 20)
#define REQUEST_MAX_DEPTH 32

struct request {
	json_t *id;                  /* string or integer; null when it could not be read */
	const struct method *method; /* NULL when refused before it was known */
	json_t *params;              /* checked, defaults filled in */
	const char *lease; /* meta.lease; NULL: none.  Strings live as long as the request */
	const char *key;   /* meta.key */
	long long if_rev;  /* -1: none */
	bool dry_run;
	json_t *whole; /* owns everything above */
};

/* 0, or -1 and *p.  *ret is valid in both cases (for its id); request_clear() it. */
int request_parse(const void *bytes, size_t n, struct request *ret, struct problem *p);
void request_clear(struct request *r);

/* By what the audit names it: its key, or else its id as JSON.  free() it; NULL: no memory. */
char *request_name(const struct request *request);

/* A stable hash of method and params (canonical: sorted members), to tell two uses of one key apart. */
unsigned long long request_hash(const struct request *r);

#endif
