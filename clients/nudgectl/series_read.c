/* clients/nudgectl/series_read.c - reads a run's series out of its database, by nudge-db. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/program.h"
#include "clients/nudgectl/series_read.h"

/* ---- a table of numbers ---- */

struct numbers {
	size_t n, room, n_columns;
	double *value; /* [n][n_columns] */
	char **name;   /* [n_columns] */
};

static void numbers_free(struct numbers *t)
{
	for (size_t i = 0; i < t->n_columns; i++)
		free(t->name[i]);
	free(t->name);
	free(t->value);
}

static bool read_heads(char *line, struct numbers *t)
{
	size_t n = 1;

	for (const char *p = line; *p; p++)
		n += *p == ',';
	t->name = calloc(n, sizeof(*t->name));
	for (char *next; t->name && line; line = next) {
		next = strchr(line, ',');
		if (next)
			*next++ = '\0';
		line[strcspn(line, "\r\n")] = '\0';
		t->name[t->n_columns] = strdup(line);
		if (!t->name[t->n_columns++])
			return false;
	}
	return t->name != NULL;
}

static bool read_line(const char *line, struct numbers *t)
{
	if (t->n == t->room) {
		size_t room = t->room ? 2 * t->room : 256;
		double *value = realloc(t->value, room * t->n_columns * sizeof(*value));

		if (!value)
			return false;
		t->value = value;
		t->room = room;
	}
	for (size_t i = 0; i < t->n_columns; i++) {
		char *end;
		double value = strtod(line, &end);

		t->value[t->n * t->n_columns + i] = end == line ? NAN : value;
		line = strchr(line, ',');
		if (!line)
			break;
		line++;
	}
	t->n++;
	return true;
}

/* The first column of that name, or of that name with an index; *n: how many follow with one.  n_columns: none. */
static size_t find_columns(const struct numbers *t, const char *name, size_t *n)
{
	size_t length = strlen(name), first = t->n_columns;

	*n = 0;
	for (size_t i = 0; i < t->n_columns; i++) {
		const char *head = t->name[i];

		if (strncmp(head, name, length) || (head[length] && head[length] != '['))
			continue;
		if ((*n)++ == 0)
			first = i;
	}
	return first;
}

/* Copies the columns of that name into an array of its own: [n][*width]; NULL: not there */
static double *take_columns(const struct numbers *t, const char *name, size_t *width)
{
	size_t first = find_columns(t, name, width);
	double *ret = *width ? malloc((t->n ? t->n : 1) * *width * sizeof(*ret)) : NULL;

	for (size_t i = 0; ret && i < t->n; i++)
		memcpy(ret + i * *width, t->value + i * t->n_columns + first,
		       *width * sizeof(*ret));
	return ret;
}

/* ---- a run's columns ---- */

static void take_volts(const struct numbers *t, struct series *s)
{
	size_t measured, targets;
	double *v_V = take_columns(t, "v_free_V", &measured);

	s->target_V = take_columns(t, "target_V", &targets);
	s->v_V = s->target_V ? malloc((t->n ? t->n : 1) * targets * sizeof(double)) : NULL;
	for (size_t i = 0; v_V && s->v_V && i < t->n;
	     i++) /* targets stand first among what is measured */
		memcpy(s->v_V + i * targets, v_V + i * measured, targets * sizeof(double));
	free(v_V);
	s->n_targets = targets;
}

static void take_edges(const struct numbers *t, const struct series_want *want, struct series *s)
{
	size_t width;
	double *updated;

	s->r_ohm = take_columns(t, want->r_ohm ? "r_ohm" : "wiper", &width);
	for (size_t k = 0; s->r_ohm && !want->r_ohm && k < t->n * width; k++)
		s->r_ohm[k] = want->r_min_ohm + want->r_step_ohm * s->r_ohm[k];
	if (width)
		s->n_edges = width;
	updated = take_columns(t, "updated", &width);
	s->updated = updated ? malloc(t->n * width + 1) : NULL;
	for (size_t k = 0; s->updated && k < t->n * width; k++)
		s->updated[k] = updated[k] == 1;
	if (width)
		s->n_edges = width;
	free(updated);
}

static int take(const struct numbers *t, const struct series_want *want, struct series *s)
{
	size_t width;

	s->n = t->n;
	s->step = take_columns(t, "step", &width);
	s->t_s = take_columns(t, "t_free_ns", &width);
	s->mse_V2 = take_columns(t, "mse_V2", &width);
	s->equilibrium_V2 = take_columns(t, "mse_equilibrium_V2", &width);
	if (!s->step || !s->t_s || !s->mse_V2)
		return -1;
	for (size_t i = 0; i < s->n; i++)
		s->t_s[i] *= 1e-9;
	take_volts(t, s);
	take_edges(t, want, s);
	return 0;
}

int series_parse(FILE *csv, const struct series_want *want, struct series *s, char *why,
		 size_t why_size)
{
	struct numbers t = {0};
	char *line = NULL;
	size_t size = 0;
	bool ok = getline(&line, &size, csv) > 0 && read_heads(line, &t);
	int r = -1;

	while (ok && getline(&line, &size, csv) > 0)
		ok = read_line(line, &t);
	if (ok)
		r = take(&t, want, s);
	if (r < 0)
		snprintf(why, why_size, "nudge-db series printed no table of steps");
	numbers_free(&t);
	free(line);
	return r;
}

