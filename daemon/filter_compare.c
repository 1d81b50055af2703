/* daemon/filter_compare.c - one condition of a filter: a field, how it is compared, and with what. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/filter_impl.h"
#include "protocol/nearest.h"

static const char *const type_names[] = {
	[FIELD_NUMBER] = "a number",
	[FIELD_TEXT] = "a text in quotes",
	[FIELD_TIME] = "a time in quotes, like '2026-11-01' or '2026-11-01T17:30'",
	[FIELD_FLAG] = "true or false",
	[FIELD_TAG] = "a text in quotes"};

/* ---- values ---- */

/* The next parameter's number goes into *ret; text, if any, is taken over. */
static int add_value(struct parser *q, const struct token *at, struct filter_value value,
		     size_t *ret)
{
	if (q->filter->n == FILTER_MAX_VALUES) {
		free(value.text);
		return parser_refuse(q, at, "more than %d values in one filter", FILTER_MAX_VALUES);
	}
	*ret = q->filter->n++;
	q->filter->values[*ret] = value;
	return 0;
}

static int read_number(struct parser *q, const struct field *f, size_t *ret)
{
	char text[64], *end;
	struct filter_value v = {.type = FILTER_INTEGER};
	const struct token at = q->now;

	if (at.n >= sizeof(text))
		return parser_refuse(q, &at, "a number of %zu digits is too long", at.n);
	memcpy(text, at.start, at.n);
	text[at.n] = '\0';
	errno = 0;
	v.integer = strtoll(text, &end, 10);
	if (errno && text[0] != '-' && strcmp(f->name, "seed") == 0) { /* as the table has it */
		errno = 0;
		v.integer = (int64_t)strtoull(text, &end, 10);
	}
	if (*end || errno) {
		v.type = FILTER_REAL;
		v.real = strtod(text, &end);
	}
	if (*end || strpbrk(text, "xXpPnN"))
		return parser_refuse(q, &at, "\"%s\" is no number", text);
	if (v.type == FILTER_REAL && !isfinite(v.real))
		return parser_refuse(q, &at, "%s is beyond all numbers", text);
	parser_advance(q);
	return add_value(q, &at, v, ret);
}

/* As much of YYYY-MM-DDTHH:MM:SS.ffffff as there is; a blank is as good as T.  A Z at its end goes: the text sorts without. */
static bool make_time(char *text)
{
	static const char form[] = "0000-00-00T00:00:00.000000";
	size_t n = strlen(text);

	if (n > 10 && text[n - 1] == 'Z')
		text[--n] = '\0';
	if (n != 4 && n != 7 && n != 10 && n != 13 && n != 16 && n != 19 &&
	    !(n > 20 && n < sizeof(form)))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (i == 10 && text[i] == ' ')
			text[i] = 'T';
		if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
			return false;
	}
	return true;
}

static const char *nearest_word(const char *const *words, const char *text)
{
	size_t best = (size_t)-1;
	const char *found = NULL;

	for (; *words; words++) {
		size_t d = nearest_distance(text, *words);

		if (d < best) {
			best = d;
			found = *words;
		}
	}
	return found;
}

static int check_word(struct parser *q, const struct field *f, const char *text)
{
	const char *nearest;
	char all[200] = "";

	for (const char *const *word = f->words; *word; word++) {
		if (strcmp(*word, text) == 0)
			return 0;
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s", *all ? ", " : "",
			 *word);
	}
	nearest = nearest_word(f->words, text);
	return parser_refuse(q, &q->now, "%s is never \"%.40s\"%s%s%s; it is one of %s", f->name,
			     text, nearest ? "; did you mean \"" : "", nearest ? nearest : "",
			     nearest ? "\"?" : "", all);
}

/* exact: the value itself is meant, not a pattern or a part. */
static int read_text(struct parser *q, const struct field *f, bool exact, size_t *ret)
{
	const struct token at = q->now;
	struct filter_value v = {.type = FILTER_TEXT, .text = token_text(&at)};
	int r = 0;

	if (!v.text)
		return parser_refuse(q, &at, "no memory");
	if (exact && f->type == FIELD_TIME && !make_time(v.text))
		r = parser_refuse(q, &at,
				  "expected a time in UTC like '2026-11-01' or "
				  "'2026-11-01T17:30'");
	else if (exact && f->words)
		r = check_word(q, f, v.text);
	if (r < 0) {
		free(v.text);
		return -1;
	}
	parser_advance(q);
	return add_value(q, &at, v, ret);
}

static int read_flag(struct parser *q, size_t *ret)
{
	const struct token at = q->now;
	bool on = token_is(&at, "true") || (at.n == 1 && *at.start == '1');

	parser_advance(q);
	return add_value(q, &at, (struct filter_value){.type = FILTER_INTEGER, .integer = on}, ret);
}

