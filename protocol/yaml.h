/* protocol/yaml.h - a YAML (or .json) file as the same values that a request carries.
 *
 * Plain scalars by YAML 1.2's core schema.  Refused: aliases, merge keys, tags, second documents,
 * duplicate keys, and what JSON cannot hold (.nan, .inf).
 */
#ifndef PROTOCOL_YAML_H
#define PROTOCOL_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "protocol/problem.h"
#include "protocol/schema.h"

struct yaml_places; /* where each value stood: JSON pointer -> line and column */

const char *yaml_library_version(void); /* of libyaml */

/* 0, or -1 and *p, whose message begins with "file:line:column: ".  *ret_places may be NULL. */
int yaml_read(const char *file, json_t **ret, struct yaml_places **ret_places, struct problem *p);
int yaml_parse(const char *name, const char *text, size_t n, json_t **ret,
	       struct yaml_places **ret_places, struct problem *p);
void yaml_places_free(struct yaml_places *places); /* accepts NULL */

/* 1-based place of the value at path (a mapping's member: of its key), or of its nearest ancestor; false:
 * none known. */
bool yaml_place(const struct yaml_places *places, const char *path, int *line, int *column);

/* Puts "file:line:column: " in front of p->message, from p->path. */
void yaml_locate(const char *file, const struct yaml_places *places, struct problem *p);

/* Reads, checks and fills in defaults: yaml_read(), schema_check(), schema_fill(), yaml_locate(). */
int yaml_read_checked(const char *file, const struct schema *schema, json_t **ret,
		      struct yaml_places **ret_places, struct problem *p);

#endif
