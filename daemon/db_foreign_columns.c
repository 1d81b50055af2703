/* daemon/db_foreign_columns.c - which column of somebody else's table is what: as told, or as its head says. */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/db_foreign_impl.h"

int foreign_number(const struct csv_cell *cell, double *ret)
{
	const char *text = cell->text + strspn(cell->text, " \t");
	char *end;

	if (!*text || strcasecmp(text, "na") == 0 || strcasecmp(text, "null") == 0) {
		*ret = (double)NAN;
		return 0;
	}
	*ret = strtod(text, &end);
	end += strspn(end, " \t");
	return end == text || *end ? -1 : 0;
}

/* ---- heads ---- */

/* "Time (s)" is "time" and "s"; "t_s" is as it stands. */
static void split_head(const char *head, char word[64], char unit[16])
{
	size_t n = strcspn(head, "([");
	const char *in = head + n;

	unit[0] = '\0';
	if (*in)
		snprintf(unit, 16, "%.*s", (int)strcspn(in + 1, ")] "), in + 1);
	while (n > 0 && isspace((unsigned char)head[n - 1]))
		n--;
	snprintf(word, 64, "%.*s", (int)(n < 63 ? n : 63), head);
}

static bool among(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (strcasecmp(word, *words) == 0)
			return true;
	return false;
}

static bool says_time(const char *head)
{
	static const char *const words[] = {"t",       "time", "time_s", "t_s",
					    "seconds", "sec",  "s",      NULL};
	static const char *const seconds[] = {"", "s", "sec", "seconds", NULL};
	char word[64], unit[16];

	split_head(head, word, unit);
	return among(word, words) && among(unit, seconds);
}

/* rms: a root in volts, to be squared */
static bool says_error(const char *head, bool *ret_rms)
{
	static const char *const squares[] = {
		"error", "mse", "mse_V2", "error_V2", "mean squared error",
		"loss",  "err", "cost",   NULL};
	static const char *const roots[] = {"rms_V", "rmse_V", "error_V", "rmse", "rms", NULL};
	char word[64], unit[16];

	split_head(head, word, unit);
	*ret_rms = among(word, roots) || (among(word, squares) && strcmp(unit, "V") == 0);
	return *ret_rms || among(word, squares);
}

/* "V3", "V_3", "v_free_V[3]", "node 3", "V3 (V)": the node; -1: none */
static int says_node(const char *head)
{
	static const char *const fronts[] = {"v_free_V[", "v_free_", "voltage", "node", "v"};
	static const char *const ends[] = {"", "]", "_V", NULL};

	for (size_t i = 0; i < sizeof(fronts) / sizeof(fronts[0]); i++) {
		size_t n = strlen(fronts[i]);
		const char *at = head + n;
		char word[64], unit[16], *end;
		long node;

		if (strncasecmp(head, fronts[i], n) != 0)
			continue;
		at += strspn(at, " _");
		if (!isdigit((unsigned char)*at))
			continue;
		node = strtol(at, &end, 10);
		split_head(end, word, unit);
		if (node < 1000000 && (among(end, ends) || (!word[0] && strcmp(unit, "V") == 0)))
			return (int)node;
	}
	return -1;
}

/* ---- the file ---- */

static char separator_of(const char *line)
{
	if (strchr(line, '\t'))
		return '\t';
	return strchr(line, ';') ? ';' : ',';
}

static FILE *open_table(const char *file, char *ret_separator, struct problem *p)
{
	FILE *f = fopen(file, "re");
	char *line = NULL;
	size_t size = 0;

	if (!f) {
		problem_set(p, PROBLEM_STORAGE, "", "%s: %m", file);
		return NULL;
	}
	do
		errno = 0;
	while (getline(&line, &size, f) > 0 && (line[0] == '#' || line[0] == '\n'));
	if (errno || !line || feof(f)) {
		/* a file of one line without an end is none */
		if (errno)
			problem_set(p, PROBLEM_STORAGE, "", "%s: %m", file);
		else
			problem_set(p, PROBLEM_STORAGE, "", "%s has no rows", file);
		fclose(f);
		free(line);
		return NULL;
	}
	*ret_separator = separator_of(line);
	free(line);
	rewind(f);
	return f;
}

