/* protocol/npy.c - the head of an array's .npy file, version 1.0, as numpy reads and writes it. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "protocol/npy.h"

#define FRONT 10 /* magic, version, and the length of the dictionary */

size_t npy_head(const char *dtype, uint64_t rows, int64_t columns, char ret[NPY_HEAD_MOST])
{
	char dictionary[256];
	int n;
	size_t whole;

	if (columns >= 0)
		n = snprintf(dictionary, sizeof(dictionary),
			     "{'descr': '%.40s', 'fortran_order': False, 'shape': (%llu, %lld), }",
			     dtype, (unsigned long long)rows, (long long)columns);
	else
		n = snprintf(dictionary, sizeof(dictionary),
			     "{'descr': '%.40s', 'fortran_order': False, 'shape': (%llu,), }",
			     dtype, (unsigned long long)rows);
	whole = ((size_t)FRONT + (size_t)n + 1 + 63) / 64 * 64;
	memset(ret, ' ', whole);
	memcpy(ret, "\x93NUMPY\x01", 7);
	ret[7] = 0;
	ret[8] = (char)((whole - FRONT) & 255);
	ret[9] = (char)((whole - FRONT) >> 8);
	memcpy(ret + FRONT, dictionary, (size_t)n);
	ret[whole - 1] = '\n';
	return whole;
}
