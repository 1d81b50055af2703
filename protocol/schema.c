/* protocol/schema.c - checks a JSON value against a schema, and fills in defaults. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "protocol/nearest.h"
#include "protocol/schema.h"
#include "protocol/schema_text.h"

#define TEXT_BYTES 256

/* Where the check is: the pointer grows and shrinks with it. */
struct place {
	char path[sizeof(((struct problem *)0)->path)];
	struct problem *p;
};

static int check(const struct schema *s, const json_t *value, struct place *at);

/* ---- what was found, and what was expected ---- */

static int refuse_type(const struct schema *s, const json_t *value, const struct place *at)
{
	char name[TEXT_BYTES], found[TEXT_BYTES], want[TEXT_BYTES];

	return problem_set(at->p, PROBLEM_PARAMS, at->path, "%s is %s; it must be %s",
			   problem_name(at->path, name, sizeof(name)),
			   schema_found(value, found, sizeof(found)),
			   schema_describe(s, want, sizeof(want)));
}

static int refuse_range(const struct schema *s, const json_t *value, const struct place *at)
{
	char name[TEXT_BYTES], found[TEXT_BYTES], want[TEXT_BYTES];

	problem_set(at->p, PROBLEM_PARAMS, at->path, "%s is %s%s%s; it must be %s",
		    problem_name(at->path, name, sizeof(name)),
		    schema_value(value, found, sizeof(found)), s->unit ? " " : "",
		    s->unit ? s->unit : "", schema_range(s, want, sizeof(want)));
	problem_add(at->p, "value", json_copy((json_t *)value));
	if (isfinite(s->min))
		problem_add(at->p, "min", json_real(s->min));
	if (isfinite(s->max))
		problem_add(at->p, "max", json_real(s->max));
	return -1;
}

static int refuse_size(const struct schema *s, size_t n, const char *what, const struct place *at)
{
	char name[TEXT_BYTES], want[64];

	if (s->max_items == 0)
		snprintf(want, sizeof(want), "at least %zu", s->min_items);
	else if (s->min_items == s->max_items)
		snprintf(want, sizeof(want), "%zu", s->min_items);
	else
		snprintf(want, sizeof(want), "%zu to %zu", s->min_items, s->max_items);
	return problem_set(at->p, PROBLEM_PARAMS, at->path, "%s has %zu %s; it must have %s",
			   problem_name(at->path, name, sizeof(name)), n, what, want);
}

static int refuse_word(const struct schema *s, const json_t *value, const struct place *at)
{
	char name[TEXT_BYTES], found[TEXT_BYTES], want[TEXT_BYTES];
	const char *near = NULL;
	size_t best = (size_t)-1;

	for (size_t i = 0; s->words[i]; i++) {
		size_t distance = nearest_distance(json_string_value(value), s->words[i]);

		if (distance < best) {
			best = distance;
			near = s->words[i];
		}
	}
	return problem_set(at->p, PROBLEM_PARAMS, at->path, "%s is %s; it must be %s%s%s%s",
			   problem_name(at->path, name, sizeof(name)),
			   schema_value(value, found, sizeof(found)),
			   schema_describe(s, want, sizeof(want)), near ? "; did you mean \"" : "",
			   near ? near : "", near ? "\"?" : "");
}

/* "train: ", or "" at the top. */
static const char *where(const struct place *at, char *text, size_t size)
{
	size_t n;

	*text = '\0';
	if (!*at->path)
		return text;
	problem_name(at->path, text, size - 2);
	n = strlen(text);
	memcpy(text + n, ": ", 3);
	return text;
}

static int refuse_member(const struct schema *s, const char *member, struct place *at)
{
	char name[TEXT_BYTES], known[TEXT_BYTES], quoted[TEXT_BYTES];
	const char *near = NULL;
	size_t best = (size_t)-1;

	for (const struct schema_member *m = s->members; m->name; m++) {
		size_t distance = nearest_distance(member, m->name);

		if (distance < best) {
			best = distance;
			near = m->name;
		}
	}
	where(at, name, sizeof(name));
	problem_cut(quoted, NEAREST_MAX_BYTES, member);
	problem_path_name(at->path, sizeof(at->path), member);
	if (near)
		return problem_set(at->p, PROBLEM_PARAMS, at->path,
				   "%sunknown member \"%s\"; did you mean \"%s\"?", name, quoted,
				   near);
	return problem_set(at->p, PROBLEM_PARAMS, at->path,
			   "%sunknown member \"%s\"; it must be %s", name, quoted,
			   schema_describe(s, known, sizeof(known)));
}

/* ---- the checks ---- */

/* An integral real counts, up to where each integer has a double of its own. */
static bool is_integer(const json_t *value)
{
	double x = json_number_value(value);

	return json_is_integer(value) || (x == floor(x) && fabs(x) <= 0x1p53);
}

