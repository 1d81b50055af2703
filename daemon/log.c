/* daemon/log.c - writes a line to stderr, and hands it on. */
#include "config.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/log_format.h"
#include "daemon/log_rate.h"

/* The one place in the program that is reached from everywhere without being handed down. */
static atomic_int chosen_level = LOG_NOTICE_;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of what follows */
static log_sink *sink;
static void *sink_context;
static struct log_rate rate;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool journal;

void log_set_level(enum log_level level)
{
	atomic_store(&chosen_level, (int)level);
}

void log_set_sink(log_sink *function, void *context)
{
	pthread_mutex_lock(&lock);
	sink = function;
	sink_context = context;
	pthread_mutex_unlock(&lock);
}

static void look_at_stderr(void)
{
	journal = log_is_journal(STDERR_FILENO, getenv("JOURNAL_STREAM"));
}

/* One write a line, so that lines of several threads never mix. */
static void write_line(enum log_level level, const char *name, const char *text)
{
	char line[LOG_TEXT_MAX + 128];
	size_t n;

	if ((int)level > atomic_load(&chosen_level))
		return;
	pthread_once(&once, look_at_stderr);
	n = log_format(journal, level, name, text, clock_utc_ns(), line, sizeof(line));
	(void)!write(STDERR_FILENO, line, n);
}

static void hand_on(enum log_level level, const char *name, const char *text)
{
	if (level > LOG_NOTICE_)
		return;
	pthread_mutex_lock(&lock);
	if (sink)
		sink(sink_context, level, name, text);
	pthread_mutex_unlock(&lock);
}

void log_flush(bool all)
{
	struct log_rate_name left_out;
	char text[LOG_TEXT_MAX];
	bool found = true;

	for (;;) {
		pthread_mutex_lock(&lock);
		found = log_rate_take(&rate, clock_now_ns(), all, &left_out);
		pthread_mutex_unlock(&lock);
		if (!found)
			return;
		/* its own end is what may be cut: the count never is */
		snprintf(text, sizeof(text), "%u more like it were left out; the last: %.900s",
			 left_out.left_out, left_out.last);
		write_line(left_out.worst, left_out.name, text);
		hand_on(left_out.worst, left_out.name, text);
	}
}

void log_line(enum log_level level, const char *name, const char *format, ...)
{
	char text[LOG_TEXT_MAX];
	va_list ap;
	bool may;
	int n;

	if ((int)level > atomic_load(&chosen_level) && level > LOG_NOTICE_)
		return;
	va_start(ap, format);
	n = vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	if (n >= (int)sizeof(text))
		memcpy(text + sizeof(text) - 4, "...", 4);
	log_flush(false);
	pthread_mutex_lock(&lock);
	may = log_rate_may(&rate, level, name, text, clock_now_ns());
	pthread_mutex_unlock(&lock);
	if (!may)
		return;
	write_line(level, name, text);
	hand_on(level, name, text);
}
