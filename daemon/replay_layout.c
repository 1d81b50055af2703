/* daemon/replay_layout.c - what a recorded run's rows look like in memory, from its descriptor. */
#include "config.h"

#include <string.h>

#include "daemon/replay_layout.h"

static const json_t *array_of(const json_t *descriptor, const char *name)
{
	const json_t *array;
	size_t i;

	json_array_foreach(json_object_get(descriptor, "arrays"), i, array)
	{
		const char *its = json_string_value(json_object_get(array, "name"));

		if (its && strcmp(its, name) == 0)
			return array;
	}
	return NULL;
}

static size_t width_of(const json_t *array)
{
	const json_t *shape = json_object_get(array, "shape");

	return json_array_size(shape) > 1 ? (size_t)json_integer_value(json_array_get(shape, 1))
					  : 1;
}

static size_t width(const json_t *descriptor, const char *name)
{
	const json_t *array = array_of(descriptor, name);

	return array ? width_of(array) : 0;
}

/* A run that was kept before there was a choice keeps everything. */
static uint64_t period(const json_t *descriptor, const char *name, uint64_t never)
{
	const json_t *value = json_object_get(descriptor, name);

	if (!json_is_integer(value))
		return 1;
	return json_integer_value(value) > 0 ? (uint64_t)json_integer_value(value) : never;
}

static int check(const json_t *descriptor, const struct record_layout *layout, struct problem *p)
{
	const json_t *arrays = json_object_get(descriptor, "arrays");
	struct record_array own[RECORD_ARRAYS];
	size_t n = record_arrays(layout, own);

	for (size_t i = 0; i < json_array_size(arrays) || i < n; i++) {
		const json_t *array = json_array_get(arrays, i);
		const char *name = json_string_value(json_object_get(array, "name"));
		const char *dtype = json_string_value(json_object_get(array, "dtype"));

		if (i >= n || !name || !dtype || strcmp(name, own[i].name) != 0 ||
		    strcmp(dtype, own[i].dtype) != 0 || width_of(array) != own[i].width)
			return problem_set(
				p, PROBLEM_PARAMS, "",
				"array %zu of its descriptor is %s (%s, %zu wide), where the steps "
				"of this version have %s (%s, %zu wide)",
				i, name ? name : "none", dtype ? dtype : "-",
				array ? width_of(array) : 0, i < n ? own[i].name : "none",
				i < n ? own[i].dtype : "-", i < n ? own[i].width : 0);
	}
	return 0;
}

int replay_layout(const json_t *descriptor, const struct replay_sizes *sizes,
		  struct record_layout *ret, struct problem *p)
{
	size_t n_wipers = width(descriptor, "wiper"), n_r_ohm = width(descriptor, "r_ohm");
	const struct record_shape shape = {
		.n_sources = sizes->n_sources,
		.n_targets = sizes->n_targets,
		.n_measured = width(descriptor, "v_free_V"),
		.n_edges = sizes->n_edges ? sizes->n_edges
			   : n_r_ohm      ? n_r_ohm
					  : n_wipers,
		.continuous = n_r_ohm > 0,
		.equilibrium = array_of(descriptor, "mse_equilibrium_V2") != NULL,
		.keep_every = period(descriptor, "keep_every", 1),
		.wiper_every = period(descriptor, "wiper_every", UINT64_MAX),
	};

	if (!json_is_array(json_object_get(descriptor, "arrays")))
		return problem_set(p, PROBLEM_PARAMS, "",
				   "it has no descriptor, which says what its arrays mean");
	record_layout(&shape, ret);
	return check(descriptor, ret, p);
}
