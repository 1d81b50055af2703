/* clients/libnudge/lease.c - the control lease: taken, renewed in time, given back. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "clients/libnudge/internal.h"

#define ANSWER_S 5.0 /* a lease is the main thread's own matter: its answer is quick */

int nudge_lease_acquire(struct nudge *n, double ttl_s, const char *note, bool take_over,
			struct nudge_error *error)
{
	const char *token;
	json_t *result, *params;

	if (n->lease.token[0])
		return error_set(error, NUDGE_INVALID, "this connection holds a lease already");
	params = json_pack("{s:f, s:s}", "ttl_s", ttl_s, "note", note);
	if (take_over)
		json_object_set_new(params, "take_over", json_true());
	if (nudge_call(n, "lease.acquire", params, ANSWER_S, &result, error) < 0)
		return -1;
	token = json_string_value(json_object_get(result, "lease"));
	if (!token || strlen(token) >= sizeof(n->lease.token)) {
		json_decref(result);
		return error_set(error, NUDGE_INVALID, "lease.acquire: an answer without a token");
	}
	strcpy(n->lease.token, token);
	n->lease.ttl_s = ttl_s;
	n->lease.due_s = wire_now_s() + ttl_s / 3;
	json_decref(result);
	return 0;
}

double nudge_lease_due_s(const struct nudge *n)
{
	return n->lease.token[0] ? n->lease.due_s - wire_now_s() : INFINITY;
}

/* One of lease.renew and lease.release */
static int with_token(struct nudge *n, const char *method, struct nudge_error *error)
{
	json_t *result;

	if (nudge_call(n, method, json_pack("{s:s}", "lease", n->lease.token), ANSWER_S, &result,
		       error) < 0)
		return -1;
	json_decref(result);
	return 0;
}

int nudge_lease_keep(struct nudge *n, struct nudge_error *error)
{
	struct nudge_error own = {0};

	if (nudge_lease_due_s(n) > 0)
		return 0;
	n->lease.due_s = wire_now_s() + n->lease.ttl_s / 3;
	if (with_token(n, "lease.renew", &own) == 0)
		return 0;
	/* silence is no refusal: the next third of the time is for another attempt */
	if (own.kind != NUDGE_REFUSED) {
		nudge_error_clear(&own);
		return 0;
	}
	n->lease.token[0] = '\0';
	error_set(error, NUDGE_REFUSED, "the control lease is lost: %s", own.message);
	if (error) {
		error->code = own.code;
		error->data = json_incref(own.data);
	}
	nudge_error_clear(&own);
	return -1;
}

int nudge_lease_release(struct nudge *n, struct nudge_error *error)
{
	int r;

	if (!n->lease.token[0])
		return 0;
	if (n->away) /* it ends by itself; nobody is there to hear of it */
		r = error_set(error, NUDGE_UNREACHABLE, "lease.release: nobody answers at %s",
			      n->address.text);
	else
		r = with_token(n, "lease.release", error);
	n->lease.token[0] = '\0';
	return r;
}
