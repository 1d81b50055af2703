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

static json_t *bound(const struct schema *s, double value)
{
	return s->type == SCHEMA_INTEGER ? json_integer((json_int_t)value) : json_real(value);
}

static void add_range(json_t *object, const struct schema *s)
{
	if (s->min == 0 && s->max == 0)
		return;
	if (isfinite(s->min))
		json_object_set_new(object, s->above_min ? "exclusiveMinimum" : "minimum",
				    bound(s, s->min));
	if (isfinite(s->max))
		json_object_set_new(object, s->below_max ? "exclusiveMaximum" : "maximum",
				    bound(s, s->max));
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

static json_t *members_to_json(const struct schema *s)
{
	json_t *object = json_pack("{s:s}", "type", "object");
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
	if (!s->open)
		json_object_set_new(object, "additionalProperties", json_false());
	add_choice(object, s);
	return object;
}

static json_t *map_to_json(const struct schema *s)
{
	json_t *object = json_pack("{s:s}", "type", "object");

	if (s->key == SCHEMA_KEY_NODE)
		json_object_set_new(object, "propertyNames",
				    json_pack("{s:s}", "pattern", "^(0|[1-9][0-9]{0,8})$"));
	json_object_set_new(object, "additionalProperties", schema_to_json(s->item));
	add_size(object, s, "minProperties", "maxProperties");
	return object;
}

static json_t *options_to_json(const struct schema *s)
{
	json_t *list = json_array();

	for (size_t i = 0; s->options[i]; i++)
		json_array_append_new(list, schema_to_json(s->options[i]));
	return json_pack("{s:o}", "anyOf", list);
}

static json_t *typed(const char *type)
{
	return json_pack("{s:s}", "type", type);
}

static json_t *number_to_json(const struct schema *s, const char *type)
{
	json_t *object = typed(type);

	add_range(object, s);
	return object;
}

static json_t *text_to_json(const struct schema *s)
{
	json_t *object = typed("string");

	if (s->type == SCHEMA_WORD)
		json_object_set_new(object, "enum", word_list(s->words));
	else
		add_size(object, s, "minLength", "maxLength");
	return object;
}

static json_t *list_to_json(const struct schema *s)
{
	json_t *object = typed("array");

	json_object_set_new(object, "items", schema_to_json(s->item));
	add_size(object, s, "minItems", "maxItems");
	return object;
}

static json_t *by_type(const struct schema *s)
{
	switch (s->type) {
	case SCHEMA_ANY:
		break;
	case SCHEMA_NULL:
		return typed("null");
	case SCHEMA_BOOL:
		return typed("boolean");
	case SCHEMA_INTEGER:
		return number_to_json(s, "integer");
	case SCHEMA_NUMBER:
		return number_to_json(s, "number");
	case SCHEMA_STRING:
	case SCHEMA_WORD:
		return text_to_json(s);
	case SCHEMA_OBJECT:
		return members_to_json(s);
	case SCHEMA_MAP:
		return map_to_json(s);
	case SCHEMA_LIST:
		return list_to_json(s);
	case SCHEMA_EITHER:
		return options_to_json(s);
	}
	return json_object();
}

json_t *schema_to_json(const struct schema *s)
{
	json_t *object = by_type(s);

	if (s->unit)
		json_object_set_new(object, "x-unit", json_string(s->unit));
	if (s->help)
		json_object_set_new(object, "description", json_string(s->help));
	return object;
}
