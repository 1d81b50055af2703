/* protocol/methods.h - the table of methods, made from methods.def: the one source of the validator,
 * rpc.discover, the command line's sub-commands and help, and docs/PROTOCOL.md's reference. */
#ifndef PROTOCOL_METHODS_H
#define PROTOCOL_METHODS_H

#include <stddef.h>

#include "protocol/role.h"
#include "protocol/schema.h"

enum method_id {
#define METHOD(id, name, flags, help) METHOD_##id,
#include "protocol/methods.def"
#undef METHOD
	N_METHODS
};

enum method_flag {
	METHOD_READS = 0,
	METHOD_CHANGES = 1,   /* changes something: takes meta.key, leaves an audit row */
	METHOD_LEASE = 2,     /* needs the lease's token while somebody holds the lease */
	METHOD_IS_URGENT = 4, /* also answered on the urgent socket */
	METHOD_UNKEYED = 8,   /* changes something, but ignores meta.key */
	METHOD_ADMIN = 16,    /* for admins alone */
};

struct method {
	enum method_id id;
	const char *name; /* "run.submit" */
	unsigned flags;
	const char *help;            /* one sentence */
	const struct schema *params; /* SCHEMA_OBJECT */
	const struct schema *result; /* SCHEMA_OBJECT; the main members */
	const char *example;         /* params as JSON text */
};

const struct method *method_find(const char *name); /* NULL: unknown */
const struct method *method_get(enum method_id id);
/* Reading takes an observer, changing an operator; anybody who may write may stop. */
enum role method_role(const struct method *method);
/* Does it act on the rig, on what is kept, or on who may? */
bool method_acts(const struct method *method);
const char *method_nearest(const char *name); /* for "did you mean"; NULL: nothing near */
json_t *methods_openrpc(const char *version); /* new reference */

#endif
