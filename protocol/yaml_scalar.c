/* protocol/yaml_scalar.c - plain scalars by YAML 1.2's core schema (section 10.3.2).
 *
 * `no`, `on` and `1_000` are text, 010 is ten.
 */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/yaml_scalar.h"

#define DIGITS "0123456789"

static bool is_one_of(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(text, *words) == 0)
			return true;
	return false;
}

static bool all_of(const char *text, const char *set)
{
	return *text && text[strspn(text, set)] == 0;
}

static json_t *integer(const char *text, int base)
{
	long long value;

	errno = 0;
	value = strtoll(text, NULL, base);
	return errno ? NULL : json_integer(value);
}

/* [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )? */
static bool is_real(const char *text)
{
	size_t whole, part = 0;

	text += *text == '-' || *text == '+';
	whole = strspn(text, DIGITS);
	text += whole;
	if (*text == '.') {
		part = strspn(++text, DIGITS);
		text += part;
	}
	if (whole + part == 0)
		return false;
	if (*text != 'e' && *text != 'E')
		return *text == '\0';
	text++;
	text += *text == '-' || *text == '+';
	return all_of(text, DIGITS);
}

static json_t *real(const char *text)
{
	double value = strtod(text, NULL);

	return isfinite(value) ? json_real(value) : NULL;
}

json_t *yaml_scalar(const char *text)
{
	static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
	static const char *const trues[] = {"true", "True", "TRUE", NULL};
	static const char *const falses[] = {"false", "False", "FALSE", NULL};
	static const char *const nots[] = {".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", NULL};
	const char *unsigned_ = text + (*text == '-' || *text == '+');

	if (is_one_of(text, nulls))
		return json_null();
	if (is_one_of(text, trues))
		return json_true();
	if (is_one_of(text, falses))
		return json_false();
	if (is_one_of(unsigned_, nots))
		return NULL;
	if (strncmp(text, "0o", 2) == 0 && all_of(text + 2, "01234567"))
		return integer(text + 2, 8);
	if (strncmp(text, "0x", 2) == 0 && all_of(text + 2, DIGITS "abcdefABCDEF"))
		return integer(text + 2, 16);
	if (all_of(unsigned_, DIGITS))
		return integer(text, 10);
	return is_real(text) ? real(text) : json_string(text);
}
