/* clients/web/token.h - the secret that lets a browser in: 128 bits, in the URL once, then in a cookie. */
#ifndef CLIENTS_WEB_TOKEN_H
#define CLIENTS_WEB_TOKEN_H

#include <stdbool.h>

#define TOKEN_CHARS 32 /* of hexadecimal digits */

struct token {
	char text[TOKEN_CHARS + 1];
};

/* A new one from the kernel; with a file: the one that is kept there, made (mode 0600) when it is not there.  0, or
 * -1 and a sentence in why. */
int token_make(const char *file, struct token *ret, char *why, unsigned why_size);
/* In time that does not tell how much of it is right; NULL is wrong. */
bool token_is(const struct token *token, const char *text);
/* Whether a Cookie header has it under the name "nudge"; NULL: no such header. */
bool token_in_cookies(const struct token *token, const char *cookies);

#endif
