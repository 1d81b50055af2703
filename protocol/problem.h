/* protocol/problem.h - why something was refused: code, culprit, and a sentence for people. */
#ifndef PROTOCOL_PROBLEM_H
#define PROTOCOL_PROBLEM_H

#include <jansson.h>

enum problem_code {
	PROBLEM_NONE = 0,
	PROBLEM_PARSE = -32700,
	PROBLEM_REQUEST = -32600,
	PROBLEM_METHOD = -32601,
	PROBLEM_PARAMS = -32602,
	PROBLEM_INTERNAL = -32603,
	PROBLEM_LIMIT = -32010,
	PROBLEM_LOCKED = -32011,
	PROBLEM_FORBIDDEN = -32012,
	PROBLEM_STATE = -32013,
	PROBLEM_CONFLICT = -32014,
	PROBLEM_DEVICE = -32015,
	PROBLEM_STORAGE = -32016,
	PROBLEM_NOT_FOUND = -32017,
};

struct problem {
	int code;       /* enum problem_code; 0: none */
	char path[192]; /* JSON pointer to the culprit inside what was checked; "" for the whole */
	char message[512]; /* what is wrong, with its value, and the cure */
	json_t *data; /* further members of error.data ("value", "max", "holder", ...); may be NULL */
};

/* Fills *p (a NULL p is allowed) and returns -1, so that "return problem_set(p, ...)" reads well. */
int problem_set(struct problem *p, enum problem_code code, const char *path, const char *format,
		...) __attribute__((format(printf, 4, 5)));
void problem_add(struct problem *p, const char *name, json_t *value); /* steals value; into data */
void problem_prefix(struct problem *p, const char *prefix);           /* "/task" in front of path */
void problem_clear(struct problem *p);                                /* drops data, code 0 */
const char *problem_kind(int code);                                   /* "limit", "params", ... */

/* Appends "/name" (escaped as RFC 6901 wants) or "/i" to path, cutting nothing in silence ("..." at the end). */
void problem_path_name(char *path, size_t size, const char *name);
void problem_path_index(char *path, size_t size, size_t i);

/* A pointer as people write it: "/schedule/0/cut" is "schedule[0].cut"; "" is "the whole".  Returns text. */
const char *problem_name(const char *path, char *text, size_t size);

/* from into text[size] (8 or more), ended by "..." if it does not fit; from NULL: marks text, filled to the end, as cut. */
void problem_cut(char *text, size_t size, const char *from);

#endif