static int take_names(struct foreign_columns *c, const struct csv_cell *cells, size_t n,
		      struct problem *p)
{
	double number;

	c->names = calloc(n, sizeof(*c->names));
	if (!c->names)
		return problem_set(p, PROBLEM_STORAGE, "", "no memory for %zu columns", n);
	c->n = n;
	for (size_t i = 0; i < n; i++)
		c->heads |= foreign_number(&cells[i], &number) < 0;
	for (size_t i = 0; i < n; i++) {
		const char *text = cells[i].text;

		if (i == 0 && strncmp(text, "\xef\xbb\xbf", 3) == 0) /* a spreadsheet's mark */
			text += 3;
		text += strspn(text, " \t");
		if (c->heads ? !(c->names[i] = strdup(text))
			     : asprintf(&c->names[i], "%zu", i + 1) < 0)
			return problem_set(p, PROBLEM_STORAGE, "", "no memory for a name");
	}
	return 0;
}

/* By its head or its number; -1 and *p.  n: bytes of the name */
static int find_column(const struct foreign_columns *c, const char *option, const char *name,
		       size_t n, struct problem *p)
{
	char all[200] = "", *end;
	long number;

	for (size_t i = 0; i < c->n; i++)
		if (strlen(c->names[i]) == n && strncmp(c->names[i], name, n) == 0)
			return (int)i;
	number = strtol(name, &end, 10);
	if (end == name + n && number >= 1 && (size_t)number <= c->n)
		return (int)number - 1;
	for (size_t i = 0; i < c->n; i++) {
		size_t used = strlen(all);

		snprintf(all + used, sizeof(all) - used, "%s%s", used ? ", " : "", c->names[i]);
	}
	return problem_set(p, PROBLEM_PARAMS, "",
			   "%s %.*s: the table has no such column; it has %s", option,
			   (int)(n < 60 ? n : 60), name, all);
}

/* ---- as told ---- */

static int take_error(struct foreign_columns *c, const char *told, struct problem *p)
{
	const char *equals = strrchr(told, '=');
	size_t n = equals ? (size_t)(equals - told) : strlen(told);

	if (equals && strcmp(equals, "=rms_V") != 0 && strcmp(equals, "=mse_V2") != 0)
		return problem_set(p, PROBLEM_PARAMS, "",
				   "--error %s: expected COLUMN, COLUMN=mse_V2 or COLUMN=rms_V",
				   told);
	c->squared = equals && strcmp(equals, "=rms_V") == 0;
	c->error = find_column(c, "--error", told, n, p);
	return c->error < 0 ? -1 : 0;
}

static int add_node(struct foreign_columns *c, int column, int node, struct problem *p)
{
	for (size_t i = 0; i < c->n_nodes; i++)
		if (c->nodes[i].node == node)
			return problem_set(p, PROBLEM_PARAMS, "",
					   "node %d has two columns, %s and %s: tell which by "
					   "--voltage COLUMN=NODE",
					   node, c->names[c->nodes[i].column], c->names[column]);
	if (c->n_nodes == FOREIGN_MOST)
		return problem_set(p, PROBLEM_PARAMS, "", "more than %d nodes", FOREIGN_MOST);
	c->nodes[c->n_nodes].column = column;
	c->nodes[c->n_nodes++].node = node;
	return 0;
}

static int take_voltage(struct foreign_columns *c, const char *told, struct problem *p)
{
	const char *equals = strrchr(told, '=');
	char *end = NULL;
	long node = equals ? strtol(equals + 1, &end, 10) : -1;
	int column;

	if (!equals || end == equals + 1 || *end || node < 0 || node >= 1000000)
		return problem_set(p, PROBLEM_PARAMS, "",
				   "--voltage %s: expected COLUMN=NODE, a node's number", told);
	column = find_column(c, "--voltage", told, (size_t)(equals - told), p);
	return column < 0 ? -1 : add_node(c, column, (int)node, p);
}

