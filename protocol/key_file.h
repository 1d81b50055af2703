/* protocol/key_file.h - CURVE keys as text: 40 characters of Z85, alone or in files of one or two of them.
 *
 * A key file has the lines "public KEY" and "secret KEY", and comments; the public one beside it, FILE.pub, has the
 * first line alone.
 */
#ifndef PROTOCOL_KEY_FILE_H
#define PROTOCOL_KEY_FILE_H

#include <stdbool.h>

#include "protocol/problem.h"

#define KEY_CHARS 40

struct key_pair {
	char public_key[KEY_CHARS + 1];
	char secret_key[KEY_CHARS + 1]; /* "": the file has none */
};

/* 40 characters of Z85.  One that begins with '#' is refused: its line would be a comment. */
bool key_is_valid(const char *text);

/* A file with a secret must be its owner's alone (mode 0600), unless it lies in $CREDENTIALS_DIRECTORY, which
 * systemd guards.  need_secret: a file without one is refused.  0, or -1 and *p. */
int key_file_read(const char *file, bool need_secret, struct key_pair *ret, struct problem *p);

/* Makes file with mode 0600 and FILE.pub; neither may exist.  note: one line, as a comment.  0, or -1 and *p. */
int key_file_write(const char *file, const struct key_pair *pair, const char *note,
		   struct problem *p);

#endif
