/* clients/web/zip.h - a zip archive that is written from its beginning to its end: entries as they are, not packed. */
#ifndef CLIENTS_WEB_ZIP_H
#define CLIENTS_WEB_ZIP_H

#include <stdint.h>

#include "clients/web/text.h"

#define ZIP_ENTRIES 40
#define ZIP_MOST    4000000000u /* bytes: sizes have 32 bits */

struct zip {
	struct text *out; /* what is to be written goes there; whoever sends it may empty it */
	uint64_t at;      /* bytes written so far */
	size_t n;
	struct {
		char name[64];
		uint32_t offset, size, crc;
	} entries[ZIP_ENTRIES];
};

void zip_entry(struct zip *zip, const char *name); /* begins one */
void zip_add(struct zip *zip, const void *bytes, size_t n);
void zip_entry_end(struct zip *zip);
void zip_end(struct zip *zip); /* the directory */

#endif
