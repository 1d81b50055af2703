/* daemon/filter.c - a filter: and, or, not, parentheses around conditions; and what becomes of it. */
#include "config.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/filter_impl.h"

static int parse_or(struct parser *q);

void parser_advance(struct parser *q)
{
	q->now = token_next(&q->at);
}

/* Characters, not bytes, from 1 on. */
static size_t position(const struct parser *q, const struct token *at)
{
	size_t n = 1;

	for (const char *c = q->text; c < at->start; c++)
		n += ((unsigned char)*c & 0xc0) != 0x80;
	return n;
}

int parser_refuse(struct parser *q, const struct token *at, const char *format, ...)
{
	char what[400];
	va_list list;

	va_start(list, format);
	vsnprintf(what, sizeof(what), format, list);
	va_end(list);
	problem_set(q->p, PROBLEM_PARAMS, "/where", "where, character %zu: %s", position(q, at),
		    what);
	problem_add(q->p, "position", json_integer((json_int_t)position(q, at)));
	return -1;
}

static int parse_parentheses(struct parser *q)
{
	struct token open = q->now;
	char shown[80];

	parser_advance(q);
	fputs("(", q->sql);
	if (parse_or(q) < 0)
		return -1;
	if (q->now.kind == TOKEN_END)
		return parser_refuse(q, &open, "this parenthesis is never closed");
	if (q->now.kind != TOKEN_CLOSE)
		return parser_refuse(q, &q->now, "expected and, or, or \")\", got \"%s\"",
				     token_show(&q->now, shown, sizeof(shown)));
	parser_advance(q);
	fputs(")", q->sql);
	return 0;
}

static int parse_not(struct parser *q)
{
	int r;

	if (q->now.kind != TOKEN_OPEN && !token_is(&q->now, "not"))
		return parser_condition(q);
	if (++q->depth > FILTER_MAX_DEPTH)
		return parser_refuse(q, &q->now, "more than %d parentheses inside each other",
				     FILTER_MAX_DEPTH);
	if (q->now.kind == TOKEN_OPEN) {
		r = parse_parentheses(q);
	} else {
		parser_advance(q);
		fputs("NOT (", q->sql);
		r = parse_not(q);
		fputs(")", q->sql);
	}
	q->depth--;
	return r;
}

static int parse_and(struct parser *q)
{
	int r = parse_not(q);

	while (r == 0 && token_is(&q->now, "and")) {
		parser_advance(q);
		fputs(" AND ", q->sql);
		r = parse_not(q);
	}
	return r;
}

static int parse_or(struct parser *q)
{
	int r = parse_and(q);

	while (r == 0 && token_is(&q->now, "or")) {
		parser_advance(q);
		fputs(" OR ", q->sql);
		r = parse_and(q);
	}
	return r;
}

static int parse_all(struct parser *q)
{
	char shown[80];

	parser_advance(q);
	fputs("(", q->sql);
	if (parse_or(q) < 0)
		return -1;
	fputs(")", q->sql);
	if (q->now.kind == TOKEN_END)
		return 0;
	if (q->now.kind == TOKEN_CLOSE)
		return parser_refuse(q, &q->now, "this parenthesis was never opened");
	return parser_refuse(q, &q->now, "expected and, or, or the end, got \"%s\"",
			     token_show(&q->now, shown, sizeof(shown)));
}

int filter_parse(const char *text, struct filter **ret, struct problem *p)
{
	struct filter *f = calloc(1, sizeof(*f));
	struct parser q = {.text = text, .at = text, .filter = f, .p = p};
	int r;

	q.sql = f ? open_memstream(&f->sql, &f->sql_bytes) : NULL;
	if (!q.sql) {
		free(f);
		return problem_set(p, PROBLEM_STORAGE, "/where", "no memory for a filter");
	}
	r = parse_all(&q);
	if (fclose(q.sql) != 0 && r == 0)
		r = problem_set(p, PROBLEM_STORAGE, "/where", "no memory for a filter");
	if (r < 0) {
		filter_free(f);
		return -1;
	}
	*ret = f;
	return 0;
}

void filter_free(struct filter *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n; i++)
		free(f->values[i].text);
	free(f->sql);
	free(f);
}

const char *filter_sql(const struct filter *f)
{
	return f->sql;
}

int filter_bind(const struct filter *f, sqlite3_stmt *s)
{
	int r = SQLITE_OK;

	for (size_t i = 0; i < f->n && r == SQLITE_OK; i++) {
		const struct filter_value *v = &f->values[i];
		char name[24];
		int k;

		snprintf(name, sizeof(name), ":f%zu", i);
		k = sqlite3_bind_parameter_index(s, name);
		switch (v->type) {
		case FILTER_INTEGER:
			r = sqlite3_bind_int64(s, k, v->integer);
			break;
		case FILTER_REAL:
			r = sqlite3_bind_double(s, k, v->real);
			break;
		case FILTER_TEXT:
			r = sqlite3_bind_text(s, k, v->text, -1, SQLITE_TRANSIENT);
			break;
		}
	}
	return r;
}
