/* daemon/log_rate.c - counts lines by name. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "daemon/log_rate.h"

#define TIME_NS (LOG_RATE_S * 1000000000ll)

static struct log_rate_name *find(struct log_rate *rate, const char *name, int64_t now_ns)
{
	for (size_t i = 0; i < rate->n; i++)
		if (strncmp(rate->names[i].name, name, LOG_NAME_MAX - 1) == 0)
			return &rate->names[i];
	if (rate->n == LOG_RATE_NAMES)
		return NULL;
	rate->names[rate->n].began_ns = now_ns;
	snprintf(rate->names[rate->n].name, LOG_NAME_MAX, "%s", name);
	return &rate->names[rate->n++];
}

static bool time_is_up(const struct log_rate_name *one, int64_t now_ns)
{
	return now_ns - one->began_ns >= TIME_NS;
}

bool log_rate_may(struct log_rate *rate, enum log_level level, const char *name, const char *text,
		  int64_t now_ns)
{
	struct log_rate_name *one = find(rate, name, now_ns);

	if (!one)
		return true;
	if (!one->left_out && time_is_up(one, now_ns)) {
		one->began_ns = now_ns;
		one->lines = 0;
	}
	if (one->lines < LOG_RATE_LINES && !one->left_out) {
		one->lines++;
		return true;
	}
	if (!one->left_out++ || level < one->worst)
		one->worst = level;
	snprintf(one->last, sizeof(one->last), "%s", text);
	return false;
}

bool log_rate_take(struct log_rate *rate, int64_t now_ns, bool all,
		   struct log_rate_name *ret_left_out)
{
	for (size_t i = 0; i < rate->n; i++) {
		struct log_rate_name *one = &rate->names[i];

		if (!one->left_out || (!all && !time_is_up(one, now_ns)))
			continue;
		*ret_left_out = *one;
		one->began_ns = now_ns;
		one->lines = one->left_out = 0;
		return true;
	}
	return false;
}
