/* tests/fuzz/replay.c - gives a harness each file that is named, once; for builds without libFuzzer. */
#include "config.h"

#include <errno.h>

#include "tests/fuzz/fuzz.h"

#define MOST_BYTES (1u << 20)

static int replay(const char *file, uint8_t *bytes)
{
	FILE *f = fopen(file, "re");
	size_t n;
	uint8_t *exact;

	if (!f) {
		fprintf(stderr, "%s: %s\n", file, strerror(errno));
		return -1;
	}
	n = fread(bytes, 1, MOST_BYTES, f);
	fclose(f);
	fprintf(stderr, "%s: %zu bytes\n", file, n);
	/* of its own length, so that AddressSanitizer sees a read beyond it */
	exact = malloc(n ? n : 1);
	if (!exact)
		return -1;
	memcpy(exact, bytes, n);
	LLVMFuzzerTestOneInput(exact, n);
	free(exact);
	return 0;
}

int main(int argc, char **argv)
{
	uint8_t *bytes = malloc(MOST_BYTES);
	int failed = !bytes;

	for (int i = 1; !failed && i < argc; i++)
		failed = replay(argv[i], bytes) < 0;
	free(bytes);
	return failed;
}
