/* daemon/authorized_keys.h - the file of those who may come in over TCP: "PUBLIC-KEY NAME ROLE" a line. */
#ifndef DAEMON_AUTHORIZED_KEYS_H
#define DAEMON_AUTHORIZED_KEYS_H

#include <stddef.h>

#include <jansson.h>

#include "protocol/key_file.h"
#include "protocol/problem.h"
#include "protocol/role.h"

#define KEY_NAME_MAX 32

struct authorized_key {
	char public_key[KEY_CHARS + 1];
	char name[KEY_NAME_MAX + 1]; /* letters, digits and . _ @ -: a person or a machine */
	enum role role;
};

struct authorized_keys {
	size_t n;
	struct authorized_key *list;
};

/* Lines that are empty or begin with '#' are comments; a name or a key stands once.  *p begins with "FILE:LINE: ".
 * 0, or -1 and *p.  authorized_keys_clear() the result. */
int authorized_keys_parse(const char *text, const char *file, struct authorized_keys *ret,
			  struct problem *p);
/* A file that is not there is an empty list.  One that others may write to is refused. */
int authorized_keys_read(const char *file, struct authorized_keys *ret, struct problem *p);
void authorized_keys_clear(struct authorized_keys *keys);

const struct authorized_key *authorized_keys_find(const struct authorized_keys *keys,
						  const char *public_key); /* NULL: not there */
const struct authorized_key *authorized_keys_named(const struct authorized_keys *keys,
						   const char *name); /* NULL: not there */

/* Fills and checks a line's three parts; PROBLEM_PARAMS and a path of "/name", ... when one is wrong. */
int authorized_key_make(const char *public_key, const char *name, const char *role,
			struct authorized_key *ret, struct problem *p);

/* Rewrite the file in one step (a new file, renamed over it): comments stay.  The same key with the same name and role
 * once more is fine; the name or the key of another line is a conflict.  A name that is not there: PROBLEM_NOT_FOUND.
 * *ret_old (may be NULL): the line that was taken away. */
int authorized_keys_add(const char *file, const struct authorized_key *key, struct problem *p);
int authorized_keys_remove(const char *file, const char *name, struct authorized_key *ret_old,
			   struct problem *p);

#endif
