/* protocol/zip.c - a zip archive that is written from its beginning to its end (PKWARE's APPNOTE 6.3.4).
 *
 * Sums stand behind each entry (flag bit 3) and in the directory at the end, since nobody goes back; sizes are known when an
 * entry begins, and say whether it needs zip64.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/zip.h"

#define STREAMED 8u  /* general purpose bit 3 */
#define NEEDED   20u /* version needed to extract */
#define NEEDED64 45u
#define DAY      33u /* 1980-01-01: the same bytes each time */
#define ALL32    0xffffffffu
#define ALL16    0xffffu
#define ZIP64    1u /* the extra field's number */

struct entry {
	char *name;
	uint64_t offset, size, said;
	uint32_t crc;
	bool large;
};

struct zip {
	int (*write)(void *to, const void *bytes, size_t n);
	void *to;
	uint64_t at, large;
	struct entry *entries;
	size_t n, capacity;
	bool failed;
	uint32_t table[8][256]; /* of the CRC, eight bytes at a time */
};

/* table[k][b]: the sum of byte b with k zeros behind it */
static void fill_table(struct zip *zip)
{
	for (uint32_t b = 0; b < 256; b++) {
		uint32_t crc = b;

		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
		zip->table[0][b] = crc;
	}
	for (int k = 1; k < 8; k++)
		for (uint32_t b = 0; b < 256; b++) {
			uint32_t before = zip->table[k - 1][b];

			zip->table[k][b] = zip->table[0][before & 255] ^ before >> 8;
		}
}

uint32_t zip_crc(const struct zip *zip, uint32_t crc, const void *bytes, size_t n)
{
	const unsigned char *at = bytes;

	crc = ~crc;
	for (; n >= 8; n -= 8, at += 8) {
		crc ^= at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
		crc = zip->table[7][crc & 255] ^ zip->table[6][crc >> 8 & 255] ^
		      zip->table[5][crc >> 16 & 255] ^ zip->table[4][crc >> 24] ^
		      zip->table[3][at[4]] ^ zip->table[2][at[5]] ^ zip->table[1][at[6]] ^
		      zip->table[0][at[7]];
	}
	for (; n > 0; n--, at++)
		crc = zip->table[0][(crc ^ *at) & 255] ^ crc >> 8;
	return ~crc;
}

static void put(struct zip *zip, const void *bytes, size_t n)
{
	if (!zip->failed && zip->write(zip->to, bytes, n) < 0)
		zip->failed = true;
	zip->at += n;
}

/* Little-endian */
static void put_number(struct zip *zip, uint64_t value, size_t n)
{
	unsigned char bytes[8];

	for (size_t i = 0; i < n; i++)
		bytes[i] = (unsigned char)(value >> 8 * i);
	put(zip, bytes, n);
}

struct zip *zip_open(int (*write)(void *to, const void *bytes, size_t n), void *to)
{
	struct zip *zip = calloc(1, sizeof(*zip));

	if (!zip)
		return NULL;
	zip->write = write;
	zip->to = to;
	zip->large = ALL32;
	fill_table(zip);
	return zip;
}

void zip_large(struct zip *zip, uint64_t large)
{
	zip->large = large;
}

void zip_free(struct zip *zip)
{
	if (!zip)
		return;
	for (size_t i = 0; i < zip->n; i++)
		free(zip->entries[i].name);
	free(zip->entries);
	free(zip);
}

/* What the heads of an entry and of its line in the directory have in common */
static void put_head(struct zip *zip, const struct entry *e, bool large, size_t extra, bool sizes)
{
	uint64_t size = !sizes ? 0 : e->large ? ALL32 : e->size;

	put_number(zip, large ? NEEDED64 : NEEDED, 2);
	put_number(zip, STREAMED, 2);
	put_number(zip, 0, 2); /* stored */
	put_number(zip, 0, 2);
	put_number(zip, DAY, 2);
	put_number(zip, sizes ? e->crc : 0, 4);
	put_number(zip, size, 4);
	put_number(zip, size, 4);
	put_number(zip, strlen(e->name), 2);
	put_number(zip, extra, 2);
}

static struct entry *add_entry(struct zip *zip, const char *name)
{
	char *copy = strdup(name);