static int refuse_value(struct parser *q, const struct field *f)
{
	const struct token *t = &q->now;
	char shown[80];

	token_show(t, shown, sizeof(shown));
	if (token_is(t, "null"))
		return parser_refuse(q, t, "nothing equals null; write \"%s is null\"", f->name);
	if (t->kind == TOKEN_UNENDED)
		return parser_refuse(q, t, "this text has no second quote");
	if (t->kind == TOKEN_NAME && f->type != FIELD_NUMBER && f->type != FIELD_FLAG &&
	    !field_find(t->start, t->n))
		return parser_refuse(q, t, "a text stands in quotes: did you mean '%s'?", shown);
	return parser_refuse(q, t, "expected %s to compare %s with, got %s", type_names[f->type],
			     f->name, token_show(t, shown, sizeof(shown)));
}

static int read_value(struct parser *q, const struct field *f, bool exact, size_t *ret)
{
	const struct token *t = &q->now;

	if (f->type == FIELD_NUMBER && t->kind == TOKEN_NUMBER)
		return read_number(q, f, ret);
	if (f->type == FIELD_FLAG &&
	    (token_is(t, "true") || token_is(t, "false") ||
	     (t->kind == TOKEN_NUMBER && t->n == 1 && (*t->start == '0' || *t->start == '1'))))
		return read_flag(q, ret);
	if (f->type != FIELD_NUMBER && f->type != FIELD_FLAG && t->kind == TOKEN_TEXT)
		return read_text(q, f, exact, ret);
	return refuse_value(q, f);
}

/* ---- SQL ---- */

/* field OPERATOR :fN.  A time equals all those that begin with it: '2026-11-01' is the whole day. */
static void write_comparison(struct parser *q, const struct field *f, const char *sql_operator,
			     size_t n)
{
	const char *sql = field_sql(f);
	bool equals = strcmp(sql_operator, "=") == 0 || strcmp(sql_operator, "<>") == 0;

	if (f->type == FIELD_TAG)
		fprintf(q->sql, "%sEXISTS (SELECT 1 FROM json_each(%s) t WHERE t.value = :f%zu)",
			sql_operator[0] == '<' ? "NOT " : "", sql, n);
	else if (f->type == FIELD_TIME && equals)
		fprintf(q->sql, "substr(%s, 1, length(:f%zu)) %s :f%zu", sql, n, sql_operator, n);
	else
		fprintf(q->sql, "%s %s :f%zu", sql, sql_operator, n);
}

/* Of tags, any one. */
static void write_search(struct parser *q, const struct field *f, bool part, size_t n)
{
	const char *sql = f->type == FIELD_TAG ? "t.value" : field_sql(f);

	if (f->type == FIELD_TAG)
		fprintf(q->sql, "EXISTS (SELECT 1 FROM json_each(%s) t WHERE ", field_sql(f));
	if (part)
		fprintf(q->sql, "instr(lower(%s), lower(:f%zu)) > 0", sql, n);
	else
		fprintf(q->sql, "%s LIKE :f%zu", sql, n);
	if (f->type == FIELD_TAG)
		fputs(")", q->sql);
}

/* ---- conditions ---- */

static const struct {
	const char *typed, *sql;
	bool equality; /* also of what has no order */
} operators[] = {
	{"=", "=", true},    {"!=", "<>", true}, {"<", "<", false},
	{"<=", "<=", false}, {">", ">", false},  {">=", ">=", false},
};

/* With the other field of the same type: how far a run came, for one. */
static int compare_fields(struct parser *q, const struct field *f, const char *sql_operator)
{
	const struct field *other = field_find(q->now.start, q->now.n);

	if (f->type == FIELD_TAG || f->type == FIELD_FLAG || other->type != f->type)
		return refuse_value(q, f);
	parser_advance(q);
	fprintf(q->sql, "%s %s %s", field_sql(f), sql_operator, field_sql(other));
	return 0;
}

static int compare(struct parser *q, const struct field *f)
{
	const struct token at = q->now;
	size_t i = 0, n;

	while (i < sizeof(operators) / sizeof(operators[0]) && !token_is(&at, operators[i].typed))
		i++;
	if (i == sizeof(operators) / sizeof(operators[0]))
		return parser_refuse(q, &at, "did you mean \"%s\"?",
				     token_is(&at, "<>") ? "!=" : "=");
	if (!operators[i].equality && (f->type == FIELD_TAG || f->type == FIELD_FLAG))
		return parser_refuse(q, &at, "%s has no order: compare it with = or !=", f->name);
	parser_advance(q);
	if (q->now.kind == TOKEN_NAME && field_find(q->now.start, q->now.n))
		return compare_fields(q, f, operators[i].sql);
	if (read_value(q, f, true, &n) < 0)
		return -1;
	write_comparison(q, f, operators[i].sql, n);
	return 0;
}

