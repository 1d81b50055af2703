/* clients/nudgectl/sweep_file.c - reads a sweep file and makes its cells, each checked. */
#include "config.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clients/nudgectl/dotted.h"
#include "clients/nudgectl/sweep.h"
#include "clients/nudgectl/sweep_points.h"
#include "protocol/csv.h"
#include "protocol/files.h"
#include "protocol/yaml.h"

struct reading {
	struct sweep *sweep;
	json_t *json;
	struct yaml_places *places;
	json_t *loaded;  /* {path: a task or rig file's values}: each is read once */
	json_t *origins; /* of each point: {path: pointer into the file} */
};

/* What a point's task or rig begins as. */
struct base {
	json_t *value;
	char *file; /* that csv and network files are relative to */
};

/* The sentence with its place in the sweep file. */
static int wrong_at(const struct reading *in, const char *pointer, struct problem *p)
{
	snprintf(p->path, sizeof(p->path), "%s", pointer);
	yaml_locate(in->sweep->file, in->places, p);
	say_usage("%s", p->message);
	problem_clear(p);
	return EXIT_USAGE;
}

static int wrong(struct problem *p)
{
	say_usage("%s", p->message);
	problem_clear(p);
	return EXIT_USAGE;
}

/* ---- the task and the rig that a point begins with ---- */

/* A file's name beside another file. */
static char *beside(const char *file, const char *name)
{
	char *copy = strdup(file), *path = NULL;

	if (name[0] == '/')
		path = strdup(name);
	else if (copy && asprintf(&path, "%s/%s", dirname(copy), name) < 0)
		path = NULL;
	free(copy);
	return path;
}

static int load_file(struct reading *in, const char *name, const struct schema *schema,
		     const char *pointer, struct base *ret)
{
	struct problem p = {0};
	json_t *value;

	ret->file = beside(in->sweep->file, name);
	if (!ret->file)
		return say_failed("no memory for a name");
	value = json_object_get(in->loaded, ret->file);
	if (!value) {
		if (access(ret->file, R_OK) < 0) {
			problem_set(&p, PROBLEM_PARAMS, "", "%s: %m", ret->file);
			return wrong_at(in, pointer, &p);
		}
		if (yaml_read_checked(ret->file, schema, &value, NULL, &p) < 0)
			return wrong(&p);
		json_object_set_new(in->loaded, ret->file, value);
	}
	ret->value = json_deep_copy(value);
	return EXIT_FINE;
}

static int load_object(struct reading *in, const json_t *value, const struct schema *schema,
		       const char *pointer, struct base *ret)
{
	struct problem p = {0};

	ret->value = json_deep_copy(value);
	ret->file = strdup(in->sweep->file);
	if (schema_check(schema, ret->value, &p) == 0)
		return schema_fill(schema, ret->value) < 0 || !ret->file ? say_failed("no memory")
									 : EXIT_FINE;
	problem_prefix(&p, pointer);
	yaml_locate(in->sweep->file, in->places, &p);
	return wrong(&p);
}

/* value: a file's name, or the thing itself; pointer: where that stands. */
static int load(struct reading *in, const json_t *value, const struct schema *schema,
		const char *pointer, struct base *ret)
{
	struct problem p = {0};

	if (json_is_object(value))
		return load_object(in, value, schema, pointer, ret);
	if (json_is_string(value))
		return load_file(in, json_string_value(value), schema, pointer, ret);
	problem_set(&p, PROBLEM_PARAMS, "", "expected a file's name, or what would stand in it");
	return wrong_at(in, pointer, &p);
}

static int load_rig(struct reading *in, const json_t *value, bool as_object, const char *pointer,
		    struct base *ret)
{
	const char *name = json_string_value(value);

	if (!name || strncmp(name, "sim:", 4))
		return load(in, value, &schema_rig, pointer, ret);
	ret->value = as_object ? rig_ideal(name + 4) : json_copy((json_t *)value);
	ret->file = strdup(in->sweep->file);
	return ret->value && ret->file ? EXIT_FINE : say_failed("no memory");
}

static void base_clear(struct base *base)
{
	json_decref(base->value);
	free(base->file);
}

/* ---- a point's values put in ---- */

static const char *in_rig(const char *path)
{
	return strncmp(path, "rig.", 4) ? NULL : path + 4;
}

