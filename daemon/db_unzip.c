/* daemon/db_unzip.c - reads the directory of a zip archive (PKWARE's APPNOTE 6.3.4); every number in it is doubted. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/db_unzip.h"

#define END_BYTES         22
#define LOCATOR_BYTES     20
#define END64_BYTES       56
#define LINE_BYTES        46
#define HEAD_BYTES        30
#define DIRECTORY_MOST    67108864
#define ALL32             0xffffffffu
#define SIGNATURE_END     0x06054b50u
#define SIGNATURE_LOCATOR 0x07064b50u
#define SIGNATURE_END64   0x06064b50u
#define SIGNATURE_LINE    0x02014b50u
#define SIGNATURE_HEAD    0x04034b50u

static uint64_t number(const unsigned char *at, size_t n)
{
	uint64_t value = 0;

	for (size_t i = 0; i < n; i++)
		value |= (uint64_t)at[i] << 8 * i;
	return value;
}

static int damaged(struct problem *p)
{
	return problem_set(p, PROBLEM_STORAGE, "", "the archive is damaged or was cut off");
}

int unzip_read(int fd, uint64_t at, void *ret, size_t n, struct problem *p)
{
	for (size_t done = 0; done < n;) {
		ssize_t r = pread(fd, (char *)ret + done, n - done, (off_t)(at + done));

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return problem_set(p, PROBLEM_STORAGE, "", "%m");
		if (r == 0)
			return damaged(p);
		done += (size_t)r;
	}
	return 0;
}

/* Ours have no comment: the end is the last 22 bytes. */
static int find_directory(int fd, uint64_t *ret_at, uint64_t *ret_size, size_t *ret_n,
			  struct problem *p)
{
	unsigned char end[END_BYTES], locator[LOCATOR_BYTES], end64[END64_BYTES];
	struct stat st;
	uint64_t size;

	if (fstat(fd, &st) < 0 || st.st_size < END_BYTES)
		return damaged(p);
	size = (uint64_t)st.st_size;
	if (unzip_read(fd, size - END_BYTES, end, sizeof(end), p) < 0)
		return -1;
	if (number(end, 4) != SIGNATURE_END)
		return damaged(p);
	*ret_n = number(end + 10, 2);
	*ret_size = number(end + 12, 4);
	*ret_at = number(end + 16, 4);
	if (*ret_at == ALL32) {
		if (size < END_BYTES + LOCATOR_BYTES ||
		    unzip_read(fd, size - END_BYTES - LOCATOR_BYTES, locator, sizeof(locator), p) <
			    0)
			return damaged(p);
		if (number(locator, 4) != SIGNATURE_LOCATOR || number(locator + 8, 8) > size)
			return damaged(p);
		if (unzip_read(fd, number(locator + 8, 8), end64, sizeof(end64), p) < 0 ||
		    number(end64, 4) != SIGNATURE_END64)
			return damaged(p);
		*ret_n = number(end64 + 32, 8);
		*ret_size = number(end64 + 40, 8);
		*ret_at = number(end64 + 48, 8);
	}
	if (*ret_size > DIRECTORY_MOST || *ret_at > size || *ret_size > size - *ret_at ||
	    *ret_n > *ret_size / LINE_BYTES)
		return damaged(p);
	return 0;
}

/* The sizes and the place of an entry that needs 64 bits */
static int read_extra(const unsigned char *extra, size_t n, uint64_t *packed, uint64_t *size,
		      uint64_t *at)
{
	uint64_t *wanted[] = {size, packed, at};

	while (n >= 4) {
		size_t id = number(extra, 2), bytes = number(extra + 2, 2), used = 0;

		if (bytes > n - 4)
			return -1;
		for (size_t i = 0; id == 1 && i < 3; i++) {
			if (*wanted[i] != ALL32)
				continue;
			if (used + 8 > bytes)
				return -1;
			*wanted[i] = number(extra + 4 + used, 8);
			used += 8;
		}
		extra += 4 + bytes;
		n -= 4 + bytes;
	}
	return 0;
}

/* One line of the directory; returns its bytes, 0: damaged. */
static size_t read_line(const unsigned char *line, size_t n, struct unzip_entry *ret)
{
	size_t name, extra, comment;
	uint64_t packed;

	if (n < LINE_BYTES || number(line, 4) != SIGNATURE_LINE)
		return 0;
	name = number(line + 28, 2);
	extra = number(line + 30, 2);
	comment = number(line + 32, 2);
	packed = number(line + 20, 4);
	ret->size = number(line + 24, 4);
	ret->at = number(line + 42, 4);
	if (name >= sizeof(ret->name) || LINE_BYTES + name + extra + comment > n ||
	    number(line + 10, 2) != 0 ||
	    read_extra(line + LINE_BYTES + name, extra, &packed, &ret->size, &ret->at) < 0 ||
	    packed != ret->size)
		return 0;
	memcpy(ret->name, line + LINE_BYTES, name);
	ret->name[name] = '\0';
	return LINE_BYTES + name + extra + comment;
}

/* From the entry's head to its bytes */
static int find_bytes(int fd, uint64_t end, struct unzip_entry *e, struct problem *p)
{
	unsigned char head[HEAD_BYTES];

	if (e->at > end || end - e->at < HEAD_BYTES)
		return damaged(p);
	if (unzip_read(fd, e->at, head, sizeof(head), p) < 0)
		return -1;
	if (number(head, 4) != SIGNATURE_HEAD)
		return damaged(p);
	e->at += HEAD_BYTES + number(head + 26, 2) + number(head + 28, 2);
	return e->at > end || e->size > end - e->at ? damaged(p) : 0;
}

int unzip_list(int fd, struct unzip_entry **ret, size_t *ret_n, struct problem *p)
{
	struct unzip_entry *entries = NULL;
	unsigned char *directory = NULL;
	uint64_t at, size, used = 0;
	size_t n;
	int r;

	if (find_directory(fd, &at, &size, &n, p) < 0)
		return -1;
	directory = malloc(size + 1);
	entries = calloc(n + 1, sizeof(*entries));
	r = directory && entries ? unzip_read(fd, at, directory, size, p)
				 : problem_set(p, PROBLEM_STORAGE, "", "no memory for a directory");
	for (size_t i = 0; i < n && r == 0; i++) {
		size_t line = read_line(directory + used, size - used, &entries[i]);

		used += line;
		r = line ? find_bytes(fd, at, &entries[i], p)
			 : problem_set(p, PROBLEM_STORAGE, "",
				       "the archive is damaged, or was packed by another program");
	}
	free(directory);
	if (r < 0) {
		free(entries);
		return -1;
	}
	*ret = entries;
	*ret_n = n;
	return 0;
}
