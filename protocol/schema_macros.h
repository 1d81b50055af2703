/* protocol/schema_macros.h - short forms in which the tables of schemas are written.
 *
 * Macros, because static tables can be made by nothing else.
 */
#ifndef PROTOCOL_SCHEMA_MACROS_H
#define PROTOCOL_SCHEMA_MACROS_H

#include <math.h>

#include "protocol/schema.h"

/* One of these words. */
#define WORDS(name, ...)                                                                           \
	static const char *const name##_words[] = {__VA_ARGS__, NULL};                             \
	static const struct schema name = {.type = SCHEMA_WORD, .words = name##_words}

/* The first of these schemas (pointers) that fits. */
#define EITHER(name, ...)                                                                          \
	static const struct schema *const name##_options[] = {__VA_ARGS__, NULL};                  \
	static const struct schema name = {.type = SCHEMA_EITHER, .options = name##_options}

/* An object with the members of the table name_members. */
#define OBJECT(name)                                                                               \
	static const struct schema name = {.type = SCHEMA_OBJECT, .members = name##_members}

/* A list of at least one. */
#define LIST(name, of)                                                                             \
	static const struct schema name = {.type = SCHEMA_LIST, .item = &(of), .min_items = 1}

/* A list that may be empty. */
#define LIST_0(name, of) static const struct schema name = {.type = SCHEMA_LIST, .item = &(of)}

/* A number above 0. */
#define ABOVE_0(name, unit_)                                                                       \
	static const struct schema name = {                                                        \
		.type = SCHEMA_NUMBER, .unit = unit_, .above_min = true, .max = INFINITY}

/* An integer from least to most. */
#define COUNT(name, least, most)                                                                   \
	static const struct schema name = {.type = SCHEMA_INTEGER, .min = least, .max = most}

#endif
