/* daemon/db_print.c - rows of JSON on standard output: as a table, CSV or JSON. */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/db_print.h"

#define SHORT_DIGITS 6 /* of a real in a table */

static void put_quoted(const char *text)
{
	if (!strpbrk(text, ",\"\r\n")) {
		fputs(text, stdout);
		return;
	}
	putchar('"');
	for (; *text; text++)
		printf(*text == '"' ? "\"\"" : "%c", *text);
	putchar('"');
}

void db_print_cell(const json_t *value)
{
	char *text;

	if (!value || json_is_null(value))
		return;
	if (json_is_string(value)) {
		put_quoted(json_string_value(value));
		return;
	}
	text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	put_quoted(text ? text : "");
	free(text);
}

static void print_csv(const json_t *columns, const json_t *rows)
{
	const char *name;
	json_t *mark, *row;
	bool first = true;
	size_t i;

	json_object_foreach((json_t *)columns, name, mark)
	{
		printf("%s%s", first ? "" : ",", name);
		first = false;
	}
	putchar('\n');
	json_array_foreach(rows, i, row)
	{
		first = true;
		json_object_foreach((json_t *)columns, name, mark)
		{
			fputs(first ? "" : ",", stdout);
			db_print_cell(json_object_get(row, name));
			first = false;
		}
		putchar('\n');
	}
}

/* ---- for people ---- */

static char *cell(const json_t *value)
{
	char text[40];

	if (!value || json_is_null(value))
		return strdup("");
	if (json_is_string(value))
		return strdup(json_string_value(value));
	if (!json_is_real(value))
		return json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	snprintf(text, sizeof(text), "%.*g", SHORT_DIGITS, json_real_value(value));
	return strdup(text);
}

static int width_of(const char *name, const json_t *rows)
{
	size_t widest = strlen(name), i;
	json_t *row;

	json_array_foreach(rows, i, row)
	{
		char *text = cell(json_object_get(row, name));

		if (text && strlen(text) > widest)
			widest = strlen(text);
		free(text);
	}
	return (int)widest;
}

static void print_row(const json_t *columns, const json_t *widths, const json_t *row)
{
	size_t i = 0;
	const char *name;
	json_t *mark;

	json_object_foreach((json_t *)columns, name, mark)
	{
		int width = (int)json_integer_value(json_array_get(widths, i++));
		char *text = row ? cell(json_object_get(row, name)) : strdup(name);
		bool last = i == json_array_size(widths);
		bool right = row && json_is_number(json_object_get(row, name));

		if (right)
			printf("%*s%s", width, text, last ? "" : "  ");
		else
			printf("%-*s%s", last ? 0 : width, text, last ? "" : "  ");
		free(text);
	}
	putchar('\n');
}

static void print_table(const json_t *columns, const json_t *rows)
{
	json_t *widths = json_array(), *row, *mark;
	const char *name;
	size_t i;

	json_object_foreach((json_t *)columns, name, mark)
		json_array_append_new(widths, json_integer(width_of(name, rows)));
	print_row(columns, widths, NULL);
	json_array_foreach(rows, i, row) print_row(columns, widths, row);
	json_decref(widths);
}

void db_print(enum db_format format, const json_t *columns, const json_t *rows)
{
	switch (format) {
	case DB_TABLE:
		print_table(columns, rows);
		return;
	case DB_CSV:
		print_csv(columns, rows);
		return;
	case DB_JSON:
		json_dumpf(rows, stdout, JSON_INDENT(1));
		putchar('\n');
		return;
	}
}
