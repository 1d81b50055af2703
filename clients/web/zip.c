/* clients/web/zip.c - a zip archive that is written from its beginning to its end (PKWARE's APPNOTE 6.3.4).
 *
 * Sizes and sums stand behind each entry (flag bit 3) and in the directory at the end, since nobody goes back.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "clients/web/zip.h"

#define STREAMED 8u  /* general purpose bit 3 */
#define NEEDED   20u /* needed to extract */
#define DAY      33u /* 1980-01-01: the same bytes each time */

static void put(struct zip *zip, const void *bytes, size_t n)
{
	text_add(zip->out, bytes, n);
	zip->at += n;
}

/* Little-endian */
static void put_number(struct zip *zip, uint32_t value, size_t n)
{
	unsigned char bytes[4];

	for (size_t i = 0; i < n; i++)
		bytes[i] = (unsigned char)(value >> 8 * i);
	put(zip, bytes, n);
}

/* CRC-32 of ISO 3309, four bits at a time */
static uint32_t crc_add(uint32_t crc, const unsigned char *bytes, size_t n)
{
	static const uint32_t table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
					   0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
					   0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
					   0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};

	crc = ~crc;
	for (size_t i = 0; i < n; i++) {
		crc = table[(crc ^ bytes[i]) & 15] ^ crc >> 4;
		crc = table[(crc ^ (uint32_t)bytes[i] >> 4) & 15] ^ crc >> 4;
	}
	return ~crc;
}

/* What the heads of an entry and of its line in the directory have in common */
static void put_head(struct zip *zip, size_t i, uint32_t crc, uint32_t size)
{
	put_number(zip, NEEDED, 2);
	put_number(zip, STREAMED, 2);
	put_number(zip, 0, 2); /* stored */
	put_number(zip, 0, 2);
	put_number(zip, DAY, 2);
	put_number(zip, crc, 4);
	put_number(zip, size, 4);
	put_number(zip, size, 4);
	put_number(zip, (uint32_t)strlen(zip->entries[i].name), 2);
	put_number(zip, 0, 2);
}

void zip_entry(struct zip *zip, const char *name)
{
	size_t i = zip->n;

	snprintf(zip->entries[i].name, sizeof(zip->entries[i].name), "%s", name);
	zip->entries[i].offset = (uint32_t)zip->at;
	put_number(zip, 0x04034b50, 4);
	put_head(zip, i, 0, 0);
	put(zip, zip->entries[i].name, strlen(zip->entries[i].name));
}

void zip_add(struct zip *zip, const void *bytes, size_t n)
{
	put(zip, bytes, n);
	zip->entries[zip->n].crc = crc_add(zip->entries[zip->n].crc, bytes, n);
	zip->entries[zip->n].size += (uint32_t)n;
}

void zip_entry_end(struct zip *zip)
{
	size_t i = zip->n++;

	put_number(zip, 0x08074b50, 4);
	put_number(zip, zip->entries[i].crc, 4);
	put_number(zip, zip->entries[i].size, 4);
	put_number(zip, zip->entries[i].size, 4);
}

void zip_end(struct zip *zip)
{
	uint32_t from = (uint32_t)zip->at, size;

	for (size_t i = 0; i < zip->n; i++) {
		put_number(zip, 0x02014b50, 4);
		put_number(zip, NEEDED, 2);
		put_head(zip, i, zip->entries[i].crc, zip->entries[i].size);
		put_number(zip, 0, 2); /* comment, disk, attributes */
		put_number(zip, 0, 2);
		put_number(zip, 0, 2);
		put_number(zip, 0, 4);
		put_number(zip, zip->entries[i].offset, 4);
		put(zip, zip->entries[i].name, strlen(zip->entries[i].name));
	}
	size = (uint32_t)zip->at - from;
	put_number(zip, 0x06054b50, 4);
	put_number(zip, 0, 2);
	put_number(zip, 0, 2);
	put_number(zip, (uint32_t)zip->n, 2);
	put_number(zip, (uint32_t)zip->n, 2);
	put_number(zip, size, 4);
	put_number(zip, from, 4);
	put_number(zip, 0, 2);
}
