/* clients/nudgectl/sweep_table.c - what a sweep gave: mean, geometric mean and interval of each figure at each point. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/stats.h"
#include "clients/nudgectl/sweep.h"
#include "clients/nudgectl/sweep_points.h"
#include "clients/nudgectl/table.h"

/* ---- summing up ---- */

/* Those that people look at first, as far as some run has them. */
static json_t *usual_figures(const json_t *rows)
{
	static const char *const names[] = {"mse_final_V2", "test_final_V2", "accuracy_final"};
	json_t *figures = json_array(), *row;
	size_t i;

	for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++)
		json_array_foreach(rows, i, row)
		{
			if (!json_is_number(
				    json_object_get(json_object_get(row, "figures"), names[k])))
				continue;
			json_array_append_new(figures, json_string(names[k]));
			break;
		}
	return figures;
}

static void set_real(json_t *object, const char *name, double value)
{
	json_t *real = json_real(value);

	json_object_set_new(object, name, real ? real : json_null());
}

static int by_size(const void *a, const void *b)
{
	const double *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* Over the rows of one point; sorted first, so that the sums do not depend on the order in which the runs were made. */
static json_t *sum_up(const json_t *rows, const char *figure)
{
	double *values = calloc(json_array_size(rows) + 1, sizeof(*values));
	json_t *ret = json_object(), *row;
	struct stats stats;
	size_t n = 0, i;

	json_array_foreach(rows, i, row)
	{
		const json_t *value = json_object_get(json_object_get(row, "figures"), figure);

		if (values && json_is_number(value))
			values[n++] = json_number_value(value);
	}
	if (values)
		qsort(values, n, sizeof(*values), by_size);
	stats_of(values, n, &stats);
	free(values);
	json_object_set_new(ret, "n", json_integer((json_int_t)n));
	set_real(ret, "mean", stats.mean);
	set_real(ret, "low", stats.low);
	set_real(ret, "high", stats.high);
	set_real(ret, "geometric_mean", stats.geometric);
	set_real(ret, "geometric_low", stats.geometric_low);
	set_real(ret, "geometric_high", stats.geometric_high);
	return ret;
}

/* [{"point", "rows"}, ...] in the order in which the points come */
static json_t *by_point(const json_t *rows)
{
	json_t *groups = json_array(), *found = json_object(), *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		json_t *point = json_object_get(row, "point");
		char *key = json_dumps(point, JSON_SORT_KEYS | JSON_COMPACT);
		json_t *group = json_object_get(found, key ? key : "");

		if (!group) {
			group = json_pack("{s:O, s:[]}", "point", point, "rows");
			json_array_append(groups, group);
			json_object_set_new(found, key ? key : "", group);
		}
		json_array_append(json_object_get(group, "rows"), row);
		free(key);
	}
	json_decref(found);
	return groups;
}

json_t *sweep_summary(const json_t *rows, const json_t *figures)
{
	json_t *summary = by_point(rows), *group, *figure;
	json_t *names = figures ? json_incref((json_t *)figures) : usual_figures(rows);
	size_t i, k;

	json_array_foreach(summary, i, group)
	{
		json_t *of_point = json_object_get(group, "rows"), *sums = json_object();

		json_array_foreach(names, k, figure)
			json_object_set_new(sums, json_string_value(figure),
					    sum_up(of_point, json_string_value(figure)));
		json_object_set_new(group, "n",
				    json_integer((json_int_t)json_array_size(of_point)));
		json_object_set_new(group, "figures", sums);
		json_object_del(group, "rows");
	}
	json_decref(names);
	return summary;
}

/* ---- showing ---- */

static const struct {
	const char *member, *suffix, *heading;
} parts[] = {
	{"mean", "mean", NULL}, /* under the figure's own name */
	{"low", "low", "95 % from"},
	{"high", "high", "to"},
	{"geometric_mean", "geometric_mean", "geometric mean"},
};
#define N_PARTS (sizeof(parts) / sizeof(parts[0]))

/* A list or an object as one text, with no more digits than it needs. */
static json_t *point_value(const json_t *value)
{
	char *text;
	json_t *ret;

	if (!json_is_array(value) && !json_is_object(value))
		return json_incref((json_t *)value);
	text = sweep_value_text(value, 0);
	ret = json_string(text ? text : "?");
	free(text);
	return ret;
}

/* {"params.p": 0.5, "n": 8, "mse_final_V2_mean": ..., ...} */
static json_t *flat_row(const json_t *group)
{
	json_t *row = json_object(), *sums, *value;
	const char *figure, *path;
	char key[128];

	json_object_foreach(json_object_get(group, "point"), path, value)
		json_object_set_new(row, path, point_value(value));

	json_object_set(row, "n", json_object_get(group, "n"));
	json_object_foreach(json_object_get(group, "figures"), figure, sums)
	{
		for (size_t k = 0; k < N_PARTS; k++) {
			snprintf(key, sizeof(key), "%s_%s", figure, parts[k].suffix);
			json_object_set(row, key, json_object_get(sums, parts[k].member));
		}
	}
	return row;
}

/* All paths of all points; a list may have different ones. */
static json_t *paths_of(const json_t *summary)
{
	json_t *paths = json_object(), *group, *value;
	const char *path;
	size_t i;

	json_array_foreach(summary, i, group)
		json_object_foreach(json_object_get(group, "point"), path, value)
			json_object_set_new(paths, path, json_true());
	return paths;
}

/* keys: owns the texts that the columns point to. */
static struct table_column *columns_of(const json_t *paths, const json_t *figures, json_t *keys)
{
	size_t n = json_object_size(paths) + N_PARTS * json_object_size(figures) + 2, i = 0;
	struct table_column *columns = calloc(n, sizeof(*columns));
	const char *name;
	json_t *value, *key;

	if (!columns)
		return NULL;
	json_object_foreach((json_t *)paths, name, value) columns[i++] =
		(struct table_column){name, NULL, TABLE_NUMBER};
	columns[i++] = (struct table_column){"n", NULL, TABLE_NUMBER};
	json_object_foreach((json_t *)figures, name, value)
	{
		for (size_t k = 0; k < N_PARTS; k++) {
			key = json_sprintf("%s_%s", name, parts[k].suffix);
			json_array_append_new(keys, key);
			columns[i++] = (struct table_column){
				json_string_value(key), parts[k].heading ? parts[k].heading : name,
				TABLE_SHORT};
		}
	}
	return columns;
}

/* A line a point, each figure's parts beside each other. */
static int print_flat(const struct context *c, const json_t *summary)
{
	const json_t *figures = json_object_get(json_array_get(summary, 0), "figures");
	json_t *paths = paths_of(summary), *keys = json_array(), *rows = json_array(), *group;
	struct table_column *columns = columns_of(paths, figures, keys);
	size_t i;
	int r;

	json_array_foreach(summary, i, group) json_array_append_new(rows, flat_row(group));
	r = columns ? table_print(c, columns, rows) : say_failed("no memory for a table");
	free(columns);
	json_decref(paths);
	json_decref(keys);
	json_decref(rows);
	return r;
}

int sweep_print_summary(const struct context *c, const json_t *summary)
{
	int r;

	if (c->format == FORMAT_JSON) {
		say_json(summary);
		return EXIT_FINE;
	}
	r = print_flat(c, summary);
	if (r == EXIT_FINE && c->format == FORMAT_TABLE)
		puts("mean over the n runs (seeds) of a point; 95 % interval of that mean by "
		     "Student's t, n - 1 degrees of freedom");
	return r;
}
