/* protocol/utc.c - a time as text. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "protocol/record.h"

static void put_digits(char *text, int64_t value, int n)
{
	while (n-- > 0) {
		text[n] = (char)('0' + value % 10);
		value /= 10;
	}
}

/* Days since 1970 to a date: H. Hinnant, "chrono-compatible low-level date algorithms", civil_from_days. */
static void date_of(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
	int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t in_era = z - era * 146097;
	int64_t year_of_era = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	int64_t in_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t m = (5 * in_year + 2) / 153;

	*day = in_year - (153 * m + 2) / 5 + 1;
	*month = m < 10 ? m + 3 : m - 9;
	*year = year_of_era + era * 400 + (*month <= 2);
}

/* The other way: days_from_civil of the same author. */
static int64_t days_to(int64_t year, int64_t month, int64_t day)
{
	int64_t y = year - (month <= 2), era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
	int64_t in_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + in_year - 719468;
}

bool record_utc_read(const char *text, int64_t *ret_ns)
{
	int year, month, day, hour, minute, second, n = 0;
	int64_t ns = 0, unit = 100000000;

	if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%n", &year, &month, &day, &hour, &minute, &second,
		   &n) != 6)
		return false;
	if (text[n] == '.')
		for (n++; text[n] >= '0' && text[n] <= '9'; n++, unit /= 10)
			ns += (text[n] - '0') * unit;
	if (strcmp(text + n, "Z") != 0)
		return false;
	*ret_ns =
		((days_to(year, month, day) * 24 + hour) * 60 + minute) * 60 * INT64_C(1000000000) +
		second * INT64_C(1000000000) + ns;
	return true;
}

char *record_utc(int64_t t_utc_ns, char *text, size_t size)
{
	int64_t us = t_utc_ns / 1000 - (t_utc_ns % 1000 < 0);
	int64_t s = us / 1000000 - (us % 1000000 < 0), days = s / 86400 - (s % 86400 < 0);
	int64_t year, month, day, of_day = s - days * 86400;

	if (size < 28) {
		*text = '\0';
		return text;
	}
	date_of(days, &year, &month, &day);
	memcpy(text, "0000-00-00T00:00:00.000000Z", 28);
	put_digits(text, year, 4);
	put_digits(text + 5, month, 2);
	put_digits(text + 8, day, 2);
	put_digits(text + 11, of_day / 3600, 2);
	put_digits(text + 14, of_day / 60 % 60, 2);
	put_digits(text + 17, of_day % 60, 2);
	put_digits(text + 20, us - s * 1000000, 6);
	return text;
}
