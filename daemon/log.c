/* daemon/log.c - formats a line, writes it to stderr, and hands it on. */
#include "config.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "daemon/log.h"

/* The one place in the program that is reached from everywhere without being handed down. */
static atomic_int chosen_level = LOG_NOTICE_;
static pthread_mutex_t sink_lock = PTHREAD_MUTEX_INITIALIZER;
static log_sink *sink;
static void *sink_context;

void log_set_level(enum log_level level)
{
	atomic_store(&chosen_level, (int)level);
}

void log_set_sink(log_sink *function, void *context)
{
	pthread_mutex_lock(&sink_lock);
	sink = function;
	sink_context = context;
	pthread_mutex_unlock(&sink_lock);
}

static const char *level_word(enum log_level level)
{
	switch (level) {
	case LOG_ERROR_:
		return "error";
	case LOG_WARNING_:
		return "warning";
	case LOG_NOTICE_:
		return "notice";
	case LOG_INFO_:
		return "info";
	case LOG_DEBUG_:
		return "debug";
	}
	return "?";
}

/* One write a line, so that lines of several threads never mix; control characters would forge lines. */
static void write_line(enum log_level level, const char *name, char *text)
{
	char line[1200];
	int n;

	for (char *c = text; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = ' ';
	n = snprintf(line, sizeof(line), "nudged: %s: %s [%s]\n", level_word(level), text, name);
	if (n > 0)
		(void)!write(STDERR_FILENO, line, (size_t)n);
}

void log_line(enum log_level level, const char *name, const char *format, ...)
{
	char text[1024];
	va_list ap;

	if ((int)level > atomic_load(&chosen_level) && level > LOG_NOTICE_)
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	if ((int)level <= atomic_load(&chosen_level))
		write_line(level, name, text);
	if (level > LOG_NOTICE_)
		return;
	pthread_mutex_lock(&sink_lock);
	if (sink)
		sink(sink_context, level, name, text);
	pthread_mutex_unlock(&sink_lock);
}
