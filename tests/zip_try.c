/* tests/zip_try.c - protocol/zip by itself, for 65-export.test: an archive of three entries on standard output.
 *
 * zip_try LARGE: numbers from LARGE on are written with 64 bits.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "protocol/zip.h"

#define PIECE 1000

static int into_stdout(void *to, const void *bytes, size_t n)
{
	return fwrite(bytes, 1, n, to) == n ? 0 : -1;
}

int main(int argc, char **argv)
{
	struct zip *zip = zip_open(into_stdout, stdout);
	char piece[PIECE], name[24];
	int r;

	if (!zip || argc != 2)
		return 2;
	for (size_t i = 0; i < PIECE; i++)
		piece[i] = (char)(i * i);
	zip_large(zip, strtoull(argv[1], NULL, 10));
	for (int i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "entry-%d", i);
		zip_entry(zip, name, (uint64_t)i * PIECE);
		for (int k = 0; k < i; k++)
			zip_add(zip, piece, PIECE);
		zip_entry_end(zip);
	}
	r = zip_end(zip);
	zip_free(zip);
	return r == 0 && fflush(stdout) == 0 ? 0 : 1;
}
