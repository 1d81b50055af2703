/* tests/fuzz/fuzz_rig.c - rig files: YAML, schema, and the plain data that a rig is opened with. */
#include "config.h"

#include "daemon/rig_file.h"
#include "drivers/rig_check.h"
#include "tests/fuzz/fuzz.h"

#define MOST_BYTES 16384

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rig_config *config = NULL, *copy = NULL;
	struct problem p = {0};
	struct rig_error err;
	json_t *json = NULL;
	char path[32];
	int fd;

	if (size > MOST_BYTES)
		return 0;
	fd = fuzz_file(data, size, path);
	if (rig_file_load(path, &config, &json, &p) == 0) {
		rig_check_config(config, &err);
		FUZZ_MUST(rig_config_copy(config, &copy) == 0);
		rig_config_free(copy);
		rig_config_free(config);
		json_decref(json);
	} else {
		FUZZ_MUST(p.code != 0 && p.message[0]);
	}
	problem_clear(&p);
	close(fd);
	return 0;
}
