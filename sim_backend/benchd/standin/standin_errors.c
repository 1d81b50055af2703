/* sim_backend/benchd/standin/standin_errors.c - comedi's own way of errors: a number a thread, sentences, a log level. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <comedi_errno.h>

#include "sim_backend/benchd/standin/standin.h"

enum { LOUD = 2 }; /* from this log level on, errors of the library are told on stderr */

static _Thread_local int last_error;
static int loglevel = 1; /* one a process, as in libcomedi */

static void tell(const char *kind)
{
	if (loglevel >= LOUD)
		comedi_perror(kind);
}

int standin_fail(int error)
{
	last_error = error;
	tell("libc error");
	errno = error;
	return -1;
}

int standin_fail_internal(int comedi_error)
{
	last_error = comedi_error;
	tell("internal error");
	return -1;
}

int comedi_errno(void)
{
	return last_error;
}

int comedi_loglevel(int level)
{
	int before = loglevel;

	loglevel = level;
	return before;
}

const char *comedi_strerror(int error)
{
	static const char *const own[] = {
		"No error",          "Unknown error",         "Bad comedi_t structure",
		"Invalid subdevice", "Invalid channel",       "Buffer overflow",
		"Buffer underflow",  "Command not supported", "Not supported",
	};
	if (error >= COMEDI_NOERROR && error < COMEDI_NOERROR + (int)(sizeof(own) / sizeof(*own)))
		return own[error - COMEDI_NOERROR];
	return strerror(error);
}

void comedi_perror(const char *text)
{
	if (loglevel > LOUD)
		fprintf(stderr, "comedi_perror(): __comedi_errno=%d\n", last_error);
	fprintf(stderr, "%s: %s\n", text ? text : "comedilib", comedi_strerror(last_error));
}
