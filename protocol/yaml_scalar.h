/* protocol/yaml_scalar.h - plain scalars by YAML 1.2's core schema. */
#ifndef PROTOCOL_YAML_SCALAR_H
#define PROTOCOL_YAML_SCALAR_H

#include <jansson.h>

/* null, true, 12, 0x1F, 1.5e-3, or text; NULL for what JSON cannot hold (.nan, .inf, 1e999, 2^63). */
json_t *yaml_scalar(const char *text);

#endif
