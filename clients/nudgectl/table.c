/* clients/nudgectl/table.c - prints tables; the one home of libsmartcols. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <libsmartcols/libsmartcols.h>

#include "clients/nudgectl/table.h"

/* ---- cells ---- */

static char *print_real(double value, int digits)
{
	char text[40];

	snprintf(text, sizeof(text), "%.*g", digits, value);
	return strdup(text);
}

static char *print_percent(double value)
{
	char text[40];

	snprintf(text, sizeof(text), "%.1f %%", 100 * value);
	return strdup(text);
}

char *table_cell(const json_t *value, enum table_style style)
{
	char time[24];

	if (!value || json_is_null(value))
		return strdup("");
	if (style == TABLE_TIME)
		return strdup(say_time(value, time));
	if (style == TABLE_PERCENT && json_is_number(value))
		return print_percent(json_number_value(value));
	if (style == TABLE_SHORT && json_is_real(value))
		return print_real(json_real_value(value), 3);
	if (json_is_string(value))
		return strdup(json_string_value(value));
	if (json_is_real(value))
		return print_real(json_real_value(value), 6);
	return json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
}

void table_csv_text(FILE *out, const char *text)
{
	if (!strpbrk(text, ",\"\r\n")) {
		fputs(text, out);
		return;
	}
	fputc('"', out);
	for (; *text; text++)
		fprintf(out, *text == '"' ? "\"\"" : "%c", *text);
	fputc('"', out);
}

void table_csv_value(FILE *out, const json_t *value)
{
	char *text;

	if (!value || json_is_null(value))
		return;
	if (json_is_string(value)) {
		table_csv_text(out, json_string_value(value));
		return;
	}
	text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	if (text)
		table_csv_text(out, text);
	free(text);
}

/* ---- CSV ---- */

static int print_csv(const struct table_column *columns, const json_t *rows)
{
	const json_t *row;
	size_t i;

	for (size_t k = 0; columns[k].key; k++) {
		fputs(k > 0 ? "," : "", stdout);
		table_csv_text(stdout, columns[k].key);
	}
	putchar('\n');
	json_array_foreach(rows, i, row)
	{
		for (size_t k = 0; columns[k].key; k++) {
			fputs(k > 0 ? "," : "", stdout);
			table_csv_value(stdout, json_object_get(row, columns[k].key));
		}
		putchar('\n');
	}
	return EXIT_FINE;
}

/* ---- for people ---- */

static struct libscols_table *new_table(const struct context *c)
{
	struct libscols_table *table = scols_new_table();

	if (table) {
		scols_table_enable_colors(table, c->color);
		scols_table_set_column_separator(table, "  ");
		if (!c->terminal) /* a pipe has no width to fit into */
			scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER);
	}
	return table;
}

static int add_row(const struct context *c, struct libscols_table *table,
		   const struct table_column *columns, const json_t *row)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);

	for (size_t k = 0; line && columns[k].key; k++) {
		const json_t *value = json_object_get(row, columns[k].key);
		char *text = table_cell(value, columns[k].style);

		if (!text || scols_line_refer_data(line, k, text) < 0) {
			free(text);
			return -1;
		}
		if (columns[k].style == TABLE_STATUS && c->color)
			scols_cell_set_color(
				scols_line_get_cell(line, k),
				say_color(c, color_of_status(json_string_value(value))));
	}
	return line ? 0 : -1;
}

static int print_table(const struct context *c, const struct table_column *columns,
		       const json_t *rows)
{
	struct libscols_table *table = new_table(c);
	const json_t *row;
	size_t i;
	int r = table ? 0 : -1;

	for (size_t k = 0; r == 0 && columns[k].key; k++) {
		bool right = columns[k].style == TABLE_NUMBER || columns[k].style == TABLE_SHORT ||
			     columns[k].style == TABLE_PERCENT;

		if (!scols_table_new_column(
			    table, columns[k].heading ? columns[k].heading : columns[k].key, 0,
			    right ? SCOLS_FL_RIGHT : 0))
			r = -1;
	}
	json_array_foreach(rows, i, row) r = r < 0 ? r : add_row(c, table, columns, row);
	if (r == 0)
		r = scols_print_table(table);
	scols_unref_table(table);
	return r < 0 ? say_failed("no memory for a table") : EXIT_FINE;
}

int table_print(const struct context *c, const struct table_column *columns, const json_t *rows)
{
	switch (c->format) {
	case FORMAT_JSON:
		say_json(rows);
		return EXIT_FINE;
	case FORMAT_CSV:
		return print_csv(columns, rows);
	case FORMAT_TABLE:
		break;
	}
	return print_table(c, columns, rows);
}

int table_print_object(const struct context *c, const struct table_column *members,
		       const json_t *object)
{
	json_t *rows;
	int r;

	if (c->format == FORMAT_JSON) {
		say_json(object);
		return EXIT_FINE;
	}
	if (c->format == FORMAT_CSV) {
		rows = json_pack("[O]", object);
		r = print_csv(members, rows);
		json_decref(rows);
		return r;
	}
	for (size_t k = 0; members[k].key; k++) {
		const json_t *value = json_object_get(object, members[k].key);
		const char *color = "", *heading = members[k].heading;
		char *text = table_cell(value, members[k].style);

		if (members[k].style == TABLE_STATUS)
			color = say_color(c, color_of_status(json_string_value(value)));
		if (text && text[0])
			printf("%-16s %s%s%s\n", heading ? heading : members[k].key, color, text,
			       color[0] ? say_color(c, COLOR_NONE) : "");
		free(text);
	}
	return EXIT_FINE;
}
