/* protocol/schema.h - what a JSON value must look like, as data.
 *
 * One table of these serves the validator, rpc.discover (as JSON Schema), the help of the command line
 * and the reference in docs/PROTOCOL.md.  Strict: an unknown member, a wrong type, a number out of range
 * or not finite is refused, with a JSON pointer and what was expected; nothing is coerced, but an
 * integral real counts as an integer.
 */
#ifndef PROTOCOL_SCHEMA_H
#define PROTOCOL_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "protocol/problem.h"

enum schema_type {
	SCHEMA_ANY,
	SCHEMA_NULL,
	SCHEMA_BOOL,
	SCHEMA_INTEGER,
	SCHEMA_NUMBER,
	SCHEMA_STRING,
	SCHEMA_WORD,   /* one of words[] */
	SCHEMA_OBJECT, /* members[] */
	SCHEMA_MAP,    /* any names matching key, each value as item */
	SCHEMA_LIST,   /* each as item; min_items .. max_items */
	SCHEMA_EITHER, /* the first of options[] whose type fits */
};

enum schema_key {
	SCHEMA_KEY_ANY,
	SCHEMA_KEY_NODE
}; /* NODE: a decimal number without sign or leading zero */

struct schema_member;

struct schema {
	enum schema_type type;
	const char *unit;            /* "V", "s"; NULL: none */
	double min, max;             /* of a number; both 0: any.  Infinite: open */
	bool above_min, below_max;   /* the end itself is out */
	size_t min_items, max_items; /* of a list or map; the bytes of a string; max 0: any */
	const char *const *words;    /* NULL-terminated */
	const struct schema_member *members; /* ended by a NULL name */
	bool open;                           /* an object may have further members */
	const struct schema *item;
	const struct schema *const *options; /* NULL-terminated */
	enum schema_key key;
	const char *help;
};

enum schema_choice { /* of an object's members with the same mark */
		     SCHEMA_FREE,
		     SCHEMA_ONE,       /* exactly one of them */
		     SCHEMA_UP_TO_ONE, /* one of them, or none */
};

struct schema_member {
	const char *name;
	const struct schema *schema;
	bool required;
	enum schema_choice choice;
	const char *fallback; /* default, as JSON text; NULL: none */
	const char *help;     /* a sentence */
};

/* 0, or -1 and *p (code, path, message, data).  Says "did you mean" for a name that is nearly right. */
int schema_check(const struct schema *schema, const json_t *value, struct problem *p);

/* Adds the defaults that are missing and makes integers of integral reals where integers belong; deep.
 * value has passed schema_check().  0, or -1: no memory. */
int schema_fill(const struct schema *schema, json_t *value);

/* JSON Schema (2020-12; units as "x-unit"); new reference. */
json_t *schema_to_json(const struct schema *schema);

/* Of SCHEMA_EITHER the option that value is meant to be, of any other schema itself; NULL: none fits. */
const struct schema *schema_pick(const struct schema *schema, const json_t *value);

/* "a number above 0 and at most 1, in V"; returns text, cut with "..." if it must be. */
const char *schema_describe(const struct schema *schema, char *text, size_t size);

#endif
