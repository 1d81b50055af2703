/* daemon/db_csv.c - the lines of a CSV file (RFC 4180), one at a time. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/db_csv.h"

#define LINE_MOST 1073741824 /* bytes */

struct csv_line {
	FILE *f;
	char separator;
	long number, next; /* of this line, and of the one behind it */
	char *bytes;       /* of all cells, each with a NUL behind it */
	size_t n, room;
	struct csv_cell *cells;
	size_t *starts; /* of the cells in bytes, which may move while it grows */
	size_t n_cells, room_cells;
};

struct csv_line *csv_line_open(FILE *f, char separator)
{
	struct csv_line *line = calloc(1, sizeof(*line));

	if (!line)
		return NULL;
	line->f = f;
	line->separator = separator;
	line->next = 1;
	return line;
}

void csv_line_close(struct csv_line *line)
{
	if (!line)
		return;
	free(line->bytes);
	free(line->cells);
	free(line->starts);
	free(line);
}

long csv_line_number(const struct csv_line *line)
{
	return line->number;
}

static int too_long(const struct csv_line *line, struct problem *p)
{
	return problem_set(p, PROBLEM_STORAGE, "", "line %ld is too long", line->number);
}

static int add(struct csv_line *line, int c, struct problem *p)
{
	if (line->n == line->room) {
		size_t room = 2 * line->room + 256;
		char *grown = room < LINE_MOST ? realloc(line->bytes, room) : NULL;

		if (!grown)
			return too_long(line, p);
		line->bytes = grown;
		line->room = room;
	}
	line->bytes[line->n++] = (char)c;
	return 0;
}

static int begin_cell(struct csv_line *line, struct problem *p)
{
	if (line->n_cells == line->room_cells) {
		size_t room = 2 * line->room_cells + 64;
		struct csv_cell *cells = reallocarray(line->cells, room, sizeof(*cells));
		size_t *starts;

		if (cells)
			line->cells = cells;
		starts = cells ? reallocarray(line->starts, room, sizeof(*starts)) : NULL;
		if (!starts)
			return too_long(line, p);
		line->starts = starts;
		line->room_cells = room;
	}
	line->starts[line->n_cells] = line->n;
	line->cells[line->n_cells++] = (struct csv_cell){0};
	return 0;
}

static int end_cell(struct csv_line *line, struct problem *p)
{
	struct csv_cell *cell = &line->cells[line->n_cells - 1];

	cell->n = line->n - line->starts[line->n_cells - 1];
	return add(line, '\0', p);
}

/* Behind the opening quote, up to the closing one. */
static int read_quoted(struct csv_line *line, struct problem *p)
{
	int c;

	line->cells[line->n_cells - 1].quoted = true;
	while ((c = getc_unlocked(line->f)) != EOF) {
		if (c == '\n')
			line->next++;
		if (c == '"') {
			c = getc_unlocked(line->f);
			if (c != '"') {
				if (c != EOF)
					ungetc(c, line->f);
				return 0;
			}
		}
		if (add(line, c, p) < 0)
			return -1;
	}
	return problem_set(p, PROBLEM_STORAGE, "", "line %ld: a quote is not closed", line->number);
}

/* 1: a line; 0: the end, nothing stands before it; -1 */
static int read_line(struct csv_line *line, struct problem *p)
{
	int c = getc_unlocked(line->f);

	line->n = line->n_cells = 0;
	line->number = line->next++;
	if (c == EOF)
		return ferror(line->f) ? problem_set(p, PROBLEM_STORAGE, "", "%m") : 0;
	if (begin_cell(line, p) < 0)
		return -1;
	for (; c != EOF && c != '\n'; c = getc_unlocked(line->f)) {
		int r = 0;

		if (c == '"' && line->n == line->starts[line->n_cells - 1] &&
		    !line->cells[line->n_cells - 1].quoted) {
			r = read_quoted(line, p);
		} else if (c == line->separator) {
			r = end_cell(line, p) < 0 ? -1 : begin_cell(line, p);
		} else if (c == '\r') {
			int behind = getc_unlocked(line->f);

			if (behind != EOF)
				ungetc(behind, line->f);
			r = behind == '\n' || behind == EOF ? 0 : add(line, c, p);
		} else {
			r = add(line, c, p);
		}
		if (r < 0)
			return -1;
	}
	if (end_cell(line, p) < 0)
		return -1;
	for (size_t i = 0; i < line->n_cells; i++)
		line->cells[i].text = line->bytes + line->starts[i];
	return 1;
}

int csv_line_next(struct csv_line *line, bool skip_empty, const struct csv_cell **ret,
		  size_t *ret_n, struct problem *p)
{
	const struct csv_cell *first;
	int r;

	do {
		r = read_line(line, p);
		first = line->cells;
	} while (r > 0 && !first->quoted &&
		 (first->text[0] == '#' || (skip_empty && line->n_cells == 1 && first->n == 0)));
	*ret = line->cells;
	*ret_n = line->n_cells;
	return r;
}
