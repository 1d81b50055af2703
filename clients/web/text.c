/* clients/web/text.c - a text that grows: pieces, JSON, base64. */
#include "config.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/web/text.h"

void text_clear(struct text *text)
{
	free(text->bytes);
	*text = (struct text){0};
}

char *text_take(struct text *text)
{
	char *bytes = text->failed ? NULL : text->bytes;

	if (text->failed)
		free(text->bytes);
	*text = (struct text){0};
	return bytes;
}

/* Room for n more bytes and a NUL; NULL: none */
static char *room(struct text *text, size_t n)
{
	size_t capacity = text->capacity;
	char *bytes;

	if (text->failed)
		return NULL;
	if (n >= capacity - text->n) {
		capacity = 2 * (text->n + n) + 256;
		bytes = realloc(text->bytes, capacity);
		if (!bytes) {
			text->failed = true;
			return NULL;
		}
		text->bytes = bytes;
		text->capacity = capacity;
	}
	return text->bytes + text->n;
}

void text_add(struct text *text, const char *bytes, size_t n)
{
	char *at = room(text, n);

	if (!at)
		return;
	if (n)
		memcpy(at, bytes, n);
	at[n] = '\0';
	text->n += n;
}

void text_put(struct text *text, const char *string)
{
	text_add(text, string, strlen(string));
}

void text_format(struct text *text, const char *format, ...)
{
	va_list args;
	char *at;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	at = n < 0 ? NULL : room(text, (size_t)n);
	if (!at)
		return;
	va_start(args, format);
	vsnprintf(at, (size_t)n + 1, format, args);
	va_end(args);
	text->n += (size_t)n;
}

static int add_piece(const char *bytes, size_t n, void *text)
{
	text_add(text, bytes, n);
	return ((struct text *)text)->failed ? -1 : 0;
}

void text_json(struct text *text, const json_t *value)
{
	if (!value)
		text_put(text, "null");
	else if (json_dump_callback(value, add_piece, text, JSON_COMPACT | JSON_ENCODE_ANY) < 0)
		text->failed = true;
}

void text_base64(struct text *text, const void *bytes, size_t n)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789+/";
	const unsigned char *from = bytes;
	char *at = room(text, (n + 2) / 3 * 4);

	if (!at)
		return;
	for (; n > 0; from += 3) {
		size_t here = n < 3 ? n : 3;
		uint32_t bits = (uint32_t)from[0] << 16;

		if (here > 1)
			bits |= (uint32_t)from[1] << 8;
		if (here > 2)
			bits |= from[2];
		*at++ = letters[bits >> 18];
		*at++ = letters[bits >> 12 & 63];
		*at++ = here > 1 ? letters[bits >> 6 & 63] : '=';
		*at++ = here > 2 ? letters[bits & 63] : '=';
		n -= here;
	}
	*at = '\0';
	text->n = (size_t)(at - text->bytes);
}
