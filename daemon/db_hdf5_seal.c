/* daemon/db_hdf5_seal.c - the sum over an HDF5 file of ours. */
#include "config.h"

#include "daemon/db_dump.h"
#include "daemon/db_hdf5.h"

#define PIECE_BYTES 65536

int db_hdf5_measure(FILE *f, const char *file, long long *ret_bytes, unsigned long long *ret_sum,
		    struct problem *p)
{
	static const char none[1];
	uint64_t sum = DUMP_SUM;
	char piece[PIECE_BYTES];
	size_t n;

	*ret_bytes = SEAL_BYTES;
	if (fseek(f, SEAL_BYTES, SEEK_SET) < 0)
		return problem_set(p, PROBLEM_STORAGE, "", "%s: %m", file);
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0) {
		sum = dump_sum(sum, piece, n);
		*ret_bytes += (long long)n;
	}
	if (ferror(f))
		return problem_set(p, PROBLEM_STORAGE, "", "%s: %m", file);
	*ret_sum = dump_sum(sum, none, 0);
	return 0;
}
