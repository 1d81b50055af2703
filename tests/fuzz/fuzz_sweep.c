/* tests/fuzz/fuzz_sweep.c - sweep files: their points, and every point's task and rig against the tables. */
#include "config.h"

#include "clients/nudgectl/sweep.h"
#include "clients/nudgectl/sweep_points.h"
#include "protocol/yaml.h"
#include "tests/fuzz/fuzz.h"

#define MOST_BYTES 16384
#define MOST_CELLS 200

/* A sweep that asks for so many cells is right, and only slow. */
static bool is_small(const uint8_t *data, size_t size)
{
	struct problem p = {0};
	json_t *json = NULL, *values;
	const char *path;
	json_int_t n = 1;

	if (yaml_parse("sweep", (const char *)data, size, &json, NULL, &p) < 0) {
		problem_clear(&p);
		return true;
	}
	n = json_is_integer(json_object_get(json, "seeds"))
		    ? json_integer_value(json_object_get(json, "seeds"))
		    : 1;
	json_object_foreach(json_object_get(json, "grid"), path,
			    values) if (n <= MOST_CELLS && json_array_size(values) > 0) n *=
		(json_int_t)json_array_size(values);
	json_decref(json);
	return n <= MOST_CELLS;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sweep *sweep = NULL;
	char path[32];
	int fd;

	if (size > MOST_BYTES || !is_small(data, size))
		return 0;
	fd = fuzz_file(data, size, path);
	if (sweep_read(path, &sweep) == EXIT_FINE) {
		for (size_t i = 0; i < sweep->n; i++) /* the group, and each value */
			FUZZ_MUST(json_array_size(sweep->cells[i].tags) ==
				  1 + json_object_size(
					      json_array_get(sweep->points, i / sweep->n_seeds)));
		FUZZ_MUST(sweep->n == sweep->n_points * sweep->n_seeds);
		for (size_t i = 0; i < sweep->n; i++)
			FUZZ_MUST(sweep->cells[i].task && sweep->cells[i].rig && sweep->names[i] &&
				  sweep->order[i] < sweep->n);
		sweep_free(sweep);
	}
	close(fd);
	return 0;
}
