/* clients/nudgectl/top_text.c - numbers as one reads them. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "clients/nudgectl/top_view.h"

const char *top_thousands(uint64_t n, char text[TOP_TEXT])
{
	char digits[TOP_TEXT];
	int have = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n), to = 0;

	for (int i = 0; i < have; i++) {
		if (i > 0 && (have - i) % 3 == 0)
			text[to++] = ',';
		text[to++] = digits[i];
	}
	text[to] = '\0';
	return text;
}

const char *top_si(const struct top_screen *s, double value, const char *unit, char text[TOP_TEXT])
{
	static const char *const prefixes[] = {"p", "n", "\xc2\xb5", "m", "", "k", "M", "G"};
	int power = value == 0 ? 0 : (int)floor(log10(fabs(value)) / 3 + 1e-9);
	const char *prefix;

	if (!isfinite(value)) {
		strcpy(text, "\xe2\x80\x93");
		return text;
	}
	power = power < -4 ? -4 : power > 3 ? 3 : power;
	prefix = prefixes[power + 4];
	if (!s->unicode && power == -2)
		prefix = "u";
	if (!strcmp(unit, "ohm") && s->unicode)
		unit = "\xce\xa9";
	snprintf(text, TOP_TEXT, "%.3g %s%s", value / pow(1000, power), prefix, unit);
	return text;
}

const char *top_duration(double seconds, char text[TOP_TEXT])
{
	if (!isfinite(seconds) || seconds < 0)
		strcpy(text, "\xe2\x80\x93");
	else if (seconds < 100)
		snprintf(text, TOP_TEXT, "%.0f s", seconds);
	else if (seconds < 100 * 60)
		snprintf(text, TOP_TEXT, "%.0f min", seconds / 60);
	else if (seconds < 100 * 3600)
		snprintf(text, TOP_TEXT, "%.0f h", seconds / 3600);
	else
		snprintf(text, TOP_TEXT, "%.3g d", seconds / 86400);
	return text;
}
