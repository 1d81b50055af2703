/* protocol/zip.h - a zip archive that is written from its beginning to its end: entries as they are, not packed.
 *
 * Beyond 4 GiB, of an entry or of the whole, sizes and places have 64 bits (zip64).
 */
#ifndef PROTOCOL_ZIP_H
#define PROTOCOL_ZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct zip; /* opaque */

/* write takes the next bytes of the archive; 0, or -1: it cannot, and the archive has failed.  NULL: no memory. */
struct zip *zip_open(int (*write)(void *to, const void *bytes, size_t n), void *to);
/* Numbers from `large` on (4294967295 by itself) have 64 bits: a test's archive need not be long. */
void zip_large(struct zip *zip, uint64_t large);
void zip_entry(struct zip *zip, const char *name, uint64_t size); /* begins one of so many bytes */
void zip_add(struct zip *zip, const void *bytes, size_t n);
void zip_entry_end(struct zip *zip);
/* Writes the directory.  0, or -1: write() or memory failed, or an entry had another size than was said. */
int zip_end(struct zip *zip);
void zip_free(struct zip *zip);

/* CRC-32 of ISO 3309, of what came before (0: nothing) and these bytes */
uint32_t zip_crc(const struct zip *zip, uint32_t crc, const void *bytes, size_t n);

#endif
