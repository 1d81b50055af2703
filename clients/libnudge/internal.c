/* clients/libnudge/internal.c - how an error is said. */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>

#include "clients/libnudge/internal.h"

void nudge_error_clear(struct nudge_error *error)
{
	json_decref(error->data);
	*error = (struct nudge_error){0};
}

static int set(struct nudge_error *error, enum nudge_kind kind, int number, const char *format,
	       va_list args)
{
	if (!error)
		return -1;
	nudge_error_clear(error);
	error->kind = kind;
	error->number = number;
	vsnprintf(error->message, sizeof(error->message), format, args);
	return -1;
}

int error_set(struct nudge_error *error, enum nudge_kind kind, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set(error, kind, 0, format, args);
	va_end(args);
	return -1;
}

int error_number(struct nudge_error *error, enum nudge_kind kind, int number, const char *format,
		 ...)
{
	va_list args;

	va_start(args, format);
	set(error, kind, number, format, args);
	va_end(args);
	return -1;
}
