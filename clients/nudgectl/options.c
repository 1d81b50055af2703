/* clients/nudgectl/options.c - reads options by table, and says what was probably meant. */
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/nudgectl/options.h"
#include "protocol/nearest.h"

const struct option_spec *options_find(const struct option_spec *const *tables, const char *name,
				       size_t n, char letter)
{
	for (; *tables; tables++)
		for (const struct option_spec *spec = *tables; spec->name; spec++)
			if (name ? strlen(spec->name) == n && !strncmp(spec->name, name, n)
				 : spec->letter == letter)
				return spec;
	return NULL;
}

/* "--dry" for --dry-run; one letter could be anything */
static bool begins(const char *name, const char *word)
{
	return strlen(word) > 1 && !strncmp(name, word, strlen(word));
}

static const char *meant(const struct option_spec *const *tables, const char *name)
{
	size_t best = (size_t)-1;
	const char *ret = NULL;

	for (; *tables; tables++) {
		for (const struct option_spec *spec = *tables; spec->name; spec++) {
			size_t distance =
				begins(spec->name, name) ? 1 : nearest_distance(name, spec->name);

			if (distance < best) {
				best = distance;
				ret = spec->name;
			}
		}
	}
	return ret;
}

static int unknown(const struct option_spec *const *tables, const char *name, size_t n, char *why,
		   size_t why_size)
{
	char word[64];
	const char *near;

	snprintf(word, sizeof(word), "%.*s", (int)n, name);
	near = meant(tables, word);
	if (near)
		snprintf(why, why_size, "unknown option --%s; did you mean --%s?", word, near);
	else
		snprintf(why, why_size, "unknown option --%s", word);
	return -1;
}

static int keep(struct arguments *a, const struct option_spec *spec, const char *value, char *why,
		size_t why_size)
{
	if (a->n_options == OPTIONS_MAX) {
		snprintf(why, why_size, "more than %d options", OPTIONS_MAX);
		return -1;
	}
	a->options[a->n_options].spec = spec;
	a->options[a->n_options++].value = value;
	return 0;
}

/* argv[i] is an option: how many arguments it took (1 or 2), or -1 */
static int take(const struct option_spec *const *tables, int i, int argc, char **argv,
		struct arguments *a, char *why, size_t why_size)
{
	const char *text = argv[i], *name = text + 2, *value = NULL;
	const struct option_spec *spec;
	size_t n = strcspn(name, "=");

	if (text[1] == '-') {
		spec = options_find(tables, name, n, 0);
		if (!spec)
			return unknown(tables, name, n, why, why_size);
		if (name[n] == '=')
			value = name + n + 1;
	} else {
		spec = options_find(tables, NULL, 0, text[1]);
		if (!spec) {
			snprintf(why, why_size, "unknown option -%c", text[1]);
			return -1;
		}
		if (text[2])
			value = text + 2;
	}
	if (value && !spec->value) {
		snprintf(why, why_size, "--%s takes no value, and got \"%s\"", spec->name, value);
		return -1;
	}
	if (!spec->value || value)
		return keep(a, spec, value, why, why_size) < 0 ? -1 : 1;
	if (i + 1 >= argc) {
		snprintf(why, why_size, "--%s needs a value: %s", spec->name, spec->value);
		return -1;
	}
	return keep(a, spec, argv[i + 1], why, why_size) < 0 ? -1 : 2;
}

int options_parse(const struct option_spec *const *tables, int argc, char **argv, bool stop_at_word,
		  struct arguments *ret, char *why, size_t why_size)
{
	int n = 0, i = 0;

	while (i < argc) {
		bool is_option =
			argv[i][0] == '-' && argv[i][1] && !isdigit((unsigned char)argv[i][1]);
		int took;

		if (is_option && !strcmp(argv[i], "--")) {
			i++;
			break;
		}
		if (!is_option) {
			if (stop_at_word)
				break;
			argv[n++] = argv[i++];
			continue;
		}
		took = take(tables, i, argc, argv, ret, why, why_size);
		if (took < 0)
			return -1;
		i += took;
	}
	while (i < argc)
		argv[n++] = argv[i++];
	ret->words = argv;
	ret->n_words = (size_t)n;
	return 0;
}

const char *options_nth(const struct arguments *a, const char *name, size_t i)
{
	for (size_t k = 0; k < a->n_options; k++)
		if (!strcmp(a->options[k].spec->name, name) && i-- == 0)
			return a->options[k].value ? a->options[k].value : "";
	return NULL;
}

bool options_has(const struct arguments *a, const char *name)
{
	return options_nth(a, name, 0) != NULL;
}

const char *options_value(const struct arguments *a, const char *name)
{
	const char *value = NULL, *next;

	for (size_t i = 0; (next = options_nth(a, name, i)); i++)
		value = next;
	return value;
}

bool options_number(const char *text, unsigned long long max, unsigned long long *ret)
{
	unsigned long long value;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || *end || value > max)
		return false;
	*ret = value;
	return true;
}

bool options_real(const char *text, double min, double max, double *ret)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !isfinite(value) || value < min || value > max)
		return false;
	*ret = value;
	return true;
}
