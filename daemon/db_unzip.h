/* daemon/db_unzip.h - the entries of a zip archive that are not packed: where their bytes are. */
#ifndef DAEMON_DB_UNZIP_H
#define DAEMON_DB_UNZIP_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/problem.h"

struct unzip_entry {
	char name[160];
	uint64_t at, size; /* of its bytes in the file */
};

/* Reads the directory of the archive; *ret is free()d.  0, or -1 and *p. */
int unzip_list(int fd, struct unzip_entry **ret, size_t *ret_n, struct problem *p);
/* n bytes from there on; 0, or -1 and *p: the file is shorter, or cannot be read. */
int unzip_read(int fd, uint64_t at, void *ret, size_t n, struct problem *p);

#endif
