/* daemon/db_hdf5.h - what the two files that know HDF5 share with each other: the seal in front of a file.
 *
 * The first 512 bytes are a user block, which HDF5 leaves to us: a line with the file's length and a sum over all behind it.
 * So a file that was cut off or changed is known before libhdf5 reads a byte of it.
 */
#ifndef DAEMON_DB_HDF5_H
#define DAEMON_DB_HDF5_H

#include <stdio.h>

#include "protocol/problem.h"

#define SEAL_BYTES  512
#define SEAL_FORMAT "nudged-run 1 of %lld bytes, sum %16llx\n"

/* The file's length and the sum over what is behind the seal.  0, or -1 and *p. */
int db_hdf5_measure(FILE *f, const char *file, long long *ret_bytes, unsigned long long *ret_sum,
		    struct problem *p);

#endif
