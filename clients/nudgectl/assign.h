/* clients/nudgectl/assign.h - "eta=0.2" as a member of an object. */
#ifndef CLIENTS_NUDGECTL_ASSIGN_H
#define CLIENTS_NUDGECTL_ASSIGN_H

#include <jansson.h>

#include "protocol/schema.h"

/* Puts NAME=VALUE into object; a value that is JSON counts as that, else as text.  0, or an exit code, said. */
int assign_one(json_t *object, const char *text);
json_t *assign_words(const char *text); /* "a,b" as a list of words */
/* What a method's table says of it; 0, or an exit code, said: for what people type. */
int assign_check(const struct schema *schema, const json_t *object);

#endif
