/* tests/fuzz/fuzz_world.h - a bench that is not there, anew for each input. */
#ifndef TESTS_FUZZ_FUZZ_WORLD_H
#define TESTS_FUZZ_FUZZ_WORLD_H

#include "daemon/rig_file.h"
#include "sim_backend/benchd/world.h"
#include "tests/fuzz/fuzz.h"

#define WORLD_MS INT64_C(1000000)

static inline struct world *fuzz_world(int64_t now_ns)
{
	static struct rig_config *config; /* of docs/experiments/bench16.yaml, read once */
	struct world_error err;
	struct world *w;
	struct problem p;
	json_t *json;
	char path[4096];

	if (!config) {
		if (rig_file_load(fuzz_source("docs/experiments/bench16.yaml", path), &config,
				  &json, &p) < 0) {
			fprintf(stderr, "%s (is srcdir set?)\n", p.message);
			abort();
		}
		json_decref(json);
	}
	FUZZ_MUST(world_new(config, 1, now_ns, &w, &err) == 0);
	return w;
}

#endif
