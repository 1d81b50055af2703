/* daemon/log_format.c - one line. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "daemon/log_format.h"

bool log_is_journal(int fd, const char *journal_stream)
{
	unsigned long long device, inode;
	struct stat found;
	int end = 0;

	return journal_stream &&
	       sscanf(journal_stream, "%llu:%llu%n", &device, &inode, &end) == 2 &&
	       !journal_stream[end] && fstat(fd, &found) == 0 && found.st_dev == device &&
	       found.st_ino == inode;
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

static int begin(bool journal, enum log_level level, const char *name, int64_t utc_ns, char *ret,
		 size_t size)
{
	time_t seconds = (time_t)(utc_ns / 1000000000);
	char when[32];
	struct tm utc;

	if (journal)
		return snprintf(ret, size, "<%d>%s: ", (int)level, name);
	gmtime_r(&seconds, &utc);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &utc);
	return snprintf(ret, size, "%s.%03dZ %s %s: ", when, (int)(utc_ns / 1000000 % 1000),
			level_word(level), name);
}

size_t log_format(bool journal, enum log_level level, const char *name, const char *text,
		  int64_t utc_ns, char *ret, size_t size)
{
	size_t front = (size_t)begin(journal, level, name, utc_ns, ret, size), n;

	if (front >= size - 4)
		front = size - 5;
	n = strnlen(text, size);
	if (front + n + 2 > size) {
		n = size - front - 2;
		memcpy(ret + front, text, n);
		memcpy(ret + front + n - 3, "...", 3);
	} else {
		memcpy(ret + front, text, n);
	}
	n += front;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)ret[i] < ' ' || ret[i] == 0x7f)
			ret[i] = ' ';
	ret[n] = '\n';
	ret[n + 1] = '\0';
	return n + 1;
}