static int check_number(const struct schema *s, const json_t *value, const struct place *at)
{
	double x = json_number_value(value);

	if (!json_is_number(value) || (s->type == SCHEMA_INTEGER && !is_integer(value)))
		return refuse_type(s, value, at);
	if (s->min == 0 && s->max == 0)
		return 0;
	if (x < s->min || x > s->max || (s->above_min && x == s->min) ||
	    (s->below_max && x == s->max))
		return refuse_range(s, value, at);
	return 0;
}

static int check_size(const struct schema *s, size_t n, const char *what, const struct place *at)
{
	if (n < s->min_items || (s->max_items > 0 && n > s->max_items))
		return refuse_size(s, n, what, at);
	return 0;
}

static int check_word(const struct schema *s, const json_t *value, const struct place *at)
{
	if (!json_is_string(value))
		return refuse_type(s, value, at);
	for (size_t i = 0; s->words[i]; i++)
		if (strcmp(s->words[i], json_string_value(value)) == 0)
			return 0;
	return refuse_word(s, value, at);
}

static const struct schema_member *find_member(const struct schema *s, const char *name)
{
	for (const struct schema_member *m = s->members; m->name; m++)
		if (strcmp(m->name, name) == 0)
			return m;
	return NULL;
}

/* Of the members that exclude each other: how many are there, and how they are called. */
static int check_choice(const struct schema *s, const json_t *value, const struct place *at)
{
	char name[TEXT_BYTES], names[TEXT_BYTES] = "";
	bool needed = false;
	size_t n = 0, n_choices = 0;

	for (const struct schema_member *m = s->members; m->name; m++) {
		size_t used = strlen(names);

		if (m->choice == SCHEMA_FREE)
			continue;
		needed = m->choice == SCHEMA_ONE;
		n += json_object_get(value, m->name) != NULL;
		snprintf(names + used, sizeof(names) - used, "%s%s", n_choices++ ? ", " : "",
			 m->name);
	}
	if (n_choices == 0 || n == 1 || (n == 0 && !needed))
		return 0;
	return problem_set(at->p, PROBLEM_PARAMS, at->path, "%s%s of %s is given; %s one is wanted",
			   where(at, name, sizeof(name)), n == 0 ? "none" : "more than one", names,
			   needed ? "exactly" : "at most");
}

static int check_required(const struct schema *s, const json_t *value, const struct place *at)
{
	char name[TEXT_BYTES], want[TEXT_BYTES];

	for (const struct schema_member *m = s->members; m->name; m++)
		if (m->required && !json_object_get(value, m->name))
			return problem_set(at->p, PROBLEM_PARAMS, at->path,
					   "%s\"%s\" is missing; it must be %s",
					   where(at, name, sizeof(name)), m->name,
					   schema_describe(m->schema, want, sizeof(want)));
	return check_choice(s, value, at);
}

static int check_object(const struct schema *s, const json_t *value, struct place *at)
{
	size_t used = strlen(at->path);
	const char *name;
	json_t *item;

	if (!json_is_object(value))
		return refuse_type(s, value, at);
	json_object_foreach((json_t *)value, name, item)
	{
		if (!s->open && !find_member(s, name))
			return refuse_member(s, name, at);
	}
	if (check_required(s, value, at) < 0)
		return -1;
	json_object_foreach((json_t *)value, name, item)
	{
		const struct schema_member *member = find_member(s, name);

		problem_path_name(at->path, sizeof(at->path), name);
		if (member && check(member->schema, item, at) < 0)
			return -1;
		at->path[used] = '\0';
	}
	return 0;
}

static bool is_node(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n <= 9 && strspn(name, "0123456789") == n && (name[0] != '0' || n == 1);
}

static int check_map(const struct schema *s, const json_t *value, struct place *at)
{
	size_t used = strlen(at->path);
	char quoted[NEAREST_MAX_BYTES], place[TEXT_BYTES];
	const char *name;
	json_t *item;

	if (!json_is_object(value))
		return refuse_type(s, value, at);
	if (check_size(s, json_object_size(value), "members", at) < 0)
		return -1;
	json_object_foreach((json_t *)value, name, item)
	{
		problem_name(at->path, place, sizeof(place));
		problem_path_name(at->path, sizeof(at->path), name);
		problem_cut(quoted, sizeof(quoted), name);
		if (s->key == SCHEMA_KEY_NODE && !is_node(name))
			return problem_set(
				at->p, PROBLEM_PARAMS, at->path,
				"%s: \"%s\" is no node; a node is a number such as 0 or 12", place,
				quoted);
		if (check(s->item, item, at) < 0)
			return -1;
		at->path[used] = '\0';
	}
	return 0;
}

