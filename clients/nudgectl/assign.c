/* clients/nudgectl/assign.c - settings as they are typed. */
#include "config.h"

#include <string.h>

#include "clients/nudgectl/assign.h"
#include "clients/nudgectl/context.h"

int assign_one(json_t *object, const char *text)
{
	const char *equals = strchr(text, '=');
	json_t *value;

	if (!equals || equals == text || !equals[1])
		return say_usage("\"%s\": expected NAME=VALUE, as in eta=0.2", text);
	value = json_loads(equals + 1, JSON_DECODE_ANY, NULL);
	if (!value)
		value = json_string(equals + 1);
	if (!value || json_object_setn_new(object, text, (size_t)(equals - text), value) < 0)
		return say_usage("\"%s\": not UTF-8", text);
	return EXIT_FINE;
}

json_t *assign_words(const char *text)
{
	json_t *words = json_array();

	while (*text) {
		size_t n = strcspn(text, ",");

		if (n > 0)
			json_array_append_new(words, json_stringn(text, n));
		text += n + (text[n] == ',');
	}
	return words;
}

int assign_check(const struct schema *schema, const json_t *object)
{
	struct problem p = {0};
	int r = EXIT_FINE;

	if (schema_check(schema, object, &p) < 0)
		r = say_usage("%s", p.message);
	problem_clear(&p);
	return r;
}
