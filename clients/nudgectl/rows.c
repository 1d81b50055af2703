/* clients/nudgectl/rows.c - what sub-commands that list the past have in common: filters, rows, "there are more". */
#include "config.h"

#include <stdio.h>

#include "clients/nudgectl/rows.h"

int rows_params(const struct arguments *a, const char *const *texts, const char *const *numbers,
		json_t *params)
{
	for (; *texts; texts++)
		if (options_has(a, *texts))
			json_object_set_new(params, *texts, json_string(options_value(a, *texts)));
	for (; *numbers; numbers++) {
		const char *text = options_value(a, *numbers);
		unsigned long long number;

		if (!text)
			continue;
		if (!options_number(text, INT64_MAX, &number))
			return say_usage("--%s %s: expected a whole number", *numbers, text);
		json_object_set_new(params, *numbers, json_integer((json_int_t)number));
	}
	return EXIT_FINE;
}

void rows_keep_changes(json_t *rows)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		json_t *old = json_object_get(row, "old"), *now = json_object_get(row, "new");
		json_t *value;
		const char *name;
		void *next;

		if (!json_is_object(old))
			continue;
		json_object_foreach_safe(now, next, name, value)
		{
			if (json_equal(json_object_get(old, name), value)) {
				json_object_del(old, name);
				json_object_del(now, name);
			}
		}
	}
}

int rows_print(struct context *c, const char *method, json_t *params,
	       const struct table_column *columns)
{
	json_t *result, *next;
	int r = context_ask(c, method, params, &result);

	if (r != EXIT_FINE)
		return r;
	if (c->format == FORMAT_TABLE)
		rows_keep_changes(json_object_get(result, "rows"));
	r = table_print(c, columns, json_object_get(result, "rows"));
	next = json_object_get(result, "next");
	if (json_is_integer(next))
		fprintf(stderr, "nudgectl: there are more: --after %lld\n",
			(long long)json_integer_value(next));
	json_decref(result);
	return r;
}
