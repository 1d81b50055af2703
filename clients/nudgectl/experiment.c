/* clients/nudgectl/experiment.c - reads the experiments' files. */
#include "config.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/nudgectl/experiment.h"
#include "protocol/yaml.h"

#define FOLDER_HERE "docs/experiments/papers"

const char *experiment_text(const struct experiment *e, const char *name)
{
	const char *text = json_string_value(json_object_get(e->json, name));

	return text ? text : "";
}

const json_t *experiment_part(const struct experiment *e, const char *name)
{
	return json_object_get(e->json, name);
}

void experiment_free(struct experiment *e)
{
	if (!e)
		return;
	json_decref(e->json);
	free(e->file);
	free(e->folder);
	free(e);
}

/* Deep: what `quick` says stands over what the file says, member by member; lists are taken whole. */
static void lay_over(json_t *base, const json_t *over)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)over, name, value)
	{
		json_t *old = json_object_get(base, name);

		if (json_is_object(old) && json_is_object(value))
			lay_over(old, value);
		else
			json_object_set(base, name, value);
	}
}

static int check_references(const struct experiment *e, struct problem *p)
{
	const json_t *measures = experiment_part(e, "measures"), *finding;
	const char *name;

	if (experiment_part(e, "data_of"))
		return 0; /* its measures are those of the other */
	json_object_foreach((json_t *)experiment_part(e, "findings"), name, finding)
	{
		const char *of = json_string_value(json_object_get(finding, "of"));

		if (of && !json_object_get(measures, of)) {
			char path[sizeof(p->path)] = "/findings";

			problem_path_name(path, sizeof(path), name);
			problem_path_name(path, sizeof(path), "of");
			return problem_set(p, PROBLEM_PARAMS, path,
					   "findings.%s.of: \"%s\" is none of the measures", name,
					   of);
		}
	}
	return 0;
}

static void find_axes(struct experiment *e)
{
	const char *name;
	json_t *axis;

	json_object_foreach((json_t *)experiment_part(e, "vary"), name, axis)
	{
		e->axis[e->n_axes] = name;
		e->axis_values[e->n_axes++] = json_object_get(axis, "values");
	}
}

static int lay_out(struct experiment *e, bool quick, size_t seeds, struct problem *p)
{
	json_t *over = json_incref(json_object_get(e->json, "quick"));

	json_object_del(e->json, "quick");
	if (quick && over)
		lay_over(e->json, over);
	json_decref(over);
	if (schema_check(&schema_experiment, e->json, p) < 0 || check_references(e, p) < 0)
		return -1;
	if (schema_fill(&schema_experiment, e->json) < 0)
		return problem_set(p, PROBLEM_INTERNAL, "", "out of memory");
	e->id = experiment_text(e, "experiment");
	e->row = (int)json_integer_value(json_object_get(e->json, "row"));
	e->seeds = seeds ? seeds : (size_t)json_integer_value(json_object_get(e->json, "seeds"));
	find_axes(e);
	return 0;
}

int experiment_read(const char *file, bool quick, size_t seeds, struct experiment **ret,
		    struct problem *p)
{
	struct experiment *e = calloc(1, sizeof(*e));
	const char *slash = strrchr(file, '/');
	struct yaml_places *places = NULL;

	if (!e || !(e->file = strdup(file)) ||
	    !(e->folder = slash ? strndup(file, (size_t)(slash - file)) : strdup("."))) {
		experiment_free(e);
		return problem_set(p, PROBLEM_INTERNAL, "", "out of memory");
	}
	if (yaml_read(file, &e->json, &places, p) < 0) {
		experiment_free(e);
		return -1;
	}
	if (lay_out(e, quick, seeds, p) < 0) {
		yaml_locate(file, places, p);
		yaml_places_free(places);
		experiment_free(e);
		return -1;
	}
	yaml_places_free(places);
	*ret = e;
	return 0;
}

static int by_row(const void *a, const void *b)
{
	return (*(struct experiment *const *)a)->row - (*(struct experiment *const *)b)->row;
}

int experiment_list(const char *folder, bool quick, size_t seeds, struct experiment ***ret,
		    struct problem *p)
{
	struct experiment **list;
	glob_t found = {0};
	char *pattern;
	size_t n = 0;
	int r = 0;

	if (asprintf(&pattern, "%s/[0-9][0-9]-*.yaml", folder) < 0)
		return problem_set(p, PROBLEM_INTERNAL, "", "out of memory");
	glob(pattern, 0, NULL, &found);
	list = calloc(found.gl_pathc + 1, sizeof(struct experiment *));
	for (size_t i = 0; list && r == 0 && i < found.gl_pathc; i++) {
		r = experiment_read(found.gl_pathv[i], quick, seeds, &list[i], p);
		n += r == 0;
	}
	if (!list || n == 0 || r < 0) {
		if (r == 0)
			problem_set(p, PROBLEM_NOT_FOUND, "", "no experiments in %s", folder);
		experiment_list_free(list);
		list = NULL;
	} else {
		qsort(list, n, sizeof(struct experiment *), by_row);
	}
	globfree(&found);
	free(pattern);
	*ret = list;
	return list ? 0 : -1;
}

void experiment_list_free(struct experiment **list)
{
	for (size_t i = 0; list && list[i]; i++)
		experiment_free(list[i]);
	free(list);
}

const char *experiment_folder(const char *given)
{
	const char *places[] = {given, getenv("NUDGE_EXPERIMENTS"), NUDGED_EXPERIMENTSDIR,
				FOLDER_HERE};

	if (given)
		return given;
	for (size_t i = 1; i < sizeof(places) / sizeof(places[0]); i++)
		if (places[i] && access(places[i], R_OK) == 0)
			return places[i];
	return NULL;
}

const char *experiment_tasks(size_t *n)
{
	const char *folder = experiment_folder(NULL);
	size_t length = folder ? strlen(folder) : 0;

	while (length > 0 && folder[length - 1] == '/')
		length--;
	while (length > 0 && folder[length - 1] != '/')
		length--;
	*n = length;
	return length > 0 ? folder : NULL;
}
