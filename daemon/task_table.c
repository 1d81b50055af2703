/* daemon/task_table.c - a task's examples from the columns of a table. */
#include "config.h"

#include <math.h>
#include <stdlib.h>

#include "daemon/task_reading.h"
#include "protocol/nearest.h"

/* What the columns mean; those that are not named for the test set are those of the training set. */
struct table {
	const json_t *columns, *rows;
	const json_t *fixed_V; /* {node: volts} */
	long *source, *target; /* [n_sources], [n_targets] column; -1: fixed, or none */
	double *fixed;         /* [n_sources] */
	long class_, learn, clamp, wait_s, group; /* -1: none */
};

/* ": it has a, b, c", or what was probably meant */
static void say_columns(const json_t *columns, const char *name, char *text, size_t size)
{
	const char *meant = NULL;
	size_t best = (size_t)-1, used, i;
	const json_t *column;

	json_array_foreach(columns, i, column)
	{
		size_t distance = nearest_distance(name, json_string_value(column));

		if (distance < best) {
			best = distance;
			meant = json_string_value(column);
		}
	}
	if (meant) {
		snprintf(text, size, "; did you mean \"%.64s\"?", meant);
		return;
	}
	used = (size_t)snprintf(text, size, "; it has");
	json_array_foreach(columns, i, column) if (used < size) used += (size_t)snprintf(
		text + used, size - used, "%s \"%.64s\"", i ? "," : "", json_string_value(column));
}

/* -2: a column that is not there (*p is set); -1: none wanted. */
static long find_column(const struct task_reading *in, const struct table *table,
			const char *member, const json_t *name)
{
	const json_t *column;
	char path[128], others[256];
	size_t i;

	if (!json_is_string(name))
		return -1;
	json_array_foreach(table->columns, i, column) if (json_equal(column, name)) return (long)i;
	snprintf(path, sizeof(path), "%s/%s", in->path, member);
	say_columns(table->columns, json_string_value(name), others, sizeof(others));
	problem_set(in->p, PROBLEM_PARAMS, path, "the table has no column \"%s\"%s",
		    json_string_value(name), others);
	return -2;
}

/* Sources in the task's order: those of fixed_V stay put, the others take the columns one by one. */
static int map_sources(const struct task_reading *in, struct table *table)
{
	const json_t *names = task_reading_said(in, "source");
	size_t used = 0;

	for (size_t i = 0; i < in->task->n_sources; i++) {
		const json_t *fixed = task_reading_fixed(in, in->task->sources[i]);

		if (fixed) {
			table->source[i] = -1;
			table->fixed[i] = json_number_value(fixed);
			continue;
		}
		if (used == json_array_size(names))
			return task_reading_refuse(
				in, "/source",
				"fewer columns than sources: name one for each source that "
				"is not in fixed_V");
		table->source[i] = find_column(in, table, "source", json_array_get(names, used++));
		if (table->source[i] == -2)
			return -1;
	}
	if (used < json_array_size(names))
		return task_reading_refuse(in, "/source",
					   "more columns than sources that are not in fixed_V");
	return 0;
}

static int map_targets(const struct task_reading *in, struct table *table)
{
	const json_t *names = task_reading_said(in, "target");

	if (in->task->targets_from != TASK_TARGETS_GIVEN)
		return 0;
	if (json_array_size(names) != in->task->n_targets)
		return task_reading_refuse(in, "/target", "name one column for each target");
	for (size_t i = 0; i < in->task->n_targets; i++) {
		table->target[i] = find_column(in, table, "target", json_array_get(names, i));
		if (table->target[i] < 0)
			return -1;
	}
	return 0;
}

static int map_flags(const struct task_reading *in, struct table *table)
{
	const json_t *flags = task_reading_said(in, "flags");

	table->class_ = find_column(in, table, "class", task_reading_said(in, "class"));
	table->learn = find_column(in, table, "flags/learn", json_object_get(flags, "learn"));
	table->clamp = find_column(in, table, "flags/clamp", json_object_get(flags, "clamp"));
	table->wait_s = find_column(in, table, "flags/wait_s", json_object_get(flags, "wait_s"));
	table->group = find_column(in, table, "flags/group", json_object_get(flags, "group"));
	return table->class_ == -2 || table->learn == -2 || table->clamp == -2 ||
			       table->wait_s == -2 || table->group == -2
		       ? -1
		       : 0;
}

