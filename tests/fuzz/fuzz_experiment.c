/* tests/fuzz/fuzz_experiment.c - nudgectl's own files: experiments, and sweeps as far as their schema. */
#include "config.h"

#include "clients/nudgectl/experiment.h"
#include "protocol/files.h"
#include "protocol/yaml.h"
#include "tests/fuzz/fuzz.h"

#define MOST_BYTES 16384

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct experiment *e = NULL;
	struct problem p = {0};
	json_t *json = NULL;
	char path[32];
	int fd;

	if (size > MOST_BYTES)
		return 0;
	fd = fuzz_file(data, size, path);
	for (int quick = 0; quick < 2; quick++) {
		if (experiment_read(path, quick, 0, &e, &p) == 0)
			experiment_free(e);
		problem_clear(&p);
	}
	if (yaml_read_checked(path, &schema_sweep, &json, NULL, &p) == 0)
		json_decref(json);
	problem_clear(&p);
	close(fd);
	return 0;
}
