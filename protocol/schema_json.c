/* protocol/schema_json.c - a schema as JSON Schema (2020-12). */
#include "config.h"

#include <math.h>

#include "protocol/schema.h"

static json_t *word_list(const char *const *words)
{
	json_t *list = json_array();

	for (size_t i = 0; words[i]; i++)
		json_array_append_new(list, json_string(words[i]));
	return list;
}

static void add_range(json_t *object, const struct schema *s)
{
	if (s->min == 0 && s->max == 0)
		return;
	if (isfinite(s->min))
		json_object_set_new(object, s->above_min ? "exclusiveMinimum" : "minimum",
				    json_real(s->min));
	if (isfinite(s->max))
		json_object_set_new(object, s->below_max ? "exclusiveMaximum" : "maximum",
				    json_real(s->max));
}

static void add_size(json_t *object, const struct schema *s, const char *least, const char *most)
{
	if (s->min_items > 0)
		json_object_set_new(object, least, json_integer((json_int_t)s->min_items));
	if (s->max_items > 0)
		json_object_set_new(object, most, json_integer((json_int_t)s->max_items));
}

static json_t *member_to_json(const struct schema_member *m)
{
	json_t *object = schema_to_json(m->schema);

	if (m->help)
		json_object_set_new(object, "description", json_string(m->help));
	if (m->fallback)
		json_object_set_new(object, "default",
				    json_loads(m->fallback, JSON_DECODE_ANY, NULL));
	return object;
}

/* oneOf [{required: [a]}, {required: [b]}, ...], and for "or none of them" their common denial. */
static void add_choice(json_t *object, const struct schema *s)
{
	json_t *one_of = json_array(), *any = json_array();
	bool needed = true;

	for (const struct schema_member *m = s->members; m->name; m++) {
		if (m->choice == SCHEMA_FREE)
			continue;
		needed = m->choice == SCHEMA_ONE;
		json_array_append_new(one_of, json_pack("{s:[s]}", "required", m->name));
		json_array_append_new(any, json_pack("{s:[s]}", "required", m->name));
	}
	if (json_array_size(one_of) > 0 && !needed)
		json_array_append_new(one_of, json_pack("{s:{s:O}}", "not", "anyOf", any));
	if (json_array_size(one_of) > 0)
		json_object_set(object, "oneOf", one_of);
	json_decref(one_of);
	json_decref(any);
}

static void add_members(json_t *object, const struct schema *s)
{
	json_t *properties = json_object(), *required = json_array();

	for (const struct schema_member *m = s->members; m->name; m++) {
		json_object_set_new(properties, m->name, member_to_json(m));
		if (m->required)
			json_array_append_new(required, json_string(m->name));
	}
	json_object_set_new(object, "properties", properties);
	if (json_array_size(required) > 0)
		json_object_set(object, "required", required);
	json_decref(required);
	json_object_set_new(object, "additionalProperties", json_false());
	add_choice(object, s);
}

static void add_map(json_t *object, const struct schema *s)
{
	if (s->key == SCHEMA_KEY_NODE)
		json_object_set_new(object, "propertyNames",
				    json_pack("{s:s}", "pattern", "^(0|[1-9][0-9]{0,8})$"));
	json_object_set_new(object, "additionalProperties", schema_to_json(s->item));
	add_size(object, s, "minProperties", "maxProperties");
}

static void add_options(json_t *object, const struct schema *s)
{
	json_t *list = json_array();

	for (size_t i = 0; s->options[i]; i++)
		json_array_append_new(list, schema_to_json(s->options[i]));
	json_object_set_new(object, "anyOf", list);
}

static json_t *typed(const struct schema *s)
{
	switch (s->type) {
	case SCHEMA_NULL:
		return json_pack("{s:s}", "type", "null");
	case SCHEMA_BOOL:
		return json_pack("{s:s}", "type", "boolean");
	case SCHEMA_INTEGER:
		return json_pack("{s:s}", "type", "integer");
	case SCHEMA_NUMBER:
		return json_pack("{s:s}", "type", "number");
	case SCHEMA_STRING:
	case SCHEMA_WORD:
		return json_pack("{s:s}", "type", "string");
	case SCHEMA_OBJECT:
	case SCHEMA_MAP:
		return json_pack("{s:s}", "type", "object");
	case SCHEMA_LIST:
		return json_pack("{s:s}", "type", "array");
	case SCHEMA_ANY:
	case SCHEMA_EITHER:
		break;
	}
	return json_object();
}

json_t *schema_to_json(const struct schema *s)
{
	json_t *object = typed(s);

	if (s->type == SCHEMA_INTEGER || s->type == SCHEMA_NUMBER)
		add_range(object, s);
	else if (s->type == SCHEMA_STRING)
		add_size(object, s, "minLength", "maxLength");
	else if (s->type == SCHEMA_WORD)
		json_object_set_new(object, "enum", word_list(s->words));
	else if (s->type == SCHEMA_OBJECT)
		add_members(object, s);
	else if (s->type == SCHEMA_MAP)
		add_map(object, s);
	else if (s->type == SCHEMA_EITHER)
		add_options(object, s);
	else if (s->type == SCHEMA_LIST) {
		json_object_set_new(object, "items", schema_to_json(s->item));
		add_size(object, s, "minItems", "maxItems");
	}
	if (s->unit)
		json_object_set_new(object, "x-unit", json_string(s->unit));
	if (s->help)
		json_object_set_new(object, "description", json_string(s->help));
	return object;
}
