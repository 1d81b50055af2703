/* protocol/reply.c - the replies: one JSON frame of text. */
#include "config.h"

#include <math.h>

#include "protocol/reply.h"

static json_t *meta_to_json(const struct reply_meta *meta)
{
	return json_pack("{s:s,s:I,s:s,s:b}", "boot", meta->boot, "seq", (json_int_t)meta->seq,
			 "state", meta->state, "replayed", meta->replayed);
}

static char *finish(const json_t *id, const char *name, json_t *content,
		    const struct reply_meta *meta)
{
	json_t *whole = json_pack("{s:s,s:O?,s:o,s:o}", "jsonrpc", "2.0", "id", id, name, content,
				  "meta", meta_to_json(meta));
	char *text = json_dumps(whole, JSON_COMPACT);

	json_decref(whole);
	return text;
}

char *reply_result(const json_t *id, const json_t *result, const struct reply_meta *meta)
{
	return finish(id, "result", json_incref((json_t *)result), meta);
}

char *reply_problem(const json_t *id, const struct problem *p, const struct reply_meta *meta)
{
	json_t *data = json_pack("{s:s,s:s}", "kind", problem_kind(p->code), "path", p->path);

	if (p->data)
		json_object_update(data, p->data);
	return finish(
		id, "error",
		json_pack("{s:i,s:s,s:o}", "code", p->code, "message", p->message, "data", data),
		meta);
}

void reply_set_real(json_t *object, const char *name, double value)
{
	json_t *invalid = json_object_get(object, "invalid");

	if (isfinite(value)) {
		json_object_set_new(object, name, json_real(value));
		return;
	}
	json_object_set_new(object, name, json_null());
	if (!invalid) {
		invalid = json_array();
		json_object_set_new(object, "invalid", invalid);
	}
	json_array_append_new(invalid, json_string(name));
}

json_t *reply_reals(const double *values, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list,
				      isfinite(values[i]) ? json_real(values[i]) : json_null());
	return list;
}
