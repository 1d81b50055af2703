/* clients/libnudge/call.c - one request and its answer; sent again, under the same key, when the connection broke. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <uuid/uuid.h>

#include "clients/libnudge/admission.h"
#include "clients/libnudge/record.h"
#include "protocol/methods.h"

/* Nobody there: not worth the whole of a long deadline at the first attempt */
#define CONNECT_S 5.0

struct call {
	const char *method;
	char id[37];
	char *text;
	bool repeatable; /* twice does no more than once */
	double timeout_s, deadline_s;
};

static void new_uuid(char text[37])
{
	uuid_t uuid;

	uuid_generate(uuid);
	uuid_unparse_lower(uuid, text);
}

/* What this library does not know is a newer server's: it gets a key, and is not repeated */
static unsigned method_flags(const char *name)
{
	const struct method *method = method_find(name);

	return method ? method->flags : METHOD_CHANGES;
}

static bool is_repeatable(const char *method)
{
	unsigned flags = method_flags(method);

	if (!method_find(method))
		return false;
	return !(flags & METHOD_CHANGES) || !(flags & METHOD_UNKEYED) || (flags & METHOD_IS_URGENT);
}

/* meta with what the library adds: the lease's token and a key.  Takes over meta. */
static json_t *complete_meta(const struct nudge *n, const char *method, json_t *meta)
{
	unsigned flags = method_flags(method);
	char key[37];

	if (!meta)
		meta = json_object();
	if (n->lease.token[0] && strncmp(method, "lease.", 6) && !json_object_get(meta, "lease"))
		json_object_set_new(meta, "lease", json_string(n->lease.token));
	if ((flags & METHOD_CHANGES) && !(flags & METHOD_UNKEYED) &&
	    !json_object_get(meta, "key")) {
		new_uuid(key);
		json_object_set_new(meta, "key", json_string(key));
	}
	return meta;
}

/* Takes over params and meta */
static int call_begin(const struct nudge *n, const char *method, json_t *params, json_t *meta,
		      double timeout_s, struct call *ret, struct nudge_error *error)
{
	json_t *request;

	*ret = (struct call){
		.method = method,
		.repeatable = is_repeatable(method),
		.timeout_s = timeout_s,
		.deadline_s = wire_now_s() + timeout_s,
	};
	new_uuid(ret->id);
	meta = complete_meta(n, method, meta);
	if (!params)
		params = json_object();
	request = json_pack("{s:s, s:s, s:s, s:o, s:o}", "jsonrpc", "2.0", "id", ret->id, "method",
			    method, "params", params, "meta", meta);
	ret->text = request ? json_dumps(request, JSON_COMPACT) : NULL;
	json_decref(request);
	if (!ret->text)
		return error_set(error, NUDGE_INVALID,
				 "%s: params cannot be written as JSON (text that is not UTF-8?)",
				 method);
	return 0;
}

static struct wire *socket_for(struct nudge *n, const char *method)
{
	if (!(method_flags(method) & METHOD_IS_URGENT))
		return n->control;
	if (!n->urgent)
		n->urgent = wire_request(n->context, n->address.urgent, &n->keys);
	return n->urgent;
}

static int lost(struct nudge *n, const struct call *call, int r, bool sent,
		struct nudge_error *error)
{
	bool urgent = method_flags(call->method) & METHOD_IS_URGENT;

	n->away = r == -ENOTCONN || r == -EACCES;
	if (r == -ETIMEDOUT)
		return error_set(error, NUDGE_TIMED_OUT, "%s: %s did not answer in %g s",
				 call->method, n->address.text, call->timeout_s);
	if (r == -ENOTCONN && sent)
		return error_number(error, NUDGE_UNREACHABLE, ENOTCONN,
				    "%s: the connection to %s broke before the answer; it may have "
				    "acted",
				    call->method, n->address.text);
	if (r == -ENOTCONN || r == -EACCES)
		return admission_explain(n, urgent ? n->urgent : n->control,
					 urgent ? n->address.urgent : n->address.control,
					 call->method, error);
	return error_set(error, NUDGE_INVALID, "%s: %s", call->method, strerror(-r));
}