static const char *in_task(const char *path)
{
	return strncmp(path, "task.", 5) ? path : path + 5;
}

static bool is_whole(const char *path)
{
	return !strcmp(path, "task") || !strcmp(path, "rig");
}

/* Which of the point's values the problem is about: the one whose path leads there; else the first. */
static const char *culprit(const json_t *point, const json_t *origins, bool rig, const char *path)
{
	const char *name, *found = NULL;
	json_t *value;

	json_object_foreach((json_t *)point, name, value)
	{
		char pointer[256];
		size_t n;

		if (is_whole(name) || (in_rig(name) != NULL) != rig)
			continue;
		dotted_pointer(rig ? in_rig(name) : in_task(name), pointer, sizeof(pointer));
		n = strlen(pointer) < strlen(path) ? strlen(pointer) : strlen(path);
		if (!found || strncmp(pointer, path, n) == 0)
			found = name;
		if (strncmp(pointer, path, n) == 0)
			break;
	}
	return json_string_value(json_object_get(origins, found ? found : rig ? "rig" : "task"));
}

static int put_values(struct reading *in, const json_t *point, const json_t *origins, bool rig,
		      struct base *base)
{
	struct problem p = {0};
	const char *path;
	json_t *value;
	char why[300];

	json_object_foreach((json_t *)point, path, value)
	{
		if (is_whole(path) || (in_rig(path) != NULL) != rig)
			continue;
		if (!rig && !strcmp(in_task(path), "seed"))
			snprintf(why, sizeof(why), "%s: seeds are said by `seeds:`", path);
		else if (dotted_set(base->value, rig ? in_rig(path) : in_task(path), value, why,
				    sizeof(why)) == 0)
			continue;
		problem_set(&p, PROBLEM_PARAMS, "", "%s", why);
		return wrong_at(in, json_string_value(json_object_get(origins, path)), &p);
	}
	return EXIT_FINE;
}

static int check(struct reading *in, const json_t *point, const json_t *origins, bool rig,
		 struct base *base)
{
	const struct schema *schema = rig ? &schema_rig : &schema_task;
	struct problem p = {0};
	const char *origin;

	if (schema_check(schema, base->value, &p) == 0)
		return schema_fill(schema, base->value) < 0 ? say_failed("no memory") : EXIT_FINE;
	origin = culprit(point, origins, rig, p.path);
	return wrong_at(in, origin ? origin : rig ? "/rig" : "/task", &p);
}

/* So that the rig may be written elsewhere: a name beside its file becomes absolute, one of a shipped network stays. */
static void find_network(struct base *rig)
{
	json_t *network = json_object_get(rig->value, "network");
	const char *name = json_string_value(json_object_get(network, "file"));
	char *path = name ? beside(rig->file, name) : NULL;
	char *real = path ? realpath(path, NULL) : NULL;

	if (real)
		json_object_set_new(network, "file", json_string(real));
	free(path);
	free(real);
}

static bool any_in_rig(const json_t *point)
{
	const char *path;
	json_t *value;

	json_object_foreach((json_t *)point, path, value) if (in_rig(path)) return true;
	return false;
}

static const json_t *whole_of(const struct reading *in, const json_t *point, const char *name)
{
	const json_t *value = json_object_get(point, name);

	return value ? value : json_object_get(in->json, name);
}

static const char *origin_of(const json_t *origins, const char *name, const char *fallback)
{
	const char *origin = json_string_value(json_object_get(origins, name));

	return origin ? origin : fallback;
}

static int make_task(struct reading *in, const json_t *point, const json_t *origins, json_t **ret)
{
	struct base base = {0};
	struct problem p = {0};
	int r = load(in, whole_of(in, point, "task"), &schema_task,
		     origin_of(origins, "task", "/task"), &base);

	if (r == EXIT_FINE)
		r = put_values(in, point, origins, false, &base);
	if (r == EXIT_FINE)
		r = check(in, point, origins, false, &base);
	if (r == EXIT_FINE && csv_inline(base.value, base.file, &p) < 0)
		r = wrong(&p);
	if (r == EXIT_FINE)
		*ret = json_incref(base.value);
	base_clear(&base);
	return r;
}

