/* clients/nudgectl/complete_live.c - candidates that a server knows: runs, queue, edges, tags, checkpoints and more. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/complete.h"
#include "protocol/methods.h"
#include "protocol/schema_text.h"
#include "protocol/values.h"

#define RUNS_SHOWN 50

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

static void offer_number(const struct asked *a, const json_t *number, const char *description)
{
	char text[32];

	if (!json_is_integer(number))
		return;
	snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(number));
	offer_add(a->offer, text, description);
}

static json_t *latest_runs(const struct asked *a)
{
	return live_ask(a->live, "history.runs", json_pack("{s:i}", "limit", RUNS_SHOWN));
}

void complete_runs(const struct asked *a)
{
	json_t *result = latest_runs(a), *row;
	size_t i;
	char text[300];

	json_array_foreach(json_object_get(result, "rows"), i, row)
	{
		snprintf(text, sizeof(text), "%s, %s", text_of(row, "status"),
			 text_of(row, "name"));
		offer_number(a, json_object_get(row, "run"), text);
	}
	json_decref(result);
}

void complete_active(const struct asked *a)
{
	json_t *result = live_ask(a->live, "state.snapshot", NULL);
	char text[100];

	snprintf(text, sizeof(text), "%s, at step %lld", text_of(result, "state"),
		 (long long)json_integer_value(json_object_get(result, "step")));
	offer_number(a, json_object_get(result, "run"), text);
	json_decref(result);
}

void complete_queued(const struct asked *a)
{
	json_t *result = live_ask(a->live, "queue.list", NULL), *row;
	size_t i;
	char text[300];

	json_array_foreach(json_object_get(result, "runs"), i, row)
	{
		snprintf(text, sizeof(text), "at %lld, %s",
			 (long long)json_integer_value(json_object_get(row, "position")),
			 text_of(row, "name"));
		offer_number(a, json_object_get(row, "run"), text);
	}
	json_decref(result);
}

void complete_edges(const struct asked *a)
{
	json_t *result = live_ask(a->live, "rig.describe", NULL), *edge;
	size_t i;
	char text[100], ohms[32];

	json_array_foreach(json_object_get(result, "edges"), i, edge)
	{
		snprintf(text, sizeof(text), "%s, node %lld to %lld, %s ohm", text_of(edge, "mode"),
			 (long long)json_integer_value(json_object_get(edge, "a")),
			 (long long)json_integer_value(json_object_get(edge, "b")),
			 schema_value(json_object_get(edge, "r_ohm"), ohms, sizeof(ohms)));
		offer_number(a, json_object_get(edge, "edge"), text);
	}
	json_decref(result);
}

/* "3=", and behind that any number of volts */
void complete_nodes(const struct asked *a)
{
	json_t *result, *node;
	size_t i;
	char text[32];

	if (strchr(a->offer->word, '='))
		return;
	result = live_ask(a->live, "rig.describe", NULL);
	json_array_foreach(json_object_get(result, "nodes"), i, node)
	{
		snprintf(text, sizeof(text),
			 "%lld=", (long long)json_integer_value(json_object_get(node, "node")));
		offer_add(a->offer, text, "volts");
	}
	json_decref(result);
}

/* ---- words of runs: each once ---- */

static void once(const struct asked *a, json_t *seen, const char *word)
{
	if (!word || !word[0] || json_object_get(seen, word))
		return;
	json_object_set_new(seen, word, json_true());
	offer_add(a->offer, word, NULL);
}

static void tags(const struct asked *a, const char *prefix)
{
	json_t *result = latest_runs(a), *seen = json_object(), *row, *tag;
	size_t i, k, n = strlen(prefix);

	json_array_foreach(json_object_get(result, "rows"), i, row)
	{
		json_array_foreach(json_object_get(row, "tags"), k, tag)
		{
			const char *word = json_string_value(tag);

			if (word && !strncmp(word, prefix, n))
				once(a, seen, word + n);
		}
	}
	json_decref(seen);
	json_decref(result);
}

void complete_tags(const struct asked *a)
{
	tags(a, "");
}

void complete_groups(const struct asked *a)
{
	tags(a, "group:");
}

static void of_runs(const struct asked *a, const char *member)
{
	json_t *result = latest_runs(a), *seen = json_object(), *row;
	size_t i;

	json_array_foreach(json_object_get(result, "rows"), i, row)
		once(a, seen, text_of(row, member));
	json_decref(seen);
	json_decref(result);
}

void complete_tasks_known(const struct asked *a)
{
	of_runs(a, "task");
}

void complete_run_names(const struct asked *a)
{
	of_runs(a, "name");
}

/* ---- lists of names ---- */

