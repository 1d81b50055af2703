/* protocol/problem.c - why something was refused. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "protocol/problem.h"

/* File names and a parser's words may be no UTF-8, without which there is no reply: then ASCII alone. */
static void make_utf8(char *text)
{
	json_t *string = json_string(text);

	for (char *c = text; !string && *c; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	json_decref(string);
}

int problem_set(struct problem *p, enum problem_code code, const char *path, const char *format,
		...)
{
	struct problem fresh = {.code = code}; /* the arguments may point into *p */
	va_list args;
	int n;

	if (!p)
		return -1;
	problem_cut(fresh.path, sizeof(fresh.path), path ? path : "");
	va_start(args, format);
	n = vsnprintf(fresh.message, sizeof(fresh.message), format, args);
	va_end(args);
	if (n >= (int)sizeof(fresh.message))
		problem_cut(fresh.message, sizeof(fresh.message), NULL);
	make_utf8(fresh.path);
	make_utf8(fresh.message);
	problem_clear(p);
	*p = fresh;
	return -1;
}

void problem_cut(char *text, size_t size, const char *from)
{
	size_t n;

	if (from && strlen(from) < size) {
		memmove(text, from, strlen(from) + 1);
		return;
	}
	if (from)
		memmove(text, from, size - 1);
	/* back to the start of a character, so that the text stays UTF-8 */
	n = size - 4;
	while (n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80)
		n--;
	memcpy(text + n, "...", 4);
}

void problem_add(struct problem *p, const char *name, json_t *value)
{
	if (p && !p->data)
		p->data = json_object();
	if (p)
		json_object_set_new(p->data, name, value);
	else
		json_decref(value);
}

void problem_prefix(struct problem *p, const char *prefix)
{
	char path[2 * sizeof(p->path)];

	if (!p)
		return;
	snprintf(path, sizeof(path), "%.*s%s", (int)sizeof(p->path), prefix, p->path);
	problem_cut(p->path, sizeof(p->path), path);
}

void problem_clear(struct problem *p)
{
	if (!p)
		return;
	if (p->data)
		json_decref(p->data);
	*p = (struct problem){0};
}

const char *problem_kind(int code)
{
	switch ((enum problem_code)code) {
	case PROBLEM_NONE:
		return "none";
	case PROBLEM_PARSE:
		return "parse";
	case PROBLEM_REQUEST:
		return "request";
	case PROBLEM_METHOD:
		return "method";
	case PROBLEM_PARAMS:
		return "params";
	case PROBLEM_INTERNAL:
		return "internal";
	case PROBLEM_LIMIT:
		return "limit";
	case PROBLEM_LOCKED:
		return "locked";
	case PROBLEM_FORBIDDEN:
		return "forbidden";
	case PROBLEM_STATE:
		return "state";
	case PROBLEM_CONFLICT:
		return "conflict";
	case PROBLEM_DEVICE:
		return "device";
	case PROBLEM_STORAGE:
		return "storage";
	case PROBLEM_NOT_FOUND:
		return "not_found";
	}
	return "unknown";
}

static void append(char *path, size_t size, const char *text)
{
	size_t n = strlen(path), m = strlen(text);

	if (n + m < size) {
		memcpy(path + n, text, m + 1);
		return;
	}
	if (n + 1 < size)
		memcpy(path + n, text, size - 1 - n);
	problem_cut(path, size, NULL);
}

void problem_path_name(char *path, size_t size, const char *name)
{
	char one[2] = "";

	append(path, size, "/");
	for (; *name; name++) {
		one[0] = *name;
		append(path, size, *name == '~' ? "~0" : *name == '/' ? "~1" : one);
	}
}

void problem_path_index(char *path, size_t size, size_t i)
{
	char text[24];

	snprintf(text, sizeof(text), "/%zu", i);
	append(path, size, text);
}

/* One step of a pointer, unescaped, as people write it: "[2]" or ".name". */
static const char *append_step(char *text, size_t size, const char *from)
{
	size_t n = strcspn(from, "/");
	char one[2] = "";

	if (n > 0 && strspn(from, "0123456789") == n) {
		append(text, size, "[");
		for (size_t i = 0; i < n; i++) {
			one[0] = from[i];
			append(text, size, one);
		}
		append(text, size, "]");
		return from + n;
	}
	if (*text)
		append(text, size, ".");
	for (size_t i = 0; i < n; i++) {
		one[0] = from[i];
		if (from[i] == '~' && (from[i + 1] == '0' || from[i + 1] == '1'))
			one[0] = from[++i] == '0' ? '~' : '/';
		append(text, size, one);
	}
	return from + n;
}

const char *problem_name(const char *path, char *text, size_t size)
{
	*text = '\0';
	while (*path == '/')
		path = append_step(text, size, path + 1);
	if (!*text)
		append(text, size, "the whole");
	return text;
}
