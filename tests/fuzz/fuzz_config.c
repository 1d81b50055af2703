/* tests/fuzz/fuzz_config.c - the daemon's configuration: YAML, schema, and what follows from it. */
#include "config.h"

#include "daemon/settings.h"
#include "tests/fuzz/fuzz.h"

#define MOST_BYTES 16384

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct settings settings = {0};
	struct problem p = {0};
	char path[32];
	int fd;

	if (size > MOST_BYTES)
		return 0;
	fd = fuzz_file(data, size, path);
	FUZZ_MUST(settings_system(&settings, &p) == 0);
	if (settings_read(&settings, path, &p) < 0 || settings_finish(&settings, &p) < 0) {
		FUZZ_MUST(p.code != 0 && p.message[0]);
	} else {
		FUZZ_MUST(settings.endpoints.control && settings.endpoints.stream);
		/* no socket on a network without a key, unless that was asked for */
		FUZZ_MUST(!settings_have_tcp(&settings) || settings.key || settings.insecure ||
			  !settings.tcp || strstr(settings.tcp, "127.") ||
			  strstr(settings.tcp, "localhost") || strstr(settings.tcp, "::1"));
	}
	problem_clear(&p);
	settings_clear(&settings);
	close(fd);
	return 0;
}