static void names(const struct asked *a, const char *method, const char *list, const char *name,
		  const char *description)
{
	json_t *result = live_ask(a->live, method, NULL), *row;
	size_t i;

	json_array_foreach(json_object_get(result, list), i, row)
		offer_add(a->offer, text_of(row, name), text_of(row, description));
	json_decref(result);
}

void complete_checkpoints(const struct asked *a)
{
	names(a, "checkpoint.list", "rows", "name", "t_utc");
}

void complete_alarms(const struct asked *a)
{
	names(a, "alarm.list", "alarms", "alarm", "text");
}

void complete_key_owners(const struct asked *a)
{
	names(a, "key.list", "rows", "name", "role");
}

void complete_calibrations(const struct asked *a)
{
	json_t *result = live_ask(a->live, "calibrate.list", NULL), *row;
	size_t i;
	char text[100];

	json_array_foreach(json_object_get(result, "rows"), i, row)
	{
		snprintf(text, sizeof(text), "%s, %s", text_of(row, "kind"), text_of(row, "t_utc"));
		offer_number(a, json_object_get(row, "id"), text);
	}
	json_decref(result);
}

/* Those of the run that is named already, else of the newest */
void complete_columns(const struct asked *a)
{
	json_t *result = NULL, *array;
	unsigned long long run = 0;
	size_t i;

	for (size_t k = 0; k < a->n_words && run == 0; k++)
		options_number(a->words[k], INT64_MAX, &run);
	if (run == 0) {
		result = live_ask(a->live, "history.runs", json_pack("{s:i}", "limit", 1));
		run = (unsigned long long)json_integer_value(
			json_object_get(json_array_get(json_object_get(result, "rows"), 0), "run"));
		json_decref(result);
	}
	offer_add(a->offer, "step", NULL);
	result = run > 0 ? live_ask(a->live, "history.run",
				    json_pack("{s:I}", "run", (json_int_t)run))
			 : NULL;
	json_array_foreach(json_object_get(json_object_get(result, "descriptor"), "arrays"), i,
			   array) if (strcmp(text_of(array, "name"), "step") != 0)
		offer_add(a->offer, text_of(array, "name"), text_of(array, "unit"));
	json_decref(result);
}

/* What runs can be ordered by: the members of one */
void complete_fields(const struct asked *a)
{
	json_t *result = live_ask(a->live, "history.runs", json_pack("{s:i}", "limit", 1)), *value;
	const char *name;

	json_object_foreach(json_array_get(json_object_get(result, "rows"), 0), name, value)
		offer_add(a->offer, name, NULL);
	json_decref(result);
}

/* ---- parameters ---- */

static void offer_value(const struct asked *a, const json_t *value, const char *description)
{
	char text[100];

	if (json_is_boolean(value))
		offer_add(a->offer, json_is_true(value) ? "true" : "false", description);
	else if (value && !json_is_null(value))
		offer_add(a->offer, schema_value(value, text, sizeof(text)), description);
}

/* What a member may be, where that can be listed */
static void offer_member(const struct asked *a, const struct schema_member *m, const json_t *now)
{
	json_t *fallback;

	if (json_is_number(now))
		offer_value(a, now, "now");
	else if (m->schema->type == SCHEMA_WORD)
		offer_words(a->offer, m->schema->words);
	else if (m->schema->type == SCHEMA_BOOL)
		offer_words(a->offer, (const char *const[]){"true", "false", NULL});
	else if (m->schema == &value_run)
		complete_runs(a);
	else if (m->schema == &value_edge)
		complete_edges(a);
	else if (m->fallback) {
		fallback = json_loads(m->fallback, JSON_DECODE_ANY, NULL);
		if (json_is_number(fallback))
			offer_value(a, fallback, "by default");
		json_decref(fallback);
	}
}

void complete_members(const struct asked *a, const struct schema_member *members, const json_t *now)
{
	const char *equals = strchr(a->offer->word, '=');
	size_t n = equals ? (size_t)(equals - a->offer->word) : 0;
	char name[100], value[64], type[150], text[300];

	for (; members->name; members++) {
		const json_t *present = json_object_get(now, members->name);

		if (equals && strlen(members->name) == n &&
		    !strncmp(members->name, a->offer->word, n)) {
			offer_behind(a->offer, '=');
			offer_member(a, members, present);
			return;
		}
		if (equals)
			continue;
		snprintf(name, sizeof(name), "%s=", members->name);
		schema_describe(members->schema, type, sizeof(type));
		if (json_is_number(present))
			snprintf(text, sizeof(text), "now %s; %s",
				 schema_value(present, value, sizeof(value)), type);
		else
			snprintf(text, sizeof(text), "%s", type);
		offer_add(a->offer, name, text);
	}
}

void complete_params(const struct asked *a)
{
	json_t *now = live_ask(a->live, "param.get", NULL);

	complete_members(a, method_get(METHOD_PARAM_SET)->params->members, now);
	json_decref(now);
}
