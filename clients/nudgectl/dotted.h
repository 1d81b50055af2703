/* clients/nudgectl/dotted.h - values inside JSON by the path that people write: "train.examples[0].target_V". */
#ifndef CLIENTS_NUDGECTL_DOTTED_H
#define CLIENTS_NUDGECTL_DOTTED_H

#include <stddef.h>

#include <jansson.h>

/* Puts a copy of value there; objects that are missing on the way are made.  0, or -1 and why: the path is malformed, goes through
 * what is no object, or beyond a list's end. */
int dotted_set(json_t *root, const char *path, const json_t *value, char *why, size_t why_size);

/* The same as a JSON pointer ("/train/examples/0/target_V"); pointer. */
const char *dotted_pointer(const char *path, char *pointer, size_t size);

/* "p" of "params.p": what a path ends in. */
const char *dotted_last(const char *path);

#endif
