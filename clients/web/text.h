/* clients/web/text.h - a text that grows: pieces, JSON, base64. */
#ifndef CLIENTS_WEB_TEXT_H
#define CLIENTS_WEB_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

/* Begins as {0}.  When memory is short it turns `failed` and stays as it was. */
struct text {
	char *bytes; /* with a NUL behind its n bytes; NULL while empty */
	size_t n, capacity;
	bool failed;
};

void text_clear(struct text *text);
char *text_take(struct text *text); /* to free(); NULL when it failed or is empty; clears it */
void text_add(struct text *text, const char *bytes, size_t n);
void text_put(struct text *text, const char *string);
void text_format(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_json(struct text *text, const json_t *value); /* on one line */
void text_base64(struct text *text, const void *bytes, size_t n);

#endif
