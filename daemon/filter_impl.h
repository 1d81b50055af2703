/* daemon/filter_impl.h - what the files of the filter share: words of the text, fields, and what is being made. */
#ifndef DAEMON_FILTER_IMPL_H
#define DAEMON_FILTER_IMPL_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "daemon/filter.h"

/* ---- filter_lex.c: words of the text ---- */

enum token_kind {
	TOKEN_END,
	TOKEN_NAME,
	TOKEN_NUMBER,
	TOKEN_TEXT, /* in quotes, with them */
	TOKEN_OPERATOR,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_COMMA,
	TOKEN_UNENDED, /* a text without its second quote */
	TOKEN_STRANGE, /* nothing that begins with this character */
};

struct token {
	enum token_kind kind;
	const char *start;
	size_t n; /* bytes */
};

struct token token_next(const char **at);               /* moves *at behind it */
bool token_is(const struct token *t, const char *word); /* whatever the case */
char *token_text(const struct token *t); /* without quotes; free() it; NULL: no memory */
/* For a sentence: "what stands there" or "the end"; returns text. */
const char *token_show(const struct token *t, char *text, size_t size);

/* ---- filter_fields.c: what runs have ---- */

enum field_type { FIELD_NUMBER, FIELD_TEXT, FIELD_TIME, FIELD_FLAG, FIELD_TAG };

struct field {
	const char *name;
	enum field_type type;
	const char *sql;          /* NULL: the column of the same name */
	const char *const *words; /* the only values there are, NULL-terminated; NULL: any */
};

const struct field *field_find(const char *name, size_t n); /* NULL: there is none */
const char *field_nearest(const char *name, size_t n);      /* NULL: nothing is near */
const char *field_sql(const struct field *f);

/* ---- filter.c: what is being made ---- */

struct filter_value {
	enum { FILTER_INTEGER, FILTER_REAL, FILTER_TEXT } type;
	int64_t integer;
	double real;
	char *text; /* owned; of TEXT */
};

struct filter {
	char *sql;
	size_t sql_bytes;
	size_t n;
	struct filter_value values[FILTER_MAX_VALUES];
};

struct parser {
	const char *text, *at; /* the whole; behind `now` */
	struct token now;
	unsigned depth;
	struct filter *filter;
	FILE *sql; /* grows filter->sql */
	struct problem *p;
};

void parser_advance(struct parser *q);
/* Returns -1; the sentence follows "where, character N: ". */
int parser_refuse(struct parser *q, const struct token *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* ---- filter_compare.c: one condition ---- */

/* field = value, field in (...), field is null, ...: reads it and writes its SQL.  0 or -1. */
int parser_condition(struct parser *q);

#endif