static int make_rig(struct reading *in, const json_t *point, const json_t *origins, json_t **ret)
{
	struct base base = {0};
	int r = load_rig(in, whole_of(in, point, "rig"), any_in_rig(point),
			 origin_of(origins, "rig", "/rig"), &base);

	if (r == EXIT_FINE && json_is_object(base.value)) {
		r = put_values(in, point, origins, true, &base);
		if (r == EXIT_FINE)
			r = check(in, point, origins, true, &base);
		find_network(&base);
	}
	if (r == EXIT_FINE)
		*ret = json_incref(base.value);
	base_clear(&base);
	return r;
}

/* ---- the cells ---- */

/* Those of point i; they share what they have in common. */
static int make_cells(struct reading *in, size_t i, const uint64_t *seeds)
{
	struct sweep *s = in->sweep;
	const json_t *point = json_array_get(s->points, i);
	const json_t *origins = json_array_get(in->origins, i);
	json_t *task = NULL, *rig = NULL, *tags = sweep_point_tags(s->name, point, i);
	int r = make_task(in, point, origins, &task);

	if (r == EXIT_FINE)
		r = make_rig(in, point, origins, &rig);
	for (size_t k = 0; k < s->n_seeds && r == EXIT_FINE; k++) {
		size_t cell = i * s->n_seeds + k;

		s->names[cell] = sweep_cell_name(s->name, point, i, seeds[k]);
		s->cells[cell] = (struct cell){
			.name = s->names[cell],
			.task = json_incref(task),
			.rig = json_incref(rig),
			.tags = json_incref(tags),
			.seed = seeds[k],
		};
	}
	if (any_in_rig(point) || json_object_get(point, "rig"))
		s->rig_varies = true;
	json_decref(task);
	json_decref(rig);
	json_decref(tags);
	return r;
}

static int make_all(struct reading *in)
{
	struct sweep *s = in->sweep;
	uint64_t *seeds = sweep_seeds(json_object_get(in->json, "seeds"), &s->n_seeds);
	int r = EXIT_FINE;

	s->n_points = json_array_size(s->points);
	s->n = s->n_points * s->n_seeds;
	s->cells = calloc(s->n, sizeof(*s->cells));
	s->names = calloc(s->n, sizeof(*s->names));
	s->order = sweep_order(
		s->n, (uint64_t)json_integer_value(json_object_get(in->json, "order_seed")));
	if (!seeds || !s->cells || !s->names || !s->order)
		r = say_failed("no memory for %zu cells", s->n);
	for (size_t i = 0; i < s->n_points && r == EXIT_FINE; i++)
		r = make_cells(in, i, seeds);
	free(seeds);
	return r;
}

static int read_all(struct reading *in)
{
	struct problem p = {0};

	if (yaml_read_checked(in->sweep->file, &schema_sweep, &in->json, &in->places, &p) < 0)
		return wrong(&p);
	in->sweep->name = strdup(json_string_value(json_object_get(in->json, "sweep")));
	in->sweep->figures = json_incref(json_object_get(in->json, "figures"));
	in->loaded = json_object();
	if (sweep_points(in->json, &in->sweep->points, &in->origins, &p) < 0)
		return wrong(&p);
	return make_all(in);
}

int sweep_read(const char *file, struct sweep **ret)
{
	struct sweep *sweep = calloc(1, sizeof(*sweep));
	struct reading in = {.sweep = sweep};
	int r;

	if (!sweep || !(sweep->file = strdup(file)))
		r = say_failed("no memory");
	else
		r = read_all(&in);
	yaml_places_free(in.places);
	json_decref(in.json);
	json_decref(in.loaded);
	json_decref(in.origins);
	if (r == EXIT_FINE)
		*ret = sweep;
	else
		sweep_free(sweep);
	return r;
}

void sweep_free(struct sweep *sweep)
{
	if (!sweep)
		return;
	for (size_t i = 0; i < sweep->n && sweep->cells; i++) {
		json_decref(sweep->cells[i].task);
		json_decref(sweep->cells[i].rig);
		json_decref(sweep->cells[i].tags);
	}
	for (size_t i = 0; i < sweep->n && sweep->names; i++)
		free(sweep->names[i]);
	free(sweep->cells);
	free(sweep->names);
	free(sweep->order);
	json_decref(sweep->points);
	json_decref(sweep->figures);
	free(sweep->name);
	free(sweep->file);
	free(sweep);
}
