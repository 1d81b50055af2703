/* daemon/log.h - one line an event, to stderr and, from notice on, to the stream.
 *
 * For the journal a line begins with the level as sd-daemon(3) has it ("<4>"), otherwise with the time and the level's
 * word; then comes its name, which docs/SERVICE.md lists.  Of one name, LOG_RATE_LINES go out in LOG_RATE_S seconds; the
 * rest is counted, and told in one line.
 *
 * Thread-safe.  Only the daemon's folder logs; lower folders return errors.
 */
#ifndef DAEMON_LOG_H
#define DAEMON_LOG_H

#include <stdbool.h>

enum log_level { LOG_ERROR_ = 3, LOG_WARNING_ = 4, LOG_NOTICE_ = 5, LOG_INFO_ = 6, LOG_DEBUG_ = 7 };

typedef void log_sink(void *context, enum log_level level, const char *name, const char *text);

void log_set_level(enum log_level level);
/* Called (in the logging thread) for each line of level notice and above; NULL: nobody. */
void log_set_sink(log_sink *sink, void *context);
/* name: a stable word for the kind of message, for instance "store.trouble". */
void log_line(enum log_level level, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Tells what was left out of those names whose time is up; all: of all, for instance at the end. */
void log_flush(bool all);

#endif