/* The answer to this call; answers to others, which were given up, are dropped.  0 or -errno. */
static int receive_answer(struct wire *wire, const struct call *call, struct frames *ret,
			  json_t **ret_reply)
{
	for (;;) {
		struct frames frames;
		const char *id;
		json_t *reply;
		size_t first;
		int r = wire_receive(wire, call->deadline_s, &frames);

		if (r == -EINTR)
			continue;
		if (r < 0)
			return r;
		first = frames.n > 1 && frames.list[0].size == 0; /* an envelope's empty frame */
		if (first) {
			free(frames.list[0].bytes);
			memmove(frames.list, frames.list + 1, --frames.n * sizeof(*frames.list));
		}
		reply = json_loadb(frames.list[0].bytes, frames.list[0].size, 0, NULL);
		id = json_string_value(json_object_get(reply, "id"));
		/* an error without id is the answer to what could not be read: ours, there is no other */
		if (reply && (id ? !strcmp(id, call->id) : !!json_object_get(reply, "error"))) {
			*ret = frames;
			*ret_reply = reply;
			return 0;
		}
		json_decref(reply);
		frames_free(&frames);
	}
}

static int exchange(struct nudge *n, const struct call *call, struct frames *ret,
		    json_t **ret_reply, struct nudge_error *error)
{
	struct wire *wire = socket_for(n, call->method);
	double connect_s = call->timeout_s < CONNECT_S ? call->timeout_s : CONNECT_S;
	double send_by_s = call->deadline_s - call->timeout_s + connect_s;
	bool sent = false;

	if (!wire)
		return error_set(error, NUDGE_INVALID, "%s: %s", n->address.urgent,
				 strerror(errno));
	for (;;) {
		int r = wire_send(wire, call->text, strlen(call->text), send_by_s);

		if (r < 0)
			return lost(n, call, r, sent, error);
		sent = true;
		r = receive_answer(wire, call, ret, ret_reply);
		if (r == 0) {
			n->away = false;
			return 0;
		}
		if (r != -ENOTCONN || !call->repeatable)
			return lost(n, call, r, sent, error);
		send_by_s = call->deadline_s; /* it was there: it may come back */
	}
}

static int refused(const char *method, const json_t *text, struct nudge_error *error)
{
	json_t *data = json_object_get(text, "data");
	const char *path = json_string_value(json_object_get(data, "path"));
	const char *message = json_string_value(json_object_get(text, "message"));

	error_set(error, NUDGE_REFUSED, "%s", message ? message : method);
	if (!error)
		return -1;
	error->code = (int)json_integer_value(json_object_get(text, "code"));
	error->data = json_incref(data);
	snprintf(error->path, sizeof(error->path), "%s", path ? path : "");
	return -1;
}

int nudge_call_record(struct nudge *n, const char *method, json_t *params, json_t *meta,
		      double timeout_s, struct nudge_record **ret, struct nudge_error *error)
{
	struct frames frames = {0};
	struct record *record = NULL;
	json_t *reply = NULL;
	struct call call = {0};
	int r;

	if (strncmp(method, "lease.", 6) && nudge_lease_keep(n, error) < 0) {
		json_decref(params);
		json_decref(meta);
		return -1;
	}
	r = call_begin(n, method, params, meta, timeout_s, &call, error);
	if (r == 0)
		r = exchange(n, &call, &frames, &reply, error);
	free(call.text);
	if (r < 0)
		return r;
	if (json_object_get(reply, "result"))
		r = record_of_reply(&frames, reply, &record, error);
	else
		r = refused(method, json_object_get(reply, "error"), error);
	frames_free(&frames);
	json_decref(reply);
	if (r < 0)
		return r;
	*ret = &record->public;
	return 0;
}

int nudge_call(struct nudge *n, const char *method, json_t *params, double timeout_s, json_t **ret,
	       struct nudge_error *error)
{
	struct nudge_record *record;

	if (nudge_call_record(n, method, params, NULL, timeout_s, &record, error) < 0)
		return -1;
	*ret = json_incref(record->header);
	nudge_record_free(record);
	return 0;
}
