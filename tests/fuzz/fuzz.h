/* tests/fuzz/fuzz.h - what the harnesses share: one function that takes any bytes, and hands to take them apart.
 *
 * A harness is linked with libFuzzer (--enable-fuzz) or with replay.c, which gives it the files of its corpus.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size); /* always 0 */

/* What must hold for any input: a finding where it does not. */
#define FUZZ_MUST(what)                                                                            \
	do {                                                                                       \
		if (!(what)) {                                                                     \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #what);  \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* Input from its front; 0 behind its end. */
struct fuzz_input {
	const uint8_t *at;
	size_t left;
};

static inline uint8_t fuzz_byte(struct fuzz_input *in)
{
	if (in->left == 0)
		return 0;
	in->left--;
	return *in->at++;
}

static inline uint16_t fuzz_word(struct fuzz_input *in)
{
	uint8_t high = fuzz_byte(in);

	return (uint16_t)(high << 8 | fuzz_byte(in));
}

/* A file with these bytes and no name but path; close what it returns. */
static inline int fuzz_file(const uint8_t *data, size_t size, char path[32])
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	FUZZ_MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, 32, "/proc/self/fd/%d", fd);
	return fd;
}

/* The source folder's file of this name. */
static inline const char *fuzz_source(const char *name, char path[4096])
{
	const char *top = getenv("srcdir");

	snprintf(path, 4096, "%s/%s", top ? top : ".", name);
	return path;
}

#endif