static int take_told(struct foreign_columns *c, const struct foreign *foreign, struct problem *p)
{
	if (foreign->time) {
		c->time = find_column(c, "--time", foreign->time, strlen(foreign->time), p);
		if (c->time < 0)
			return -1;
	}
	if (foreign->error && take_error(c, foreign->error, p) < 0)
		return -1;
	for (size_t i = 0; i < foreign->n_voltages; i++)
		if (take_voltage(c, foreign->voltages[i], p) < 0)
			return -1;
	return 0;
}

/* ---- as the heads say ---- */

static int guess(struct foreign_columns *c, struct problem *p)
{
	c->guessed = true;
	if (!c->heads && c->n <= 2) { /* a series, with its times or without */
		c->time = c->n == 2 ? 0 : -1;
		c->error = (int)c->n - 1;
	}
	for (size_t i = 0; c->heads && i < c->n; i++) {
		int node = says_node(c->names[i]);
		bool rms;

		if (c->time < 0 && says_time(c->names[i])) {
			c->time = (int)i;
		} else if (c->error < 0 && says_error(c->names[i], &rms)) {
			c->error = (int)i;
			c->squared = rms;
		} else if (node >= 0 && add_node(c, (int)i, node, p) < 0) {
			return -1;
		}
	}
	return 0;
}

int foreign_columns_find(const char *file, const struct foreign *foreign,
			 struct foreign_columns *ret, struct problem *p)
{
	const struct csv_cell *cells;
	struct csv_line *line;
	FILE *f;
	size_t n;
	int r;

	memset(ret, 0, sizeof(*ret));
	ret->time = ret->error = -1;
	f = open_table(file, &ret->separator, p);
	if (!f)
		return -1;
	line = csv_line_open(f, ret->separator);
	r = line ? csv_line_next(line, true, &cells, &n, p)
		 : problem_set(p, PROBLEM_STORAGE, "", "no memory for a line");
	if (r > 0)
		r = take_names(ret, cells, n, p);
	csv_line_close(line);
	fclose(f);
	if (r < 0)
		return -1;
	r = foreign->time || foreign->error || foreign->n_voltages ? take_told(ret, foreign, p)
								   : guess(ret, p);
	if (r == 0 && ret->error < 0 && ret->n_nodes == 0)
		return problem_set(
			p, PROBLEM_PARAMS, "",
			"%s: its %zu columns do not say which is an error or a node's "
			"voltage: tell by --error COLUMN, --voltage COLUMN=NODE (and --time "
			"COLUMN); a column is a head or a number from 1",
			file, ret->n);
	return r;
}

void foreign_columns_free(struct foreign_columns *columns)
{
	for (size_t i = 0; columns->names && i < columns->n; i++)
		free(columns->names[i]);
	free(columns->names);
	columns->names = NULL;
}

static bool is_taken(const struct foreign_columns *c, int column)
{
	for (size_t i = 0; i < c->n_nodes; i++)
		if (c->nodes[i].column == column)
			return true;
	return column == c->time || column == c->error;
}

void foreign_columns_say(const char *file, const struct foreign_columns *c, FILE *to)
{
	fprintf(to, "%s, %s:\n", file, c->guessed ? "as its heads say" : "as told");
	if (c->time >= 0)
		fprintf(to, "  \"%s\" is the time in seconds (t_mono_ns)\n", c->names[c->time]);
	else
		fputs("  no time: steps have only their numbers\n", to);
	if (c->error >= 0)
		fprintf(to, "  \"%s\" is the error (mse_V2%s)\n", c->names[c->error],
			c->squared ? ", squared" : "");
	for (size_t i = 0; i < c->n_nodes; i++)
		fprintf(to, "  \"%s\" is the voltage of node %d (v_free_V)\n",
			c->names[c->nodes[i].column], c->nodes[i].node);
	for (size_t i = 0; i < c->n; i++)
		if (!is_taken(c, (int)i))
			fprintf(to, "  \"%s\" is left out\n", c->names[i]);
}
