/* daemon/filter_lex.c - a filter's text, word by word. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/filter_impl.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c);
}

/* Two of the same quote stand for one inside the text. */
static struct token quoted(const char *start)
{
	const char *c = start + 1;

	for (; *c; c++) {
		if (*c != *start)
			continue;
		if (c[1] != *start)
			return (struct token){TOKEN_TEXT, start, (size_t)(c + 1 - start)};
		c++;
	}
	return (struct token){TOKEN_UNENDED, start, (size_t)(c - start)};
}

/* As far as it could be one; whether it is, strtod() says. */
static struct token number(const char *start)
{
	const char *c = start + 1;

	while (is_name(*c) || *c == '.' || ((*c == '+' || *c == '-') && (c[-1] | 32) == 'e'))
		c++;
	return (struct token){TOKEN_NUMBER, start, (size_t)(c - start)};
}

static struct token word(const char *start)
{
	size_t n = 0;

	while (is_name(start[n]))
		n++;
	return (struct token){TOKEN_NAME, start, n};
}

static bool begins_number(const char *c)
{
	if (*c == '+' || *c == '-')
		c++;
	return is_digit(*c) || (*c == '.' && is_digit(c[1]));
}

static struct token sign(const char *c)
{
	static const char *const operators[] = {"<>", "==", "<=", ">=", "!=", "=", "<", ">", "~"};
	size_t n = 1;

	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
		if (strncmp(c, operators[i], strlen(operators[i])) == 0)
			return (struct token){TOKEN_OPERATOR, c, strlen(operators[i])};
	if (*c == '(' || *c == ')' || *c == ',')
		return (struct token){*c == '('   ? TOKEN_OPEN
				      : *c == ')' ? TOKEN_CLOSE
						  : TOKEN_COMMA,
				      c, 1};
	while (((unsigned char)c[n] & 0xc0) == 0x80) /* the whole character */
		n++;
	return (struct token){TOKEN_STRANGE, c, n};
}

struct token token_next(const char **at)
{
	const char *c = *at + strspn(*at, " \t\r\n");
	struct token t;

	if (*c == '\0')
		t = (struct token){TOKEN_END, c, 0};
	else if (*c == '\'' || *c == '"')
		t = quoted(c);
	else if (begins_number(c))
		t = number(c);
	else if (is_name(*c))
		t = word(c);
	else
		t = sign(c);
	*at = t.start + t.n;
	return t;
}

bool token_is(const struct token *t, const char *word)
{
	return (t->kind == TOKEN_NAME || t->kind == TOKEN_OPERATOR) && strlen(word) == t->n &&
	       strncasecmp(t->start, word, t->n) == 0;
}

char *token_text(const struct token *t)
{
	char *text = malloc(t->n + 1), *end = text;

	if (!text)
		return NULL;
	for (size_t i = 1; i + 1 < t->n; i++) {
		if (t->start[i] == t->start[0]) /* doubled */
			i++;
		*end++ = t->start[i];
	}
	*end = '\0';
	return text;
}

const char *token_show(const struct token *t, char *text, size_t size)
{
	char whole[64];
	size_t n = t->n < sizeof(whole) - 1 ? t->n : sizeof(whole) - 1;

	if (t->kind == TOKEN_END)
		return "the end";
	while (n > 0 && n < t->n && ((unsigned char)t->start[n] & 0xc0) == 0x80)
		n--; /* no character is cut in two */
	snprintf(text, size, "%.*s%s", (int)n, t->start, n < t->n ? "..." : "");
	return text;
}
