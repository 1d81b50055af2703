/* tests/fuzz/fuzz_experiment.c - files of experiments: YAML, schema, and the grid they make, quick or whole. */
#include "config.h"

#include "clients/nudgectl/experiment.h"
#include "tests/fuzz/fuzz.h"

#define MOST_BYTES 16384

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct experiment *e = NULL;
	struct problem p = {0};
	char path[32];
	int fd;

	if (size > MOST_BYTES)
		return 0;
	fd = fuzz_file(data, size, path);
	if (experiment_read(path, size % 2, 0, &e, &p) == 0)
		experiment_free(e);
	else
		FUZZ_MUST(p.message[0]);
	problem_clear(&p);
	close(fd);
	return 0;
}
