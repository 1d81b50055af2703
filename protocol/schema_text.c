/* protocol/schema_text.c - schemas and values in words, for messages and help. */
#include "config.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/schema_text.h"

#define VALUE_MAX_BYTES 48 /* of a value quoted in a message */

static void __attribute__((format(printf, 3, 4)))
append(char *text, size_t size, const char *format, ...)
{
	size_t n = strlen(text);
	va_list args;
	int r;

	if (n + 1 >= size)
		return;
	va_start(args, format);
	r = vsnprintf(text + n, size - n, format, args);
	va_end(args);
	if (r >= (int)(size - n))
		problem_cut(text, size, NULL);
}

const char *schema_number(double value, char *text, size_t size)
{
	if (value == 0x1p53) {
		problem_cut(text, size, "2^53");
		return text;
	}
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, size, "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	return text;
}

static void describe_range(const struct schema *s, char *text, size_t size)
{
	char low[32], high[32];
	bool has_low, has_high;

	if (s->min == 0 && s->max == 0)
		return;
	has_low = isfinite(s->min);
	has_high = isfinite(s->max);
	if (has_low && has_high && !s->above_min && !s->below_max) {
		append(text, size, " from %s to %s", schema_number(s->min, low, sizeof(low)),
		       schema_number(s->max, high, sizeof(high)));
		return;
	}
	if (has_low)
		append(text, size, s->above_min ? " above %s" : " of at least %s",
		       schema_number(s->min, low, sizeof(low)));
	if (has_high)
		append(text, size, "%s %s %s", has_low ? " and" : "",
		       s->below_max ? "below" : "at most",
		       schema_number(s->max, high, sizeof(high)));
}

const char *schema_range(const struct schema *s, char *text, size_t size)
{
	char all[128] = "";
	const char *from = all + 1;

	describe_range(s, all, sizeof(all));
	if (strncmp(from, "of ", 3) == 0)
		from += 3;
	problem_cut(text, size, *all ? from : "");
	return text;
}

static void describe_size(const struct schema *s, const char *what, char *text, size_t size)
{
	if (s->max_items > 0 && s->min_items == s->max_items)
		append(text, size, " of %zu %s", s->min_items, what);
	else if (s->max_items > 0)
		append(text, size, " of %zu to %zu %s", s->min_items, s->max_items, what);
	else if (s->min_items > 0)
		append(text, size, " of at least %zu %s", s->min_items, what);
}

static bool is_any_but_empty(const struct schema *s)
{
	return s->min_items == 1 && s->max_items == 0;
}

static void describe_words(const struct schema *s, char *text, size_t size)
{
	for (size_t i = 0; s->words[i]; i++)
		append(text, size, "%s%s",
		       i == 0            ? ""
		       : s->words[i + 1] ? ", "
					 : " or ",
		       s->words[i]);
}

static void describe_members(const struct schema *s, char *text, size_t size)
{
	append(text, size, "a mapping");
	if (!s->members[0].name)
		append(text, size, " without members");
	for (size_t i = 0; s->members[i].name; i++)
		append(text, size, "%s%s", i == 0 ? " with " : ", ", s->members[i].name);
}

static void describe(const struct schema *s, char *text, size_t size);

static void describe_options(const struct schema *s, char *text, size_t size)
{
	for (size_t i = 0; s->options[i]; i++) {
		append(text, size, "%s", i == 0 ? "" : s->options[i + 1] ? ", " : " or ");
		describe(s->options[i], text, size);
	}
}

static void describe(const struct schema *s, char *text, size_t size)
{
	switch (s->type) {
	case SCHEMA_ANY:
		append(text, size, "any value");
		break;
	case SCHEMA_NULL:
		append(text, size, "null");
		break;
	case SCHEMA_BOOL:
		append(text, size, "true or false");
		break;
	case SCHEMA_INTEGER:
		append(text, size, "an integer");
		describe_range(s, text, size);
		break;
	case SCHEMA_NUMBER:
		append(text, size, "a number");
		describe_range(s, text, size);
		break;
	case SCHEMA_STRING:
		append(text, size, "a string");
		describe_size(s, "bytes", text, size);
		break;
	case SCHEMA_WORD:
		describe_words(s, text, size);
		break;
	case SCHEMA_OBJECT:
		describe_members(s, text, size);
		break;
	case SCHEMA_MAP:
		append(text, size, "a mapping of %s to ",
		       s->key == SCHEMA_KEY_NODE ? "node numbers" : "names");
		describe(s->item, text, size);
		break;
	case SCHEMA_LIST:
		append(text, size, is_any_but_empty(s) ? "a non-empty list" : "a list");
		if (!is_any_but_empty(s))
			describe_size(s, "items", text, size);
		append(text, size, ", each ");
		describe(s->item, text, size);
		break;
	case SCHEMA_EITHER:
		describe_options(s, text, size);
		break;
	}
	if (s->unit)
		append(text, size, ", in %s", s->unit);
}

const char *schema_describe(const struct schema *schema, char *text, size_t size)
{
	*text = '\0';
	describe(schema, text, size);
	return text;
}

static const char *quote(const json_t *value, char *text, size_t size)
{
	char number[32];
	char *dump;

	switch (json_typeof(value)) {
	case JSON_REAL:
		append(text, size, "%s",
		       schema_number(json_real_value(value), number, sizeof(number)));
		break;
	case JSON_STRING:
	case JSON_INTEGER:
	case JSON_TRUE:
	case JSON_FALSE:
	case JSON_NULL:
		dump = json_dumps(value, JSON_ENCODE_ANY);
		problem_cut(text + strlen(text),
			    size - strlen(text) < VALUE_MAX_BYTES ? size - strlen(text)
								  : VALUE_MAX_BYTES,
			    dump ? dump : "?");
		free(dump);
		break;
	case JSON_OBJECT:
	case JSON_ARRAY:
		break;
	}
	return text;
}

const char *schema_value(const json_t *value, char *text, size_t size)
{
	*text = '\0';
	return quote(value, text, size);
}

const char *schema_found(const json_t *value, char *text, size_t size)
{
	*text = '\0';
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		append(text, size, "a mapping");
		break;
	case JSON_ARRAY:
		append(text, size, "a list");
		break;
	case JSON_STRING:
		append(text, size, "the string ");
		break;
	case JSON_INTEGER:
	case JSON_REAL:
		append(text, size, "the number ");
		break;
	case JSON_TRUE:
	case JSON_FALSE:
	case JSON_NULL:
		break;
	}
	return quote(value, text, size);
}
