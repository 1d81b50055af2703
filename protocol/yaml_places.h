/* protocol/yaml_places.h - how yaml.c notes where each value stood; to be asked by yaml.h's calls. */
#ifndef PROTOCOL_YAML_PLACES_H
#define PROTOCOL_YAML_PLACES_H

#include <stddef.h>

struct yaml_places;

struct yaml_places *yaml_places_new(void); /* NULL: no memory */
/* Zero-based line and column; the first place of a path stays.  Short of memory, a place is not noted. */
void yaml_places_add(struct yaml_places *places, const char *path, size_t line, size_t column);

#endif
