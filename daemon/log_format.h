/* daemon/log_format.h - how a line looks, for the journal and for everybody else. */
#ifndef DAEMON_LOG_FORMAT_H
#define DAEMON_LOG_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/log.h"

/* Is what is written to fd the journal's, as $JOURNAL_STREAM ("DEVICE:INODE"; NULL: not set) says? */
bool log_is_journal(int fd, const char *journal_stream);
/* One line with its end, into size bytes: "<4>NAME: TEXT" or "2026-11-27T12:00:00.000Z warning NAME: TEXT".  Control
 * characters become spaces, for they would forge lines; what does not fit ends in "...".  Returns its length. */
size_t log_format(bool journal, enum log_level level, const char *name, const char *text,
		  int64_t utc_ns, char *ret, size_t size);

#endif
