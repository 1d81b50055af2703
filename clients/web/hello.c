/* clients/web/hello.c - the first event of a stream: the whole of what is so. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/web/hello.h"
#include "clients/web/text.h"

#define ASK_S 5.0

static int ask(struct pool *pool, const char *method, json_t *params, struct nudge_record **ret,
	       struct nudge_error *error)
{
	return pool_call(pool, false, method, params, NULL, ASK_S, ret, error);
}

static uint64_t member(const json_t *object, const char *name)
{
	json_int_t value = json_integer_value(json_object_get(object, name));

	return value > 0 ? (uint64_t)value : 0;
}

/* The run under way, else the last that began; 0: none */
static int choose_run(struct pool *pool, const json_t *state, uint64_t *ret,
		      struct nudge_error *error)
{
	struct nudge_record *runs;
	json_t *row;
	size_t i;

	*ret = member(state, "run");
	if (*ret)
		return 0;
	if (ask(pool, "history.runs", json_pack("{s:i}", "limit", 100), &runs, error) < 0)
		return -1;
	json_array_foreach(json_object_get(runs->header, "rows"), i, row)
	{
		if (!json_is_string(json_object_get(row, "started_utc")))
			continue;
		*ret = member(row, "run");
		break;
	}
	nudge_record_free(runs);
	return 0;
}

static void put(const json_t *state, const json_t *rig, const json_t *run, struct hello *ret)
{
	struct text text = {0};

	text_format(&text,
		    "id: %s.%llu\nevent: hello\ndata: {\"boot\":\"%s\",\"seq\":%llu,\"state\":",
		    ret->boot, (unsigned long long)ret->durable_seq, ret->boot,
		    (unsigned long long)ret->seq);
	text_json(&text, state);
	text_put(&text, ",\"rig\":");
	text_json(&text, rig);
	text_put(&text, ",\"run\":");
	text_json(&text, run);
	text_put(&text, "}\n\n");
	ret->n = text.n;
	ret->text = text_take(&text);
}

int hello_make(struct pool *pool, struct hello *ret, struct nudge_error *error)
{
	struct nudge_record *state, *rig = NULL, *run = NULL;
	const char *boot;
	int r;

	*ret = (struct hello){0};
	if (ask(pool, "state.snapshot", NULL, &state, error) < 0)
		return -1;
	boot = json_string_value(json_object_get(state->meta, "boot"));
	snprintf(ret->boot, sizeof(ret->boot), "%s", boot ? boot : "");
	ret->seq = member(state->header, "seq");
	ret->durable_seq = member(state->header, "durable_seq");
	r = ask(pool, "rig.describe", NULL, &rig, error);
	if (r == 0)
		r = choose_run(pool, state->header, &ret->run, error);
	if (r == 0 && ret->run)
		r = ask(pool, "history.run", json_pack("{s:I}", "run", (json_int_t)ret->run), &run,
			error);
	if (r == 0) {
		ret->steps = member(run ? run->header : NULL, "steps");
		if (member(state->header, "run") == ret->run &&
		    member(state->header, "step") > ret->steps)
			ret->steps = member(state->header, "step");
		put(state->header, rig->header, run ? run->header : NULL, ret);
	}
	nudge_record_free(state);
	nudge_record_free(rig);
	nudge_record_free(run);
	if (r == 0 && !ret->text) {
		nudge_error_clear(error);
		error->kind = NUDGE_INVALID;
		snprintf(error->message, sizeof(error->message), "no memory");
		return -1;
	}
	return r;
}