static const json_t *cell(const json_t *row, long column)
{
	return column < 0 ? NULL : json_array_get(row, (size_t)column);
}

static int read_number(const struct task_reading *in, const struct table *table, size_t row,
		       long column, double *ret)
{
	const json_t *value = cell(json_array_get(table->rows, row), column);
	char path[128];

	if (json_is_number(value)) {
		*ret = json_number_value(value);
		return 0;
	}
	snprintf(path, sizeof(path), "%s/table/rows/%zu/%ld", in->path, row, column);
	return problem_set(in->p, PROBLEM_PARAMS, path,
			   "row %zu of the table: \"%s\" is not a number, as column \"%s\" must be",
			   row + 1, json_is_string(value) ? json_string_value(value) : "",
			   json_string_value(json_array_get(table->columns, (size_t)column)));
}

static int read_row(const struct task_reading *in, const struct table *table, size_t i)
{
	struct examples *e = &in->set->given;
	const json_t *row = json_array_get(table->rows, i);

	for (size_t k = 0; k < e->n_sources; k++) {
		double *volts = &e->source_V[i * e->n_sources + k];

		if (table->source[k] < 0)
			*volts = table->fixed[k];
		else if (read_number(in, table, i, table->source[k], volts) < 0)
			return -1;
	}
	for (size_t k = 0; k < e->n_targets && in->task->targets_from == TASK_TARGETS_GIVEN; k++)
		if (read_number(in, table, i, table->target[k],
				&e->target_V[i * e->n_targets + k]) < 0)
			return -1;
	if (table->class_ >= 0)
		e->class_[i] = task_reading_class(in->task, cell(row, table->class_));
	task_reading_flags(e, i, cell(row, table->learn), cell(row, table->clamp),
			   cell(row, table->wait_s), cell(row, table->group));
	return 0;
}

/* Each column's least and greatest value over all rows becomes the given volts. */
static void scale(const struct task_reading *in, const struct table *table)
{
	const json_t *to = task_reading_said(in, "scale_V");
	struct examples *e = &in->set->given;

	for (size_t k = 0; to && k < e->n_sources; k++) {
		double to_min = json_number_value(json_array_get(to, 0));
		double to_max = json_number_value(json_array_get(to, 1));
		double min = INFINITY, max = -INFINITY;

		if (table->source[k] < 0)
			continue;
		for (size_t i = 0; i < e->n; i++) {
			min = fmin(min, e->source_V[i * e->n_sources + k]);
			max = fmax(max, e->source_V[i * e->n_sources + k]);
		}
		for (size_t i = 0; i < e->n; i++) {
			double *volts = &e->source_V[i * e->n_sources + k];
			double share = max > min ? (*volts - min) / (max - min) : 0;

			*volts = to_min + share * (to_max - to_min);
		}
	}
}

int task_reading_table(const struct task_reading *in, const json_t *from)
{
	size_t n_sources = in->task->n_sources, n_targets = in->task->n_targets;
	struct table table = {
		.columns = json_object_get(from, "columns"),
		.rows = json_object_get(from, "rows"),
		.source = calloc(n_sources + 1, sizeof(long)),
		.target = calloc(n_targets + 1, sizeof(long)),
		.fixed = calloc(n_sources + 1, sizeof(double)),
	};
	size_t n = json_array_size(table.rows);
	int r = -1;

	in->set->source = TASK_GIVEN;
	if (n == 0)
		task_reading_refuse(in, "/table/rows", "the table has no rows");
	else if (!table.source || !table.target || !table.fixed ||
		 examples_new(n, n_sources, n_targets, &in->set->given) < 0)
		task_reading_no_memory(in);
	else if (map_sources(in, &table) == 0 && map_targets(in, &table) == 0 &&
		 map_flags(in, &table) == 0)
		r = 0;
	for (size_t i = 0; r == 0 && i < n; i++)
		r = read_row(in, &table, i);
	if (r == 0)
		scale(in, &table);
	free(table.source);
	free(table.target);
	free(table.fixed);
	return r;
}