/* ---- by nudge-db ---- */

static int ended_with(const char *nudge_db, int code, char *why, size_t why_size)
{
	if (code < 0)
		snprintf(why, why_size, "%s cannot be run: %s", nudge_db, strerror(-code));
	else
		snprintf(why, why_size, "%s ended with %d", nudge_db, code);
	return -1;
}

static int read_steps(const char *nudge_db, const char *file, const struct series_want *want,
		      struct series *s, char *why, size_t why_size)
{
	char columns[200];
	char *words[] = {(char *)nudge_db, "series",    (char *)file, "--run", "1",
			 "--csv",          "--columns", columns,      NULL};
	FILE *table = tmpfile();
	int r;

	if (!table)
		return ended_with(nudge_db, -errno, why, why_size);
	snprintf(columns, sizeof(columns), "step,t_free_ns,mse_V2%s%s%s%s%s",
		 want->volts ? ",v_free_V,target_V" : "",
		 want->edges && !want->r_ohm ? ",wiper" : "", want->r_ohm ? ",r_ohm" : "",
		 want->updated ? ",updated" : "", want->equilibrium ? ",mse_equilibrium_V2" : "");
	r = program_run(words, fileno(table));
	if (r != 0) {
		fclose(table);
		return ended_with(nudge_db, r, why, why_size);
	}
	rewind(table);
	r = series_parse(table, want, s, why, why_size);
	fclose(table);
	return r;
}

static int read_json(char **words, json_t **ret, char *why, size_t why_size)
{
	int r = program_json(words, ret);

	if (r == 0 && *ret)
		return 0;
	json_decref(*ret);
	return ended_with(words[0], r, why, why_size);
}

static double number(const json_t *row, const char *name)
{
	const json_t *value = json_object_get(row, name);

	return json_is_number(value) ? json_number_value(value) : NAN;
}

static int read_tests(const char *nudge_db, const char *file, struct series *s, char *why,
		      size_t why_size)
{
	char *words[] = {(char *)nudge_db, "tests", (char *)file, "--run", "1", "--json", NULL};
	json_t *rows, *row;
	size_t n, i;

	if (read_json(words, &rows, why, why_size) < 0)
		return -1;
	n = json_array_size(rows);
	s->test_step = calloc(n + 1, sizeof(double));
	s->test_error_V2 = calloc(n + 1, sizeof(double));
	s->accuracy = calloc(n + 1, sizeof(double));
	json_array_foreach(rows, i, row)
	{
		const char *set = json_string_value(json_object_get(row, "set"));

		if (!set || strcmp(set, "test") || !s->test_step || !s->test_error_V2 ||
		    !s->accuracy)
			continue;
		s->test_step[s->n_tests] = number(row, "step");
		s->test_error_V2[s->n_tests] = number(row, "error_V2");
		s->accuracy[s->n_tests++] = number(row, "accuracy");
	}
	json_decref(rows);
	return 0;
}

static int read_run(const char *nudge_db, const char *file, struct series *s, char *why,
		    size_t why_size)
{
	char *words[] = {(char *)nudge_db, "runs", (char *)file, "--json", "--arrays", NULL};
	const json_t *row;
	double t0_s;
	json_t *rows;

	if (read_json(words, &rows, why, why_size) < 0)
		return -1;
	row = json_array_get(rows, 0);
	s->steps = number(row, "steps");
	s->mse_first_V2 = number(row, "mse_first_V2");
	s->mse_min_V2 = number(row, "mse_min_V2");
	s->mse_final_V2 = number(row, "mse_final_V2");
	s->taps = json_incref(json_object_get(row, "edges_at_stop"));
	t0_s = number(row, "t0_mono_ns") * 1e-9;
	for (size_t i = 0; i < s->n; i++)
		s->t_s[i] -= t0_s;
	json_decref(rows);
	return 0;
}

int series_read(const char *nudge_db, const char *file, const struct series_want *want,
		struct series **ret, char *why, size_t why_size)
{
	struct series *s = calloc(1, sizeof(*s));

	if (!s) {
		snprintf(why, why_size, "no memory for a run's series");
		return -1;
	}
	s->p = s->tau_s = s->alpha_over_gamma = NAN;
	if (read_steps(nudge_db, file, want, s, why, why_size) < 0 ||
	    (want->tests && read_tests(nudge_db, file, s, why, why_size) < 0) ||
	    read_run(nudge_db, file, s, why, why_size) < 0) {
		series_free(s);
		return -1;
	}
	*ret = s;
	return 0;
}

void series_free(struct series *s)
{
	if (!s)
		return;
	free(s->step);
	free(s->t_s);
	free(s->mse_V2);
	free(s->equilibrium_V2);
	free(s->v_V);
	free(s->target_V);
	free(s->r_ohm);
	free(s->updated);
	free(s->test_step);
	free(s->test_error_V2);
	free(s->accuracy);
	json_decref(s->taps);
	free(s);
}
