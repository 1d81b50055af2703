/* daemon/log_rate.h - how often a kind of message may be logged, and what to tell of those that were too many. */
#ifndef DAEMON_LOG_RATE_H
#define DAEMON_LOG_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/log.h"

#define LOG_RATE_LINES 20
#define LOG_RATE_S     10
#define LOG_RATE_NAMES 128
#define LOG_NAME_MAX   40
#define LOG_TEXT_MAX   1024

struct log_rate_name {
	char name[LOG_NAME_MAX];
	int64_t began_ns; /* of its present time */
	unsigned lines, left_out;
	enum log_level worst;    /* of those left out */
	char last[LOG_TEXT_MAX]; /* the last one left out */
};

/* Zero to begin with.  Not thread-safe. */
struct log_rate {
	size_t n;
	struct log_rate_name names[LOG_RATE_NAMES];
};

/* false: the line is one too many, and counted.  A name beyond LOG_RATE_NAMES is never held back. */
bool log_rate_may(struct log_rate *rate, enum log_level level, const char *name, const char *text,
		  int64_t now_ns);
/* A name of which lines were left out and whose time is up (all: or not), begun anew; false: there is none.
 * *ret_left_out has no further meaning than to be told. */
bool log_rate_take(struct log_rate *rate, int64_t now_ns, bool all,
		   struct log_rate_name *ret_left_out);

#endif