static int check_list(const struct schema *s, const json_t *value, struct place *at)
{
	size_t used = strlen(at->path);

	if (!json_is_array(value))
		return refuse_type(s, value, at);
	if (check_size(s, json_array_size(value), "items", at) < 0)
		return -1;
	for (size_t i = 0; i < json_array_size(value); i++) {
		problem_path_index(at->path, sizeof(at->path), i);
		if (check(s->item, json_array_get(value, i), at) < 0)
			return -1;
		at->path[used] = '\0';
	}
	return 0;
}

static int check(const struct schema *s, const json_t *value, struct place *at)
{
	const struct schema *option;

	switch (s->type) {
	case SCHEMA_ANY:
		return 0;
	case SCHEMA_NULL:
		return json_is_null(value) ? 0 : refuse_type(s, value, at);
	case SCHEMA_BOOL:
		return json_is_boolean(value) ? 0 : refuse_type(s, value, at);
	case SCHEMA_INTEGER:
	case SCHEMA_NUMBER:
		return check_number(s, value, at);
	case SCHEMA_STRING:
		return json_is_string(value) ? check_size(s, json_string_length(value), "bytes", at)
					     : refuse_type(s, value, at);
	case SCHEMA_WORD:
		return check_word(s, value, at);
	case SCHEMA_OBJECT:
		return check_object(s, value, at);
	case SCHEMA_MAP:
		return check_map(s, value, at);
	case SCHEMA_LIST:
		return check_list(s, value, at);
	case SCHEMA_EITHER:
		option = schema_pick(s, value);
		return option ? check(option, value, at) : refuse_type(s, value, at);
	}
	return problem_set(at->p, PROBLEM_INTERNAL, at->path, "schema type %d", (int)s->type);
}

int schema_check(const struct schema *schema, const json_t *value, struct problem *p)
{
	struct place at = {.p = p};

	return check(schema, value, &at);
}

/* ---- alternatives ---- */

static bool type_fits(const struct schema *s, const json_t *value)
{
	switch (s->type) {
	case SCHEMA_ANY:
		return true;
	case SCHEMA_NULL:
		return json_is_null(value);
	case SCHEMA_BOOL:
		return json_is_boolean(value);
	case SCHEMA_INTEGER:
	case SCHEMA_NUMBER:
		return json_is_number(value);
	case SCHEMA_STRING:
	case SCHEMA_WORD:
		return json_is_string(value);
	case SCHEMA_OBJECT:
	case SCHEMA_MAP:
		return json_is_object(value);
	case SCHEMA_LIST:
		return json_is_array(value);
	case SCHEMA_EITHER:
		return schema_pick(s, value) != NULL;
	}
	return false;
}

const struct schema *schema_pick(const struct schema *schema, const json_t *value)
{
	const struct schema *const *option = schema->options;

	if (schema->type != SCHEMA_EITHER)
		return schema;
	while (*option && !type_fits(*option, value))
		option++;
	if (*option && (*option)->type == SCHEMA_EITHER)
		return schema_pick(*option, value);
	return *option;
}

/* ---- defaults ---- */

static int fill_object(const struct schema *s, json_t *value);

/* value, or a new integer in its place when it is a real where an integer belongs. */
static int fill(const struct schema *s, json_t *value, json_t **ret_integer)
{
	int r = 0;

	*ret_integer = NULL;
	s = schema_pick(s, value);
	if (!s)
		return 0;
	if (s->type == SCHEMA_INTEGER && json_is_real(value)) {
		*ret_integer = json_integer((json_int_t)json_real_value(value));
		return *ret_integer ? 0 : -1;
	}
	if (s->type == SCHEMA_OBJECT)
		return fill_object(s, value);
	if (s->type == SCHEMA_MAP) {
		const char *name;
		json_t *item, *integer;
		void *next;

		json_object_foreach_safe(value, next, name, item)
		{
			r |= fill(s->item, item, &integer);
			if (integer)
				r |= json_object_set_new_nocheck(value, name, integer);
		}
	}
	for (size_t i = 0; s->type == SCHEMA_LIST && i < json_array_size(value); i++) {
		json_t *integer;

		r |= fill(s->item, json_array_get(value, i), &integer);
		if (integer)
			r |= json_array_set_new(value, i, integer);
	}
	return r;
}

static int fill_object(const struct schema *s, json_t *value)
{
	int r = 0;

	for (const struct schema_member *m = s->members; m->name; m++) {
		json_t *item = json_object_get(value, m->name), *integer;

		if (!item && m->fallback) {
			item = json_loads(m->fallback, JSON_DECODE_ANY, NULL);
			r |= json_object_set_new_nocheck(value, m->name, item);
		}
		if (!item || r)
			continue;
		r |= fill(m->schema, item, &integer);
		if (integer)
			r |= json_object_set_new_nocheck(value, m->name, integer);
	}
	return r ? -1 : 0;
}

int schema_fill(const struct schema *schema, json_t *value)
{
	json_t *integer;
	int r = fill(schema, value, &integer);

	json_decref(integer); /* a lone integral real stays what it is */
	return r ? -1 : 0;
}
