/* protocol/csv.c - tables from CSV files (RFC 4180, one record a line). */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/csv.h"

/* The next cell of a line, unquoted into out (as long as the line); moves *line behind its comma, or to NULL after
 * the last.  -1: a quote that does not end, or text behind it. */
static int next_cell(const char **line, char *out)
{
	const char *from = *line;

	if (*from != '"') {
		size_t n = strcspn(from, ",");

		memcpy(out, from, n);
		out[n] = '\0';
		from += n;
	} else {
		for (from++; *from && !(from[0] == '"' && from[1] != '"'); from++) {
			*out++ = *from;
			from += *from == '"';
		}
		if (*from++ != '"')
			return -1;
		*out = '\0';
	}
	if (*from && *from != ',')
		return -1;
	*line = *from ? from + 1 : NULL;
	return 0;
}

static json_t *cell_value(const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !isfinite(value) || strpbrk(text, "xX"))
		return json_string(text);
	return json_real(value);
}

/* The line's cells, all text (names) or numbers where they can be; NULL and *p on failure. */
static json_t *read_cells(const char *file, size_t number, const char *line, bool names,
			  struct problem *p)
{
	char *cell = malloc(strlen(line) + 1);
	json_t *cells = json_array();
	int r = cell ? 0 : -1;

	while (r == 0 && line) {
		r = next_cell(&line, cell);
		if (r == 0)
			r = json_array_append_new(cells,
						  names ? json_string(cell) : cell_value(cell));
	}
	free(cell);
	if (r == 0)
		return cells;
	problem_set(p, PROBLEM_PARSE, "",
		    "%s:%zu: cell %zu is no CSV (quotes must end before a comma, text be UTF-8)",
		    file, number, json_array_size(cells) + 1);
	json_decref(cells);
	return NULL;
}

static int check_names(const char *file, const json_t *names, struct problem *p)
{
	for (size_t i = 0; i < json_array_size(names); i++) {
		const char *name = json_string_value(json_array_get(names, i));

		if (!*name)
			return problem_set(p, PROBLEM_PARSE, "", "%s:1: column %zu has no name",
					   file, i + 1);
		for (size_t j = 0; j < i; j++)
			if (json_equal(json_array_get(names, j), json_array_get(names, i)))
				return problem_set(p, PROBLEM_PARSE, "",
						   "%s:1: two columns are called \"%s\"", file,
						   name);
	}
	return 0;
}

static int add_line(const char *file, size_t number, char *line, json_t *columns, json_t *rows,
		    struct problem *p)
{
	json_t *cells;

	line[strcspn(line, "\r\n")] = '\0';
	if (!*line)
		return 0;
	if (number == 1 && strncmp(line, "\xEF\xBB\xBF", 3) == 0)
		line += 3;
	cells = read_cells(file, number, line, number == 1, p);
	if (!cells)
		return -1;
	if (number == 1) {
		json_array_extend(columns, cells);
		json_decref(cells);
		return check_names(file, columns, p);
	}
	if (json_array_size(cells) == json_array_size(columns)) {
		json_array_append_new(rows, cells);
		return 0;
	}
	problem_set(p, PROBLEM_PARSE, "", "%s:%zu: %zu cells; the first line names %zu columns",
		    file, number, json_array_size(cells), json_array_size(columns));
	json_decref(cells);
	return -1;
}

/* Closes f, which may be NULL: errno says why. */
static int read_lines(FILE *f, const char *file, json_t **ret, struct problem *p)
{
	json_t *columns = json_array(), *rows = json_array();
	char *line = NULL;
	size_t size = 0, number = 0;
	int r = 0;

	if (!f)
		r = problem_set(p, PROBLEM_PARSE, "", "%s: %s", file, strerror(errno));
	while (r == 0 && getline(&line, &size, f) >= 0)
		r = add_line(file, ++number, line, columns, rows, p);
	if (r == 0 && ferror(f))
		r = problem_set(p, PROBLEM_PARSE, "", "%s: %s", file, strerror(errno));
	if (r == 0 && json_array_size(rows) == 0)
		r = problem_set(p, PROBLEM_PARSE, "", "%s: there are no rows in this file", file);
	free(line);
	if (f)
		fclose(f);
	if (r == 0)
		*ret = json_pack("{s:O,s:O}", "columns", columns, "rows", rows);
	json_decref(columns);
	json_decref(rows);
	return r;
}

int csv_read(const char *file, json_t **ret, struct problem *p)
{
	return read_lines(fopen(file, "re"), file, ret, p);
}

int csv_parse(const char *name, const char *text, size_t n, json_t **ret, struct problem *p)
{
	if (n == 0)
		return problem_set(p, PROBLEM_PARSE, "", "%s: there are no rows in this file",
				   name);
	return read_lines(fmemopen((char *)text, n, "r"), name, ret, p);
}

/* Relative to the folder of task_file. */
static char *path_beside(const char *task_file, const char *file)
{
	const char *slash = strrchr(task_file, '/');
	char *path = NULL;

	if (*file == '/' || !slash)
		return strdup(file);
	return asprintf(&path, "%.*s/%s", (int)(slash - task_file), task_file, file) < 0 ? NULL
											 : path;
}

static int inline_set(json_t *set, const char *task_file, const char *at, struct problem *p)
{
	const char *file = json_string_value(json_object_get(set, "csv"));
	json_t *table = NULL;
	char *path;
	int r;

	if (!file)
		return 0;
	path = path_beside(task_file, file);
	if (!path)
		return problem_set(p, PROBLEM_INTERNAL, at, "no memory");
	r = csv_read(path, &table, p);
	free(path);
	if (r < 0) {
		if (p)
			problem_cut(p->path, sizeof(p->path), at);
		return -1;
	}
	json_object_del(set, "csv");
	return json_object_set_new(set, "table", table);
}

int csv_inline(json_t *task, const char *task_file, struct problem *p)
{
	if (inline_set(json_object_get(task, "train"), task_file, "/train/csv", p) < 0)
		return -1;
	return inline_set(json_object_get(task, "test"), task_file, "/test/csv", p);
}