static int search(struct parser *q, const struct field *f, bool part)
{
	size_t n;

	if (f->type == FIELD_NUMBER || f->type == FIELD_FLAG)
		return parser_refuse(q, &q->now, "%s is no text: compare it with =, !=%s", f->name,
				     f->type == FIELD_NUMBER ? ", <, <=, > or >=" : "");
	parser_advance(q);
	if (read_value(q, f, false, &n) < 0)
		return -1;
	write_search(q, f, part, n);
	return 0;
}

static int among(struct parser *q, const struct field *f)
{
	char shown[80];
	size_t n;

	parser_advance(q);
	if (q->now.kind != TOKEN_OPEN)
		return parser_refuse(q, &q->now, "expected \"(\" behind in, got \"%s\"",
				     token_show(&q->now, shown, sizeof(shown)));
	fputs("(", q->sql);
	do {
		parser_advance(q);
		if (read_value(q, f, true, &n) < 0)
			return -1;
		write_comparison(q, f, "=", n);
		if (q->now.kind == TOKEN_COMMA)
			fputs(" OR ", q->sql);
	} while (q->now.kind == TOKEN_COMMA);
	if (q->now.kind != TOKEN_CLOSE)
		return parser_refuse(q, &q->now, "expected \",\" or \")\", got \"%s\"",
				     token_show(&q->now, shown, sizeof(shown)));
	parser_advance(q);
	fputs(")", q->sql);
	return 0;
}

static int missing(struct parser *q, const struct field *f)
{
	char shown[80];
	bool negated;

	parser_advance(q);
	negated = token_is(&q->now, "not");
	if (negated)
		parser_advance(q);
	if (!token_is(&q->now, "null"))
		return parser_refuse(q, &q->now, "expected null%s behind is, got \"%s\"",
				     negated ? "" : " or not null",
				     token_show(&q->now, shown, sizeof(shown)));
	parser_advance(q);
	if (f->type == FIELD_TAG)
		fprintf(q->sql, "coalesce(json_array_length(%s), 0) %s 0", field_sql(f),
			negated ? ">" : "=");
	else
		fprintf(q->sql, "%s IS %sNULL", field_sql(f), negated ? "NOT " : "");
	return 0;
}

static int refuse_field(struct parser *q)
{
	const struct token *t = &q->now;
	const char *nearest = t->kind == TOKEN_NAME ? field_nearest(t->start, t->n) : NULL;
	char shown[80];

	token_show(t, shown, sizeof(shown));
	if (t->kind == TOKEN_END)
		return parser_refuse(q, t, "expected a condition, like p < 0.5, got the end");
	if (nearest)
		return parser_refuse(q, t, "runs have no field \"%s\"; did you mean \"%s\"?", shown,
				     nearest);
	if (t->kind == TOKEN_NAME)
		return parser_refuse(q, t,
				     "runs have no field \"%s\"; they have the columns of "
				     "the table runs, tag, eta, p, tau_s and capacitance_F",
				     shown);
	return parser_refuse(q, t, "expected a field of runs, not or \"(\", got \"%s\"", shown);
}

static int refuse_operator(struct parser *q, const struct field *f)
{
	char shown[80];

	token_show(&q->now, shown, sizeof(shown));
	return parser_refuse(q, &q->now,
			     "expected =, !=, <, <=, >, >=, ~, like, in or is behind %s, got %s",
			     f->name, token_show(&q->now, shown, sizeof(shown)));
}

/* What follows a field, but for =, <, ...; `not` before it is written already. */
static int by_word(struct parser *q, const struct field *f)
{
	if (token_is(&q->now, "like"))
		return search(q, f, false);
	if (token_is(&q->now, "~"))
		return search(q, f, true);
	if (token_is(&q->now, "in"))
		return among(q, f);
	return refuse_operator(q, f);
}

int parser_condition(struct parser *q)
{
	const struct field *f =
		q->now.kind == TOKEN_NAME ? field_find(q->now.start, q->now.n) : NULL;
	int r;

	if (!f)
		return refuse_field(q);
	parser_advance(q);
	if (token_is(&q->now, "not")) {
		parser_advance(q);
		fputs("NOT (", q->sql);
		r = by_word(q, f);
		fputs(")", q->sql);
		return r;
	}
	if (token_is(&q->now, "is"))
		return missing(q, f);
	if (q->now.kind == TOKEN_OPERATOR && !token_is(&q->now, "~"))
		return compare(q, f);
	if (f->type == FIELD_FLAG && (q->now.kind == TOKEN_END || q->now.kind == TOKEN_CLOSE ||
				      token_is(&q->now, "and") || token_is(&q->now, "or"))) {
		fprintf(q->sql, "%s <> 0", field_sql(f));
		return 0;
	}
	return by_word(q, f);
}
