/* protocol/schema_text.h - schemas and values in words, for messages and help.
 *
 * Each call writes into text[size], cut with "..." if it must be, and returns text.
 */
#ifndef PROTOCOL_SCHEMA_TEXT_H
#define PROTOCOL_SCHEMA_TEXT_H

#include <stddef.h>

#include <jansson.h>

#include "protocol/schema.h"

/* The fewest digits that give back the same double: "0.1", not "0.10000000000000001"; "2^53" for that. */
const char *schema_number(double value, char *text, size_t size);
const char *schema_range(const struct schema *schema, char *text,
			 size_t size); /* "above 0 and at most 1"; "" for any */
const char *schema_value(const json_t *value, char *text,
			 size_t size); /* 1.5, "abc"; "" for lists and mappings */
const char *schema_found(const json_t *value, char *text,
			 size_t size); /* the string "abc", a list, true */

#endif