	if (copy && zip->n == zip->capacity) {
		size_t capacity = 2 * zip->capacity + 64;
		struct entry *grown = realloc(zip->entries, capacity * sizeof(*grown));

		if (!grown) {
			free(copy);
			copy = NULL;
		} else {
			zip->entries = grown;
			zip->capacity = capacity;
		}
	}
	if (!copy) {
		zip->failed = true;
		return NULL;
	}
	zip->entries[zip->n] = (struct entry){.name = copy};
	return &zip->entries[zip->n++];
}

void zip_entry(struct zip *zip, const char *name, uint64_t size)
{
	struct entry *e = zip->failed ? NULL : add_entry(zip, name);

	if (!e)
		return;
	e->offset = zip->at;
	e->said = size;
	e->large = size >= zip->large;
	put_number(zip, 0x04034b50, 4);
	/* an entry that is streamed and large says so by its extra field, with sizes that come later */
	put_head(zip, e, e->large, e->large ? 20 : 0, false);
	put(zip, e->name, strlen(e->name));
	if (!e->large)
		return;
	put_number(zip, ZIP64, 2);
	put_number(zip, 16, 2);
	put_number(zip, 0, 8);
	put_number(zip, 0, 8);
}

void zip_add(struct zip *zip, const void *bytes, size_t n)
{
	struct entry *e = zip->n ? &zip->entries[zip->n - 1] : NULL;

	if (zip->failed || !e)
		return;
	put(zip, bytes, n);
	e->crc = zip_crc(zip, e->crc, bytes, n);
	e->size += n;
}

void zip_entry_end(struct zip *zip)
{
	struct entry *e = zip->n ? &zip->entries[zip->n - 1] : NULL;

	if (zip->failed || !e)
		return;
	if (e->size != e->said)
		zip->failed = true;
	put_number(zip, 0x08074b50, 4);
	put_number(zip, e->crc, 4);
	put_number(zip, e->size, e->large ? 8 : 4);
	put_number(zip, e->size, e->large ? 8 : 4);
}

static void put_line(struct zip *zip, const struct entry *e)
{
	bool far = e->offset >= zip->large, any = far || e->large;
	size_t extra = (e->large ? 16u : 0u) + (far ? 8u : 0u);

	put_number(zip, 0x02014b50, 4);
	put_number(zip, any ? NEEDED64 : NEEDED, 2);
	put_head(zip, e, any, any ? 4 + extra : 0, true);
	put_number(zip, 0, 2); /* comment, disk, attributes */
	put_number(zip, 0, 2);
	put_number(zip, 0, 2);
	put_number(zip, 0, 4);
	put_number(zip, far ? ALL32 : e->offset, 4);
	put(zip, e->name, strlen(e->name));
	if (!any)
		return;
	put_number(zip, ZIP64, 2);
	put_number(zip, extra, 2);
	if (e->large) {
		put_number(zip, e->size, 8);
		put_number(zip, e->size, 8);
	}
	if (far)
		put_number(zip, e->offset, 8);
}

/* The end of a zip64 archive, and where it is */
static void put_end64(struct zip *zip, uint64_t from, uint64_t size)
{
	uint64_t here = zip->at;

	put_number(zip, 0x06064b50, 4);
	put_number(zip, 44, 8);
	put_number(zip, NEEDED64, 2);
	put_number(zip, NEEDED64, 2);
	put_number(zip, 0, 4);
	put_number(zip, 0, 4);
	put_number(zip, zip->n, 8);
	put_number(zip, zip->n, 8);
	put_number(zip, size, 8);
	put_number(zip, from, 8);
	put_number(zip, 0x07064b50, 4);
	put_number(zip, 0, 4);
	put_number(zip, here, 8);
	put_number(zip, 1, 4);
}

int zip_end(struct zip *zip)
{
	uint64_t from = zip->at, size;
	bool large;

	for (size_t i = 0; i < zip->n; i++)
		put_line(zip, &zip->entries[i]);
	size = zip->at - from;
	large = from >= zip->large || size >= zip->large || zip->n >= ALL16;
	if (large)
		put_end64(zip, from, size);
	put_number(zip, 0x06054b50, 4);
	put_number(zip, 0, 2);
	put_number(zip, 0, 2);
	put_number(zip, zip->n >= ALL16 ? ALL16 : zip->n, 2);
	put_number(zip, zip->n >= ALL16 ? ALL16 : zip->n, 2);
	put_number(zip, large && size >= zip->large ? ALL32 : size, 4);
	put_number(zip, large ? ALL32 : from, 4);
	put_number(zip, 0, 2);
	return zip->failed ? -1 : 0;
}
